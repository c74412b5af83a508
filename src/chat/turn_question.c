/*
 * turn_question.c - the question is kept before anything is asked: the message,
 * its conversation when it is the first, and what it wishes to be remembered
 * are one change.
 */
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "question.h"
#include "turn.h"

enum { LOOKED_AT = 32 << 10 /* bytes of a question, for wishes and secrets */ };

void
turn_find_wishes(struct chat_turn *turn)
{
	const struct chat_request *q = &turn->request;
	struct memory_fact found[MEMORY_FACTS_MAX];

	if (q->incognito || q->regenerate ||
	    turn->conversation.memory_mode != MEMORY_FULL)
		return;
	turn->said.at = turn->question.created_at;
	turn->said.text = memory_redacted(utf8_cut(q->content, LOOKED_AT),
					  &turn->arena, &turn->secret);
	/* Without a model the rules are all there is, and they are quick. */
	size_t n = (turn->chat.llm ? memory_wishes : memory_rules)(
		&turn->said, 0, &turn->arena, found, COUNT(found));
	struct memory_fact *wishes =
		arena_alloc(&turn->arena, n + 1, sizeof(*wishes));
	memcpy(wishes, found, n * sizeof(*wishes));
	turn->wishes = wishes;
	turn->wish_count = n;
	turn->learned =
		arena_alloc(&turn->arena, n + 1, sizeof(*turn->learned));
}

/* What was asked to be kept is kept at once, with the question. */
static bool
put_wishes(struct store_txn *txn, struct chat_turn *turn, struct error *err)
{
	bool any;

	turn->said.conversation = turn->conversation.id;
	turn->said.message = turn->question.id;
	turn->said.turn = turn->question.turn_number;
	turn->kept = 0;
	for (size_t i = 0; i < turn->wish_count; i++) {
		if (!memory_learn(txn, turn->request.profile, &turn->wishes[i],
				  &turn->said, &turn->arena,
				  &turn->learned[turn->kept], &any, err))
			return false;
		turn->kept += any;
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
		if (!record_message_append(txn, &m, MESSAGE_LEARN, err) ||
		    !question_store(txn, &m, &turn->request, err))
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
	const struct error cancelled = {ERROR_CANCELLED, "cancelled"};
	struct chat_turn *turn = arg;

	turn->busy = false;
	if (err) {
		turn_failed(turn, err);
		return;
	}
	turn->answer.conversation = turn->conversation.id;
	turn->answer.parent = turn->question.seq;
	if (turn->request.stored && !turn->request.incognito)
		turn->request.stored(turn->sink.arg, &turn->question);
	if (turn->cancelled) {
		turn_failed(turn, &cancelled);
		return;
	}
	/* While the model thinks there is time to embed what is new; a process
	 * that ends with the turn first sees whether it does take its time. */
	if (turn->chat.llm)
		loop_timer_set(turn->idle,
			       turn->chat.one_turn ? CLOCK_SECOND / 5 : 0);
	if (turn->chat.llm)
		turn_ask_model(turn);
	else
		turn_answer_from_memory(turn);
}

void
turn_idle_due(void *arg)
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

bool
turn_store_question(struct chat_turn *turn, struct error *err)
{
	if (turn->request.incognito) {
		loop_post(turn->chat.loop, start_later, turn);
		return true;
	}
	turn->busy = true;
	return store_submit(turn->chat.store, turn->chat.loop, put_question,
			    turn, question_stored, err);
}
