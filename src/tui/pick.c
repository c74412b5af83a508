/*
 * pick.c - rows that fit the filter, best first; without a filter in the order
 * that they came in.
 */
#include "tui/pick.h"

#include <stdlib.h>

#include "mneme/arena.h"
#include "tui/app.h"
#include "tui/composer.h"
#include "tui/frame.h"
#include "tui/fuzzy.h"
#include "tui/grapheme.h"
#include "tui/keys.h"

enum { BOX_COLUMNS = 72 };

struct pick {
	struct view view; /* first */
	struct arena arena;
	char *title;
	struct pick_row *rows;
	size_t n;
	struct fuzzy_fit *fits;
	struct list_place place; /* over the fits */
	struct composer *filter;
	struct pick_events events;
};

static void
filter(struct pick *p)
{
	struct slice pattern = composer_text(p->filter);
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		int score = fuzzy_score(p->rows[i].text, pattern);
		int note = fuzzy_score(p->rows[i].note, pattern);

		if (MAX(score, note) >= 0)
			p->fits[n++] =
				(struct fuzzy_fit){i, MAX(2 * score, note)};
	}
	if (pattern.len > 0)
		fuzzy_sort(p->fits, n);
	p->place.count = n;
}

static void
draw_row(struct pick *p, const struct area *area, int row, size_t at)
{
	struct app *app = p->view.app;
	const struct pick_row *r = &p->rows[p->fits[at].row];
	bool chosen = at == p->place.chosen;
	struct style style = app_style(app, chosen ? ROLE_SELECTED : ROLE_TEXT);
	struct style quiet =
		app_style(app, chosen ? ROLE_SELECTED : ROLE_QUIET);
	int side = grapheme_columns(r->side, area->grid->wide), column;
	struct area start = area_part(area, row, 0, 1,
				      area->columns - (side ? side + 1 : 0));

	if (chosen)
		area_fill(area, row, 0, area->columns, style);
	column = area_clean(&start, 0, 0, r->text, style);
	if (r->note.len > 0)
		area_clean(&start, 0, column + 2, r->note, quiet);
	if (side)
		area_right(&(struct area){area->grid, area->row + row,
					  area->column, 1, area->columns},
			   0, r->side, quiet);
}

static void
draw(struct view *view, const struct area *area)
{
	struct pick *p = (struct pick *)view;
	struct app *app = view->app;
	struct area in = frame_draw(app, area, slice_of(p->title));
	struct area rows = area_part(&in, 1, 0, in.rows - 1, in.columns);
	int at = area_text(&in, 0, 0, slice_of("› "),
			   app_style(app, ROLE_PROMPT));

	area_edit(&in, 0, at, composer_text(p->filter),
		  composer_caret(p->filter), app_style(app, ROLE_TEXT));
	list_settle(&p->place, p->place.count, rows.rows);
	for (int i = 0; i < rows.rows; i++)
		if (p->place.first + (size_t)i < p->place.count)
			draw_row(p, &rows, i, p->place.first + (size_t)i);
	if (p->place.count == 0)
		area_text(&rows, 0, 0, slice_of("nothing fits"),
			  app_style(app, ROLE_QUIET));
}

static void
choose(struct pick *p)
{
	struct app *app = p->view.app;
	struct pick_events events = p->events;
	struct slice text = composer_text(p->filter);
	SCOPED(free_pointer) char *typed = slice_dup(text);
	size_t row = 0;
	bool none = p->place.count == 0;

	if (none && !events.typed)
		return;
	if (!none)
		row = p->fits[p->place.chosen].row;
	p->events.drop = NULL;
	app_pop(app, &p->view);
	if (none)
		events.typed(app, events.arg, slice_of(typed));
	else
		events.chosen(app, events.arg, row, slice_of(typed));
	if (events.drop)
		events.drop(events.arg);
}

static bool
opens_view(enum action action)
{
	return action == ACTION_HELP || action == ACTION_CONVERSATIONS ||
	       action == ACTION_SEARCH || action == ACTION_MEMORIES;
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct pick *p = (struct pick *)view;
	struct app *app = view->app;

	if (p->events.gives_way && opens_view(action)) {
		app_pop(app, view);
		app_act(app, action, operand);
		return true;
	}
	if (p->events.gives_way && action == ACTION_PALETTE)
		return true; /* it is this one */
	if (action == ACTION_CHOOSE) {
		choose(p);
		return true;
	}
	if (list_act(&p->place, action)) {
		app_dirty(view->app);
		return true;
	}
	if (action_rows[action].context != CONTEXT_EDIT)
		return false;
	if (action == ACTION_DELETE_OR_QUIT &&
	    composer_text(p->filter).len == 0) {
		app_pop(view->app, view);
		return true;
	}
	if (action != ACTION_NEW_LINE &&
	    composer_act(p->filter, action) == COMPOSER_CHANGED) {
		filter(p);
		app_dirty(view->app);
	}
	return true;
}

static bool
key(struct view *view, const struct key_event *event)
{
	struct pick *p = (struct pick *)view;

	if (composer_key(p->filter, event) == COMPOSER_CHANGED) {
		filter(p);
		p->place.chosen = 0;
		app_dirty(view->app);
	}
	return true;
}

static void
size(struct view *view, int *rows, int *columns)
{
	struct pick *p = (struct pick *)view;

	*rows = MIN(MAX((int)MIN(p->n, 1000) + 3, 8), MAX(*rows - 2, 5));
	*columns = MIN(BOX_COLUMNS, *columns);
}

static void
close_view(struct view *view)
{
	struct pick *p = (struct pick *)view;

	if (p->events.drop)
		p->events.drop(p->events.arg);
	composer_destroy(&p->filter);
	arena_clear(&p->arena);
	free(p);
}

static const struct view_type pick_type = {
	.name = "choose",
	.place = PLACE_POPUP,
	.draw = draw,
	.act = act,
	.key = key,
	.size = size,
	.close = close_view,
};

void
pick_open(struct app *app, const char *title, const struct pick_row *rows,
	  size_t n, size_t at, const struct pick_events *events)
{
	struct pick *p = xcalloc(1, sizeof(*p));

	p->view = (struct view){.type = &pick_type,
				.contexts = {CONTEXT_LIST, CONTEXT_EDIT}};
	p->title = arena_text(&p->arena, slice_of(title));
	p->rows = arena_alloc(&p->arena, n + 1, sizeof(*p->rows));
	p->fits = arena_alloc(&p->arena, n + 1, sizeof(*p->fits));
	p->n = n;
	for (size_t i = 0; i < n; i++)
		p->rows[i] =
			(struct pick_row){arena_copy(&p->arena, rows[i].text),
					  arena_copy(&p->arena, rows[i].note),
					  arena_copy(&p->arena, rows[i].side)};
	p->filter = composer_create();
	composer_set(p->filter, events->filter);
	p->events = *events;
	filter(p);
	p->place.chosen = events->filter.len ? 0 : at;
	app_push(app, &p->view);
}
