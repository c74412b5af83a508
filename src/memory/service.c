/*
 * An engine on a thread of its own.
 *
 * The loop pushes calls, the thread answers them in order and posts each back.
 * Keeping up is cut into small steps, of which one at most is queued: a recall
 * waits for one step, never for a backlog.  The loop alone touches the lists;
 * a call belongs to the thread from its push until its post.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "engine.h"
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/log.h"
#include "mneme/loop.h"
#include "mneme/work.h"

enum { CALLS_MAX = 1024, FOLLOWED_MAX = 4096 };

struct call {
	struct call *next;
	struct memory_service *service;
	struct memory_query query;
	char *text;
	struct arena *arena;
	struct memory_results results;
	memory_recalled_fn *done; /* a recall's, or ... */
	memory_purged_fn *purged; /* ... a purge's */
	void *arg;
	struct error err; /* code NONE: it went well */
};

struct memory_service {
	struct loop *loop;
	struct work_thread *thread;
	struct memory_engine *engine; /* the thread's */
	atomic_bool stopping;
	struct call *calls;
	size_t call_count;
	struct id *followed; /* profiles that wait for a step */
	size_t followed_count, followed_cap;
	bool stepping; /* a step is with the thread ... */
	struct id step_profile;
	bool step_more;            /* ... and this is what it found */
	struct error step_trouble; /* the last one, said once */
};

struct memory_service *
memory_service_start(struct loop *loop, struct store *store,
		     const struct memory_settings *settings, struct error *err)
{
	struct memory_service *service = xcalloc(1, sizeof(*service));

	service->loop = loop;
	service->engine = memory_open(store, settings, err);
	if (service->engine)
		service->thread = work_thread_start("memory", err);
	if (!service->thread) {
		memory_close(&service->engine);
		free(service);
		return NULL;
	}
	return service;
}

/* ---- recall ---- */

/* A call that is in the list no more. */
static void
call_tell(struct call *call)
{
	bool failed = call->err.code != ERROR_NONE;

	call->service->call_count--;
	if (call->purged)
		call->purged(call->arg, failed ? &call->err : NULL);
	else
		call->done(call->arg, failed ? NULL : &call->results,
			   failed ? &call->err : NULL);
	free(call->text);
	free(call);
}

static void
call_over(void *arg)
{
	struct call *call = arg;
	struct call **at = &call->service->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	call_tell(call);
}

static void
purge(struct memory_engine *engine, struct id profile, struct error *err)
{
	size_t done;

	if (id_none(profile))
		memory_purge_due(engine, &done, err);
	else
		memory_purge(engine, profile, err);
}

static void
call_run(void *arg)
{
	struct call *call = arg;
	struct memory_service *service = call->service;

	if (atomic_load(&service->stopping))
		error_set(&call->err, ERROR_CANCELLED, "cancelled");
	else if (call->purged)
		purge(service->engine, call->query.profile, &call->err);
	else
		memory_recall(service->engine, &call->query, call->arena,
			      &call->results, &call->err);
	loop_post(service->loop, call_over, call);
}

static void
push(struct memory_service *service, struct call *call)
{
	call->service = service;
	call->next = service->calls;
	service->calls = call;
	service->call_count++;
	work_thread_push(service->thread, call_run, call);
}

bool
memory_service_recall(struct memory_service *service,
		      const struct memory_query *query, struct arena *arena,
		      memory_recalled_fn *done, void *arg, struct error *err)
{
	if (!service->thread)
		return error_set(err, ERROR_CANCELLED, "cancelled");
	if (service->call_count >= CALLS_MAX)
		return error_set(err, ERROR_BUSY,
				 "%zu searches of memory wait already",
				 service->call_count);
	struct call *call = xcalloc(1, sizeof(*call));

	call->query = *query;
	call->text = slice_dup(query->text);
	call->query.text.data = call->text;
	call->arena = arena;
	call->done = done;
	call->arg = arg;
	push(service, call);
	return true;
}

bool
memory_service_purge(struct memory_service *service, struct id profile,
		     memory_purged_fn *done, void *arg, struct error *err)
{
	if (!service->thread)
		return error_set(err, ERROR_CANCELLED, "cancelled");
	struct call *call = xcalloc(1, sizeof(*call));

	call->query.profile = profile;
	call->purged = done;
	call->arg = arg;
	push(service, call);
	return true;
}

/* ---- keeping up ---- */

static void step_next(struct memory_service *service);

static void
step_over(void *arg)
{
	struct memory_service *service = arg;
	struct id profile = service->step_profile;

	service->stepping = false;
	if (service->step_more)
		memory_service_follow(service, profile);
	step_next(service);
}

static void
step_run(void *arg)
{
	struct memory_service *service = arg;
	struct error err = {0};

	service->step_more = false;
	if (!atomic_load(&service->stopping) &&
	    !engine_step(service->engine, service->step_profile,
			 &service->step_more, &err)) {
		service->step_more = false;
		if (strcmp(err.text, service->step_trouble.text) != 0)
			log_warn("memory", "%s", err.text);
		service->step_trouble = err;
	}
	loop_post(service->loop, step_over, service);
}

static void
step_next(struct memory_service *service)
{
	if (service->stepping || service->followed_count == 0 ||
	    !service->thread)
		return;
	service->step_profile = service->followed[0];
	memmove(service->followed, service->followed + 1,
		--service->followed_count * sizeof(*service->followed));
	service->stepping = true;
	work_thread_push(service->thread, step_run, service);
}

void
memory_service_follow(struct memory_service *service, struct id profile)
{
	for (size_t i = 0; i < service->followed_count; i++) {
		if (id_equal(service->followed[i], profile))
			return;
	}
	if (service->followed_count == FOLLOWED_MAX)
		return; /* the next recall catches up anyway */
	service->followed =
		grow(service->followed, &service->followed_cap,
		     service->followed_count + 1, sizeof(*service->followed));
	service->followed[service->followed_count++] = profile;
	step_next(service);
}

/* ---- the end ---- */

void
memory_service_stop(struct memory_service **service)
{
	struct memory_service *s = *service;

	if (!s)
		return;
	atomic_store(&s->stopping, true);
	work_thread_stop(&s->thread);
	loop_unpost(s->loop, step_over, s);
	while (s->calls) {
		struct call *call = s->calls;
		s->calls = call->next;
		loop_unpost(s->loop, call_over, call);
		call_tell(call);
	}
	memory_close(&s->engine);
	free(s->followed);
	free(s);
	*service = NULL;
}
