/*
 * turn.c - a turn as the API runs it: it starts chat, and what chat says goes
 * to the watchers.
 */
#include <stdlib.h>

#include "api/metrics.h"
#include "api/turn_private.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/store.h"

/* ---- what chat says */

static bool
on_text(void *arg, struct slice text)
{
	struct turn *turn = arg;

	(void)text;
	turn_pump(turn);
	turn_balance(turn);
	return true;
}

static void
on_stored(void *arg, const struct message *question)
{
	struct turn *turn = arg;

	turn->stored = true;
	turn->conversation = question->conversation;
	turns_know(turn);
	turn_pump(turn);
}

static void
on_recalled(void *arg, const struct memory_results *results)
{
	struct turn *turn = arg;
	struct printer p;

	if (results->count == 0)
		return;
	printer_init(&p, PRINTER_JSON, &turn->used);
	printer_map(&p);
	printer_add_word(&p, "type", "memories");
	printer_key(&p, "memories");
	printer_list(&p);
	for (size_t i = 0; i < results->count; i++)
		memory_print_result(&p, &results->items[i]);
	printer_end(&p);
	printer_end(&p);
}

static void
on_event(void *arg, struct slice json)
{
	struct turn *turn = arg;

	LIST_EACH(&turn->watchers, at)
	{
		struct watcher *w = HOLDER(at, struct watcher, link);

		if (w->kind->event && w->kind->event(w, json) == HTTP_GONE)
			watcher_gone(w);
	}
}

static void
keep_result(struct turn *turn, const struct chat_result *r)
{
	struct arena *a = &turn->arena;
	struct turn_result *out = &turn->result;
	struct id *ids = arena_alloc(a, r->memory_count + 1, sizeof(*ids));
	struct message_memory *used =
		arena_alloc(a, r->memory_count + 1, sizeof(*used));

	for (size_t i = 0; i < r->memory_count; i++) {
		used[i] =
			(struct message_memory){.kind = r->memories[i].kind,
						.id = r->memories[i].id,
						.score = r->memories[i].score};
		if (r->memories[i].kind == USED_MEMORY)
			ids[out->memory_count++] = r->memories[i].id;
	}
	out->memories = ids;
	if (r->inference) {
		SCOPED(buf_clear) struct buf text = {.max = 64 << 10};
		struct printer p;

		printer_init(&p, PRINTER_JSON, &text);
		chat_print_inference(&p, r->inference);
		out->inference = arena_copy(a, slice_trim(buf_slice(&text)));
	}
	out->remembered = arena_copy(a, r->remembered);
	out->message = (struct message){
		.id = r->answer,
		.conversation = r->conversation,
		.role = MESSAGE_ASSISTANT,
		.created_at = r->created_at,
		.turn_number = r->turn_number,
		.finish_reason = arena_copy(a, r->finish_reason),
		.model = arena_copy(a, r->model),
		.has_usage = r->usage.prompt_tokens >= 0 ||
			     r->usage.completion_tokens >= 0,
		.usage = {r->usage.prompt_tokens, r->usage.completion_tokens,
			  r->usage.cached_tokens, r->usage.cost},
		.memories = used,
		.memory_count = r->memory_count,
	};
}

static bool
read_conversation(struct turn *turn, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(turn->api->store, err);
	bool found;

	if (!txn ||
	    !record_conversation_get(txn, turn->profile, turn->conversation,
				     &turn->arena, &turn->result.conversation,
				     &found, err))
		return false;
	return found || error_set(err, ERROR_NOT_FOUND,
				  "the conversation was deleted meanwhile");
}

/* Chat forgets the turn after this; its text stays for who lags. */
static void
end(struct turn *turn)
{
	buf_add_slice(&turn->text, chat_text(turn->chat));
	turn->chat = NULL;
	turn->over = true;
	turn->chatting = true;
	loop_timer_stop(turn->grace);
	turns_forget(turn);
	turn_pump(turn);
	turn->chatting = false;
	if (list_empty(&turn->watchers))
		turns_drop(turn);
}

/* Room for what went wrong: most turns need none. */
static struct problem *
problem_in(struct turn *turn)
{
	if (!turn->problem)
		turn->problem =
			arena_alloc(&turn->arena, 1, sizeof(*turn->problem));
	return turn->problem;
}

static void
count_tokens(const struct turn *turn)
{
	const struct message *m = &turn->result.message;

	if (m->has_usage)
		metrics_tokens(turn->api->metrics, m->usage.prompt,
			       m->usage.completion, m->usage.cached);
}

static void
on_done(void *arg, const void *result)
{
	struct turn *turn = arg;
	struct error err = {0};

	keep_result(turn, result);
	count_tokens(turn);
	turn->conversation = ((const struct chat_result *)result)->conversation;
	if (!read_conversation(turn, &err))
		problem_of(&err, problem_in(turn));
	end(turn);
}

static bool
is_refusal(int status)
{
	return status == 400 || status == 404 || status == 422;
}

static void
on_failed(void *arg, const struct error *err)
{
	struct turn *turn = arg;
	struct chat_upstream upstream = chat_upstream(turn->chat);
	struct problem *problem = problem_in(turn);

	if (turn->stored)
		problem_of_upstream(err, problem);
	else
		problem_of(err, problem);
	/* The provider's words, which begin with its name. */
	if (err->code == ERROR_UPSTREAM && strstr(err->text, ": empty answer"))
		problem->code = "empty_answer";
	if (problem->status == 502 && upstream.status == 504)
		problem->status = 504;
	/* What OpenAI's clients sent went on as it was: a refusal of it is
	 * theirs, and asking again does not help. */
	if (problem->status == 502 && turn->shared &&
	    is_refusal(upstream.status)) {
		problem->status =
			upstream.status == 422 ? 400 : upstream.status;
		problem->code = "upstream_refused";
	}
	if (problem->status == 429 && upstream.retry_after >= 0)
		problem->retry_after =
			(upstream.retry_after + CLOCK_SECOND - 1) /
			CLOCK_SECOND;
	if (turn->stored)
		turns_note_failure(turn);
	end(turn);
}

static void
on_grace(void *arg)
{
	turn_cancel(arg);
}

void
turn_cancel(struct turn *turn)
{
	if (turn->chat)
		chat_cancel(turn->chat);
}

/* ---- start */

static struct turn *
make_turn(struct call *call, const struct turn_start *start)
{
	struct turns *turns = call->api->turns;
	struct turn *turn = xcalloc(1, sizeof(*turn));

	turn->api = call->api;
	turn->turns = turns;
	turn->profile = start->request.profile;
	turn->conversation = start->request.conversation;
	turn->question = start->request.question_id;
	turn->answer = start->request.answer_id;
	turn->created = clock_now();
	turn->shared = start->shared;
	turn->voice = start->voice;
	turn->body = start->body;
	turn->asked = start->asked;
	turn->keep = start->keep;
	turn->grace = loop_timer(call->api->loop, on_grace, turn);
	buf_init(&turn->text, RECORD_CONTENT_MAX);
	buf_init(&turn->used, RECORD_CONTENT_MAX);
	list_init(&turn->watchers);
	turns_add(turns, turn);
	return turn;
}

const struct voice *
call_voice(struct call *call)
{
	struct error err = {0};
	const struct voice *voice =
		voice_of(call->api->chat.voices, call->caller.profile, &err);

	if (!voice)
		answer_error(call, &err);
	return voice;
}

bool
turn_begin(struct call *call, const struct turn_start *start)
{
	struct turn *turn = make_turn(call, start);
	struct watcher *w = watcher_add(turn, call, start->kind);
	struct chat_request request = start->request;
	struct chat chat = call->api->chat;
	const struct sink sink = {on_text, on_done, on_failed, turn};
	struct error err = {0};

	w->data = start->data;
	w->usage = start->usage;
	chat_let_speak(&chat, turn->voice);
	request.stored = on_stored;
	request.recalled = on_recalled;
	request.event = start->events ? on_event : NULL;
	if (chat_start(&chat, &request, &sink, &turn->chat, &err))
		return true;
	watcher_drop(w);
	turns_forget(turn);
	turns_drop(turn);
	answer_error(call, &err);
	return false;
}
