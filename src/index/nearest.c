/*
 * The nearest of all documents.  A scan looks at every vector; above some
 * number a graph that was built beforehand gives the candidates, to which are
 * added the documents that it does not know, and both are scored exactly.
 *
 * A graph knows documents by key and mark.  Which ordinal each has is looked
 * up anew after ordinals changed; what was removed since is passed over, its
 * bit unset when the lookup is next made.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "index/graph.h"
#include "index/inner.h"
#include "index/mapped.h"
#include "mneme/buf.h"
#include "mneme/error.h"

enum {
	BUCKETS = 4096,
	BATCH = 256, /* vectors between two looks at whether to stop */
	SLACK = 64,  /* more candidates than wanted */
	STALE = 8    /* over an 8th that it does not know, or are gone */
};

struct index_graph {
	struct graph *graph;
	struct index_model model;
	struct vector_segment rows; /* keys, marks and order, in memory */
	uint8_t *keys;
	uint64_t *marks;
	uint32_t *order;
	/* As of the last lookup: */
	bool known;
	struct place *labels; /* of each ordinal, .row */
	size_t labels_count;
	uint32_t *ordinals; /* of each label, or UINT32_MAX */
	uint8_t *bits;
	size_t alive;
	uint32_t *rest; /* ordinals with a vector and no label */
	size_t rest_count, rest_cap;
};

/* ---- building ---- */

struct building {
	struct index *ix;
	struct index_graph *graph;
	float *batch;
	size_t pending;
};

static void
note_row(struct index_graph *g, const struct vector_part *part, uint32_t row)
{
	uint32_t n = g->rows.part.rows++;

	memcpy(g->keys + (size_t)n * INDEX_KEY,
	       part->keys + (size_t)row * INDEX_KEY, INDEX_KEY);
	g->marks[n] = part->marks[row];
}

static bool
add_batch(struct building *b, struct error *err)
{
	size_t n = b->pending;

	b->pending = 0;
	return !n || graph_add(b->graph->graph, b->batch, n, err);
}

static bool
add_rows(struct building *b, index_stop_fn *stop, void *arg, struct error *err)
{
	const struct vectors *v = &b->ix->vectors;
	size_t dimensions = v->model.dimensions;

	for (uint32_t i = 0; i < v->placed; i++) {
		uint32_t row = 0;
		const struct vector_part *part = vectors_at(b->ix, i, &row);
		if (!part)
			continue;
		memcpy(b->batch + b->pending++ * dimensions,
		       part->exact + row * dimensions,
		       dimensions * sizeof(float));
		note_row(b->graph, part, row);
		if (b->pending < BATCH)
			continue;
		if (stop && stop(arg))
			return error_set(err, ERROR_CANCELLED,
					 "the graph was not wanted any more");
		if (!add_batch(b, err))
			return false;
	}
	return add_batch(b, err);
}

struct index_graph *
index_graph_build(struct index *ix, index_stop_fn *stop, void *arg,
		  struct error *err)
{
	const struct vectors *v = &ix->vectors;
	SCOPED(index_graph_drop)
	struct index_graph *g = xcalloc(1, sizeof(*g));
	SCOPED(free_pointer) float *batch = NULL;
	struct building b = {.ix = ix, .graph = g};

	if (!v->used) {
		error_set(err, ERROR_SETUP, "no model is set for the vectors");
		return NULL;
	}
	vectors_place(ix);
	g->model = v->model;
	g->keys = xcalloc(v->placed + 1, INDEX_KEY);
	g->marks = xcalloc(v->placed + 1, sizeof(*g->marks));
	g->order = xcalloc(v->placed + 1, sizeof(*g->order));
	batch = xcalloc(BATCH * v->model.dimensions, sizeof(*batch));
	b.batch = batch;
	g->graph = graph_create(v->model.dimensions, err);
	if (!g->graph || !add_rows(&b, stop, arg, err))
		return NULL;
	struct vector_part *part = &g->rows.part;
	part->keys = g->keys;
	part->marks = g->marks;
	part->dead = xcalloc((size_t)part->rows + 1, 1);
	g->rows.order = g->order;
	mapped_order_keys(g->keys, part->rows, g->order);
	return TAKE(g);
}

void
index_graph_drop(struct index_graph **graph)
{
	struct index_graph *g = *graph;

	if (!g)
		return;
	graph_destroy(&g->graph);
	free(g->keys);
	free(g->marks);
	free(g->order);
	free(g->rows.part.dead);
	free(g->labels);
	free(g->ordinals);
	free(g->bits);
	free(g->rest);
	free(g);
	*graph = NULL;
}

/* ---- lookup ---- */

static void
add_rest(struct index_graph *g, uint32_t ordinal)
{
	g->rest = grow(g->rest, &g->rest_cap, g->rest_count + 1,
		       sizeof(*g->rest));
	g->rest[g->rest_count++] = ordinal;
}

static void
find_labels(struct index *ix, struct index_graph *g)
{
	struct place *at = g->labels;
	const struct part *tail = &ix->tail.part;

	for (size_t i = 0; i < ix->count; i++) {
		vectors_join(ix->segments[i], &g->rows, 1, at);
		at += ix->segments[i]->part.documents;
	}
	for (uint32_t i = 0; i < tail->documents; i++) {
		uint32_t label;
		if (!tail->dead[i] &&
		    vector_find(&g->rows, tail->keys + (size_t)i * INDEX_KEY,
				&label) &&
		    g->marks[label] == tail->marks[i])
			at[i] = (struct place){1, label};
	}
}

static void
look_up(struct index *ix, struct index_graph *g)
{
	size_t rows = g->rows.part.rows, all = ix->vectors.placed;

	if (g->known)
		return;
	g->labels = xrealloc(g->labels, all + 1, sizeof(*g->labels));
	memset(g->labels, 0, (all + 1) * sizeof(*g->labels));
	g->labels_count = all;
	g->ordinals = xrealloc(g->ordinals, rows + 1, sizeof(*g->ordinals));
	memset(g->ordinals, 0xFF, (rows + 1) * sizeof(*g->ordinals));
	g->bits = xrealloc(g->bits, rows / 8 + 1, 1);
	memset(g->bits, 0, rows / 8 + 1);
	g->rest_count = g->alive = 0;
	find_labels(ix, g);
	for (uint32_t i = 0; i < all; i++) {
		uint32_t row, label = g->labels[i].row;
		if (!vectors_at(ix, i, &row))
			continue;
		if (!g->labels[i].part) {
			add_rest(g, i);
			continue;
		}
		g->ordinals[label] = i;
		g->bits[label / 8] |= (uint8_t)(1U << label % 8);
		g->alive++;
	}
	g->known = true;
}

void
graph_forget(struct index *ix)
{
	if (ix->vectors.graph)
		ix->vectors.graph->known = false;
}

void
graph_note(struct index *ix, uint32_t ordinal)
{
	struct index_graph *g = ix->vectors.graph;

	if (g && g->known && ordinal < g->labels_count &&
	    !g->labels[ordinal].part)
		add_rest(g, ordinal);
}

void
index_use_graph(struct index *ix, struct index_graph **graph)
{
	index_graph_drop(&ix->vectors.graph);
	ix->vectors.graph = TAKE(*graph);
	graph_forget(ix);
}

static bool
has_graph(const struct index *ix)
{
	const struct index_graph *g = ix->vectors.graph;

	return g && g->model.dimensions == ix->vectors.model.dimensions &&
	       memcmp(g->model.fingerprint, ix->vectors.model.fingerprint,
		      INDEX_FINGERPRINT) == 0;
}

bool
index_graph_wanted(struct index *ix)
{
	size_t n = 0;

	if (!ix->vectors.used)
		return false;
	vectors_place(ix);
	if (ix->vectors.placed < INDEX_GRAPH_FROM)
		return false;
	n = index_count(ix) - index_lacking(ix, NULL, 0);
	if (!has_graph(ix))
		return n >= INDEX_GRAPH_FROM;
	struct index_graph *g = ix->vectors.graph;
	look_up(ix, g);
	return (g->rest_count + g->rows.part.rows - g->alive) * STALE >
	       g->rows.part.rows;
}

/* ---- the nearest ---- */

/* Candidates from the graph, what it does not know, what came since. */
static bool
from_graph(struct index *ix, const float *vector, size_t want,
	   struct buf *ordinals, struct error *err)
{
	struct index_graph *g = ix->vectors.graph;
	size_t rows = g->rows.part.rows, count = 0;
	SCOPED(free_pointer) int64_t *labels = NULL;
	uint32_t row;

	look_up(ix, g);
	want = MIN(want + SLACK, rows);
	labels = xcalloc(want + 1, sizeof(*labels));
	if (want && !graph_search(g->graph, vector, want, g->bits, rows / 8 + 1,
				  labels, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if ((size_t)labels[i] < rows &&
		    g->ordinals[labels[i]] != UINT32_MAX)
			buf_add(ordinals, &g->ordinals[labels[i]],
				sizeof(uint32_t));
	for (size_t i = 0; i < g->rest_count; i++)
		buf_add(ordinals, &g->rest[i], sizeof(uint32_t));
	for (uint32_t i = (uint32_t)g->labels_count; i < ix->vectors.placed;
	     i++)
		if (vectors_at(ix, i, &row))
			buf_add(ordinals, &i, sizeof(i));
	return true;
}

static void
from_all(struct index *ix, struct buf *ordinals)
{
	uint32_t row;

	for (uint32_t i = 0; i < ix->vectors.placed; i++)
		if (vectors_at(ix, i, &row))
			buf_add(ordinals, &i, sizeof(i));
}

struct near {
	float cosine;
	uint32_t ordinal;
};

static int
by_cosine(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->cosine != y->cosine)
		return x->cosine > y->cosine ? -1 : 1;
	return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static unsigned
bucket_of(float cosine)
{
	float x = (cosine + 1) / 2 * BUCKETS;

	return x < 0 ? 0 : (unsigned)MIN(x, BUCKETS - 1);
}

/* The best `want`, in order, each once.  Sorting all would cost more than
 * scoring. */
static size_t
keep_best(const uint32_t *ordinals, const float *cosines, size_t n, size_t want,
	  struct near *out)
{
	uint32_t counts[BUCKETS] = {0};
	unsigned limit = BUCKETS;
	size_t total = 0, count = 0;

	for (size_t i = 0; i < n; i++)
		counts[bucket_of(cosines[i])] += cosines[i] > INDEX_LACKS;
	while (limit && total < want)
		total += counts[--limit];
	for (size_t i = 0; i < n; i++)
		if (cosines[i] > INDEX_LACKS && bucket_of(cosines[i]) >= limit)
			out[count++] = (struct near){cosines[i], ordinals[i]};
	qsort(out, count, sizeof(*out), by_cosine);
	total = 0;
	for (size_t i = 0; i < count && total < want; i++)
		if (!total || out[i].ordinal != out[total - 1].ordinal)
			out[total++] = out[i];
	return total;
}

bool
index_nearest(struct index *ix, const float *vector, size_t want,
	      uint32_t *documents, float *cosines, size_t *count,
	      struct error *err)
{
	SCOPED(buf_clear) struct buf candidates;
	SCOPED(free_pointer) float *scores = NULL;
	SCOPED(free_pointer) struct near *best = NULL;

	assert(want <= INDEX_NEAREST_MAX);
	buf_init(&candidates,
		 (size_t)PART_DOCUMENTS_MAX * 2 * sizeof(uint32_t));
	vectors_place(ix);
	if (!has_graph(ix))
		from_all(ix, &candidates);
	else if (!from_graph(ix, vector, want, &candidates, err))
		return false;
	const uint32_t *ordinals = (const void *)candidates.data;
	size_t n = candidates.len / sizeof(*ordinals);
	scores = xcalloc(n + 1, sizeof(*scores));
	best = xcalloc(n + 1, sizeof(*best));
	if (!index_cosines(ix, vector, ordinals, n, scores, err))
		return false;
	*count = keep_best(ordinals, scores, n, want, best);
	for (size_t i = 0; i < *count; i++) {
		documents[i] = best[i].ordinal;
		cosines[i] = best[i].cosine;
	}
	return true;
}
