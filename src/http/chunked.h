/*
 * chunked.h - a body out of its chunks, in pieces as they come.
 *
 * Sizes are 1 to 8 hexadecimal digits; extensions and trailer fields are
 * checked and dropped.  Lines end with CR LF only.
 */
#ifndef HTTP_CHUNKED_H
#define HTTP_CHUNKED_H

#include "mneme/base.h"

enum {
	CHUNKED_LINE_MAX = 512,     /* bytes of a size with its extensions */
	CHUNKED_TRAILER_MAX = 4096, /* bytes of all trailer fields */
};

/* A zeroed one is at the beginning. */
struct chunked {
	int state;
	uint32_t left; /* of this chunk */
	unsigned digits;
	size_t line;    /* bytes of this size line */
	size_t trailer; /* bytes of the trailer */
	bool quoted;
};

enum chunked_found {
	CHUNKED_MORE, /* all was taken, the end has not come */
	CHUNKED_DATA, /* *piece is a part of the body */
	CHUNKED_END,  /* what is left in *rest is not of this body */
	CHUNKED_BAD,
};

/* Take from the front of *rest. */
enum chunked_found chunked_next(struct chunked *c, struct slice *rest,
				struct slice *piece);

#endif
