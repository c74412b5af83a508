/*
 * body.c - where a request's body is read: at once on the loop, or, when there
 * is so much of it that everybody else would have to wait, on the pool.
 *
 * While a pool thread reads it the call is that thread's, and the exchange is
 * not looked into; the client may leave meanwhile, and the call goes on as it
 * would have, had it been read at once.
 */
#include "api/private.h"
#include "mneme/store.h"
#include "mneme/work.h"

/* A way to the pool and back costs about as much as reading 4 KiB; so much is
 * read in half a millisecond. */
enum { AT_ONCE_MAX = 32 << 10 };

struct body {
	struct call *call;
	struct reading reading;
	struct once_text once;
	struct error err;
	route_fn *go_on;
};

/* On any thread. */
static void
run(void *arg)
{
	struct body *b = arg;

	if (b->call->route->body && !request_read_body(&b->reading))
		return;
	once_hash(b->call, &b->once, &b->err);
}

/* On the loop. */
static void
finish(struct body *b)
{
	struct call *call = b->call;

	call->body = b->reading.object;
	call->unpacked = b->reading.unpacked;
	call->keep = b->reading.keep;
	if (b->reading.refusal.status)
		answer_fault(call, &b->reading.refusal);
	else if (b->err.code)
		answer_error(call, &b->err);
	else
		b->go_on(call);
}

static void
done(void *arg, bool cancelled)
{
	struct body *b = arg;
	struct api *api = b->call->api;

	if (cancelled)
		error_set(&b->err, ERROR_CANCELLED, "the server stops");
	finish(b);
	store_end(&api->reading);
}

void
body_read(struct call *call, route_fn *go_on)
{
	struct work *work = call->api->settings.work;
	struct error err = {0};
	struct body b = {
		.call = call,
		.reading = {.route = call->route,
			    .arena = call->arena,
			    .type = http_field(call->x, "content-type"),
			    .text = call->x->body},
		.once = once_text(call),
		.go_on = go_on,
	};

	if (!work || call->x->body.len <= AT_ONCE_MAX) {
		run(&b);
		finish(&b);
		return;
	}
	struct body *kept = arena_alloc(call->arena, 1, sizeof(*kept));
	*kept = b;
	if (!work_submit(work, run, done, kept, &err))
		answer_error(call, &err);
}
