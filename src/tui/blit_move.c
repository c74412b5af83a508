/*
 * blit_move.c - the cursor to a place by the fewest bytes.
 *
 * Several ways are written beside each other and the shortest is taken: the
 * place as a whole, or a step between rows and one between columns.  Steps
 * between rows that the edge of a scrolling region could stop, or that would
 * scroll it, are not among them.
 */
#include "mneme/buf.h"
#include "tui/blit.h"
#include "tui/caps.h"

enum { FEW = 4 };

static void
repeat(struct buf *out, char byte, int count)
{
	for (int i = 0; i < count; i++)
		buf_addc(out, byte);
}

static bool
has(const struct blit *b, enum cap cap)
{
	return b->caps->text[cap] != NULL;
}

/* Keep what stands in `step` when it is the shortest yet. */
static void
keep_shorter(struct blit *b, size_t start, bool *any, struct buf *way)
{
	if (!*any || b->step.len < way->len - start) {
		way->len = start;
		buf_add_slice(way, buf_slice(&b->step));
		*any = true;
	}
	buf_reset(&b->step);
}

static void
try_cap(struct blit *b, enum cap cap, int n, size_t start, bool *any,
	struct buf *way)
{
	if (!has(b, cap))
		return;
	caps_put(b->caps, cap, n, 0, &b->step);
	keep_shorter(b, start, any, way);
}

static int
part_of(const struct blit *b, int row)
{
	return row < b->top ? 0 : row <= b->bottom ? 1 : 2;
}

/* Add the shortest step to another row of the same column. */
static bool
step_rows(struct blit *b, int row, struct buf *way)
{
	int by = row - b->row;
	size_t start = way->len;
	bool any = false;

	if (by == 0)
		return true;
	try_cap(b, CAP_ROW, row, start, &any, way);
	if (part_of(b, row) != part_of(b, b->row))
		return any;
	if (by > 0 && by <= FEW) {
		repeat(&b->step, '\n', by);
		keep_shorter(b, start, &any, way);
	}
	if (by == -1)
		try_cap(b, CAP_UP_ONE, 0, start, &any, way);
	try_cap(b, by > 0 ? CAP_DOWN : CAP_UP, by > 0 ? by : -by, start, &any,
		way);
	return any;
}

/* Add the shortest step to another column of the same row. */
static bool
step_columns(struct blit *b, int column, struct buf *way)
{
	int by = column - b->column;
	size_t start = way->len;
	bool any = false;

	if (by == 0)
		return true;
	if (by < 0 && by >= -FEW) {
		repeat(&b->step, '\b', -by);
		keep_shorter(b, start, &any, way);
	}
	if (column == 0 || has(b, CAP_RIGHT)) {
		buf_addc(&b->step, '\r');
		if (column > 0)
			caps_put(b->caps, CAP_RIGHT, column, 0, &b->step);
		keep_shorter(b, start, &any, way);
	}
	try_cap(b, CAP_COLUMN, column, start, &any, way);
	try_cap(b, by > 0 ? CAP_RIGHT : CAP_LEFT, by > 0 ? by : -by, start,
		&any, way);
	return any;
}

/* Column 1 need not be said. */
static void
place(struct blit *b, int row, int column, struct buf *way)
{
	static const char first[] = ";1H";
	size_t len = sizeof(first) - 1;

	caps_put(b->caps, CAP_MOVE, row, column, way);
	if (column == 0 && way->len > len &&
	    memcmp(way->data + way->len - len, first, len) == 0) {
		way->len -= len;
		buf_addc(way, 'H');
	}
}

void
blit_leave_caret(struct blit *b, struct buf *out)
{
	if (!b->anchored)
		return;
	b->anchored = false;
	if (b->saved_row == b->row && b->saved_column == b->column)
		return;
	caps_put(b->caps, CAP_SAVE, 0, 0, out);
	b->saved_row = b->row;
	b->saved_column = b->column;
}

void
blit_move(struct blit *b, int row, int column, struct buf *out)
{
	if (row == b->row && column == b->column)
		return;
	blit_leave_caret(b, out);
	buf_reset(&b->path);
	buf_reset(&b->step);
	if (b->row >= 0 && step_rows(b, row, &b->path) &&
	    step_columns(b, column, &b->path)) {
		place(b, row, column, &b->step);
		if (b->step.len < b->path.len)
			buf_add_slice(out, buf_slice(&b->step));
		else
			buf_add_slice(out, buf_slice(&b->path));
	} else {
		place(b, row, column, out);
	}
	b->row = row;
	b->column = column;
}

/* What was saved had no style; a link is not part of it. */
void
blit_caret(struct blit *b, int row, int column, struct buf *out)
{
	struct style unlinked = b->style;

	if (row != b->saved_row || column != b->saved_column ||
	    (b->row == row && b->column == column)) {
		blit_style(b, (struct style){0}, out);
		blit_move(b, row, column, out);
		return;
	}
	unlinked.link = 0;
	blit_style(b, unlinked, out);
	caps_put(b->caps, CAP_RESTORE, 0, 0, out);
	b->style = (struct style){0};
	b->row = row;
	b->column = column;
}

void
blit_whole_region(struct blit *b, struct buf *out)
{
	if (b->top == 0 && b->bottom == b->shown.rows - 1)
		return;
	b->top = 0;
	b->bottom = b->shown.rows - 1;
	if (b->caps->text[CAP_REGION])
		caps_put(b->caps, CAP_REGION, b->top, b->bottom, out);
	b->row = -1;
}
