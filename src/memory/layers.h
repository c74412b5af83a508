/*
 * layers.h - which memories are looked at for a question: those closest to it,
 * those of the last hours, the important ones, preferences.
 */
#ifndef MEMORY_LAYERS_H
#define MEMORY_LAYERS_H

#include "fuse.h"

struct store_txn;

/* Makes the rows of memories in no layer ineligible; the first score is
 * filled in.  `now` is what the last hours are counted from. */
bool layers_choose(struct field *field, struct store_txn *txn,
		   struct id profile, int64_t now, struct error *err);

#endif
