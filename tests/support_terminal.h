/*
 * support_terminal.h - a terminal, as far as the screen uses one: it reads the
 * bytes that are meant for it.  What the screen should never send fails.
 */
#ifndef SUPPORT_TERMINAL_H
#define SUPPORT_TERMINAL_H

#include "tui/cells.h"

struct terminal {
	struct grid grid;
	struct style style;
	int row, column, top, bottom;
	struct style saved_style;
	int saved_row, saved_column;
	int asked_row, asked_column; /* where it said that its cursor is */
	bool cursor;
	int links;
	bool by_character; /* it knows no clusters: each character has a width
			      of its own, as in older terminals */
};

void terminal_size(struct terminal *t, int rows, int columns);
void terminal_read(struct terminal *t, struct slice in);

/* It shows these cells, and its cursor stands where theirs does. */
void terminal_expect(const struct terminal *t, const struct grid *want);

#endif
