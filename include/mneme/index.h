/*
 * index.h - finding by words: what was said, scored by BM25.
 *
 * A folder holds the index of one profile.  It is a cache of the store: a
 * caller opens it, feeds the changes after index_sequence(), searches, and
 * flushes now and then.  Files on disk are mapped, never rebuilt on opening;
 * what is not flushed yet lives in memory.  Several processes may have one
 * folder open; one at a time writes.  An index is used by one thread at a time.
 */
#ifndef MNEME_INDEX_H
#define MNEME_INDEX_H

#include "mneme/base.h"
#include "mneme/id.h"

struct error;
struct index;

enum {
	INDEX_KEY = 1 + ID_BYTES, /* a kind, then an id */
	INDEX_TEXT_MAX = 256 << 10,
	INDEX_QUERY_MAX = 32 << 10,
	INDEX_WORD_MAX = 64, /* bytes; the rest of a longer word is ignored */
	INDEX_LANGUAGE_MAX = 31 /* bytes of its name */
};

struct index_document {
	uint64_t seq; /* the caller's order; given back */
	uint8_t key[INDEX_KEY];
	uint32_t flags; /* the caller's own; given back */
	uint64_t session;
	struct id conversation;
	struct slice text; /* "DATE SPEAKER: TEXT"; in results it is empty */
};

/* Open the folder, which is made when missing.  `language` names a Snowball
 * stemmer ("english", "de"); with any other name words are not stemmed.
 * Files that cannot be used leave the index empty: see index_trouble(). */
struct index *index_open(const char *dir, const char *language,
			 struct error *err);
void index_close(struct index **ix); /* what was not flushed is dropped */

/* Why the files on disk were put aside, or NULL.  The index then stands at
 * sequence 0; feeding it everything and flushing replaces them. */
const char *index_trouble(const struct index *ix);

/* All changes up to this one are in the index (disk and memory together).
 * It may step back in index_refresh() and index_flush(): feed again then. */
uint64_t index_sequence(const struct index *ix);
void index_reached(struct index *ix, uint64_t sequence);

/* Add a document, in place of one with the same key.  ERROR_LIMIT for a text
 * over INDEX_TEXT_MAX. */
bool index_add(struct index *ix, const struct index_document *document,
	       struct error *err);

/* False when there is no such document. */
bool index_remove(struct index *ix, const uint8_t key[INDEX_KEY]);

enum index_flush {
	INDEX_FLUSH, /* leaves it to a process that is writing already */
	INDEX_PURGE  /* rewrites all, so that no word of what was removed
			is left in the files; ERROR_BUSY when another process
			is writing or has written: catch up and try again */
};

/* Write what is only in memory.  When another process wrote meanwhile, its
 * files are taken instead and what was in memory is dropped: true, and
 * index_sequence() says from where to feed. */
bool index_flush(struct index *ix, enum index_flush how, struct error *err);

/* Take the files of another process, if there are new ones (*changed); what
 * was in memory is dropped, index_sequence() says from where to feed. */
bool index_refresh(struct index *ix, bool *changed, struct error *err);

/* One score for every document in scope, in the order in which they were
 * added.  `document` holds ordinals for index_entry(). */
struct index_scores {
	size_t count;
	uint32_t *document;
	float *turn;    /* BM25 of the document among the documents in scope */
	float *session; /* BM25 of its session among the sessions in scope */
};

/* Score everything, or only `conversation` when it is not NULL; counts and
 * averages are those of the scope.  ERROR_LIMIT for a query over
 * INDEX_QUERY_MAX.  ERROR_CONFLICT when the files turned out damaged: the
 * index is empty then (index_trouble()), to be fed from the beginning. */
bool index_search(struct index *ix, struct slice query,
		  const struct id *conversation, struct index_scores *scores,
		  struct error *err);
void index_scores_clear(struct index_scores *scores);

/* Ordinals are valid until the index is changed, flushed or refreshed.
 * False when `ordinal` names none or a removed document. */
bool index_entry(const struct index *ix, uint32_t ordinal,
		 struct index_document *entry);
size_t index_count(const struct index *ix); /* documents, without removed */

/* The stems of the query, each once, in order, with the number of documents
 * that have them (removed ones not yet purged included). */
typedef void index_term_fn(struct slice stem, uint64_t documents, void *arg);
bool index_terms(struct index *ix, struct slice query, index_term_fn *each,
		 void *arg, struct error *err);

/* The bytes of `text` that the query's words hit, in order. */
typedef void index_span_fn(size_t from, size_t len, void *arg);
bool index_highlight(struct index *ix, struct slice query, struct slice text,
		     index_span_fn *each, void *arg, struct error *err);

#endif
