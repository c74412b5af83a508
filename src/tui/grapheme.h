/*
 * grapheme.h - what a person sees as one character, and its columns.
 */
#ifndef TUI_GRAPHEME_H
#define TUI_GRAPHEME_H

#include "mneme/base.h"

enum { TAB_COLUMNS = 4 };

/* The bytes of the first grapheme cluster of `s` (0 only when empty) and the
 * columns that it takes: 0, 1 or 2, a TAB TAB_COLUMNS.  `wide`: ambiguous
 * characters take two. */
size_t grapheme_next(struct slice s, bool wide, int *width);

/* The bytes of the last cluster of `s`; clusters do not cross an LF. */
size_t grapheme_previous(struct slice s);

/* Columns of a whole text. */
int grapheme_columns(struct slice s, bool wide);

bool grapheme_is_ambiguous(uint32_t cp);

/* How far terminals agree about the columns of a cluster. */
enum grapheme_trust {
	GRAPHEME_SURE,      /* one character, equally wide everywhere */
	GRAPHEME_AMBIGUOUS, /* one that is wide where East Asian fonts are */
	GRAPHEME_UNSURE,    /* one that not all know */
	GRAPHEME_JOINED,    /* a letter and a mark, which some count apart */
	GRAPHEME_DISPUTED   /* several characters, which some terminals show
			       over fewer columns than they take, or more */
};
enum grapheme_trust grapheme_trust(struct slice cluster);

#endif
