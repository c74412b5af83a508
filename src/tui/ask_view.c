/* ask_view.c - a question over the composer's place. */
#include "tui/ask_view.h"

#include <stdlib.h>

#include "tui/app.h"
#include "tui/composer.h"
#include "tui/grapheme.h"
#include "tui/keys.h"

struct ask {
	struct view view; /* first */
	char *question;
	struct composer *text;
	bool secret;
	bool yes_or_no;
	struct ask_events events;
};

/* A secret shows a dot a column. */
static void
draw_dots(const struct ask *a, const struct area *area, int at,
	  struct style style)
{
	SCOPED(buf_clear) struct buf dots = {.max = 3 * COMPOSER_MAX};
	struct slice text = composer_text(a->text);
	struct slice before = slice_make(text.data, composer_caret(a->text));
	int columns = grapheme_columns(text, false);
	int caret = grapheme_columns(before, false);

	for (int i = 0; i < columns; i++)
		buf_adds(&dots, "•");
	area_edit(area, 1, at, buf_slice(&dots), (size_t)caret * strlen("•"),
		  style);
}

static void
draw(struct view *view, const struct area *area)
{
	struct ask *a = (struct ask *)view;
	struct style style = app_style(view->app, ROLE_TEXT);
	int at;

	area_text(area, 0, 0, slice_of(a->question),
		  app_style(view->app, ROLE_TITLE));
	if (area->rows < 2)
		return;
	at = area_text(area, 1, 0, slice_of("› "),
		       app_style(view->app, ROLE_PROMPT));
	if (a->secret)
		draw_dots(a, area, at, style);
	else
		area_edit(area, 1, at, composer_text(a->text),
			  composer_caret(a->text), style);
}

static void
answer(struct ask *a, struct slice text)
{
	struct app *app = a->view.app;
	struct ask_events events = a->events;
	SCOPED(free_pointer) char *copy = slice_dup(text);

	a->events.drop = NULL;
	app_pop(app, &a->view);
	events.answered(app, events.arg, slice_of(copy));
	if (events.drop)
		events.drop(events.arg);
	explicit_bzero(copy, strlen(copy));
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct ask *a = (struct ask *)view;

	(void)operand;
	if (action == ACTION_CLOSE || action == ACTION_INTERRUPT) {
		app_pop(view->app, view);
		return true;
	}
	if (action_rows[action].context != CONTEXT_EDIT || a->yes_or_no)
		return a->yes_or_no;
	if (action == ACTION_SEND) {
		answer(a, composer_text(a->text));
		return true;
	}
	if (action != ACTION_NEW_LINE)
		composer_act(a->text, action);
	app_dirty(view->app);
	return true;
}

static bool
key(struct view *view, const struct key_event *event)
{
	struct ask *a = (struct ask *)view;

	if (a->yes_or_no && event->kind == KEY_TEXT) {
		if (slice_is(event->text, "y") || slice_is(event->text, "Y"))
			answer(a, slice_of("y"));
		else
			app_pop(view->app, view);
		return true;
	}
	composer_key(a->text, event);
	app_dirty(view->app);
	return true;
}

static void
size(struct view *view, int *rows, int *columns)
{
	const struct ask *a = (const struct ask *)view;

	(void)columns;
	*rows = a->yes_or_no ? 1 : 2;
}

static void
close_view(struct view *view)
{
	struct ask *a = (struct ask *)view;

	if (a->events.drop)
		a->events.drop(a->events.arg);
	composer_destroy(&a->text);
	free(a->question);
	free(a);
}

static const struct view_type ask_type = {
	.name = "question",
	.place = PLACE_BELOW,
	.draw = draw,
	.act = act,
	.key = key,
	.size = size,
	.close = close_view,
};

static void
open_view(struct app *app, char *question, struct slice text, bool secret,
	  bool yes_or_no, const struct ask_events *events)
{
	struct ask *a = xcalloc(1, sizeof(*a));

	a->view = (struct view){.type = &ask_type, .contexts = {CONTEXT_EDIT}};
	a->question = question;
	a->text = composer_create();
	a->secret = secret;
	a->yes_or_no = yes_or_no;
	a->events = *events;
	composer_set(a->text, text);
	app_push(app, &a->view);
}

void
ask_open(struct app *app, const char *question, struct slice text, bool secret,
	 const struct ask_events *events)
{
	open_view(app, xstrdup(question), text, secret, false, events);
}

void
ask_confirm(struct app *app, const char *question,
	    const struct ask_events *events)
{
	open_view(app, xasprintf("%s  y/n", question), (struct slice){0}, false,
		  true, events);
}
