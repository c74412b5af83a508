/*
 * chat_view.c - the chat's layout and keys.
 *
 * What is sent while an answer comes waits in a queue and goes out, one after
 * another, as the answers end.  A question that could not be sent comes back
 * into the composer.
 */
#include "tui/chat_view.h"

#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/composer.h"
#include "tui/draft.h"
#include "tui/grapheme.h"
#include "tui/keys.h"
#include "tui/transcript.h"
#include "tui/transcript_find.h"

enum { QUEUE_MAX = 16, HISTORY_LOADED = 200, PROMPT_COLUMNS = 2, RULED = 10 };

struct chat_view {
	struct view view; /* first */
	struct talk *talk;
	struct transcript transcript;
	struct composer *composer;
	struct draft *draft;
	struct loop_timer *second; /* while a retry is counted down */
	char *queue[QUEUE_MAX];
	size_t queued;
	bool remembers; /* the composer has its history */
	bool asked_to_quit;
};

static struct chat_view *
of(struct view *view)
{
	return (struct chat_view *)view;
}

const struct talk *
chat_view_talk(const struct view *view)
{
	return ((const struct chat_view *)view)->talk;
}

struct transcript *
chat_view_transcript(struct view *view)
{
	return &of(view)->transcript;
}

size_t
chat_view_queued(const struct view *view)
{
	return ((const struct chat_view *)view)->queued;
}

/* ---- the composer's text, kept ---- */

static void
changed_text(struct chat_view *v)
{
	if (!v->talk->incognito)
		draft_set(v->draft, v->talk->conversation.id,
			  composer_text(v->composer));
	app_dirty(v->view.app);
}

static void
load_draft(struct chat_view *v)
{
	SCOPED(buf_clear) struct buf text;
	struct error err = {0};

	buf_init(&text, COMPOSER_MAX);
	if (v->talk->incognito)
		return;
	if (!draft_load(v->draft, v->talk->conversation.id, &text, &err))
		app_fail(v->view.app, &err);
	if (text.len > 0)
		composer_set(v->composer, buf_slice(&text));
}

/* What was sent before, in every conversation: read when first asked for. */
static bool
read_history(struct chat_view *v, char **texts, size_t *n, struct error *err)
{
	struct app *app = v->view.app;
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(app->store, err);
	SCOPED(record_scan_drop) struct record_scan *scan = NULL;
	struct message m;

	if (!txn)
		return false;
	scan = record_message_scan(txn, app->profile.id, (struct id){{0}}, 0,
				   true, err);
	while (scan && *n < HISTORY_LOADED &&
	       record_message_next(scan, &arena, &m)) {
		if (m.role == MESSAGE_USER && m.content.len < COMPOSER_MAX)
			texts[(*n)++] = slice_dup(m.content);
		arena_reset(&arena);
	}
	return scan && record_scan_end(&scan, err);
}

static void
load_history(struct chat_view *v)
{
	char *texts[HISTORY_LOADED];
	struct error err = {0};
	size_t n = 0;

	if (v->remembers)
		return;
	v->remembers = true;
	if (!read_history(v, texts, &n, &err))
		app_fail(v->view.app, &err);
	while (n-- > 0) {
		composer_remember(v->composer, slice_of(texts[n]));
		free(texts[n]);
	}
}

/* ---- turns ---- */

static void
send_text(struct chat_view *v, struct slice text)
{
	struct error err = {0};

	if (talk_send(v->talk, text, &err)) {
		transcript_bottom(&v->transcript);
		return;
	}
	if (composer_text(v->composer).len == 0) {
		composer_set(v->composer, text);
		changed_text(v);
	}
	app_fail(v->view.app, &err);
}

/* A text that is a command is done, not sent. */
static bool
command(struct chat_view *v)
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
	changed_text(v);
	app_act(app, action, slice_of(copy));
	return true;
}

static void
send(struct chat_view *v)
{
	char *text = slice_dup(composer_text(v->composer));

	if (v->talk->turn && v->queued == QUEUE_MAX) {
		app_say(v->view.app, "%d messages wait already", QUEUE_MAX);
		free(text);
		return;
	}
	load_history(v);
	composer_sent(v->composer);
	changed_text(v);
	if (v->talk->turn) {
		v->queue[v->queued++] = text;
		return;
	}
	send_text(v, slice_of(text));
	free(text);
}

static char *
take_queued(struct chat_view *v, size_t i)
{
	char *text = v->queue[i];

	v->queued--;
	memmove(&v->queue[i], &v->queue[i + 1],
		(v->queued - i) * sizeof(char *));
	return text;
}

/* Put everything that waits back into the composer. */
static void
unqueue(struct chat_view *v)
{
	SCOPED(buf_clear) struct buf all;

	buf_init(&all, COMPOSER_MAX);
	while (v->queued > 0) {
		SCOPED(free_pointer) char *text = take_queued(v, 0);
		buf_addf(&all, "%s\n", text);
	}
	buf_add_slice(&all, composer_text(v->composer));
	if (all.len > 0 && all.data[all.len - 1] == '\n')
		all.len--;
	composer_set(v->composer, buf_slice(&all));
	changed_text(v);
}

static void
talk_grew(void *arg)
{
	struct chat_view *v = arg;

	if (v->talk && v->talk->retry_at)
		loop_timer_set(v->second, CLOCK_SECOND);
	app_dirty(v->view.app);
}

static void
ticked(void *arg)
{
	struct chat_view *v = arg;

	talk_grew(v);
}

static void
turn_ended(void *arg, const struct error *err, struct slice unsent)
{
	struct chat_view *v = arg;

	if (unsent.len > 0 && composer_text(v->composer).len == 0) {
		composer_set(v->composer, unsent);
		changed_text(v);
	}
	if (err && err->code != ERROR_CANCELLED)
		talk_note(v->talk, ROLE_ERROR, slice_of(err->text));
	if (err && v->queued > 0)
		unqueue(v);
	if (!err && v->queued > 0) {
		SCOPED(free_pointer) char *text = take_queued(v, 0);
		send_text(v, slice_of(text));
	}
}

/* ---- drawing ---- */

static const char *const hints[] = {
	"Ask anything. What is said here is remembered.",
	"",
	"Enter sends, Alt-Enter breaks the line, Esc stops an answer.",
	"F1 shows every key and command.",
};

static void
draw_hints(struct chat_view *v, const struct area *area)
{
	int row = MAX((area->rows - (int)COUNT(hints)) / 2, 0);

	for (size_t i = 0; i < COUNT(hints); i++, row++) {
		int width = grapheme_columns(slice_of(hints[i]), false);

		if (width > area->columns)
			continue;
		area_text(area, row, MAX((area->columns - width) / 2, 0),
			  slice_of(hints[i]),
			  app_style(v->view.app, ROLE_QUIET));
	}
}

/* Draw the lines of the composer that hold the caret. */
static void
draw_composer(struct chat_view *v, const struct area *area,
	      const struct composer_layout *layout)
{
	struct slice rest = composer_text(v->composer), line;
	bool wide = area->grid->wide;
	int width = MAX(area->columns - PROMPT_COLUMNS, 1);
	int first = MAX(layout->caret_line - area->rows + 1, 0);

	area_text(area, 0, 0, slice_of("›"),
		  app_style(v->view.app, ROLE_PROMPT));
	for (int i = 0; i < first + area->rows; i++) {
		if (!composer_line(&rest, width, wide, &line))
			break;
		if (i >= first)
			area_text(area, i - first, PROMPT_COLUMNS, line,
				  app_style(v->view.app, ROLE_TEXT));
	}
	area_caret(area, layout->caret_line - first,
		   PROMPT_COLUMNS + layout->caret_column);
}

static void
draw_queue(struct chat_view *v, const struct area *area, int row)
{
	for (size_t i = 0; i < v->queued; i++) {
		int at = area_text(area, row + (int)i, 0, slice_of("… "),
				   app_style(v->view.app, ROLE_QUIET));

		area_text(area, row + (int)i, at, slice_of(v->queue[i]),
			  app_style(v->view.app, ROLE_QUIET));
	}
}

static void
draw_rule(struct chat_view *v, const struct area *area, int row)
{
	struct style style = app_style(v->view.app, ROLE_BORDER);

	for (int column = 0; column < area->columns;)
		column = area_text(area, row, column, slice_of("─"), style);
}

static void
draw(struct view *view, const struct area *area)
{
	struct chat_view *v = of(view);
	int width = MAX(area->columns - PROMPT_COLUMNS, 1);
	struct composer_layout layout;
	struct area upper, lower;
	int lines, queue, rule = area->rows >= RULED ? 1 : 0;

	composer_width(v->composer, width, area->grid->wide);
	layout = composer_layout(v->composer, width, area->grid->wide);
	lines = MIN(layout.lines, MAX(area->rows / 3, 1));
	queue = MIN((int)v->queued, MAX(area->rows / 3, 0));
	lower = area_part(area, area->rows - lines, 0, lines, area->columns);
	upper = area_part(area, 0, 0, area->rows - lines - queue - rule,
			  area->columns);
	if (v->talk->count == 0)
		draw_hints(v, &upper);
	else
		transcript_draw(&v->transcript, &upper);
	if (rule)
		draw_rule(v, area, upper.rows);
	draw_queue(v, area, upper.rows + rule);
	draw_composer(v, &lower, &layout);
}

/* ---- keys ---- */

static void
interrupt(struct chat_view *v)
{
	bool again = v->asked_to_quit;

	v->asked_to_quit = false;
	if (v->talk->turn && !v->talk->stopping) {
		talk_stop(v->talk);
	} else if (composer_text(v->composer).len > 0) {
		composer_clear(v->composer);
		changed_text(v);
	} else if (again) {
		app_quit(v->view.app);
	} else {
		v->asked_to_quit = true;
		app_say(v->view.app, "Ctrl-D quits; so does Ctrl-C once more");
	}
}

static bool
scroll(struct chat_view *v, enum action action)
{
	struct transcript *t = &v->transcript;
	int page = MAX(t->rows - 2, 1);

	switch (action) {
	case ACTION_PAGE_UP:
		transcript_scroll(t, -page);
		return true;
	case ACTION_PAGE_DOWN:
		transcript_scroll(t, page);
		return true;
	case ACTION_SCROLL_UP:
		transcript_scroll(t, -1);
		return true;
	case ACTION_SCROLL_DOWN:
		transcript_scroll(t, 1);
		return true;
	case ACTION_TOP:
		transcript_top(t);
		return true;
	case ACTION_BOTTOM:
		transcript_bottom(t);
		return true;
	case ACTION_TURN_BACK:
		transcript_turn(t, true);
		return true;
	case ACTION_TURN_ON:
		transcript_turn(t, false);
		return true;
	default:
		return false;
	}
}

static bool
edit(struct chat_view *v, enum action action)
{
	if ((action == ACTION_UP || action == ACTION_HISTORY_BACK))
		load_history(v);
	if (action == ACTION_UP && v->queued > 0 &&
	    composer_text(v->composer).len == 0) {
		unqueue(v);
		return true;
	}
	if (action == ACTION_DELETE_OR_QUIT &&
	    composer_text(v->composer).len == 0) {
		app_quit(v->view.app);
		return true;
	}
	switch (composer_act(v->composer, action)) {
	case COMPOSER_SEND:
		if (!command(v))
			send(v);
		return true;
	case COMPOSER_CHANGED:
		changed_text(v);
		return true;
	default:
		return action_rows[action].context == CONTEXT_EDIT;
	}
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct chat_view *v = of(view);
	struct error err = {0};

	(void)operand;
	if (action != ACTION_INTERRUPT)
		v->asked_to_quit = false;
	if (scroll(v, action) || edit(v, action))
		return true;
	switch (action) {
	case ACTION_INTERRUPT:
		interrupt(v);
		return true;
	case ACTION_STOP:
	case ACTION_CLOSE:
		if (v->talk->turn)
			talk_stop(v->talk);
		return true;
	case ACTION_NEW:
		if (!chat_view_show(view, (struct id){{0}}, 0, &err))
			app_fail(view->app, &err);
		return true;
	default:
		return false;
	}
}

static bool
key(struct view *view, const struct key_event *event)
{
	struct chat_view *v = of(view);

	v->asked_to_quit = false;
	if (composer_key(v->composer, event) == COMPOSER_CHANGED)
		changed_text(v);
	return true;
}

static void
changed(struct view *view)
{
	struct chat_view *v = of(view);
	struct error err = {0};

	if (!talk_sync(v->talk, &err))
		app_fail(view->app, &err);
}

/* ---- opening, leaving ---- */

static void
close_view(struct view *view)
{
	struct chat_view *v = of(view);

	talk_close(&v->talk);
	composer_destroy(&v->composer);
	draft_destroy(&v->draft);
	loop_timer_drop(&v->second);
	while (v->queued > 0)
		free(take_queued(v, 0));
	free(v);
}

static const struct view_type chat_type = {
	.name = "chat",
	.place = PLACE_FULL,
	.draw = draw,
	.act = act,
	.key = key,
	.changed = changed,
	.close = close_view,
};

static bool
open_talk(struct chat_view *v, struct id conversation, struct error *err)
{
	const struct talk_listener listener = {talk_grew, turn_ended, v};
	struct talk *talk =
		talk_open(v->view.app, conversation, &listener, err);

	if (!talk)
		return false;
	talk->incognito = v->view.app->tui->incognito;
	if (v->talk)
		talk_close(&v->talk);
	v->talk = talk;
	transcript_init(&v->transcript, v->view.app, talk);
	return true;
}

bool
chat_view_show(struct view *view, struct id conversation, uint64_t seq,
	       struct error *err)
{
	struct chat_view *v = of(view);

	if (v->queued > 0)
		unqueue(v);
	if (!open_talk(v, conversation, err))
		return false;
	composer_empty(v->composer);
	load_draft(v);
	if (seq && !transcript_show(&v->transcript, seq))
		app_say(view->app, "that message is on another branch");
	app_dirty(view->app);
	return true;
}

struct view *
chat_view_open(struct app *app, struct id conversation, struct error *err)
{
	struct chat_view *v = xcalloc(1, sizeof(*v));

	v->view = (struct view){.type = &chat_type,
				.app = app,
				.contexts = {CONTEXT_EDIT, CONTEXT_CHAT}};
	v->composer = composer_create();
	v->draft = draft_create(app);
	v->second = loop_timer(app->loop, ticked, v);
	if (!open_talk(v, conversation, err)) {
		close_view(&v->view);
		return NULL;
	}
	load_draft(v);
	return &v->view;
}

void
chat_view_leave(struct view *view, void (*done)(void *arg), void *arg)
{
	struct chat_view *v = of(view);

	if (v->queued > 0)
		unqueue(v);
	draft_flush(v->draft, done, arg);
}
