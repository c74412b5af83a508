/*
 * turn.c - how a turn begins: the path is read, memory is asked on its own
 * thread, and what comes back becomes the prompt.
 */
#include <stdlib.h>

#include "mneme/attach.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "question.h"
#include "turn.h"

void
turn_drop(struct chat_turn *turn)
{
	voice_drop(&turn->chat.voice);
	loop_timer_drop(&turn->timer);
	loop_timer_drop(&turn->idle);
	buf_clear(&turn->text);
	buf_clear(&turn->addition);
	free(turn->added_at);
	arena_clear(&turn->arena);
	free(turn);
}

void
turn_failed(struct chat_turn *turn, const struct error *err)
{
	turn->sink.failed(turn->sink.arg, err);
	turn_drop(turn);
}

void
turn_blame(struct chat_turn *turn, const struct error *err)
{
	if (turn->failure)
		return;
	turn->failure = arena_alloc(&turn->arena, 1, sizeof(*turn->failure));
	*turn->failure = *err;
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
	return question_check(q, err);
}

static bool
read_path(struct chat_turn *turn, struct store_txn *txn, struct error *err)
{
	const struct chat_request *q = &turn->request;
	bool found;

	if (!record_conversation_get(txn, q->profile, q->conversation,
				     &turn->arena, &turn->conversation, &found,
				     err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such conversation");
	if (q->parent == MESSAGE_NO_PARENT ||
	    (q->parent == 0 && turn->conversation.head == 0))
		return true;
	const struct message_path to = {.profile = q->profile,
					.conversation = q->conversation,
					.head = q->parent};
	if (!record_message_path(txn, &to, &turn->arena, &turn->path,
				 &turn->path_count, err))
		return false;
	if (q->regenerate && turn->path_count)
		turn->question = turn->path[--turn->path_count];
	return true;
}

/* Images are read now: what is sent is what stood there at the start. */
static bool
read_images(struct chat_turn *turn, struct store_txn *txn, struct error *err)
{
	const struct chat_request *q = &turn->request;
	bool again = q->regenerate && turn->question.seq;
	size_t room = ATTACH_BYTES_MAX - question_bytes(q);
	size_t n = turn->path_count + again, asked, keep;

	asked = again ? prompt_image_count(&turn->question)
		      : q->attachment_count;
	keep = prompt_history(&turn->chat, q, turn->path, turn->path_count,
			      asked);
	/* What is asked again is still the path's last.  Who brings the
	 * messages brings their images. */
	if (!prompt_images(
		    txn, turn->path, n,
		    turn->chat.llm && !q->prompt ? turn->path_count - keep : n,
		    &room, &turn->arena, &turn->images, err))
		return false;
	if (!again)
		turn->images[n] = question_images(q, &turn->arena);
	return true;
}

static bool
read_stored(struct chat_turn *turn, struct error *err)
{
	if (turn->make_conversation)
		return read_images(turn, NULL, err);
	SCOPED(store_end)
	struct store_txn *txn = store_read(turn->chat.store, err);

	return txn && read_path(turn, txn, err) && read_images(turn, txn, err);
}

/* What memory is asked: all but what stands in the prompt's history. */
static struct memory_query
make_query(const struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;
	size_t keep =
		prompt_history(&turn->chat, q, turn->path, turn->path_count,
			       turn->images[turn->path_count].count);
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

/* Without a model: what answers by itself. */
static bool
keep_answers(struct chat_turn *turn, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(turn->chat.store, err);
	if (txn && memory_asks_for_all(turn->request.content))
		return memory_all_results(txn, turn->request.profile,
					  &turn->arena, &turn->results, err);
	if (!txn || !memory_drop_outweighed(txn, turn->request.profile,
					    &turn->results, err))
		return false;
	memory_keep_answers(&turn->results);
	return true;
}

static bool
prepare(struct chat_turn *turn, struct error *err)
{
	SCOPED(buf_clear) struct buf block;

	buf_init(&block, RECORD_CONTENT_MAX);
	turn->used = arena_alloc(&turn->arena, turn->results.count + 1,
				 sizeof(bool));
	turn_find_wishes(turn);
	if (!turn->chat.llm)
		return keep_answers(turn, err);
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
	const struct prompt_parts parts = {.path = turn->path,
					   .path_count = turn->path_count,
					   .images = turn->images,
					   .block = text};
	return prompt_build(&turn->chat, &turn->request, &parts, &turn->arena,
			    &turn->prompt, err);
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
	else if (prepare(turn, &why) && turn_store_question(turn, &why)) {
		if (turn->request.recalled)
			turn->request.recalled(turn->sink.arg, &turn->results);
		return;
	}
	turn_failed(turn, &why);
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
keep_attachments(struct chat_turn *turn)
{
	struct chat_request *q = &turn->request;
	size_t n = MIN(q->attachment_count, (size_t)ATTACH_MAX + 1);
	struct attachment *list =
		arena_alloc(&turn->arena, n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = (struct attachment){
			arena_copy(&turn->arena, q->attachments[i].name),
			arena_copy(&turn->arena, q->attachments[i].bytes)};
	q->attachments = list;
}

static void
fill_question(struct chat_turn *turn)
{
	struct chat_request *q = &turn->request;

	turn_speak_as(turn, voice_hold(turn->chat.voice));
	q->content = arena_copy(&turn->arena, q->content);
	q->system = arena_copy(&turn->arena, q->system);
	q->begun = arena_copy(&turn->arena, q->begun);
	buf_add_slice(&turn->text, q->begun);
	q->extra = arena_copy(&turn->arena, q->extra);
	keep_attachments(turn);
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
	buf_init(&turn->addition, RECORD_CONTENT_MAX);
	record_owner_make(turn->owner);
	turn->timer = loop_timer(chat->loop, turn_journal_due, turn);
	turn->idle = loop_timer(chat->loop, turn_idle_due, turn);
	turn->upstream.retry_after = -1;
	fill_question(turn);
	if (!check_request(&turn->request, err) ||
	    !question_attach(&turn->question, &turn->request, &turn->arena,
			     err) ||
	    !read_stored(turn, err) || !recall(turn, err)) {
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
