/*
 * memory.h - keys that memory.c writes and memory_scan.c walks.
 */
#ifndef RECORD_MEMORY_H
#define RECORD_MEMORY_H

#include "record/key.h"

/* Row 0 holds every type, row type + 1 the one. */
struct key memory_order_prefix(struct id profile, unsigned row);
struct key memory_key_prefix(struct id profile, struct slice name);
struct key memory_version_key(const struct memory *m);

#endif
