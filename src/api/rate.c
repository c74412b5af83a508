/*
 * Token buckets.  A bucket stores the moment at which it will be full: taking a
 * request moves that moment on by one request's time, and the request fits
 * while the moment is no more than a minute away.  So there is nothing to
 * refill, and a full bucket is one whose moment has passed.
 */
#include "api/rate.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/clock.h"
#include "mneme/http.h"
#include "mneme/map.h"

enum { BUCKETS_MAX = 1 << 16, NAME_MAX_BYTES = 128 };

struct bucket {
	int64_t full_at; /* microseconds, of the caller's clock */
};

struct rates {
	struct map buckets;
	struct bucket shared; /* of those for whom there was no room */
	int64_t tidied;
};

struct rates *
rates_create(void)
{
	return xcalloc(1, sizeof(struct rates));
}

void
rates_drop(struct rates **rates)
{
	if (!*rates)
		return;
	map_clear(&(*rates)->buckets, free);
	free(*rates);
	*rates = NULL;
}

size_t
rates_count(const struct rates *rates)
{
	return rates->buckets.count;
}

/* Forget the full ones, by building the map anew. */
static void
tidy(struct rates *rates, int64_t now)
{
	struct map kept = {0};
	struct slice key;
	size_t at = 0;
	void *value;

	/* Under a flood, once a second. */
	if (rates->tidied && now < rates->tidied + CLOCK_SECOND)
		return;
	rates->tidied = now;
	while (map_next(&rates->buckets, &at, &key, &value)) {
		struct bucket *bucket = value;
		if (bucket->full_at > now)
			map_put(&kept, key, bucket);
		else
			free(bucket);
	}
	map_clear(&rates->buckets, NULL);
	rates->buckets = kept;
}

static struct bucket *
find(struct rates *rates, struct slice key, int64_t now)
{
	struct bucket *bucket = map_get(&rates->buckets, key);

	if (bucket)
		return bucket;
	if (rates->buckets.count >= BUCKETS_MAX)
		tidy(rates, now);
	if (rates->buckets.count >= BUCKETS_MAX)
		return &rates->shared;
	bucket = xcalloc(1, sizeof(*bucket));
	map_put(&rates->buckets, key, bucket);
	return bucket;
}

static int64_t
seconds(int64_t microseconds)
{
	return (microseconds + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

bool
rate_take(struct rates *rates, const char *class, struct slice name,
	  int64_t quota, int64_t now, struct rate *out)
{
	char key[NAME_MAX_BYTES];

	*out = (struct rate){0};
	if (quota <= 0)
		return true;
	int len = snprintf(key, sizeof(key), "%s %.*s", class,
			   (int)MIN(name.len, (size_t)64), name.data);
	struct bucket *bucket = find(rates, slice_make(key, (size_t)len), now);
	int64_t cost = MAX(CLOCK_MINUTE / quota, 1);
	int64_t after = MAX(bucket->full_at, now) + cost;
	bool fits = after <= now + CLOCK_MINUTE;
	if (fits)
		bucket->full_at = after;
	else
		out->retry = MAX(seconds(after - now - CLOCK_MINUTE), 1);
	out->quota = quota;
	out->remaining = (now + CLOCK_MINUTE - bucket->full_at) / cost;
	out->reset = seconds(bucket->full_at - now);
	return fits;
}

struct slice
rate_address(const char *address, char out[64])
{
	struct in6_addr six;

	if (inet_pton(AF_INET6, address, &six) == 1) {
		memset(six.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &six, out, 64);
	} else {
		snprintf(out, 64, "%s", address);
	}
	return slice_of(out);
}

void
rate_add_fields(struct http_exchange *x, const char *class,
		const struct rate *rate)
{
	if (rate->quota <= 0)
		return;
	http_addf(x, "RateLimit-Policy", "\"%s\";q=%lld;w=60", class,
		  (long long)rate->quota);
	http_addf(x, "RateLimit", "\"%s\";r=%lld;t=%lld", class,
		  (long long)rate->remaining, (long long)rate->reset);
	if (rate->retry)
		http_addf(x, "Retry-After", "%lld", (long long)rate->retry);
}
