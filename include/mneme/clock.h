/*
 * clock.h - the time: microseconds since 1970 in UTC, and as text.
 */
#ifndef MNEME_CLOCK_H
#define MNEME_CLOCK_H

#include "mneme/base.h"

struct error;

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)

enum { CLOCK_TEXT = 40 };

int64_t clock_now(void);       /* wall clock, microseconds UTC */
int64_t clock_monotonic(void); /* never goes back; origin unspecified */

/* RFC 3339 in UTC: "2023-05-08T13:56:00Z", with ".ffffff" (no trailing
 * zeros) when there is a fraction.  Returns `out`. */
char *clock_format(int64_t at, char out[CLOCK_TEXT]);

/* RFC 3339 date-time with offset or Z, up to microseconds (further digits are
 * cut).  Years 0001 to 9999. */
bool clock_parse(struct slice text, int64_t *at);

/* What the API takes as a time: RFC 3339, a date, or "yesterday"; a date means
 * the last microsecond of that day in UTC. */
bool clock_parse_as_of(struct slice text, int64_t now, int64_t *at,
		       struct error *err);

/* What commands take, in local time: that and "2026-01-31 14:30", "2026-01",
 * "2026", "today", "last week", "this month", "friday" (the one before today),
 * "3 days ago" (that day), "2 hours ago".  Weeks begin on Monday. */
struct clock_span {
	int64_t first, last;
};
bool clock_parse_span(struct slice text, int64_t now, struct clock_span *out,
		      struct error *err);
/* Its last moment. */
bool clock_parse_then(struct slice text, int64_t now, int64_t *at,
		      struct error *err);

/* Civil date and time of `at`, local or UTC.  `weekday` 0 is Sunday. */
struct clock_civil {
	int year, month, day, hour, minute, second, weekday;
};
struct clock_civil clock_civil(int64_t at, bool local);

#endif
