/*
 * filter.h - nothing foreign reaches a terminal raw.
 *
 * A state machine over a stream of bytes that may be cut anywhere: it drops
 * the escape sequences of ECMA-48 whole (CSI, OSC, DCS, SOS, PM, APC with their
 * payload, in their 7-bit and 8-bit forms, the latter as raw bytes and as
 * UTF-8), all control characters but TAB and LF (CR LF and CR become LF), DEL,
 * bidi overrides and isolates, tag characters, zero-width characters other than
 * a ZWJ between emoji and variation selectors; repairs UTF-8; and lets at most
 * 8 combining marks stand on a character.  What is stored stays verbatim; this
 * stands in each output path.
 */
#ifndef MNEME_FILTER_H
#define MNEME_FILTER_H

#include "mneme/base.h"

struct buf;

struct filter {
	uint8_t state;
	uint8_t marks;    /* combining marks since the last base */
	bool carriage;    /* a CR may yet be followed by its LF */
	bool joiner;      /* a ZWJ that waits for its second emoji */
	uint8_t held_len; /* bytes of an unfinished character */
	char held[4];
	uint32_t last; /* the last character let through, marks aside */
};

void filter_init(struct filter *f);

/* Add to `out` what may be shown of `in`. */
bool filter_feed(struct filter *f, struct slice in, struct buf *out);

/* The stream is over: an unfinished character becomes U+FFFD. */
bool filter_finish(struct filter *f, struct buf *out);

/* One whole text. */
bool filter_text(struct slice in, struct buf *out);

/* One whole text on one line: TAB and LF become a space. */
bool filter_line(struct slice in, struct buf *out);

#endif
