/*
 * The axes are the leading eigenvectors of the sample's covariance, found by
 * orthogonal iteration (Golub and Van Loan, 8.2.4) from a fixed start: a fixed
 * number of rounds of multiplying and making orthonormal, in fixed order, so
 * that one machine gives one result.  Dividing by a root of the spread along
 * each axis evens them out.
 */
#include "space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/embed.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/index.h"

enum { ROUNDS = 40, SPARE = 16, SPACE_BYTES_MAX = 8 << 20 };

void
space_clear(struct space *space)
{
	free(space->mean);
	free(space->axes);
	*space = (struct space){0};
}

void
space_project(const struct space *space, const float *in, float *out)
{
	unsigned to = space->to;

	for (unsigned k = 0; k < to; k++)
		out[k] = 0;
	for (unsigned i = 0; i < space->from; i++) {
		float x = in[i] - space->mean[i];
		const float *row = space->axes + (size_t)i * to;
		for (unsigned k = 0; k < to; k++)
			out[k] += x * row[k];
	}
}

/* ---- fitting ---- */

/* [from][from] */
static float *
covariance(const float *mean, const float *vectors, size_t n, unsigned from)
{
	float *c = xcalloc((size_t)from * from, sizeof(*c));
	SCOPED(free_pointer) float *x = xcalloc(from, sizeof(*x));

	for (size_t at = 0; at < n; at++) {
		const float *v = vectors + at * from;
		for (unsigned i = 0; i < from; i++)
			x[i] = (v[i] - mean[i]) / (float)n;
		for (unsigned i = 0; i < from; i++) {
			float *row = c + (size_t)i * from;
			float a = v[i] - mean[i];
			for (unsigned k = 0; k < from; k++)
				row[k] += a * x[k];
		}
	}
	return c;
}

/* Rows of q[m][n] made orthonormal, in order, twice for accuracy. */
static void
orthonormal(float *q, unsigned m, unsigned n)
{
	for (unsigned i = 0; i < 2 * m; i++) {
		float *a = q + (size_t)(i / 2) * n;
		double length = 0;
		for (unsigned j = 0; j < i / 2; j++) {
			const float *b = q + (size_t)j * n;
			double dot = 0;
			for (unsigned k = 0; k < n; k++)
				dot += (double)(a[k] * b[k]);
			for (unsigned k = 0; k < n; k++)
				a[k] -= (float)dot * b[k];
		}
		for (unsigned k = 0; k < n; k++)
			length += (double)(a[k] * a[k]);
		float scale = length > 0 ? (float)(1 / sqrt(length)) : 0;
		for (unsigned k = 0; k < n; k++)
			a[k] *= scale;
	}
}

/* out[m][n] = q[m][n] c[n][n], c symmetric. */
static void
multiply(const float *q, const float *c, unsigned m, unsigned n, float *out)
{
	memset(out, 0, (size_t)m * n * sizeof(*out));
	for (unsigned i = 0; i < m; i++) {
		float *row = out + (size_t)i * n;
		for (unsigned j = 0; j < n; j++) {
			float x = q[(size_t)i * n + j];
			const float *other = c + (size_t)j * n;
			for (unsigned k = 0; k < n; k++)
				row[k] += x * other[k];
		}
	}
}

/* The first `to` of the axes, each divided by the root of its spread (the
 * deviation along it), the first one's spread being 1. */
static void
fill_axes(struct space *space, const float *q, const float *cq)
{
	unsigned n = space->from, to = space->to;
	double first = 1;

	for (unsigned k = 0; k < to; k++) {
		double variance = 0;
		for (unsigned i = 0; i < n; i++)
			variance += (double)q[(size_t)k * n + i] *
				    (double)cq[(size_t)k * n + i];
		double spread = sqrt(fmax(variance, 1e-12));
		first = k == 0 ? spread : first;
		float scale = (float)sqrt(first / spread);
		for (unsigned i = 0; i < n; i++)
			space->axes[(size_t)i * to + k] =
				q[(size_t)k * n + i] * scale;
	}
}

void
space_fit(struct space *space, const float *vectors, size_t n, unsigned from)
{
	unsigned to = MIN(SPACE_AXES, from / SPACE_WIDTH * SPACE_WIDTH);
	unsigned m = MIN(to + SPARE, from);
	uint32_t dice = 20231;

	*space = (struct space){.from = from, .to = to};
	space->mean = xcalloc(from, sizeof(float));
	space->axes = xcalloc((size_t)from * to, sizeof(float));
	for (size_t at = 0; at < n; at++)
		for (unsigned i = 0; i < from; i++)
			space->mean[i] += vectors[at * from + i] / (float)n;
	SCOPED(free_pointer)
	float *c = covariance(space->mean, vectors, n, from);
	SCOPED(free_pointer)
	float *q = xcalloc((size_t)m * from, sizeof(float));
	SCOPED(free_pointer)
	float *next = xcalloc((size_t)m * from, sizeof(float));
	for (size_t i = 0; i < (size_t)m * from; i++) {
		dice = dice * 1664525 + 1013904223;
		q[i] = (float)(dice >> 8) / (1 << 24) - .5F;
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		orthonormal(q, m, from);
		multiply(q, c, m, from, next);
		memcpy(q, next, (size_t)m * from * sizeof(float));
	}
	orthonormal(q, m, from);
	multiply(q, c, m, from, next);
	fill_axes(space, q, next);
}

/* ---- the sample ---- */

struct gathering {
	float *vectors;
	size_t count, cap;
	unsigned from;
};

static void
gather(void *arg, size_t at, const struct embed_output *output)
{
	struct gathering *g = arg;
	size_t n = output->count * g->from;

	(void)at;
	g->vectors = grow(g->vectors, &g->cap, g->count * g->from + n,
			  sizeof(float));
	memcpy(g->vectors + g->count * g->from, output->tokens,
	       n * sizeof(float));
	g->count += output->count;
}

static bool
make(struct space *space, const struct embed_model *model, struct error *err)
{
	struct gathering g = {.from = embed_info(model)->dimensions};
	struct embed_workspace *w = embed_workspace_create(model);
	struct embed_input inputs[32];
	size_t n = 0;

	for (size_t i = 0; space_sample(i); i++) {
		inputs[n++] =
			(struct embed_input){.text = slice_of(space_sample(i))};
		if (n < COUNT(inputs) && space_sample(i + 1))
			continue;
		embed_batch(w, inputs, n, gather, &g);
		n = 0;
	}
	embed_workspace_destroy(&w);
	SCOPED(free_pointer) float *vectors = g.vectors;
	if (g.count < 2 || g.from < SPACE_WIDTH)
		return error_set(err, ERROR_INVALID,
				 "the model knows no word of a text");
	space_fit(space, vectors, g.count, g.from);
	return true;
}

/* ---- the file ---- */

struct head {
	char magic[8];
	uint32_t version, from, to, zero;
	uint8_t model_print[DIGEST_BYTES];
	uint64_t check; /* of the numbers */
};

static const char magic[8] = {'m', 'n', 'e', 'm', 'e', 's', 'p', 1};

static uint64_t
check_of(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t sum = 0x9E3779B97F4A7C15;

	for (size_t i = 0; i + 4 <= len; i += 4) {
		uint32_t word;
		memcpy(&word, at + i, 4);
		sum = (sum ^ word) * 0x100000001B3;
		sum ^= sum >> 29;
	}
	return sum;
}

void
space_write(const struct space *space, const uint8_t model_print[DIGEST_BYTES],
	    struct buf *out)
{
	struct head head = {
		.version = SPACE_VERSION, .from = space->from, .to = space->to};
	size_t axes = (size_t)space->from * space->to * sizeof(float);

	memcpy(head.magic, magic, sizeof(magic));
	memcpy(head.model_print, model_print, DIGEST_BYTES);
	head.check = check_of(space->axes, axes);
	buf_add(out, &head, sizeof(head));
	buf_add(out, space->mean, space->from * sizeof(float));
	buf_add(out, space->axes, axes);
}

bool
space_read(struct space *space, struct slice bytes,
	   const uint8_t model_print[DIGEST_BYTES], struct error *err)
{
	struct head head;

	if (bytes.len < sizeof(head))
		return error_set(err, ERROR_INVALID, "cut off");
	memcpy(&head, bytes.data, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 ||
	    head.version != SPACE_VERSION ||
	    memcmp(head.model_print, model_print, DIGEST_BYTES) != 0)
		return error_set(err, ERROR_INVALID,
				 "of another model or version");
	size_t mean = head.from * sizeof(float);
	size_t axes = (size_t)head.from * head.to * sizeof(float);
	if (head.from == 0 || head.from > INDEX_DIMENSIONS_MAX ||
	    head.to == 0 || head.to > SPACE_AXES || head.to > head.from ||
	    head.to % SPACE_WIDTH || bytes.len != sizeof(head) + mean + axes ||
	    head.check != check_of(bytes.data + sizeof(head) + mean, axes))
		return error_set(err, ERROR_INVALID, "damaged");
	*space = (struct space){.from = head.from, .to = head.to};
	space->mean = xcalloc(1, mean);
	space->axes = xcalloc(1, axes);
	memcpy(space->mean, bytes.data + sizeof(head), mean);
	memcpy(space->axes, bytes.data + sizeof(head) + mean, axes);
	for (size_t i = 0; i < head.from + axes / sizeof(float); i++) {
		float x = i < head.from ? space->mean[i]
					: space->axes[i - head.from];
		if (isfinite(x))
			continue;
		space_clear(space);
		return error_set(err, ERROR_INVALID, "damaged");
	}
	return true;
}

static bool
read_file(struct space *space, const char *path, const struct embed_info *info)
{
	SCOPED(buf_clear) struct buf bytes;

	buf_init(&bytes, SPACE_BYTES_MAX);
	if (!file_read(path, &bytes, NULL) ||
	    !space_read(space, buf_slice(&bytes), info->fingerprint, NULL))
		return false;
	if (space->from == info->dimensions)
		return true;
	space_clear(space);
	return false;
}

bool
space_open(struct space *space, const char *folder, const char *cache,
	   const struct embed_model *model, struct error *err)
{
	const struct embed_info *info = embed_info(model);
	char hex[DIGEST_HEX + 1];

	digest_hex(info->fingerprint, hex);
	SCOPED(free_pointer)
	char *with_it = xasprintf("%s/.space-%.16s", folder, hex);
	SCOPED(free_pointer)
	char *apart = xasprintf("%s/space-%.16s", cache, hex);
	if (read_file(space, with_it, info))
		return true;
	bool kept = read_file(space, apart, info);
	if (!kept && !make(space, model, err))
		return false;
	SCOPED(buf_clear) struct buf bytes;
	buf_init(&bytes, SPACE_BYTES_MAX);
	space_write(space, info->fingerprint, &bytes);
	if (!file_write(with_it, buf_slice(&bytes), 0644, NULL) && !kept)
		file_write(apart, buf_slice(&bytes), 0600, NULL);
	return true;
}
