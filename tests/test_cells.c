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
#include "support_terminal.h"
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
		terminal_expect(&t, &g);
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
	assert_in_range(out.len, 1, 100);
	buf_clear(&out);
	blit_drop(&blit);
	grid_drop(&g);
	caps_unload(&caps);
	pool_destroy(&pool);
}

/* A screen of ours and the terminal that shows it. */
struct shown {
	struct pool *pool;
	struct caps caps;
	struct blit blit;
	struct grid grid;
	struct terminal terminal;
	struct buf out;
};

static void
show(struct shown *s)
{
	buf_reset(&s->out);
	blit_frame(&s->blit, &s->grid, &s->out);
	terminal_read(&s->terminal, buf_slice(&s->out));
	terminal_expect(&s->terminal, &s->grid);
}

static void
begin(struct shown *s, int rows, int columns)
{
	struct error err = {0};

	*s = (struct shown){.pool = pool_create(), .out = {.max = 1 << 20}};
	assert_true(caps_load(&s->caps, "xterm-256color", 1, &err));
	blit_init(&s->blit, &s->caps, s->pool);
	grid_init(&s->grid, s->pool);
	grid_init(&s->terminal.grid, s->pool);
	grid_resize(&s->grid, rows, columns);
	terminal_size(&s->terminal, rows, columns);
	s->grid.caret_shown = true;
	show(s);
}

static void
end(struct shown *s)
{
	buf_clear(&s->out);
	blit_drop(&s->blit);
	grid_drop(&s->grid);
	grid_drop(&s->terminal.grid);
	caps_unload(&s->caps);
	pool_destroy(&s->pool);
}

static void
a_character_that_is_shown_is_asked_about_and_stays(void **state)
{
	struct shown s;

	(void)state;
	begin(&s, 5, 20);
	assert_false(blit_probe(&s.blit, "\033[6n", &s.out));
	grid_text(&s.grid, 3, 4, 20, slice_of("a─b─"), (struct style){0});
	show(&s);
	buf_reset(&s.out);
	assert_true(blit_probe(&s.blit, "\033[6n", &s.out));
	terminal_read(&s.terminal, buf_slice(&s.out));
	terminal_expect(&s.terminal, &s.grid);
	assert_int_equal(s.terminal.asked_row, s.blit.probe_row);
	assert_int_equal(s.terminal.asked_column, s.blit.probe_column + 1);
	assert_int_equal(s.blit.probe_row, 3);
	end(&s);
}

static void
what_a_terminal_surely_has_as_wide_as_we_costs_only_itself(void **state)
{
	static const struct {
		const char *text;
		bool ambiguous, clusters;
		size_t few;
	} rows[] = {
		{"日本語の答えは長い", false, false, 27 + 16},
		{"──────────────────", true, false, 54 + 16},
		{FAMILY FAMILY FAMILY, false, true, 3 * strlen(FAMILY) + 16},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct shown s;

		begin(&s, 4, 40);
		grid_text(&s.grid, 2, 3, 40, slice_of(rows[i].text),
			  (struct style){0});
		s.caps.ambiguous = rows[i].ambiguous;
		s.caps.clusters = rows[i].clusters;
		show(&s);
		assert_in_range(s.out.len, 1, rows[i].few);
		end(&s);
	}
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
		cmocka_unit_test(
			a_character_that_is_shown_is_asked_about_and_stays),
		cmocka_unit_test(
			what_a_terminal_surely_has_as_wide_as_we_costs_only_itself),
		cmocka_unit_test(an_unknown_terminal_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
