/*
 * Timers in a binary heap, ordered by (due, when set).  A timer knows its
 * place, so that it is set again and stopped without a search.
 */
#include <stdlib.h>

#include "loop/loop_private.h"
#include "mneme/clock.h"

struct loop_timer {
	struct loop *loop;
	loop_fn *fn;
	void *arg;
	int64_t due;
	uint64_t set; /* the number of loop_timer_set() that set it */
	size_t place; /* in the heap, from 1; 0 when stopped */
};

static bool
earlier(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due != b->due ? a->due < b->due : a->set < b->set;
}

static void
put(struct loop *loop, size_t place, struct loop_timer *timer)
{
	loop->heap[place] = timer;
	timer->place = place;
}

static void
sift_up(struct loop *loop, struct loop_timer *timer)
{
	size_t at = timer->place;

	for (; at > 1 && earlier(timer, loop->heap[at / 2]); at /= 2)
		put(loop, at, loop->heap[at / 2]);
	put(loop, at, timer);
}

static void
sift_down(struct loop *loop, struct loop_timer *timer)
{
	size_t at = timer->place;

	for (;;) {
		size_t child = at * 2;
		if (child > loop->timer_count)
			break;
		if (child < loop->timer_count &&
		    earlier(loop->heap[child + 1], loop->heap[child]))
			child++;
		if (!earlier(loop->heap[child], timer))
			break;
		put(loop, at, loop->heap[child]);
		at = child;
	}
	put(loop, at, timer);
}

struct loop_timer *
loop_timer(struct loop *loop, loop_fn *fn, void *arg)
{
	struct loop_timer *timer = xcalloc(1, sizeof(*timer));

	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	return timer;
}

void
loop_timer_set(struct loop_timer *timer, int64_t microseconds)
{
	struct loop *loop = timer->loop;
	int64_t now = clock_monotonic();

	loop_timer_stop(timer);
	if (__builtin_add_overflow(now, MAX(microseconds, 0), &timer->due))
		timer->due = INT64_MAX - 1;
	timer->set = ++loop->timer_sets;
	loop->heap = grow(loop->heap, &loop->timer_cap, loop->timer_count + 2,
			  sizeof(struct loop_timer *));
	put(loop, ++loop->timer_count, timer);
	sift_up(loop, timer);
}

void
loop_timer_stop(struct loop_timer *timer)
{
	struct loop *loop = timer->loop;
	size_t place = timer->place;

	if (!place)
		return;
	timer->place = 0;
	struct loop_timer *last = loop->heap[loop->timer_count--];
	if (last == timer)
		return;
	put(loop, place, last);
	sift_up(loop, last);
	sift_down(loop, last);
}

bool
loop_timer_pending(const struct loop_timer *timer)
{
	return timer->place != 0;
}

void
loop_timer_drop(struct loop_timer **timer)
{
	if (!*timer)
		return;
	loop_timer_stop(*timer);
	free(*timer);
	*timer = NULL;
}

int64_t
timers_next(const struct loop *loop)
{
	return loop->timer_count ? loop->heap[1]->due : INT64_MAX;
}

void
timers_run(struct loop *loop)
{
	uint64_t last = loop->timer_sets;

	while (loop->timer_count) {
		struct loop_timer *first = loop->heap[1];
		/* What a callback sets is due no earlier than what is due
		 * already: the rest of the heap is of this kind too. */
		if (first->due > loop->now || first->set > last)
			return;
		loop_timer_stop(first);
		first->fn(first->arg);
	}
}
