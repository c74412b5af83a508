/*
 * memory_view.h - what is remembered: to see, to correct, to forget.
 */
#ifndef TUI_MEMORY_VIEW_H
#define TUI_MEMORY_VIEW_H

#include "mneme/base.h"
#include "mneme/id.h"

struct app;

/* `text` filters from the start; may be empty. */
void memories_open(struct app *app, struct slice text);

/* One of them, its history shown. */
void memories_show(struct app *app, struct id id);

#endif
