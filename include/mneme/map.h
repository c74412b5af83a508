/*
 * map.h - a hash table from bytes to pointers.
 *
 * Keys are copied, values are the caller's.  Seeded at random once a process,
 * so that keys from outside cannot be chosen to collide; iteration order
 * therefore means nothing and must not reach any output.
 */
#ifndef MNEME_MAP_H
#define MNEME_MAP_H

#include "mneme/base.h"

struct map_entry;

struct map {
	struct map_entry *entries; /* NULL until the first put */
	size_t count;
	size_t cap; /* a power of two */
};

/* The value, or NULL. */
void *map_get(const struct map *m, struct slice key);

/* Returns the value that stood there before, or NULL.  `value` is not NULL. */
void *map_put(struct map *m, struct slice key, void *value);

/* Takes the key out and returns its value, or NULL. */
void *map_drop(struct map *m, struct slice key);

/* Step through: start with *at = 0; false at the end.  Do not change the map
 * between steps. */
bool map_next(const struct map *m, size_t *at, struct slice *key, void **value);

/* Empty the map; `drop` (may be NULL) gets each value. */
void map_clear(struct map *m, void (*drop)(void *value));

#endif
