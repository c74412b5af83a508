/*
 * words.h - a text as the stems that the index knows it by.
 *
 * Letters are folded (case, accents, compatibility forms), runs of letters
 * and digits are words, Chinese, Japanese and Korean runs give pairs of
 * characters, English stop words are left out, the rest is stemmed.
 */
#ifndef INDEX_WORDS_H
#define INDEX_WORDS_H

#include "mneme/base.h"

struct words;

/* Never NULL: a language without a stemmer has none. */
struct words *words_open(const char *language);
void words_close(struct words **words);

/* A stem (borrowed during the call) and the bytes of the text it stands for. */
typedef void word_fn(struct slice stem, size_t from, size_t len, void *arg);
void words_each(struct words *words, struct slice text, word_fn *each,
		void *arg);

#endif
