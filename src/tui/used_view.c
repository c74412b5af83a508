/*
 * used_view.c - the references of a message, read again from the store at each
 * change of it: what was forgotten since is said to be gone.
 */
#include "tui/used_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/json.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "tui/app.h"
#include "tui/browse.h"
#include "tui/lines.h"
#include "tui/memory_act.h"

enum { TEXT_MAX = 64 << 10, DETAIL_FROM = 10 };

struct reference {
	bool found;
	struct memory_result result;
	struct memory memory; /* of USED_MEMORY */
	double score;
	struct slice why_json;
};

struct used {
	struct browse browse; /* first */
	struct arena arena;
	uint64_t seq;
	struct reference *at;
	size_t n;
	struct lines detail;
};

static bool
read_one(struct used *u, struct store_txn *txn, const struct message_memory *m,
	 struct reference *out, struct error *err)
{
	struct id profile = u->browse.view.app->profile.id;

	out->score = m->score;
	out->why_json = m->why_json;
	if (!memory_resolve(txn, profile, m, &u->arena, &out->result,
			    &out->found, err))
		return false;
	if (!out->found || m->kind != USED_MEMORY)
		return true;
	return record_memory_get(txn, profile, m->id, &u->arena, &out->memory,
				 &out->found, err);
}

static bool
load(struct used *u, struct error *err)
{
	struct app *app = u->browse.view.app;
	SCOPED(store_end) struct store_txn *txn = store_read(app->store, err);
	struct message m;
	bool found;

	u->n = 0;
	arena_reset(&u->arena);
	if (!txn || !record_message_get(txn, app->profile.id, u->seq, &u->arena,
					&m, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
				 "that answer was deleted");
	u->at = arena_alloc(&u->arena, m.memory_count + 1, sizeof(*u->at));
	for (size_t i = 0; i < m.memory_count; i++)
		if (!read_one(u, txn, &m.memories[i], &u->at[i], err))
			return false;
	u->n = m.memory_count;
	return true;
}

static struct reference *
chosen(struct used *u)
{
	return u->browse.place.chosen < u->n ? &u->at[u->browse.place.chosen]
					     : NULL;
}

/* ---- drawing ---- */

static const char *
date(int64_t at, char out[BROWSE_SIDE])
{
	struct clock_civil c = clock_civil(at, true);

	snprintf(out, BROWSE_SIDE, "%04d-%02d-%02d", c.year, c.month, c.day);
	return out;
}

static void
fill_row(struct view *view, size_t at, struct browse_row *row)
{
	const struct used *u = (struct used *)view;
	const struct reference *r = &u->at[at];

	if (!r->found) {
		row->text = slice_of("forgotten since");
		row->look = BROWSE_OLD;
		return;
	}
	row->text = r->result.text;
	row->side = slice_of(date(r->result.created_at, row->brief));
	if (r->result.kind == USED_MEMORY && r->memory.pinned)
		row->mark = '*';
}

static void
add(struct used *u, struct slice text, int columns, enum role role)
{
	SCOPED(buf_clear) struct buf clean = {.max = TEXT_MAX};

	filter_text(text, &clean);
	lines_wrap(&u->detail, buf_slice(&clean), 0, columns,
		   app_style(u->browse.view.app, role));
}

/* Each term of the score, by its weight. */
static void
add_why(struct used *u, const struct reference *r, int columns)
{
	SCOPED(json_drop) json_t *why = json_read(r->why_json, NULL);
	SCOPED(buf_clear) struct buf text = {.max = 4096};
	const char *name;
	const char *more = " = ", *less = " = -";
	json_t *value;

	buf_addf(&text, "score %.3f", r->score);
	json_object_foreach(why, name, value)
	{
		double term = json_number_value(value);

		if (fabs(term) < .0005)
			continue;
		buf_addf(&text, "%s%s %.3f", term < 0 ? less : more, name,
			 fabs(term));
		more = " + ";
		less = " - ";
	}
	add(u, buf_slice(&text), columns, ROLE_QUIET);
}

static void
draw_detail(struct used *u, const struct reference *r, const struct area *area)
{
	SCOPED(buf_clear) struct buf text = {.max = TEXT_MAX};
	const struct memory_result *m = &r->result;
	char day[BROWSE_SIDE];

	lines_reset(&u->detail);
	u->detail.wide = area->grid->wide;
	if (!r->found) {
		add(u, slice_of("It was forgotten since the answer was given."),
		    area->columns, ROLE_QUIET);
	} else {
		add(u, m->text, area->columns, ROLE_TEXT);
		if (m->kind == USED_MEMORY)
			buf_addf(&text, "%s · %.*s",
				 record_memory_types[r->memory.type].name,
				 SLICE_ARG(r->memory.key));
		else
			buf_addf(&text, "said by %.*s in %.*s",
				 SLICE_ARG(m->speaker.len ? m->speaker
					   : m->role == MESSAGE_USER
						   ? slice_of("you")
						   : slice_of("the model")),
				 SLICE_ARG(m->title));
		buf_addf(&text, " · %s", date(m->created_at, day));
		add(u, buf_slice(&text), area->columns, ROLE_QUIET);
	}
	add_why(u, r, area->columns);
	for (int i = 0; i < area->rows && i < (int)u->detail.count; i++)
		lines_draw(&u->detail, (size_t)i, area->grid, area->row + i,
			   area->column, area->column + area->columns);
}

static void
draw(struct view *view, const struct area *area)
{
	struct used *u = (struct used *)view;
	struct area in, list, detail;
	char text[64];
	int part;

	snprintf(text, sizeof(text), "This answer rests on %zu %s", u->n,
		 u->n == 1 ? "memory" : "memories");
	in = frame_draw(view->app, area, slice_of(text));
	part = in.rows >= DETAIL_FROM ? in.rows / 2 : MAX(in.rows - 3, 1);
	list = area_part(&in, 0, 0, part, in.columns);
	detail = area_part(&in, part + (in.rows >= DETAIL_FROM), 0,
			   in.rows - part - 2, in.columns);
	list_settle(&u->browse.place, u->n, list.rows);
	browse_draw_rows(&u->browse, &list, fill_row, "");
	if (chosen(u))
		draw_detail(u, chosen(u), &detail);
	if (in.rows >= DETAIL_FROM)
		area_text(&in, in.rows - 1, 0,
			  slice_of("Alt: S source  E edit  P pin  D forget"),
			  app_style(view->app, ROLE_QUIET));
	area_caret(&list, (int)(u->browse.place.chosen - u->browse.place.first),
		   0);
}

/* ---- keys ---- */

static bool
on_row(struct used *u, enum action action, struct reference *r)
{
	struct app *app = u->browse.view.app;
	bool memory = r->found && r->result.kind == USED_MEMORY;

	if (action == ACTION_ROW_SOURCE || action == ACTION_CHOOSE) {
		if (!r->found)
			app_say(app, "it is gone");
		else if (memory)
			memory_act_source(app, &r->memory);
		else
			app_open(app, r->result.conversation, r->result.seq);
		return true;
	}
	if (action != ACTION_ROW_EDIT && action != ACTION_ROW_PIN &&
	    action != ACTION_ROW_DELETE)
		return false;
	if (!memory)
		app_say(app, "this is a message, said word for word: S goes "
			     "to it");
	else if (action == ACTION_ROW_EDIT)
		memory_act_edit(app, &r->memory);
	else if (action == ACTION_ROW_PIN)
		memory_act_pin(app, &r->memory);
	else
		memory_act_forget(app, &r->memory);
	return true;
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct used *u = (struct used *)view;

	(void)operand;
	if (action == ACTION_USED) {
		app_pop(view->app, view);
		return true;
	}
	if (chosen(u) && on_row(u, action, chosen(u)))
		return true;
	if (list_act(&u->browse.place, action)) {
		app_dirty(view->app);
		return true;
	}
	return action_rows[action].context == CONTEXT_ROWS;
}

static void
changed(struct view *view)
{
	struct used *u = (struct used *)view;
	struct error err = {0};

	if (!load(u, &err))
		app_fail(view->app, &err);
	app_dirty(view->app);
}

static void
close_view(struct view *view)
{
	struct used *u = (struct used *)view;

	browse_drop(&u->browse);
	lines_clear(&u->detail);
	arena_clear(&u->arena);
	free(u);
}

static const struct view_type used_type = {
	.name = "used",
	.place = PLACE_FULL,
	.draw = draw,
	.act = act,
	.changed = changed,
	.close = close_view,
};

void
used_open(struct app *app, uint64_t seq)
{
	struct used *u = xcalloc(1, sizeof(*u));
	struct error err = {0};

	browse_init(&u->browse, app, &used_type, NULL);
	u->browse.view.contexts[2] = CONTEXT_ANYWHERE; /* nothing is written */
	u->seq = seq;
	lines_init(&u->detail, app->pool, app->grid.wide);
	if (!load(u, &err)) {
		app_fail(app, &err);
		close_view(&u->browse.view);
		return;
	}
	app_push(app, &u->browse.view);
}
