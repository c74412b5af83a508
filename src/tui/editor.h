/*
 * editor.h - another program has the terminal for a while.
 */
#ifndef TUI_EDITOR_H
#define TUI_EDITOR_H

#include "mneme/base.h"

struct editor;
struct error;
struct loop;

/* Run `command` (a shell's) with `path` behind it; done(arg, err) comes on the
 * loop when it has ended, err set when it did not end well. */
struct editor *editor_start(struct loop *loop, const char *command,
			    const char *path,
			    void (*done)(void *arg, const struct error *err),
			    void *arg, struct error *err);
void editor_drop(struct editor **editor); /* does not end the program */

#endif
