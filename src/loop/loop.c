/*
 * One epoll descriptor, level triggered.  Events carry the watch's address, so
 * a dropped watch is buried only when no turn that may still name it runs.
 *
 * Posts are pushed on an atomic stack by any thread; the one who finds it empty
 * writes the eventfd.  The loop reads the eventfd before it fetches the stack:
 * a post is then either fetched or announced, never forgotten.
 */
#include "mneme/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "loop/loop_private.h"
#include "mneme/clock.h"
#include "mneme/error.h"

struct loop *
loop_create(struct error *err)
{
	SCOPED(loop_destroy) struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->signal_fd = -1;
	loop->posts_end = &loop->posts;
	list_init(&loop->signals);
	loop->now = clock_monotonic();
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = loop};
	if (loop->epoll < 0 || loop->wake < 0 ||
	    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0) {
		error_set(err, ERROR_IO, "cannot make an event loop: %s",
			  strerror(errno));
		return NULL;
	}
	return TAKE(loop);
}

static void
bury(struct loop *loop)
{
	while (loop->dead) {
		struct loop_watch *watch = loop->dead;
		loop->dead = watch->next_dead;
		free(watch);
	}
}

/* Move what was posted to the end of loop->posts, oldest first. */
static void
fetch_posts(struct loop *loop)
{
	struct post *newest = atomic_exchange(&loop->posted, NULL);
	struct post *oldest = NULL, *last = newest;

	while (newest) {
		struct post *before = newest->next;
		newest->next = oldest;
		oldest = newest;
		newest = before;
	}
	if (oldest) {
		*loop->posts_end = oldest;
		loop->posts_end = &last->next;
	}
}

static struct post *
take_post(struct loop *loop)
{
	struct post *post = loop->posts;

	if (!post)
		return NULL;
	loop->posts = post->next;
	if (!loop->posts)
		loop->posts_end = &loop->posts;
	return post;
}

void
loop_destroy(struct loop **loop)
{
	struct loop *l = *loop;

	if (!l)
		return;
	gather_drop(&l->gather);
	assert(l->depth == 0 && l->timer_count == 0);
	assert(list_empty(&l->signals));
	fetch_posts(l);
	for (struct post *post; (post = take_post(l));)
		free(post);
	bury(l);
	close_fd(&l->wake);
	close_fd(&l->epoll);
	free(l->heap);
	free(l);
	*loop = NULL;
}

static uint32_t
to_epoll(unsigned events)
{
	return (events & LOOP_READ ? (uint32_t)EPOLLIN : 0) |
	       (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0) |
	       (events & LOOP_EDGE ? (uint32_t)EPOLLET | EPOLLRDHUP : 0);
}

static unsigned
from_epoll(uint32_t events)
{
	return (events & EPOLLIN ? LOOP_READ : 0) |
	       (events & EPOLLOUT ? LOOP_WRITE : 0) |
	       (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP) ? LOOP_HUP : 0);
}

struct loop_watch *
loop_watch(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn,
	   void *arg, struct error *err)
{
	struct loop_watch *watch = xcalloc(1, sizeof(*watch));
	struct epoll_event event = {.events = to_epoll(events),
				    .data.ptr = watch};

	*watch = (struct loop_watch){.loop = loop,
				     .epoll = loop->epoll,
				     .fd = fd,
				     .events = events,
				     .fn = fn,
				     .arg = arg};
	if (events & LOOP_LAZY)
		watch->epoll = gather_epoll(loop, err);
	if (watch->epoll >= 0 &&
	    epoll_ctl(watch->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return watch;
	if (watch->epoll >= 0)
		error_set(err, ERROR_IO, "cannot watch descriptor %d: %s", fd,
			  strerror(errno));
	free(watch);
	return NULL;
}

void
loop_watch_events(struct loop_watch *watch, unsigned events)
{
	struct epoll_event event = {.events = to_epoll(events),
				    .data.ptr = watch};

	if (watch->events == events && !(events & LOOP_EDGE))
		return;
	watch->events = events;
	epoll_ctl(watch->epoll, EPOLL_CTL_MOD, watch->fd, &event);
}

void
loop_unwatch(struct loop_watch **watch)
{
	struct loop_watch *w = *watch;

	if (!w)
		return;
	/* Closed already: then the kernel has forgotten it. */
	epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->fn = NULL;
	w->next_dead = w->loop->dead;
	w->loop->dead = w;
	if (w->loop->depth == 0)
		bury(w->loop);
	*watch = NULL;
}

static void
wake(struct loop *loop)
{
	uint64_t one = 1;

	/* A full counter is awake too. */
	while (write(loop->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void
loop_post(struct loop *loop, loop_fn *fn, void *arg)
{
	struct post *post = xcalloc(1, sizeof(*post));

	post->fn = fn;
	post->arg = arg;
	post->next = atomic_load(&loop->posted);
	/* Once it is in, the loop may run and free it: look at a copy. */
	struct post *before = post->next;
	while (!atomic_compare_exchange_weak(&loop->posted, &before, post))
		post->next = before;
	if (!before)
		wake(loop);
}

void
loop_unpost(struct loop *loop, loop_fn *fn, void *arg)
{
	fetch_posts(loop);
	for (struct post **at = &loop->posts; *at;) {
		struct post *post = *at;
		if (post->fn != fn || post->arg != arg) {
			at = &post->next;
			continue;
		}
		*at = post->next;
		if (!*at)
			loop->posts_end = at;
		free(post);
	}
}

static void
run_posts(struct loop *loop)
{
	uint64_t count;

	while (read(loop->wake, &count, sizeof(count)) < 0 && errno == EINTR)
		;
	/* Fetched once a turn: who posts again has to wait like the others. */
	fetch_posts(loop);
	for (struct post *post; (post = take_post(loop));) {
		struct post run = *post;
		free(post);
		run.fn(run.arg);
	}
}

static int
wait_until(struct loop *loop, struct epoll_event *events, int64_t at)
{
	int64_t left = at - clock_monotonic();

	if (left < 0)
		left = 0;
	struct timespec span = {left / CLOCK_SECOND,
				left % CLOCK_SECOND * 1000};
	bool forever = at == INT64_MAX;
	int n = epoll_pwait2(loop->epoll, events, LOOP_EVENTS_MAX,
			     forever ? NULL : &span, NULL);
	if (n >= 0 || errno != ENOSYS)
		return n;
	/* Kernels before 5.11 count in milliseconds: rather late than twice. */
	int64_t ms = MIN((left + 999) / 1000, INT32_MAX);
	return epoll_wait(loop->epoll, events, LOOP_EVENTS_MAX,
			  forever ? -1 : (int)ms);
}

static void
dispatch(struct loop *loop, const struct epoll_event *event)
{
	struct loop_watch *watch = event->data.ptr;

	if (event->data.ptr == loop) {
		run_posts(loop);
		return;
	}
	unsigned seen = from_epoll(event->events);
	if (watch->fn)
		seen &= watch->events | LOOP_HUP;
	if (watch->fn && seen)
		watch->fn(watch->arg, seen);
}

/* What the next events will touch is on its way while this one is handled: in
 * a loop with thousands of watches nothing of them is in the cache. */
static void
prefetch(struct loop *loop, const struct epoll_event *events, int n)
{
	if (n > 2)
		__builtin_prefetch(events[2].data.ptr);
	if (n > 1 && events[1].data.ptr != loop) {
		const struct loop_watch *next = events[1].data.ptr;
		__builtin_prefetch(next->arg);
		__builtin_prefetch((const char *)next->arg + 64);
	}
}

void
loop_dispatch(struct loop *loop, const struct epoll_event *events, int n)
{
	for (int i = 0; i < n; i++) {
		prefetch(loop, &events[i], n - i);
		dispatch(loop, &events[i]);
	}
}

void
loop_turn(struct loop *loop, bool wait)
{
	struct epoll_event events[LOOP_EVENTS_MAX];
	int n;

	do
		n = wait_until(loop, events, wait ? timers_next(loop) : 0);
	while (n < 0 && errno == EINTR);
	assert(n >= 0);

	loop->depth++;
	loop->now = clock_monotonic();
	timers_run(loop);
	loop_dispatch(loop, events, n);
	if (--loop->depth == 0)
		bury(loop);
}

void
loop_run(struct loop *loop)
{
	while (!atomic_exchange(&loop->stopped, false))
		loop_turn(loop, true);
}

void
loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopped, true);
	wake(loop);
}

int64_t
loop_now(const struct loop *loop)
{
	return loop->now;
}
