/*
 * inner.h - what the files of this module share of a struct index.
 *
 * Ordinals count through the segments in order, then the tail.
 */
#ifndef INDEX_INNER_H
#define INDEX_INNER_H

#include <sys/types.h>

#include "index/manifest.h"
#include "index/tail.h"

struct words;

/* The file that was read, as stat() knows it; all zero when there is none. */
struct identity {
	dev_t dev;
	ino_t ino;
	off_t size;
	int64_t changed;
};

struct index {
	char *dir;
	char language[INDEX_LANGUAGE_MAX + 1];
	struct words *words;
	struct segment *segments[MANIFEST_SEGMENTS_MAX];
	size_t count;
	struct tail tail;
	uint64_t sequence;
	bool changed; /* something is only in memory */
	struct identity identity;
	struct map sessions; /* struct part_session: its number + 1 */
	uint32_t session_count;
	char trouble[512]; /* empty: none */
};

/* The parts in order of ordinals: i from 0 to index_parts() - 1. */
size_t index_parts(const struct index *ix);
struct part *index_part(struct index *ix, size_t i);

/* Replace what is in memory by what is on disk.  False only when the folder
 * itself cannot be read; unusable files leave an empty index in trouble. */
bool index_load(struct index *ix, struct error *err);

/* A segment turned out damaged: be empty, in trouble, at sequence 0. */
void index_reset(struct index *ix, const char *why);

bool index_look(const struct index *ix, struct identity *now,
		struct error *err);

#endif
