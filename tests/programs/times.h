/*
 * times.h - how long answers took, for the programs that measure.
 *
 * Every time is kept, and percentiles are exact.  Other programs on a machine
 * take a processor away for 5 to 20 ms now and then, and what comes meanwhile
 * waits: a percentile of a long run then tells of them.  So there is also that
 * of each quarter of a second, and the median of these.
 */
#ifndef TIMES_H
#define TIMES_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mneme/base.h"
#include "mneme/clock.h"

enum { TIMES_QUARTERS_MAX = 1000 };

struct times {
	uint32_t *all; /* microseconds, in the order of note() */
	size_t count, room;
	size_t ends[TIMES_QUARTERS_MAX]; /* of the quarters, in `all` */
	size_t quarters;
	int64_t until; /* this quarter's end; 0: nothing was noted */
};

static inline void
times_clear(struct times *t)
{
	free(t->all);
	*t = (struct times){0};
}

/* A quarter of which nothing is known is left out. */
static inline void
times_note(struct times *t, int64_t now, int64_t took)
{
	if (!t->until)
		t->until = now + CLOCK_SECOND / 4;
	if (now >= t->until && t->quarters < TIMES_QUARTERS_MAX) {
		t->ends[t->quarters++] = t->count;
		t->until += CLOCK_SECOND / 4;
		if (t->until <= now)
			t->until = now + CLOCK_SECOND / 4;
	}
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 1 << 16;
		t->all = xrealloc(t->all, t->room, sizeof(*t->all));
	}
	t->all[t->count++] = (uint32_t)MIN(MAX(took, 0), UINT32_MAX);
}

static inline int
times_order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of sorted times; in milliseconds. */
static inline double
times_at(const uint32_t *sorted, size_t n, double part)
{
	return n ? sorted[(size_t)((double)(n - 1) * part)] / 1e3 : 0;
}

/* The median of the quarters' 99th percentiles; sorts within them. */
static inline double
times_quarter(struct times *t)
{
	uint32_t worst[TIMES_QUARTERS_MAX];
	size_t from = 0;

	for (size_t i = 0; i < t->quarters; i++) {
		uint32_t *q = t->all + from;
		size_t n = t->ends[i] - from;
		qsort(q, n, sizeof(*q), times_order);
		worst[i] = n ? q[(size_t)((double)(n - 1) * .99)] : 0;
		from = t->ends[i];
	}
	qsort(worst, t->quarters, sizeof(*worst), times_order);
	return times_at(worst, t->quarters, .5);
}

/* Members of a JSON object, without a comma at the end. */
static inline void
times_print(struct times *t)
{
	double quarter = times_quarter(t);

	qsort(t->all, t->count, sizeof(*t->all), times_order);
	printf("\"count\":%zu,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,"
	       "\"p999\":%.3f,\"quarter\":%.3f",
	       t->count, times_at(t->all, t->count, .5),
	       times_at(t->all, t->count, .9), times_at(t->all, t->count, .99),
	       times_at(t->all, t->count, .999), quarter);
}

#endif
