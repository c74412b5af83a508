/* loop_private.h - the loop's own parts, shared by its files. */
#ifndef LOOP_PRIVATE_H
#define LOOP_PRIVATE_H

#include <stdatomic.h>

#include "mneme/list.h"
#include "mneme/loop.h"

enum { LOOP_EVENTS_MAX = 64 }; /* of one turn */

struct epoll_event;
struct gather;

struct post {
	struct post *next;
	loop_fn *fn;
	void *arg;
};

struct loop_watch {
	struct loop *loop;
	struct loop_watch *next_dead;
	int epoll; /* which it is in */
	int fd;
	unsigned events;
	loop_watch_fn *fn; /* NULL once dropped */
	void *arg;
};

struct loop {
	int epoll;
	int wake; /* eventfd: posts wait, or loop_stop() was called */
	int64_t now;
	unsigned depth; /* turns within turns */
	atomic_bool stopped;

	_Atomic(struct post *) posted; /* by any thread, newest first */
	struct post *posts;            /* fetched, oldest first */
	struct post **posts_end;

	struct gather *gather;   /* NULL: nothing may wait */
	struct loop_watch *dead; /* dropped while events may name them */

	struct loop_timer **heap;
	size_t timer_count;
	size_t timer_cap;
	uint64_t timer_sets; /* orders timers that are due together */

	struct list signals;
	int signal_fd; /* -1 without signals */
	struct loop_watch *signal_watch;
};

void loop_dispatch(struct loop *loop, const struct epoll_event *events, int n);

/* gather.c: the descriptor of those that may wait; -1: there is none. */
int gather_epoll(struct loop *loop, struct error *err);
void gather_drop(struct gather **gather);

/* When the first timer is due, or INT64_MAX. */
int64_t timers_next(const struct loop *loop);

/* Call those that are due at loop->now and were set before this call. */
void timers_run(struct loop *loop);

#endif
