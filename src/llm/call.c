/*
 * The life of a call: attempts, waits between them, other models, one end.
 *
 * The sink hears of the end once (`told`).  After a stream's [DONE] the call
 * lingers, unknown to its owner, until the connection is free again.
 */
#include <stdlib.h>

#include "llm/call.h"
#include "mneme/clock.h"
#include "mneme/fetch.h"
#include "mneme/loop.h"
#include "mneme/printer.h"

enum { WAIT_MAX = 60 }; /* seconds; a provider that asks for more gets none */

void
llm_drop(struct llm_call *call)
{
	list_unlink(&call->link);
	fetch_cancel(&call->fetch);
	loop_timer_drop(&call->timer);
	sse_clear(&call->sse);
	buf_clear(&call->body);
	buf_clear(&call->request);
	free(call->model);
	free(call);
}

static void
tell_failed(struct llm_call *call, const struct error *err)
{
	call->told = true;
	call->err = *err;
	call->sink.failed(call->sink.arg, err);
	if (!call->busy)
		llm_drop(call);
}

void
llm_done(struct llm_call *call)
{
	const struct llm_result result = {
		.model = slice_of(*call->answered ? call->answered
						  : call->model),
		.asked = slice_of(call->model),
		.finish_reason = slice_of(call->finish),
		.usage = call->usage,
	};

	call->told = true;
	call->sink.done(call->sink.arg, call->each ? NULL : &result);
}

/* Is there a wait that makes another attempt worth while? */
static bool
retry(struct llm_call *call, const struct error *err)
{
	int64_t wait = call->retry_after;

	if (call->attempt >= call->llm->retries ||
	    wait > WAIT_MAX * CLOCK_SECOND)
		return false;
	call->attempt++;
	if (wait < 0)
		wait = llm_backoff(call->attempt);
	if (call->retry)
		call->retry(call->sink.arg, err, wait, call->attempt);
	loop_timer_set(call->timer, wait);
	return true;
}

/* Put another model's name in front of what stays the same. */
static void
use_model(struct llm_call *call, const char *model)
{
	struct buf request;

	free(call->model);
	call->model = xstrdup(model);
	if (call->same == 0)
		return;
	buf_init(&request, LLM_REQUEST_MAX);
	buf_adds(&request, "{\"model\":");
	json_quote(slice_of(model), &request);
	size_t same = request.len;
	buf_add(&request, call->request.data + call->same,
		call->request.len - call->same);
	buf_clear(&call->request);
	call->request = request;
	call->same = same;
}

static bool
fall_back(struct llm_call *call, const struct error *err)
{
	bool hopeless = err->code == ERROR_AUTH || err->code == ERROR_CANCELLED;

	if (call->each || hopeless || !call->llm->models[call->model_at] ||
	    !call->llm->models[call->model_at + 1])
		return false;
	call->model_at++;
	use_model(call, call->llm->models[call->model_at]);
	loop_timer_set(call->timer, 0);
	return true;
}

void
llm_fail(struct llm_call *call, const struct error *err, bool again)
{
	if (call->text_len == 0 && again && retry(call, err))
		return;
	if (call->text_len == 0 && fall_back(call, err))
		return;
	tell_failed(call, err);
}

/* The wait is over, or the lingering. */
static void
on_timer(void *arg)
{
	struct llm_call *call = arg;
	struct error err = {0};

	if (call->told)
		llm_drop(call);
	else if (!llm_attempt(call, &err))
		tell_failed(call, &err);
}

static struct llm_call *
make_call(struct llm *llm, const struct sink *sink)
{
	struct llm_call *call = xcalloc(1, sizeof(*call));

	call->llm = llm;
	call->sink = *sink;
	call->timer = loop_timer(llm->loop, on_timer, call);
	buf_init(&call->request, LLM_REQUEST_MAX);
	buf_init(&call->body, LLM_ANSWER_MAX);
	list_insert(&llm->calls, &call->link);
	return call;
}

static struct llm_call *
start(struct llm_call *call, struct error *err)
{
	if (llm_attempt(call, err))
		return call;
	llm_drop(call);
	return NULL;
}

static const char *
model_of(const struct llm *llm, const struct llm_request *request)
{
	return request->model ? request->model : llm->models[0];
}

struct llm_call *
llm_stream(struct llm *llm, const struct llm_request *request,
	   const struct sink *sink, llm_retry_fn *retry_fn, struct error *err)
{
	const char *model = model_of(llm, request);

	if (!model) {
		error_set(err, ERROR_SETUP,
			  "no model is set for %s: set LLM_MODEL", llm->title);
		return NULL;
	}
	struct llm_call *call = make_call(llm, sink);
	call->retry = retry_fn;
	call->event = request->event;
	call->stream = request->stream;
	call->model = xstrdup(model);
	call->same = llm->provider->format->print(request, llm->base, model,
						  &call->request);
	if (call->request.over) {
		llm_drop(call);
		error_set(err, ERROR_LIMIT, "the request is over %d bytes",
			  LLM_REQUEST_MAX);
		return NULL;
	}
	return start(call, err);
}

struct llm_call *
llm_models(struct llm *llm,
	   void (*each)(void *arg, const struct llm_model_info *model),
	   const struct sink *sink, struct error *err)
{
	struct llm_call *call = make_call(llm, sink);

	call->each = each;
	return start(call, err);
}

bool
llm_print_request(const struct llm_provider *provider, const char *base_url,
		  const struct llm_request *request, struct buf *out,
		  struct error *err)
{
	provider->format->print(request,
				base_url ? base_url : provider->base_url,
				request->model ? request->model : "", out);
	return !out->over ||
	       error_set(err, ERROR_LIMIT, "the request is over %zu bytes",
			 out->max);
}

bool
llm_request_json(struct llm *llm, const struct llm_request *request,
		 struct buf *out, struct error *err)
{
	struct llm_request named = *request;

	named.model = model_of(llm, request);
	return llm_print_request(llm->provider, llm->base, &named, out, err);
}

void
llm_base(const struct llm *llm, struct buf *out)
{
	const char *host = strstr(llm->base, "://");
	const char *end = host ? strchr(host + 3, '/') : NULL;
	const char *at = host ? strchr(host + 3, '@') : NULL;

	if (at && (!end || at < end)) {
		buf_add(out, llm->base, (size_t)(host + 3 - llm->base));
		buf_adds(out, at + 1);
		return;
	}
	buf_adds(out, llm->base);
}

void
llm_cancel(struct llm_call *call)
{
	const struct error cancelled = {ERROR_CANCELLED, "cancelled"};

	if (call->told)
		return;
	fetch_cancel(&call->fetch);
	loop_timer_stop(call->timer);
	tell_failed(call, &cancelled);
}

void
llm_pause(struct llm_call *call, bool paused)
{
	call->paused = paused;
	if (call->fetch)
		fetch_pause(call->fetch, paused);
}

int64_t
llm_retry_after(const struct llm_call *call)
{
	return call->retry_after;
}

int
llm_status(const struct llm_call *call)
{
	return call->status;
}
