/*
 * buf.h - bytes that grow, up to a ceiling that is always named.
 *
 * An addition that would pass the ceiling adds nothing and is latched in
 * `over`, so a writer may add many times and look once.  The bytes are
 * followed by a NUL that is not counted.  Zeroed memory plus buf_init() is a
 * valid buf; buf_clear() may be called twice.
 */
#ifndef MNEME_BUF_H
#define MNEME_BUF_H

#include "mneme/base.h"

struct buf {
	char *data; /* NULL until something was added */
	size_t len;
	size_t cap;
	size_t max;
	bool over; /* an addition did not fit */
};

void buf_init(struct buf *b, size_t max);
void buf_clear(struct buf *b); /* gives the memory back */
void buf_reset(struct buf *b); /* empties, keeps memory and ceiling */

bool buf_add(struct buf *b, const void *data, size_t len);
bool buf_add_slice(struct buf *b, struct slice s);
bool buf_adds(struct buf *b, const char *text);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

/* Room for `len` more bytes, to be written at data + len and counted by the
 * caller; NULL when they do not fit. */
char *buf_room(struct buf *b, size_t len);

/* Take `len` bytes off the front. */
void buf_drop(struct buf *b, size_t len);

/* Borrowed until the next change. */
struct slice buf_slice(const struct buf *b);

/* Never NULL; borrowed until the next change. */
const char *buf_text(const struct buf *b);

/* Hand the bytes over, NUL-terminated; the buf is empty afterwards. */
char *buf_take(struct buf *b);

#endif
