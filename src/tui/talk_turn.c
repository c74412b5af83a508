/*
 * talk_turn.c - a turn as the screen sees it: the question at once, the answer
 * as it comes, and what became of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/talk_private.h"

static void
set_activity(struct talk *talk, char *text)
{
	free(talk->activity);
	talk->activity = text;
}

static struct item *
last_item(struct talk *talk, enum item_state state)
{
	for (size_t i = talk->count; i-- > 0;)
		if (talk->items[i]->state == state)
			return talk->items[i];
	return NULL;
}

static void
remove_item(struct talk *talk, struct item *item)
{
	for (size_t i = 0; i < talk->count; i++) {
		if (talk->items[i] != item)
			continue;
		item_destroy(&talk->items[i]);
		talk->count--;
		memmove(&talk->items[i], &talk->items[i + 1],
			(talk->count - i) * sizeof(struct item *));
		return;
	}
}

/* ---- what the turn says ---- */

static void
stored(void *arg, const struct message *question)
{
	struct talk *talk = arg;
	struct item *item = last_item(talk, ITEM_SENT);

	free(talk->unsent);
	talk->unsent = NULL;
	talk->conversation.id = question->conversation;
	if (item) {
		item->state = ITEM_STORED;
		item->seq = question->seq;
		item->id = question->id;
		item->created_at = question->created_at;
		item->turn_number = question->turn_number;
	}
	set_activity(talk, xstrdup("waiting for the answer"));
	talk_changed(talk);
}

static void
retry(void *arg, const struct error *why, int64_t wait, unsigned attempt)
{
	struct talk *talk = arg;

	(void)attempt;
	talk->retry_at = loop_now(talk->app->loop) + wait;
	set_activity(talk, xstrdup(why->text));
	talk_changed(talk);
}

static bool
text(void *arg, struct slice bytes)
{
	struct talk *talk = arg;

	talk->retry_at = 0;
	if (talk->answer->text.len == 0)
		set_activity(talk, xstrdup("answering"));
	filter_feed(&talk->filter, bytes, &talk->answer->text);
	talk_changed(talk);
	return !talk->stopping;
}

/* The turn is over: only the talk is left.  An incognito talk keeps its items
 * as they are, nothing of it is stored. */
static void
over(struct talk *talk, const struct error *err)
{
	struct talk_listener listener = talk->listener;
	struct error trouble = {0};
	SCOPED(free_pointer) char *unsent = TAKE(talk->unsent);

	struct app *app = talk->app;

	set_activity(talk, NULL);
	talk->turn = NULL;
	talk->answer = NULL;
	talk->retry_at = 0;
	talk->stopping = false;
	list_unlink(&talk->link);
	if (talk->closed) {
		talk_destroy(talk);
		app_turn_over(app);
		return;
	}
	for (size_t i = 0; i < talk->count; i++)
		if (talk->incognito && talk->items[i]->state != ITEM_NOTE)
			talk->items[i]->state = ITEM_STORED;
	if (!talk->incognito && !talk_sync(talk, &trouble) && !err)
		err = &trouble;
	talk_changed(talk);
	listener.ended(listener.arg, err, slice_of(unsent));
	app_turn_over(app);
}

static void
done(void *arg, const void *result)
{
	struct talk *talk = arg;
	const struct chat_result *r = result;
	struct item *item = talk->answer;

	filter_finish(&talk->filter, &item->text);
	item->id = r->answer;
	item->memory_count = r->memory_count;
	item->created_at = r->created_at;
	snprintf(item->finish, sizeof(item->finish), "%.*s",
		 SLICE_ARG(r->finish_reason));
	talk->usage = r->usage;
	if (r->usage.cost >= 0)
		talk->cost = MAX(talk->cost, 0) + r->usage.cost;
	snprintf(talk->model, sizeof(talk->model), "%.*s", SLICE_ARG(r->model));
	free(talk->unsent);
	talk->unsent = NULL;
	over(talk, NULL);
}

static void
failed(void *arg, const struct error *err)
{
	struct talk *talk = arg;
	struct error why = *err;

	filter_finish(&talk->filter, &talk->answer->text);
	talk->answer->partial = true;
	if (talk->answer->text.len == 0)
		remove_item(talk, talk->answer);
	if (talk->unsent && last_item(talk, ITEM_SENT))
		remove_item(talk, last_item(talk, ITEM_SENT));
	over(talk, &why);
}

/* ---- starting and stopping ---- */

const char *
talk_model(const struct talk *talk)
{
	const struct tui *tui = talk->app->tui;

	if (!tui->chat->llm)
		return "no model";
	if (*talk->model)
		return talk->model;
	return tui->model ? tui->model : llm_model(tui->chat->llm);
}

static void
add_question(struct talk *talk, struct slice question)
{
	struct item *item = item_make(talk, ITEM_SENT, MESSAGE_USER);

	filter_text(question, &item->text);
	item->created_at = clock_now();
	talk_add(talk, item);
}

static void
add_answer(struct talk *talk)
{
	struct item *item = item_make(talk, ITEM_COMING, MESSAGE_ASSISTANT);

	item->created_at = clock_now();
	if (talk->app->tui->chat->llm)
		item_keep(&item->model, slice_of(talk_model(talk)));
	talk_add(talk, item);
	talk->answer = item;
	filter_init(&talk->filter);
}

bool
talk_send(struct talk *talk, struct slice question, struct error *err)
{
	const struct tui *tui = talk->app->tui;
	const struct chat_request request = {
		.profile = talk->app->profile.id,
		.conversation = talk->conversation.id,
		.content = question,
		.model = tui->model,
		.temperature = -1,
		.no_memory = tui->no_memory,
		.incognito = talk->incognito,
		.stream = true,
		.retry = retry,
		.stored = stored,
	};
	const struct sink sink = {text, done, failed, talk};

	add_question(talk, question);
	add_answer(talk);
	talk->unsent = slice_dup(question);
	set_activity(talk, xstrdup("remembering"));
	if (!chat_start(tui->chat, &request, &sink, &talk->turn, err)) {
		remove_item(talk, talk->answer);
		remove_item(talk, last_item(talk, ITEM_SENT));
		talk->answer = NULL;
		free(talk->unsent);
		talk->unsent = NULL;
		set_activity(talk, NULL);
		return false;
	}
	list_insert(&talk->app->running, &talk->link);
	talk_changed(talk);
	return true;
}

void
talk_stop(struct talk *talk)
{
	if (!talk->turn || talk->stopping)
		return;
	talk->stopping = true;
	set_activity(talk, xstrdup("stopping"));
	chat_cancel(talk->turn);
}
