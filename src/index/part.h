/*
 * part.h - a piece of the index: documents, their sessions, and for each stem
 * the documents that have it.
 *
 * A segment is a part in a file, mapped and never changed; the tail is the
 * part in memory that grows.  Both show their documents as the same arrays
 * and their postings as the same bytes: for each document the distance to the
 * one before (at least 1, the first counts from -1) and how often the stem
 * stands in it (at least 1), as varints of 7 bits a byte, lowest first.
 *
 * A segment's file, in the machine's byte order (another's is refused by the
 * header's check), has no offsets: the counts in its header give the places,
 * widest fields first, so that all are aligned.
 */
#ifndef INDEX_PART_H
#define INDEX_PART_H

#include "mneme/base.h"
#include "mneme/index.h"

struct buf;
struct error;

enum {
	PART_DOCUMENTS_MAX = 1 << 24,
	SEGMENT_VERSION = 2,
};

struct part_session {
	struct id conversation;
	uint64_t session;
};

struct part {
	uint32_t documents, sessions;
	const uint64_t *seq;   /* these six have an element a document */
	const uint64_t *marks; /* of its text: part_check() */
	const uint32_t *session;
	const uint32_t *words;
	const uint32_t *flags;
	const uint8_t *keys; /* INDEX_KEY bytes each */
	const struct part_session *table;
	uint8_t *dead; /* one byte a document, 1: removed */
	uint32_t dead_count;
	uint32_t *number;  /* of each session in the whole index ... */
	uint32_t numbered; /* ... for this many so far */
};

struct segment_header {
	char magic[8];
	uint32_t version, documents, sessions, terms;
	uint64_t stamp;                /* random, also its name */
	uint64_t text, postings, size; /* bytes; size is the file's */
	uint64_t check;                /* of the bytes before */
};

struct segment_term {
	uint64_t at;   /* in the postings */
	uint32_t size; /* bytes there */
	uint32_t documents;
	uint32_t text, text_len;
};

struct segment {
	struct part part;
	struct slice mapping; /* empty: the image is borrowed */
	const struct segment_header *header;
	const struct segment_term *terms; /* in the order of their bytes */
	const uint32_t *order;            /* documents in the order of keys */
	const char *text;
	const char *postings;
};

uint64_t part_check(const void *bytes, size_t len);
void part_clear(struct part *part);

/* Take a document out; false when it was out already. */
bool part_kill(struct part *part, uint32_t document);

/* Read an image that the caller keeps; it is 8-byte aligned.  False with the
 * reason when it is not a whole segment. */
bool segment_read(struct segment *segment, struct slice image,
		  struct error *err);
bool segment_map(struct segment *segment, const char *path, uint64_t stamp,
		 struct error *err);
void segment_close(struct segment **segment);

/* The postings of a stem (empty when it has none); false when damaged. */
bool segment_find(const struct segment *segment, struct slice stem,
		  struct slice *postings, uint32_t *documents);
bool segment_term(const struct segment *segment, uint32_t i, struct slice *stem,
		  struct slice *postings);
bool segment_key(const struct segment *segment, const uint8_t *key,
		 uint32_t *document);

/* Step through postings; start with document UINT32_MAX.  False at the end
 * and, with *bad, when they are damaged. */
struct posting {
	uint32_t document, times;
};
bool posting_next(struct slice *postings, uint32_t documents, struct posting *p,
		  bool *bad);
void posting_add(struct buf *out, uint32_t distance, uint32_t times);

#endif
