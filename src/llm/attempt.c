/*
 * One attempt: a request goes out, bytes come in and become text.
 *
 * Callbacks of the sink may cancel the call; it is then told off at once, but
 * freed only when the bytes at hand have been left.
 */
#include <stdio.h>

#include "llm/call.h"
#include "mneme/clock.h"
#include "mneme/fetch.h"
#include "mneme/loop.h"
#include "mneme/utf8.h"

enum { LINGER = 1000000 }; /* microseconds from [DONE] to the end of the body */

static void
keep_word(char word[LLM_WORD_MAX], struct slice text)
{
	SCOPED(buf_clear) struct buf whole = {0};

	/* As a rule each part of an answer says the same. */
	if (text.len == 0 || slice_is(text, word))
		return;
	/* It is stored with the answer, which must not fail for it. */
	buf_init(&whole, (size_t)4 * LLM_WORD_MAX);
	utf8_repair(utf8_cut(text, LLM_WORD_MAX), &whole);
	text = utf8_cut(buf_slice(&whole), LLM_WORD_MAX - 1);
	snprintf(word, LLM_WORD_MAX, "%.*s", SLICE_ARG(text));
}

static void
keep_usage(struct llm_usage *usage, const struct llm_usage *told)
{
	if (told->prompt_tokens >= 0)
		usage->prompt_tokens = told->prompt_tokens;
	if (told->completion_tokens >= 0)
		usage->completion_tokens = told->completion_tokens;
	if (told->cached_tokens >= 0)
		usage->cached_tokens = told->cached_tokens;
	if (told->cost >= 0)
		usage->cost = told->cost;
}

/* The body of an error that comes with status 200, or with its own. */
static void
take_error(struct llm_call *call, struct slice json)
{
	struct llm_failure failure;

	llm_explain(call->llm, call->status, json, &failure);
	call->err = failure.err;
	call->again = llm_status_again(failure.status);
	if (failure.retry_after >= 0)
		call->retry_after = failure.retry_after;
	if (failure.status != 200)
		call->status = failure.status;
}

/* False when the call is over. */
static bool
take_text(struct llm_call *call, struct slice text)
{
	const struct error cancelled = {ERROR_CANCELLED, "cancelled"};

	if (text.len == 0)
		return true;
	call->text_len += text.len;
	call->words = call->words || slice_trim(text).len;
	if (call->text_len > LLM_ANSWER_MAX)
		return error_set(&call->err, ERROR_LIMIT,
				 "the answer is over %d bytes", LLM_ANSWER_MAX);
	if (!call->sink.text(call->sink.arg, text) && !call->told)
		llm_fail(call, &cancelled, false);
	return !call->told;
}

static bool
take_json(struct llm_call *call, char *json, size_t len)
{
	struct llm_chunk chunk;
	SCOPED(free_pointer)
	char *whole = call->event ? slice_dup(slice_make(json, len)) : NULL;

	if (!call->llm->provider->format->read(json, len, &chunk))
		return error_set(&call->err, ERROR_UPSTREAM,
				 "%s: a part of the answer is not JSON",
				 call->llm->title);
	if (chunk.error.len) {
		take_error(call, chunk.error);
		return false;
	}
	keep_word(call->finish, chunk.finish);
	keep_word(call->answered, chunk.model);
	keep_usage(&call->usage, &chunk.usage);
	if (whole) {
		call->other |= chunk.other;
		call->event(call->sink.arg, slice_make(whole, len));
		if (call->told)
			return false;
	}
	return take_text(call, chunk.text);
}

static bool
on_event(void *arg, struct slice name, char *data, size_t len)
{
	struct llm_call *call = arg;

	(void)name;
	if (!slice_is(slice_make(data, len), "[DONE]"))
		return len == 0 || take_json(call, data, len);
	if (*call->finish && (call->words || call->other) &&
	    strcmp(call->finish, "error") != 0)
		llm_done(call);
	return false;
}

static void
on_other(void *arg, struct slice line)
{
	struct llm_call *call = arg;

	if (buf_add_slice(&call->body, line))
		buf_addc(&call->body, '\n');
}

static void
on_head(void *arg, const struct fetch_head *head)
{
	struct llm_call *call = arg;

	call->status = head->status;
	call->retry_after = head->retry_after;
	call->events = call->stream && head->status / 100 == 2 &&
		       slice_find(head->content_type, slice_of("json")) ==
			       head->content_type.len;
}

/* The sink has heard the end.  After a good one the connection is worth
 * keeping: wait a moment for it to be free. */
static bool
linger(struct llm_call *call)
{
	if (call->err.code) {
		llm_drop(call);
		return false;
	}
	loop_timer_set(call->timer, LINGER);
	return true;
}

static bool
on_body(void *arg, struct slice bytes)
{
	struct llm_call *call = arg;
	struct error err = {0};

	if (call->told)
		return true;
	if (!call->events) {
		if (!buf_add_slice(&call->body, bytes))
			error_set(&call->err, ERROR_LIMIT,
				  "the answer is over %d bytes",
				  LLM_ANSWER_MAX);
		return !call->err.code;
	}
	call->busy = true;
	if (!sse_feed(&call->sse, bytes, &err) && !call->told)
		call->err = err;
	call->busy = false;
	if (call->told)
		return linger(call);
	return !call->err.code;
}

/* The stream has ended as it should have, if it said why. */
static void
end_events(struct llm_call *call)
{
	struct error err = {0};
	struct slice rest;

	call->busy = true;
	if (!sse_end(&call->sse, &err) && !call->told)
		call->err = err;
	call->busy = false;
	rest = slice_trim(buf_slice(&call->body));
	if (call->told || call->err.code || *call->finish || !rest.len)
		return;
	if (slice_starts(rest, "{") || slice_starts(rest, "["))
		take_error(call, rest);
}

static void
end_whole(struct llm_call *call)
{
	struct error err = {0};

	if (call->status / 100 != 2) {
		take_error(call, buf_slice(&call->body));
		return;
	}
	if (call->each) {
		if (!llm_read_models(call, buf_slice(&call->body), &err))
			call->err = err;
		return;
	}
	call->busy = true;
	take_json(call, buf_room(&call->body, 0) - call->body.len,
		  call->body.len);
	call->busy = false;
}

/* What the end means, when nothing else went wrong. */
static void
judge(struct llm_call *call)
{
	const char *title = call->llm->title;

	if (call->err.code || call->each)
		return;
	if (!*call->finish)
		error_set(&call->err, ERROR_UPSTREAM,
			  "%s: the answer broke off (no finish reason)", title);
	else if (strcmp(call->finish, "error") == 0)
		error_set(&call->err, ERROR_UPSTREAM,
			  "%s: the model ended with an error", title);
	else if (!call->words && !call->other)
		error_set(&call->err, ERROR_UPSTREAM,
			  "%s: empty answer (finish reason: %s)", title,
			  call->finish);
}

static void
on_end(void *arg, const struct error *why)
{
	struct llm_call *call = arg;
	bool whole = *call->finish && (call->words || call->other);

	if (why && !call->err.code && !call->told && !whole) {
		call->err = *why;
		call->again = fetch_transient(call->fetch);
		if (fetch_timed_out(call->fetch))
			call->status = 504;
	}
	call->fetch = NULL;
	if (call->told) {
		llm_drop(call);
		return;
	}
	if (!call->err.code && !why) {
		if (call->events)
			end_events(call);
		else
			end_whole(call);
	}
	if (call->told) {
		llm_drop(call);
		return;
	}
	judge(call);
	if (call->err.code) {
		struct error err = call->err;
		llm_fail(call, &err, call->again);
	} else {
		llm_done(call);
		llm_drop(call);
	}
}

static void
reset(struct llm_call *call)
{
	const struct sse_events events = {on_event, on_other, call};

	sse_clear(&call->sse);
	sse_init(&call->sse, &events);
	buf_reset(&call->body);
	call->status = 0;
	call->retry_after = -1;
	call->events = false;
	call->text_len = 0;
	call->words = call->other = false;
	call->finish[0] = call->answered[0] = '\0';
	call->usage = (struct llm_usage){-1, -1, -1, -1};
	call->err = (struct error){0};
	call->again = false;
}

bool
llm_attempt(struct llm_call *call, struct error *err)
{
	struct llm *llm = call->llm;
	const struct llm_format *format = llm->provider->format;
	SCOPED(buf_clear) struct buf url;
	SCOPED(buf_clear) struct buf key;
	struct fetch_header headers[] = {
		{"Content-Type", "application/json"},
		{"Accept",
		 call->stream ? "text/event-stream" : "application/json"},
		{"X-Title", "mneme"},
		{"X-OpenRouter-Title", "mneme"},
		{format->key_header, NULL},
	};
	const struct fetch_events events = {on_head, on_body, on_end, call};

	reset(call);
	buf_init(&url, 8192);
	buf_init(&key, 8192);
	if (call->each)
		buf_addf(&url, "%s/models", llm->base);
	else
		format->address(llm->base, call->model, call->stream, &url);
	if (llm->key)
		buf_addf(&key, "%s%s", format->key_prefix, llm->key);
	if (url.over || key.over)
		return error_set(err, ERROR_LIMIT,
				 "an address or a key is too long");
	headers[4].value = buf_text(&key);

	const struct fetch_request request = {
		.method = call->each ? "GET" : "POST",
		.url = buf_text(&url),
		.headers = headers,
		.header_count = COUNT(headers) - !llm->key,
		.body = call->each ? slice_make(NULL, 0)
				   : buf_slice(&call->request),
		.body_max = call->stream ? 0 : LLM_ANSWER_MAX,
	};
	call->fetch = fetch_start(llm->fetch, &request, &events, err);
	if (key.data)
		explicit_bzero(key.data, key.len);
	if (call->fetch && call->paused)
		fetch_pause(call->fetch, true);
	return call->fetch != NULL;
}
