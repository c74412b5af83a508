/*
 * find_view.h - everything ever said, by words and by meaning, as one types.
 */
#ifndef TUI_FIND_VIEW_H
#define TUI_FIND_VIEW_H

#include "mneme/base.h"

struct app;

void find_open(struct app *app, struct slice text);

enum { FIND_PATIENCE = 20000 }; /* microseconds */

/* For tests: how long a search by meaning may take before words come first. */
void find_patience(int64_t microseconds);

#endif
