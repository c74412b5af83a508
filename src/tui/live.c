/*
 * live.c - differences within the part, by relative moves.
 *
 * What must stay true: `shown` has the rows of the part that exist in the
 * terminal, at least one, and the cursor stands in one of them.  A row beyond
 * them comes to be by a line feed in the last one, so rows are drawn from the
 * first to the last.  The terminal does not wrap by itself: a row never takes
 * two.
 */
#include "tui/live.h"

#include <stdlib.h>

#include "mneme/buf.h"
#include "tui/caps.h"

static const struct style plain;

void
live_init(struct live *l, const struct caps *caps, struct pool *pool)
{
	*l = (struct live){.reflows = true};
	blit_init(&l->blit, caps, pool);
}

void
live_drop(struct live *l)
{
	blit_drop(&l->blit);
}

/* Rows that do not exist yet are blank. */
static void
set_rows(struct live *l, int first, int rows)
{
	struct grid *g = &l->blit.shown;
	size_t row_size = (size_t)g->columns * sizeof(struct cell);
	struct grid next = {.pool = g->pool};

	grid_resize(&next, MAX(rows, 1), g->columns);
	if (first < g->rows)
		memcpy(next.cells, grid_cell(g, first, 0),
		       (size_t)MIN(g->rows - first, next.rows) * row_size);
	free(g->cells);
	g->cells = next.cells;
	g->rows = next.rows;
}

void
live_begin(struct live *l, int columns)
{
	grid_resize(&l->blit.shown, 1, columns);
	l->blit.style = plain;
	l->row = l->column = 0;
	l->cursor_known = false;
}

void
live_forget_cursor(struct live *l)
{
	l->cursor_known = false;
}

static void
move(struct live *l, int row, int column, struct buf *out)
{
	const struct caps *caps = l->blit.caps;
	int gap;

	if (row < l->row)
		caps_put(caps, CAP_UP, l->row - row, 0, out);
	if (row > l->row && column == 0 && l->column != 0) {
		buf_addc(out, '\r');
		l->column = 0;
	}
	for (; l->row < row; l->row++)
		buf_addc(out, '\n');
	l->row = row;
	if (l->column < 0 || (column == 0 && l->column > 0)) {
		buf_addc(out, '\r');
		l->column = 0;
	}
	gap = column - l->column;
	if (gap < 0 && gap >= -3) {
		buf_add(out, "\b\b\b", (size_t)-gap);
	} else if (gap < 0) {
		buf_addc(out, '\r');
		gap = column;
	}
	if (gap > 0)
		caps_put(caps, CAP_RIGHT, gap, 0, out);
	l->column = column;
}

static int
blank_from(const struct grid *g, int row)
{
	int column = g->columns;

	while (column > 0 && cell_is_blank(grid_cell(g, row, column - 1)))
		column--;
	return column;
}

/* Nobody asks here how wide the terminal draws what is ambiguous; the letters
 * below the first combining one and the lines of boxes are taken for narrow. */
static bool
is_sure(const struct live *l, struct slice text)
{
	const uint8_t *at = (const uint8_t *)text.data;

	return (text.len == 2 && at[0] < 0xCC) ||
	       (text.len == 3 && at[0] == 0xE2 &&
		(at[1] == 0x94 || at[1] == 0x95)) ||
	       blit_is_sure(&l->blit, text);
}

static void
put_cell(struct live *l, const struct grid *next, int from, int row, int column,
	 struct buf *out)
{
	const struct cell *c = grid_cell(next, from, column);
	struct slice text = cell_text(next, c);

	move(l, row, column, out);
	blit_style(&l->blit, c->style, out);
	buf_add_slice(out, text);
	l->column += c->width;
	if (l->column >= next->columns || !is_sure(l, text))
		l->column = -1;
}

/* Terminals may remember how far a line was ever written, and take it for so
 * long when they wrap it anew; only a whole line that is cleared is new. */
static void
clear_row(struct live *l, int row, struct buf *out)
{
	struct grid *shown = &l->blit.shown;

	move(l, row, 0, out);
	blit_style(&l->blit, plain, out);
	caps_put(l->blit.caps, CAP_CLEAR_LINE, 0, 0, out);
	for (int column = 0; column < shown->columns; column++)
		*grid_cell(shown, row, column) = (struct cell){.width = 1};
}

/* Does the row change, and is there something in it that may lie over other
 * columns? */
static bool
is_disputed(const struct live *l, const struct grid *next, int from, int row)
{
	const struct grid *shown = &l->blit.shown;
	bool changes = false, disputed = false;

	for (int i = 0; i < next->columns; i++) {
		const struct cell *a = grid_cell(next, from, i);
		const struct cell *b = grid_cell(shown, row, i);

		changes = changes || !cell_equal(a, b);
		disputed = disputed ||
			   blit_is_disputed(&l->blit, cell_text(next, a)) ||
			   blit_is_disputed(&l->blit, cell_text(shown, b));
	}
	return changes && disputed;
}

/* The part's row `row` becomes row `from` of `next`. */
static void
put_row(struct live *l, const struct grid *next, int from, int row,
	struct buf *out)
{
	struct grid *shown = &l->blit.shown;
	int end = blank_from(next, from), old_end = blank_from(shown, row);
	int first = 0, last = end;

	if (old_end > end || is_disputed(l, next, from, row))
		clear_row(l, row, out);
	while (first < end && cell_equal(grid_cell(next, from, first),
					 grid_cell(shown, row, first)))
		first++;
	while (last > first && cell_equal(grid_cell(next, from, last - 1),
					  grid_cell(shown, row, last - 1)))
		last--;
	/* Whole characters only. */
	while (first > 0 && first < end &&
	       (grid_cell(next, from, first)->width == 0 ||
		grid_cell(shown, row, first)->width == 0))
		first--;
	for (int column = first; column < last; column++)
		if (grid_cell(next, from, column)->width > 0)
			put_cell(l, next, from, row, column, out);
	memcpy(grid_cell(shown, row, 0), grid_cell(next, from, 0),
	       (size_t)shown->columns * sizeof(struct cell));
}

void
live_append(struct live *l, const struct grid *lines, struct buf *out)
{
	int rows = l->blit.shown.rows;

	if (lines->rows == 0)
		return;
	set_rows(l, 0, MAX(rows, lines->rows));
	for (int row = 0; row < lines->rows; row++) {
		put_row(l, lines, row, row, out);
		/* It exists, though it may be blank. */
		move(l, MAX(row, l->row), MAX(l->column, 0), out);
	}
	blit_style(&l->blit, plain, out);
	move(l, lines->rows, 0, out);
	set_rows(l, lines->rows, MAX(rows - lines->rows, 1));
	l->row = 0;
}

static void
show_cursor(struct live *l, bool shown, struct buf *out)
{
	if (!l->cursor_known || shown != l->blit.cursor_shown)
		caps_put(l->blit.caps,
			 shown ? CAP_SHOW_CURSOR : CAP_HIDE_CURSOR, 0, 0, out);
	l->blit.cursor_shown = shown;
	l->cursor_known = true;
}

void
live_frame(struct live *l, const struct grid *next, struct buf *out)
{
	int had = l->blit.shown.rows;

	if (next->rows > had)
		set_rows(l, 0, next->rows);
	for (int row = 0; row < next->rows; row++)
		put_row(l, next, row, row, out);
	blit_style(&l->blit, plain, out);
	if (next->rows < had) {
		move(l, next->rows, 0, out);
		caps_put(l->blit.caps, CAP_CLEAR_BELOW, 0, 0, out);
	} else if (next->rows > had && l->row < next->rows - 1) {
		move(l, next->rows - 1, 0, out);
	}
	if (next->caret_shown)
		move(l, next->caret_row, next->caret_column, out);
	else if (l->row >= next->rows)
		move(l, next->rows - 1, 0, out);
	if (next->rows < had)
		set_rows(l, 0, next->rows);
	show_cursor(l, next->caret_shown, out);
}

/* Clear from `up` rows above the cursor on.  From the screen's very corner
 * some terminals would not clear but scroll all of it away, to be kept. */
static void
clear_from(const struct live *l, int up, struct buf *out)
{
	const struct caps *caps = l->blit.caps;

	buf_addc(out, '\r');
	if (up > 0)
		caps_put(caps, CAP_UP, up, 0, out);
	caps_put(caps, CAP_CLEAR_LINE, 0, 0, out);
	caps_put(caps, CAP_RIGHT, 1, 0, out);
	caps_put(caps, CAP_CLEAR_BELOW, 0, 0, out);
	buf_addc(out, '\r');
}

/* ---- another size ---- */

/* The lines that a row of the part takes at another width, and in which of
 * them the cursor stands when it is in this row. */
static int
pieces(const struct live *l, int row, int columns, int *cursor)
{
	const struct grid *g = &l->blit.shown;
	int end = blank_from(g, row), at = 0, n = 1;

	*cursor = 0;
	if (!l->reflows)
		return 1;
	for (int column = 0; column < end; column++) {
		int width = grid_cell(g, row, column)->width;

		if (width > 0 && at + width > columns) {
			at = 0;
			n++;
		}
		at += width;
		if (column <= l->column || l->column < 0)
			*cursor = n - 1;
	}
	return n;
}

int
live_resize(struct live *l, int above, int columns, struct buf *out)
{
	int start = l->row, up, n, unused;

	pieces(l, l->row, columns, &up);
	up = MIN(up, above);
	while (start > 0) {
		n = pieces(l, start - 1, columns, &unused);
		if (up + n > above)
			break;
		up += n;
		start--;
	}
	blit_style(&l->blit, plain, out);
	clear_from(l, up, out);
	live_begin(l, columns);
	return start;
}

void
live_wipe_later(const struct live *l, struct buf *out)
{
	clear_from(l, l->row, out);
}
