/* same.h - whether two sentences say the same, by their words. */
#ifndef MEMORY_SAME_H
#define MEMORY_SAME_H

#include "mneme/base.h"

struct arena;

enum memory_likeness {
	LIKE_OTHER,    /* something else */
	LIKE_SAME,     /* the same, perhaps in other words */
	LIKE_WITHIN,   /* the first says no more than a part of the second */
	LIKE_AROUND,   /* the first says all of the second and more */
	LIKE_OPPOSITE, /* the same words, but one of them says no */
};

enum memory_likeness memory_likeness(struct slice a, struct slice b,
				     struct arena *arena);

/* How many words of meaning a text has. */
size_t memory_meaning_words(struct slice text, struct arena *arena);

/* Whether `text` has every word of meaning of `part`. */
bool memory_mentions(struct slice text, struct slice part, struct arena *arena);

/* Whether `text`, of any length, has any word of meaning of `value`; true when
 * that has none. */
bool memory_share(struct slice value, struct slice text, struct arena *arena);

/* Lower case, "_" between words, at most 64 bytes; empty when nothing is
 * left. */
struct slice memory_key_normal(struct slice key, struct arena *arena);

/* Names that people and models give to the same thing ("city", "home"): the
 * keys to look under, `key` first. */
enum { KEY_NAMES_MAX = 16 };
size_t memory_key_names(struct slice key, struct slice out[KEY_NAMES_MAX]);

/* Whether two memories with this key can be true at once. */
bool memory_key_many(struct slice key);

#endif
