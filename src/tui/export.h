/*
 * export.h - a conversation as a file for people, or for programs.
 */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include "mneme/base.h"

struct app;

/* The conversation on the screen, to a file whose ending says how; without a
 * path one is asked for. */
void export_open(struct app *app, struct slice path);

#endif
