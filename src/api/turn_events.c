/*
 * turn_events.c - a turn as this API's own clients see it: server-sent
 * events, or one object at the end.
 */
#include "api/turn.h"
#include "mneme/clock.h"

enum { EVENT_ID = ID_TEXT + 24, EVENT_MAX = 64 << 20 };

static struct slice
event_id(const struct watcher *w, uint64_t n, char out[EVENT_ID])
{
	char digits[24], *first = digits + sizeof(digits);

	id_format(w->turn->answer, out);
	do
		*--first = (char)('0' + n % 10);
	while (n /= 10);
	*--first = ':';
	size_t len = (size_t)(digits + sizeof(digits) - first);
	memcpy(out + ID_TEXT, first, len);
	return slice_make(out, ID_TEXT + len);
}

static enum http_room
send(struct watcher *w, uint64_t n, struct slice json)
{
	char id[EVENT_ID];

	return http_events_send(w->x, event_id(w, n, id), json);
}

/* The buffer that answers are printed into is free within one event. */
static struct printer *
event_begin(struct watcher *w)
{
	struct buf *scratch = &w->call->api->scratch;

	buf_reset(scratch);
	printer_init(&w->call->p, PRINTER_JSON, scratch);
	return &w->call->p;
}

static struct slice
event_json(struct watcher *w)
{
	return buf_slice(&w->call->api->scratch);
}

static void
begin(struct watcher *w)
{
	const struct http_stream_events events = watcher_stream(w);
	const struct turn *turn = w->turn;
	struct printer *p;

	http_events(w->x, &events);
	if (w->from <= EVENT_START) {
		p = event_begin(w);
		printer_map(p);
		printer_add_word(p, "type", "start");
		printer_key(p, "message_id");
		printer_id(p, turn->answer);
		printer_key(p, "conversation_id");
		printer_id(p, turn->conversation);
		printer_end(p);
		send(w, EVENT_START, event_json(w));
	}
	if (w->from <= EVENT_MEMORIES && turn->used.len)
		send(w, EVENT_MEMORIES, buf_slice(&turn->used));
}

static enum http_room
text(struct watcher *w, struct slice piece, size_t at)
{
	struct buf *out = &w->call->api->scratch;

	buf_reset(out);
	buf_adds(out, "{\"type\":\"chunk\",\"content\":");
	json_quote(piece, out);
	buf_addc(out, '}');
	return send(w, EVENT_TEXT + at + piece.len, buf_slice(out));
}

static void
finish(struct watcher *w)
{
	http_events_send(w->x, (struct slice){0}, slice_of("[DONE]"));
	http_stream_end(w->x);
}

static uint64_t
last_event(const struct watcher *w)
{
	return EVENT_TEXT + turn_text(w->turn).len + 1;
}

void
print_complete(struct printer *p, const struct turn_result *r,
	       struct slice text)
{
	const struct message *m = &r->message;

	printer_map(p);
	printer_add_word(p, "type", "complete");
	printer_key(p, "message");
	show_message_as(p, m, text);
	printer_key(p, "conversation");
	print_conversation(p, &r->conversation);
	printer_key(p, "memory_metadata");
	printer_map(p);
	printer_key(p, "active_memories");
	printer_list(p);
	for (size_t i = 0; i < r->memory_count; i++)
		printer_id(p, r->memories[i]);
	printer_end(p);
	printer_end(p);
	printer_key(p, "usage");
	if (m->has_usage)
		print_usage(p, &m->usage);
	else
		printer_null(p);
	if (r->inference.len) {
		printer_key(p, "inference");
		printer_json(p, r->inference);
	}
	printer_key(p, "warning");
	if (m->model.len == 0 && slice_is(m->finish_reason, "recall"))
		printer_string(p, slice_of("no model is set up; this is what "
					   "memory holds"));
	else
		printer_null(p);
	printer_end(p);
}

static void
print_end(struct watcher *w, struct printer *p)
{
	print_complete(p, &w->turn->result, turn_text(w->turn));
}

static void
done(struct watcher *w)
{
	if (w->from <= last_event(w)) {
		print_end(w, event_begin(w));
		send(w, last_event(w), event_json(w));
	}
	finish(w);
}

void
print_event_error(struct printer *p, const struct problem *problem,
		  struct id answer)
{
	printer_map(p);
	printer_add_word(p, "type", "error");
	printer_add_word(p, "content", problem->detail);
	printer_add_word(p, "code", problem->code);
	printer_key(p, "status");
	printer_int(p, problem->status);
	printer_key(p, "message_id");
	printer_id(p, answer);
	printer_end(p);
}

static void
send_problem(struct watcher *w, const struct problem *problem)
{
	if (problem->retry_after > 0)
		http_addf(w->x, "Retry-After", "%lld",
			  (long long)problem->retry_after);
	answer_problem(w->call, problem->status, problem->code, "%s",
		       problem->detail);
}

static void
failed(struct watcher *w, const struct problem *problem)
{
	if (!w->begun) {
		send_problem(w, problem);
		return;
	}
	print_event_error(event_begin(w), problem, w->turn->answer);
	send(w, last_event(w), event_json(w));
	finish(w);
}

const struct watcher_kind watcher_events = {
	.events = true,
	.begin = begin,
	.text = text,
	.done = done,
	.failed = failed,
};

/* ---- the whole, at the end */

static void
whole_done(struct watcher *w)
{
	print_end(w, answer_begin(w->call));
	answer_send(w->call,
		    w->call->status ? w->call->status : w->call->route->status);
}

const struct watcher_kind watcher_whole = {
	.done = whole_done,
	.failed = send_problem,
};
