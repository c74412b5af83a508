/* engine.h - the indexes of an engine, and what a document's flags mean. */
#ifndef MEMORY_ENGINE_H
#define MEMORY_ENGINE_H

#include "mneme/index.h"
#include "mneme/memory.h"

/* What search needs of each document without reading its record. */
enum document_flag {
	DOCUMENT_MEMORY = 1,   /* else a message */
	DOCUMENT_QUESTION = 2, /* its text contains "?" */
	DOCUMENT_ASSISTANT = 4,
	DOCUMENT_DAY_SHIFT = 3,     /* 16 bits: days since 1970 */
	DOCUMENT_SPEAKER_SHIFT = 19 /* 13 bits: hash of the name; 0: none */
};

static inline unsigned
document_day(uint32_t flags)
{
	return flags >> DOCUMENT_DAY_SHIFT & 0xFFFF;
}

static inline unsigned
document_speaker(uint32_t flags)
{
	return flags >> DOCUMENT_SPEAKER_SHIFT;
}

/* 1 to 8191, of the name in lower case; 0 for an empty one. */
unsigned speaker_hash(struct slice name);

struct memory_engine {
	struct store *store;
	char *language;
	struct person {
		struct id profile;
		struct index *index;
	} * people;
	size_t people_count, people_cap;
};

/* The profile's index, opened when first asked for; NULL on failure. */
struct index *engine_index(struct memory_engine *engine, struct id profile,
			   struct error *err);

/* One small step of keeping up; *more says whether there is another. */
bool engine_step(struct memory_engine *engine, struct id profile, bool *more,
		 struct error *err);

#endif
