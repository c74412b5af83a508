/*
 * transcript.h - where one stands in a conversation, and drawing it there.
 *
 * The place is an item and a line of it, so it holds while text is added below
 * and older messages are loaded above.  Only what is near the place is laid
 * out; nothing here depends on how long the conversation is.
 */
#ifndef TUI_TRANSCRIPT_H
#define TUI_TRANSCRIPT_H

#include "tui/talk.h"
#include "tui/view.h"

struct transcript {
	struct app *app;
	struct talk *talk; /* borrowed */
	size_t item;       /* at the top of the area ... */
	int line;          /* ... this line of it */
	bool follow;       /* the end is kept in view */
	int rows, columns; /* of the last area */
	size_t low, high;  /* items that may be laid out: [low, high) */
	size_t chosen;     /* an item + 1; 0: none */
};

void transcript_init(struct transcript *t, struct app *app, struct talk *talk);

void transcript_draw(struct transcript *t, const struct area *area);

/* By lines; negative: back. */
void transcript_scroll(struct transcript *t, int lines);
void transcript_top(struct transcript *t);
void transcript_bottom(struct transcript *t);

/* Load what is missing and bring the message to the top; false when it is not
 * on the path that is shown. */
bool transcript_show(struct transcript *t, uint64_t seq);

/* Scroll as little as shows the item, its head first. */
void transcript_reveal(struct transcript *t, size_t item);

/* Load older messages; true when there were any. */
bool transcript_load_older(struct transcript *t);

/* Lines that the item takes, laid out for the present width. */
int transcript_height(struct transcript *t, size_t item);

#endif
