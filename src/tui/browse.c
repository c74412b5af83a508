/* browse.c - drawing and moving in lists with a filter. */
#include "tui/browse.h"

#include <stdio.h>

#include "mneme/clock.h"
#include "mneme/filter.h"
#include "tui/app.h"
#include "tui/composer.h"
#include "tui/grapheme.h"

enum { HINT_ROWS = 7, LINE_MAX_BYTES = 8192 };

void
browse_init(struct browse *b, struct app *app, const struct view_type *type,
	    void (*changed)(struct view *view))
{
	b->view = (struct view){
		.type = type,
		.app = app,
		.contexts = {CONTEXT_ROWS, CONTEXT_LIST, CONTEXT_EDIT}};
	b->filter = composer_create();
	b->changed = changed;
}

void
browse_drop(struct browse *b)
{
	composer_destroy(&b->filter);
}

struct slice
browse_text(const struct browse *b)
{
	return composer_text(b->filter);
}

struct area
browse_draw(struct browse *b, const struct area *area, struct slice title,
	    const char *hint, size_t count)
{
	struct app *app = b->view.app;
	struct area in = frame_draw(app, area, title);
	int foot = in.rows >= HINT_ROWS && *hint ? 1 : 0;
	struct area rows = area_part(&in, 1, 0, in.rows - 1 - foot, in.columns);
	int at = area_text(&in, 0, 0, slice_of("› "),
			   app_style(app, ROLE_PROMPT));

	area_edit(&in, 0, at, composer_text(b->filter),
		  composer_caret(b->filter), app_style(app, ROLE_TEXT));
	if (foot)
		area_text(&in, in.rows - 1, 0, slice_of(hint),
			  app_style(app, ROLE_QUIET));
	list_settle(&b->place, count, rows.rows);
	return rows;
}

static void
draw_row(const struct browse *b, const struct area *area, int row,
	 const struct browse_row *r, bool chosen)
{
	struct app *app = b->view.app;
	enum role role = chosen ? ROLE_SELECTED : ROLE_TEXT;
	struct style style = app_style(app, role);
	struct style quiet =
		app_style(app, chosen ? ROLE_SELECTED : ROLE_QUIET);
	int side = grapheme_columns(r->side, area->grid->wide);
	struct area whole = area_part(area, row, 0, 1, area->columns);
	struct area part = area_part(&whole, 0, 0, 1,
				     area->columns - (side ? side + 1 : 0));
	int column;

	if (side * 3 > area->columns) { /* the text matters more */
		side = 0;
		part = whole;
	}
	if (r->look != BROWSE_ROW && !chosen)
		style = quiet;
	if (r->look == BROWSE_GOING)
		style.attributes |= STYLE_STRIKE;
	if (chosen)
		area_fill(&whole, 0, 0, area->columns,
			  app_style(app, ROLE_SELECTED));
	area_text(&part, 0, 0, slice_make(&r->mark, 1), quiet);
	column = area_clean(&part, 0, 2, r->text, style);
	if (r->note.len > 0)
		area_clean(&part, 0, column + 2, r->note, quiet);
	if (side)
		area_right(&whole, 0, r->side, quiet);
}

void
browse_draw_rows(struct browse *b, const struct area *area, browse_row_fn *fill,
		 const char *none)
{
	SCOPED(buf_clear) struct buf line = {.max = LINE_MAX_BYTES};
	struct list_place *place = &b->place;

	list_settle(place, place->count, area->rows);
	for (int i = 0; i < area->rows; i++) {
		size_t at = place->first + (size_t)i;
		struct browse_row row = {.mark = ' ', .line = line};

		if (at >= place->count)
			break;
		buf_reset(&row.line);
		fill(&b->view, at, &row);
		draw_row(b, area, i, &row, at == place->chosen);
		line = row.line;
	}
	if (place->count == 0)
		area_text(area, 0, 2, slice_of(none),
			  app_style(b->view.app, ROLE_QUIET));
}

bool
browse_act(struct browse *b, enum action action)
{
	enum context context = action_rows[action].context;

	if (list_act(&b->place, action)) {
		app_dirty(b->view.app);
		return true;
	}
	if (context != CONTEXT_EDIT)
		return context == CONTEXT_ROWS;
	if (action == ACTION_DELETE_OR_QUIT && browse_text(b).len == 0) {
		app_pop(b->view.app, &b->view);
		return true;
	}
	if (action == ACTION_NEW_LINE || action == ACTION_SEND)
		return true;
	app_dirty(b->view.app);
	if (composer_act(b->filter, action) == COMPOSER_CHANGED && b->changed)
		b->changed(&b->view);
	return true;
}

bool
browse_key(struct view *view, const struct key_event *event)
{
	struct browse *b = (struct browse *)view;

	if (composer_key(b->filter, event) != COMPOSER_CHANGED)
		return true;
	b->place.chosen = 0;
	app_dirty(view->app);
	if (b->changed)
		b->changed(view);
	return true;
}

const char *
browse_age(int64_t at, int64_t now, char out[BROWSE_AGE])
{
	int64_t age = now - at;
	struct clock_civil c;

	if (age < CLOCK_MINUTE)
		return "now";
	if (age < CLOCK_HOUR)
		snprintf(out, BROWSE_AGE, "%dm", (int)(age / CLOCK_MINUTE));
	else if (age < CLOCK_DAY)
		snprintf(out, BROWSE_AGE, "%dh", (int)(age / CLOCK_HOUR));
	else if (age < 30 * CLOCK_DAY)
		snprintf(out, BROWSE_AGE, "%dd", (int)(age / CLOCK_DAY));
	if (age < 30 * CLOCK_DAY)
		return out;
	c = clock_civil(at, true);
	snprintf(out, BROWSE_AGE, "%04d-%02d-%02d", c.year % 10000,
		 c.month % 100, c.day % 100);
	return out;
}
