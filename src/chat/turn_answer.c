/*
 * turn_answer.c - the answer is kept, whole or broken off, with what it used
 * and what its request is rebuilt from; then the front end is told.
 *
 * An answer of no words is not kept, unless it was given without a model: that
 * one stores references, and its words are put together when it is shown.
 */
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/printer.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "turn.h"

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
		.remembered = turn->kept ? turn->learned[0].memory.value
					 : (struct slice){0},
		.learned = turn->learned,
		.learned_count = turn->kept,
		.inference = inferred ? &inference : NULL,
		.secret = turn->secret,
		.answerable = turn->results.answerable,
	};

	turn->sink.done(turn->sink.arg, &result);
	turn_drop(turn);
}

/* Of the answer, without what it began with. */
static struct slice
new_text(const struct chat_turn *turn)
{
	return slice_make(buf_text(&turn->text) + turn->request.begun.len,
			  turn->text.len - turn->request.begun.len);
}

/* The memories that the answer rests on were used once more. */
static bool
count_uses(struct store_txn *txn, const struct chat_turn *turn,
	   struct error *err)
{
	for (size_t i = 0; i < turn->results.count; i++) {
		const struct memory_result *r = &turn->results.items[i];

		if (r->kind == USED_MEMORY &&
		    !record_memory_touch(txn, turn->request.profile, r->id,
					 turn->answer.created_at, err))
			return false;
	}
	return true;
}

static bool
put_answer(struct store_txn *txn, void *arg, struct error *err)
{
	struct chat_turn *turn = arg;
	struct message m = turn->answer;

	if (!record_journal_end(txn, m.profile, m.id, turn->added_at,
				turn->added_count, err))
		return false;
	if (slice_trim(new_text(turn)).len == 0 && m.model.len)
		return true; /* nothing came: nothing is kept */
	if (!record_message_append(txn, &m, 0, err) ||
	    !count_uses(txn, turn, err))
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
		turn_failed(turn, err);
	else if (turn->failure)
		turn_failed(turn, turn->failure);
	else
		tell_done(turn);
}

/* ---- what is kept with it ---- */

/* {"term":value,...}: why a result is there, for whoever asks later. */
static struct slice
why_json(struct chat_turn *turn, const struct memory_result *r)
{
	SCOPED(buf_clear) struct buf out = {.max = 4096};
	struct printer p;

	printer_init(&p, PRINTER_JSON, &out);
	printer_map(&p);
	for (size_t i = 0; i < r->term_count; i++)
		printer_add_real(&p, r->terms[i].name, r->terms[i].value);
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
			.id = turn->learned[i].memory.id,
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

/* What the request is rebuilt from; without it the answer is still one. */
static void
note_prompt(struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;
	const struct llm_request request =
		turn_request(turn, turn->asked ? turn->asked : q->model);
	const struct prompt_sent sent = {.request = &request,
					 .prompt = &turn->prompt,
					 .used = &turn->results,
					 .system =
						 prompt_system(&turn->chat, q),
					 .at = turn->recalled_at};

	/* A history that the caller brought is not ours to tell again. */
	if (turn->chat.llm && !q->incognito && !q->prompt)
		prompt_note(&turn->chat, &sent, &turn->arena,
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
	m->partial = turn->failure != NULL;
	m->finish_reason = turn->finish_reason;
	m->has_usage = turn->usage.prompt_tokens >= 0 ||
		       turn->usage.completion_tokens >= 0;
	m->usage = (struct message_usage){
		turn->usage.prompt_tokens, turn->usage.completion_tokens,
		turn->usage.cached_tokens, turn->usage.cost};
	list_memories(turn);
	note_prompt(turn);
}

void
turn_store_answer(struct chat_turn *turn)
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

/* ---- without a model ---- */

/* A statement where nothing is learned, of which nothing is known either. */
static bool
told_in_vain(const struct chat_turn *turn)
{
	return turn->results.count == 0 &&
	       (turn->request.incognito ||
		turn->conversation.memory_mode != MEMORY_FULL) &&
	       !memory_asks(turn->question.content);
}

void
turn_answer_from_memory(struct chat_turn *turn)
{
	const struct error cancelled = {ERROR_CANCELLED, "cancelled"};

	turn->finish_reason = slice_of("recall");
	turn->answer.model = (struct slice){0};
	for (size_t i = 0; i < turn->kept; i++)
		buf_addf(&turn->text, "Remembered: %.*s\n",
			 SLICE_ARG(turn->learned[i].memory.value));
	if (turn->kept && !slice_ends(slice_trim(turn->question.content), "?"))
		turn->results.count = 0;
	else if (told_in_vain(turn))
		memory_unlearned_text(turn->conversation.memory_mode,
				      turn->request.incognito, &turn->text);
	else
		memory_recall_text(turn->results.items, turn->results.count,
				   &turn->text);
	if (!turn->sink.text(turn->sink.arg, buf_slice(&turn->text)))
		turn_blame(turn, &cancelled);
	turn->ended = true;
	turn_store_answer(turn);
}
