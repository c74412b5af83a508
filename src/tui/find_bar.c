/*
 * find_bar.c - first a text is typed, and the nearest place shown at each key;
 * after Enter the keys of a place found hold.
 *
 * What is found is marked on the screen as it stands, after the chat has drawn
 * itself.
 */
#include "tui/find_bar.h"

#include <stdlib.h>

#include "tui/app.h"
#include "tui/chat_view.h"
#include "tui/composer.h"
#include "tui/grapheme.h"
#include "tui/match.h"
#include "tui/transcript_find.h"

struct find_bar {
	struct view view; /* first */
	struct composer *text;
	struct found found;
	bool typing;
	bool missing; /* there is no such text, or no other one */
};

static struct find_bar *
of(struct view *view)
{
	return (struct find_bar *)view;
}

static struct transcript *
transcript(const struct find_bar *b)
{
	return chat_view_transcript(b->view.app->stack[0]);
}

static void
type_on(struct find_bar *b, bool typing)
{
	b->typing = typing;
	b->view.contexts[0] = typing ? CONTEXT_EDIT : CONTEXT_FOUND;
	b->view.contexts[1] = typing ? CONTEXT_ANYWHERE : CONTEXT_CHAT;
	app_dirty(b->view.app);
}

static void
next(struct find_bar *b, bool back)
{
	b->missing = !transcript_find(transcript(b), &b->found,
				      composer_text(b->text), back);
	app_dirty(b->view.app);
}

/* Another text: from the end of what is shown. */
static void
first(struct find_bar *b)
{
	struct transcript *t = transcript(b);

	b->found.any = false;
	t->chosen = 0;
	if (composer_text(b->text).len > 0)
		next(b, true);
	else
		b->missing = false;
}

static void
mark_found(struct find_bar *b, const struct area *area)
{
	struct area above = {area->grid, 0, 0, area->row, area->grid->columns};
	struct style style = app_style(b->view.app, ROLE_MATCH);

	for (int row = 0; row < above.rows; row++)
		match_mark_whole(&above, row, composer_text(b->text), style);
}

static void
draw(struct view *view, const struct area *area)
{
	struct find_bar *b = of(view);
	struct app *app = view->app;
	struct slice text = composer_text(b->text);
	const char *hint = "n N / Esc";
	int at;

	mark_found(b, area);
	at = area_text(area, 0, 0, slice_of("/"), app_style(app, ROLE_PROMPT));
	area_edit(area, 0, at, text, composer_caret(b->text),
		  app_style(app, ROLE_TEXT));
	if (b->missing)
		hint = b->found.any ? "no other one" : "not found";
	else if (b->typing)
		hint = "Enter";
	if (grapheme_columns(text, area->grid->wide) + 16 < area->columns)
		area_right(
			area, 0, slice_of(hint),
			app_style(app, b->missing ? ROLE_ERROR : ROLE_QUIET));
}

static bool
typing(struct find_bar *b, enum action action)
{
	switch (action) {
	case ACTION_SEND:
		if (composer_text(b->text).len == 0)
			app_pop(b->view.app, &b->view);
		else
			type_on(b, false);
		return true;
	case ACTION_UP:
		next(b, true);
		return true;
	case ACTION_DOWN:
		next(b, false);
		return true;
	case ACTION_NEW_LINE:
		return true;
	default:
		break;
	}
	if (action_rows[action].context != CONTEXT_EDIT)
		return false;
	if (action == ACTION_DELETE_OR_QUIT &&
	    composer_text(b->text).len == 0) {
		app_pop(b->view.app, &b->view);
		return true;
	}
	if (composer_act(b->text, action) == COMPOSER_CHANGED)
		first(b);
	app_dirty(b->view.app);
	return true;
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct find_bar *b = of(view);

	if (b->typing)
		return typing(b, action);
	switch (action) {
	case ACTION_FOUND_NEXT:
		next(b, true);
		return true;
	case ACTION_FOUND_PREVIOUS:
		next(b, false);
		return true;
	case ACTION_FOUND_AGAIN:
	case ACTION_FIND:
		composer_clear(b->text);
		type_on(b, true);
		return true;
	case ACTION_INTERRUPT:
	case ACTION_CLOSE:
	case ACTION_STOP:
		app_pop(view->app, view);
		return true;
	default:
		break;
	}
	/* Scrolling is the chat's. */
	if (action_rows[action].context != CONTEXT_CHAT)
		return false;
	view = view->app->stack[0];
	return view->type->act(view, action, operand);
}

static bool
key(struct view *view, const struct key_event *event)
{
	struct find_bar *b = of(view);

	if (b->typing && composer_key(b->text, event) == COMPOSER_CHANGED)
		first(b);
	app_dirty(view->app);
	return true;
}

static void
size(struct view *view, int *rows, int *columns)
{
	(void)view;
	(void)columns;
	*rows = 1;
}

static void
close_view(struct view *view)
{
	struct find_bar *b = of(view);
	struct app *app = view->app;

	/* A message that was found stays chosen where one chooses messages. */
	if (app->stack[0] != view &&
	    app->stack[0]->contexts[0] != CONTEXT_BROWSE)
		transcript(b)->chosen = 0;
	composer_destroy(&b->text);
	free(b);
}

static const struct view_type find_bar_type = {
	.name = "find",
	.place = PLACE_BELOW,
	.draw = draw,
	.act = act,
	.key = key,
	.size = size,
	.close = close_view,
};

void
find_bar_open(struct app *app, struct slice text)
{
	struct find_bar *b = xcalloc(1, sizeof(*b));

	b->view = (struct view){.type = &find_bar_type, .app = app};
	b->text = composer_create();
	composer_set(b->text, text);
	type_on(b, text.len == 0);
	if (text.len > 0)
		first(b);
	app_push(app, &b->view);
}
