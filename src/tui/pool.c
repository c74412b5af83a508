/*
 * pool.c - texts that do not fit in a cell, each once, by number.
 *
 * An open hash of numbers over an array of texts.  Nothing leaves it before
 * the screen does; the ceiling keeps a hostile text from growing it.
 */
#include <stdlib.h>

#include "tui/cells.h"

enum { POOL_MAX = 65535, SLOTS_FIRST = 64 };

struct pool {
	struct slice *texts; /* number - 1; owned bytes */
	size_t count, cap;
	uint16_t *slots; /* 0: empty; a power of two of them */
	size_t slot_count;
};

struct pool *
pool_create(void)
{
	struct pool *pool = xcalloc(1, sizeof(*pool));

	pool->slot_count = SLOTS_FIRST;
	pool->slots = xcalloc(SLOTS_FIRST, sizeof(*pool->slots));
	return pool;
}

void
pool_destroy(struct pool **pool)
{
	if (!*pool)
		return;
	for (size_t i = 0; i < (*pool)->count; i++)
		free((void *)(uintptr_t)(*pool)->texts[i].data);
	free((*pool)->texts);
	free((*pool)->slots);
	free(*pool);
	*pool = NULL;
}

static uint32_t
hash_of(struct slice text)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.data[i]) * 16777619U;
	return hash;
}

/* The slot that has `text`, or the empty one where it belongs. */
static uint16_t *
find(const struct pool *pool, struct slice text)
{
	size_t at = hash_of(text) & (pool->slot_count - 1);

	while (pool->slots[at] &&
	       !slice_equal(pool->texts[pool->slots[at] - 1], text))
		at = (at + 1) & (pool->slot_count - 1);
	return &pool->slots[at];
}

static void
rehash(struct pool *pool)
{
	free(pool->slots);
	pool->slot_count *= 2;
	pool->slots = xcalloc(pool->slot_count, sizeof(*pool->slots));
	for (size_t i = 0; i < pool->count; i++)
		*find(pool, pool->texts[i]) = (uint16_t)(i + 1);
}

uint16_t
pool_add(struct pool *pool, struct slice text)
{
	uint16_t *slot = find(pool, text);

	if (*slot)
		return *slot;
	if (pool->count == POOL_MAX)
		return 0;
	pool->texts = grow(pool->texts, &pool->cap, pool->count + 1,
			   sizeof(*pool->texts));
	pool->texts[pool->count++] = slice_make(slice_dup(text), text.len);
	*slot = (uint16_t)pool->count;
	if (pool->count * 2 > pool->slot_count)
		rehash(pool);
	return (uint16_t)pool->count;
}

struct slice
pool_text(const struct pool *pool, uint16_t number)
{
	return pool->texts[number - 1];
}
