/*
 * deletion.h - conversations that go in ten seconds unless somebody says no.
 *
 * They belong to the screen, not to a view: a list may be closed meanwhile,
 * and leaving the screen does at once what still waits.  What is done is
 * final.
 */
#ifndef TUI_DELETION_H
#define TUI_DELETION_H

#include "mneme/id.h"

struct app;
struct deletions;

/* Made at the first one. */
void deletion_add(struct app *app, struct id conversation, const char *title);

/* The last one that waits; false when none does. */
bool deletion_undo(struct app *app);

bool deletion_waits(const struct app *app, struct id conversation);

/* Do all now; deletion_busy() until they are done. */
void deletion_flush(struct app *app);
bool deletion_busy(const struct app *app);
void deletion_drop(struct app *app);

#endif
