/*
 * head.h - the head of a request: where it ends, and what it says.
 *
 * First head_scan(), with every piece that comes, until the empty line is
 * there; it looks at each byte once.  Then head_parse(), once, over the whole.
 * Names are put into lower case where they stand; nothing is copied.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "mneme/http.h"

enum head_found {
	HEAD_MORE, /* the end has not come */
	HEAD_WHOLE,
	HEAD_BAD, /* *trouble says why */
};

/* What is wrong, and what to answer. */
struct head_trouble {
	int status;
	const char *code;
	const char *why;
};

/* A zeroed one is at the beginning. */
struct head_scan {
	size_t scanned;
	size_t line;  /* where the present line begins */
	size_t begin; /* of the request line, after an empty line */
	size_t first; /* bytes of the request line with its end, or 0 */
};

/* `end` gets the bytes of the whole head. */
enum head_found head_scan(struct head_scan *scan, struct slice bytes,
			  size_t *end, struct head_trouble *trouble);

struct head {
	enum http_method method;
	struct slice method_text;
	struct slice target;
	struct slice path;
	struct slice query;
	unsigned minor; /* HTTP/1.minor: 0 or 1 */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t field_count;
	int64_t length; /* Content-Length, or -1 */
	bool chunked;
	bool close;  /* the client wants it, or cannot otherwise */
	bool expect; /* 100-continue */
};

/* Over bytes that head_scan() found whole, from the request line on.  When it
 * is bad, what was read before the trouble is in *head. */
bool head_parse(char *bytes, size_t len, struct head *head,
		struct head_trouble *trouble);

/* Pieces of the grammar, for others. */
bool head_is_token(struct slice s);
bool head_is_value(struct slice s); /* no control characters but tab */
bool head_same(struct slice s, const char *lower); /* whatever the case */

#endif
