/*
 * Everything is written behind the end first and counted last, so that a
 * vector which is refused leaves nothing.
 */
#include "index/vector_tail.h"

#include <stdlib.h>

#include "mneme/error.h"

static void
make_room(struct vector_tail *t, size_t rows, size_t tokens)
{
	struct vector_part *p = &t->part;

#define ROOM(name, n, size) \
	p->name = t->name = grow(t->name, &t->name##_cap, n, size)
	ROOM(marks, rows, sizeof(*t->marks));
	ROOM(factors, rows, sizeof(*t->factors));
	ROOM(keys, rows, INDEX_KEY);
	ROOM(bytes, rows, p->stride);
	ROOM(exact, rows, p->dimensions * sizeof(*t->exact));
	ROOM(start, rows + 1, sizeof(*t->start));
	ROOM(pieces, tokens, sizeof(*t->pieces));
	ROOM(token_factors, tokens, sizeof(*t->token_factors));
	ROOM(tokens, tokens, MAX(p->token_stride, 1));
#undef ROOM
	p->dead = grow(p->dead, &t->dead_cap, rows, 1);
}

static bool
add_tokens(struct vector_tail *t, size_t at, const struct index_vector *v)
{
	const struct vector_part *p = &t->part;

	for (size_t i = 0; i < v->count; i++) {
		t->pieces[at + i] = v->pieces[i];
		t->token_factors[at + i] = 0;
		if (p->token_dimensions &&
		    !vector_quantise(v->tokens + i * p->token_dimensions,
				     p->token_dimensions, p->token_stride,
				     t->tokens + (at + i) * p->token_stride,
				     &t->token_factors[at + i]))
			return false;
	}
	return true;
}

bool
vector_tail_add(struct vector_tail *t, const uint8_t *key, uint64_t mark,
		const struct index_vector *v, struct error *err)
{
	struct vector_part *p = &t->part;
	uint32_t row = p->rows, at = row ? t->start[row] : 0;

	if (row >= VECTOR_ROWS_MAX || v->count > UINT32_MAX - at)
		return error_set(err, ERROR_LIMIT,
				 "too many vectors in memory");
	make_room(t, row + 1, at + v->count + 1);
	t->start[row] = at;
	if (!vector_unit(v->vector, p->dimensions,
			 t->exact + row * p->dimensions) ||
	    !vector_quantise(v->vector, p->dimensions, p->stride,
			     t->bytes + row * p->stride, &t->factors[row]) ||
	    !add_tokens(t, at, v))
		return error_set(err, ERROR_INVALID,
				 "a vector of zeros or of no numbers");
	t->marks[row] = mark;
	memcpy(t->keys + (size_t)row * INDEX_KEY, key, INDEX_KEY);
	t->start[row + 1] = at + (uint32_t)v->count;
	p->dead[row] = 0;
	p->rows++;
	map_put(&t->by_key, slice_make(key, INDEX_KEY),
		(void *)(uintptr_t)(row + 1));
	return true;
}

bool
vector_tail_find(const struct vector_tail *t, const uint8_t *key, uint32_t *row)
{
	uintptr_t place =
		(uintptr_t)map_get(&t->by_key, slice_make(key, INDEX_KEY));

	if (place)
		*row = (uint32_t)place - 1;
	return place != 0;
}

bool
vector_tail_remove(struct vector_tail *t, const uint8_t *key)
{
	uintptr_t place =
		(uintptr_t)map_drop(&t->by_key, slice_make(key, INDEX_KEY));

	return place && vector_kill(&t->part, (uint32_t)place - 1);
}

void
vector_tail_clear(struct vector_tail *t)
{
	unsigned dimensions = (unsigned)t->part.dimensions;
	unsigned tokens = (unsigned)t->part.token_dimensions;

	map_clear(&t->by_key, NULL);
	free(t->marks);
	free(t->factors);
	free(t->keys);
	free(t->bytes);
	free(t->exact);
	free(t->start);
	free(t->pieces);
	free(t->token_factors);
	free(t->tokens);
	free(t->part.dead);
	*t = (struct vector_tail){0};
	vector_shape(&t->part, dimensions, tokens);
}
