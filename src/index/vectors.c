/*
 * Which document has which vector.  Words and vectors lie in segments of their
 * own, so a document's place among the vectors is looked up by its key, for
 * all documents at once in the order of keys, when it is first asked for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "index/dot.h"
#include "index/inner.h"
#include "mneme/error.h"
#include "mneme/file.h"

size_t
vectors_parts(const struct vectors *v)
{
	return v->count + 1;
}

struct vector_part *
vectors_part(struct vectors *v, size_t i)
{
	return i < v->count ? &v->segments[i]->part : &v->tail.part;
}

void
vectors_unplace(struct index *ix)
{
	ix->vectors.placed = 0;
	graph_forget(ix);
}

void
vectors_clear(struct vectors *v)
{
	while (v->count)
		vector_close(&v->segments[--v->count]);
	vector_tail_clear(&v->tail);
	free(v->places);
	free(v->rows_with);
	v->places = NULL;
	v->rows_with = NULL;
	v->placed = v->places_cap = 0;
	v->trouble[0] = '\0';
}

void
vectors_reset(struct index *ix, const char *why)
{
	vectors_clear(&ix->vectors);
	graph_forget(ix);
	snprintf(ix->vectors.trouble, sizeof(ix->vectors.trouble), "%s", why);
	ix->changed = true;
}

/* Of the model in use and, without one, of one model. */
static bool
fits(const struct vectors *v, const struct vector_header *h)
{
	const struct vector_header *first =
		v->count ? v->segments[0]->header : h;

	if (v->used)
		return h->dimensions == v->model.dimensions &&
		       h->token_dimensions == v->model.token_dimensions &&
		       memcmp(h->fingerprint, v->model.fingerprint,
			      INDEX_FINGERPRINT) == 0;
	return h->dimensions == first->dimensions &&
	       h->token_dimensions == first->token_dimensions &&
	       memcmp(h->fingerprint, first->fingerprint, INDEX_FINGERPRINT) ==
		       0;
}

static bool
map_one(struct index *ix, uint64_t stamp, struct error *err)
{
	struct vectors *v = &ix->vectors;
	SCOPED(vector_close)
	struct vector_segment *segment = xcalloc(1, sizeof(*segment));
	char name[32];

	snprintf(name, sizeof(name), "vectors-%016llx",
		 (unsigned long long)stamp);
	SCOPED(free_pointer) char *path = path_join(ix->dir, name);
	if (!vector_map(segment, path, stamp, err))
		return false;
	if (!fits(v, segment->header))
		return error_set(err, ERROR_CONFLICT,
				 "%s: vectors of another model", path);
	v->segments[v->count++] = TAKE(segment);
	return true;
}

bool
vectors_load(struct index *ix, const struct manifest *m, struct error *err)
{
	struct vectors *v = &ix->vectors;
	struct error why = {0};

	vectors_clear(v);
	for (uint32_t i = 0; i < m->vector_segments; i++) {
		if (map_one(ix, m->vector_stamps[i], &why))
			continue;
		if (why.code == ERROR_NOT_FOUND)
			return error_set(err, why.code, "%s", why.text);
		vectors_reset(ix, why.text);
		return true;
	}
	for (size_t i = 0; i < m->vector_removed_count; i++) {
		struct manifest_removed r = m->vector_removed[i];
		if (r.segment >= v->count ||
		    r.document >= v->segments[r.segment]->part.rows) {
			vectors_reset(ix, "a removal of no vector");
			return true;
		}
		vector_kill(&v->segments[r.segment]->part, r.document);
	}
	return true;
}

/* The row with this key that is not removed. */
static bool
find_row(const struct vectors *v, const uint8_t *key, struct place *place)
{
	if (vector_tail_find(&v->tail, key, &place->row)) {
		place->part = (uint32_t)v->count + 1;
		return true;
	}
	for (size_t i = v->count; i-- > 0;) {
		const struct vector_segment *s = v->segments[i];
		if (vector_find(s, key, &place->row) &&
		    !s->part.dead[place->row]) {
			place->part = (uint32_t)i + 1;
			return true;
		}
	}
	return false;
}

/* Keep the counts right; they are made anew when pieces are not to be read. */
static void
uncount(struct vectors *v, const struct vector_part *part, uint32_t row)
{
	uint32_t pieces[INDEX_TOKENS_MAX], from = part->start[row];
	size_t n;

	if (!v->rows_with)
		return;
	n = vector_distinct(part->pieces + from, part->start[row + 1] - from,
			    pieces);
	for (size_t i = 0; i < n; i++)
		if (pieces[i] < VECTOR_PIECES_MAX && v->rows_with[pieces[i]])
			v->rows_with[pieces[i]]--;
}

bool
vectors_remove(struct index *ix, const uint8_t *key, const uint64_t *keep)
{
	struct vectors *v = &ix->vectors;
	struct place place;
	bool was = false;

	while (find_row(v, key, &place)) {
		struct vector_part *part = vectors_part(v, place.part - 1);
		if (keep && part->marks[place.row] == *keep)
			break;
		uncount(v, part, place.row);
		if (place.part > v->count)
			vector_tail_remove(&v->tail, key);
		else
			vector_kill(part, place.row);
		was = true;
	}
	ix->changed = ix->changed || was;
	return was;
}

/* ---- places ---- */

static uint32_t
lower_bound(const uint32_t *order, uint32_t n, const uint8_t *keys,
	    const uint8_t *key)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (order[middle] < n &&
		    memcmp(keys + (size_t)order[middle] * INDEX_KEY, key,
			   INDEX_KEY) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Both in the order of their keys; one that lies about it finds less. */
void
vectors_join(const struct segment *words, const struct vector_segment *vectors,
	     uint32_t number, struct place *places)
{
	const struct part *w = &words->part;
	const struct vector_part *v = &vectors->part;
	uint32_t i, k = 0;

	if (!w->documents || !v->rows)
		return;
	i = lower_bound(words->order, w->documents, w->keys,
			v->keys + (size_t)vectors->order[0] * INDEX_KEY);
	if (i < w->documents && words->order[i] < w->documents)
		k = lower_bound(vectors->order, v->rows, v->keys,
				w->keys + (size_t)words->order[i] * INDEX_KEY);
	while (i < w->documents && k < v->rows) {
		uint32_t document = words->order[i], row = vectors->order[k];
		if (document >= w->documents)
			return;
		int order =
			memcmp(w->keys + (size_t)document * INDEX_KEY,
			       v->keys + (size_t)row * INDEX_KEY, INDEX_KEY);
		if (order == 0 && !v->dead[row] &&
		    w->marks[document] == v->marks[row])
			places[document] = (struct place){number, row};
		i += order <= 0;
		k += order >= 0;
	}
}

/* A document that is not removed, by its key. */
static bool
find_document(const struct index *ix, const uint8_t *key, uint32_t *ordinal,
	      uint64_t *mark)
{
	uintptr_t place = (uintptr_t)map_get(&ix->tail.by_key,
					     slice_make(key, INDEX_KEY));
	uint32_t first = 0, document = 0;

	for (size_t i = 0; i < ix->count; i++) {
		const struct part *part = &ix->segments[i]->part;
		if (segment_key(ix->segments[i], key, &document) &&
		    !part->dead[document]) {
			*ordinal = first + document;
			*mark = part->marks[document];
			return true;
		}
		first += part->documents;
	}
	if (!place)
		return false;
	*ordinal = first + (uint32_t)place - 1;
	*mark = ix->tail.part.marks[place - 1];
	return true;
}

static void
place_segments(struct index *ix)
{
	struct vectors *v = &ix->vectors;
	struct place *at = v->places;

	for (size_t i = 0; i < ix->count; i++) {
		for (size_t k = 0; k < v->count; k++)
			vectors_join(ix->segments[i], v->segments[k],
				     (uint32_t)k + 1, at);
		at += ix->segments[i]->part.documents;
	}
	for (uint32_t row = 0; row < v->tail.part.rows; row++) {
		uint32_t ordinal;
		uint64_t mark;
		if (!v->tail.part.dead[row] &&
		    find_document(ix,
				  v->tail.part.keys + (size_t)row * INDEX_KEY,
				  &ordinal, &mark) &&
		    mark == v->tail.part.marks[row] &&
		    ordinal < (size_t)(at - v->places))
			v->places[ordinal] =
				(struct place){(uint32_t)v->count + 1, row};
	}
}

void
vectors_place(struct index *ix)
{
	struct vectors *v = &ix->vectors;
	const struct part *tail = &ix->tail.part;
	size_t first = 0, all;

	for (size_t i = 0; i < ix->count; i++)
		first += ix->segments[i]->part.documents;
	all = first + tail->documents;
	if (v->placed == all && v->places)
		return;
	v->places =
		grow(v->places, &v->places_cap, all + 1, sizeof(*v->places));
	memset(v->places + v->placed, 0,
	       (all - v->placed) * sizeof(*v->places));
	if (v->placed < first || !v->placed) {
		memset(v->places, 0, all * sizeof(*v->places));
		place_segments(ix);
		v->placed = first;
	}
	for (; v->placed < all; v->placed++) {
		size_t document = v->placed - first;
		struct place place;
		if (!tail->dead[document] &&
		    find_row(v, tail->keys + document * INDEX_KEY, &place) &&
		    vectors_part(v, place.part - 1)->marks[place.row] ==
			    tail->marks[document])
			v->places[v->placed] = place;
	}
}

const struct vector_part *
vectors_at(const struct index *ix, uint32_t ordinal, uint32_t *row)
{
	const struct vectors *v = &ix->vectors;

	if (ordinal >= v->placed || !v->places[ordinal].part)
		return NULL;
	struct place place = v->places[ordinal];
	const struct vector_part *part =
		place.part > v->count ? &v->tail.part
				      : &v->segments[place.part - 1]->part;
	if (part->dead[place.row])
		return NULL;
	*row = place.row;
	return part;
}

/* ---- the interface ---- */

static bool
same_model(const struct index_model *a, const struct index_model *b)
{
	return a->dimensions == b->dimensions &&
	       a->token_dimensions == b->token_dimensions &&
	       memcmp(a->fingerprint, b->fingerprint, INDEX_FINGERPRINT) == 0;
}

bool
index_use_model(struct index *ix, const struct index_model *model,
		struct error *err)
{
	struct vectors *v = &ix->vectors;

	if (!model->dimensions || model->dimensions > INDEX_DIMENSIONS_MAX ||
	    model->dimensions % 32 ||
	    model->token_dimensions > INDEX_DIMENSIONS_MAX ||
	    model->token_dimensions % 32)
		return error_set(err, ERROR_INVALID,
				 "vectors of %u and %u numbers; multiples of "
				 "32 up to %d are kept",
				 model->dimensions, model->token_dimensions,
				 INDEX_DIMENSIONS_MAX);
	bool other = v->used && !same_model(&v->model, model);
	v->kernel = dot_best();
	v->model = *model;
	v->used = true;
	if ((v->count && !fits(v, v->segments[0]->header)) ||
	    (v->tail.part.rows && other))
		vectors_reset(ix, "vectors of another model");
	vector_shape(&v->tail.part, model->dimensions, model->token_dimensions);
	return true;
}

const char *
index_vector_trouble(const struct index *ix)
{
	return ix->vectors.trouble[0] ? ix->vectors.trouble : NULL;
}

static bool
check_vector(const struct vectors *v, const struct index_vector *vector,
	     struct error *err)
{
	if (!v->used)
		return error_set(err, ERROR_SETUP,
				 "no model is set for the vectors");
	if (vector->count > INDEX_TOKENS_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%zu word pieces; at most %d are kept",
				 vector->count, INDEX_TOKENS_MAX);
	for (size_t i = 0; i < vector->count; i++)
		if (vector->pieces[i] >= VECTOR_PIECES_MAX)
			return error_set(err, ERROR_LIMIT,
					 "a word piece of number %u; at most "
					 "%d are kept",
					 vector->pieces[i], VECTOR_PIECES_MAX);
	return true;
}

bool
index_put_vector(struct index *ix, const uint8_t key[INDEX_KEY],
		 const struct index_vector *vector, struct error *err)
{
	struct vectors *v = &ix->vectors;
	uint32_t ordinal, row = v->tail.part.rows;
	uint64_t mark;

	if (!check_vector(v, vector, err))
		return false;
	if (!find_document(ix, key, &ordinal, &mark))
		return error_set(err, ERROR_NOT_FOUND,
				 "a vector of no document");
	vectors_remove(ix, key, NULL);
	if (!vector_tail_add(&v->tail, key, mark, vector, err))
		return false;
	ix->changed = true;
	if (ordinal < v->placed)
		v->places[ordinal] =
			(struct place){(uint32_t)v->count + 1, row};
	graph_note(ix, ordinal);
	if (!v->rows_with)
		return true;
	uint32_t pieces[INDEX_TOKENS_MAX];
	size_t n = vector_distinct(vector->pieces, vector->count, pieces);
	for (size_t i = 0; i < n; i++)
		v->rows_with[pieces[i]]++;
	return true;
}

bool
index_drop_vector(struct index *ix, const uint8_t key[INDEX_KEY])
{
	return vectors_remove(ix, key, NULL);
}

size_t
index_lacking(struct index *ix, uint32_t *ordinals, size_t max)
{
	size_t total = 0;
	uint32_t row, ordinal = 0;

	vectors_place(ix);
	for (size_t i = 0; i < index_parts(ix); i++)
		ordinal += index_part(ix, i)->documents;
	for (size_t i = index_parts(ix); i-- > 0;) {
		const struct part *part = index_part(ix, i);
		for (uint32_t d = part->documents; d-- > 0;) {
			ordinal--;
			if (part->dead[d] || vectors_at(ix, ordinal, &row))
				continue;
			if (total < max)
				ordinals[total] = ordinal;
			total++;
		}
	}
	return total;
}

const float *
index_vector_of(struct index *ix, uint32_t ordinal)
{
	uint32_t row = 0;

	vectors_place(ix);
	const struct vector_part *part = vectors_at(ix, ordinal, &row);
	return part && ix->vectors.used ? part->exact + row * part->dimensions
					: NULL;
}
