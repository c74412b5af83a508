/*
 * chat_turns.c - what is sent, what waits to be, and how a turn ended.
 *
 * What is sent while an answer comes waits in a queue and goes out, one after
 * another, as the answers end.  A question that could not be sent comes back
 * into the composer.
 */
#include <stdlib.h>

#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/tui.h"
#include "tui/chat_private.h"

/* What could not be sent, as it was written where it was the last. */
static void
bring_back(struct chat_view *v, struct slice text)
{
	if (v->sent && slice_is(text, v->sent))
		composer_unsent(v->composer);
	else
		composer_set(v->composer, text);
	chat_text_changed(v);
}

static void
send_text(struct chat_view *v, struct slice text,
	  const struct attached *attached)
{
	struct error err = {0};

	if (talk_send(v->talk, text, attached, &err)) {
		transcript_bottom(&v->transcript);
		return;
	}
	if (composer_text(v->composer).len == 0)
		bring_back(v, text);
	app_fail(v->view.app, &err);
}

/* Ask a changed question in the place of the one it was made from. */
static void
send_instead(struct chat_view *v, struct slice text, struct attached *attached)
{
	struct error err = {0};
	size_t i = v->talk->count;

	while (i > 0 &&
	       (v->changed_seq ? v->talk->items[i - 1]->seq != v->changed_seq
			       : v->talk->items[i - 1] != v->changed))
		i--;
	chat_keep_message(v);
	if (i == 0)
		error_set(&err, ERROR_NOT_FOUND,
			  "the question that was changed is gone");
	else if (talk_send_instead(v->talk, i - 1, text, attached, &err))
		transcript_bottom(&v->transcript);
	if (err.code) {
		bring_back(v, text);
		app_fail(v->view.app, &err);
	}
}

void
chat_send(struct chat_view *v)
{
	SCOPED(buf_clear) struct buf full = {.max = COMPOSER_MAX};
	SCOPED(buf_clear) struct buf all = {.max = CHAT_MESSAGE_MAX};
	SCOPED(attached_clear) struct attached attached = {0};
	struct error err = {0};

	if (v->changing && v->talk->turn) {
		app_say(v->view.app, "an answer is coming; Esc stops it");
		return;
	}
	if (v->talk->turn && v->queued == QUEUE_MAX) {
		app_say(v->view.app, "%d messages wait already", QUEUE_MAX);
		return;
	}
	composer_full(v->composer, &full);
	if (!attach_named(buf_slice(&full), &all, &attached, &err)) {
		app_fail(v->view.app, &err);
		return;
	}
	chat_load_history(v);
	composer_sent(v->composer);
	chat_text_changed(v);
	free(v->sent);
	v->sent = slice_dup(buf_slice(&all));
	if (v->changing)
		send_instead(v, buf_slice(&all), &attached);
	else if (v->talk->turn)
		v->queue[v->queued++] = (struct queued){
			slice_dup(buf_slice(&all)), attached_take(&attached)};
	else
		send_text(v, buf_slice(&all), &attached);
}

static struct queued
take_queued(struct chat_view *v, size_t i)
{
	struct queued taken = v->queue[i];

	v->queued--;
	memmove(&v->queue[i], &v->queue[i + 1],
		(v->queued - i) * sizeof(v->queue[0]));
	return taken;
}

static void
drop_queued(struct queued *q)
{
	free(q->text);
	attached_clear(&q->attached);
}

/* Put everything that waits back into the composer. */
void
chat_unqueue(struct chat_view *v)
{
	SCOPED(buf_clear) struct buf all;

	buf_init(&all, COMPOSER_MAX);
	while (v->queued > 0) {
		SCOPED(drop_queued) struct queued q = take_queued(v, 0);

		buf_addf(&all, "%s\n", q.text);
	}
	buf_add_slice(&all, composer_text(v->composer));
	if (all.len > 0 && all.data[all.len - 1] == '\n')
		all.len--;
	composer_set(v->composer, buf_slice(&all));
	chat_text_changed(v);
}

static void
talk_grew(void *arg)
{
	struct chat_view *v = arg;

	if (v->talk && v->talk->retry_at)
		loop_timer_set(v->second, CLOCK_SECOND);
	app_dirty(v->view.app);
}

void
chat_ticked(void *arg)
{
	struct chat_view *v = arg;

	talk_grew(v);
}

/* What went wrong, in words, and what can be done about it; `unsent`: the
 * question is in the composer again. */
static void
explain(struct chat_view *v, const struct error *err, bool unsent)
{
	const struct llm *llm = v->view.app->tui->chat->llm;
	const struct llm_provider *provider = llm ? llm_provider(llm) : NULL;
	SCOPED(free_pointer) char *text = NULL;
	SCOPED(buf_clear) struct buf again = {.max = 256};

	keymap_spell_first(&v->view.app->keymap, ACTION_REGENERATE, &again);
	switch (err->code) {
	case ERROR_AUTH:
		text = xasprintf("Check the key: mneme config set %s KEY",
				 provider && provider->key_setting
					 ? provider->key_setting
					 : "LLM_API_KEY");
		break;
	case ERROR_BUSY:
		text = xasprintf("Wait a little; /regenerate (%s) asks again, "
				 "/model chooses another model",
				 buf_text(&again));
		break;
	case ERROR_LIMIT:
		text = xstrdup(
			unsent ? "Shorten it; if the model can take more: "
				 "mneme config set LLM_CONTEXT_TOKENS NUMBER"
			       : "/new begins a conversation; what was said "
				 "here is still remembered");
		break;
	case ERROR_SETUP:
		text = xstrdup("mneme doctor says what is missing");
		break;
	default:
		text = xasprintf("/regenerate (%s) asks again",
				 buf_text(&again));
	}
	SCOPED(free_pointer)
	char *all = xasprintf("%s\n%s", err->text, text);
	talk_note(v->talk, ROLE_ERROR, slice_of(all));
}

static void
turn_ended(void *arg, const struct error *err, struct slice unsent)
{
	struct chat_view *v = arg;

	if (v->transcript.chosen > v->talk->count)
		chat_write(v); /* what was chosen is gone again */
	if (unsent.len > 0 && composer_text(v->composer).len == 0)
		bring_back(v, unsent);
	if (err && err->code != ERROR_CANCELLED)
		explain(v, err, unsent.len > 0);
	if (err && v->queued > 0)
		chat_unqueue(v);
	if (!err && v->queued > 0) {
		SCOPED(drop_queued) struct queued q = take_queued(v, 0);

		send_text(v, slice_of(q.text), &q.attached);
	}
}

const struct talk_listener chat_listener = {talk_grew, turn_ended, NULL};
