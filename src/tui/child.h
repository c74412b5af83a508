/*
 * child.h - a program that gets a text and runs beside the screen.
 *
 * It has the text as its standard input, a session of its own (so it cannot
 * take the terminal), and what it says is kept up to a ceiling.  Nothing here
 * waits for it.
 */
#ifndef TUI_CHILD_H
#define TUI_CHILD_H

#include "mneme/base.h"

struct app;
struct child;
struct error;

enum { CHILD_OUTPUT_MAX = 64 << 10 };

/* When it has ended; `status` is waitpid()'s. */
typedef void child_done_fn(struct app *app, void *arg, int status,
			   struct slice output);

/* `quiet`: its output goes nowhere, so it may leave others behind that keep
 * it open.  `arg` is the caller's until `done`, which may never come when the
 * screen ends first: then drop(arg) alone is called. */
bool child_start(struct app *app, const char *const *argv, struct slice input,
		 bool quiet, child_done_fn *done, void (*drop)(void *arg),
		 void *arg, struct error *err);

/* Let go of all that run; they go on by themselves. */
void children_drop(struct app *app);

#endif
