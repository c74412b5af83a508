/* feed.h - the store's changes as documents of an index. */
#ifndef MEMORY_FEED_H
#define MEMORY_FEED_H

#include "mneme/id.h"
#include "mneme/index.h"

struct store;

/* All changes of the profile after those that the index has; *fed grows by
 * their number, and for long texts by more: it tells when it is worth writing
 * the index to its files. */
bool feed_index(struct store *store, struct index *index, struct id profile,
		size_t *fed, struct error *err);

/* Where part `n` of a message, which begins at `from`, ends; false when it has
 * no such part. */
bool feed_part(struct slice content, size_t n, size_t from, size_t *end);

/* The key of a document: of a message (its part) or a memory. */
void feed_key(uint8_t key[INDEX_KEY], size_t kind, size_t part, struct id id);

#endif
