/*
 * merge.h - several parts become the bytes of one segment.
 */
#ifndef INDEX_MERGE_H
#define INDEX_MERGE_H

#include "index/part.h"

struct tail;

/* Write the image of a new segment: the documents of the segments and then of
 * the tail (may be NULL), in this order, without the removed ones and their
 * words.  ERROR_CONFLICT when a segment is damaged, ERROR_LIMIT when the
 * result is too large. */
bool merge(struct segment *const *segments, size_t count,
	   const struct tail *tail, uint64_t stamp, struct buf *out,
	   struct error *err);

#endif
