/*
 * sse.h - server-sent events out of bytes that come cut anywhere.
 *
 * The WHATWG's rules (a BOM, three kinds of line ends, comments, fields), with
 * two additions: an event that the end of the stream leaves open is given all
 * the same, and lines that are no field go to `other`, since some servers put
 * a bare JSON error between their events.
 */
#ifndef LLM_SSE_H
#define LLM_SSE_H

#include "mneme/buf.h"

struct error;

enum {
	SSE_LINE_MAX = 1 << 20,
	SSE_DATA_MAX = 4 << 20, /* of an event's lines together */
	SSE_WORD_MAX = 256,     /* of a name and an id; the rest is cut */
};

struct sse_events {
	/* `data` may be changed in place until the call returns.  False stops:
	 * the rest of the bytes is not looked at. */
	bool (*event)(void *arg, struct slice name, char *data, size_t len);
	void (*other)(void *arg, struct slice line); /* may be NULL */
	void *arg;
};

struct sse {
	struct sse_events events;
	struct buf line; /* begun, not ended */
	struct buf data;
	bool any_data;
	bool after_cr; /* a LF that comes next belongs to it */
	unsigned bom;  /* bytes of one seen; 3: no longer looked for */
	bool stopped;
	int64_t retry; /* milliseconds; -1: not told */
	size_t name_len, id_len;
	char name[SSE_WORD_MAX];
	char id[SSE_WORD_MAX];
};

void sse_init(struct sse *sse, const struct sse_events *events);
void sse_clear(struct sse *sse);

/* False with ERROR_LIMIT when a line or an event is too long. */
bool sse_feed(struct sse *sse, struct slice bytes, struct error *err);

/* The bytes have ended: what is open is given. */
bool sse_end(struct sse *sse, struct error *err);

#endif
