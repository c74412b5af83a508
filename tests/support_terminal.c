/* support_terminal.c - control sequences onto a grid. */
#include "support_terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/utf8.h"
#include "tui/grapheme.h"

/* What is erased has the background alone. */
static struct style
erased(const struct terminal *t)
{
	return (struct style){.bg = t->style.bg};
}

static void
scroll(struct terminal *t, int by)
{
	struct grid *g = &t->grid;
	size_t size = (size_t)g->columns * sizeof(struct cell);

	for (; by > 0; by--) {
		memmove(grid_cell(g, t->top, 0), grid_cell(g, t->top + 1, 0),
			size * (size_t)(t->bottom - t->top));
		grid_fill(g, t->bottom, 0, g->columns, erased(t));
	}
	for (; by < 0; by++) {
		memmove(grid_cell(g, t->top + 1, 0), grid_cell(g, t->top, 0),
			size * (size_t)(t->bottom - t->top));
		grid_fill(g, t->top, 0, g->columns, erased(t));
	}
}

static void
colours(struct terminal *t, const int *n, int count)
{
	static const uint16_t attributes[] = {
		[1] = STYLE_BOLD,      [2] = STYLE_DIM,     [3] = STYLE_ITALIC,
		[4] = STYLE_UNDERLINE, [7] = STYLE_REVERSE, [9] = STYLE_STRIKE,
	};

	for (int i = 0; i < count; i++) {
		uint32_t *to = n[i] / 10 == 4 || n[i] / 10 == 10 ? &t->style.bg
								 : &t->style.fg;

		if (n[i] == 0)
			t->style = (struct style){0};
		else if (n[i] < (int)COUNT(attributes))
			t->style.attributes |= attributes[n[i]];
		else if (n[i] == 38 || n[i] == 48) {
			*to = n[i + 1] == 5
				      ? COLOUR(n[i + 2])
				      : COLOUR_RGB((uint32_t)n[i + 2] << 16 |
						   (uint32_t)n[i + 3] << 8 |
						   (uint32_t)n[i + 4]);
			i += n[i + 1] == 5 ? 2 : 4;
		} else if (n[i] >= 90) {
			*to = COLOUR(n[i] % 10 + 8);
		} else {
			*to = COLOUR(n[i] % 10);
		}
	}
}

static bool
in_region(const struct terminal *t)
{
	return t->row >= t->top && t->row <= t->bottom;
}

static void
control(struct terminal *t, const int *n, int count, char final, bool private)
{
	int one = n[0] > 0 ? n[0] : 1;

	switch (final) {
	case 'H':
		t->row = one - 1;
		t->column = (count > 1 && n[1] > 0 ? n[1] : 1) - 1;
		break;
	case 'A':
		assert_true(t->row - one >= (in_region(t) ? t->top : 0));
		t->row -= one;
		break;
	case 'B':
		assert_true(t->row > t->bottom || t->row + one <= t->bottom);
		t->row += one;
		break;
	case 'C':
		t->column += one;
		break;
	case 'D':
		t->column -= one;
		break;
	case 'G':
		t->column = one - 1;
		break;
	case 'd':
		t->row = one - 1;
		break;
	case 'J':
		assert_int_equal(n[0], 2);
		grid_blank(&t->grid);
		break;
	case 'K':
		grid_fill(&t->grid, t->row, t->column,
			  t->grid.columns - t->column, erased(t));
		break;
	case 'm':
		colours(t, n, count);
		break;
	case 'r':
		t->top = one - 1;
		t->bottom = n[1] > 0 ? n[1] - 1 : t->grid.rows - 1;
		t->row = t->column = 0;
		break;
	case 'S':
		scroll(t, one);
		break;
	case 'T':
		scroll(t, -one);
		break;
	case 'n':
		assert_int_equal(n[0], 6);
		t->asked_row = t->row;
		t->asked_column = t->column;
		break;
	case 'h':
	case 'l':
		assert_true(private);
		if (n[0] == 25)
			t->cursor = final == 'h';
		break;
	default:
		fail_msg("a control sequence that is not understood: %c",
			 final);
	}
}

static size_t
sequence(struct terminal *t, struct slice in)
{
	int n[32] = {0}, count = 1;
	bool private = false;
	size_t at = 2;

	if (in.data[1] == '(')
		return 3;
	if (in.data[1] == 'M') {
		assert_true(t->row > 0 && t->row != t->top);
		t->row--;
		return 2;
	}
	if (in.data[1] == '7') {
		t->saved_row = t->row;
		t->saved_column = t->column;
		t->saved_style = t->style;
		return 2;
	}
	if (in.data[1] == '8') {
		t->row = t->saved_row;
		t->column = t->saved_column;
		t->style = t->saved_style;
		return 2;
	}
	if (in.data[1] == ']') {
		t->links++;
		return slice_find(in, slice_of("\033\\")) + 2;
	}
	assert_int_equal(in.data[1], '[');
	for (; in.data[at] < 0x40; at++) {
		if (in.data[at] == '?')
		private = true;
		else if (in.data[at] == ';') count++;
		else n[count - 1] = n[count - 1] * 10 + in.data[at] - '0';
	}
	control(t, n, count, in.data[at], private);
	return at + 1;
}

static size_t
next_character(const struct terminal *t, struct slice in, int *width)
{
	uint32_t cp;
	size_t n;

	if (!t->by_character)
		return grapheme_next(in, false, width);
	n = utf8_decode(in, &cp);
	*width = cp == 0x200D || cp == 0xFE0F
			 ? 0
			 : grapheme_columns(slice_make(in.data, n), false);
	return n;
}

void
terminal_read(struct terminal *t, struct slice in)
{
	while (in.len > 0) {
		size_t n = 1;
		int width;

		if (*in.data == '\033') {
			n = sequence(t, in);
		} else if (*in.data == '\r') {
			t->column = 0;
		} else if (*in.data == '\n') {
			if (t->row == t->bottom)
				scroll(t, 1);
			else
				t->row++;
		} else if (*in.data == '\b') {
			t->column--;
		} else {
			n = next_character(t, in, &width);
			if (t->by_character && width == 0) {
				in = slice_make(in.data + n, in.len - n);
				continue;
			}
			/* It does not wrap by itself. */
			if (t->by_character)
				t->column =
					MIN(t->column, t->grid.columns - width);
			assert_true(t->row >= 0 && t->row < t->grid.rows);
			assert_true(t->column + width <= t->grid.columns);
			t->column = grid_text(&t->grid, t->row, t->column,
					      t->grid.columns,
					      slice_make(in.data, n), t->style);
		}
		in = slice_make(in.data + n, in.len - n);
	}
}

void
terminal_size(struct terminal *t, int rows, int columns)
{
	grid_resize(&t->grid, rows, columns);
	t->top = 0;
	t->bottom = rows - 1;
	t->row = t->column = 0;
}

/* Where nothing is written, colour and weight of it are not seen. */
static bool
looks_blank(const struct grid *g, const struct cell *c)
{
	enum { SEEN = STYLE_REVERSE | STYLE_UNDERLINE | STYLE_STRIKE };

	return c->width == 1 && slice_is(cell_text(g, c), " ") &&
	       (c->style.attributes & SEEN) == 0;
}

/* Links are not seen where the terminal is told of none. */
static void
expect_cell(const struct terminal *t, const struct grid *want, int row,
	    int column)
{
	struct cell a = *grid_cell(want, row, column);
	struct cell b = *grid_cell(&t->grid, row, column);

	a.style.link = b.style.link = 0;
	if (looks_blank(want, &a) && looks_blank(&t->grid, &b) &&
	    a.style.bg == b.style.bg)
		return;
	if (cell_equal(&a, &b))
		return;
	fail_msg("row %d, column %d: drawn \"%.*s\" %x %x %x, shown \"%.*s\" "
		 "%x %x %x",
		 row, column, SLICE_ARG(cell_text(want, &a)), a.style.fg,
		 a.style.bg, a.style.attributes,
		 SLICE_ARG(cell_text(&t->grid, &b)), b.style.fg, b.style.bg,
		 b.style.attributes);
}

void
terminal_expect(const struct terminal *t, const struct grid *want)
{
	for (int row = 0; row < want->rows; row++)
		for (int column = 0; column < want->columns; column++)
			expect_cell(t, want, row, column);
	assert_int_equal(t->cursor, want->caret_shown);
	if (!want->caret_shown)
		return;
	assert_int_equal(t->row, want->caret_row);
	assert_int_equal(t->column, want->caret_column);
}
