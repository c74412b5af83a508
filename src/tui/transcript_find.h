/*
 * transcript_find.h - going to places in a conversation: a text, a question.
 */
#ifndef TUI_TRANSCRIPT_FIND_H
#define TUI_TRANSCRIPT_FIND_H

#include "tui/transcript.h"

/* A place found; `item` as in transcript.chosen: an index + 1. */
struct found {
	int line; /* of the item's text */
	bool any; /* something is found, in the chosen item */
};

/* The next place that says `pattern`, before (`back`) or after the one found;
 * without one, from the end of what is in view.  It is brought into view and
 * its item chosen.  False: there is none; nothing changed. */
bool transcript_find(struct transcript *t, struct found *found,
		     struct slice pattern, bool back);

/* The question before, or after, what is at the top. */
void transcript_turn(struct transcript *t, bool back);

#endif
