/*
 * views.h - the views that an action opens with what stands behind it.
 */
#ifndef TUI_VIEWS_H
#define TUI_VIEWS_H

#include "tui/action.h"

struct app;

/* False: the action opens none. */
bool views_open(struct app *app, enum action action, struct slice operand);

#endif
