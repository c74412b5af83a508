/*
 * line.h - the memories of one key as a line of intervals in time, each from
 * its statement to the next.
 *
 * Of a key that allows one value the intervals do not overlap and at most the
 * last is active.  What was merged or put away has no place in the line.
 */
#ifndef MEMORY_LINE_H
#define MEMORY_LINE_H

#include "mneme/memory.h"

enum { LINE_MAX = 256 };

struct line {
	struct memory
		*items; /* by their beginning; those without a place too */
	size_t count;
};

/* Everything with this key, or a name for the same thing, in `arena`. */
bool line_read(struct store_txn *txn, struct id profile, struct slice key,
	       struct arena *arena, struct line *out, struct error *err);

/* When what it says began to hold. */
int64_t line_begins(const struct memory *m);

/* The last that begins at `at` or before, the first that begins after; NULL:
 * none. */
struct memory *line_before(const struct line *line, int64_t at);
struct memory *line_after(const struct line *line, int64_t at);

/*
 * These are about to be deleted: what they superseded holds until what comes
 * next in its line, or again.  `again` gets those that hold again, in `arena`.
 */
bool line_leave(struct store_txn *txn, struct id profile,
		const struct memory *gone, size_t count, struct arena *arena,
		struct memory **again, size_t *again_count, struct error *err);

#endif
