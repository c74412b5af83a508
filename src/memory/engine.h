/* engine.h - the indexes of an engine, and what a document's flags mean. */
#ifndef MEMORY_ENGINE_H
#define MEMORY_ENGINE_H

#include "mneme/error.h"
#include "mneme/index.h"
#include "mneme/memory.h"

struct meaning;

/* What search needs of each document without reading its record.  Above the
 * bits a day; above that, of a message its speaker, of a memory its kind. */
enum document_flag {
	DOCUMENT_MEMORY = 1,    /* else a message */
	DOCUMENT_QUESTION = 2,  /* it contains a question mark */
	DOCUMENT_ASKS = 4,      /* ... and does little else */
	DOCUMENT_ASSISTANT = 8, /* said by it */
	DOCUMENT_TIME = 16,     /* it speaks of a time */
	DOCUMENT_DAY_SHIFT = 5, /* 15 bits: days since 1970 */
	DOCUMENT_DAY_MAX = 0x7FFF,
	DOCUMENT_SPEAKER_SHIFT = 20,    /* 12 bits: hash of the name, 0: none */
	DOCUMENT_IMPORTANCE_SHIFT = 20, /* 4 bits: fifteenths */
	DOCUMENT_CONFIDENCE_SHIFT = 24, /* 4 bits: fifteenths */
	DOCUMENT_TYPE_SHIFT = 28        /* 4 bits: enum memory_type */
};

enum { SPEAKERS = 1 << 12 };

static inline unsigned
document_day(uint32_t flags)
{
	return flags >> DOCUMENT_DAY_SHIFT & DOCUMENT_DAY_MAX;
}

static inline unsigned
document_speaker(uint32_t flags)
{
	return flags & DOCUMENT_MEMORY ? 0 : flags >> DOCUMENT_SPEAKER_SHIFT;
}

/* 1 to SPEAKERS - 1, of the name in lower case; 0 for an empty one. */
unsigned speaker_hash(struct slice name);

/* A document's key: what it is, then the id.  Parts of a long message after
 * the first one have kinds of their own. */
enum document_kind {
	KIND_MESSAGE = 0,
	KIND_MEMORY = 1,
	KIND_PART = 2 /* the second part; the third is one more, ... */
};

static inline size_t
document_part(const uint8_t key[INDEX_KEY])
{
	return key[0] < KIND_PART ? 0 : (size_t)(key[0] - KIND_PART + 1);
}

struct id document_id(const uint8_t key[INDEX_KEY]);

/* A memory as it is searched: its key in words, and its value. */
struct slice memory_words(const struct memory *m, struct arena *arena);

struct person {
	struct person *next;
	struct id profile;
	struct index *index;
	char *language;
	size_t unflushed; /* vectors that are only in memory */
};

struct memory_engine {
	struct store *store;
	char *language;     /* of profiles that say nothing ... */
	bool same_language; /* ... or of all */
	char *model;        /* NULL: words only */
	struct meaning *meaning;
	struct error no_meaning; /* why it could not be opened */
	struct person *people;
};

/* The profile, its index opened when first asked for; NULL on failure. */
struct person *engine_person(struct memory_engine *engine, struct id profile,
			     struct error *err);
struct index *engine_index(struct memory_engine *engine, struct id profile,
			   struct error *err);

/* The model, opened when first asked for; NULL when there is none to use
 * (engine->no_meaning says why). */
struct meaning *engine_meaning(struct memory_engine *engine);

/* Give at most `most` documents of those that lack one a vector, those added
 * last first; *left is how many still lack one.  Without a model nothing is
 * done and *left is 0. */
bool engine_fill(struct memory_engine *engine, struct person *person,
		 size_t most, size_t *left, struct error *err);

/* One small step of keeping up; *more says whether there is another. */
bool engine_step(struct memory_engine *engine, struct id profile, bool *more,
		 struct error *err);

#endif
