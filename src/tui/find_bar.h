/*
 * find_bar.h - finding a text in the transcript: a line over the composer.
 */
#ifndef TUI_FIND_BAR_H
#define TUI_FIND_BAR_H

#include "mneme/base.h"

struct app;

/* With a text it begins at the first place found, where n and N go on. */
void find_bar_open(struct app *app, struct slice text);

#endif
