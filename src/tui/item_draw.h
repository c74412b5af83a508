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

/* Give the lines' memory back. */
void item_forget_lines(struct item *item);

/* After item_height(): is only its beginning shown, so that this line of its
 * text is not? */
bool item_folds(const struct item *item);
bool item_hides(const struct item *item, int line);

/* The lines of its text, after item_height(), and what one says. */
int item_text_lines(const struct item *item);
void item_line_text(const struct item *item, int line, struct buf *out);

/* The line of its text that holds an offset of the text, and where a line
 * begins in it: what stays when the width changes. */
int item_line_at(const struct item *item, size_t offset);
size_t item_source(const struct item *item, int line);

/* Lines before its text. */
int item_head(const struct item *item);

#endif
