/*
 * match.h - where the words of a search stand in a text, and on the screen.
 *
 * Letters' case does not count in ASCII, Latin, Greek and Cyrillic.
 */
#ifndef TUI_MATCH_H
#define TUI_MATCH_H

#include "tui/view.h"

/* Where the first of the words stands, or text.len.  A word of the search
 * begins one of the text's. */
size_t match_first(struct slice text, struct slice words);

/* The whole pattern anywhere, from `from` on; text.len: nowhere. */
size_t match_whole(struct slice text, struct slice pattern, size_t from);

/* Restyle what stands on a row of the area: each of the words, or the whole
 * pattern; returns how often. */
int match_mark(const struct area *area, int row, struct slice words,
	       struct style style);
int match_mark_whole(const struct area *area, int row, struct slice pattern,
		     struct style style);

#endif
