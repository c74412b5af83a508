/*
 * One call: request, retries before the first token, stream, end.
 *
 * A call lives from llm_stream() until its sink has heard the end.  Each try
 * is one fetch; between tries a timer runs.  Nothing is freed inside a fetch
 * callback of its own but at the very end of `ended`.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/fetch.h"
#include "mneme/id.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "openai.h"
#include "sse.h"

enum { REQUEST_MAX = 64 << 20, BODY_MAX = 16 << 20 };

struct llm {
	struct loop *loop;
	struct fetch *fetch;
	const struct llm_provider *provider;
	char *base_url;
	char *key;
	char *model;
	unsigned retries;
};

struct llm_call {
	struct llm *llm;
	struct sink sink;
	llm_retry_fn *retry;
	struct buf body;  /* of the request */
	struct buf whole; /* an answer that is no stream, or an error's body */
	struct sse sse;
	struct answer answer;
	struct fetch_call *fetch;
	struct loop_timer *timer;
	struct error failure;
	char *url;
	bool stream;
	bool finished; /* [DONE] */
	int status;
	int64_t retry_after;
	unsigned tries;
};

struct llm *
llm_create(struct loop *loop, struct fetch *fetch,
	   const struct llm_settings *settings, struct error *err)
{
	const struct llm_provider *p = settings->provider;
	const char *base =
		settings->base_url ? settings->base_url : p->base_url;
	const char *model = settings->model ? settings->model : p->model;

	if (!model) {
		error_set(err, ERROR_SETUP,
			  "%s wants a model: set LLM_MODEL or give -m",
			  p->title);
		return NULL;
	}
	struct llm *llm = xcalloc(1, sizeof(*llm));
	struct slice url = slice_of(base);
	while (url.len && url.data[url.len - 1] == '/')
		url.len--;
	*llm = (struct llm){
		.loop = loop,
		.fetch = fetch,
		.provider = p,
		.base_url = slice_dup(url),
		.key = settings->key ? xstrdup(settings->key) : NULL,
		.model = xstrdup(model),
		.retries = settings->retries,
	};
	return llm;
}

void
llm_destroy(struct llm **llm)
{
	if (!*llm)
		return;
	if ((*llm)->key)
		explicit_bzero((*llm)->key, strlen((*llm)->key));
	free((*llm)->key);
	free((*llm)->base_url);
	free((*llm)->model);
	free(*llm);
	*llm = NULL;
}

const char *
llm_model(const struct llm *llm)
{
	return llm->model;
}

const struct llm_provider *
llm_provider(const struct llm *llm)
{
	return llm->provider;
}

static void
drop(struct llm_call *call)
{
	loop_timer_drop(&call->timer);
	sse_clear(&call->sse);
	buf_clear(&call->body);
	buf_clear(&call->whole);
	free(call->url);
	free(call);
}

static void
fail(struct llm_call *call, const struct error *err)
{
	struct error why = *err;

	call->sink.failed(call->sink.arg, &why);
	drop(call);
}

/* ---- bytes in ---- */

static bool
on_event(void *arg, struct slice name, char *data, size_t len)
{
	struct llm_call *call = arg;

	(void)name;
	if (len == 6 && memcmp(data, "[DONE]", 6) == 0) {
		call->finished = true;
		return true;
	}
	if (!openai_read(&call->answer, data, len, call->sink.text,
			 call->sink.arg, &call->failure)) {
		if (!call->failure.code)
			error_set(&call->failure, ERROR_CANCELLED, "cancelled");
		return false;
	}
	if (!call->answer.error[0])
		return true;
	return error_set(&call->failure, ERROR_UPSTREAM, "%s: %s",
			 call->llm->provider->title, call->answer.error);
}

static void
on_head(void *arg, const struct fetch_head *head)
{
	struct llm_call *call = arg;
	struct slice type =
		slice_make(head->content_type.data, head->content_type.len);

	call->status = head->status;
	call->retry_after = head->retry_after;
	call->stream =
		head->status == 200 && slice_starts(type, "text/event-stream");
}

static bool
on_body(void *arg, struct slice bytes)
{
	struct llm_call *call = arg;

	if (!call->stream)
		return buf_add_slice(&call->whole, bytes) ||
		       error_set(&call->failure, ERROR_UPSTREAM,
				 "the answer passes %d bytes", BODY_MAX);
	return sse_feed(&call->sse, bytes, &call->failure) &&
	       !call->failure.code;
}

/* ---- the end of a try ---- */

static void
status_error(struct llm_call *call)
{
	char words[512];
	enum error_code code = ERROR_UPSTREAM;

	if (call->status == 401 || call->status == 403)
		code = ERROR_AUTH;
	else if (call->status == 429)
		code = ERROR_BUSY;
	else if (call->status == 413)
		code = ERROR_LIMIT;
	openai_error(call->whole.data, call->whole.len, words);
	error_set(&call->failure, code, "%s: %s (HTTP %d)",
		  call->llm->provider->title,
		  words[0] ? words : "no reason given", call->status);
}

static void
judge(struct llm_call *call, const struct error *wire)
{
	if (call->failure.code)
		return;
	if (call->status >= 300) {
		status_error(call);
		return;
	}
	if (call->stream && (!wire || call->answer.finish_reason[0]))
		sse_end(&call->sse, &call->failure);
	else if (!call->stream && !wire)
		on_event(call, (struct slice){0}, call->whole.data,
			 call->whole.len);
	if (call->failure.code)
		return;
	if (wire && !call->answer.finish_reason[0])
		call->failure = *wire;
	else if (!call->answer.finish_reason[0])
		error_set(&call->failure, ERROR_UPSTREAM,
			  "%s: the answer ended without a finish reason",
			  call->llm->provider->title);
	else if (call->answer.text == 0)
		error_set(&call->failure, ERROR_UPSTREAM,
			  "%s: an empty answer (finish reason %s)",
			  call->llm->provider->title,
			  call->answer.finish_reason);
}

static bool
may_retry(const struct llm_call *call, bool transient)
{
	int s = call->status;

	return call->tries <= call->llm->retries && call->answer.text == 0 &&
	       call->failure.code != ERROR_CANCELLED &&
	       (s == 408 || s == 429 || s >= 500 || (s == 0 && transient));
}

/* Half a second doubling, up to 8 s, with a quarter of jitter. */
static int64_t
back_off(const struct llm_call *call)
{
	uint8_t dice;
	int64_t wait = CLOCK_SECOND / 2 << MIN(call->tries - 1, 4u);

	if (call->retry_after >= 0)
		return MIN(call->retry_after, 120 * CLOCK_SECOND);
	random_bytes(&dice, 1);
	return wait + wait * dice / 1024;
}

static void
on_end(void *arg, const struct error *err)
{
	struct llm_call *call = arg;
	bool transient = err && fetch_transient(call->fetch);

	call->fetch = NULL;
	judge(call, err);
	if (!call->failure.code) {
		const struct llm_result result = {
			.model = slice_of(call->answer.model),
			.finish_reason = slice_of(call->answer.finish_reason),
			.usage = call->answer.usage,
		};
		call->sink.done(call->sink.arg, &result);
		drop(call);
		return;
	}
	if (!may_retry(call, transient)) {
		fail(call, &call->failure);
		return;
	}
	int64_t wait = back_off(call);
	if (call->retry)
		call->retry(call->sink.arg, &call->failure, wait, call->tries);
	loop_timer_set(call->timer, wait);
}

/* ---- the start ---- */

static bool
try_once(struct llm_call *call, struct error *err)
{
	SCOPED(free_pointer)
	char *bearer =
		call->llm->key ? xasprintf("Bearer %s", call->llm->key) : NULL;
	const struct fetch_header headers[] = {
		{"Content-Type", "application/json"},
		{"Accept", "text/event-stream, application/json"},
		{"X-Title", "mneme"},
		{"Authorization", bearer},
	};
	const struct fetch_request request = {
		.method = "POST",
		.url = call->url,
		.headers = headers,
		.header_count = COUNT(headers) - (bearer ? 0 : 1),
		.body = buf_slice(&call->body),
	};
	const struct fetch_events events = {on_head, on_body, on_end, call};
	const struct sse_events sse = {.event = on_event, .arg = call};

	sse_clear(&call->sse);
	sse_init(&call->sse, &sse);
	buf_reset(&call->whole);
	call->answer = (struct answer){.usage = {-1, -1, -1, -1}};
	call->failure = (struct error){0};
	call->status = 0;
	call->retry_after = -1;
	call->stream = false;
	call->tries++;
	call->fetch = fetch_start(call->llm->fetch, &request, &events, err);
	if (bearer)
		explicit_bzero(bearer, strlen(bearer));
	return call->fetch != NULL;
}

static void
try_again(void *arg)
{
	struct llm_call *call = arg;
	struct error err = {0};

	if (!try_once(call, &err))
		fail(call, &err);
}

struct llm_call *
llm_stream(struct llm *llm, const struct llm_request *request,
	   const struct sink *sink, llm_retry_fn *retry, struct error *err)
{
	struct llm_call *call = xcalloc(1, sizeof(*call));
	const struct sse_events sse = {.event = on_event, .arg = call};

	call->llm = llm;
	call->sink = *sink;
	call->retry = retry;
	call->url = xasprintf("%s/chat/completions", llm->base_url);
	buf_init(&call->body, REQUEST_MAX);
	buf_init(&call->whole, BODY_MAX);
	sse_init(&call->sse, &sse);
	call->timer = loop_timer(llm->loop, try_again, call);
	if (!openai_request(request,
			    request->model ? request->model : llm->model,
			    &call->body, err) ||
	    !try_once(call, err)) {
		drop(call);
		return NULL;
	}
	return call;
}

void
llm_cancel(struct llm_call *call)
{
	struct error err = {0};

	fetch_cancel(&call->fetch);
	error_set(&err, ERROR_CANCELLED, "cancelled");
	fail(call, &err);
}

void
llm_pause(struct llm_call *call, bool paused)
{
	if (call->fetch)
		fetch_pause(call->fetch, paused);
}

bool
llm_request_json(struct llm *llm, const struct llm_request *request,
		 struct buf *out, struct error *err)
{
	return openai_request(request,
			      request->model ? request->model : llm->model, out,
			      err);
}
