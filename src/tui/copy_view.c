/*
 * copy_view.c - the newest first: each message, and under it its blocks.
 *
 * Blocks are found as the screen finds them, by laying the answer out; a
 * message is taken as its source.
 */
#include "tui/copy_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/utf8.h"
#include "tui/app.h"
#include "tui/browse.h"
#include "tui/chat_view.h"
#include "tui/clipboard.h"
#include "tui/composer.h"
#include "tui/deliver.h"
#include "tui/highlight.h"
#include "tui/markdown.h"
#include "tui/match.h"
#include "tui/talk.h"
#include "tui/transcript.h"

enum { ITEMS_MAX = 500, WIDTH = 80, PREVIEW_FROM = 12, LABEL_MAX = 80 };

struct piece {
	struct slice text; /* in the arena */
	struct slice label;
	const char *suffix; /* for a file's name */
	size_t item;        /* of the talk */
	bool block;
};

struct copy {
	struct browse browse; /* first */
	struct arena arena;
	struct piece *pieces;
	size_t n, cap;
	size_t *fits;
	size_t item; /* that is being read */
};

static struct copy *
of(struct view *view)
{
	return (struct copy *)view;
}

/* ---- what there is ---- */

static void
add(struct copy *v, struct slice text, struct slice label, const char *suffix,
    bool block)
{
	v->pieces = grow(v->pieces, &v->cap, v->n + 1, sizeof(*v->pieces));
	v->pieces[v->n++] = (struct piece){arena_copy(&v->arena, text),
					   arena_copy(&v->arena, label), suffix,
					   v->item, block};
}

/* A name's usual suffix, of the languages that have another one. */
static const char *
suffix_of(struct slice language)
{
	static const struct {
		const char *name, *suffix;
	} suffixes[] = {
		{"python", "py"},   {"javascript", "js"}, {"typescript", "ts"},
		{"rust", "rs"},     {"bash", "sh"},       {"console", "txt"},
		{"markdown", "md"}, {"ruby", "rb"},       {"kotlin", "kt"},
		{"csharp", "cs"},   {"makefile", "mk"},
	};
	const struct language *l = language_find(language);
	const char *name = l ? language_name(l) : "txt";

	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (strcmp(name, suffixes[i].name) == 0)
			return suffixes[i].suffix;
	return l ? name : "txt";
}

static void
add_blocks(struct copy *v, const struct item *item)
{
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();

	markdown_add(m, buf_slice(&item->text));
	markdown_finish(m);
	markdown_layout(m, WIDTH, false);
	for (size_t i = 0; i < markdown_blocks(m); i++) {
		struct markdown_block block = markdown_block(m, i);
		const char *suffix = arena_text(
			&v->arena, slice_of(suffix_of(block.language)));
		struct slice label = block.language;

		if (label.len == 0)
			label = slice_of("code");
		add(v, block.text, utf8_cut(label, LABEL_MAX), suffix, true);
	}
}

static void
collect(struct copy *v, const struct talk *talk)
{
	size_t end = talk->count > ITEMS_MAX ? talk->count - ITEMS_MAX : 0;

	for (size_t i = talk->count; i-- > end;) {
		const struct item *item = talk->items[i];

		if (item->state == ITEM_NOTE || item->text.len == 0)
			continue;
		v->item = i;
		add(v, buf_slice(&item->text),
		    slice_of(item->who == MESSAGE_USER ? "you" : "answer"),
		    "md", false);
		if (item->who == MESSAGE_ASSISTANT)
			add_blocks(v, item);
	}
	v->fits = xcalloc(v->n + 1, sizeof(*v->fits));
}

static bool
says(const struct piece *p, struct slice words)
{
	struct slice word;

	while (slice_split(&words, ' ', &word))
		if (word.len > 0 &&
		    match_whole(p->text, word, 0) == p->text.len &&
		    match_whole(p->label, word, 0) == p->label.len)
			return false;
	return true;
}

static void
refilter(struct copy *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (says(&v->pieces[i], browse_text(&v->browse)))
			v->fits[n++] = i;
	v->browse.place.count = n;
}

static const struct piece *
chosen(const struct copy *v)
{
	const struct list_place *place = &v->browse.place;

	return place->chosen < place->count ? &v->pieces[v->fits[place->chosen]]
					    : NULL;
}

/* The message that is chosen in the transcript; 0: none. */
static void
choose_item(struct copy *v, size_t item)
{
	for (size_t i = v->browse.place.count; item && i-- > 0;)
		if (v->pieces[v->fits[i]].item == item - 1)
			v->browse.place.chosen = i;
}

/* ---- drawing ---- */

static size_t
count_lines(struct slice text)
{
	size_t n = 0;
	struct slice line;

	while (slice_line(&text, &line))
		n++;
	return n;
}

static void
fill_row(struct view *view, size_t at, struct browse_row *row)
{
	const struct copy *v = of(view);
	const struct piece *p = &v->pieces[v->fits[at]];
	struct slice rest = p->text, line = {0};
	size_t lines = count_lines(p->text);

	while (slice_line(&rest, &line) && slice_trim(line).len == 0)
		continue;
	buf_adds(&row->line, p->block ? "  " : "");
	buf_add_slice(&row->line, p->label);
	buf_adds(&row->line, ": ");
	buf_add_slice(&row->line, utf8_cut(slice_trim(line), 1000));
	snprintf(row->brief, sizeof(row->brief), "%zu %s", lines,
		 plural(lines, "line", "lines"));
	row->text = buf_slice(&row->line);
	row->side = slice_of(row->brief);
	row->mark = p->block ? '#' : ' ';
}

static void
draw_preview(struct copy *v, const struct area *area)
{
	struct app *app = v->browse.view.app;
	const struct piece *p = chosen(v);
	struct slice rest, line;

	if (!p)
		return;
	rest = p->text;
	for (int row = 0; row < area->rows && slice_line(&rest, &line); row++)
		area_text(area, row, 2, line,
			  app_style(app, p->block ? ROLE_BLOCK : ROLE_TEXT));
}

static void
draw(struct view *view, const struct area *area)
{
	struct copy *v = of(view);
	struct area rows = browse_draw(
		&v->browse, area, slice_of("Copy a message or a block"),
		"Enter copies · Alt-W to a file · Alt-| to a command",
		v->browse.place.count);
	struct area list = rows, below;
	int part = rows.rows / 2;

	if (rows.rows >= PREVIEW_FROM) {
		list = area_part(&rows, 0, 0, part, rows.columns);
		below = area_part(&rows, part + 1, 0, rows.rows, rows.columns);
		draw_preview(v, &below);
	}
	browse_draw_rows(&v->browse, &list, fill_row,
			 v->n ? "nothing fits" : "nothing yet");
}

/* ---- keys ---- */

/* What it was taken for is done: back to the chat first, so that a question
 * stands over that. */
static bool
take(struct copy *v, enum action action, const struct piece *p)
{
	struct app *app = v->browse.view.app;
	SCOPED(free_pointer) char *text = slice_dup(p->text);
	struct slice s = slice_make(text, p->text.len);
	char path[64];

	if (action != ACTION_CHOOSE && action != ACTION_ROW_COPY &&
	    action != ACTION_ROW_SAVE && action != ACTION_ROW_PIPE)
		return false;
	snprintf(path, sizeof(path), "%s.%.30s", p->block ? "code" : "message",
		 p->suffix);
	app_pop(app, &v->browse.view);
	if (action == ACTION_ROW_SAVE)
		deliver_to_file(app, s, path);
	else if (action == ACTION_ROW_PIPE)
		deliver_to_command(app, s);
	else
		clipboard_copy(app, s);
	return true;
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct copy *v = of(view);

	(void)operand;
	if (chosen(v) && take(v, action, chosen(v)))
		return true;
	return browse_act(&v->browse, action);
}

static void
filter_changed(struct view *view)
{
	refilter(of(view));
}

static void
close_view(struct view *view)
{
	struct copy *v = of(view);

	browse_drop(&v->browse);
	arena_clear(&v->arena);
	free(v->pieces);
	free(v->fits);
	free(v);
}

static const struct view_type copy_type = {
	.name = "copy",
	.place = PLACE_FULL,
	.draw = draw,
	.act = act,
	.key = browse_key,
	.close = close_view,
};

void
copy_open(struct app *app, struct slice filter)
{
	struct copy *v = xcalloc(1, sizeof(*v));

	browse_init(&v->browse, app, &copy_type, filter_changed);
	collect(v, chat_view_talk(app->stack[0]));
	composer_set(v->browse.filter, filter);
	refilter(v);
	choose_item(v, chat_view_transcript(app->stack[0])->chosen);
	app_push(app, &v->browse.view);
}
