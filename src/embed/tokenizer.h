/*
 * tokenizer.h - texts into word pieces, as BERT's WordPiece does: clean,
 * set ideographs apart, drop accents, lower the case, split at space and
 * punctuation, then the longest known piece first (Wu et al., 2016).
 */
#ifndef EMBED_TOKENIZER_H
#define EMBED_TOKENIZER_H

#include "embed/vocabulary.h"

struct tokenizer {
	struct vocabulary vocabulary;
	bool lower;
	bool strip_accents;
	bool ideographs_apart;
};

/* The first `max` pieces; returns how many there were to write. */
size_t tokenizer_head(const struct tokenizer *t, struct slice text,
		      uint32_t *ids, size_t max);

/* The last `max` pieces, in order. */
size_t tokenizer_tail(const struct tokenizer *t, struct slice text,
		      uint32_t *ids, size_t max);

#endif
