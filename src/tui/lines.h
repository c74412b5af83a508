/*
 * lines.h - a text laid out for one width: lines of cells, made once and drawn
 * at each frame.
 *
 * A renderer (plain text, Markdown, a diff) fills it, a view draws a stretch
 * of it into a grid.  It shares the pool of the screen that it is drawn on.
 */
#ifndef TUI_LINES_H
#define TUI_LINES_H

#include "tui/cells.h"

struct line {
	size_t first;  /* index of its first cell */
	int columns;   /* cells that it has */
	size_t source; /* where in the source text it begins */
	bool joined;   /* a wrapped part: goes on from the line before */
};

struct lines {
	struct pool *pool; /* borrowed */
	bool wide;         /* ambiguous characters take two columns */
	struct cell *cells;
	size_t cell_count, cell_cap;
	struct line *at;
	size_t count, cap;
};

void lines_init(struct lines *l, struct pool *pool, bool wide);
void lines_clear(struct lines *l); /* gives the memory back */
void lines_reset(struct lines *l); /* empties, keeps memory */

/* Keep the first `count` lines. */
void lines_cut(struct lines *l, size_t count);

/* Begin the next line; `source` is where in the source text. */
void lines_begin(struct lines *l, size_t source);

/* Add to the last line; control characters are left out, a TAB is blanks.
 * Returns the columns that the line now has. */
int lines_add(struct lines *l, struct slice text, struct style style);
int lines_fill(struct lines *l, int columns, struct style style);

/* Wrap a plain text: each line begins with `indent` blanks, none is longer
 * than `width`. */
void lines_wrap(struct lines *l, struct slice text, int indent, int width,
		struct style style);

/* Draw line `n` from `column` on, not into `end`. */
void lines_draw(const struct lines *l, size_t n, struct grid *grid, int row,
		int column, int end);

/* The text of line `n`, added to `out`. */
void lines_text(const struct lines *l, size_t n, struct buf *out);

#endif
