/*
 * draft.h - what is being written, kept in the store.
 *
 * Saved a second after the last change, and when one leaves; one save at a
 * time, the newest text last.
 */
#ifndef TUI_DRAFT_H
#define TUI_DRAFT_H

#include "mneme/base.h"
#include "mneme/id.h"

struct app;
struct buf;
struct draft;
struct error;

struct draft *draft_create(struct app *app);
void draft_destroy(struct draft **draft); /* a save that runs goes on */

/* The stored text of a conversation (none: of the one not yet begun), added to
 * `out`. */
bool draft_load(struct draft *draft, struct id conversation, struct buf *out,
		struct error *err);

/* It is now this text; saved soon. */
void draft_set(struct draft *draft, struct id conversation, struct slice text);

/* Save at once what is not saved yet; done(arg), which may come at once, says
 * that it is. */
void draft_flush(struct draft *draft, void (*done)(void *arg), void *arg);

#endif
