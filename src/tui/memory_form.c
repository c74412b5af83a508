/*
 * memory_form.c - a line a field; Up and Down or Tab go between them.
 *
 * The type is one of a few: Left and Right, or a letter, choose it.
 */
#include "tui/memory_form.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tui/app.h"
#include "tui/composer.h"
#include "tui/frame.h"
#include "tui/keys.h"

enum field { FIELD_VALUE, FIELD_TYPE, FIELD_KEY, FIELD_IMPORTANCE, FIELDS };
enum { LABEL_COLUMNS = 12, FORM_COLUMNS = 72, NARROW = 40 };

static const char *const labels[FIELDS] = {
	[FIELD_VALUE] = "It says",
	[FIELD_TYPE] = "Type",
	[FIELD_KEY] = "About",
	[FIELD_IMPORTANCE] = "Importance",
};

struct form {
	struct view view; /* first */
	struct composer *text[FIELDS];
	char *before[FIELDS]; /* what stood there */
	int type, type_before;
	enum field field;
	struct memory_form_events events;
};

/* ---- drawing ---- */

static void
draw_text(struct form *f, const struct area *area, int row, int column,
	  enum field field)
{
	struct composer *text = f->text[field];
	struct style style = app_style(f->view.app, ROLE_TEXT);

	if (field == f->field)
		area_edit(area, row, column, composer_text(text),
			  composer_caret(text), style);
	else
		area_text(area, row, column, composer_text(text), style);
}

static void
draw_field(struct form *f, const struct area *area, int row, enum field field)
{
	struct app *app = f->view.app;
	bool chosen = field == f->field;
	int column = area->columns < NARROW ? 2 : LABEL_COLUMNS;

	area_text(area, row, 0, slice_of(chosen ? "› " : "  "),
		  app_style(app, ROLE_PROMPT));
	if (column == LABEL_COLUMNS)
		area_text(area, row, 2, slice_of(labels[field]),
			  app_style(app, chosen ? ROLE_TITLE : ROLE_QUIET));
	if (field != FIELD_TYPE) {
		draw_text(f, area, row, column + 1, field);
		return;
	}
	area_printf(area, row, column + 1, app_style(app, ROLE_TEXT),
		    chosen ? "‹ %s ›" : "%s",
		    record_memory_types[f->type].name);
	if (chosen)
		area_caret(area, row, column + 1);
}

static void
draw(struct view *view, const struct area *area)
{
	struct form *f = (struct form *)view;
	struct area inner =
		frame_draw(view->app, area, slice_of("Correct a memory"));
	int first = MAX((int)f->field - inner.rows + 1, 0);

	for (int i = first; i < FIELDS && i - first < inner.rows; i++)
		draw_field(f, &inner, i - first, (enum field)i);
	if (inner.rows > FIELDS + 1)
		area_text(&inner, FIELDS + 1, 0,
			  slice_of("Enter saves · Tab goes on · Esc leaves it"),
			  app_style(view->app, ROLE_QUIET));
}

/* ---- saving ---- */

static bool
differs(const struct form *f, enum field field, struct slice *text)
{
	*text = slice_trim(composer_text(f->text[field]));
	return !slice_is(*text, f->before[field]);
}

/* False: the importance is no number. */
static bool
read_form(const struct form *f, struct memory_edit *edit, bool *any)
{
	struct slice text;
	char *end;

	*edit = memory_edit_nothing;
	*any = false;
	if (differs(f, FIELD_VALUE, &text)) {
		edit->value = text;
		*any = true;
	}
	if (differs(f, FIELD_KEY, &text)) {
		edit->key = text;
		*any = true;
	}
	if (f->type != f->type_before) {
		edit->type = f->type;
		*any = true;
	}
	if (differs(f, FIELD_IMPORTANCE, &text)) {
		SCOPED(free_pointer) char *copy = slice_dup(text);

		edit->importance = strtod(copy, &end);
		*any = true;
		return end != copy && !*end && isfinite(edit->importance) &&
		       edit->importance >= 0 && edit->importance <= 1;
	}
	return true;
}

static void
save(struct form *f)
{
	struct app *app = f->view.app;
	struct memory_edit edit;
	bool any;

	if (!read_form(f, &edit, &any)) {
		f->field = FIELD_IMPORTANCE;
		app_say(app, "importance is a number from 0 to 1");
		return;
	}
	if (any)
		f->events.saved(app, f->events.arg, &edit);
	app_pop(app, &f->view);
}

/* ---- keys ---- */

static void
go(struct form *f, int by)
{
	f->field = (enum field)(((int)f->field + by + FIELDS) % FIELDS);
}

static void
step_type(struct form *f, int by)
{
	f->type = (f->type + by + MEMORY_TYPE_COUNT) % MEMORY_TYPE_COUNT;
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct form *f = (struct form *)view;

	(void)operand;
	app_dirty(view->app);
	switch (action) {
	case ACTION_CLOSE:
	case ACTION_INTERRUPT:
		app_pop(view->app, view);
		return true;
	case ACTION_SEND:
		save(f);
		return true;
	case ACTION_COMPLETE:
	case ACTION_DOWN:
		go(f, 1);
		return true;
	case ACTION_UP:
		go(f, -1);
		return true;
	case ACTION_NEW_LINE:
		return true;
	default:
		break;
	}
	if (f->field == FIELD_TYPE && action == ACTION_BACK)
		step_type(f, -1);
	else if (f->field == FIELD_TYPE && action == ACTION_FORWARD)
		step_type(f, 1);
	else if (f->field != FIELD_TYPE)
		composer_act(f->text[f->field], action);
	return action_rows[action].context == CONTEXT_EDIT;
}

/* The next type that begins with the letter. */
static void
choose_type(struct form *f, struct slice text)
{
	for (int i = 1; text.len > 0 && i <= MEMORY_TYPE_COUNT; i++) {
		int type = (f->type + i) % MEMORY_TYPE_COUNT;

		if (*record_memory_types[type].name != *text.data)
			continue;
		f->type = type;
		return;
	}
}

static bool
key(struct view *view, const struct key_event *event)
{
	struct form *f = (struct form *)view;

	if (f->field != FIELD_TYPE)
		composer_key(f->text[f->field], event);
	else if (event->kind == KEY_TEXT)
		choose_type(f, event->text);
	else if (event->kind == KEY_PRESS && event->key == KEY_TAB)
		go(f, -1);
	app_dirty(view->app);
	return true;
}

static void
size(struct view *view, int *rows, int *columns)
{
	(void)view;
	*rows = MIN(*rows, FIELDS + 4);
	*columns = MIN(*columns, FORM_COLUMNS);
}

static void
close_view(struct view *view)
{
	struct form *f = (struct form *)view;

	if (f->events.drop)
		f->events.drop(f->events.arg);
	for (int i = 0; i < FIELDS; i++) {
		composer_destroy(&f->text[i]);
		free(f->before[i]);
	}
	free(f);
}

static const struct view_type form_type = {
	.name = "memory",
	.place = PLACE_POPUP,
	.draw = draw,
	.act = act,
	.key = key,
	.size = size,
	.close = close_view,
};

void
memory_form_open(struct app *app, const struct memory *m,
		 const struct memory_form_events *events)
{
	struct form *f = xcalloc(1, sizeof(*f));

	f->view = (struct view){.type = &form_type, .contexts = {CONTEXT_EDIT}};
	f->events = *events;
	f->type = f->type_before = (int)m->type;
	f->before[FIELD_VALUE] = slice_dup(slice_trim(m->value));
	f->before[FIELD_TYPE] = xstrdup("");
	f->before[FIELD_KEY] = slice_dup(slice_trim(m->key));
	f->before[FIELD_IMPORTANCE] = xasprintf("%.2f", m->importance);
	for (int i = 0; i < FIELDS; i++) {
		f->text[i] = composer_create();
		composer_set(f->text[i], slice_of(f->before[i]));
	}
	app_push(app, &f->view);
}
