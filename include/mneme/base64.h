/*
 * base64.h - bytes as text: base 64 (RFC 4648), both alphabets.
 *
 * Reading is strict: no white space, no foreign letters, no bits that say
 * nothing.  The URL alphabet goes without padding, the other one with it.
 */
#ifndef MNEME_BASE64_H
#define MNEME_BASE64_H

#include "mneme/base.h"

struct buf;

bool base64_write(struct slice bytes, struct buf *out);
bool base64url_write(struct slice bytes, struct buf *out);

/* False for what is not base 64 or does not fit; `out` is then unchanged. */
bool base64_read(struct slice text, struct buf *out);
bool base64url_read(struct slice text, struct buf *out);

#endif
