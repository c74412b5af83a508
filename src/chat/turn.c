/*
 * A turn, step by step on the loop:
 *
 *	chat_start   read the path
 *	recall       on the memory's thread; recalled builds the prompt
 *	store_question  queued to the writer; question_stored when durable
 *	ask_model    the llm's sink is ours: text goes on and is kept
 *	store_answer queued; answer_stored tells the front end
 *
 * Everything that the turn owns lives in its arena or its buffers; the writer
 * thread touches only fields that no one else does while a change is queued
 * (`busy`).  A cancel that comes then waits for it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/printer.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "prompt.h"

enum { LOOKED_AT = 32 << 10 /* bytes of a question, for wishes and secrets */ };

struct chat_turn {
	struct chat chat;
	struct chat_request request;
	struct sink sink;
	struct arena arena;
	struct conversation conversation;
	bool make_conversation;
	struct message question;
	struct message answer;
	struct memory_said said; /* the question, as learning sees it */
	struct memory_fact wishes[MEMORY_FACTS_MAX];
	size_t wish_count;
	struct slice remembered[MEMORY_FACTS_MAX]; /* what was kept of them */
	struct id kept_ids[MEMORY_FACTS_MAX];
	size_t kept;
	const char *secret; /* the kind of one in the question, or NULL */
	struct memory_results results;
	bool *used;
	struct prompt prompt;
	const char *asked;   /* the model that the request named; NULL: q's */
	int64_t recalled_at; /* when memory was asked */
	struct message *path;
	size_t path_count;
	struct buf text;       /* of the answer, verbatim */
	struct buf journalled; /* copy for the writer */
	struct llm_call *call;
	struct llm_usage usage;
	struct chat_upstream upstream;
	struct loop_timer *timer;
	struct loop_timer *idle; /* when there is time for other things */
	char owner[64];
	bool busy; /* a change is with the writer */
	bool cancelled;
	bool ended;           /* the model's stream is over */
	bool journal;         /* an entry stands in the store */
	struct error failure; /* code NONE: it went well */
	struct slice finish_reason;
};

static void
turn_drop(struct chat_turn *turn)
{
	loop_timer_drop(&turn->timer);
	loop_timer_drop(&turn->idle);
	buf_clear(&turn->text);
	buf_clear(&turn->journalled);
	arena_clear(&turn->arena);
	free(turn);
}

struct id
chat_conversation(const struct chat_turn *turn)
{
	return turn->conversation.id;
}

struct chat_upstream
chat_upstream(const struct chat_turn *turn)
{
	return turn->upstream;
}

void
chat_pause(struct chat_turn *turn, bool paused)
{
	if (turn->call)
		llm_pause(turn->call, paused);
}

struct slice
chat_text(const struct chat_turn *turn)
{
	return buf_slice(&turn->text);
}

static void
tell_failed(struct chat_turn *turn, const struct error *err)
{
	turn->sink.failed(turn->sink.arg, err);
	turn_drop(turn);
}

/* The results that stand in the prompt, moved to the front. */
static size_t
used_results(struct chat_turn *turn)
{
	size_t n = 0;

	for (size_t i = 0; i < turn->results.count; i++) {
		if (turn->used[i])
			turn->results.items[n++] = turn->results.items[i];
	}
	return n;
}

static void
tell_done(struct chat_turn *turn)
{
	struct memory_inference inference;
	bool inferred = turn->answer.model.len &&
			memory_infer_read(buf_slice(&turn->text),
					  &turn->results, &inference);
	const struct chat_result result = {
		.conversation = turn->conversation.id,
		.question = turn->question.id,
		.answer = turn->answer.id,
		.turn_number = turn->answer.turn_number,
		.created_at = turn->answer.created_at,
		.content = buf_slice(&turn->text),
		.model = turn->answer.model,
		.finish_reason = turn->finish_reason,
		.usage = turn->usage,
		.memories = turn->results.items,
		.memory_count = turn->results.count,
		.remembered =
			turn->kept ? turn->remembered[0] : (struct slice){0},
		.inference = inferred ? &inference : NULL,
		.secret = turn->secret,
		.answerable = turn->results.answerable,
	};

	turn->sink.done(turn->sink.arg, &result);
	turn_drop(turn);
}

/* ---- the answer ---- */

/* Of the answer, without what it began with. */
static struct slice
new_text(const struct chat_turn *turn)
{
	return slice_make(buf_text(&turn->text) + turn->request.begun.len,
			  turn->text.len - turn->request.begun.len);
}

static bool
put_answer(struct store_txn *txn, void *arg, struct error *err)
{
	struct chat_turn *turn = arg;
	struct message m = turn->answer;

	if (turn->journal && !record_journal_drop(txn, m.profile, m.id, err))
		return false;
	if (slice_trim(new_text(turn)).len == 0 && m.model.len)
		return true; /* nothing came: nothing is kept */
	if (!record_message_append(txn, &m, 0, err))
		return false;
	turn->answer.seq = m.seq;
	turn->answer.turn_number = m.turn_number;
	return true;
}

static void
answer_stored(void *arg, const struct error *err)
{
	struct chat_turn *turn = arg;

	turn->busy = false;
	if (turn->chat.learner && !turn->request.incognito)
		chat_learner_wake(turn->chat.learner);
	if (!turn->chat.one_turn && !turn->request.incognito)
		memory_service_follow(turn->chat.memory, turn->request.profile);
	if (err)
		tell_failed(turn, err);
	else if (turn->failure.code)
		tell_failed(turn, &turn->failure);
	else
		tell_done(turn);
}

/* {"term":value,...}: why a result is there, for whoever asks later. */
static struct slice
why_json(struct chat_turn *turn, const struct memory_result *r)
{
	SCOPED(buf_clear) struct buf out = {.max = 4096};
	struct printer p;

	printer_init(&p, PRINTER_JSON, &out);
	printer_map(&p);
	for (size_t i = 0; i < r->term_count; i++) {
		printer_key(&p, r->terms[i].name);
		printer_real(&p, r->terms[i].value);
	}
	printer_end(&p);
	return arena_copy(&turn->arena, slice_trim(buf_slice(&out)));
}

static void
list_memories(struct chat_turn *turn)
{
	/* Without a model what was kept is part of the answer's words. */
	size_t kept = turn->chat.llm ? 0 : turn->kept;
	size_t n = 0;
	struct message_memory *list = arena_alloc(
		&turn->arena, kept + turn->results.count + 1, sizeof(*list));

	for (size_t i = 0; i < kept; i++)
		list[n++] = (struct message_memory){
			.kind = USED_MEMORY,
			.id = turn->kept_ids[i],
			.why_json = slice_of(PROMPT_KEPT)};
	for (size_t i = 0; i < turn->results.count; i++) {
		const struct memory_result *r = &turn->results.items[i];
		list[n++] =
			(struct message_memory){.kind = r->kind,
						.id = r->id,
						.score = r->score,
						.why_json = why_json(turn, r)};
	}
	turn->answer.memories = list;
	turn->answer.memory_count = n;
}

static struct llm_request
make_request(const struct chat_turn *turn, const char *model)
{
	return (struct llm_request){
		.messages = turn->prompt.messages,
		.message_count = turn->prompt.count,
		.model = model,
		.temperature = turn->request.temperature,
		.max_tokens = turn->request.max_tokens,
		.stream = turn->request.stream,
		.extra = turn->request.extra,
		.event = turn->request.event,
	};
}

/* What the request is rebuilt from; without it the answer is still one. */
static void
note_prompt(struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;
	const struct llm_request request =
		make_request(turn, turn->asked ? turn->asked : q->model);

	/* A history that the caller brought is not ours to tell again. */
	if (turn->chat.llm && !q->incognito && !q->prompt)
		prompt_note(&turn->chat, &request, &turn->prompt,
			    &turn->results, prompt_system(&turn->chat, q),
			    turn->recalled_at, &turn->arena,
			    &turn->answer.prompt, NULL);
}

static void
fill_answer(struct chat_turn *turn)
{
	struct message *m = &turn->answer;
	bool recall = !turn->chat.llm;

	/* What is stored is text; a cut character at a break is repaired. */
	SCOPED(buf_clear) struct buf repaired;
	buf_init(&repaired, turn->text.max * 3);
	utf8_repair(buf_slice(&turn->text), &repaired);
	m->content = recall ? (struct slice){"", 0}
			    : arena_copy(&turn->arena, buf_slice(&repaired));
	m->created_at = MAX(clock_now(), turn->question.created_at);
	m->partial = turn->failure.code != ERROR_NONE;
	m->finish_reason = turn->finish_reason;
	m->has_usage = turn->usage.prompt_tokens >= 0 ||
		       turn->usage.completion_tokens >= 0;
	m->usage = (struct message_usage){
		turn->usage.prompt_tokens, turn->usage.completion_tokens,
		turn->usage.cached_tokens, turn->usage.cost};
	list_memories(turn);
	note_prompt(turn);
}

static void
store_answer(struct chat_turn *turn)
{
	struct error err = {0};

	loop_timer_stop(turn->timer);
	loop_timer_stop(turn->idle);
	fill_answer(turn);
	if (turn->request.incognito) {
		answer_stored(turn, NULL);
		return;
	}
	turn->busy = true;
	if (!store_submit(turn->chat.store, turn->chat.loop, put_answer, turn,
			  answer_stored, &err))
		answer_stored(turn, &err);
}

/* ---- the journal ---- */

static bool
put_journal(struct store_txn *txn, void *arg, struct error *err)
{
	struct chat_turn *turn = arg;
	const struct journal j = {
		.message = turn->answer.id,
		.profile = turn->answer.profile,
		.conversation = turn->conversation.id,
		.parent = turn->question.seq,
		.model = turn->answer.model,
		.owner = slice_of(turn->owner),
		.created_at = turn->question.created_at,
		.updated_at = clock_now(),
		.text = buf_slice(&turn->journalled),
	};

	return record_journal_put(txn, &j, err);
}

static void
journal_stored(void *arg, const struct error *err)
{
	struct chat_turn *turn = arg;

	turn->busy = false;
	turn->journal = turn->journal || !err;
	buf_clear(&turn->journalled); /* a second copy, while it was written */
	if (turn->ended)
		store_answer(turn);
}

static void
journal_due(void *arg)
{
	struct chat_turn *turn = arg;
	struct error err;

	if (turn->busy || turn->ended || turn->request.incognito)
		return;
	buf_reset(&turn->journalled);
	struct slice text = buf_slice(&turn->text);
	text.len -= utf8_open_tail(text);
	utf8_repair(text, &turn->journalled);
	turn->busy = store_submit(turn->chat.store, turn->chat.loop,
				  put_journal, turn, journal_stored, &err);
}

/* ---- the model ---- */

static void
stream_over(struct chat_turn *turn)
{
	turn->ended = true;
	turn->call = NULL;
	if (!turn->busy)
		store_answer(turn);
}

static bool
model_text(void *arg, struct slice text)
{
	struct chat_turn *turn = arg;

	if (!buf_add_slice(&turn->text, text)) {
		error_set(&turn->failure, ERROR_LIMIT,
			  "the answer passes %zu bytes", turn->text.max);
		return false;
	}
	if (!loop_timer_pending(turn->timer) && !turn->busy)
		loop_timer_set(turn->timer, CLOCK_SECOND * 9 / 10);
	return turn->sink.text(turn->sink.arg, text);
}

static void
model_done(void *arg, const void *result)
{
	struct chat_turn *turn = arg;
	const struct llm_result *r = result;

	turn->usage = r->usage;
	turn->asked = arena_text(&turn->arena, r->asked);
	turn->finish_reason = arena_copy(&turn->arena, r->finish_reason);
	if (r->model.len)
		turn->answer.model = arena_copy(&turn->arena, r->model);
	stream_over(turn);
}

static void
model_failed(void *arg, const struct error *err)
{
	struct chat_turn *turn = arg;

	if (turn->failure.code == ERROR_NONE)
		turn->failure = *err;
	if (turn->call)
		turn->upstream = (struct chat_upstream){
			llm_status(turn->call), llm_retry_after(turn->call)};
	turn->finish_reason =
		slice_of(err->code == ERROR_CANCELLED ? "cancelled" : "error");
	stream_over(turn);
}

/* The front end's argument, not ours. */
static void
model_event(void *arg, struct slice json)
{
	struct chat_turn *turn = arg;

	turn->request.event(turn->sink.arg, json);
}

static void
model_retry(void *arg, const struct error *why, int64_t wait, unsigned attempt)
{
	struct chat_turn *turn = arg;

	turn->request.retry(turn->sink.arg, why, wait, attempt);
}

static void
ask_model(struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;
	struct llm_request request = make_request(turn, q->model);
	const struct sink sink = {model_text, model_done, model_failed, turn};
	struct error err = {0};

	request.event = q->event ? model_event : NULL;
	turn->answer.model =
		slice_of(q->model ? q->model : llm_model(turn->chat.llm));
	turn->call = llm_stream(turn->chat.llm, &request, &sink,
				q->retry ? model_retry : NULL, &err);
	if (!turn->call && !turn->ended)
		model_failed(turn, &err);
}

/* ---- without a model ---- */

static void
answer_from_memory(struct chat_turn *turn)
{
	turn->finish_reason = slice_of("recall");
	turn->answer.model = (struct slice){0};
	for (size_t i = 0; i < turn->kept; i++)
		buf_addf(&turn->text, "Remembered: %.*s\n",
			 SLICE_ARG(turn->remembered[i]));
	if (turn->kept && !slice_ends(slice_trim(turn->question.content), "?"))
		turn->results.count = 0;
	else
		memory_recall_text(turn->results.items, turn->results.count,
				   &turn->text);
	if (!turn->sink.text(turn->sink.arg, buf_slice(&turn->text)))
		error_set(&turn->failure, ERROR_CANCELLED, "cancelled");
	turn->ended = true;
	store_answer(turn);
}

/* ---- the question ---- */

/* What was asked to be kept is kept at once, with the question. */
static bool
put_wishes(struct store_txn *txn, struct chat_turn *turn, struct error *err)
{
	struct memory_learned learned;
	bool any;

	turn->said.conversation = turn->conversation.id;
	turn->said.message = turn->question.id;
	turn->said.turn = turn->question.turn_number;
	turn->kept = 0;
	for (size_t i = 0; i < turn->wish_count; i++) {
		if (!memory_learn(txn, turn->request.profile, &turn->wishes[i],
				  &turn->said, &turn->arena, &learned, &any,
				  err))
			return false;
		if (!any)
			continue;
		turn->kept_ids[turn->kept] = learned.memory.id;
		turn->remembered[turn->kept++] = learned.memory.value;
	}
	return true;
}

static bool
put_question(struct store_txn *txn, void *arg, struct error *err)
{
	struct chat_turn *turn = arg;
	struct conversation c = turn->conversation;

	if (turn->make_conversation) {
		if (!record_conversation_create(txn, &c, err))
			return false;
	}
	turn->conversation.id = c.id;
	if (!turn->request.regenerate) {
		struct message m = turn->question;
		m.conversation = c.id;
		m.parent = turn->request.parent;
		if (!record_message_append(txn, &m, MESSAGE_LEARN, err))
			return false;
		turn->question.seq = m.seq;
		turn->question.id = m.id;
		turn->question.turn_number = m.turn_number;
		turn->question.conversation = c.id;
	}
	return put_wishes(txn, turn, err);
}

static void
question_stored(void *arg, const struct error *err)
{
	struct chat_turn *turn = arg;

	turn->busy = false;
	if (err) {
		tell_failed(turn, err);
		return;
	}
	turn->answer.conversation = turn->conversation.id;
	turn->answer.parent = turn->question.seq;
	if (turn->request.stored && !turn->request.incognito)
		turn->request.stored(turn->sink.arg, &turn->question);
	if (turn->cancelled) {
		error_set(&turn->failure, ERROR_CANCELLED, "cancelled");
		tell_failed(turn, &turn->failure);
		return;
	}
	/* While the model thinks there is time to embed what is new; a process
	 * that ends with the turn first sees whether it does take its time. */
	if (turn->chat.llm)
		loop_timer_set(turn->idle,
			       turn->chat.one_turn ? CLOCK_SECOND / 5 : 0);
	if (turn->chat.llm)
		ask_model(turn);
	else
		answer_from_memory(turn);
}

static void
idle_due(void *arg)
{
	struct chat_turn *turn = arg;

	if (!turn->ended && !turn->request.incognito)
		memory_service_follow(turn->chat.memory, turn->request.profile);
}

static void
start_later(void *arg)
{
	question_stored(arg, NULL);
}

static bool
store_question(struct chat_turn *turn, struct error *err)
{
	if (turn->request.incognito) {
		loop_post(turn->chat.loop, start_later, turn);
		return true;
	}
	turn->busy = true;
	return store_submit(turn->chat.store, turn->chat.loop, put_question,
			    turn, question_stored, err);
}

/* ---- the start ---- */

static bool
check_request(const struct chat_request *q, struct error *err)
{
	if (slice_trim(q->content).len == 0)
		return error_set(err, ERROR_INVALID, "the message is empty");
	if (q->content.len > CHAT_MESSAGE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a message of %zu bytes; at most %d fit",
				 q->content.len, CHAT_MESSAGE_MAX);
	if (!utf8_valid(q->content))
		return error_set(err, ERROR_INVALID,
				 "the message is not UTF-8 (byte %zu)",
				 utf8_valid_length(q->content));
	if (memchr(q->content.data, '\0', q->content.len))
		return error_set(err, ERROR_INVALID,
				 "the message has a NUL byte: it is no text");
	return true;
}

static bool
read_path(struct chat_turn *turn, struct error *err)
{
	const struct chat_request *q = &turn->request;
	bool found;

	if (turn->make_conversation)
		return true;
	SCOPED(store_end)
	struct store_txn *txn = store_read(turn->chat.store, err);
	if (!txn || !record_conversation_get(txn, q->profile, q->conversation,
					     &turn->arena, &turn->conversation,
					     &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such conversation");
	if (q->parent == MESSAGE_NO_PARENT ||
	    (q->parent == 0 && turn->conversation.head == 0))
		return true;
	if (!record_message_path(txn, q->profile, q->conversation, q->parent, 0,
				 &turn->arena, &turn->path, &turn->path_count,
				 err))
		return false;
	if (q->regenerate && turn->path_count)
		turn->question = turn->path[--turn->path_count];
	return true;
}

/* What memory is asked: all but what stands in the prompt's history. */
static struct memory_query
make_query(const struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;
	size_t keep =
		prompt_history(&turn->chat, q, turn->path, turn->path_count);
	uint64_t skip_from = UINT64_MAX;

	/* The prompt's own words, and other branches of the same place. */
	if (keep)
		skip_from = turn->path[turn->path_count - keep].seq;
	else if (q->parent == MESSAGE_NO_PARENT ||
		 (q->regenerate && turn->path_count == 0))
		skip_from = 0;
	else if (q->regenerate)
		skip_from = turn->question.seq;

	if (q->prompt)
		skip_from = q->skip_from ? q->skip_from : UINT64_MAX;
	return (struct memory_query){
		.profile = q->profile,
		.text = utf8_cut(q->content, MEMORY_QUERY_MAX),
		.k = turn->chat.recall_count,
		.skip_conversation = turn->chat.llm ? turn->conversation.id
						    : (struct id){{0}},
		.skip_from = skip_from,
		/* With a model there is time for it while that thinks. */
		.embed = turn->chat.llm ? 0 : 64,
	};
}

static void
find_wishes(struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;

	if (q->incognito || q->regenerate ||
	    turn->conversation.memory_mode != MEMORY_FULL)
		return;
	turn->said.at = turn->question.created_at;
	turn->said.text = memory_redacted(utf8_cut(q->content, LOOKED_AT),
					  &turn->arena, &turn->secret);
	/* Without a model the rules are all there is, and they are quick. */
	turn->wish_count = (turn->chat.llm ? memory_wishes : memory_rules)(
		&turn->said, 0, &turn->arena, turn->wishes,
		COUNT(turn->wishes));
}

static bool
prepare(struct chat_turn *turn, struct error *err)
{
	SCOPED(buf_clear) struct buf block;

	buf_init(&block, RECORD_CONTENT_MAX);
	turn->used = arena_alloc(&turn->arena, turn->results.count + 1,
				 sizeof(bool));
	find_wishes(turn);
	if (!turn->chat.llm) {
		memory_keep_answers(&turn->results);
		return true;
	}
	if (!memory_block(&turn->results, turn->chat.memory_tokens, &block,
			  turn->used, err))
		return false;
	turn->results.count = used_results(turn);
	struct slice text = arena_copy(&turn->arena, buf_slice(&block));
	if (turn->request.prompt) {
		return turn->request.prompt(turn->sink.arg, text, &turn->arena,
					    &turn->prompt.messages,
					    &turn->prompt.count, err);
	}
	return prompt_build(&turn->chat, &turn->request, turn->path,
			    turn->path_count, text, &turn->arena, &turn->prompt,
			    err);
}

static void
recalled(void *arg, const struct memory_results *results,
	 const struct error *err)
{
	struct chat_turn *turn = arg;
	struct error why = {0};

	if (results)
		turn->results = *results;
	if (turn->cancelled)
		error_set(&why, ERROR_CANCELLED, "cancelled");
	else if (err)
		why = *err;
	else if (prepare(turn, &why) && store_question(turn, &why)) {
		if (turn->request.recalled)
			turn->request.recalled(turn->sink.arg, &turn->results);
		return;
	}
	tell_failed(turn, &why);
}

static void
nothing_recalled(void *arg)
{
	const struct memory_results none = {0};

	recalled(arg, &none, NULL);
}

static bool
recall(struct chat_turn *turn, struct error *err)
{
	const struct memory_query query = make_query(turn);

	turn->recalled_at = clock_now();
	if (turn->request.no_memory ||
	    turn->conversation.memory_mode == MEMORY_OFF) {
		loop_post(turn->chat.loop, nothing_recalled, turn);
		return true;
	}
	return memory_service_recall(turn->chat.memory, &query, &turn->arena,
				     recalled, turn, err);
}

static void
fill_question(struct chat_turn *turn)
{
	struct chat_request *q = &turn->request;

	q->content = arena_copy(&turn->arena, q->content);
	q->system = arena_copy(&turn->arena, q->system);
	q->begun = arena_copy(&turn->arena, q->begun);
	buf_add_slice(&turn->text, q->begun);
	q->extra = arena_copy(&turn->arena, q->extra);
	if (q->model)
		q->model = arena_text(&turn->arena, slice_of(q->model));
	turn->make_conversation = id_none(q->conversation);
	turn->conversation.profile = q->profile;
	turn->conversation.memory_mode = q->memory_mode;
	turn->question = (struct message){.profile = q->profile,
					  .conversation = q->conversation,
					  .id = q->question_id,
					  .role = MESSAGE_USER,
					  .content = q->content,
					  .created_at = clock_now()};
	turn->answer = (struct message){
		.id = id_none(q->answer_id) ? id_make() : q->answer_id,
		.profile = q->profile,
		.role = MESSAGE_ASSISTANT};
	turn->usage = (struct llm_usage){-1, -1, -1, -1};
}

bool
chat_start(const struct chat *chat, const struct chat_request *request,
	   const struct sink *sink, struct chat_turn **out, struct error *err)
{
	struct chat_turn *turn = xcalloc(1, sizeof(*turn));

	turn->chat = *chat;
	turn->request = *request;
	turn->sink = *sink;
	buf_init(&turn->text, RECORD_CONTENT_MAX / 3);
	buf_init(&turn->journalled, RECORD_CONTENT_MAX);
	record_owner_make(turn->owner);
	turn->timer = loop_timer(chat->loop, journal_due, turn);
	turn->idle = loop_timer(chat->loop, idle_due, turn);
	turn->upstream.retry_after = -1;
	fill_question(turn);
	if (!check_request(&turn->request, err) || !read_path(turn, err) ||
	    !recall(turn, err)) {
		turn_drop(turn);
		return false;
	}
	*out = turn;
	return true;
}

void
chat_cancel(struct chat_turn *turn)
{
	turn->cancelled = true;
	if (turn->call && !turn->ended)
		llm_cancel(turn->call);
}
