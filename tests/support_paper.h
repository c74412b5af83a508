/*
 * support_paper.h - a terminal whose normal screen keeps what leaves it at the
 * top, and wraps its lines anew at another width, as most of today do.
 *
 * It reads the bytes that live.h makes; what they should never hold fails.
 */
#ifndef SUPPORT_PAPER_H
#define SUPPORT_PAPER_H

#include "tui/cells.h"

struct buf;

struct paper_line {
	struct cell *cells;
	int used;    /* how far it was ever written */
	bool joined; /* goes on from the line before */
};

struct paper {
	struct pool *pool;
	struct paper_line *lines; /* all, the screen's are the last */
	size_t count, cap;
	int rows, columns;
	size_t top; /* first line of the screen */
	size_t row; /* the cursor's line */
	int column;
	struct style style;
	bool cursor;
};

void paper_init(struct paper *p, struct pool *pool, int rows, int columns);
void paper_drop(struct paper *p);
void paper_read(struct paper *p, struct slice bytes);
void paper_size(struct paper *p, int rows, int columns);

/* All lines, wrapped ones joined, without blanks at their ends, the last blank
 * ones left out. */
void paper_dump(const struct paper *p, struct buf *out);

/* ---- what it must show ---- */

struct grid;
struct live;

/* Between what draws and a paper: keeps what was written for good. */
struct paper_check {
	struct paper paper;
	struct live *live;
	struct grid part; /* drawn last */
	struct buf *kept; /* lines that stand above it */
	int rows, columns;
};

int paper_begin(struct paper_check *c, int rows, int columns);
void paper_append(struct paper_check *c, const struct grid *lines);
void paper_live(struct paper_check *c, const struct grid *part);

#endif
