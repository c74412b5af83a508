/*
 * markdown_table.c - columns that fit, however wide their texts are.
 *
 * Each column gets what it wants when all do; otherwise the widest give way
 * first, and cells wrap.  Where columns would be too narrow to read, each row
 * becomes a paragraph of "head: cell" lines instead.
 */
#include <stdlib.h>

#include "tui/markdown_private.h"
#include "tui/wrap.h"

enum { BORDER = 3, COLUMN_MIN = 8, COLUMNS_MAX = 128 };

static struct slice
cell_slice(const struct builder *b, const struct cell_text *cell)
{
	return slice_make(b->out->text.data + cell->start,
			  cell->end - cell->start);
}

static const struct cell_text *
cell_at(const struct builder *b, size_t row, int column)
{
	return &b->cells[row * (size_t)b->table_columns + (size_t)column];
}

static void
measure(const struct builder *b, int *widths)
{
	size_t rows = b->cell_count / (size_t)b->table_columns;

	for (int column = 0; column < b->table_columns; column++)
		widths[column] = 1;
	for (size_t row = 0; row < rows; row++)
		for (int column = 0; column < b->table_columns; column++) {
			struct slice text =
				cell_slice(b, cell_at(b, row, column));

			widths[column] =
				MAX(widths[column], page_columns(b->out, text));
		}
}

/* Take from the widest until the sum is `room`; false when that would leave
 * columns that nobody can read. */
static bool
fit(int *widths, int count, int room)
{
	int sum = 0, cap = 0;

	for (int i = 0; i < count; i++) {
		sum += widths[i];
		cap = MAX(cap, widths[i]);
	}
	if (sum <= room)
		return true;
	/* The largest cap under which the widths fit. */
	for (int low = 0, high = cap; low < high;) {
		int middle = (low + high + 1) / 2, total = 0;

		for (int i = 0; i < count; i++)
			total += MIN(widths[i], middle);
		if (total <= room)
			low = middle;
		else
			high = middle - 1;
		cap = low;
	}
	if (cap < COLUMN_MIN)
		return false;
	sum = 0;
	for (int i = 0; i < count; i++)
		sum += MIN(widths[i], cap);
	for (int i = 0; i < count; i++) {
		bool more = widths[i] > cap && sum < room;

		widths[i] = MIN(widths[i], cap) + more;
		sum += more;
	}
	return true;
}

/* One line of a cell, aligned, filled up to `width` unless it is the last. */
static void
put_cell(struct builder *b, const struct cell_text *cell, struct slice line,
	 int width, bool last, size_t *run)
{
	struct page *out = b->out;
	size_t from = (size_t)(line.data - out->text.data);
	int spare = MAX(width - page_columns(out, line), 0), before = 0;

	if (cell->align == ALIGN_RIGHT)
		before = spare;
	else if (cell->align == ALIGN_CENTRE)
		before = spare / 2;
	page_repeat(out, PIECE_BLANKS, before, ROLE_TEXT);
	flow_spans(b, from, from + line.len, run);
	if (!last)
		page_repeat(out, PIECE_BLANKS, spare - before, ROLE_TEXT);
}

static void
put_row(struct builder *b, size_t row, const int *widths)
{
	struct slice rest[COLUMNS_MAX];
	size_t runs[COLUMNS_MAX];
	int count = b->table_columns;
	bool more = true;

	for (int i = 0; i < count; i++) {
		rest[i] = cell_slice(b, cell_at(b, row, i));
		runs[i] = cell_at(b, row, i)->run;
	}
	for (bool first = true; more; first = false) {
		const struct cell_text *cell = cell_at(b, row, 0);

		more = false;
		for (int i = 0; i < count && !first; i++)
			more |= rest[i].len > 0;
		if (!first && !more)
			break;
		more = true;
		flow_prefix(b, flow_source(b, cell->start, cell->run));
		for (int i = 0; i < count; i++) {
			struct slice line = slice_make(rest[i].data, 0);

			wrap_next(&rest[i], widths[i], b->out->wide, WRAP_WORDS,
				  &line);
			put_cell(b, cell_at(b, row, i), line, widths[i],
				 i + 1 == count, &runs[i]);
			if (i + 1 < count)
				page_piece(b->out, PIECE_COLUMN, ROLE_RULE);
		}
	}
}

static void
put_border(struct builder *b, const int *widths, size_t source)
{
	flow_prefix(b, source);
	for (int i = 0; i < b->table_columns; i++) {
		if (i > 0)
			page_piece(b->out, PIECE_CROSS, ROLE_RULE);
		page_repeat(b->out, PIECE_RULE, widths[i], ROLE_RULE);
	}
}

/* A cell on lines of its own, after what stands on the first one. */
static void
put_hanging(struct builder *b, const struct cell_text *cell, int indent,
	    bool started)
{
	struct slice rest, line;
	size_t run = cell->run;

	flow_reserve(b);
	rest = cell_slice(b, cell);
	while (wrap_next(&rest, MAX(flow_room(b) - indent, 1), b->out->wide,
			 WRAP_WORDS, &line)) {
		if (!started) {
			flow_prefix(b, flow_source(b, cell->start, cell->run));
			page_repeat(b->out, PIECE_BLANKS, indent, ROLE_TEXT);
		}
		started = false;
		put_cell(b, cell, line, 0, true, &run);
	}
}

static void
put_pair(struct builder *b, const struct cell_text *head,
	 const struct cell_text *cell)
{
	int columns = page_columns(b->out, cell_slice(b, head));
	size_t run = head->run;

	if (columns + 2 > flow_room(b) / 2) {
		put_hanging(b, head, 0, false);
		put_hanging(b, cell, flow_fits(b, 2) ? 2 : 0, false);
		return;
	}
	flow_prefix(b, flow_source(b, cell->start, cell->run));
	flow_spans(b, head->start, head->end, &run);
	page_text(b->out, slice_of(": "), ROLE_RULE);
	put_hanging(b, cell, columns + 2, true);
}

static void
put_records(struct builder *b)
{
	size_t rows = b->cell_count / (size_t)b->table_columns;

	for (size_t row = rows > 1 ? 1 : 0; row < rows; row++) {
		if (row > 1) {
			b->gap = true;
			flow_gap(b);
		}
		for (int i = 0; i < b->table_columns; i++)
			if (row == 0)
				put_hanging(b, cell_at(b, 0, i), 0, false);
			else
				put_pair(b, cell_at(b, 0, i),
					 cell_at(b, row, i));
	}
}

static void
put_table(struct builder *b, const int *widths, bool narrowed)
{
	size_t rows = b->cell_count / (size_t)b->table_columns;

	for (size_t row = 0; row < rows; row++) {
		const struct cell_text *first = cell_at(b, row, 0);

		if (row == 1 || (row > 1 && narrowed))
			put_border(b, widths,
				   flow_source(b, first->start, first->run));
		put_row(b, row, widths);
	}
}

void
markdown_table_flush(struct builder *b)
{
	int widths[COLUMNS_MAX] = {0}, wanted = 0, got = 0;
	int count = b->table_columns;
	int room = flow_room(b) - BORDER * (count - 1);

	if (count == 0 || b->cell_count < (size_t)count)
		return;
	flow_gap(b);
	flow_reserve(b);
	if (count > COLUMNS_MAX || room < count) {
		put_records(b);
	} else {
		measure(b, widths);
		for (int i = 0; i < count; i++)
			wanted += widths[i];
		if (!fit(widths, count, room)) {
			put_records(b);
		} else {
			for (int i = 0; i < count; i++)
				got += widths[i];
			put_table(b, widths, got < wanted);
		}
	}
	b->out->table_end = b->out->line_count;
	b->cell_count = 0;
	flow_start(b);
}
