/*
 * cut.h - long texts in parts that the sentence model reads whole.
 *
 * Where a text is cut depends on the text alone, not on a model, so that the
 * word index and the vectors have the same parts.
 */
#ifndef MEMORY_CUT_H
#define MEMORY_CUT_H

#include "mneme/base.h"

enum {
	CUT_PIECES = 220, /* word pieces that a part has at most, estimated */
	CUT_PARTS = 250   /* the last of so many takes what is left */
};

/* Where the part that begins at `from` ends: text.len for the last one. */
size_t cut_end(struct slice text, size_t from);

/* Part `n` (from 0); empty when there is none. */
struct slice cut_part(struct slice text, size_t n);

#endif
