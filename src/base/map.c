/*
 * Open addressing with linear probing, at most 3/4 full.  A dropped entry is
 * filled by moving later ones of its run back, so there are no tombstones.
 */
#include "mneme/map.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "mneme/id.h"

struct map_entry {
	char *key;
	size_t len;
	uint64_t hash;
	void *value; /* NULL: free */
};

/* The process's own, whichever thread asks first. */
static uint64_t
seed(void)
{
	static _Atomic uint64_t kept;
	uint64_t now = atomic_load(&kept), fresh;

	if (now)
		return now;
	random_bytes(&fresh, sizeof(fresh));
	fresh |= 1;
	return atomic_compare_exchange_strong(&kept, &now, fresh) ? fresh : now;
}

/* FNV-1a, seeded, with a final mix (the one of MurmurHash3). */
static uint64_t
hash_of(struct slice key)
{
	uint64_t h = seed() ^ UINT64_C(14695981039346656037);
	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (uint8_t)key.data[i]) * UINT64_C(1099511628211);
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	return h ^ (h >> 33);
}

static struct map_entry *
place(const struct map *m, struct slice key, uint64_t hash)
{
	size_t i = hash & (m->cap - 1);

	for (; m->entries[i].value; i = (i + 1) & (m->cap - 1)) {
		struct map_entry *e = &m->entries[i];
		if (e->hash == hash &&
		    slice_equal(slice_make(e->key, e->len), key))
			break;
	}
	return &m->entries[i];
}

static void
widen(struct map *m)
{
	struct map bigger = {.cap = m->cap ? m->cap * 2 : 8};

	bigger.entries = xcalloc(bigger.cap, sizeof(*bigger.entries));
	for (size_t i = 0; i < m->cap; i++) {
		struct map_entry *e = &m->entries[i];
		if (e->value)
			*place(&bigger, slice_make(e->key, e->len), e->hash) =
				*e;
	}
	bigger.count = m->count;
	free(m->entries);
	*m = bigger;
}

void *
map_get(const struct map *m, struct slice key)
{
	return m->cap ? place(m, key, hash_of(key))->value : NULL;
}

void *
map_put(struct map *m, struct slice key, void *value)
{
	if ((m->count + 1) * 4 > m->cap * 3)
		widen(m);

	uint64_t hash = hash_of(key);
	struct map_entry *e = place(m, key, hash);
	void *old = e->value;
	if (!old) {
		*e = (struct map_entry){slice_dup(key), key.len, hash, NULL};
		m->count++;
	}
	e->value = value;
	return old;
}

void *
map_drop(struct map *m, struct slice key)
{
	if (!m->cap)
		return NULL;
	struct map_entry *hole = place(m, key, hash_of(key));
	void *value = hole->value;
	if (!value)
		return NULL;

	free(hole->key);
	m->count--;
	size_t mask = m->cap - 1;
	size_t at = (size_t)(hole - m->entries);
	for (size_t i = (at + 1) & mask; m->entries[i].value;
	     i = (i + 1) & mask) {
		size_t home = m->entries[i].hash & mask;
		if (((i - home) & mask) < ((i - at) & mask))
			continue; /* its place is behind the hole */
		m->entries[at] = m->entries[i];
		at = i;
	}
	m->entries[at] = (struct map_entry){0};
	return value;
}

bool
map_next(const struct map *m, size_t *at, struct slice *key, void **value)
{
	for (; *at < m->cap; ++*at) {
		const struct map_entry *e = &m->entries[*at];
		if (!e->value)
			continue;
		*key = slice_make(e->key, e->len);
		*value = e->value;
		++*at;
		return true;
	}
	return false;
}

void
map_clear(struct map *m, void (*drop)(void *value))
{
	for (size_t i = 0; i < m->cap; i++) {
		if (!m->entries[i].value)
			continue;
		free(m->entries[i].key);
		if (drop)
			drop(m->entries[i].value);
	}
	free(m->entries);
	*m = (struct map){0};
}
