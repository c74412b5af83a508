/*
 * Watches that may wait a moment have an epoll descriptor of their own, which
 * the loop's watches.  While their events come one by one that is all there is
 * to it.  When they come closer together than GATHER, the loop no longer looks
 * at that descriptor, and a timer empties it: what trickles in is handled in
 * turns of many, and the loop sleeps in between instead of going to bed and
 * getting up for each.  It looks again when there was nothing to gather.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loop/loop_private.h"
#include "mneme/error.h"

enum { GATHER = 300 /* microseconds */ };

struct gather {
	struct loop *loop;
	int epoll;
	struct loop_watch *watch;
	struct loop_timer *timer;
	int64_t last; /* when it was emptied */
};

/* Returns how many there were. */
static int
empty(struct gather *g)
{
	struct epoll_event events[LOOP_EVENTS_MAX];
	int n = epoll_wait(g->epoll, events, LOOP_EVENTS_MAX, 0);

	g->last = loop_now(g->loop);
	loop_dispatch(g->loop, events, n);
	return n;
}

static void
on_ready(void *arg, unsigned events)
{
	struct gather *g = arg;
	bool often = loop_now(g->loop) - g->last < GATHER;

	(void)events;
	if (empty(g) == LOOP_EVENTS_MAX || !often)
		return;
	loop_watch_events(g->watch, 0);
	loop_timer_set(g->timer, GATHER);
}

static void
on_timer(void *arg)
{
	struct gather *g = arg;
	int n = empty(g);

	if (n > 1) {
		loop_timer_set(g->timer, n == LOOP_EVENTS_MAX ? 0 : GATHER);
		return;
	}
	loop_watch_events(g->watch, LOOP_READ);
}

int
gather_epoll(struct loop *loop, struct error *err)
{
	SCOPED(gather_drop) struct gather *g = NULL;

	if (loop->gather)
		return loop->gather->epoll;
	g = xcalloc(1, sizeof(*g));
	g->loop = loop;
	g->timer = loop_timer(loop, on_timer, g);
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (g->epoll < 0) {
		error_set(err, ERROR_IO, "cannot make an event loop: %s",
			  strerror(errno));
		return -1;
	}
	g->watch = loop_watch(loop, g->epoll, LOOP_READ, on_ready, g, err);
	if (!g->watch)
		return -1;
	loop->gather = TAKE(g);
	return loop->gather->epoll;
}

void
gather_drop(struct gather **gather)
{
	struct gather *g = *gather;

	if (!g)
		return;
	loop_unwatch(&g->watch);
	loop_timer_drop(&g->timer);
	close_fd(&g->epoll);
	free(g);
	*gather = NULL;
}
