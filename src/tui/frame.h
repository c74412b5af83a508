/*
 * frame.h - what boxes and lists have in common.
 */
#ifndef TUI_FRAME_H
#define TUI_FRAME_H

#include "tui/view.h"

/* A border with a title; returns the area inside of it.  A small area gets its
 * title as a first line and no border. */
struct area frame_draw(struct app *app, const struct area *area,
		       struct slice title);

/* Which rows of a list are shown: keeps `chosen` in view. */
struct list_place {
	size_t count;
	size_t chosen; /* below count, or 0 */
	size_t first;  /* at the top of the area */
	int rows;      /* of the last area */
};

/* Call before drawing; corrects all of it. */
void list_settle(struct list_place *p, size_t count, int rows);

/* An action of CONTEXT_LIST that moves; false for others. */
bool list_act(struct list_place *p, enum action action);

#endif
