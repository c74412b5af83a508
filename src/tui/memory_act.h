/*
 * memory_act.h - changing a memory from the screen: each is a change of the
 * store that is queued, and a word in the status line when it is done.
 */
#ifndef TUI_MEMORY_ACT_H
#define TUI_MEMORY_ACT_H

#include "mneme/record.h"

struct app;

void memory_act_pin(struct app *app, const struct memory *m);
void memory_act_restore(struct app *app, const struct memory *m);

/* Asks for the value, then stores it. */
void memory_act_edit(struct app *app, const struct memory *m);

/* Asks whether the messages that say it are redacted too, then forgets. */
void memory_act_forget(struct app *app, const struct memory *m);

/* Goes to the message that it was learned from. */
void memory_act_source(struct app *app, const struct memory *m);

#endif
