/*
 * says.h - does a text say what is to be forgotten?
 *
 * Texts are compared as fingerprints are made: letters folded, white space as
 * one, and whole words only.  Beside that, which of the words that carry the
 * meaning stand in a text, for texts that may say it in other words.
 */
#ifndef MEMORY_SAYS_H
#define MEMORY_SAYS_H

#include "mneme/base.h"

struct says;

enum { SAYS_WORDS_MAX = 64 };

struct says *says_create(void);
void says_destroy(struct says **says);

/* One wording of it; `words`: its words count, too. */
void says_add(struct says *says, struct slice text, bool words);

/* For record_redact(): `arg` is the struct says. */
bool says_it(void *arg, struct slice text);

/* The words in `text`, a bit each; says_words() of them, of which the bits of
 * says_telling() would be few people's: long, or with a digit. */
uint64_t says_which(struct says *says, struct slice text);
unsigned says_words(const struct says *says);
uint64_t says_telling(const struct says *says);

#endif
