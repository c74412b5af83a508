/*
 * test_lines.c - texts laid out as lines of cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "tui/lines.h"
#include "tui/theme.h"

#define MIDDLE "\344\270\255"

static int
with_pool(void **state)
{
	*state = pool_create();
	return 0;
}

static int
without_pool(void **state)
{
	struct pool *pool = *state;

	pool_destroy(&pool);
	return 0;
}

static void
expect_line(const struct lines *l, size_t n, const char *text)
{
	struct buf got = {.max = 4096};

	lines_text(l, n, &got);
	assert_string_equal(buf_text(&got), text);
	buf_clear(&got);
}

static void
plain_text_wraps_at_words_behind_its_indent(void **state)
{
	struct lines l;

	lines_init(&l, *state, false);
	lines_wrap(&l, slice_of("one two three\nfour"), 2, 10,
		   (struct style){0});
	assert_int_equal(l.count, 3);
	expect_line(&l, 0, "  one two");
	expect_line(&l, 1, "  three");
	expect_line(&l, 2, "  four");
	assert_false(l.at[0].joined);
	assert_true(l.at[1].joined);
	assert_false(l.at[2].joined);
	assert_int_equal(l.at[1].source, 8);
	assert_int_equal(l.at[2].source, 14);
	lines_clear(&l);
}

static void
a_wide_character_that_does_not_fit_is_not_drawn_by_half(void **state)
{
	struct lines l;
	struct grid g;
	struct buf out = {.max = 4096};

	lines_init(&l, *state, false);
	lines_begin(&l, 0);
	assert_int_equal(
		lines_add(&l, slice_of("ab" MIDDLE MIDDLE), (struct style){0}),
		6);
	grid_init(&g, *state);
	grid_resize(&g, 1, 10);
	lines_draw(&l, 0, &g, 0, 0, 5);
	grid_dump(&g, &out);
	assert_string_equal(buf_text(&out), "ab" MIDDLE "\n");
	lines_draw(&l, 0, &g, 0, 3, 10);
	buf_reset(&out);
	grid_dump(&g, &out);
	assert_string_equal(buf_text(&out), "ab ab" MIDDLE MIDDLE "\n");
	buf_clear(&out);
	grid_drop(&g);
	lines_clear(&l);
}

static void
cutting_lines_takes_their_cells_along(void **state)
{
	struct lines l;

	lines_init(&l, *state, false);
	lines_wrap(&l, slice_of("a\nb\nc"), 0, 10, (struct style){0});
	lines_cut(&l, 1);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.cell_count, 1);
	lines_begin(&l, 2);
	lines_add(&l, slice_of("x\033\ty"), (struct style){0});
	expect_line(&l, 1, "x    y");
	lines_clear(&l);
}

static void
every_theme_is_found_and_shows_what_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < theme_count; i++) {
		const struct theme *t = theme_find(slice_of(themes[i].name));
		const struct style *plain = &t->roles[ROLE_TEXT];

		assert_ptr_equal(t, &themes[i]);
		assert_memory_not_equal(&t->roles[ROLE_SELECTED], plain,
					sizeof(*plain));
		assert_memory_not_equal(&t->roles[ROLE_WARNING],
					&t->roles[ROLE_STATUS], sizeof(*plain));
	}
	assert_null(theme_find(slice_of("plaid")));
}

#define WITH_POOL(test) \
	cmocka_unit_test_setup_teardown(test, with_pool, without_pool)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_POOL(plain_text_wraps_at_words_behind_its_indent),
		WITH_POOL(
			a_wide_character_that_does_not_fit_is_not_drawn_by_half),
		WITH_POOL(cutting_lines_takes_their_cells_along),
		cmocka_unit_test(every_theme_is_found_and_shows_what_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
