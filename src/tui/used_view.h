/*
 * used_view.h - what an answer rests on: each memory and message that it was
 * given, and why it was.
 */
#ifndef TUI_USED_VIEW_H
#define TUI_USED_VIEW_H

#include "mneme/base.h"

struct app;

/* Of the stored answer with this seq. */
void used_open(struct app *app, uint64_t seq);

#endif
