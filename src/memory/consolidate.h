/* consolidate.h - a new statement takes its place beside what is known. */
#ifndef MEMORY_CONSOLIDATE_H
#define MEMORY_CONSOLIDATE_H

#include "mneme/memory.h"

/* A memory that is not stored yet, with its source and the time of its
 * statement in valid_from. */
struct statement {
	struct memory m;
	bool ends;          /* something known is over */
	bool corrects;      /* what alone has its key was wrong */
	struct slice over;  /* ... if it says this */
	struct slice wrong; /* what it corrects; in consolidate_mend() m.value
			       goes in its place */
	bool left;          /* `wrong` was left: what says it, and `who`, is
			       what this is about */
	struct slice who;
};

/* *any is false when it changes nothing. */
bool consolidate(struct store_txn *txn, struct statement *said,
		 struct arena *arena, struct memory_learned *out, bool *any,
		 struct error *err);

/* Put said->m.value where the one memory that says `wrong` says it. */
bool consolidate_mend(struct store_txn *txn, struct statement *said,
		      struct arena *arena, struct memory_learned *out,
		      bool *any, struct error *err);

#endif
