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
#include "index/vector_tail.h"

struct dot_kernel;
struct words;

/* The file that was read, as stat() knows it; all zero when there is none. */
struct identity {
	dev_t dev;
	ino_t ino;
	off_t size;
	int64_t changed;
};

/* Where a document's vector is. */
struct place {
	uint32_t part; /* 0: nowhere; else one more than its number */
	uint32_t row;
};

struct vectors {
	struct index_model model;
	bool used; /* the model is known */
	const struct dot_kernel *kernel;
	struct vector_segment *segments[MANIFEST_SEGMENTS_MAX];
	size_t count;
	struct vector_tail tail;
	struct place *places; /* of each ordinal so far */
	size_t placed, places_cap;
	struct index_graph *graph;
	uint32_t *rows_with; /* of each piece; NULL: not counted yet */
	char trouble[512];
};

struct index {
	char *dir;
	char language[INDEX_LANGUAGE_MAX + 1];
	struct words *words;
	struct segment *segments[MANIFEST_SEGMENTS_MAX];
	size_t count;
	struct tail tail;
	struct vectors vectors;
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

/* A segment turned out damaged: be empty, in trouble, at sequence 0. */
void index_reset(struct index *ix, const char *why);

/* The vectors' parts, likewise; the last is the one in memory. */
size_t vectors_parts(const struct vectors *v);
struct vector_part *vectors_part(struct vectors *v, size_t i);

/* Forget what is in memory of vectors, but not whose they are. */
void vectors_clear(struct vectors *v);
/* As above, in trouble. */
void vectors_reset(struct index *ix, const char *why);

/* Map the manifest's; false with ERROR_NOT_FOUND when one is gone. */
bool vectors_load(struct index *ix, const struct manifest *m,
		  struct error *err);

/* Take the row of this key out, unless it has this mark. */
bool vectors_remove(struct index *ix, const uint8_t *key, const uint64_t *keep);

/* Know the place of every ordinal; after places changed, from the beginning. */
void vectors_place(struct index *ix);
void vectors_unplace(struct index *ix);

/* The vector of a document, or NULL. */
const struct vector_part *vectors_at(const struct index *ix, uint32_t ordinal,
				     uint32_t *row);

/* Give places[document] the number `number` and the row that has the same key
 * and mark. */
void vectors_join(const struct segment *words,
		  const struct vector_segment *vectors, uint32_t number,
		  struct place *places);

/* The graph's ordinals hold no more; a document got a vector. */
void graph_forget(struct index *ix);
void graph_note(struct index *ix, uint32_t ordinal);

/* Write what has to be written: next[] gets the segments there will be, those
 * of now among them; *m names them and what is removed of them.  Also when it
 * fails, *count are there to be given up. */
bool vectors_write(struct index *ix, enum index_flush how,
		   struct vector_segment **next, size_t *count,
		   struct manifest *m, struct error *err);
/* Take them for the ones of now, or close those that are not. */
void vectors_adopt(struct index *ix, struct vector_segment **next,
		   size_t count);
void vectors_give_up(struct index *ix, struct vector_segment **next,
		     size_t count);

bool index_look(const struct index *ix, struct identity *now,
		struct error *err);

/* The one on disk; ERROR_NOT_FOUND where nothing was written yet. */
bool index_read_manifest(struct index *ix, struct manifest *manifest,
			 struct error *err);

#endif
