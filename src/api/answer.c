/*
 * answer.c - what goes back: objects, problem documents, OpenAI's errors.
 *
 * An answer is printed into a buffer that all calls share: it is begun and
 * sent within one turn of the loop.  After it has been sent the call is gone.
 */
#include <stdarg.h>
#include <stdio.h>

#include "api/private.h"
#include "mneme/base64.h"
#include "mneme/log.h"
#include "mneme/store.h"

enum { SCRATCH_KEEP = 1 << 20 };

static void
scratch_begin(struct api *api, struct printer *p)
{
	struct buf *scratch = &api->scratch;

	if (scratch->cap > SCRATCH_KEEP)
		buf_clear(scratch);
	buf_reset(scratch);
	printer_init(p, PRINTER_JSON, scratch);
}

struct printer *
answer_begin(struct call *call)
{
	scratch_begin(call->api, &call->p);
	return &call->p;
}

static void
add_safety(struct http_exchange *x)
{
	http_add(x, "X-Content-Type-Options", slice_of("nosniff"));
	http_add(x, "Cache-Control", slice_of("no-store"));
}

void
answer_bytes(struct call *call, int status, const char *type,
	     struct slice bytes)
{
	add_safety(call->x);
	http_answer(call->x, status, type, bytes);
}

void
answer_send(struct call *call, int status)
{
	struct buf *scratch = &call->api->scratch;

	if (scratch->over) {
		answer_problem(call, 500, "too_large",
			       "the answer passes %zu bytes", scratch->max);
		return;
	}
	answer_bytes(call, status, "application/json", buf_slice(scratch));
}

void
answer_empty(struct call *call, int status)
{
	answer_bytes(call, status, NULL, (struct slice){0});
}

/* ---- problems */

void
print_openai_error(struct printer *p, const struct problem *problem)
{
	const char *type = problem->status == 401   ? "authentication_error"
			   : problem->status == 403 ? "permission_error"
			   : problem->status == 429 ? "rate_limit_error"
			   : problem->status >= 500 ? "server_error"
						    : "invalid_request_error";

	printer_map(p);
	printer_key(p, "error");
	printer_map(p);
	printer_add_word(p, "message", problem->detail);
	printer_add_word(p, "type", type);
	printer_key(p, "param");
	printer_null(p);
	printer_add_word(p, "code", problem->code);
	printer_end(p);
	printer_end(p);
}

static void
print_problem(struct printer *p, const struct refusal *refusal, const char *id)
{
	printer_map(p);
	printer_add_word(p, "type", "about:blank");
	printer_add_word(p, "title", http_reason(refusal->status));
	printer_add_int(p, "status", refusal->status);
	printer_add_word(p, "detail", refusal->detail);
	printer_add_word(p, "code", refusal->code);
	printer_add_word(p, "request_id", id);
	if (refusal->faults.len) {
		printer_key(p, "errors");
		printer_json(p, refusal->faults);
	}
	printer_end(p);
}

static void
send_problem(struct api *api, struct http_exchange *x,
	     const struct problem *problem)
{
	const struct refusal refusal = {.status = problem->status,
					.code = problem->code,
					.detail = problem->detail};
	const struct route *route = x->route;
	bool openai = route ? route->flags & ROUTE_OPENAI
			    : slice_starts(x->path, "/v1/");
	struct printer p;

	scratch_begin(api, &p);
	if (openai)
		print_openai_error(&p, problem);
	else
		print_problem(&p, &refusal, x->id);
	if (problem->status == 401)
		http_add(x, "WWW-Authenticate",
			 slice_of("Bearer realm=\"mneme\""));
	if (problem->retry_after > 0)
		http_addf(x, "Retry-After", "%lld",
			  (long long)problem->retry_after);
	add_safety(x);
	http_answer(x, problem->status,
		    openai ? "application/json" : "application/problem+json",
		    buf_slice(&api->scratch));
}

void
answer_refused(struct api *api, struct http_exchange *x, int status,
	       const char *code, const char *why)
{
	struct problem problem = {.status = status, .code = code};

	snprintf(problem.detail, sizeof(problem.detail), "%s", why);
	send_problem(api, x, &problem);
}

void
answer_problem(struct call *call, int status, const char *code, const char *fmt,
	       ...)
{
	struct problem problem = {.status = status, .code = code};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(problem.detail, sizeof(problem.detail), fmt, ap);
	va_end(ap);
	send_problem(call->api, call->x, &problem);
}

void
problem_of(const struct error *err, struct problem *out)
{
	*out = (struct problem){
		.status = error_kinds[err->code].http_status,
		.code = error_kinds[err->code].slug,
	};
	snprintf(out->detail, sizeof(out->detail), "%s", err->text);
	switch (err->code) {
	case ERROR_IO:
		log_error("api", "%s", err->text);
		snprintf(out->detail, sizeof(out->detail),
			 "the server could not do this; its log says why");
		break;
	case ERROR_BUSY:
		out->retry_after = 1;
		break;
	case ERROR_CANCELLED:
		out->status = 409;
		break;
	case ERROR_USAGE:
		out->status = 422;
		break;
	default:
		break;
	}
}

void
problem_of_upstream(const struct error *err, struct problem *out)
{
	problem_of(err, out);
	if (err->code == ERROR_AUTH) {
		out->status = 502;
		out->code = "upstream_auth";
	} else if (err->code == ERROR_BUSY) {
		out->code = "upstream_busy";
	} else if (err->code == ERROR_UPSTREAM) {
		out->code = "upstream";
	} else if (err->code == ERROR_LIMIT) {
		out->status = 400;
		out->code = "context_length_exceeded";
	}
}

void
answer_error(struct call *call, const struct error *err)
{
	struct problem problem;

	problem_of(err, &problem);
	send_problem(call->api, call->x, &problem);
}

void
answer_upstream(struct call *call, const struct error *err)
{
	struct problem problem;

	problem_of_upstream(err, &problem);
	send_problem(call->api, call->x, &problem);
}

void
answer_not_found(struct call *call, const char *what)
{
	answer_problem(call, 404, "not_found", "%s", what);
}

void
answer_fault(struct call *call, const struct refusal *refusal)
{
	if (!refusal->faults.len) {
		answer_problem(call, refusal->status, refusal->code, "%s",
			       refusal->detail);
		return;
	}
	print_problem(answer_begin(call), refusal, call->x->id);
	answer_bytes(call, refusal->status, "application/problem+json",
		     buf_slice(&call->api->scratch));
}

void
answer_invalid(struct call *call, const char *field, const char *fmt, ...)
{
	struct reading r = {.route = call->route, .arena = call->arena};
	char message[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	reading_invalid(&r, field, "%s", message);
	answer_fault(call, &r.refusal);
}

/* ---- changes and reads */

struct writing {
	struct call *call;
	call_change_fn *change;
	route_fn *done;
};

static bool
run_change(struct store_txn *txn, void *arg, struct error *err)
{
	struct writing *w = arg;

	return w->change(txn, w->call, err);
}

static void
change_done(void *arg, const struct error *err)
{
	struct writing *w = arg;

	if (err)
		answer_error(w->call, err);
	else
		w->done(w->call);
}

void
call_write(struct call *call, call_change_fn *change, route_fn *done)
{
	struct writing *w = arena_alloc(call->arena, 1, sizeof(*w));
	struct error err = {0};

	*w = (struct writing){call, change, done};
	if (!store_submit(call->api->store, call->api->loop, run_change, w,
			  change_done, &err))
		answer_error(call, &err);
}

bool
call_read(struct call *call, call_read_fn *read)
{
	struct error err = {0};
	bool good;
	{
		SCOPED(store_end)
		struct store_txn *txn = TAKE(call->api->reading);

		if (!txn)
			txn = store_read(call->api->store, &err);
		good = txn && read(txn, call, &err);
	}
	if (!good)
		answer_error(call, &err);
	return good;
}

/* ---- pages */

void
cursor_read(struct slice text, void *bytes, size_t len)
{
	SCOPED(buf_clear) struct buf out;

	buf_init(&out, len);
	if (base64url_read(text, &out) && out.len == len)
		memcpy(bytes, out.data, len);
}

void
cursor_link(struct call *call, const void *bytes, size_t len)
{
	SCOPED(buf_clear) struct buf link;
	struct slice rest = call->x->query, part;

	buf_init(&link, HTTP_LINE_MAX * 2);
	buf_addc(&link, '<');
	buf_add_slice(&link, call->x->path);
	buf_addc(&link, '?');
	while (rest.len && slice_split(&rest, '&', &part)) {
		if (part.len == 0 || slice_starts(part, "cursor="))
			continue;
		buf_add_slice(&link, part);
		buf_addc(&link, '&');
	}
	buf_adds(&link, "cursor=");
	base64url_write(slice_make(bytes, len), &link);
	buf_adds(&link, ">; rel=\"next\"");
	http_add(call->x, "Link", buf_slice(&link));
}
