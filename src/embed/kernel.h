/*
 * kernel.h - the arithmetic, for the widest vectors that this machine has.
 *
 * A matrix W[n][k] is packed once into panels of `panel` outputs: [n / panel]
 * [k][panel], the last one filled up with zeros.  Every output sums its k
 * products in order, starting from the bias, so a row's result does not depend
 * on how many rows there are.
 */
#ifndef EMBED_KERNEL_H
#define EMBED_KERNEL_H

#include "mneme/base.h"

enum {
	KERNEL_PANEL_MAX = 32,
	KERNEL_WIDTH = 32 /* vector lengths are multiples of it */
};

/* rows[m][k] times packed[n][k], plus bias[n] unless NULL, into out[m][n];
 * strides in floats; n is a multiple of the panel, m and k are at least 1. */
typedef void kernel_multiply_fn(size_t m, size_t n, size_t k, const float *rows,
				size_t rows_stride, const float *packed,
				const float *bias, float *out,
				size_t out_stride);

struct kernel {
	const char *name;
	bool (*runs_here)(void);
	size_t panel;
	kernel_multiply_fn *multiply;
	/* Pack source[k][panel] rows `stride` floats apart, transposed:
	 * out[k][panel] from `n` rows of k. */
	void (*pack)(const float *source, size_t stride, size_t n, size_t k,
		     float *out);
	/* x / 2 (1 + erf(x / sqrt 2)), n a multiple of KERNEL_WIDTH. */
	void (*gelu)(float *x, size_t n);
	/* e^(x - max) / sum, over the first n; up to the next multiple of
	 * KERNEL_WIDTH the row is scratch. */
	void (*softmax)(float *row, size_t n);
	/* (x + add - mean) / sqrt(variance + epsilon) * weight + bias. */
	void (*normalise)(float *x, const float *add, const float *weight,
			  const float *bias, size_t n, float epsilon);
};

extern const struct kernel kernel_avx512, kernel_avx2, kernel_portable;

/* All of them, the widest first, closed by NULL. */
extern const struct kernel *const kernels[];

const struct kernel *kernel_best(void);

#endif
