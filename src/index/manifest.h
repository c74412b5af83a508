/*
 * manifest.h - which segments of words and of vectors make the index, and how
 * far it has come.
 *
 * The file "words" is the only name that readers start from.  It is replaced
 * whole, after the segments it names are on disk.
 */
#ifndef INDEX_MANIFEST_H
#define INDEX_MANIFEST_H

#include "mneme/buf.h"
#include "mneme/index.h"

struct error;

enum { MANIFEST_SEGMENTS_MAX = 64, MANIFEST_MAX = 256 << 20 };

struct manifest_removed {
	uint32_t segment, document;
};

struct manifest {
	uint64_t sequence;
	char language[INDEX_LANGUAGE_MAX + 1];
	uint64_t stamps[MANIFEST_SEGMENTS_MAX];
	uint32_t segments;
	struct manifest_removed *removed; /* owned */
	size_t removed_count, removed_cap;
	uint64_t vector_stamps[MANIFEST_SEGMENTS_MAX]; /* the same again */
	uint32_t vector_segments;
	struct manifest_removed *vector_removed;
	size_t vector_removed_count, vector_removed_cap;
};

/* False with the reason when the bytes are not a whole manifest. */
bool manifest_read(struct manifest *manifest, struct slice bytes,
		   struct error *err);
bool manifest_write(const struct manifest *manifest, struct buf *out);
void manifest_clear(struct manifest *manifest);

#endif
