/*
 * chat_live.c - the chat in the normal screen.
 *
 * Messages that are finished, and of an answer that comes the blocks that are,
 * are written above once, in the order in which they come; an item knows what
 * of it stands there.  Below is the rest of the open answer, as much of its
 * end as there is room for, and what is under a transcript on the whole screen.
 * Nothing above is changed: another branch, another conversation are written
 * under what was there before.
 */
#include <stdlib.h>

#include "mneme/error.h"
#include "tui/chat_private.h"
#include "tui/item_draw.h"
#include "tui/markdown.h"
#include "tui/status.h"

enum { CHUNK = 64 };

struct chat_live {
	struct grid lines; /* on their way up */
	struct grid part;
	uint64_t talk; /* number of the talk that was written last */
	bool any;      /* something was written */
	int hidden;    /* open lines that there was no room for */
};

void
chat_live_drop(struct chat_live **live)
{
	if (!*live)
		return;
	grid_drop(&(*live)->lines);
	grid_drop(&(*live)->part);
	free(*live);
	*live = NULL;
}

static struct area
sized(struct chat_view *v, struct grid *g, int rows)
{
	int columns = v->view.app->grid.columns;

	grid_resize(g, rows, columns);
	g->wide = v->view.app->grid.wide;
	g->caret_shown = false;
	return (struct area){g, 0, 0, rows, columns};
}

/* ---- going up ---- */

static void
write_line(struct chat_view *v, struct slice text, enum role role)
{
	struct app *app = v->view.app;
	struct area area = sized(v, &v->live->lines, 1);

	area_text(&area, 0, 0, text, app_style(app, role));
	app->normal->append(app->arg, &v->live->lines);
}

/* Lines of an item, its width known. */
static void
write_lines(struct chat_view *v, struct item *item, int from, int to)
{
	struct app *app = v->view.app;

	while (from < to) {
		int n = MIN(to - from, CHUNK);
		struct area area = sized(v, &v->live->lines, n);

		for (int i = 0; i < n; i++)
			item_draw(app, item, from + i, &area, i, false);
		app->normal->append(app->arg, &v->live->lines);
		from += n;
	}
}

/* The first line of an item that does not stand above yet. */
static int
open_from(const struct item *item)
{
	if (!item->begun_above)
		return 0;
	if (!item->markdown || item->above_cut)
		return item_head(item) + item_line_at(item, item->above_to);
	return item_head(item) +
	       (int)markdown_line_from(item->markdown, item->above_to);
}

/* A question is, once it is stored or an answer to it comes. */
static bool
is_finished(const struct talk *talk, size_t i)
{
	const struct item *item = talk->items[i];

	if (item->state == ITEM_STORED || item->state == ITEM_NOTE)
		return true;
	return item->state == ITEM_SENT && i + 1 < talk->count &&
	       talk->items[i + 1]->state == ITEM_COMING &&
	       talk->items[i + 1]->text.len > 0;
}

/* Behind the last message that stands above; notes come and go. */
static size_t
first_open(const struct talk *talk)
{
	for (size_t i = talk->count; i-- > 0;) {
		const struct item *item = talk->items[i];

		if (item->state != ITEM_NOTE && item->above)
			return i + 1;
		if (item->state != ITEM_NOTE && item->begun_above)
			return i;
	}
	return 0;
}

/* Which conversation it is, where that is not plain. */
static void
begin_talk(struct chat_view *v)
{
	struct talk *talk = v->talk;
	struct chat_live *live = v->live;
	const char *title =
		talk->title && *talk->title ? talk->title : "no title";
	SCOPED(free_pointer) char *line = NULL;

	if (live->talk == talk->number)
		return;
	live->talk = talk->number;
	if (live->any || !talk->begun_here) {
		line = xasprintf("── %s ──",
				 talk->begun_here ? "new conversation" : title);
		write_line(v, slice_of(line), ROLE_BORDER);
		write_line(v, (struct slice){0}, ROLE_TEXT);
	}
	if (!talk->whole) {
		write_line(v,
			   slice_of("PageUp shows what was said before this"),
			   ROLE_QUIET);
		write_line(v, (struct slice){0}, ROLE_TEXT);
	}
	live->any = true;
}

/* What of an answer that comes is at its end. */
static void
write_settled(struct chat_view *v, struct item *item)
{
	int columns = v->view.app->grid.columns, from, to;
	size_t source;

	item_height(v->view.app, item, columns);
	if (item->state != ITEM_COMING || !item->markdown)
		return;
	to = (int)markdown_settled(item->markdown, &source);
	if (to == 0 || source <= item->above_to)
		return;
	from = open_from(item);
	write_lines(v, item, from, item_head(item) + to);
	item->begun_above = true;
	item->above_to = source;
	item->above_cut = false;
}

/* A place between two lines that can be found again: where the next line has
 * a source of its own. */
static bool
cut_at(struct item *item, int line)
{
	size_t source;

	line = MIN(line, item_text_lines(item));
	source = item_source(item, line);
	if (line > 0 && source == item_source(item, line - 1))
		return false;
	item->begun_above = item->above_cut = true;
	item->above_to = source;
	return true;
}

/* An open answer that there is no room for: its first lines go up as they
 * are. */
static void
write_overflow(struct chat_view *v, int lines)
{
	struct talk *talk = v->talk;
	size_t i = first_open(talk);
	struct item *item = i < talk->count ? talk->items[i] : NULL;
	int from, to, head;

	if (!item || item->state != ITEM_COMING || !item->markdown)
		return;
	head = item_head(item);
	from = open_from(item);
	to = MIN(from + lines, head + (int)markdown_steady(item->markdown));
	while (to > from && to > head && !cut_at(item, to - head))
		to--;
	if (to > from && to > head)
		write_lines(v, item, from, to);
}

static void
write_finished(struct chat_view *v)
{
	struct app *app = v->view.app;
	struct talk *talk = v->talk;
	struct error err = {0};

	for (size_t i = first_open(talk); i < talk->count; i++) {
		struct item *item = talk->items[i];
		int height;

		if (item->above)
			continue;
		if (!is_finished(talk, i)) {
			write_settled(v, item);
			return;
		}
		begin_talk(v);
		if (!talk_count_branches(talk, i, i + 1, &err))
			app_fail(app, &err);
		height = item_height(app, item, app->grid.columns);
		write_lines(v, item, open_from(item), height);
		item->above = true;
		item_forget_lines(item);
	}
}

/* ---- below ---- */

/* So many rows of the part went out of reach while the terminal became
 * smaller: what they said stands above now. */
static void
take_lost(struct chat_view *v, int lost)
{
	struct talk *talk = v->talk;

	if (v->live->hidden > 0)
		return; /* lines before them are still to be written */
	for (size_t i = first_open(talk); i < talk->count && lost > 0; i++) {
		struct item *item = talk->items[i];
		int from, height, head = item_head(item);

		if (item->above || item->width == 0)
			continue;
		from = open_from(item);
		height = item_height(v->view.app, item, item->width);
		if (from + lost >= height && item->state != ITEM_COMING)
			item->above = true;
		else if (from + lost >= head &&
			 !cut_at(item, from + lost - head))
			cut_at(item, from + lost - head + 1);
		lost -= height - from;
	}
}

static int
count_open(struct chat_view *v)
{
	const struct talk *talk = v->talk;
	int rows = 0;

	for (size_t i = first_open(talk); i < talk->count; i++) {
		struct item *item = talk->items[i];

		if (!item->above)
			rows += item_height(v->view.app, item,
					    v->view.app->grid.columns) -
				open_from(item);
	}
	return rows;
}

/* All open lines but the first `skip`. */
static void
draw_open(struct chat_view *v, const struct area *area, int skip)
{
	const struct talk *talk = v->talk;
	int row = -skip;

	for (size_t i = first_open(talk); i < talk->count; i++) {
		struct item *item = talk->items[i];
		int from, height;

		if (item->above)
			continue;
		from = open_from(item);
		height = item_height(v->view.app, item, area->columns);
		for (int line = from; line < height; line++, row++)
			if (row >= 0 && row < area->rows)
				item_draw(v->view.app, item, line, area, row,
					  false);
	}
}

/* As many rows as what is open needs and there is room for. */
static int
make_room(struct chat_view *v, int room)
{
	int open = count_open(v);

	if (open > room) {
		write_overflow(v, open - room);
		open = count_open(v);
	}
	v->live->hidden = MAX(open - room, 0);
	/* So much a page is when one looks back. */
	v->transcript.rows = room;
	return MIN(open, room);
}

static void
draw_part(struct chat_view *v)
{
	struct app *app = v->view.app;
	int foot = app->grid.rows > 1 ? 1 : 0;
	struct chat_rows share =
		chat_share(v, app->grid.rows - foot, app->grid.columns);
	int under = chat_rows_sum(&share);
	int room = MAX(app->grid.rows - foot - under, 0);
	bool hinted = v->talk->count == 0 && room > 0;
	int shown = hinted ? 1 : make_room(v, room);
	struct area all = sized(v, &v->live->part, shown + under + foot);
	struct area upper = area_part(&all, 0, 0, shown, all.columns);
	struct area lower = area_part(&all, shown, 0, under, all.columns);
	struct area status =
		area_part(&all, shown + under, 0, foot, all.columns);

	if (hinted)
		area_printf(&upper, 0, 0, app_style(app, ROLE_QUIET),
			    "%s F1 shows every key.", chat_promise(v));
	else
		draw_open(v, &upper, v->live->hidden);
	chat_draw_lower(v, &lower, &share);
	if (foot)
		status_draw(app, &status);
}

static bool
begin(struct chat_view *v)
{
	const struct app *app = v->view.app;
	int lost;

	if (!v->live) {
		v->live = xcalloc(1, sizeof(*v->live));
		grid_init(&v->live->lines, app->pool);
		grid_init(&v->live->part, app->pool);
	}
	lost = app->normal->begin(app->arg);
	if (lost > 0)
		take_lost(v, lost);
	return lost >= 0;
}

bool
chat_view_live(struct view *view)
{
	struct chat_view *v = (struct chat_view *)view;
	const struct app *app = view->app;

	if (chat_browses(v) || !v->transcript.follow)
		return false;
	if (!begin(v)) {
		app_dirty(view->app);
		return true;
	}
	write_finished(v);
	draw_part(v);
	app->normal->live(app->arg, &v->live->part);
	return true;
}

void
chat_view_finish(struct view *view)
{
	struct chat_view *v = (struct chat_view *)view;
	const struct app *app = view->app;

	if (!begin(v))
		return;
	write_finished(v);
	sized(v, &v->live->part, 1);
	app->normal->live(app->arg, &v->live->part);
}
