/*
 * fuse.h - one score out of many signs.
 *
 * The scope is everything that is searched, one row a document, in order of
 * conversation and time.  A first score comes from words, meaning, neighbours,
 * session, speaker and days, for all; the best FUSE_CANDIDATES of them are
 * scored anew by their word pieces (late interaction).  What is added up has
 * been measured in deviations from the scope's mean (z-scores), so that it
 * can be.
 */
#ifndef MEMORY_FUSE_H
#define MEMORY_FUSE_H

#include "asked.h"

struct arena;
struct meaning;

enum { FUSE_CANDIDATES = MEMORY_RESULTS_MAX };

enum fuse_term {
	TERM_PIECES,
	TERM_MEANING,
	TERM_WORDS,
	TERM_NEIGHBOUR,
	TERM_NEAR,
	TERM_REPLY,
	TERM_SESSION,
	TERM_SPEAKER,
	TERM_QUESTION,
	TERM_DATE,
	TERM_TIME,
	TERM_MEMORY,
	TERM_AGE,
	TERM_IMPORTANCE,
	TERM_CONFIDENCE,
	TERM_COUNT
};
struct fuse_word {
	const char *name;
	const char *more, *less; /* what it says when it is above, below 0 */
};
extern const struct fuse_word fuse_words[TERM_COUNT];

struct row {
	struct id conversation;
	uint64_t seq, session;
	uint32_t ordinal, flags;
	uint8_t key[INDEX_KEY];
	bool eligible;  /* may be a result */
	bool hit;       /* something of it fits at all */
	bool echo;      /* the same question, asked before: no result, but
			   its answer gains from it */
	float words;    /* BM25 */
	float sessions; /* BM25 of its session */
	float cosine;   /* or INDEX_LACKS */
	double z_words, z_meaning, z_session;
	double speaker, date;
	double t;           /* what its neighbours gain from */
	double first;       /* the first score */
	unsigned candidate; /* place among them + 1; 0: none */
};

struct candidate {
	struct row *row;
	float pieces; /* the raw mean of best cosines, or INDEX_LACKS */
	double t;
	double terms[TERM_COUNT];
	double score;
};

struct field {
	struct row *rows;
	size_t count;
	bool meaning;                                 /* vectors were used */
	struct candidate candidates[FUSE_CANDIDATES]; /* best first, at last */
	size_t candidate_count;
};

/* Row by row: words, flags and places are filled in, `eligible` too where
 * nothing needs to be read for it.  Fills in the rest and the first score. */
void fuse_first(struct field *field, const struct asked *asked);

/* May this row be a result?  Asked of those that would be candidates. */
typedef bool fuse_may_fn(void *arg, const struct row *row);
void fuse_choose(struct field *field, fuse_may_fn *may, void *arg);

/* Candidates have `pieces`: their terms, score and order. */
void fuse_second(struct field *field, const struct asked *asked);

#endif
