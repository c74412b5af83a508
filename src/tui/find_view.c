/*
 * find_view.c - a search for each change of the line, off the loop's thread.
 *
 * One search runs at a time; what was typed meanwhile is searched for when it
 * has come back, so the newest line always wins and nothing queues up.  The
 * arena of a running search is not ours: the shown results have another.
 *
 * Where a search by meaning was found to take longer than a key may, each key
 * gets what has the words, at once, and meaning follows in the first pause.
 */
#include "tui/find_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/loop.h"
#include "mneme/memory.h"
#include "mneme/tui.h"
#include "mneme/utf8.h"
#include "tui/app.h"
#include "tui/browse.h"
#include "tui/composer.h"
#include "tui/markdown.h"
#include "tui/match.h"
#include "tui/memory_view.h"

enum {
	FOUND_MAX = 60,
	BEFORE = 24,       /* bytes of a snippet before what was found ... */
	CUT_FROM = 48,     /* ... where it stands so far behind */
	PREVIEW_FROM = 90, /* columns from which it stands beside */
	PREVIEW_ROWS = 14, /* rows from which it stands below */
	SHOWN_MAX = 64 << 10,
	PAUSE = 100000 /* microseconds without a key */
};

static int64_t patience = FIND_PATIENCE; /* for a search by meaning */

void
find_patience(int64_t microseconds)
{
	patience = microseconds;
}

struct find {
	struct browse browse; /* first */
	struct arena arenas[2];
	int shown; /* the arena of `results` */
	struct memory_results results;
	char *asked; /* that `results` or the running search are for */
	bool running, again, closed;
	bool slow;    /* the last search by meaning took too long */
	bool by_word; /* the running search, or the shown one, is by words */
	bool follows; /* the running one is by meaning, for what is shown */
	struct loop_timer *pause;
	struct markdown *preview;
	size_t previewed; /* the row in it + 1 */
};

static struct find *
of(struct view *view)
{
	return (struct find *)view;
}

static void
destroy(struct find *v)
{
	browse_drop(&v->browse);
	loop_timer_drop(&v->pause);
	arena_clear(&v->arenas[0]);
	arena_clear(&v->arenas[1]);
	markdown_destroy(&v->preview);
	free(v->asked);
	free(v);
}

/* ---- searching ---- */

static void search(struct find *v, bool by_word);

/* Those that take the place of others of the same question: who has moved in
 * the list stays where he is. */
static void
replace_results(struct find *v, const struct memory_results *results, bool same)
{
	size_t *at = &v->browse.place.chosen;
	struct id kept = {{0}};

	if (same && *at > 0 && *at < v->results.count)
		kept = v->results.items[*at].id;
	v->shown = !v->shown;
	v->results = *results;
	v->previewed = 0;
	*at = 0;
	for (size_t i = 0; i < results->count && !id_none(kept); i++)
		if (id_equal(results->items[i].id, kept))
			*at = i;
	if (*at == 0)
		v->browse.place.first = 0;
}

static void
came(void *arg, const struct memory_results *results, const struct error *err)
{
	struct find *v = arg;
	struct app *app = v->browse.view.app;

	v->running = false;
	if (v->closed) {
		destroy(v);
		return;
	}
	if (err && err->code != ERROR_CANCELLED)
		app_fail(app, err);
	if (results) {
		replace_results(v, results, v->follows);
		if (!v->by_word)
			v->slow = results->by_meaning &&
				  results->elapsed > patience;
	}
	if (v->again)
		search(v, v->slow);
	else if (results && v->by_word)
		loop_timer_set(v->pause, PAUSE);
	app_dirty(app);
}

static void
forget_results(struct find *v)
{
	v->results = (struct memory_results){.count = 0};
	v->previewed = 0;
	free(v->asked);
	v->asked = NULL;
	app_dirty(v->browse.view.app);
}

static void
paused(void *arg)
{
	struct find *v = arg;

	if (v->running)
		return;
	v->follows = true;
	search(v, false);
}

static void
changed(struct find *v)
{
	loop_timer_stop(v->pause);
	v->follows = false;
	search(v, v->slow);
}

static void
search(struct find *v, bool by_word)
{
	struct app *app = v->browse.view.app;
	struct slice text = slice_trim(browse_text(&v->browse));
	struct memory_query query = {.profile = app->profile.id,
				     .text = utf8_cut(text, MEMORY_QUERY_MAX),
				     .k = FOUND_MAX,
				     .unfinished = true,
				     .words_only = by_word};
	struct arena *arena = &v->arenas[!v->shown];
	struct error err = {0};

	v->again = v->running;
	if (v->running)
		return;
	if (text.len == 0) {
		forget_results(v);
		return;
	}
	v->by_word = by_word;
	free(v->asked);
	v->asked = slice_dup(text);
	arena_reset(arena);
	v->running = memory_service_recall(app->tui->chat->memory, &query,
					   arena, came, v, &err);
	if (!v->running)
		app_fail(app, &err);
}

/* ---- drawing ---- */

static const struct memory_result *
chosen(const struct find *v)
{
	const struct list_place *place = &v->browse.place;

	return place->chosen < v->results.count
		       ? &v->results.items[place->chosen]
		       : NULL;
}

static struct slice
who(const struct memory_result *r)
{
	if (r->kind == USED_MEMORY)
		return slice_of("memory");
	if (r->speaker.len)
		return r->speaker;
	return slice_of(r->role == MESSAGE_USER ? "you" : "answer");
}

/* Cleaned before it is cut: what is cut inside a sequence would be one that
 * has no end. */
static void
add_who(const struct memory_result *r, struct buf *out)
{
	SCOPED(buf_clear) struct buf clean = {.max = RECORD_TITLE_MAX};

	filter_line(who(r), &clean);
	buf_add_slice(out, utf8_cut(buf_slice(&clean), 24));
}

/* From a little before what was asked for. */
static struct slice
snippet(const struct find *v, struct slice text)
{
	size_t at = match_first(text, slice_of(v->asked)), from;

	if (at == text.len || at < CUT_FROM)
		return text;
	from = at - BEFORE;
	while (from > 0 && text.data[from - 1] != ' ' &&
	       text.data[from - 1] != '\n' && at - from < 2 * BEFORE)
		from--;
	while (from < at && (text.data[from] & 0xC0) == 0x80)
		from++;
	return slice_make(text.data + from, text.len - from);
}

static void
fill_row(struct view *view, size_t at, struct browse_row *row)
{
	const struct find *v = of(view);
	const struct memory_result *r = &v->results.items[at];
	struct slice part = snippet(v, r->text);

	add_who(r, &row->line);
	buf_adds(&row->line, part.data == r->text.data ? ": " : ": …");
	buf_add_slice(&row->line, utf8_cut(part, 1000));
	row->text = buf_slice(&row->line);
	row->note = r->title;
	row->side =
		slice_of(browse_age(r->created_at, clock_now(), row->brief));
	row->mark = r->kind == USED_MEMORY ? '*' : ' ';
}

static void
load_preview(struct find *v, const struct memory_result *r)
{
	if (v->previewed == v->browse.place.chosen + 1)
		return;
	markdown_reset(v->preview);
	markdown_add(v->preview, utf8_cut(r->text, SHOWN_MAX));
	markdown_finish(v->preview);
	v->previewed = v->browse.place.chosen + 1;
}

/* The line of the preview that has what was asked for. */
static size_t
first_shown(const struct find *v, int rows)
{
	size_t n = markdown_lines(v->preview), found = 0;

	for (size_t i = 0; i < n && found == 0; i++) {
		SCOPED(buf_clear) struct buf line = {.max = 1 << 16};

		markdown_line_text(v->preview, i, &line);
		if (match_first(buf_slice(&line), slice_of(v->asked)) <
		    line.len)
			found = i;
	}
	if (n <= (size_t)rows)
		return 0;
	found -= MIN(found, (size_t)rows / 3);
	return MIN(found, n - (size_t)rows);
}

static void
draw_preview(struct find *v, const struct area *area)
{
	struct app *app = v->browse.view.app;
	const struct memory_result *r = chosen(v);
	char at[CLOCK_TEXT];
	struct area text = area_part(area, 1, 0, area->rows - 1, area->columns);
	size_t first;
	int column;

	if (!r)
		return;
	load_preview(v, r);
	markdown_layout(v->preview, area->columns, area->grid->wide);
	column = area_clean(area, 0, 0, who(r), app_style(app, ROLE_TITLE));
	clock_format(r->created_at, at);
	area_printf(area, 0, column, app_style(app, ROLE_QUIET), "  %.10s", at);
	first = first_shown(v, text.rows);
	for (int i = 0; i < text.rows; i++) {
		if (first + (size_t)i >= markdown_lines(v->preview))
			break;
		markdown_draw(v->preview, first + (size_t)i, text.grid,
			      text.row + i, text.column, app->theme);
		match_mark(&text, i, slice_of(v->asked),
			   app_style(app, ROLE_MATCH));
	}
}

static void
draw_title(const struct find *v, char *out, size_t size)
{
	if (!v->asked || !*v->asked)
		snprintf(out, size, "Everything ever said");
	else if (v->running && v->results.count == 0)
		snprintf(out, size, "Searching");
	else
		snprintf(out, size, "%zu found", v->results.count);
}

static void
draw(struct view *view, const struct area *area)
{
	struct find *v = of(view);
	char title[80];
	const char *none = "Type what you remember.";
	struct area rows, list;
	int part;

	draw_title(v, title, sizeof(title));
	rows = browse_draw(&v->browse, area, slice_of(title),
			   "Enter goes there", v->results.count);
	list = rows;
	if (rows.columns >= PREVIEW_FROM) {
		part = rows.columns / 2;
		list = area_part(&rows, 0, 0, rows.rows, part - 1);
		rows = area_part(&rows, 0, part + 1, rows.rows,
				 rows.columns - part - 1);
		draw_preview(v, &rows);
	} else if (rows.rows >= PREVIEW_ROWS) {
		part = rows.rows / 2;
		list = area_part(&rows, 0, 0, part, rows.columns);
		rows = area_part(&rows, part + 1, 0, rows.rows - part - 1,
				 rows.columns);
		draw_preview(v, &rows);
	}
	if (v->running)
		none = "";
	else if (browse_text(&v->browse).len)
		none = "Nothing like it was said.";
	browse_draw_rows(&v->browse, &list, fill_row, none);
	for (int i = 0; i < list.rows && v->results.count > 0; i++)
		match_mark(&list, i, slice_of(v->asked),
			   app_style(view->app, ROLE_MATCH));
}

/* ---- keys ---- */

/* A message where it was said; a memory with where it comes from. */
static void
go(struct find *v, const struct memory_result *r)
{
	struct app *app = v->browse.view.app;

	if (r->kind == USED_MEMORY)
		memories_show(app, r->id);
	else
		app_open(app, r->conversation, r->seq);
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct find *v = of(view);

	(void)operand;
	if (action == ACTION_CHOOSE && chosen(v)) {
		go(v, chosen(v));
		return true;
	}
	return browse_act(&v->browse, action) || action == ACTION_SEARCH;
}

static void
filter_changed(struct view *view)
{
	changed(of(view));
}

static void
close_view(struct view *view)
{
	struct find *v = of(view);

	v->closed = true;
	loop_timer_stop(v->pause);
	if (!v->running)
		destroy(v);
}

static const struct view_type find_type = {
	.name = "search",
	.place = PLACE_FULL,
	.draw = draw,
	.act = act,
	.key = browse_key,
	.close = close_view,
};

void
find_open(struct app *app, struct slice text)
{
	struct find *v = xcalloc(1, sizeof(*v));

	browse_init(&v->browse, app, &find_type, filter_changed);
	v->preview = markdown_create();
	v->pause = loop_timer(app->loop, paused, v);
	composer_set(v->browse.filter, text);
	/* What it takes here is not known yet; the first one reads all. */
	v->slow = true;
	search(v, v->slow);
	app_push(app, &v->browse.view);
}
