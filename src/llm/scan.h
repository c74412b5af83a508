/*
 * scan.h - reading JSON once, from front to back, without building anything.
 *
 * The caller walks it: enter an object, take its members, read or skip each
 * value.  Texts are decoded in place, so the bytes are changed and the slices
 * live as long as they do.  The first fault latches `bad`; from then on
 * nothing more is given.
 */
#ifndef LLM_SCAN_H
#define LLM_SCAN_H

#include "mneme/base.h"

enum { SCAN_DEPTH_MAX = 32 };

struct scan {
	char *at;
	char *end;
	bool first; /* no comma before the next member or item */
	bool bad;
	unsigned depth;
};

enum scan_kind {
	SCAN_NONE, /* nothing, or no value */
	SCAN_OBJECT,
	SCAN_ARRAY,
	SCAN_TEXT,
	SCAN_NUMBER,
	SCAN_TRUE,
	SCAN_FALSE,
	SCAN_NULL,
};

void scan_init(struct scan *s, char *json, size_t len);

/* What comes next. */
enum scan_kind scan_kind(struct scan *s);

/* Go into an object or an array; any other value is skipped: false. */
bool scan_object(struct scan *s);
bool scan_array(struct scan *s);

/* The next member's name (as written, escapes and all) or the next item; its
 * value must be read then.  False at the end, which is left behind. */
bool scan_member(struct scan *s, struct slice *name);
bool scan_item(struct scan *s);

/* Read a value; one of another kind is skipped: false. */
bool scan_text(struct scan *s, struct slice *text);
bool scan_number(struct scan *s, double *number);
bool scan_bool(struct scan *s, bool *value);
void scan_skip(struct scan *s);

/* Skip a value, and give it as it is written. */
struct slice scan_raw(struct scan *s);

/* Nothing but white space is left, and nothing was bad. */
bool scan_finish(struct scan *s);

#endif
