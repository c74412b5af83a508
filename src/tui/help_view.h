/*
 * help_view.h - every key and command, and the palette of them.
 */
#ifndef TUI_HELP_VIEW_H
#define TUI_HELP_VIEW_H

#include "mneme/base.h"

struct app;
struct buf;

void help_open(struct app *app, struct slice operand);
void palette_open(struct app *app, struct slice operand);

/* The table of keys as mdoc, for the manual page. */
void help_manual(struct buf *out);

#endif
