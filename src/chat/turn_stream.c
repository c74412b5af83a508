/*
 * turn_stream.c - the model's answer as it comes: the llm's sink is ours, its
 * text goes on to the front end, and about once a second the journal is told
 * how far it has come, so that a crash loses no more than that.
 *
 * A stream that ends while a journal's entry is with the writer is stored when
 * that comes back.
 */
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "turn.h"

static bool
add_to_journal(struct store_txn *txn, void *arg, struct error *err)
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
		.updated_at = turn->added_at[turn->added_count],
		.text = buf_slice(&turn->addition),
	};

	return record_journal_add(txn, &j, err);
}

static void
added_to_journal(void *arg, const struct error *err)
{
	struct chat_turn *turn = arg;

	turn->busy = false;
	if (!err) {
		turn->added += turn->adding;
		turn->added_count++;
	}
	buf_clear(&turn->addition); /* a second copy, while it was written */
	if (turn->ended)
		turn_store_answer(turn);
}

/* Room for one more, and it, later than those before. */
static void
note_time(struct chat_turn *turn)
{
	size_t n = turn->added_count;

	if ((n & (n - 1)) == 0)
		turn->added_at = xrealloc(turn->added_at, n ? 2 * n : 1,
					  sizeof(*turn->added_at));
	turn->added_at[n] = clock_now();
	if (n && turn->added_at[n] <= turn->added_at[n - 1])
		turn->added_at[n] = turn->added_at[n - 1] + 1;
}

void
turn_journal_due(void *arg)
{
	struct chat_turn *turn = arg;
	struct error err;

	if (turn->busy || turn->ended || turn->request.incognito)
		return;
	struct slice text = slice_make(turn->text.data + turn->added,
				       turn->text.len - turn->added);
	text.len -= utf8_open_tail(text);
	if (!text.len)
		return;
	turn->adding = text.len;
	buf_reset(&turn->addition);
	utf8_repair(text, &turn->addition);
	note_time(turn);
	turn->busy = store_submit(turn->chat.store, turn->chat.loop,
				  add_to_journal, turn, added_to_journal, &err);
}

/* A second at most; at times that all turns have in common, so that those of a
 * server are written by few commits. */
static int64_t
journal_wait(const struct chat_turn *turn)
{
	int64_t due = loop_now(turn->chat.loop) + CLOCK_SECOND * 15 / 16;

	return CLOCK_SECOND * 15 / 16 - due % (CLOCK_SECOND / 16);
}

/* ---- the model ---- */

static void
stream_over(struct chat_turn *turn)
{
	turn->ended = true;
	turn->call = NULL;
	if (!turn->busy)
		turn_store_answer(turn);
}

static bool
model_text(void *arg, struct slice text)
{
	struct chat_turn *turn = arg;
	struct error err;

	if (!buf_add_slice(&turn->text, text)) {
		error_set(&err, ERROR_LIMIT, "the answer passes %zu bytes",
			  turn->text.max);
		turn_blame(turn, &err);
		return false;
	}
	if (!loop_timer_pending(turn->timer) && !turn->busy)
		loop_timer_set(turn->timer, journal_wait(turn));
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

/* A refusal may be about the images; not every provider says so. */
static void
explain_images(struct chat_turn *turn)
{
	int status = turn->upstream.status;
	struct error *err = turn->failure;
	size_t n = 0;

	for (size_t i = 0; i < turn->prompt.count; i++)
		n += turn->prompt.messages[i].image_count;
	if (n == 0 || err->code != ERROR_UPSTREAM ||
	    (status != 400 && status != 404 && status != 415 && status != 422))
		return;
	error_set(err, err->code,
		  "%s (%zu image%s went along, which not every model takes)",
		  err->text, n, n == 1 ? "" : "s");
}

static void
model_failed(void *arg, const struct error *err)
{
	struct chat_turn *turn = arg;

	turn_blame(turn, err);
	if (turn->call)
		turn->upstream = (struct chat_upstream){
			llm_status(turn->call), llm_retry_after(turn->call)};
	explain_images(turn);
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

struct llm_request
turn_request(const struct chat_turn *turn, const char *model)
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

void
turn_ask_model(struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;
	struct llm_request request = turn_request(turn, q->model);
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
