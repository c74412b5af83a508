/*
 * fuzzy.h - does a short pattern fit a text, and how well?
 */
#ifndef TUI_FUZZY_H
#define TUI_FUZZY_H

#include "mneme/base.h"

/* Each word of the pattern (by blanks) must stand in the text in order, its
 * letters perhaps apart; ASCII case does not count.  -1: it does not fit; else
 * the higher the better.  An empty pattern fits with 0. */
int fuzzy_score(struct slice text, struct slice pattern);

/* A row that fits.  In order the best come first, equal ones as they came. */
struct fuzzy_fit {
	size_t row;
	int score;
};
void fuzzy_sort(struct fuzzy_fit *fits, size_t n);

#endif
