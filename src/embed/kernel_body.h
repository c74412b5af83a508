/*
 * kernel_body.h - the kernels, in the compiler's own vectors.
 *
 * Included by one file a machine, which says how many LANES a vector has, how
 * many ROWS a tile, and for which TARGET to compile.
 */
#include <math.h>

#define PANEL ((size_t)(2 * LANES))

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef uint32_t bits __attribute__((vector_size(4 * LANES)));
/* The same, wherever a float may stand. */
typedef float loose
	__attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define INLINE TARGET static inline __attribute__((always_inline))
#define LOAD(p) (*(const loose *)(p))
#define STORE(p, v) (*(loose *)(p) = (v))
#define EACH(x) ((vec){0} + (x))

/* One tile: `rows` is a constant wherever this is inlined. */
INLINE void
tile(size_t rows, size_t k, const float *x, size_t x_stride,
     const float *packed, const float *bias, float *out, size_t out_stride)
{
	vec low[ROWS], high[ROWS];

	vec zero = {0};
	vec low_bias = bias ? (vec)LOAD(bias) : zero;
	vec high_bias = bias ? (vec)LOAD(bias + LANES) : zero;
	for (size_t r = 0; r < rows; r++) {
		low[r] = low_bias;
		high[r] = high_bias;
	}
	for (size_t i = 0; i < k; i++) {
		vec a = LOAD(packed + i * PANEL);
		vec b = LOAD(packed + i * PANEL + LANES);
#pragma GCC unroll 12
		for (size_t r = 0; r < rows; r++) {
			vec each = EACH(x[r * x_stride + i]);
			low[r] += each * a;
			high[r] += each * b;
		}
	}
	for (size_t r = 0; r < rows; r++) {
		STORE(out + r * out_stride, low[r]);
		STORE(out + r * out_stride + LANES, high[r]);
	}
}

#define TILE(rows) \
	case rows: \
		tile(rows, k, x, x_stride, packed, bias, out, out_stride); \
		break

TARGET static void
tile_of(size_t rows, size_t k, const float *x, size_t x_stride,
	const float *packed, const float *bias, float *out, size_t out_stride)
{
	switch (rows) {
		TILE(1);
		TILE(2);
		TILE(3);
		TILE(4);
#if ROWS >= 6
		TILE(5);
		TILE(6);
#endif
#if ROWS >= 12
		TILE(7);
		TILE(8);
		TILE(9);
		TILE(10);
		TILE(11);
		TILE(12);
#endif
	}
}

/* A panel stays in the cache while all rows pass it; the rows are dealt
 * evenly, as a full tile and a thin one cost more than two of a middle size. */
TARGET static void
multiply(size_t m, size_t n, size_t k, const float *rows, size_t rows_stride,
	 const float *packed, const float *bias, float *out, size_t out_stride)
{
	size_t tiles = (m + ROWS - 1) / ROWS;

	for (size_t column = 0; column < n; column += PANEL) {
		size_t row = 0;
		for (size_t t = 0; t < tiles; t++) {
			size_t count = (m - row + tiles - t - 1) / (tiles - t);
			tile_of(count, k, rows + row * rows_stride, rows_stride,
				packed + column * k,
				bias ? bias + column : NULL,
				out + row * out_stride + column, out_stride);
			row += count;
		}
	}
}

TARGET static void
pack(const float *source, size_t stride, size_t n, size_t k, float *out)
{
	enum { BLOCK = 16 };

	for (size_t begin = 0; begin < k; begin += BLOCK) {
		size_t end = MIN(begin + BLOCK, k);
		for (size_t row = 0; row < PANEL; row++)
			for (size_t i = begin; i < end; i++)
				out[i * PANEL + row] =
					row < n ? source[row * stride + i] : 0;
	}
}

/* e^x = 2^n e^r with n the whole number nearest to x / ln 2, so |r| < .35,
 * where eight terms of the series are as exact as a float.  x <= 0 here, and
 * below -87 the result is as good as zero. */
INLINE vec
exponential(vec x)
{
	const float big = 12582912; /* 1.5 * 2^23: adding it rounds */
	const float ln2_high = 0.693359375F, ln2_low = -2.12194440e-4F;
	vec limit = EACH(-87.0F);
	bits below = (bits)(x < limit);
	vec whole, r, e;

	x = (vec)(((bits)x & ~below) | ((bits)limit & below));
	whole = x * 1.44269504F + big;
	bits power = (bits)whole - (bits)EACH(big);
	whole -= big;
	r = x - whole * ln2_high - whole * ln2_low;
	e = EACH(1.0F / 5040);
	e = e * r + 1.0F / 720;
	e = e * r + 1.0F / 120;
	e = e * r + 1.0F / 24;
	e = e * r + 1.0F / 6;
	e = e * r + 0.5F;
	e = e * r + 1;
	e = e * r + 1;
	return e * (vec)((power + 127) << 23);
}

/* erf by Abramowitz and Stegun, 7.1.26: off by at most 1.5e-7. */
INLINE vec
gelu_of(vec x)
{
	bits sign = (bits)x & 0x80000000U;
	vec z = (vec)((bits)x & 0x7FFFFFFFU) * 0.70710678F;
	vec t = 1 / (1 + z * 0.3275911F);
	vec series = EACH(1.061405429F);
	vec erf;

	series = series * t - 1.453152027F;
	series = series * t + 1.421413741F;
	series = series * t - 0.284496736F;
	series = series * t + 0.254829592F;
	erf = 1 - series * t * exponential(-z * z);
	erf = (vec)((bits)erf | sign);
	return x * 0.5F * (1 + erf);
}

TARGET static void
gelu(float *x, size_t n)
{
	for (size_t i = 0; i < n; i += LANES)
		STORE(x + i, gelu_of(LOAD(x + i)));
}

INLINE float
sum_of(vec v)
{
	float sum = 0;

	for (size_t i = 0; i < LANES; i++)
		sum += v[i];
	return sum;
}

TARGET static void
softmax(float *row, size_t n)
{
	float max = row[0];
	vec sum = {0};

	for (size_t i = 1; i < n; i++)
		max = MAX(max, row[i]);
	for (size_t i = n; i % KERNEL_WIDTH; i++)
		row[i] = -INFINITY;
	for (size_t i = 0; i < n; i += LANES) {
		vec e = exponential(LOAD(row + i) - max);
		STORE(row + i, e);
		sum += e;
	}
	vec factor = EACH(1 / sum_of(sum));
	for (size_t i = 0; i < n; i += LANES)
		STORE(row + i, LOAD(row + i) * factor);
}

TARGET static void
normalise(float *x, const float *add, const float *weight, const float *bias,
	  size_t n, float epsilon)
{
	vec sum = {0}, squares = {0};

	for (size_t i = 0; i < n; i += LANES) {
		vec v = LOAD(x + i) + LOAD(add + i);
		STORE(x + i, v);
		sum += v;
	}
	vec mean = EACH(sum_of(sum) / (float)n);
	for (size_t i = 0; i < n; i += LANES) {
		vec v = LOAD(x + i) - mean;
		squares += v * v;
	}
	vec factor = EACH(1 / sqrtf(sum_of(squares) / (float)n + epsilon));
	for (size_t i = 0; i < n; i += LANES)
		STORE(x + i, (LOAD(x + i) - mean) * factor * LOAD(weight + i) +
				     LOAD(bias + i));
}
