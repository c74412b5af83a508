/*
 * item_draw.h - a message as lines: its head, its text, its foot, a gap.
 */
#ifndef TUI_ITEM_DRAW_H
#define TUI_ITEM_DRAW_H

#include "tui/talk.h"
#include "tui/view.h"

/* Lays the text out when the width is another one or the text has grown. */
int item_height(struct app *app, struct item *item, int columns);

/* One line of it, after item_height() for the area's columns. */
void item_draw(struct app *app, struct item *item, int line,
	       const struct area *area, int row, bool chosen);

/* Lines before its text. */
int item_head(const struct item *item);

#endif
