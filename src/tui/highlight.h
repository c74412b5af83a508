/*
 * highlight.h - the words of a program in colours, well enough.
 *
 * One scanner and a table of languages: what comments, strings, numbers and
 * names look like, and which names are special.  It never fails and never
 * looks back further than a line.
 */
#ifndef TUI_HIGHLIGHT_H
#define TUI_HIGHLIGHT_H

#include "mneme/base.h"

struct language;

/* By a name as it stands behind a fence ("C++", "js", "python title=x");
 * NULL when it is not known. */
const struct language *language_find(struct slice name);

/* Its first name. */
const char *language_name(const struct language *language);

/* Called with each piece of `text` in order; together they are all of it.
 * `role` is one of enum role. */
typedef void highlight_fn(void *arg, int role, size_t len);
void highlight(const struct language *language, struct slice text,
	       highlight_fn *fn, void *arg);

#endif
