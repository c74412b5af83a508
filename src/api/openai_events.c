/*
 * openai_events.c - a turn in OpenAI's shape, as chunks or whole.
 *
 * The answer's head goes out with its first bytes, so that what the provider
 * refuses is refused here with a status, not in the middle of a stream.
 */
#include <stdio.h>

#include "api/openai.h"
#include "mneme/clock.h"

#define NOTHING ((struct slice){0})

/* Clients know no other word for an answer that came whole. */
static struct slice
reason(const struct message *m)
{
	return slice_is(m->finish_reason, "recall") ? slice_of("stop")
						    : m->finish_reason;
}

static struct slice
model_name(const struct watcher *w)
{
	const struct turn *turn = w->turn;

	if (turn->over && turn->result.message.model.len)
		return turn->result.message.model;
	if (!turn->voice->llm)
		return slice_of("mneme-recall");
	struct slice asked = json_text(turn->body, "model");
	return asked.len && !slice_is(asked, "default") &&
			       !slice_is(asked, "mneme")
		       ? asked
		       : slice_of(llm_model(turn->voice->llm));
}

static struct printer *
head(struct watcher *w, const char *object)
{
	struct printer *p = &w->call->p;
	char id[ID_TEXT + 1], name[ID_TEXT + 16];

	buf_reset(&w->call->api->scratch);
	printer_init(p, PRINTER_JSON, &w->call->api->scratch);
	snprintf(name, sizeof(name), "chatcmpl-%s",
		 id_format(w->turn->answer, id));
	printer_map(p);
	printer_add_word(p, "id", name);
	printer_add_word(p, "object", object);
	printer_key(p, "created");
	printer_int(p, w->turn->created / CLOCK_SECOND);
	printer_add_string(p, "model", model_name(w));
	return p;
}

static enum http_room
send(struct watcher *w, struct printer *p)
{
	printer_end(p);
	return http_events_send(w->x, (struct slice){0},
				buf_slice(&w->call->api->scratch));
}

/* One chunk with a delta, which is JSON. */
static enum http_room
send_delta(struct watcher *w, struct slice delta, struct slice finish,
	   struct slice logprobs)
{
	struct printer *p = head(w, "chat.completion.chunk");

	printer_key(p, "choices");
	printer_list(p);
	printer_map(p);
	printer_key(p, "index");
	printer_int(p, 0);
	printer_key(p, "delta");
	printer_json(p, delta);
	if (logprobs.len) {
		printer_key(p, "logprobs");
		printer_json(p, logprobs);
	}
	printer_key(p, "finish_reason");
	if (finish.len)
		printer_string(p, finish);
	else
		printer_null(p);
	printer_end(p);
	printer_end(p);
	return send(w, p);
}

static void
begin(struct watcher *w)
{
	const struct http_stream_events events = watcher_stream(w);

	http_events(w->x, &events);
	send_delta(w, slice_of("{\"role\":\"assistant\",\"content\":\"\"}"),
		   NOTHING, NOTHING);
}

static enum http_room
text(struct watcher *w, struct slice piece, size_t at)
{
	SCOPED(buf_clear) struct buf delta;

	(void)at;
	buf_init(&delta, piece.len * 6 + 32);
	buf_adds(&delta, "{\"content\":");
	json_quote(piece, &delta);
	buf_addc(&delta, '}');
	return send_delta(w, buf_slice(&delta), NOTHING, NOTHING);
}

/* The first choice of what the provider sent. */
static json_t *
first_choice(json_t *json)
{
	json_t *choices = json_object_get(json, "choices");
	json_t *choice = json_array_get(choices, 0);

	return json_is_object(choice) ? choice : NULL;
}

/* Calls of tools and whatever else is not text goes on as it came. */
static enum http_room
event(struct watcher *w, struct slice raw)
{
	SCOPED(json_drop) json_t *json = json_read(raw, NULL);
	json_t *choice = first_choice(json), *delta, *logprobs;
	enum http_room room = HTTP_ROOM;

	delta = json_object_get(choice, "delta");
	logprobs = json_object_get(choice, "logprobs");
	if (!json_is_object(delta))
		return room;
	json_object_del(delta, "content");
	json_object_del(delta, "role");
	if (json_object_size(delta) == 0 && !json_is_object(logprobs))
		return room;
	watcher_begin(w);
	char *text_of_delta = json_dumps(delta, JSON_COMPACT);
	char *text_of_logprobs = json_is_object(logprobs)
					 ? json_dumps(logprobs, JSON_COMPACT)
					 : NULL;
	if (w->begun)
		room = send_delta(w, slice_of(text_of_delta), NOTHING,
				  slice_of(text_of_logprobs));
	free_pointer(&text_of_delta);
	free_pointer(&text_of_logprobs);
	return room;
}

static void
print_usage_of(struct printer *p, const struct message *m)
{
	int64_t prompt = MAX(m->usage.prompt, (int64_t)0);
	int64_t completion = MAX(m->usage.completion, (int64_t)0);

	printer_key(p, "usage");
	if (!m->has_usage) {
		printer_null(p);
		return;
	}
	printer_map(p);
	printer_add_int(p, "prompt_tokens", prompt);
	printer_add_int(p, "completion_tokens", completion);
	printer_add_int(p, "total_tokens", prompt + completion);
	if (m->usage.cached >= 0) {
		printer_key(p, "prompt_tokens_details");
		printer_map(p);
		printer_add_int(p, "cached_tokens", m->usage.cached);
		printer_end(p);
	}
	if (m->usage.cost >= 0)
		printer_add_real(p, "cost", m->usage.cost);
	printer_end(p);
}

static void
done(struct watcher *w)
{
	const struct message *m = &w->turn->result.message;
	struct printer *p;

	send_delta(w, slice_of("{}"), reason(m), NOTHING);
	if (w->usage) {
		p = head(w, "chat.completion.chunk");
		printer_key(p, "choices");
		printer_list(p);
		printer_end(p);
		print_usage_of(p, m);
		send(w, p);
	}
	http_events_send(w->x, (struct slice){0}, slice_of("[DONE]"));
	http_stream_end(w->x);
}

static void
refuse(struct watcher *w, const struct problem *problem)
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
	struct printer *p = &w->call->p;

	if (!w->begun) {
		refuse(w, problem);
		return;
	}
	buf_reset(&w->call->api->scratch);
	printer_init(p, PRINTER_JSON, &w->call->api->scratch);
	print_openai_error(p, problem);
	http_events_send(w->x, (struct slice){0},
			 buf_slice(&w->call->api->scratch));
	http_events_send(w->x, (struct slice){0}, slice_of("[DONE]"));
	http_stream_end(w->x);
}

const struct watcher_kind watcher_openai = {
	.events = true,
	.lazy = true,
	.begin = begin,
	.text = text,
	.event = event,
	.done = done,
	.failed = failed,
};

/* ---- whole */

static struct slice
keep(struct turn *turn, const json_t *object)
{
	char *text_of = json_dumps(object, JSON_COMPACT);
	struct slice kept = arena_copy(&turn->arena, slice_of(text_of));

	free_pointer(&text_of);
	return kept;
}

static enum http_room
whole_event(struct watcher *w, struct slice raw)
{
	struct openai_extra *extra = w->data;
	SCOPED(json_drop) json_t *json = json_read(raw, NULL);
	json_t *choice = first_choice(json);
	json_t *message = json_object_get(choice, "message");
	json_t *logprobs = json_object_get(choice, "logprobs");

	json_object_del(message, "content");
	json_object_del(message, "role");
	if (json_object_size(message)) {
		struct slice all = keep(w->turn, message);

		extra->members = slice_make(all.data + 1, all.len - 2);
	}
	if (json_is_object(logprobs))
		extra->logprobs = keep(w->turn, logprobs);
	return HTTP_ROOM;
}

static void
whole_done(struct watcher *w)
{
	const struct openai_extra *extra = w->data;
	const struct message *m = &w->turn->result.message;
	struct slice content = turn_text(w->turn);
	struct printer *p = head(w, "chat.completion");

	printer_key(p, "choices");
	printer_list(p);
	printer_map(p);
	printer_key(p, "index");
	printer_int(p, 0);
	printer_key(p, "message");
	printer_map(p);
	printer_add_word(p, "role", "assistant");
	printer_key(p, "content");
	if (content.len || !extra->members.len)
		printer_string(p, content);
	else
		printer_null(p);
	if (extra->members.len) {
		buf_addc(p->out, ',');
		buf_add_slice(p->out, extra->members);
	}
	printer_end(p);
	if (extra->logprobs.len) {
		printer_key(p, "logprobs");
		printer_json(p, extra->logprobs);
	}
	printer_add_string(p, "finish_reason", reason(m));
	printer_end(p);
	printer_end(p);
	if (m->has_usage)
		print_usage_of(p, m);
	printer_end(p);
	answer_send(w->call, 200);
}

const struct watcher_kind watcher_openai_whole = {
	.event = whole_event,
	.done = whole_done,
	.failed = refuse,
};
