/*
 * tail.h - the part of the index that is only in memory and grows.
 */
#ifndef INDEX_TAIL_H
#define INDEX_TAIL_H

#include "index/part.h"
#include "mneme/buf.h"
#include "mneme/map.h"

struct words;

struct tail_term {
	struct buf postings;
	uint32_t documents;
	uint32_t last;  /* the document of the last posting, or UINT32_MAX */
	uint32_t times; /* in the document that is being added */
};

struct tail {
	struct part part; /* its arrays are the ones below */
	uint64_t *seq, *marks;
	uint32_t *session, *words, *flags;
	uint8_t *keys;
	struct part_session *table;
	size_t seq_cap, marks_cap, session_cap, words_cap, flags_cap, keys_cap,
		table_cap;
	size_t dead_cap;
	struct map terms;    /* stem: struct tail_term, owned */
	struct map by_key;   /* key: document + 1, of those not removed */
	struct map sessions; /* struct part_session: its place + 1 */
};

/* Zeroed memory is an empty tail. */
void tail_add(struct tail *tail, struct words *words,
	      const struct index_document *document);
bool tail_remove(struct tail *tail, const uint8_t *key);
void tail_clear(struct tail *tail);

#endif
