/*
 * blit_doubt.c - clusters of several characters, which some terminals show
 * over fewer columns than they take, or over more.
 *
 * What such a cluster leaves behind when it goes, what it writes over when it
 * comes, is drawn anew: the cells that a terminal may have touched are marked
 * as unlike any other, and a cell that it may leave alone is blanked first.
 */
#include "mneme/buf.h"
#include "tui/blit.h"
#include "tui/caps.h"

enum { UNLIKE = 0xFF };

static bool
is_disputed(const struct blit *b, const struct grid *g, const struct cell *c)
{
	return c->width > 0 && c->length != UNLIKE &&
	       blit_is_disputed(b, cell_text(g, c));
}

/* Where it ends if each of its characters takes two columns. */
static int
widest(const struct grid *g, const struct cell *c, int column)
{
	struct slice text = cell_text(g, c);
	int end = column;

	for (size_t i = 0; i < text.len; i++)
		if ((text.data[i] & 0xC0) != 0x80)
			end += 2;
	return MIN(end, g->columns);
}

static void
mark(struct blit *b, int row, int column)
{
	*grid_cell(&b->shown, row, column) =
		(struct cell){.length = UNLIKE, .width = 1};
}

static bool
stays(const struct blit *b, const struct grid *next, int row, int column)
{
	return cell_equal(grid_cell(next, row, column),
			  grid_cell(&b->shown, row, column));
}

static void
mark_old(struct blit *b, const struct grid *next, int row)
{
	for (int column = 0; column < next->columns; column++) {
		const struct cell *c = grid_cell(&b->shown, row, column);
		int end;

		if (!is_disputed(b, &b->shown, c) ||
		    stays(b, next, row, column))
			continue;
		end = widest(&b->shown, c, column);
		for (int i = column; i < end; i++)
			if (!is_disputed(b, &b->shown,
					 grid_cell(&b->shown, row, i)) ||
			    i == column)
				mark(b, row, i);
	}
}

static void
blank_first(struct blit *b, const struct cell *c, int row, int column,
	    struct buf *out)
{
	if (c->width < 2 ||
	    cell_is_blank(grid_cell(&b->shown, row, column + 1)))
		return;
	blit_move(b, row, column, out);
	blit_leave_caret(b, out);
	blit_style(b, c->style, out);
	buf_adds(out, "  ");
	b->row = -1;
}

void
blit_doubt(struct blit *b, const struct grid *next, int row, struct buf *out)
{
	if (b->caps->clusters) /* it counts as we do, and has said so */
		return;
	if (memcmp(grid_cell(next, row, 0), grid_cell(&b->shown, row, 0),
		   (size_t)next->columns * sizeof(struct cell)) == 0)
		return;
	mark_old(b, next, row);
	for (int column = 0; column < next->columns; column++) {
		const struct cell *c = grid_cell(next, row, column);
		int end;

		if (!is_disputed(b, next, c) || stays(b, next, row, column))
			continue;
		blank_first(b, c, row, column, out);
		end = widest(next, c, column);
		for (int i = column + c->width; i < end; i++)
			if (!cell_is_blank(grid_cell(next, row, i)))
				mark(b, row, i);
	}
}
