/*
 * arena.h - memory that dies together: one request, one turn, one frame.
 *
 * Nothing in it is freed alone.  A zeroed struct is an empty arena.  It is not
 * shared between threads.
 */
#ifndef MNEME_ARENA_H
#define MNEME_ARENA_H

#include "mneme/base.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out, for ceilings and statistics */
};

/* Zeroed, aligned for anything. */
void *arena_alloc(struct arena *a, size_t n, size_t size);

/* NUL-terminated copies. */
char *arena_text(struct arena *a, struct slice s);
struct slice arena_copy(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/* Make an empty arena's first block so large: for who knows what is to come. */
void arena_reserve(struct arena *a, size_t bytes);

/* Drop everything, but keep one block for the next round. */
void arena_reset(struct arena *a);
void arena_clear(struct arena *a);

/* Hand all of it over; the arena is empty afterwards. */
struct arena arena_take(struct arena *a);

#endif
