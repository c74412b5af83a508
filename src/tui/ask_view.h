/*
 * ask_view.h - one line from the person: a name, a path, yes or no.
 */
#ifndef TUI_ASK_VIEW_H
#define TUI_ASK_VIEW_H

#include "mneme/base.h"

struct app;

/* `answered` gets the text at Enter, with the view gone; `drop` frees arg in
 * any case.  `secret` shows dots. */
struct ask_events {
	void (*answered)(struct app *app, void *arg, struct slice text);
	void (*drop)(void *arg); /* may be NULL */
	void *arg;
};
void ask_open(struct app *app, const char *question, struct slice text,
	      bool secret, const struct ask_events *events);

/* y answers with "y", everything else closes. */
void ask_confirm(struct app *app, const char *question,
		 const struct ask_events *events);

#endif
