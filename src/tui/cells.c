/*
 * cells.c - drawing into a grid.
 *
 * What must stay true: a cell of width 2 is followed by one of width 0, and
 * no cell of width 0 stands anywhere else.  So whoever overwrites one half
 * blanks the other.
 */
#include "tui/cells.h"

#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/utf8.h"
#include "tui/grapheme.h"

static const struct cell blank = {.width = 1};

void
grid_init(struct grid *g, struct pool *pool)
{
	*g = (struct grid){.pool = pool};
}

void
grid_drop(struct grid *g)
{
	free(g->cells);
	g->cells = NULL;
	g->rows = g->columns = 0;
}

void
grid_blank(struct grid *g)
{
	for (int i = 0; i < g->rows * g->columns; i++)
		g->cells[i] = blank;
	g->caret_shown = false;
}

void
grid_resize(struct grid *g, int rows, int columns)
{
	if (rows != g->rows || columns != g->columns) {
		free(g->cells);
		g->cells = xcalloc((size_t)rows * (size_t)columns,
				   sizeof(*g->cells));
		g->rows = rows;
		g->columns = columns;
	}
	grid_blank(g);
}

struct cell *
grid_cell(const struct grid *g, int row, int column)
{
	return &g->cells[row * g->columns + column];
}

bool
cell_equal(const struct cell *a, const struct cell *b)
{
	return a->length == b->length && a->width == b->width &&
	       a->pooled == b->pooled &&
	       memcmp(a->text, b->text, CELL_INLINE) == 0 &&
	       memcmp(&a->style, &b->style, sizeof(a->style)) == 0;
}

bool
cell_is_blank(const struct cell *c)
{
	static const struct style plain;

	return (c->length == 0 || (c->length == 1 && c->text[0] == ' ')) &&
	       c->width == 1 && memcmp(&c->style, &plain, sizeof(plain)) == 0;
}

struct slice
cell_text(const struct grid *g, const struct cell *c)
{
	if (c->pooled)
		return pool_text(g->pool, c->pooled);
	if (c->length == 0)
		return slice_make(" ", c->width);
	return slice_make(c->text, c->length);
}

/* Keep whole what stands beside the columns that are overwritten. */
static void
split_wide(struct grid *g, int row, int column, int width)
{
	int after = column + width;

	if (grid_cell(g, row, column)->width == 0 && column > 0)
		*grid_cell(g, row, column - 1) = blank;
	if (after < g->columns && grid_cell(g, row, after)->width == 0)
		*grid_cell(g, row, after) = blank;
}

struct cell
cell_make(struct pool *pool, struct slice cluster, int width,
	  struct style style)
{
	struct cell c = {.width = (uint8_t)width, .style = style};

	if (!utf8_valid(cluster))
		cluster = slice_of("\357\277\275");
	cluster = utf8_cut(cluster, CLUSTER_MAX);
	if (cluster.len > CELL_INLINE) {
		c.pooled = pool_add(pool, cluster);
		if (!c.pooled)
			cluster = slice_of(width == 2 ? "\357\274\237" : "?");
	}
	if (!c.pooled && !slice_is(cluster, " ")) {
		memcpy(c.text, cluster.data, cluster.len);
		c.length = (uint8_t)cluster.len;
	}
	return c;
}

void
grid_put(struct grid *g, int row, int column, const struct cell *c)
{
	if (c->width == 0)
		return;
	split_wide(g, row, column, c->width);
	*grid_cell(g, row, column) = *c;
	if (c->width == 2)
		*grid_cell(g, row, column + 1) =
			(struct cell){.style = c->style};
}

int
grid_text(struct grid *g, int row, int column, int end, struct slice text,
	  struct style style)
{
	end = MIN(end, g->columns);
	if (row < 0 || row >= g->rows || column < 0)
		return column;
	while (text.len > 0 && column < end) {
		int width;
		size_t n = grapheme_next(text, g->wide, &width);
		struct slice cluster = slice_make(text.data, n);

		text = slice_make(text.data + n, text.len - n);
		if (*cluster.data == '\t') {
			width = MIN(width, end - column);
			grid_fill(g, row, column, width, style);
			column += width;
			continue;
		}
		if (width == 0 || (uint8_t)*cluster.data < 0x20)
			continue;
		if (column + width > end)
			break;
		struct cell c = cell_make(g->pool, cluster, width, style);
		grid_put(g, row, column, &c);
		column += width;
	}
	return column;
}

void
grid_fill(struct grid *g, int row, int column, int count, struct style style)
{
	if (row < 0 || row >= g->rows)
		return;
	for (; count > 0 && column < g->columns; count--, column++) {
		split_wide(g, row, column, 1);
		*grid_cell(g, row, column) =
			(struct cell){.width = 1, .style = style};
	}
}

void
grid_dump(const struct grid *g, struct buf *out)
{
	for (int row = 0; row < g->rows; row++) {
		int end = g->columns;

		while (end > 0 && grid_cell(g, row, end - 1)->width == 1 &&
		       slice_is(cell_text(g, grid_cell(g, row, end - 1)), " "))
			end--;
		for (int column = 0; column < end; column++)
			buf_add_slice(out,
				      cell_text(g, grid_cell(g, row, column)));
		buf_addc(out, '\n');
	}
}
