/*
 * deliver.h - a text to where the person says: a file, a command.
 */
#ifndef TUI_DELIVER_H
#define TUI_DELIVER_H

#include "mneme/base.h"

struct app;

/* Ask for a path, then write; a file that is there is replaced only when the
 * person says so.  `path` is what is offered. */
void deliver_to_file(struct app *app, struct slice text, const char *path);

/* Write without asking for the path. */
void deliver_to(struct app *app, struct slice text, struct slice path);

/* Ask for a command of the shell, then give it the text; what it says first
 * stands in the status line. */
void deliver_to_command(struct app *app, struct slice text);

#endif
