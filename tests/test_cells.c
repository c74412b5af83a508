/*
 * test_cells.c - drawing into cells, and that what is sent to a terminal
 * piece by piece gives the screen that was drawn: a small terminal in this
 * file reads the bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "tui/blit.h"
#include "tui/caps.h"
#include "tui/cells.h"
#include "tui/grapheme.h"

#define FAMILY \
	"\360\237\221\250\342\200\215\360\237\221\251\342\200\215" \
	"\360\237\221\247"
#define FLAG "\360\237\207\251\360\237\207\252"
#define HEART "\342\235\244\357\270\217"
#define MIDDLE "\344\270\255"

/* -- a terminal, as far as we use one -- */

struct terminal {
	struct grid grid;
	struct style style;
	int row, column, top, bottom;
	bool cursor;
	int links;
};

static void
scroll(struct terminal *t, int by)
{
	struct grid *g = &t->grid;
	size_t size = (size_t)g->columns * sizeof(struct cell);

	for (; by > 0; by--) {
		memmove(grid_cell(g, t->top, 0), grid_cell(g, t->top + 1, 0),
			size * (size_t)(t->bottom - t->top));
		grid_fill(g, t->bottom, 0, g->columns, (struct style){0});
	}
	for (; by < 0; by++) {
		memmove(grid_cell(g, t->top + 1, 0), grid_cell(g, t->top, 0),
			size * (size_t)(t->bottom - t->top));
		grid_fill(g, t->top, 0, g->columns, (struct style){0});
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

static void
control(struct terminal *t, const int *n, int count, char final, bool private)
{
	int one = n[0] > 0 ? n[0] : 1;

	switch (final) {
	case 'H':
		t->row = one - 1;
		t->column = (count > 1 && n[1] > 0 ? n[1] : 1) - 1;
		break;
	case 'C':
		t->column += one;
		break;
	case 'J':
		assert_int_equal(n[0], 2);
		grid_blank(&t->grid);
		break;
	case 'K':
		grid_fill(&t->grid, t->row, t->column,
			  t->grid.columns - t->column, t->style);
		break;
	case 'm':
		colours(t, n, count);
		break;
	case 'r':
		t->top = n[0] - 1;
		t->bottom = n[1] - 1;
		t->row = t->column = 0;
		break;
	case 'S':
		scroll(t, one);
		break;
	case 'T':
		scroll(t, -one);
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
	int n[8] = {0}, count = 1;
	bool private = false;
	size_t at = 2;

	if (in.data[1] == '(')
		return 3;
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

static void
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
			t->row++;
		} else if (*in.data == '\b') {
			t->column--;
		} else {
			n = grapheme_next(in, false, &width);
			assert_true(t->row >= 0 && t->row < t->grid.rows);
			assert_true(t->column + width <= t->grid.columns);
			t->column = grid_text(&t->grid, t->row, t->column,
					      t->grid.columns,
					      slice_make(in.data, n), t->style);
		}
		in = slice_make(in.data + n, in.len - n);
	}
}

static void
terminal_size(struct terminal *t, int rows, int columns)
{
	grid_resize(&t->grid, rows, columns);
	t->top = 0;
	t->bottom = rows - 1;
	t->row = t->column = 0;
}

static void
same_screen(const struct terminal *t, const struct grid *want)
{
	for (int row = 0; row < want->rows; row++)
		for (int column = 0; column < want->columns; column++)
			if (!cell_equal(grid_cell(want, row, column),
					grid_cell(&t->grid, row, column)))
				fail_msg("row %d, column %d differs", row,
					 column);
	assert_int_equal(t->cursor, want->caret_shown);
	if (!want->caret_shown)
		return;
	assert_int_equal(t->row, want->caret_row);
	assert_int_equal(t->column, want->caret_column);
}

/* -- the tests -- */

static void
clusters_have_the_columns_that_terminals_give_them(void **state)
{
	static const struct {
		const char *text;
		int clusters, columns;
		bool wide;
	} cases[] = {
		{"abc", 3, 3, false},
		{"e\314\201", 1, 1, false},
		{MIDDLE, 1, 2, false},
		{FAMILY, 1, 2, false},
		{FLAG, 1, 2, false},
		{FLAG FLAG, 2, 4, false},
		{HEART, 1, 2, false},
		{"\342\235\244", 1, 1, false},
		{"1\357\270\217\342\203\243", 1, 2, false},
		{"\302\261", 1, 1, false},
		{"\302\261", 1, 2, true},
		{"\314\201", 1, 0, false},
		{"\377", 1, 1, false},
		{"\t", 1, TAB_COLUMNS, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice s = slice_of(cases[i].text);
		int clusters = 0, width;

		assert_int_equal(grapheme_columns(s, cases[i].wide),
				 cases[i].columns);
		for (; s.len > 0; clusters++) {
			size_t n = grapheme_next(s, false, &width);

			s = slice_make(s.data + n, s.len - n);
		}
		assert_int_equal(clusters, cases[i].clusters);
	}
}

static void
text_is_clipped_and_halves_are_never_left(void **state)
{
	struct pool *pool = pool_create();
	struct buf dump = {.max = 4096};
	struct grid g;

	(void)state;
	grid_init(&g, pool);
	grid_resize(&g, 4, 6);
	assert_int_equal(
		grid_text(&g, 0, 1, 6, slice_of("abcdefgh"), (struct style){0}),
		6);
	grid_text(&g, 1, 0, 6, slice_of("a" MIDDLE MIDDLE MIDDLE),
		  (struct style){0});
	grid_text(&g, 2, 0, 6, slice_of(MIDDLE MIDDLE MIDDLE),
		  (struct style){0});
	grid_text(&g, 2, 1, 6, slice_of("xy"), (struct style){0});
	grid_text(&g, 3, 0, 6, slice_of(FAMILY FLAG "\033\001z"),
		  (struct style){0});
	grid_text(&g, 9, 0, 6, slice_of("nowhere"), (struct style){0});
	grid_dump(&g, &dump);
	assert_string_equal(buf_text(&dump),
			    " abcde\n"
			    "a" MIDDLE MIDDLE "\n"
			    " xy " MIDDLE "\n" FAMILY FLAG "z\n");
	assert_int_equal(grid_cell(&g, 3, 0)->pooled, 1);
	buf_clear(&dump);
	grid_drop(&g);
	pool_destroy(&pool);
}

struct random {
	uint32_t state;
};

static int
pick(struct random *r, int below)
{
	r->state = r->state * 1664525U + 1013904223U;
	return (int)((r->state >> 8) % (uint32_t)below);
}

static void
draw_something(struct random *r, struct grid *g)
{
	static const char *const texts[] = {
		"hello world",
		MIDDLE MIDDLE,
		FAMILY,
		FLAG "x",
		"e\314\201t",
		"   ",
		"a longer piece of text that may be clipped",
		HEART,
		"\302\261",
	};
	struct style style = {
		.fg = pick(r, 3) ? 0 : COLOUR(pick(r, 256)),
		.bg = pick(r, 5) ? 0 : COLOUR_RGB((uint32_t)pick(r, 1 << 24)),
		.attributes = (uint16_t)(pick(r, 3) ? 0 : pick(r, 64)),
	};
	int row = pick(r, g->rows), column = pick(r, g->columns);
	size_t row_size = (size_t)g->columns * sizeof(struct cell);

	switch (pick(r, 6)) {
	case 0:
		grid_fill(g, row, column, pick(r, g->columns), style);
		break;
	case 1:
		memmove(g->cells, grid_cell(g, row, 0),
			row_size * (size_t)(g->rows - row));
		break;
	case 2:
		memmove(grid_cell(g, row, 0), g->cells,
			row_size * (size_t)(g->rows - row));
		break;
	case 3:
		grid_fill(g, row, 0, g->columns, (struct style){0});
		break;
	default:
		grid_text(g, row, column, g->columns,
			  slice_of(texts[pick(r, COUNT(texts))]), style);
	}
	g->caret_shown = pick(r, 4) > 0;
	g->caret_row = pick(r, g->rows);
	g->caret_column = pick(r, g->columns);
}

static void
piecewise(const char *name, bool sync)
{
	struct pool *pool = pool_create();
	struct terminal t = {.cursor = true};
	struct random r = {42};
	struct error err = {0};
	struct caps caps;
	struct blit blit;
	struct grid g;

	setenv("COLORTERM", "truecolor", 1);
	assert_true(caps_load(&caps, name, 1, &err));
	caps.sync = sync;
	blit_init(&blit, &caps, pool);
	grid_init(&g, pool);
	grid_init(&t.grid, pool);
	for (int i = 0; i < 10000; i++) {
		struct buf out = {.max = 1 << 20};

		if (i % 500 == 0) {
			int rows = 1 + pick(&r, 30), columns = 2 + pick(&r, 90);

			grid_resize(&g, rows, columns);
			terminal_size(&t, rows, columns);
		}
		if (pick(&r, 200) == 0)
			blit_forget(&blit);
		for (int n = pick(&r, 4); n > 0; n--)
			draw_something(&r, &g);
		blit_frame(&blit, &g, &out);
		terminal_read(&t, buf_slice(&out));
		same_screen(&t, &g);
		buf_reset(&out);
		blit_frame(&blit, &g, &out);
		assert_int_equal(out.len, 0);
		buf_clear(&out);
	}
	blit_drop(&blit);
	grid_drop(&g);
	grid_drop(&t.grid);
	caps_unload(&caps);
	pool_destroy(&pool);
}

static void
pieces_make_the_screen_that_was_drawn(void **state)
{
	(void)state;
	piecewise("xterm-256color", false);
}

static void
so_they_do_with_synchronised_output(void **state)
{
	(void)state;
	piecewise("xterm-256color", true);
}

static void
a_scrolled_screen_costs_few_bytes(void **state)
{
	struct pool *pool = pool_create();
	struct buf out = {.max = 1 << 20};
	struct error err = {0};
	struct caps caps;
	struct blit blit;
	struct grid g;

	(void)state;
	assert_true(caps_load(&caps, "xterm-256color", 1, &err));
	blit_init(&blit, &caps, pool);
	grid_init(&g, pool);
	for (int first = 0; first < 2; first++) {
		grid_resize(&g, 24, 80);
		for (int row = 0; row < 22; row++) {
			char line[80];

			snprintf(line, sizeof(line),
				 "line %d of a long text "
				 "that fills most of the screen's width",
				 row + first);
			grid_text(&g, row, 0, 80, slice_of(line),
				  (struct style){0});
		}
		grid_text(&g, 23, 0, 80, slice_of("status"), (struct style){0});
		buf_reset(&out);
		blit_frame(&blit, &g, &out);
	}
	assert_in_range(out.len, 1, 150);
	buf_clear(&out);
	blit_drop(&blit);
	grid_drop(&g);
	caps_unload(&caps);
	pool_destroy(&pool);
}

static void
an_unknown_terminal_is_an_error(void **state)
{
	struct error err = {0};
	struct caps caps;

	(void)state;
	assert_false(caps_load(&caps, "no-such-terminal", 1, &err));
	assert_int_equal(err.code, ERROR_SETUP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			clusters_have_the_columns_that_terminals_give_them),
		cmocka_unit_test(text_is_clipped_and_halves_are_never_left),
		cmocka_unit_test(pieces_make_the_screen_that_was_drawn),
		cmocka_unit_test(so_they_do_with_synchronised_output),
		cmocka_unit_test(a_scrolled_screen_costs_few_bytes),
		cmocka_unit_test(an_unknown_terminal_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
