/*
 * app.c - the stack of views: keys to the top one, frames from the bottom up.
 *
 * A frame is drawn at the end of the keys that came together, and otherwise at
 * most every FRAME microseconds, the keys' own not counted: what a key makes
 * come later (a search's result) does not wait.  Nothing is drawn, and no timer
 * runs, while nothing changes.
 */
#include "tui/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/config.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "mneme/utf8.h"
#include "tui/chat_view.h"
#include "tui/child.h"
#include "tui/choose.h"
#include "tui/deletion.h"
#include "tui/help_view.h"
#include "tui/keys.h"
#include "tui/learned.h"
#include "tui/setup_view.h"
#include "tui/status.h"
#include "tui/talk.h"
#include "tui/views.h"

enum { FRAME = 33000, SIDE_COLUMNS = 34, SIDE_FROM = 100 };

/* ---- frames ---- */

static bool
has_side(const struct app *app)
{
	return app->grid.columns >= SIDE_FROM;
}

/* The area of a view; the chat's when one stands beside it. */
static struct area
place(struct app *app, size_t i, const struct area *screen)
{
	struct view *view = app->stack[i];
	const struct area *all = screen;
	int rows = all->rows, columns = all->columns;
	bool beside = i == 0 && app->depth > 1 && has_side(app) &&
		      app->stack[1]->type->place == PLACE_SIDE;

	if (beside)
		return area_part(all, 0, SIDE_COLUMNS + 1, rows,
				 columns - SIDE_COLUMNS - 1);
	if (view->type->place == PLACE_SIDE && has_side(app))
		return area_part(all, 0, 0, rows, SIDE_COLUMNS);
	if (!view->type->size)
		return *all;
	view->type->size(view, &rows, &columns);
	rows = MIN(rows, all->rows);
	columns = MIN(columns, all->columns);
	if (view->type->place == PLACE_BELOW)
		return area_part(all, all->rows - rows, 0, rows, all->columns);
	return area_part(all, (all->rows - rows) / 2,
			 (all->columns - columns) / 2, rows, columns);
}

/* Does the view hide everything under it? */
static bool
covers(const struct app *app, const struct view *view)
{
	return view->type->place == PLACE_FULL ||
	       (view->type->place == PLACE_SIDE && !has_side(app));
}

static void
draw_views(struct app *app, const struct area *screen)
{
	size_t first = app->depth - 1;

	while (first > 0 && !covers(app, app->stack[first]))
		first--;
	for (size_t i = first; i < app->depth; i++) {
		struct area area = place(app, i, screen);

		app->grid.caret_shown = false;
		if (i > first)
			area_clear(&area, app_style(app, ROLE_TEXT));
		app->stack[i]->type->draw(app->stack[i], &area);
		if (i == 1 && app->stack[1]->type->place == PLACE_SIDE &&
		    has_side(app))
			for (int row = 0; row < screen->rows; row++)
				area_text(screen, row, SIDE_COLUMNS,
					  slice_of("│"),
					  app_style(app, ROLE_BORDER));
	}
}

static void
draw_frame(struct app *app)
{
	struct area all = {&app->grid, 0, 0, app->grid.rows, app->grid.columns};
	int foot = all.rows > 1 ? 1 : 0;
	struct area screen =
		area_part(&all, 0, 0, all.rows - foot, all.columns);
	struct area status = area_part(&all, screen.rows, 0, foot, all.columns);

	if (app->depth == 0 || all.rows == 0 || all.columns == 0)
		return;
	app->dirty = false;
	loop_timer_stop(app->frame);
	if (app->normal && app->depth == 1 && chat_view_live(app->stack[0]))
		return;
	grid_blank(&app->grid);
	draw_views(app, &screen);
	if (foot)
		status_draw(app, &status);
	if (app->show)
		app->show(app->arg, &app->grid);
}

void
app_draw(struct app *app)
{
	draw_frame(app);
	app->shown_at = loop_now(app->loop);
}

static void
frame_due(void *arg)
{
	struct app *app = arg;

	if (app->dirty && !app->blocked)
		app_draw(app);
}

void
app_dirty(struct app *app)
{
	int64_t since = loop_now(app->loop) - app->shown_at;

	if (app->dirty)
		return;
	app->dirty = true;
	if (!app->keying && !app->blocked)
		loop_timer_set(app->frame, since >= FRAME ? 0 : FRAME - since);
}

void
app_blocked(struct app *app, bool blocked)
{
	app->blocked = blocked;
	if (!blocked && app->dirty)
		app_draw(app);
}

void
app_resize(struct app *app, int rows, int columns)
{
	bool wide = app->grid.wide;

	grid_resize(&app->grid, MAX(rows, 1), MAX(columns, 1));
	app->grid.wide = wide;
	app_dirty(app);
}

/* ---- views ---- */

void
app_push(struct app *app, struct view *view)
{
	view->app = app;
	if (app->depth == APP_DEPTH_MAX) {
		view->type->close(view);
		return;
	}
	app->stack[app->depth++] = view;
	app_dirty(app);
}

void
app_pop(struct app *app, struct view *view)
{
	for (size_t i = 1; i < app->depth; i++) {
		if (app->stack[i] != view)
			continue;
		app->depth--;
		for (size_t at = i; at < app->depth; at++)
			app->stack[at] = app->stack[at + 1];
		view->type->close(view);
		app_dirty(app);
		return;
	}
}

void
app_changed(struct app *app)
{
	for (size_t i = 0; i < app->depth; i++)
		if (app->stack[i]->type->changed)
			app->stack[i]->type->changed(app->stack[i]);
}

/* ---- words ---- */

static void
say(struct app *app, enum role role, const char *text)
{
	struct buf clean = {.max = APP_NOTE_MAX - 1};

	filter_line(slice_of(text), &clean);
	snprintf(app->note, sizeof(app->note), "%s", buf_text(&clean));
	buf_clear(&clean);
	app->note_role = role;
	app_dirty(app);
}

void
app_say(struct app *app, const char *fmt, ...)
{
	char text[APP_NOTE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say(app, ROLE_BUSY, text);
}

void
app_fail(struct app *app, const struct error *err)
{
	char text[APP_NOTE_MAX];

	snprintf(text, sizeof(text), "%.*s", APP_NOTE_MAX - 1, err->text);
	say(app, ROLE_ERROR, text);
}

/* ---- actions ---- */

void
app_open(struct app *app, struct id conversation, uint64_t seq)
{
	struct error err = {0};

	while (app->depth > 1 &&
	       app->stack[app->depth - 1]->type->place != PLACE_SIDE)
		app_pop(app, app->stack[app->depth - 1]);
	if (!chat_view_show(app->stack[0], conversation, seq, &err))
		app_fail(app, &err);
}

void
app_be(struct app *app, const struct profile *profile)
{
	struct arena *arena = xcalloc(1, sizeof(*arena));

	app->profile = *profile;
	app->profile.name = arena_copy(arena, profile->name);
	app->profile.email = app->profile.external_id = (struct slice){0};
	if (app->arena)
		arena_clear(app->arena);
	free(app->arena);
	app->arena = arena;
	if (app->depth > 0)
		app_open(app, (struct id){{0}}, 0);
}

static void
may_end(struct app *app)
{
	app->over = app->quitting && app->left && list_empty(&app->running) &&
		    !deletion_busy(app);
	if (app->over)
		loop_stop(app->loop);
}

static void
left(void *arg)
{
	struct app *app = arg;

	app->left = true;
	may_end(app);
}

void
app_turn_over(struct app *app)
{
	if (app->quitting)
		may_end(app);
}

void
app_quit(struct app *app)
{
	if (app->quitting)
		return;
	app->quitting = true;
	deletion_flush(app);
	chat_view_leave(app->stack[0], left, app);
	LIST_EACH(&app->running, at)
	talk_stop(HOLDER(at, struct talk, link));
	may_end(app);
}

/* The views that an action opens from anywhere. */
static const struct {
	enum action action;
	void (*open)(struct app *app, struct slice operand);
} openers[] = {
	{ACTION_HELP, help_open},
	{ACTION_PALETTE, palette_open},
	{ACTION_MODEL, choose_model},
	{ACTION_THEME, choose_theme},
	{ACTION_PROFILE, choose_profile},
	{ACTION_MEMORY_MODE, choose_memory_mode},
	{ACTION_INCOGNITO, choose_incognito},
	{ACTION_SETUP, setup_open},
};

static bool
open_view(struct app *app, enum action action, struct slice operand)
{
	for (size_t i = 0; i < COUNT(openers); i++) {
		if (openers[i].action != action)
			continue;
		openers[i].open(app, operand);
		return true;
	}
	return false;
}

void
app_act(struct app *app, enum action action, struct slice operand)
{
	struct view *top = app->stack[app->depth - 1];

	if (top->type->act && top->type->act(top, action, operand))
		return;
	if (open_view(app, action, operand) || views_open(app, action, operand))
		return;
	if ((action == ACTION_CLOSE || action == ACTION_INTERRUPT) &&
	    app->depth > 1)
		app_pop(app, top);
	else if (action == ACTION_REDRAW && app->redraw)
		app->redraw(app->arg);
	else if (action == ACTION_SUSPEND && app->suspend)
		app->suspend(app->arg);
	else if (action == ACTION_UNLEARN)
		learned_undo(app);
	else if (action == ACTION_QUIT)
		app_quit(app);
}

/* ---- keys ---- */

static void
one_key(struct app *app, const struct key_event *event)
{
	struct view *top = app->stack[app->depth - 1];
	enum action action = keymap_find(&app->keymap, top->contexts, event);

	if (action != ACTION_NONE)
		app_act(app, action, (struct slice){0});
	else if (top->type->key)
		top->type->key(top, event);
}

/* Where nothing is written, each character is a key. */
static bool
writes(const struct view *view)
{
	for (size_t i = 0; view->contexts[i] != CONTEXT_ANYWHERE; i++)
		if (view->contexts[i] == CONTEXT_EDIT)
			return true;
	return false;
}

void
app_key(struct app *app, const struct key_event *event)
{
	struct key_event one = *event;

	if (app->depth == 0 || app->quitting)
		return;
	if (*app->note) {
		*app->note = '\0';
		app_dirty(app);
	}
	while (one.kind == KEY_TEXT && !writes(app->stack[app->depth - 1])) {
		size_t n = utf8_decode(one.text, &one.key);
		struct slice rest =
			slice_make(one.text.data + n, one.text.len - n);

		if (rest.len == 0)
			break;
		one.text.len = n;
		one_key(app, &one);
		one.text = rest;
	}
	one_key(app, &one);
}

void
app_keys_begin(struct app *app)
{
	app->keying = true;
}

void
app_keys_end(struct app *app)
{
	app->keying = false;
	if (app->dirty && !app->blocked)
		draw_frame(app);
}

/* ---- the whole ---- */

static bool
is_new(struct app *app)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct error err;
	SCOPED(store_end) struct store_txn *txn = store_read(app->store, &err);
	const struct conversation_page one = {
		.profile = app->profile.id, .filter = RECORD_ALL, .limit = 1};
	struct conversation *list;
	size_t n = 1;

	return txn &&
	       record_conversation_list(txn, &one, &arena, &list, &n, &err) &&
	       n == 0;
}

void
app_first_run(struct app *app)
{
	struct talk *talk = chat_view_talk(app->stack[0]);

	if (app->tui->chat->llm)
		return;
	if (app->tui->trouble) {
		SCOPED(free_pointer)
		char *text = xasprintf("%s\n/setup sets a model up here; until "
				       "then memory answers.",
				       app->tui->trouble);
		talk_note(talk, ROLE_ERROR, slice_of(text));
	} else if (is_new(app)) {
		setup_open(app, (struct slice){0});
	}
}

bool
app_init(struct app *app, const struct tui *tui, struct error *err)
{
	struct view *chat;

	app->tui = tui;
	app->loop = tui->chat->loop;
	app->store = tui->chat->store;
	app_be(app, &tui->profile);
	app->incognito = tui->incognito;
	list_init(&app->running);
	list_init(&app->children);
	app->pool = pool_create();
	grid_init(&app->grid, app->pool);
	app_look(app);
	app->shown_at = -FRAME;
	app->frame = loop_timer(app->loop, frame_due, app);
	if (!keymap_init(&app->keymap,
			 slice_of(config_text(tui->config, CONFIG_KEYS)), err))
		return false;
	chat = chat_view_open(app, tui->conversation, err);
	if (chat)
		app_push(app, chat);
	if (chat)
		learned_listen(app);
	return chat != NULL;
}

void
app_drop(struct app *app)
{
	while (app->depth > 0) {
		struct view *view = app->stack[--app->depth];

		view->type->close(view);
	}
	learned_drop(app);
	deletion_drop(app);
	children_drop(app);
	if (app->listing)
		llm_cancel(app->listing);
	free(app->model);
	arena_clear(app->arena);
	free(app->arena);
	loop_timer_drop(&app->frame);
	keymap_drop(&app->keymap);
	grid_drop(&app->grid);
	pool_destroy(&app->pool);
}
