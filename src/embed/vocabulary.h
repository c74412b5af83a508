/*
 * vocabulary.h - word pieces and their ids: one piece a line, the id is the
 * line's number; a piece that begins with "##" continues a word.
 */
#ifndef EMBED_VOCABULARY_H
#define EMBED_VOCABULARY_H

#include "mneme/base.h"

struct error;

enum {
	VOCABULARY_BYTES_MAX = 8 << 20,
	VOCABULARY_COUNT_MAX = 1 << 18,
	VOCABULARY_NONE = UINT32_MAX
};

struct vocabulary_entry;

struct vocabulary {
	char *bytes; /* owned */
	struct vocabulary_entry *table;
	size_t mask;
	unsigned count;
	size_t longest;                /* bytes of the longest piece */
	uint32_t unknown, first, last; /* [UNK], [CLS], [SEP] */
};

/* Takes a copy.  ERROR_INVALID and ERROR_LIMIT say what is wrong with it.  A
 * zeroed struct is valid to clear. */
bool vocabulary_parse(struct slice text, struct vocabulary *v,
		      struct error *err);
void vocabulary_clear(struct vocabulary *v);

/* A hash that grows with the piece, so that all beginnings of a word are
 * hashed in one pass. */
uint64_t vocabulary_hash_start(bool continues);
uint64_t vocabulary_hash_add(uint64_t hash, char byte);

/* The id of a piece, given without its "##"; or VOCABULARY_NONE. */
uint32_t vocabulary_find(const struct vocabulary *v, struct slice piece,
			 bool continues, uint64_t hash);

#endif
