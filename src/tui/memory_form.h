/*
 * memory_form.h - a memory to be corrected: what it says, its type, what it is
 * about, how much it matters.
 */
#ifndef TUI_MEMORY_FORM_H
#define TUI_MEMORY_FORM_H

#include "mneme/memory.h"

struct app;

/* `saved` gets what is to be another, when something is; `drop` frees arg in
 * any case. */
struct memory_form_events {
	void (*saved)(struct app *app, void *arg,
		      const struct memory_edit *edit);
	void (*drop)(void *arg);
	void *arg;
};
void memory_form_open(struct app *app, const struct memory *memory,
		      const struct memory_form_events *events);

#endif
