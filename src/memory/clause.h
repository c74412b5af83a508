/*
 * clause.h - a sentence as words: lower case, contractions undone, fillers
 * left out, each with where it stands in the message.
 *
 * Nothing is copied: tokens point into the text, which must outlive them.
 */
#ifndef MEMORY_CLAUSE_H
#define MEMORY_CLAUSE_H

#include "mneme/base.h"

enum {
	RULE_WORD = 40,   /* bytes of a word that is compared */
	RULE_TOKENS = 64, /* words of a clause that are looked at */
	RULE_CLAUSE = 400 /* bytes; a longer one is no plain statement */
};

struct rule_token {
	struct slice raw; /* where it stands in the message */
	char word[RULE_WORD];
	bool capital;
	bool comma; /* one stands right before it */
	bool rest;  /* a semicolon or a dash does */
};

struct rule_clause {
	struct slice text;
	struct rule_token tokens[RULE_TOKENS];
	size_t count;
};

void clause_read(struct slice text, struct rule_clause *out);
/* The clauses of one sentence; `out` has room for `max`. */
size_t clause_split(struct slice sentence, struct rule_clause *out, size_t max);

/* "" after the last one. */
const char *clause_word(const struct rule_clause *c, size_t i);
bool clause_is(const struct rule_clause *c, size_t i, const char *word);
/* Where the tokens in `words` (apart by blanks) stand in a row; c->count when
 * they do not. */
size_t clause_find(const struct rule_clause *c, const char *words,
		   size_t *length);
/* The message from one token to before another; empty when there are none. */
struct slice clause_text(const struct rule_clause *c, size_t from, size_t end);
/* The first token that is no "well", "so", "yes". */
size_t clause_lead(const struct rule_clause *c);

void clause_take_out(struct rule_clause *c, size_t from, size_t n);
/* Takes the first such row out; false when there is none. */
bool clause_cut(struct rule_clause *c, const char *words);

#endif
