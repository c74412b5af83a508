/*
 * router.c - from a request's head to the function of its route.
 *
 * Paths are compared segment by segment with the table's; a segment in braces
 * takes any one that is not empty.  The table is short enough to be walked.
 */
#include "api/operations.h"
#include "api/private.h"
#include "mneme/log.h"
#include "mneme/store.h"

/* Does `path` fit `pattern`?  Parameters as they stand, still encoded. */
static bool
fits(const char *pattern, struct slice path,
     struct slice params[ROUTE_PARAMS_MAX])
{
	const char *at = path.data, *end = path.data + path.len;
	size_t n = 0;

	for (; *pattern; pattern++) {
		if (*pattern != '{') {
			if (at == end || *at++ != *pattern)
				return false;
			continue;
		}
		const char *from = at;
		while (at < end && *at != '/')
			at++;
		if (at == from || n == ROUTE_PARAMS_MAX)
			return false;
		params[n++] = slice_make(from, (size_t)(at - from));
		pattern = strchr(pattern, '}');
	}
	return at == end;
}

/* The route for a path and method.  *allowed gets a bit for each method that
 * the path has; 0: there is no such path.  HEAD is GET. */
static const struct route *
find_route(enum http_method method, struct slice path,
	   struct slice params[ROUTE_PARAMS_MAX], unsigned *allowed)
{
	const struct route *found = NULL;
	struct slice at[ROUTE_PARAMS_MAX] = {{0}};

	if (method == HTTP_HEAD)
		method = HTTP_GET;
	*allowed = 0;
	/* A path that stands there as it is has no other meaning. */
	for (size_t i = 0; i < route_count; i++) {
		if (!slice_is(path, routes[i].path))
			continue;
		*allowed |= 1u << routes[i].method;
		if (routes[i].method == method)
			found = &routes[i];
	}
	bool literal = *allowed != 0;
	for (size_t i = 0; i < route_count && !literal; i++) {
		if (!fits(routes[i].path, path, at))
			continue;
		*allowed |= 1u << routes[i].method;
		if (routes[i].method != method || found)
			continue;
		memcpy(params, at, sizeof(at));
		found = &routes[i];
	}
	return found;
}

/* ---- the caller */

static struct slice
bearer_of(const struct http_exchange *x)
{
	struct slice value = http_field(x, "authorization");

	if (value.len < 7 || strncasecmp(value.data, "bearer ", 7) != 0)
		return (struct slice){0};
	return slice_trim(slice_make(value.data + 7, value.len - 7));
}

bool
caller_known(struct call *call)
{
	struct api *api = call->api;
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(api->store, &err);

	if (txn && auth_check(api->auth, txn, bearer_of(call->x), &call->caller,
			      &err)) {
		/* The route reads on in the same moment of the store. */
		if (call->route->method == HTTP_GET &&
		    !(call->route->flags & ROUTE_EVENTS))
			api->reading = TAKE(txn);
		return true;
	}
	store_end(&txn);
	answer_error(call, &err);
	return false;
}

static bool
may_call(struct call *call)
{
	if (call->route->access == ANYONE)
		return true;
	if (!caller_known(call))
		return false;
	if (call->route->access == SIGNED_IN && id_none(call->caller.session)) {
		answer_problem(call, 403, "session_needed",
			       "a key may not do this; sign in");
		return false;
	}
	if (call->route->access == WRITER && !call->caller.may_write) {
		answer_problem(call, 403, "read_only",
			       "this key may only read; another one, made with "
			       "scope write, may do this");
		return false;
	}
	return true;
}

static bool
decode_params(struct call *call)
{
	struct error err = {0};

	for (size_t i = 0; i < ROUTE_PARAMS_MAX; i++)
		if (call->params[i].data &&
		    memchr(call->params[i].data, '%', call->params[i].len) &&
		    !http_decode(call->params[i], false, call->arena,
				 &call->params[i], &err)) {
			answer_problem(call, 400, "bad_path", "in the path: %s",
				       err.text);
			return false;
		}
	return true;
}

/* The body is there: the call's turn. */
static void
handle(struct call *call)
{
	if ((call->route->flags & ROUTE_ONCE) && !once_begin(call))
		return;
	call->route->handle(call);
}

/* The call may be gone after body_read(), what it left unread is not. */
static void
run(struct call *call)
{
	struct api *api = call->api;

	store_end(&api->reading);
	if (may_call(call) && operations_admit(call) && decode_params(call) &&
	    request_query(call))
		body_read(call, handle);
	store_end(&api->reading);
}

/* A body of more than HTTP_BODY_MAX is read from those who may send it; who
 * may still do so when it is here is asked again. */
static void
on_head(void *arg, struct http_exchange *x)
{
	struct api *api = arg;
	struct slice length = http_field(x, "content-length");
	struct call *call = arena_alloc(&x->arena, 1, sizeof(*call));
	int64_t bytes;

	call->api = api;
	call->x = x;
	call->arena = &x->arena;
	call->route =
		find_route(x->method, x->path, call->params, &call->allowed);
	x->user = call;
	x->route = call->route;
	api->running++;
	cors_add(api, x);
	if (!call->route || !call->route->body_max)
		return;
	if (length.data && slice_number(length, &bytes) &&
	    bytes <= HTTP_BODY_MAX)
		return;
	if (may_call(call))
		x->body_max = call->route->body_max;
}

static void
on_request(void *arg, struct http_exchange *x)
{
	struct api *api = arg;
	struct call *call = x->user;

	if (call->allowed == 0)
		answer_problem(call, 404, "not_found", "there is no %.200s",
			       arena_text(call->arena, x->path));
	else if (x->method == HTTP_OPTIONS)
		cors_preflight(api, x, call->allowed);
	else if (!call->route) {
		add_allow(x, call->allowed);
		answer_problem(call, 405, "method_not_allowed",
			       "%.200s does not take %.20s",
			       arena_text(call->arena, x->path),
			       arena_text(call->arena, x->method_text));
	} else {
		run(call);
	}
}

static void
on_finished(void *arg, const struct http_exchange *x)
{
	struct api *api = arg;
	struct call *call = x->user;

	operations_finished(api, x);
	if (!call)
		return;
	once_end(call);
	json_drop(&call->body);
	json_drop(&call->query);
	arena_clear(&call->keep);
	api->running--;
}

/* A page of another origin may read this as well. */
static void
on_refused(void *arg, struct http_exchange *x, int status, const char *code,
	   const char *why)
{
	struct api *api = arg;

	if (!x->user)
		cors_add(api, x);
	answer_refused(api, x, status, code, why);
}

void
router_open(struct api *api)
{
	api->handler = (struct http_handler){
		.head = on_head,
		.request = on_request,
		.finished = on_finished,
		.refused = on_refused,
		.arg = api,
	};
}
