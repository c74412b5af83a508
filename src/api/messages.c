/*
 * messages.c - what is said in a conversation: the list, sending, picking up
 * an answer again, stopping one.
 *
 * A question's id is its answer's with the last bit turned, so that one note
 * under an Idempotency-Key leads to both.
 */
#include <stdio.h>

#include "api/attachments.h"
#include "api/turn.h"
#include "mneme/store.h"

/* ---- the list */

static bool
find_conversation(struct store_txn *txn, struct call *call, struct error *err)
{
	bool found;

	if (!record_conversation_get(txn, call->caller.profile, call->id,
				     call->arena, &call->conversation, &found,
				     err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "there is no such conversation");
}

static bool
print_path(struct store_txn *txn, struct call *call, struct error *err)
{
	size_t limit = (size_t)call_int(call->query, "limit", 50);
	struct slice cursor = call_text(call->query, "cursor");
	struct printer *p;
	struct message *list = NULL;
	size_t n = 0;
	uint64_t place[3] = {0}; /* as long as every cursor; the first counts */

	if (!find_conversation(txn, call, err))
		return false;
	if (cursor.data)
		cursor_read(cursor, place, sizeof(place));
	const struct message_path path = {.profile = call->caller.profile,
					  .conversation = call->id,
					  .head = place[0],
					  .limit = limit};
	if ((call->conversation.head || path.head) &&
	    !record_message_path(txn, &path, call->arena, &list, &n, err)) {
		if (path.head && err->code == ERROR_NOT_FOUND)
			error_set(err, ERROR_NOT_FOUND,
				  "cursor: leads into another conversation, or "
				  "to what is gone");
		return false;
	}
	p = answer_begin(call);
	printer_list(p);
	for (size_t i = 0; i < n; i++)
		if (!show_message(p, txn, &list[i], call->arena, err))
			return false;
	printer_end(p);
	if (n && list[0].parent && list[0].turn_number > 1) {
		place[0] = list[0].parent;
		cursor_link(call, place, sizeof(place));
	}
	return true;
}

void
message_list(struct call *call)
{
	if (call_id(call, 0, &call->id) && call_read(call, print_path))
		answer_send(call, 200);
}

/* ---- one */

/* The message that the path names, if it is of that conversation. */
static bool
find_message(struct store_txn *txn, struct call *call, struct error *err)
{
	struct id message;
	bool found = false;

	if (!find_conversation(txn, call, err))
		return false;
	if (id_parse(call->params[1], &message) &&
	    !record_message_by_id(txn, call->caller.profile, message,
				  call->arena, &call->message, &found, err))
		return false;
	if (!found || !id_equal(call->message.conversation, call->id))
		return error_set(err, ERROR_NOT_FOUND,
				 "there is no such message");
	return true;
}

static bool
print_one(struct store_txn *txn, struct call *call, struct error *err)
{
	return find_message(txn, call, err) &&
	       show_message(answer_begin(call), txn, &call->message,
			    call->arena, err);
}

void
message_get(struct call *call)
{
	if (call_id(call, 0, &call->id) && call_read(call, print_one))
		answer_send(call, 200);
}

/* ---- what is over, told again */

static bool
print_stored(struct store_txn *txn, struct call *call, struct printer *p,
	     struct slice *text, struct error *err)
{
	const struct message *m = &call->message;
	struct id *ids =
		arena_alloc(call->arena, m->memory_count + 1, sizeof(*ids));
	size_t n = 0;

	for (size_t i = 0; i < m->memory_count; i++)
		if (m->memories[i].kind == USED_MEMORY)
			ids[n++] = m->memories[i].id;
	if (!chat_message_text(txn, m, call->arena, text, err))
		return false;
	const struct turn_result result = {
		.message = *m,
		.conversation = call->conversation,
		.memories = ids,
		.memory_count = n,
	};
	if (p)
		print_complete(p, &result, *text);
	return true;
}

static void
stored_problem(const struct message *m, struct problem *out)
{
	bool cancelled = slice_is(m->finish_reason, "cancelled");

	*out = (struct problem){
		.status = cancelled ? 409 : 502,
		.code = cancelled ? "cancelled" : "upstream",
	};
	snprintf(out->detail, sizeof(out->detail), "%s",
		 cancelled ? "cancelled; what had come is kept"
			   : "the answer broke off; what had come is kept");
}

/* As the events of a turn that is over: the rest of the text in one, then its
 * end. */
struct replay {
	struct slice text, complete;
	uint64_t from;
	struct problem problem;
};

static void
replay_send(struct call *call, uint64_t n, struct slice json)
{
	char id[ID_TEXT + 1];
	char *event = arena_printf(call->arena, "%s:%llu",
				   id_format(call->message.id, id),
				   (unsigned long long)n);

	http_events_send(call->x, slice_of(event), json);
}

static void
replay_events(struct call *call, const struct replay *r)
{
	SCOPED(buf_clear) struct buf out;
	uint64_t last = EVENT_TEXT + r->text.len + 1;
	size_t at = r->from > EVENT_TEXT
			    ? MIN((size_t)r->from - EVENT_TEXT - 1, r->text.len)
			    : 0;
	char id[ID_TEXT + 1], other[ID_TEXT + 1];
	struct printer p;

	buf_init(&out, RECORD_CONTENT_MAX * 4);
	while (at < r->text.len && ((uint8_t)r->text.data[at] & 0xC0) == 0x80)
		at++;
	http_events(call->x, NULL);
	if (r->from == EVENT_START) {
		buf_addf(&out,
			 "{\"type\":\"start\",\"message_id\":\"%s\","
			 "\"conversation_id\":\"%s\"}",
			 id_format(call->message.id, id),
			 id_format(call->id, other));
		replay_send(call, EVENT_START, buf_slice(&out));
	}
	if (at < r->text.len) {
		buf_reset(&out);
		buf_adds(&out, "{\"type\":\"chunk\",\"content\":");
		json_quote(slice_make(r->text.data + at, r->text.len - at),
			   &out);
		buf_addc(&out, '}');
		replay_send(call, last - 1, buf_slice(&out));
	}
	if (r->from <= last && r->problem.status) {
		buf_reset(&out);
		printer_init(&p, PRINTER_JSON, &out);
		print_event_error(&p, &r->problem, call->message.id);
		replay_send(call, last, buf_slice(&out));
	} else if (r->from <= last) {
		replay_send(call, last, r->complete);
	}
	http_events_send(call->x, (struct slice){0}, slice_of("[DONE]"));
	http_stream_end(call->x);
}

static bool
read_stored(struct store_txn *txn, struct call *call, struct error *err)
{
	struct replay *r = call->data;
	struct printer *p = answer_begin(call);

	if (!print_stored(txn, call, p, &r->text, err))
		return false;
	r->complete = arena_copy(call->arena, buf_slice(&call->api->scratch));
	if (call->message.partial)
		stored_problem(&call->message, &r->problem);
	return true;
}

/* call->message and call->conversation are what is told again. */
static void
tell_again(struct call *call, bool stream, uint64_t from)
{
	struct replay r = {.from = from};
	int status = call->route->status;

	call->data = &r;
	if (!call_read(call, read_stored))
		return;
	call->data = NULL;
	if (stream)
		replay_events(call, &r);
	else if (r.problem.status)
		answer_problem(call, r.problem.status, r.problem.code, "%s",
			       r.problem.detail);
	else
		answer_bytes(call, status, "application/json", r.complete);
}

/* ---- sending */

/* Not the last bit: ids of one millisecond are neighbours. */
static struct id
question_of(struct id answer)
{
	answer.bytes[ID_BYTES - 10] ^= 0x80;
	return answer;
}

static bool
wants_stream(const struct call *call)
{
	return call_bool(call->body, "stream", false);
}

static void
start(struct call *call)
{
	const json_t *body = call->body;
	struct slice model = call_text(body, "model");
	struct turn_start start = {
		.request =
			{
				.profile = call->caller.profile,
				.conversation = call->conversation.id,
				.content = call_text(body, "content"),
				.model = model.len ? arena_text(call->arena,
								model)
						   : NULL,
				.temperature =
					call_real(body, "temperature", -1),
				.max_tokens = call_int(body, "max_tokens", 0),
				.no_memory = !call_bool(body, "memory", true),
				.stream = true,
				.answer_id = call->id,
				.question_id = question_of(call->id),
			},
		.kind = wants_stream(call) ? &watcher_events : &watcher_whole,
	};

	if (call->flag) { /* the question is stored: only its answer lacks */
		start.request.regenerate = true;
		start.request.parent = call->message.seq;
		start.request.content = call->message.content;
	} else {
		attachments_add(call, &start.request);
	}
	start.voice = call_voice(call);
	if (start.voice)
		turn_begin(call, &start);
}

static bool
put_note(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;

	return once_put(txn, call, call->id, err);
}

static void
send_new(struct call *call)
{
	if (turn_in(call->api->turns, call->caller.profile,
		    call->conversation.id)) {
		answer_problem(call, 409, "turn_running",
			       "an answer is still coming in this "
			       "conversation; wait for it, or cancel it");
		return;
	}
	if (call->once && !call->replay)
		call_write(call, put_note, start);
	else
		start(call);
}

/* The request was here before: what has become of it? */
static bool
find_made(struct store_txn *txn, struct call *call, struct error *err)
{
	struct id profile = call->caller.profile;
	bool answered, asked = false, found;

	if (!record_message_by_id(txn, profile, call->id, call->arena,
				  &call->message, &answered, err))
		return false;
	if (!answered &&
	    !record_message_by_id(txn, profile, question_of(call->id),
				  call->arena, &call->message, &asked, err))
		return false;
	call->count = answered;
	call->flag = asked;
	if (!answered && !asked)
		return true;
	return record_conversation_get(txn, profile, call->message.conversation,
				       call->arena, &call->conversation, &found,
				       err) &&
	       (found || error_set(err, ERROR_NOT_FOUND,
				   "the conversation was deleted"));
}

static void
send_again(struct call *call)
{
	struct turn *turn =
		turn_of(call->api->turns, call->caller.profile, call->id);

	if (turn) {
		turn_watch(turn, call,
			   wants_stream(call) ? &watcher_events
					      : &watcher_whole,
			   EVENT_START);
		return;
	}
	if (!call_read(call, find_made))
		return;
	if (call->count) {
		call->id = call->conversation.id;
		tell_again(call, wants_stream(call), EVENT_START);
		return;
	}
	send_new(call);
}

static void
send_message(struct call *call)
{
	if (call->replay) {
		send_again(call);
		return;
	}
	call->id = id_make();
	send_new(call);
}

void
message_send(struct call *call)
{
	struct id made = call->id, conversation;

	if (!call_id(call, 0, &conversation))
		return;
	call->id = conversation;
	if (!call_read(call, find_conversation))
		return;
	call->id = made;
	send_message(call);
}

void
message_send_anywhere(struct call *call)
{
	struct slice text = call_text(call->body, "conversation_id");
	struct id made = call->id;

	if (text.len == 0) {
		send_message(call);
		return;
	}
	if (!id_parse(text, &call->id)) {
		answer_not_found(call, "there is no such conversation");
		return;
	}
	if (!call_read(call, find_conversation))
		return;
	call->id = made;
	send_message(call);
}

/* ---- picking an answer up again */

/* "message_id:n": the event after the one that was seen last. */
static bool
read_last_event(struct call *call, uint64_t *from)
{
	struct slice value = http_field(call->x, "last-event-id"), id;
	struct slice rest = value;
	int64_t n;

	*from = EVENT_START;
	if (value.len == 0)
		return true;
	if (!slice_split(&rest, ':', &id) ||
	    !slice_equal(id, call->params[1]) || !slice_number(rest, &n) ||
	    n < 0)
		return false;
	*from = (uint64_t)n + 1;
	return true;
}

void
message_resume(struct call *call)
{
	const struct problem *problem;
	struct turn *turn;
	struct id message;
	uint64_t from;

	if (!call_id(call, 0, &call->id) || !call_id(call, 1, &message))
		return;
	if (!read_last_event(call, &from)) {
		answer_problem(call, 400, "bad_last_event_id",
			       "Last-Event-ID is not an event of this message");
		return;
	}
	turn = turn_of(call->api->turns, call->caller.profile, message);
	if (turn && id_equal(turn->conversation, call->id)) {
		turn_watch(turn, call, &watcher_events, from);
		return;
	}
	problem = turn_failure(call->api->turns, call->caller.profile, message);
	struct error err = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(call->api->store, &err);
	bool found = txn && find_message(txn, call, &err);
	store_end(&txn);
	if (found && call->message.role == MESSAGE_ASSISTANT) {
		tell_again(call, true, from);
	} else if (problem) {
		struct replay r = {.from = from, .problem = *problem};

		call->message.id = message;
		replay_events(call, &r);
	} else if (err.code && err.code != ERROR_NOT_FOUND) {
		answer_error(call, &err);
	} else {
		answer_not_found(call, "there is no such answer");
	}
}

void
message_cancel(struct call *call)
{
	struct printer *p;
	struct turn *turn;
	struct id message;
	bool running;

	if (!call_id(call, 0, &call->id) || !call_id(call, 1, &message))
		return;
	turn = turn_of(call->api->turns, call->caller.profile, message);
	running = turn && id_equal(turn->conversation, call->id);
	if (!running &&
	    !turn_failure(call->api->turns, call->caller.profile, message) &&
	    !call_read(call, find_message))
		return;
	p = answer_begin(call);
	printer_map(p);
	printer_add_word(p, "status", running ? "cancelling" : "already_over");
	printer_add_id(p, "message_id", message);
	printer_end(p);
	SCOPED(buf_clear) struct buf text;
	buf_init(&text, 512);
	buf_add_slice(&text, buf_slice(&call->api->scratch));
	/* The turn's watchers print into the same buffer. */
	if (running)
		turn_cancel(turn);
	answer_bytes(call, running ? 202 : 200, "application/json",
		     buf_slice(&text));
}
