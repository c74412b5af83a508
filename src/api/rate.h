/*
 * rate.h - how often somebody may ask: a budget that refills steadily.
 *
 * A budget is known by a class and a name (an address, a person).  It holds a
 * minute's worth and refills at that rate, so that a burst is allowed and a
 * minute's sum is kept.  Memory is bounded: when very many names are about, the
 * full budgets are forgotten, then all names that are new share one.
 */
#ifndef API_RATE_H
#define API_RATE_H

#include "mneme/base.h"

struct http_exchange;
struct rates;

struct rates *rates_create(void);
void rates_drop(struct rates **rates);

struct rate {
	int64_t quota;     /* a minute */
	int64_t remaining; /* whole requests that fit now */
	int64_t reset;     /* seconds until the budget is full again */
	int64_t retry;     /* seconds until one request fits; 0: now */
};

/* Take one request from the budget.  False when it is empty; *out is filled
 * either way.  A quota of 0 or less has no limit: true, and *out is zero. */
bool rate_take(struct rates *rates, const char *class, struct slice name,
	       int64_t quota, int64_t now, struct rate *out);

/* An address as the name of a budget: of IPv6 the first 64 bits. */
struct slice rate_address(const char *address, char out[64]);

/* The RateLimit fields, and Retry-After when there is one. */
void rate_add_fields(struct http_exchange *x, const char *class,
		     const struct rate *rate);

/* Budgets that are not full. */
size_t rates_count(const struct rates *rates);

#endif
