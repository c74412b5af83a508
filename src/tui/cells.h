/*
 * cells.h - a screen as a grid of cells, without a terminal.
 *
 * A cell holds one grapheme cluster, its style and its link.  Clusters of up
 * to 8 bytes lie in the cell; longer ones and the addresses of links lie in a
 * pool that all grids of one screen share, in which equal texts have one
 * number, so two cells are equal when their bytes are.
 */
#ifndef TUI_CELLS_H
#define TUI_CELLS_H

#include "mneme/base.h"

struct buf;
struct pool;

enum {
	STYLE_BOLD = 1,
	STYLE_DIM = 2,
	STYLE_ITALIC = 4,
	STYLE_UNDERLINE = 8,
	STYLE_REVERSE = 16,
	STYLE_STRIKE = 32,
};

/* A colour is 0 (the terminal's own), COLOUR(0..255) or COLOUR_RGB(). */
#define COLOUR(n) ((uint32_t)(n) + 1)
#define COLOUR_RGB(rgb) (UINT32_C(0x1000000) | (rgb))

struct style {
	uint32_t fg, bg;
	uint16_t attributes;
	uint16_t link; /* 0: none; else pool_text() has its address */
};

enum { CELL_INLINE = 8, CLUSTER_MAX = 64 };

/* width 0 is the right half of a wide character; length 0 a blank. */
struct cell {
	char text[CELL_INLINE];
	uint16_t pooled; /* number in the pool, when not 0 */
	uint8_t length;
	uint8_t width;
	struct style style;
};

struct grid {
	int rows, columns;
	struct cell *cells; /* rows * columns */
	struct pool *pool;  /* borrowed */
	int caret_row, caret_column;
	bool caret_shown;
	bool wide; /* ambiguous characters take two columns */
};

struct pool *pool_create(void);
void pool_destroy(struct pool **pool);

/* The number of `text`; 0 when the pool is full (it keeps 65,535). */
uint16_t pool_add(struct pool *pool, struct slice text);
struct slice pool_text(const struct pool *pool, uint16_t number);

void grid_init(struct grid *g, struct pool *pool);
void grid_drop(struct grid *g);
void grid_resize(struct grid *g, int rows, int columns); /* blanks it */
void grid_blank(struct grid *g);

struct cell *grid_cell(const struct grid *g, int row, int column);
bool cell_equal(const struct cell *a, const struct cell *b);
bool cell_is_blank(const struct cell *c); /* and without style */
struct slice cell_text(const struct grid *g, const struct cell *c);

/* One cluster as a cell; what is not UTF-8 becomes U+FFFD. */
struct cell cell_make(struct pool *pool, struct slice cluster, int width,
		      struct style style);

/* Copy a cell (of width 1 or 2, of the same pool) to a place. */
void grid_put(struct grid *g, int row, int column, const struct cell *c);

/* Draw from `column` up to `end` (not drawn into); what does not fit is left
 * out.  Control characters are never drawn.  Returns the next column. */
int grid_text(struct grid *g, int row, int column, int end, struct slice text,
	      struct style style);

/* Give `count` cells blanks in a style. */
void grid_fill(struct grid *g, int row, int column, int count,
	       struct style style);

/* The grid as lines of text without trailing blanks. */
void grid_dump(const struct grid *g, struct buf *out);

#endif
