/*
 * wrap.h - a text as lines of a width.
 *
 * Where a line ends depends only on where it began, so a text that grew is
 * wrapped again from the start of its last line.
 */
#ifndef TUI_WRAP_H
#define TUI_WRAP_H

#include "mneme/base.h"

enum wrap_mode {
	WRAP_WORDS,    /* after a space where there is one; it hangs over */
	WRAP_CLUSTERS, /* anywhere between clusters: for editing */
};

/* Take the next line off *rest, without its LF; false once nothing is left.
 * A text that ends in LF has no empty last line here. */
bool wrap_next(struct slice *rest, int width, bool wide, enum wrap_mode mode,
	       struct slice *line);

#endif
