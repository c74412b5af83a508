/*
 * Scores by vectors.  All rows in question are scored by their bytes; the best
 * again by their floats.  Numbers that no vector of unit length can give mean
 * that a file is damaged.
 */
#include <math.h>
#include <stdlib.h>

#include "index/dot.h"
#include "index/inner.h"
#include "mneme/error.h"

enum { BATCH = 256, BUCKETS = 4096 };

#define COSINE_MOST 1.02 /* what rounding can make of 1, and some */

static bool
damaged(struct index *ix, struct error *err)
{
	vectors_reset(ix, "the vectors are damaged");
	return error_set(err, ERROR_CONFLICT, "%s", ix->vectors.trouble);
}

static bool
ready(struct index *ix, struct error *err)
{
	if (!ix->vectors.used)
		return error_set(err, ERROR_SETUP,
				 "no model is set for the vectors");
	vectors_place(ix);
	return true;
}

/* ---- one vector a document ---- */

struct query {
	float unit[INDEX_DIMENSIONS_MAX];
	int8_t bytes[INDEX_DIMENSIONS_MAX];
	float factor;
};

static void
scan(const struct index *ix, const struct query *q, const uint32_t *documents,
     size_t n, float *cosines)
{
	const struct vectors *v = &ix->vectors;
	const int8_t *rows[BATCH];
	float factors[BATCH];
	size_t where[BATCH];
	int32_t products[BATCH];
	size_t stride = vector_stride(v->model.dimensions);

	for (size_t i = 0; i < n;) {
		size_t count = 0;
		for (; i < n && count < BATCH; i++) {
			uint32_t row = 0;
			const struct vector_part *part =
				vectors_at(ix, documents[i], &row);
			cosines[i] = INDEX_LACKS;
			if (!part)
				continue;
			rows[count] = part->bytes + row * stride;
			factors[count] = part->factors[row];
			where[count++] = i;
		}
		v->kernel->rows(q->bytes, rows, count, stride, products);
		for (size_t k = 0; k < count; k++)
			cosines[where[k]] =
				(float)products[k] * (factors[k] * q->factor);
	}
}

static unsigned
bucket_of(float cosine)
{
	double x = ((double)cosine + 1) / 2 * BUCKETS;

	return (unsigned)fmin(fmax(x, 0), BUCKETS - 1);
}

/* The bucket from which on the best INDEX_RESCORED lie. */
static unsigned
find_limit(const float *cosines, size_t n)
{
	uint32_t counts[BUCKETS] = {0};
	unsigned bucket = BUCKETS;
	size_t total = 0;

	if (n <= INDEX_RESCORED)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (cosines[i] > INDEX_LACKS)
			counts[bucket_of(cosines[i])]++;
	while (bucket && total < INDEX_RESCORED)
		total += counts[--bucket];
	return bucket;
}

static bool
rescore(const struct index *ix, const struct query *q,
	const uint32_t *documents, size_t n, float *cosines)
{
	const struct vectors *v = &ix->vectors;
	unsigned limit = find_limit(cosines, n);

	for (size_t i = 0; i < n; i++) {
		uint32_t row = 0;
		if (!(cosines[i] > INDEX_LACKS) ||
		    bucket_of(cosines[i]) < limit)
			continue;
		const struct vector_part *part =
			vectors_at(ix, documents[i], &row);
		double x = v->kernel->exact(
			q->unit, part->exact + row * part->dimensions,
			part->dimensions);
		if (!(fabs(x) < COSINE_MOST))
			return false;
		cosines[i] = (float)x;
	}
	return true;
}

bool
index_cosines(struct index *ix, const float *vector, const uint32_t *documents,
	      size_t n, float *cosines, struct error *err)
{
	struct query q;
	size_t dimensions = ix->vectors.model.dimensions;

	if (!ready(ix, err))
		return false;
	if (!vector_unit(vector, dimensions, q.unit) ||
	    !vector_quantise(vector, dimensions, vector_stride(dimensions),
			     q.bytes, &q.factor))
		return error_set(err, ERROR_INVALID,
				 "a vector of zeros or of no numbers");
	scan(ix, &q, documents, n, cosines);
	return rescore(ix, &q, documents, n, cosines) || damaged(ix, err);
}

/* ---- word pieces ---- */

static bool
count_segment(uint32_t *rows_with, const struct vector_segment *s)
{
	const struct vector_part *part = &s->part;
	uint32_t pieces[INDEX_TOKENS_MAX];

	for (uint32_t i = 0; i < s->header->counts; i++)
		rows_with[s->counts[i].piece] += s->counts[i].rows;
	for (uint32_t row = 0; part->dead_count && row < part->rows; row++) {
		if (!part->dead[row])
			continue;
		uint32_t from = part->start[row];
		size_t n = vector_distinct(part->pieces + from,
					   part->start[row + 1] - from, pieces);
		for (size_t i = 0; i < n; i++)
			if (pieces[i] >= VECTOR_PIECES_MAX ||
			    !rows_with[pieces[i]]--)
				return false;
	}
	return true;
}

static void
count_tail(uint32_t *rows_with, const struct vector_part *part)
{
	uint32_t pieces[INDEX_TOKENS_MAX];

	for (uint32_t row = 0; row < part->rows; row++) {
		uint32_t from = part->start[row];
		if (part->dead[row])
			continue;
		size_t n = vector_distinct(part->pieces + from,
					   part->start[row + 1] - from, pieces);
		for (size_t i = 0; i < n; i++)
			rows_with[pieces[i]]++;
	}
}

/* Once for all rows; kept up by what adds and removes. */
static bool
count_all(struct vectors *v)
{
	if (v->rows_with)
		return true;
	v->rows_with = xcalloc(VECTOR_PIECES_MAX, sizeof(*v->rows_with));
	for (size_t i = 0; i < v->count; i++)
		if (!count_segment(v->rows_with, v->segments[i]))
			return false;
	count_tail(v->rows_with, &v->tail.part);
	return true;
}

struct counting {
	/* Of each piece: its place among the query's different ones, plus 1. */
	uint16_t slots[VECTOR_PIECES_MAX];
	uint32_t counts[INDEX_TOKENS_MAX], last[INDEX_TOKENS_MAX];
	uint16_t used;
};

static bool
count_document(struct counting *c, const struct vector_part *part, uint32_t row,
	       uint32_t number)
{
	for (uint32_t i = part->start[row]; i < part->start[row + 1]; i++) {
		if (part->pieces[i] >= VECTOR_PIECES_MAX)
			return false;
		unsigned slot = c->slots[part->pieces[i]];
		if (slot && c->last[slot - 1] != number) {
			c->last[slot - 1] = number;
			c->counts[slot - 1]++;
		}
	}
	return true;
}

static bool
count_scope(const struct index *ix, const uint32_t *documents, size_t n,
	    const uint32_t *pieces, size_t count, uint32_t *counts)
{
	SCOPED(free_pointer) struct counting *c = xcalloc(1, sizeof(*c));

	for (size_t i = 0; i < count; i++)
		if (!c->slots[pieces[i]])
			c->slots[pieces[i]] = ++c->used;
	for (size_t i = 0; i < n; i++) {
		uint32_t row = 0;
		const struct vector_part *part =
			vectors_at(ix, documents[i], &row);
		if (part && !count_document(c, part, row, (uint32_t)i + 1))
			return false;
	}
	for (size_t i = 0; i < count; i++)
		counts[i] = c->counts[c->slots[pieces[i]] - 1];
	return true;
}

bool
index_piece_counts(struct index *ix, const uint32_t *documents, size_t n,
		   const uint32_t *pieces, size_t count, uint32_t *counts,
		   struct error *err)
{
	struct vectors *v = &ix->vectors;

	if (!ready(ix, err))
		return false;
	if (count > INDEX_TOKENS_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%zu word pieces; at most %d are counted",
				 count, INDEX_TOKENS_MAX);
	for (size_t i = 0; i < count; i++)
		if (pieces[i] >= VECTOR_PIECES_MAX)
			return error_set(err, ERROR_LIMIT,
					 "a word piece of number %u",
					 pieces[i]);
	if (n < index_count(ix))
		return count_scope(ix, documents, n, pieces, count, counts) ||
		       damaged(ix, err);
	if (!count_all(v))
		return damaged(ix, err);
	for (size_t i = 0; i < count; i++)
		counts[i] = v->rows_with[pieces[i]];
	return true;
}

/* ---- late interaction ---- */

struct late {
	int8_t bytes[INDEX_TOKENS_MAX * INDEX_DIMENSIONS_MAX];
	float factors[INDEX_TOKENS_MAX];
	const float *weights;
	size_t count;
	double total;
};

static bool
prepare_late(struct late *l, const struct index_late *query,
	     const struct vectors *v, struct error *err)
{
	size_t dimensions = v->model.token_dimensions;
	size_t stride = vector_stride(dimensions);

	if (!dimensions)
		return error_set(err, ERROR_SETUP,
				 "no word pieces' vectors are kept");
	if (!query->count || query->count > INDEX_TOKENS_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%zu word pieces; 1 to %d can be asked for",
				 query->count, INDEX_TOKENS_MAX);
	l->weights = query->weights;
	l->count = query->count;
	l->total = 0;
	for (size_t i = 0; i < l->count; i++) {
		l->total += (double)l->weights[i];
		if (!vector_quantise(query->tokens + i * dimensions, dimensions,
				     stride, l->bytes + i * stride,
				     &l->factors[i]) ||
		    !(l->weights[i] >= 0))
			return error_set(err, ERROR_INVALID,
					 "a word piece of no numbers");
	}
	return (l->total > 0 && isfinite(l->total)) ||
	       error_set(err, ERROR_INVALID, "word pieces of no weight");
}

static bool
score_late(const struct vectors *v, const struct late *l,
	   const struct vector_part *part, uint32_t row, float *score)
{
	float best[INDEX_TOKENS_MAX];
	size_t from = part->start[row], n = part->start[row + 1] - from;
	double sum = 0;

	if (!n) {
		*score = INDEX_LACKS;
		return true;
	}
	v->kernel->best(
		l->bytes, l->count, part->tokens + from * part->token_stride,
		part->token_factors + from, n, part->token_stride, best);
	for (size_t i = 0; i < l->count; i++) {
		double cosine = (double)best[i] * (double)l->factors[i];
		if (!(fabs(cosine) < COSINE_MOST))
			return false;
		sum += (double)l->weights[i] * cosine;
	}
	*score = (float)(sum / l->total);
	return true;
}

bool
index_late_scores(struct index *ix, const struct index_late *query,
		  const uint32_t *documents, size_t n, float *scores,
		  struct error *err)
{
	SCOPED(free_pointer) struct late *l = xcalloc(1, sizeof(*l));

	if (!ready(ix, err) || !prepare_late(l, query, &ix->vectors, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t row = 0;
		const struct vector_part *part =
			vectors_at(ix, documents[i], &row);
		scores[i] = INDEX_LACKS;
		if (part && !score_late(&ix->vectors, l, part, row, &scores[i]))
			return damaged(ix, err);
	}
	return true;
}
