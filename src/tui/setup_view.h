/*
 * setup_view.h - a model is set up from within the screen: who runs it, the
 * key, a call that tests both, the model.  Esc leaves at any step; /setup
 * begins again.
 */
#ifndef TUI_SETUP_VIEW_H
#define TUI_SETUP_VIEW_H

#include "mneme/base.h"

struct app;

void setup_open(struct app *app, struct slice operand);

#endif
