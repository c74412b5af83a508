/*
 * vector_tail.h - the vectors that are only in memory.
 */
#ifndef INDEX_VECTOR_TAIL_H
#define INDEX_VECTOR_TAIL_H

#include "index/vector.h"
#include "mneme/map.h"

struct vector_tail {
	struct vector_part part; /* its arrays are the ones below */
	uint64_t *marks;
	float *factors, *exact, *token_factors;
	uint8_t *keys;
	int8_t *bytes, *tokens;
	uint32_t *start, *pieces;
	size_t marks_cap, factors_cap, exact_cap, token_factors_cap, keys_cap,
		bytes_cap, tokens_cap, start_cap, pieces_cap, dead_cap;
	struct map by_key; /* key: row + 1, of those not removed */
};

/* Zeroed memory is an empty tail, before its shape is known. */
bool vector_tail_add(struct vector_tail *tail, const uint8_t *key,
		     uint64_t mark, const struct index_vector *v,
		     struct error *err);
bool vector_tail_find(const struct vector_tail *tail, const uint8_t *key,
		      uint32_t *row);
bool vector_tail_remove(struct vector_tail *tail, const uint8_t *key);
void vector_tail_clear(struct vector_tail *tail); /* keeps its shape */

#endif
