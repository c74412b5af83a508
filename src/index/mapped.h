/*
 * mapped.h - what the files of the index have in common: each is mapped whole,
 * is never changed, and finds its documents by an order of their keys.
 *
 * A file that was replaced stays whole for whoever has it mapped.
 */
#ifndef INDEX_MAPPED_H
#define INDEX_MAPPED_H

#include "mneme/base.h"

struct error;

/* Map a regular file of at least `least` bytes.  False with the path and the
 * reason; ERROR_NOT_FOUND when there is none. */
bool mapped_open(const char *path, size_t least, struct slice *image,
		 struct error *err);
void mapped_close(struct slice *image); /* nothing for an empty one */
/* Its pages are needed no more for now: they are the system's own cache, take
 * none of our memory, and come back when they are read. */
void mapped_rest(struct slice image);

/* Fill order[count]: the places of keys[count][INDEX_KEY], smallest first. */
void mapped_order_keys(const uint8_t *keys, uint32_t count, uint32_t *order);
/* Where in keys[count][INDEX_KEY] a key stands.  A damaged order
 * finds nothing. */
bool mapped_find_key(const uint8_t *keys, const uint32_t *order, uint32_t count,
		     const uint8_t *key, uint32_t *at);

#endif
