/*
 * talk_turn.c - a turn as the screen sees it: the question at once, the answer
 * as it comes, and what became of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/learned.h"
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
	learned_by_turn(talk, r);
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
	if (talk->app->model)
		return talk->app->model;
	if (*talk->model)
		return talk->model;
	return tui->model ? tui->model : llm_model(tui->chat->llm);
}

static void
add_question(struct talk *talk, const struct chat_request *request)
{
	struct item *item = item_make(talk, ITEM_SENT, MESSAGE_USER);

	filter_text(request->content, &item->text);
	talk_show_images(talk, item, request);
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

static size_t
place_of(const struct talk *talk, const struct item *item)
{
	size_t i = 0;

	while (talk->items[i] != item)
		i++;
	return i;
}

static bool
is_told(const struct item *item)
{
	return item->state != ITEM_NOTE && item->text.len > 0;
}

/* What an incognito turn is told, for nothing of it is stored. */
static bool
tell_items(void *arg, struct slice block, struct arena *arena,
	   const struct llm_message **messages, size_t *n, struct error *err)
{
	struct talk *talk = arg;
	size_t end = place_of(talk, talk->answer), count = 0;
	struct chat_line *lines = arena_alloc(arena, end, sizeof(*lines));

	(void)err;
	for (size_t i = 0; i < end; i++) {
		const struct item *item = talk->items[i];

		if (is_told(item))
			lines[count++] = (struct chat_line){
				.user = item->who == MESSAGE_USER,
				.text = buf_slice(&item->text),
				.attached = &item->attached};
	}
	*n = chat_tell(talk->app->tui->chat, lines, count, block, arena,
		       messages);
	return true;
}

/* Take what comes from items[i] on off the screen; the store has it. */
static void
cut_items(struct talk *talk, size_t i)
{
	while (talk->count > i)
		item_destroy(&talk->items[--talk->count]);
}

static void
not_started(struct talk *talk)
{
	struct error err = {0};

	remove_item(talk, talk->answer);
	if (last_item(talk, ITEM_SENT))
		remove_item(talk, last_item(talk, ITEM_SENT));
	talk->answer = NULL;
	free(talk->unsent);
	talk->unsent = NULL;
	set_activity(talk, NULL);
	if (!talk->incognito)
		talk_sync(talk, &err); /* what was cut off comes back */
}

/* How many there are of the message and those in its place; 0: none, or not
 * known. */
static uint32_t
count_branches(struct talk *talk, uint64_t seq)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end)
	struct store_txn *txn = seq && !talk->incognito
					? store_read(talk->app->store, NULL)
					: NULL;
	uint64_t *seqs;
	size_t n;

	if (!txn || !record_message_siblings(txn, talk->app->profile.id, seq,
					     &arena, &seqs, &n, NULL))
		return 0;
	return (uint32_t)n;
}

/* `request` says what is asked and where, and `beside` are so many branches;
 * the rest is the same for all. */
static bool
start(struct talk *talk, struct chat_request *request, uint32_t beside,
      struct error *err)
{
	const struct tui *tui = talk->app->tui;
	const struct sink sink = {text, done, failed, talk};
	struct error why = {0};

	request->profile = talk->app->profile.id;
	if (tui->take && !tui->take(tui->arg, request->profile, &why))
		app_fail(talk->app, &why);
	request->conversation = talk->conversation.id;
	request->memory_mode = talk->conversation.memory_mode;
	request->model = talk->app->model ? talk->app->model : tui->model;
	request->temperature = -1;
	request->no_memory = tui->no_memory;
	request->incognito = talk->incognito;
	request->stream = true;
	request->retry = retry;
	request->stored = stored;
	if (talk->incognito)
		request->prompt = tell_items;
	if (!request->regenerate) {
		add_question(talk, request);
		talk->unsent = slice_dup(request->content);
	}
	add_answer(talk);
	if (beside > 0) {
		struct item *item = request->regenerate
					    ? talk->answer
					    : last_item(talk, ITEM_SENT);
		item->branch = item->branches = beside + 1;
	}
	if (request->begun.len > 0)
		filter_feed(&talk->filter, request->begun, &talk->answer->text);
	set_activity(talk, xstrdup("remembering"));
	if (!chat_start(tui->chat, request, &sink, &talk->turn, err)) {
		not_started(talk);
		return false;
	}
	list_insert(&talk->app->running, &talk->link);
	talk_changed(talk);
	return true;
}

static struct chat_request
ask(struct slice question, const struct attached *attached)
{
	return (struct chat_request){.content = question,
				     .attachments = attached->at,
				     .attachment_count = attached->count};
}

bool
talk_send(struct talk *talk, struct slice question,
	  const struct attached *attached, struct error *err)
{
	struct chat_request request = ask(question, attached);

	return start(talk, &request, 0, err);
}

bool
talk_send_instead(struct talk *talk, size_t i, struct slice question,
		  struct attached *attached, struct error *err)
{
	struct chat_request request;
	uint64_t parent = talk->items[i]->parent;

	if (!talk_keep_images(talk, i, question, attached, err))
		return false;
	request = ask(question, attached);
	request.parent = parent ? parent : MESSAGE_NO_PARENT;
	uint32_t beside = count_branches(talk, talk->items[i]->seq);
	cut_items(talk, i);
	return start(talk, &request, beside, err);
}

/* The message as it is stored. */
static bool
read_message(struct talk *talk, uint64_t seq, struct arena *arena,
	     struct message *m, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(talk->app->store, err);
	bool found;

	if (!txn || !record_message_get(txn, talk->app->profile.id, seq, arena,
					m, &found, err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "that message was deleted");
}

/* The question that items[i] is or answers; SIZE_MAX: none. */
static size_t
question_of(const struct talk *talk, size_t i)
{
	for (size_t at = i + 1; at-- > 0;)
		if (talk->items[at]->who == MESSAGE_USER &&
		    talk->items[at]->state != ITEM_NOTE)
			return at;
	return SIZE_MAX;
}

/* The seq of the answer to the question items[i]; 0: none. */
static uint64_t
answer_to(const struct talk *talk, size_t i)
{
	while (++i < talk->count)
		if (talk->items[i]->state != ITEM_NOTE)
			return talk->items[i]->seq;
	return 0;
}

static bool
again(struct talk *talk, size_t i, struct slice begun, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct chat_request request = {.regenerate = true, .begun = begun};
	size_t question = question_of(talk, i);
	struct message m;

	if (question == SIZE_MAX)
		return error_set(err, ERROR_INVALID,
				 "there is no question before it");
	if (talk->incognito) {
		struct item *item = talk->items[question];
		SCOPED(free_pointer)
		char *words = slice_dup(buf_slice(&item->text));
		SCOPED(attached_clear)
		struct attached attached = attached_take(&item->attached);

		cut_items(talk, question);
		return talk_send(talk, slice_of(words), &attached, err);
	}
	if (!read_message(talk, talk->items[question]->seq, &arena, &m, err))
		return false;
	request.parent = m.seq;
	request.content = m.content;
	uint32_t beside = count_branches(talk, answer_to(talk, question));
	cut_items(talk, question + 1);
	return start(talk, &request, beside, err);
}

bool
talk_regenerate(struct talk *talk, size_t i, struct error *err)
{
	return again(talk, i, (struct slice){0}, err);
}

bool
talk_continue(struct talk *talk, size_t i, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct message m;

	if (talk->incognito || talk->items[i]->who != MESSAGE_ASSISTANT ||
	    !talk->app->tui->chat->llm)
		return error_set(err, ERROR_INVALID,
				 "only a stored answer of a model can go on");
	if (!read_message(talk, talk->items[i]->seq, &arena, &m, err))
		return false;
	if (chat_answer_whole(&m))
		return error_set(err, ERROR_INVALID,
				 "that answer is whole: nothing is left to "
				 "go on with");
	return again(talk, i, m.content, err);
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
