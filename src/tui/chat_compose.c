/*
 * chat_compose.c - what is being written: its draft, its history, commands.
 */
#include <stdlib.h>

#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/store.h"
#include "tui/chat_private.h"
#include "tui/pick.h"

void
chat_text_changed(struct chat_view *v)
{
	SCOPED(buf_clear) struct buf text = {.max = COMPOSER_MAX};

	composer_full(v->composer, &text);
	if (!v->talk->incognito && !v->changing)
		draft_set(v->draft, v->talk->conversation.id, buf_slice(&text));
	chat_find_images(v);
	complete_update(&v->complete, composer_text(v->composer),
			composer_caret(v->composer));
	app_dirty(v->view.app);
}

void
chat_load_draft(struct chat_view *v)
{
	SCOPED(buf_clear) struct buf text;
	struct error err = {0};

	buf_init(&text, COMPOSER_MAX);
	if (!v->talk->incognito &&
	    !draft_load(v->draft, v->talk->conversation.id, &text, &err))
		app_fail(v->view.app, &err);
	if (text.len > 0)
		composer_set(v->composer, buf_slice(&text));
	chat_find_images(v);
}

/* Read when first asked for. */
void
chat_load_history(struct chat_view *v)
{
	const struct chat_sent all = {.profile = v->view.app->profile.id,
				      .longest = COMPOSER_MAX - 1,
				      .most = HISTORY_LOADED};
	char *texts[HISTORY_LOADED];
	struct error err = {0};
	size_t n = 0;

	if (v->remembers)
		return;
	v->remembers = true;
	if (!chat_sent(v->view.app->store, &all, texts, &n, &err))
		app_fail(v->view.app, &err);
	while (n-- > 0) {
		composer_remember(v->composer, slice_of(texts[n]));
		free(texts[n]);
	}
}

/* A text that is a command is done, not sent. */
static bool
do_command(struct chat_view *v)
{
	struct app *app = v->view.app;
	struct slice text = slice_trim(composer_text(v->composer)), operand;
	SCOPED(free_pointer) char *copy = NULL;
	enum action action;
	bool known;

	if (!action_slash(text, &known, &action, &operand))
		return false;
	if (!known) {
		app_say(app, "there is no such command; F1 lists them, a blank "
			     "before it sends it");
		return true;
	}
	copy = slice_dup(operand);
	composer_sent(v->composer);
	chat_text_changed(v);
	app_act(app, action, slice_of(copy));
	return true;
}

/* ---- history ---- */

static void
history_chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	struct chat_view *v = (struct chat_view *)app->stack[0];
	char **texts = arg;

	(void)typed;
	composer_set(v->composer, slice_of(texts[row]));
	chat_text_changed(v);
}

static void
drop_texts(void *arg)
{
	char **texts = arg;

	for (size_t i = 0; texts[i]; i++)
		free(texts[i]);
	free(texts);
}

static void
search_history(struct chat_view *v)
{
	struct pick_row *rows;
	char **texts;
	size_t n = 0;

	chat_load_history(v);
	while (composer_history(v->composer, n))
		n++;
	rows = xcalloc(n + 1, sizeof(*rows));
	texts = xcalloc(n + 1, sizeof(*texts));
	for (size_t i = 0; i < n; i++) {
		texts[i] = xstrdup(composer_history(v->composer, n - 1 - i));
		rows[i].text = slice_of(texts[i]);
	}
	pick_open(v->view.app, "Sent before", rows, n, 0,
		  &(struct pick_events){.chosen = history_chosen,
					.drop = drop_texts,
					.arg = texts});
	free(rows);
}

/* ---- completion ---- */

/* Put the chosen candidate in; what may go on is looked at again. */
static void
accept(struct chat_view *v)
{
	struct complete *c = &v->complete;
	const struct candidate *at = &c->at[c->chosen];
	bool folder = at->open && *at->text == '@';
	SCOPED(free_pointer)
	char *text = xasprintf("%s%s", at->text, folder ? "" : " ");

	composer_put(v->composer, c->from, c->to, slice_of(text));
	complete_clear(c);
	chat_text_changed(v);
	if (!folder)
		complete_clear(c);
}

/* Is the chosen candidate what stands there already? */
static bool
written_out(const struct chat_view *v)
{
	const struct complete *c = &v->complete;
	struct slice text = composer_text(v->composer);

	return slice_is(slice_make(text.data + c->from, c->to - c->from),
			c->at[c->chosen].text);
}

static bool
completes(struct chat_view *v, enum action action)
{
	struct complete *c = &v->complete;
	bool open;

	if (complete_rows(c) == 0)
		return false;
	switch (action) {
	case ACTION_UP:
		c->chosen = (c->chosen + c->count - 1) % c->count;
		break;
	case ACTION_DOWN:
		c->chosen = (c->chosen + 1) % c->count;
		break;
	case ACTION_COMPLETE:
		accept(v);
		break;
	case ACTION_SEND:
		/* A command that takes nothing more is done at once. */
		if (*c->at[c->chosen].text != '/')
			return false;
		if (written_out(v)) {
			complete_clear(c);
			return false;
		}
		open = c->at[c->chosen].open;
		accept(v);
		if (open)
			break;
		return false;
	default:
		return false;
	}
	app_dirty(v->view.app);
	return true;
}

bool
chat_edit(struct chat_view *v, enum action action)
{
	if (completes(v, action))
		return true;
	if (action == ACTION_COMPLETE) {
		chat_browse(v);
		return true;
	}
	if (action == ACTION_HISTORY_SEARCH || action == ACTION_EDITOR) {
		if (action == ACTION_EDITOR)
			chat_open_editor(v);
		else
			search_history(v);
		return true;
	}
	if ((action == ACTION_UP || action == ACTION_HISTORY_BACK))
		chat_load_history(v);
	if (action == ACTION_UP && v->queued > 0 &&
	    composer_text(v->composer).len == 0) {
		chat_unqueue(v);
		return true;
	}
	if (action == ACTION_DELETE_OR_QUIT &&
	    composer_text(v->composer).len == 0) {
		app_quit(v->view.app);
		return true;
	}
	switch (composer_act(v->composer, action)) {
	case COMPOSER_SEND:
		if (!do_command(v))
			chat_send(v);
		return true;
	case COMPOSER_CHANGED:
		chat_text_changed(v);
		return true;
	default:
		return action_rows[action].context == CONTEXT_EDIT;
	}
}
