/*
 * unicode.h - how the reference tokenizer sorts code points: utf8proc's
 * categories, but for what its own, older tables do not know.
 */
#ifndef EMBED_UNICODE_H
#define EMBED_UNICODE_H

#include "mneme/base.h"

bool unicode_is_dropped(uint32_t c); /* control, format, private, U+FFFD */
bool unicode_is_space(uint32_t c);
bool unicode_is_punctuation(uint32_t c);
bool unicode_is_mark(uint32_t c);      /* non-spacing: an accent */
bool unicode_is_ideograph(uint32_t c); /* a word of its own */

/* Write the canonical decomposition to out[8]; returns its length. */
size_t unicode_decompose(uint32_t c, uint32_t out[8]);

/* Its canonical combining class; 0 for what begins a character. */
unsigned unicode_class(uint32_t c);

/* Write the lower case to out[2]; returns its length. */
size_t unicode_lower(uint32_t c, uint32_t out[2]);

#endif
