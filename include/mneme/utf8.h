/*
 * utf8.h - UTF-8 in and out of code points (RFC 3629: no surrogates, nothing
 * over U+10FFFF, shortest form only).
 */
#ifndef MNEME_UTF8_H
#define MNEME_UTF8_H

#include "mneme/base.h"

struct buf;

enum { UTF8_BAD = 0xFFFD };

/* Decode the code point at s.data; returns the bytes it takes (0 only when s
 * is empty).  Wrong bytes give UTF8_BAD and the length of the longest prefix
 * that could have begun a character, at least 1 (Unicode's recommendation). */
size_t utf8_decode(struct slice s, uint32_t *cp);

/* Write `cp` to out[4]; returns its length.  Not a scalar value: UTF8_BAD. */
size_t utf8_encode(uint32_t cp, char out[4]);

bool utf8_valid(struct slice s);

/* Where the first wrong byte stands, or s.len. */
size_t utf8_valid_length(struct slice s);

/* Add `s` to `out` with each wrong sequence replaced by U+FFFD. */
bool utf8_repair(struct slice s, struct buf *out);

/* The longest beginning of `s` of at most `max` bytes that ends on a
 * character. */
struct slice utf8_cut(struct slice s, size_t max);

/* How many trailing bytes of `s` begin a character that is not finished. */
size_t utf8_open_tail(struct slice s);

/* Where `pattern` stands in `text` from `from` on, whatever the letters' case,
 * and *len, the bytes it takes there; text.len: nowhere. */
size_t utf8_find(struct slice text, struct slice pattern, size_t from,
		 size_t *len);

#endif
