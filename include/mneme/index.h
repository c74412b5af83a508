/*
 * index.h - finding by words, scored by BM25, and by meaning, by vectors.
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
	INDEX_LANGUAGE_MAX = 31, /* bytes of its name */
	INDEX_FINGERPRINT = 32,
	INDEX_DIMENSIONS_MAX = 1024,
	INDEX_TOKENS_MAX = 256 /* word pieces of a document, or of a query */
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
	float *turn;    /* BM25 (Robertson and Zaragoza, 2009; k1 .9, b .4)
			   of the document among the documents in scope */
	float *session; /* BM25 of its session among the sessions in scope */
	double full;    /* what a document would have, about, that has every
			   word of the query, those that stand nowhere too */
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

/* The stems that begin as the last word of `word` does, at most `most`, those
 * that most documents have first. */
void index_complete(struct index *ix, struct slice word, size_t most,
		    index_term_fn *each, void *arg);

/* The bytes of `text` that the query's words hit, in order. */
typedef void index_span_fn(size_t from, size_t len, void *arg);
bool index_highlight(struct index *ix, struct slice query, struct slice text,
		     index_span_fn *each, void *arg, struct error *err);

/* ---- by meaning ----
 *
 * A document may have a vector, and one for each of its word pieces.  They may
 * come later than the document and from any process that has the folder open;
 * they go when the document is removed or gets another text, index_flush()
 * writes them and index_refresh() brings those of others.  Where they come
 * from is the caller's matter; that all come from one place is ours.
 */
struct index_model {
	/* Of the model and of all that was done to its vectors. */
	uint8_t fingerprint[INDEX_FINGERPRINT];
	unsigned dimensions;       /* of a document's: a multiple of 32 */
	unsigned token_dimensions; /* of a piece's: likewise, or 0: none kept */
};

/* Whose vectors are given and asked for from now on.  Those of another model
 * are put aside: every document lacks one then (index_vector_trouble()).
 * Without this call vectors on disk are kept, but neither read nor added. */
bool index_use_model(struct index *ix, const struct index_model *model,
		     struct error *err);

/* Why vectors on disk were put aside, or NULL. */
const char *index_vector_trouble(const struct index *ix);

struct index_vector {
	const float *vector;    /* [dimensions]; any length but 0 */
	const float *tokens;    /* [count][token_dimensions]; likewise */
	const uint32_t *pieces; /* [count]: the ids of the word pieces */
	size_t count;           /* 0 to INDEX_TOKENS_MAX */
};

/* Give the document a vector, in place of one that it had.  ERROR_NOT_FOUND
 * when there is no such document, ERROR_INVALID for numbers that are none. */
bool index_put_vector(struct index *ix, const uint8_t key[INDEX_KEY],
		      const struct index_vector *v, struct error *err);

/* The document lacks one again: what its pieces' vectors were made beside has
 * changed.  False when it had none. */
bool index_drop_vector(struct index *ix, const uint8_t key[INDEX_KEY]);

/* How many documents lack a vector; `ordinals` gets up to `max` of them, those
 * added last first. */
size_t index_lacking(struct index *ix, uint32_t *ordinals, size_t max);

/* What a document without a vector gets for a cosine. */
#define INDEX_LACKS (-2.0F)

/* The cosine of each of these documents (as index_search() lists them) with
 * the vector: the best INDEX_RESCORED exactly, the others to about .005.
 * Equal on every machine.  ERROR_CONFLICT, here and below, when the files
 * turned out damaged: every document lacks a vector then. */
enum { INDEX_RESCORED = 2048 };
bool index_cosines(struct index *ix, const float *vector,
		   const uint32_t *documents, size_t n, float *cosines,
		   struct error *err);

/* In how many of these documents each word piece stands. */
bool index_piece_counts(struct index *ix, const uint32_t *documents, size_t n,
			const uint32_t *pieces, size_t count, uint32_t *counts,
			struct error *err);

/* Late interaction (MaxSim: Khattab and Zaharia, ColBERT, 2020): for each
 * document the mean over the query's pieces, by `weights` (at least one over
 * 0), of the best cosine with one of the document's pieces.  INDEX_LACKS for a
 * document without pieces. */
struct index_late {
	const float *tokens;  /* [count][token_dimensions] */
	const float *weights; /* [count]; none below 0 */
	size_t count;         /* 1 to INDEX_TOKENS_MAX */
};
bool index_late_scores(struct index *ix, const struct index_late *query,
		       const uint32_t *documents, size_t n, float *scores,
		       struct error *err);

/* The nearest of all documents, the nearest first, at most `want`; their
 * cosines are exact.  Without a graph every document is looked at. */
enum { INDEX_NEAREST_MAX = INDEX_RESCORED };
bool index_nearest(struct index *ix, const float *vector, size_t want,
		   uint32_t *documents, float *cosines, size_t *count,
		   struct error *err);

/* A graph over the vectors (HNSW: Malkov and Yashunin, 2016), for a process
 * that lives long and a store of very many documents.  Up to 200,000 the scan
 * was measured to be faster (10.9 against 12.9 ms); by its slope the graph,
 * which misses one in a hundred, is from about INDEX_GRAPH_FROM on.  Building
 * takes minutes: on any thread, from an index that is this thread's own. `stop`
 * (may be NULL) returning true ends it with ERROR_CANCELLED; ERROR_SETUP: no
 * FAISS. */
enum { INDEX_GRAPH_FROM = 300000 };
struct index_graph;
typedef bool index_stop_fn(void *arg);
struct index_graph *index_graph_build(struct index *ix, index_stop_fn *stop,
				      void *arg, struct error *err);
void index_graph_drop(struct index_graph **graph);

/* Hand it over to an index; later changes of that are seen at once. */
void index_use_graph(struct index *ix, struct index_graph **graph);

/* Whether there are documents enough and no graph, or one of another time. */
bool index_graph_wanted(struct index *ix);

/* A document's own vector, unit length, until the index changes; or NULL. */
const float *index_vector_of(struct index *ix, uint32_t ordinal);

#endif
