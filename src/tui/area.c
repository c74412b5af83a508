/* area.c - drawing inside of a rectangle. */
#include <stdarg.h>
#include <stdio.h>

#include "mneme/buf.h"
#include "mneme/filter.h"
#include "tui/grapheme.h"
#include "tui/view.h"

enum { CLEAN_MAX = 4096 };

static bool
holds(const struct area *a, int row, int column)
{
	return row >= 0 && row < a->rows && column >= 0 && column < a->columns;
}

int
area_text(const struct area *a, int row, int column, struct slice text,
	  struct style style)
{
	if (!holds(a, row, column))
		return column;
	int end = grid_text(a->grid, a->row + row, a->column + column,
			    a->column + a->columns, text, style) -
		  a->column;
	if (a->columns > 1 &&
	    grapheme_columns(text, a->grid->wide) > a->columns - column)
		end = grid_text(a->grid, a->row + row,
				a->column + a->columns - 1,
				a->column + a->columns, slice_of("…"), style) -
		      a->column;
	return end;
}

int
area_clean(const struct area *a, int row, int column, struct slice text,
	   struct style style)
{
	SCOPED(buf_clear) struct buf line = {.max = 2 * CLEAN_MAX};

	text.len = MIN(text.len, (size_t)CLEAN_MAX);
	filter_line(text, &line);
	return area_text(a, row, column, buf_slice(&line), style);
}

int
area_printf(const struct area *a, int row, int column, struct style style,
	    const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return area_text(a, row, column, slice_of(text), style);
}

void
area_fill(const struct area *a, int row, int column, int count,
	  struct style style)
{
	if (holds(a, row, column))
		grid_fill(a->grid, a->row + row, a->column + column,
			  MIN(count, a->columns - column), style);
}

int
area_right(const struct area *a, int row, struct slice text, struct style style)
{
	int width = grapheme_columns(text, a->grid->wide);
	int column = MAX(a->columns - width, 0);

	area_text(a, row, column, text, style);
	return column;
}

void
area_caret(const struct area *a, int row, int column)
{
	if (a->rows <= 0 || a->columns <= 0)
		return;
	a->grid->caret_row = a->row + MIN(MAX(row, 0), a->rows - 1);
	a->grid->caret_column = a->column + MIN(MAX(column, 0), a->columns - 1);
	a->grid->caret_shown = true;
}

void
area_edit(const struct area *a, int row, int column, struct slice text,
	  size_t caret, struct style style)
{
	bool wide = a->grid->wide;
	int room = MAX(a->columns - column - 1, 1), width;
	int at = grapheme_columns(slice_make(text.data, caret), wide);

	while (at > room && text.len > 0) {
		size_t n = grapheme_next(text, wide, &width);

		text = slice_make(text.data + n, text.len - n);
		at -= width;
	}
	area_text(a, row, column, text, style);
	area_caret(a, row, column + at);
}

void
area_clear(const struct area *a, struct style style)
{
	for (int row = 0; row < a->rows; row++)
		area_fill(a, row, 0, a->columns, style);
}

struct area
area_part(const struct area *a, int row, int column, int rows, int columns)
{
	struct area part = *a;

	row = MIN(MAX(row, 0), a->rows);
	column = MIN(MAX(column, 0), a->columns);
	part.row += row;
	part.column += column;
	part.rows = MAX(MIN(rows, a->rows - row), 0);
	part.columns = MAX(MIN(columns, a->columns - column), 0);
	return part;
}
