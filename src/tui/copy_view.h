/*
 * copy_view.h - messages and their blocks of code, to take away.
 */
#ifndef TUI_COPY_VIEW_H
#define TUI_COPY_VIEW_H

#include "mneme/base.h"

struct app;

void copy_open(struct app *app, struct slice filter);

#endif
