/*
 * metrics.h - what the server counts, in Prometheus' text format.
 *
 * Requests by route and status, and how long they took, are counted here; the
 * rest is read from where it is when it is asked for.
 */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "mneme/base.h"

struct buf;
struct metrics;

/* Routes are numbered; the last number is for requests without one. */
struct metrics *metrics_create(size_t routes);
void metrics_drop(struct metrics **metrics);

void metrics_request(struct metrics *metrics, size_t route, int status,
		     int64_t microseconds);
void metrics_tokens(struct metrics *metrics, int64_t prompt, int64_t completion,
		    int64_t cached);
void metrics_limited(struct metrics *metrics, size_t class);

/* The names of a route. */
typedef void metrics_label_fn(size_t route, const char **method,
			      const char **path);

void metrics_print(const struct metrics *metrics, metrics_label_fn *label,
		   struct buf *out);

/* One family with one value. */
void metrics_gauge(struct buf *out, const char *name, const char *help,
		   double value);
void metrics_counter(struct buf *out, const char *name, const char *help,
		     double value);

/* Of this process: memory, processor time, descriptors, threads. */
void metrics_process(struct buf *out);

enum { METRICS_CLASSES = 4 };

#endif
