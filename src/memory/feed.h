/* feed.h - the store's changes as documents of an index. */
#ifndef MEMORY_FEED_H
#define MEMORY_FEED_H

#include "mneme/index.h"

struct store;

/* All changes of the profile after those that the index has; *fed grows by
 * their number. */
bool feed_index(struct store *store, struct index *index, struct id profile,
		size_t *fed, struct error *err);

#endif
