/*
 * complete.h - what a word that is being written could become: a command after
 * a slash, a file after an @.
 */
#ifndef TUI_COMPLETE_H
#define TUI_COMPLETE_H

#include "mneme/base.h"
#include "tui/view.h"

struct app;

enum { COMPLETE_MAX = 200, COMPLETE_SHOWN = 8 };

struct candidate {
	char *text;       /* what is put in place of the word; owned */
	const char *note; /* beside it; NULL: none */
	bool open;        /* more may follow: a folder */
};

struct complete {
	size_t from, to; /* the word, in the text */
	struct candidate at[COMPLETE_MAX];
	size_t count;
	size_t chosen;
	size_t first;   /* shown at the top */
	bool dismissed; /* until the word is another */
};

/* Look at the text up to the caret.  Nothing to complete: count is 0. */
void complete_update(struct complete *c, struct slice text, size_t caret);
void complete_clear(struct complete *c);

/* Rows that it takes, and drawing them. */
int complete_rows(const struct complete *c);
void complete_draw(struct complete *c, struct app *app,
		   const struct area *area);

#endif
