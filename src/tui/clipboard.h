/*
 * clipboard.h - a text to the clipboard: by the terminal (OSC 52), which works
 * from afar, and by the program that the desktop or tmux has for it.
 */
#ifndef TUI_CLIPBOARD_H
#define TUI_CLIPBOARD_H

#include "mneme/base.h"

struct app;

/* Says in the status line where it went, or why it did not. */
void clipboard_copy(struct app *app, struct slice text);

#endif
