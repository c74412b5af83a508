/*
 * found.h - from a document that was found to the record behind it.  The index
 * only hints: what the store no longer has, or does not want found, is not.
 */
#ifndef MEMORY_FOUND_H
#define MEMORY_FOUND_H

#include "engine.h"

struct store_txn;

/* A message whose conversation may be remembered from. */
bool found_message(struct store_txn *txn, struct id profile, uint64_t seq,
		   struct arena *arena, struct memory_result *out, bool *found,
		   struct error *err);

/* A memory that holds at `as_of` (0: now). */
bool found_memory(struct store_txn *txn, struct id profile, struct id id,
		  int64_t as_of, struct arena *arena, struct memory_result *out,
		  bool *found, struct error *err);

#endif
