/* complete.h - a question whose last word is still being typed. */
#ifndef MEMORY_COMPLETE_H
#define MEMORY_COMPLETE_H

#include "mneme/base.h"

struct arena;
struct index;

/* The text with the likeliest ends of its last word behind it, in the arena;
 * the text itself where that word is one already. */
struct slice memory_complete(struct index *index, struct slice text,
			     struct arena *arena);

#endif
