/*
 * dot.h - products of short vectors, for the machine that this is.
 *
 * Every kernel gives the same bits: sums of int8 products are exact, and sums
 * of float products are taken in double, where each product is exact, in one
 * fixed order.
 */
#ifndef INDEX_DOT_H
#define INDEX_DOT_H

#include "mneme/base.h"

enum { DOT_STEP = 64 /* lengths of int8 rows are multiples of it */ };

struct dot_kernel {
	const char *name;
	bool (*runs_here)(void);
	/* out[i] = query . rows[i]; no byte of the query is -128. */
	void (*rows)(const int8_t *query, const int8_t *const *rows, size_t n,
		     size_t len, int32_t *out);
	/* best[q] = the largest (query q . token t) * factors[t]. */
	void (*best)(const int8_t *queries, size_t n, const int8_t *tokens,
		     const float *factors, size_t count, size_t len,
		     float *best);
	/* `len` is a multiple of 8. */
	double (*exact)(const float *a, const float *b, size_t len);
};

/* All of them, the fastest first, closed by NULL; the last runs everywhere. */
extern const struct dot_kernel *const dot_kernels[];

const struct dot_kernel *dot_best(void);

#endif
