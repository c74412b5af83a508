/*
 * choose.h - settings that are changed from within the screen.  Without an
 * operand each one asks.
 */
#ifndef TUI_CHOOSE_H
#define TUI_CHOOSE_H

#include "mneme/base.h"

struct app;

void choose_theme(struct app *app, struct slice name);
void choose_model(struct app *app, struct slice name);
void choose_memory_mode(struct app *app, struct slice name);
void choose_incognito(struct app *app, struct slice nothing);
void choose_profile(struct app *app, struct slice name);

#endif
