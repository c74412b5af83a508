/*
 * unchunk.h - the body of an answer out of its chunks, as they come.
 *
 * Servers are met as libcurl meets them: blanks and extensions after a size,
 * a line that ends with LF alone and any trailer are let pass.  Nothing of an
 * answer is passed on as another message, so nothing can hide in there; what
 * reads requests is strict.
 */
#ifndef FETCH_UNCHUNK_H
#define FETCH_UNCHUNK_H

#include "mneme/base.h"

enum {
	UNCHUNK_LINE_MAX = 16 << 10,    /* bytes of a size with the rest */
	UNCHUNK_TRAILER_MAX = 64 << 10, /* bytes of all trailer fields */
};

/* A zeroed one is at the beginning. */
struct unchunk {
	enum {
		UNCHUNK_SIZE,
		UNCHUNK_SIZE_REST, /* of the size's line */
		UNCHUNK_DATA,
		UNCHUNK_DATA_END,
		UNCHUNK_TRAILER, /* a line of it begins */
		UNCHUNK_FIELD,   /* in one */
		UNCHUNK_OVER,    /* what follows is not of this body */
	} state;
	uint64_t left; /* of this chunk */
	unsigned digits;
	uint32_t seen; /* bytes of this line, or of the trailer */
};

/* The next piece of the body, from the front of *rest; an empty one when there
 * is none in it.  False when that is no chunk. */
bool unchunk_next(struct unchunk *c, struct slice *rest, struct slice *piece);

#endif
