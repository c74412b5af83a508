/*
 * when.h - days that a question speaks of: "in May 2023", "last week", "two
 * months ago".  They draw towards what was said then; nothing is left out.
 */
#ifndef MEMORY_WHEN_H
#define MEMORY_WHEN_H

#include "mneme/base.h"

struct when {
	int year, month, day; /* named; 0: not */
	int64_t from, to;     /* days since 1970, `to` excluded; equal: none */
};

/* `now` in microseconds: what "last week" is counted from. */
void when_read(struct slice question, int64_t now, struct when *out);

/* How well a day suits: 0 when nothing was asked, at most 2. */
double when_fits(const struct when *when, unsigned day);

/* Does the question ask for a time? ("When did ...") */
bool when_asked(struct slice question);

/* Does the text speak of one? ("yesterday", "in June") */
bool when_told(struct slice text);

#endif
