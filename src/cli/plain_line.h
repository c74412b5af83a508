/*
 * plain_line.h - the lines that somebody types, or that come from a file.
 *
 * On a terminal readline has the line; it is opened then, for nothing else
 * needs it.  There is one terminal, so there is one of these.
 */
#ifndef CLI_PLAIN_LINE_H
#define CLI_PLAIN_LINE_H

#include "mneme/base.h"

struct error;
struct loop;

/* Let readline read from now on, turning the loop while it waits.  On failure
 * lines are read as they come. */
bool plain_line_open(struct loop *loop, struct error *err);
void plain_line_close(void);

/* The next line, owned; NULL at the end.  `prompt` goes to standard error
 * where there is no readline; NULL: none.  `old` is what stands there to be
 * changed; NULL: nothing. */
char *plain_line_read(const char *prompt, const char *old);

/* What was being written when a signal ended it; owned, NULL: nothing. */
char *plain_line_left(void);

/* What Tab completes a word with that begins the line, a name after another;
 * NULL past the last. */
void plain_line_complete(const char *(*name)(size_t i));

/* What Up and Ctrl-R find. */
void plain_line_remember(const char *line);

/* A line of ours above the one that is awaited; false: something is written
 * there, or none is awaited. */
bool plain_line_interject(struct slice text);

#endif
