/*
 * chat_view.c - the chat's layout and keys.
 */
#include "tui/chat_view.h"

#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/tui.h"
#include "tui/chat_private.h"
#include "tui/grapheme.h"
#include "tui/item_draw.h"
#include "tui/keys.h"
#include "tui/transcript_find.h"

enum { PROMPT_COLUMNS = 2, RULED = 10 };

static struct chat_view *
of(struct view *view)
{
	return (struct chat_view *)view;
}

struct talk *
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

/* ---- drawing ---- */

const char *
chat_promise(const struct chat_view *v)
{
	const struct talk *talk = v->talk;

	if (talk->incognito)
		return "Ask anything. Nothing of it is stored.";
	if (v->view.app->tui->no_memory ||
	    talk->conversation.memory_mode == MEMORY_OFF)
		return "Ask anything. Nothing is recalled or learned here.";
	if (talk->conversation.memory_mode == MEMORY_READ)
		return "Ask anything. Nothing is learned here.";
	return "Ask anything. What is said here is remembered.";
}

static const char *const hints[] = {
	NULL, /* what becomes of what is said */
	"",
	"Enter sends, Alt-Enter breaks the line, Esc stops an answer.",
	"F1 shows every key and command.",
};

static void
draw_hints(struct chat_view *v, const struct area *area)
{
	int row = MAX((area->rows - (int)COUNT(hints)) / 2, 0);

	for (size_t i = 0; i < COUNT(hints); i++, row++) {
		struct slice hint =
			slice_of(hints[i] ? hints[i] : chat_promise(v));
		int width = grapheme_columns(hint, false);

		if (width > area->columns)
			continue;
		area_text(area, row, MAX((area->columns - width) / 2, 0), hint,
			  app_style(v->view.app, ROLE_QUIET));
	}
}

/* The next word that stands for something else. */
static bool
next_chip(const struct chat_view *v, size_t from, size_t *at, size_t *len)
{
	size_t image, image_len;
	bool chip = composer_next_chip(v->composer, from, at, len);

	if (!chat_next_image(v, from, &image, &image_len) ||
	    (chip && *at < image))
		return chip;
	*at = image;
	*len = image_len;
	return true;
}

/* A line of the composer, with the parts of chips on it. */
static void
draw_line(struct chat_view *v, const struct area *area, int row,
	  struct slice line)
{
	struct slice text = composer_text(v->composer);
	size_t start = (size_t)(line.data - text.data), end = start + line.len;
	size_t from = 0, at, len;

	area_text(area, row, PROMPT_COLUMNS, line,
		  app_style(v->view.app, ROLE_TEXT));
	for (; next_chip(v, from, &at, &len) && at < end; from = at + len) {
		size_t first = MAX(at, start), last = MIN(at + len, end);

		if (last <= first)
			continue;
		area_text(area, row,
			  PROMPT_COLUMNS +
				  grapheme_columns(
					  slice_make(line.data, first - start),
					  area->grid->wide),
			  slice_make(text.data + first, last - first),
			  app_style(v->view.app, ROLE_CHIP));
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

	area_text(area, 0, 0, slice_of(v->changing ? "✎" : "›"),
		  app_style(v->view.app, ROLE_PROMPT));
	for (int i = 0; i < first + area->rows; i++) {
		if (!composer_line(&rest, width, wide, &line))
			break;
		if (i >= first)
			draw_line(v, area, i - first, line);
	}
	if (!chat_browses(v))
		area_caret(area, layout->caret_line - first,
			   PROMPT_COLUMNS + layout->caret_column);
}

static void
draw_queue(struct chat_view *v, const struct area *area, int row, int rows)
{
	for (int i = 0; i < MIN(rows, (int)v->queued); i++) {
		int at = area_text(area, row + i, 0, slice_of("… "),
				   app_style(v->view.app, ROLE_QUIET));

		area_text(area, row + i, at, slice_of(v->queue[i].text),
			  app_style(v->view.app, ROLE_QUIET));
	}
	if (v->images.count > 0 && (int)v->queued < rows)
		chat_draw_images(v, area, row + (int)v->queued);
}

/* What waits, and the images that go with what is written. */
static int
queue_rows(const struct chat_view *v)
{
	return (int)v->queued + (v->images.count > 0);
}

static void
draw_rule(struct chat_view *v, const struct area *area, int row)
{
	struct style style = app_style(v->view.app, ROLE_BORDER);

	for (int column = 0; column < area->columns;)
		column = area_text(area, row, column, slice_of("─"), style);
}

struct chat_rows
chat_share(struct chat_view *v, int rows, int columns)
{
	int width = MAX(columns - PROMPT_COLUMNS, 1);
	bool wide = v->view.app->grid.wide;
	struct composer_layout layout;

	composer_width(v->composer, width, wide);
	layout = composer_layout(v->composer, width, wide);
	return (struct chat_rows){
		.lines = MIN(layout.lines, MAX(rows / 3, 1)),
		.queue = MIN(queue_rows(v), MAX(rows / 3, 0)),
		.offered = MIN(complete_rows(&v->complete), MAX(rows / 2, 1)),
		.rule = rows >= RULED ? 1 : 0,
	};
}

int
chat_rows_sum(const struct chat_rows *share)
{
	return share->lines + share->queue + share->offered + share->rule;
}

void
chat_draw_lower(struct chat_view *v, const struct area *area,
		const struct chat_rows *share)
{
	int width = MAX(area->columns - PROMPT_COLUMNS, 1);
	struct composer_layout layout =
		composer_layout(v->composer, width, area->grid->wide);
	int row = share->rule + share->queue;
	struct area box =
		area_part(area, row, 0, share->offered, area->columns);
	struct area lower = area_part(area, row + share->offered, 0,
				      share->lines, area->columns);

	if (share->rule)
		draw_rule(v, area, 0);
	draw_queue(v, area, share->rule, share->queue);
	if (share->offered > 0)
		complete_draw(&v->complete, v->view.app, &box);
	draw_composer(v, &lower, &layout);
}

static void
draw(struct view *view, const struct area *area)
{
	struct chat_view *v = of(view);
	struct chat_rows share = chat_share(v, area->rows, area->columns);
	int under = chat_rows_sum(&share);
	struct area upper =
		area_part(area, 0, 0, area->rows - under, area->columns);
	struct area lower =
		area_part(area, upper.rows, 0, under, area->columns);

	if (v->talk->count == 0)
		draw_hints(v, &upper);
	else
		transcript_draw(&v->transcript, &upper);
	chat_draw_lower(v, &lower, &share);
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
		chat_text_changed(v);
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
	int page = MAX(t->rows - (t->rows > 6 ? 2 : 1), 1);

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
act(struct view *view, enum action action, struct slice operand)
{
	struct chat_view *v = of(view);
	struct error err = {0};

	(void)operand;
	if (action != ACTION_INTERRUPT)
		v->asked_to_quit = false;
	if (scroll(v, action) || chat_message_act(v, action) ||
	    chat_edit(v, action))
		return true;
	switch (action) {
	case ACTION_INTERRUPT:
		interrupt(v);
		return true;
	case ACTION_STOP:
	case ACTION_CLOSE:
		if (complete_rows(&v->complete) > 0)
			v->complete.dismissed = true;
		else if (v->changing)
			chat_keep_message(v);
		else if (v->talk->turn)
			talk_stop(v->talk);
		else if (view->app->normal)
			transcript_bottom(&v->transcript);
		app_dirty(view->app);
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
	if (chat_browses(v) && event->kind == KEY_TEXT)
		return true; /* a key that means nothing here */
	if (chat_browses(v))
		chat_write(v);
	switch (composer_key(v->composer, event)) {
	case COMPOSER_CHANGED:
		chat_text_changed(v);
		break;
	case COMPOSER_FULL:
		app_say(view->app,
			"a message holds at most %d KiB: write it "
			"to a file and say @file, or send less",
			COMPOSER_MAX / 1024);
		break;
	default:
		break;
	}
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
	complete_clear(&v->complete);
	free(v->editing);
	free(v->set_aside);
	free(v->sent);
	composer_destroy(&v->composer);
	draft_destroy(&v->draft);
	loop_timer_drop(&v->second);
	chat_live_drop(&v->live);
	while (v->queued > 0) {
		free(v->queue[--v->queued].text);
		attached_clear(&v->queue[v->queued].attached);
	}
	buf_clear(&v->images.line);
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
	struct talk_listener listener = chat_listener;
	struct talk *talk;

	listener.arg = v;
	talk = talk_open(v->view.app, conversation, &listener, err);
	if (!talk)
		return false;
	talk->incognito = v->view.app->incognito && id_none(conversation);
	if (v->talk)
		talk_close(&v->talk);
	v->talk = talk;
	transcript_init(&v->transcript, v->view.app, talk);
	chat_write(v);
	return true;
}

static void
add_lines(struct chat_view *v, struct item *item, struct buf *out)
{
	enum { LAST_LINES = 400, LAST_FOLDED = 4 };
	int columns = v->transcript.columns;

	item_height(v->view.app, item, columns);
	int all = item_text_lines(item);
	int shown = MIN(all, item_folds(item) ? LAST_FOLDED : LAST_LINES);
	for (int i = 0; i < shown; i++) {
		buf_adds(out, item->who == MESSAGE_USER ? (i == 0 ? "› " : "  ")
							: "");
		item_line_text(item, i, out);
		while (out->len > 0 && out->data[out->len - 1] == ' ')
			out->len--;
		buf_addc(out, '\n');
	}
	if (shown < all)
		buf_addf(out, "%s… %d more %s\n",
			 item->who == MESSAGE_USER ? "  " : "", all - shown,
			 plural((uint64_t)(all - shown), "line", "lines"));
	buf_add_slice(out, buf_slice(&item->files));
	buf_addc(out, '\n');
}

void
chat_view_last(struct view *view, struct buf *out)
{
	struct chat_view *v = of(view);
	const struct talk *talk = v->talk;
	size_t i = talk->count;

	while (i > 0 && (talk->items[i - 1]->who != MESSAGE_USER ||
			 talk->items[i - 1]->state == ITEM_NOTE))
		i--;
	if (i == 0 || talk->incognito)
		return;
	for (size_t at = i - 1; at < talk->count; at++)
		if (talk->items[at]->state != ITEM_NOTE)
			add_lines(v, talk->items[at], out);
}

void
chat_view_restyle(struct view *view)
{
	struct talk *talk = of(view)->talk;

	for (size_t i = 0; i < talk->count; i++)
		item_forget_lines(talk->items[i]);
}

bool
chat_view_show(struct view *view, struct id conversation, uint64_t seq,
	       struct error *err)
{
	struct chat_view *v = of(view);

	if (v->queued > 0)
		chat_unqueue(v);
	chat_keep_message(v);
	if (!open_talk(v, conversation, err))
		return false;
	if (!id_equal(v->person, view->app->profile.id)) {
		/* What another one wrote is nobody else's. */
		composer_destroy(&v->composer);
		v->composer = composer_create();
		v->person = view->app->profile.id;
		v->remembers = false;
	}
	composer_empty(v->composer);
	chat_load_draft(v);
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
	v->person = app->profile.id;
	v->draft = draft_create(app);
	v->second = loop_timer(app->loop, chat_ticked, v);
	if (!open_talk(v, conversation, err)) {
		close_view(&v->view);
		return NULL;
	}
	chat_load_draft(v);
	return &v->view;
}

void
chat_view_leave(struct view *view, void (*done)(void *arg), void *arg)
{
	struct chat_view *v = of(view);

	if (v->queued > 0)
		chat_unqueue(v);
	chat_keep_message(v);
	draft_flush(v->draft, done, arg);
}
