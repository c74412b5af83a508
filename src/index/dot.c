/*
 * One body for all kernels; they differ in how two rows of bytes are
 * multiplied.  Where the machine multiplies unsigned by signed bytes, a row's
 * bytes are moved up by 128 and 128 times the query's sum is taken off.
 */
#include "index/dot.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static int32_t
sum_of(const int8_t *x, size_t len)
{
	int32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += x[i];
	return sum;
}

#define KERNEL(name, TARGET) \
	TARGET static void name##_rows(const int8_t *query, \
				       const int8_t *const *rows, size_t n, \
				       size_t len, int32_t *out) \
	{ \
		int32_t moved = 128 * sum_of(query, len); \
		for (size_t i = 0; i < n; i++) \
			out[i] = name##_dot(query, rows[i], len, moved); \
	} \
\
	TARGET static void name##_best( \
		const int8_t *queries, size_t n, const int8_t *tokens, \
		const float *factors, size_t count, size_t len, float *best) \
	{ \
		for (size_t q = 0; q < n; q++) { \
			const int8_t *query = queries + q * len; \
			int32_t moved = 128 * sum_of(query, len); \
			float most = -INFINITY; \
			for (size_t t = 0; t < count; t++) { \
				float x = (float)name##_dot(query, \
							    tokens + t * len, \
							    len, moved) * \
					  factors[t]; \
				most = x > most ? x : most; \
			} \
			best[q] = most; \
		} \
	} \
\
	TARGET static double name##_exact(const float *a, const float *b, \
					  size_t len) \
	{ \
		double s[8] = {0}; \
		for (size_t i = 0; i < len; i += 8) \
			for (size_t k = 0; k < 8; k++) \
				s[k] += (double)a[i + k] * (double)b[i + k]; \
		return ((s[0] + s[4]) + (s[2] + s[6])) + \
		       ((s[1] + s[5]) + (s[3] + s[7])); \
	}

#define DESCRIBE(name) \
	static const struct dot_kernel name##_kernel = { \
		#name, name##_runs, name##_rows, name##_best, name##_exact};

#define ANY

static inline int32_t
portable_dot(const int8_t *query, const int8_t *row, size_t len, int32_t moved)
{
	int32_t sum = 0;

	(void)moved;
	for (size_t i = 0; i < len; i++)
		sum += query[i] * row[i];
	return sum;
}

static bool
portable_runs(void)
{
	return true;
}

KERNEL(portable, ANY)
DESCRIBE(portable)

#if defined(__x86_64__)

#define AVX2 __attribute__((target("avx2,fma")))
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vnni,fma")))
#define INLINE static inline __attribute__((always_inline))

/* |row| times the query with the row's signs: pairs stay below 2^15. */
AVX2 INLINE int32_t
avx2_dot(const int8_t *query, const int8_t *row, size_t len, int32_t moved)
{
	const __m256i ones = _mm256_set1_epi16(1);
	__m256i sum = _mm256_setzero_si256();

	(void)moved;
	for (size_t i = 0; i < len; i += 32) {
		__m256i r = _mm256_loadu_si256((const void *)(row + i));
		__m256i q = _mm256_loadu_si256((const void *)(query + i));
		__m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(r),
						     _mm256_sign_epi8(q, r));
		sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
	}
	__m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum),
				     _mm256_extracti128_si256(sum, 1));
	half = _mm_hadd_epi32(half, half);
	half = _mm_hadd_epi32(half, half);
	return _mm_cvtsi128_si32(half);
}

static bool
avx2_runs(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

VNNI INLINE int32_t
vnni_dot(const int8_t *query, const int8_t *row, size_t len, int32_t moved)
{
	const __m512i up = _mm512_set1_epi8((char)0x80);
	__m512i sum = _mm512_setzero_si512();

	for (size_t i = 0; i < len; i += 64) {
		__m512i r = _mm512_loadu_si512((const void *)(row + i));
		__m512i q = _mm512_loadu_si512((const void *)(query + i));
		sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(r, up), q);
	}
	return _mm512_reduce_add_epi32(sum) - moved;
}

static bool
vnni_runs(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vnni");
}

KERNEL(avx2, AVX2)
DESCRIBE(avx2)
KERNEL(vnni, VNNI)
DESCRIBE(vnni)

#endif

const struct dot_kernel *const dot_kernels[] = {
#if defined(__x86_64__)
	&vnni_kernel,
	&avx2_kernel,
#endif
	&portable_kernel,
	NULL,
};

const struct dot_kernel *
dot_best(void)
{
	size_t at = 0, last = COUNT(dot_kernels) - 2; /* runs everywhere */

	while (at < last && !dot_kernels[at]->runs_here())
		at++;
	return dot_kernels[at];
}
