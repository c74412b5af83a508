/*
 * test_markdown.c - Markdown as lines: what it looks like at three widths, and
 * that it never depends on how the text arrived.
 *
 * The screens are tests/screens/markdown/NAME.md and NAME.WIDTH.txt; with
 * MNEME_UPDATE=1 the latter are written anew, to be read before a commit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/utf8.h"
#include "tui/grapheme.h"
#include "tui/highlight.h"
#include "tui/markdown.h"
#include "tui/theme.h"

static const char *const names[] = {"answer", "tables", "unicode", "code"};
static const int widths[] = {20, 80, 200};

/* A theme in which each role is a colour of its own. */
static struct theme
by_number(void)
{
	struct theme theme = {.name = "test"};

	for (int i = 0; i < ROLE_COUNT; i++)
		theme.roles[i] = (struct style){.fg = COLOUR(i)};
	theme.roles[ROLE_STRONG].attributes = STYLE_BOLD;
	theme.roles[ROLE_EMPHASIS].attributes = STYLE_ITALIC;
	theme.roles[ROLE_STRIKE].attributes = STYLE_STRIKE;
	return theme;
}

static void
draw_all(const struct markdown *m, struct grid *g, int width)
{
	struct theme theme = by_number();
	int rows = (int)markdown_lines(m);

	grid_resize(g, MAX(rows, 1), width);
	for (int row = 0; row < rows; row++)
		markdown_draw(m, (size_t)row, g, row, 0, &theme);
}

static void
same_grids(const struct grid *a, const struct grid *b, const char *why)
{
	if (a->rows != b->rows)
		fail_msg("%s: %d rows, not %d", why, a->rows, b->rows);
	for (int i = 0; i < a->rows * a->columns; i++)
		if (!cell_equal(&a->cells[i], &b->cells[i]))
			fail_msg("%s: row %d, column %d differs", why,
				 i / a->columns, i % a->columns);
}

static void
load(const char *name, const char *suffix, struct buf *out)
{
	SCOPED(free_pointer)
	char *path = xasprintf("%s/tests/screens/markdown/%s.%s",
			       MNEME_SOURCE_DIR, name, suffix);
	struct error err = {0};

	buf_init(out, 1 << 20);
	if (!file_read(path, out, &err))
		fail_msg("%s", err.text);
}

static void
compare_screen(const char *name, int width, const struct buf *got)
{
	SCOPED(free_pointer) char *suffix = xasprintf("%d.txt", width);
	SCOPED(free_pointer)
	char *path = xasprintf("%s/tests/screens/markdown/%s.%s",
			       MNEME_SOURCE_DIR, name, suffix);
	SCOPED(buf_clear) struct buf want = {0};

	if (getenv("MNEME_UPDATE")) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		assert_int_equal(fwrite(got->data, 1, got->len, f), got->len);
		assert_int_equal(fclose(f), 0);
		return;
	}
	load(name, suffix, &want);
	if (!slice_equal(buf_slice(got), buf_slice(&want)))
		fail_msg("%s at %d columns is now:\n%s", name, width,
			 buf_text(got));
}

static void
texts_look_as_their_screens_say(void **state)
{
	struct pool *pool = pool_create();

	(void)state;
	for (size_t i = 0; i < COUNT(names) * COUNT(widths); i++) {
		const char *name = names[i / COUNT(widths)];
		int width = widths[i % COUNT(widths)];
		SCOPED(markdown_destroy) struct markdown *m = markdown_create();
		SCOPED(buf_clear) struct buf source = {0};
		SCOPED(buf_clear) struct buf got = {.max = 1 << 20};
		struct grid g;

		load(name, "md", &source);
		grid_init(&g, pool);
		markdown_add(m, buf_slice(&source));
		markdown_finish(m);
		markdown_layout(m, width, false);
		draw_all(m, &g, width);
		grid_dump(&g, &got);
		grid_drop(&g);
		compare_screen(name, width, &got);
	}
	pool_destroy(&pool);
}

/* -- however it arrived -- */

static void
whole(struct slice text, int width, bool finish, struct grid *g)
{
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();

	markdown_add(m, text);
	if (finish)
		markdown_finish(m);
	markdown_layout(m, width, false);
	draw_all(m, g, width);
}

/* Lay out after every byte: each time it is what the text so far gives. */
static void
byte_by_byte(struct slice text, int width, struct pool *pool, const char *why)
{
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();
	struct grid got, want;

	grid_init(&got, pool);
	grid_init(&want, pool);
	for (size_t i = 0; i < text.len; i++) {
		markdown_add(m, slice_make(text.data + i, 1));
		markdown_layout(m, width, false);
		draw_all(m, &got, width);
		whole(slice_make(text.data, i + 1), width, false, &want);
		same_grids(&got, &want, why);
	}
	markdown_finish(m);
	markdown_layout(m, width, false);
	draw_all(m, &got, width);
	whole(text, width, true, &want);
	same_grids(&got, &want, why);
	grid_drop(&got);
	grid_drop(&want);
}

static void
each_split_in_two(struct slice text, int width, struct pool *pool,
		  const char *why)
{
	struct grid got, want;

	grid_init(&got, pool);
	grid_init(&want, pool);
	whole(text, width, true, &want);
	for (size_t i = 0; i <= text.len; i++) {
		SCOPED(markdown_destroy) struct markdown *m = markdown_create();

		markdown_add(m, slice_make(text.data, i));
		markdown_layout(m, width, false);
		markdown_add(m, slice_make(text.data + i, text.len - i));
		markdown_layout(m, width, false);
		markdown_finish(m);
		markdown_layout(m, width, false);
		draw_all(m, &got, width);
		same_grids(&got, &want, why);
	}
	grid_drop(&got);
	grid_drop(&want);
}

/* Where a later line changes what an earlier one meant. */
static const char *const tricky[] = {
	"a\n\n- b\n\nc\n\n- d\n\n  e\n\n1. f\n\ng\n\n   h\n",
	"[a] and [b][c]\n\nmore\n\n[a]: https://x.y\n\nlast\n\n"
	"[c]: <https://z>\n",
	"[one\n\ntwo\n\n[long\nlabel]: https://x\n\nthree [long label]\n",
	"- a\n\n```\ncode\n\nmore\n```\n\nb\n\n    c\n\nd\n",
	"> a\n\n> b\n\nc\nd\n===\n\ne\n---\n\n***\nf\n",
	"- ```\n  a\n\nb\n\n```\nc\n\nd\n",
	"| a | b |\n\n| c | d |\n|---|---|\n| e | f |\n\ng\n| h |\n|--|\n",
	"a\n\n\tcode\n\n\nb\n\n 1. c\n\n  d\n\n   e\n",
	"<div>\n\na\n\n</div>\n\n<!-- b\n\nc -->\n\nd\n",
	"```\na\n\nb\n\n~~~\n\nc\n",
	"# a\nb\n# c\n\n#\n\n## \n\nd\n",
	"\n\n\na\n\n\n\nb\n \n\t\nc\n",
	"![\n\na](b)\n\n[\nc](d)\n\n[e\n](https://f)\n",
	"a\r\n\r\nb\rc\n\n\033[31md\033[0m\n\ne\033]0;t\007f\n\ng\n",
	"https://x.y/z and <https://a.b> then\n\nhttps://c.d",
	"a|b\n-|:-\nc|d\n\n|e|\n|--|\n\nf\n\n-\n- |\n",
	"-\n\nA\n\n1.\n\n- ***\n\nb\n\nc\n",
	"*a\n\nb*\n\n**c\nd**\n\n`e\n\nf`\n",
};

static void
the_lines_never_depend_on_how_the_text_arrived(void **state)
{
	struct pool *pool = pool_create();

	(void)state;
	for (size_t i = 0; i < COUNT(tricky); i++) {
		byte_by_byte(slice_of(tricky[i]), 24, pool, tricky[i]);
		each_split_in_two(slice_of(tricky[i]), 24, pool, tricky[i]);
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		SCOPED(buf_clear) struct buf source = {0};

		load(names[i], "md", &source);
		byte_by_byte(utf8_cut(buf_slice(&source), 700), 40, pool,
			     names[i]);
		each_split_in_two(buf_slice(&source), 30, pool, names[i]);
	}
	pool_destroy(&pool);
}

static void
a_long_text_is_parsed_from_its_last_block_only(void **state)
{
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();
	size_t first = 0;

	(void)state;
	for (int i = 0; i < 500; i++) {
		markdown_add(m, slice_of("A paragraph.\n\n- and\n- a list\n\n"
					 "```c\nint x[] = {\n[\n};\n```\n\n"));
		first = markdown_layout(m, 40, false);
	}
	assert_in_range(markdown_lines(m) - first, 1, 20);
	markdown_add(m, slice_of("[a]: https://x\n\n"));
	markdown_add(m, slice_of("More.\n\nAnd.\n\n"));
	assert_int_equal(markdown_layout(m, 40, false), 0);
	assert_int_equal(markdown_layout(m, 40, false), markdown_lines(m));
}

/* What a person would see go up must be what stands there at the end. */
static void
steady_lines_are_those_that_more_of_the_text_leaves_alone(void **state)
{
	static const struct {
		const char *text;
		size_t steady;
		const char *why;
	} cases[] = {
		{"", 0, "nothing"},
		{"one", 0, "a line that comes"},
		{"- a\n- b\n- c", 0, "the second may go on over two"},
		{"- a\n- b\n- c\n- d", 1, "all but the last two and a half"},
		{"- a\n- b\n- c\n- \x1B[31md", 1, "what is not shown"},
		{"a\n\n- b\n- c\n- d\n- e", 3, "behind a settled block"},
		{"a\n\n| b | c |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n", 1,
		 "a table may yet be another width"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(markdown_destroy)
		struct markdown *m = markdown_create();

		markdown_add(m, slice_of(cases[i].text));
		markdown_layout(m, 40, false);
		if (markdown_steady(m) != cases[i].steady)
			fail_msg("%s: %zu, not %zu", cases[i].why,
				 markdown_steady(m), cases[i].steady);
	}
}

static void
a_width_gives_the_same_lines_whatever_was_before(void **state)
{
	struct pool *pool = pool_create();
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();
	SCOPED(buf_clear) struct buf source = {0};
	struct grid got, want;

	(void)state;
	load("answer", "md", &source);
	grid_init(&got, pool);
	grid_init(&want, pool);
	markdown_add(m, buf_slice(&source));
	for (int width = 100; width >= 4; width -= 3) {
		markdown_layout(m, width, false);
		draw_all(m, &got, width);
		whole(buf_slice(&source), width, false, &want);
		same_grids(&got, &want, "resized");
	}
	markdown_forget_lines(m);
	assert_int_equal(markdown_lines(m), 0);
	markdown_layout(m, 4, false);
	draw_all(m, &got, 4);
	whole(buf_slice(&source), 4, false, &want);
	same_grids(&got, &want, "made again");
	grid_drop(&got);
	grid_drop(&want);
	pool_destroy(&pool);
}

/* -- pieces -- */

static char *
lines_of(const char *text, int width)
{
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();
	struct buf out = {.max = 1 << 20};

	markdown_add(m, slice_of(text));
	markdown_finish(m);
	markdown_layout(m, width, false);
	for (size_t i = 0; i < markdown_lines(m); i++) {
		markdown_line_text(m, i, &out);
		buf_addc(&out, '\n');
	}
	buf_addc(&out, '\0');
	return buf_take(&out);
}

static void
each_construct_has_its_lines(void **state)
{
	static const struct {
		const char *text;
		int width;
		const char *lines, *why;
	} cases[] = {
		{"", 10, "", "nothing"},
		{"a\nb", 10, "a b\n", "a soft break is a blank"},
		{"a  \nb\\\nc", 10, "a\nb\nc\n", "hard breaks"},
		{"one two three", 8, "one two\nthree\n", "words wrap"},
		{"abcdefghij", 4, "abcd\nefgh\nij\n", "long words are cut"},
		{"- a\n-\n- b", 10, "• a\n• \n• b\n", "an empty item"},
		{"9. a\n10. b", 10, "9. a\n10. b\n", "numbers"},
		{"> > a b c", 7, "│ │ a b\n│ │ c\n", "quotes in quotes"},
		{"[a](https://b.c)", 40, "a (https://b.c)\n",
		 "an address is to be seen"},
		{"[https://b.c](https://d.e)", 40,
		 "https://b.c (https://d.e)\n", "above all another one"},
		{"<https://b.c>", 40, "https://b.c\n", "but once only"},
		{"<a@b.c>", 40, "a@b.c\n", "a mail address"},
		{"![i](j.png)", 40, "image: i (j.png)\n", "an image"},
		{"a &lt; b &#x263A; &#0; &nope;", 40,
		 "a < b \342\230\272  &nope;\n", "entities"},
		{"<b>x</b> <br>", 40, "<b>x</b> <br>\n", "HTML is text"},
		{"$$x_1*y*z$$ $a_b_c$", 40, "$$x_1*y*z$$ $a_b_c$\n",
		 "formulas are text"},
		{"\\[ x_1 \\] \\* \\#", 40, "\\[ x_1 \\] * #\n",
		 "so are those in brackets; other escapes go"},
		{"```\n```", 10, "\n", "an empty block of code"},
		{"```c\n", 10, "  c\n", "one that begins"},
		{"| a |\n", 10, "| a |\n", "a table that begins"},
		{"| a |\n|--|", 10, "a\n", "its head"},
		{"| a |\n|---|\n| b", 10, "a\n─\nb\n", "its first row"},
		{"a|b\n-|-\nc|d\n", 10, "a │ b\n──┼──\nc │ d\n",
		 "one dash makes a table"},
		{"a\n-|-", 10, "a -|-\n", "but not without a head"},
		{"a\\\n\\", 10, "a\n\\\n", "a backslash at the end"},
		{"***", 5, "─────\n", "a rule"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(free_pointer)
		char *got = lines_of(cases[i].text, cases[i].width);

		if (strcmp(got, cases[i].lines) != 0)
			fail_msg("%s: got \"%s\"", cases[i].why, got);
	}
}

/* What an unfinished text shows. */
static void
what_is_open_is_shown_as_if_it_were_closed(void **state)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{"a **bo", "a bo"},
		{"a **bold ", "a bold"},
		{"a **bold*", "a bold"},
		{"a **bold**", "a bold"},
		{"a *b **c", "a b c"},
		{"a ***b", "a b"},
		{"a ~~b", "a b"},
		{"a `b*c", "a b*c"},
		{"a ``b`c", "a b`c"},
		{"- **b", "• b"},
		{"a **", "a **"},
		{"a * b", "a * b"},
		{"snake_case_name", "snake_case_name"},
		{"2*3", "2*3"},
		{"\\**a", "*a"},
		{"**a\n\nb", "**a"},
		{"```\n**a", "  **a"},
		{"    **a", "  **a"},
		{"`a` **b", "a b"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(markdown_destroy) struct markdown *m = markdown_create();
		SCOPED(buf_clear) struct buf line = {.max = 100};

		markdown_add(m, slice_of(cases[i].text));
		markdown_layout(m, 40, false);
		markdown_line_text(m, 0, &line);
		if (!slice_is(buf_slice(&line), cases[i].line))
			fail_msg("%s: %s", cases[i].text, buf_text(&line));
	}
}

/* The text of one line, and below each column what it looks like. */
static void
styles_of(const struct grid *g, int row, char *out)
{
	static const char letters[ROLE_COUNT] = {
		[ROLE_HEADING] = 'H',  [ROLE_STRONG] = 'S',
		[ROLE_CODE] = 'c',     [ROLE_BLOCK] = '.',
		[ROLE_FENCE] = 'f',    [ROLE_QUOTE] = 'q',
		[ROLE_MARK] = 'm',     [ROLE_RULE] = 'r',
		[ROLE_LINK] = 'l',     [ROLE_ADDRESS] = 'a',
		[ROLE_KEYWORD] = 'K',  [ROLE_TYPE] = 'T',
		[ROLE_STRING] = '"',   [ROLE_NUMBER] = '0',
		[ROLE_COMMENT] = '/',  [ROLE_FUNCTION] = 'F',
		[ROLE_ADDED] = '+',    [ROLE_REMOVED] = '-',
		[ROLE_EMPHASIS] = 'E', [ROLE_TEXT] = 't',
	};
	int end = g->columns;

	for (int i = 0; i < end; i++) {
		struct style style = grid_cell(g, row, i)->style;

		out[i] = style.fg ? letters[style.fg - 1] : ' ';
		if (style.attributes & STYLE_BOLD && out[i] == 't')
			out[i] = 'b';
		else if (style.attributes & STYLE_ITALIC && out[i] == 't')
			out[i] = 'i';
		else if (style.attributes & STYLE_STRIKE && out[i] == 't')
			out[i] = 's';
	}
	while (end > 0 && (out[end - 1] == ' ' || out[end - 1] == '.'))
		end--;
	out[end] = '\0';
}

static void
each_thing_has_its_role(void **state)
{
	static const struct {
		const char *text;
		int row;
		const char *roles;
	} cases[] = {
		{"# a", 0, "H"},
		{"a **b** *c* ~~d~~ `e`", 0, "ttbtitstc"},
		{"[a](b)", 0, "laaaa"},
		{"> a", 0, "mmq"},
		{"- a", 0, "mmt"},
		{"| a | b |\n|--|--|\n| c | d |", 0, "SrrrS"},
		{"| a | b |\n|--|--|\n| c | d |", 1, "rrrrr"},
		{"```c\nint x = 0; // y", 0, "..f"},
		{"```c\nint x = 0; // y", 1, "..TTT.....0..////"},
		{"```py\ndef f(s): return 'a' # b", 1,
		 "..KKK.F.....KKKKKK.\"\"\".///"},
		{"```json\n{\"a\": \"b\", \"c\": 1}", 1,
		 "...FFF..\"\"\"..FFF..0"},
		{"```diff\n-a", 1, "..--"},
		{"```diff\n+a", 1, "..++"},
		{"```sh\necho \"$x\" $y # z", 1, "..TTTT.\"\"\"\".TT.///"},
		{"```rust\nfn f<'a>() { 'x' }", 1, "..KK...KK......\"\"\""},
		{"```sql\nselect a -- b", 1, "..KKKKKK...////"},
		{"```html\n<a b=\"c\">&lt;", 1, "...F.T.\"\"\".0000"},
		{"```c\n\"open\nint", 2, "..TTT"},
		{"```c\n/* a\nint */ int", 2, "..//////.TTT"},
	};
	struct pool *pool = pool_create();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char got[64];
		struct grid g;

		grid_init(&g, pool);
		whole(slice_of(cases[i].text), 40, true, &g);
		styles_of(&g, cases[i].row, got);
		grid_drop(&g);
		if (strcmp(got, cases[i].roles) != 0)
			fail_msg("%s: got %s, not %s", cases[i].text, got,
				 cases[i].roles);
	}
	pool_destroy(&pool);
}

static void
code_blocks_are_known_and_verbatim(void **state)
{
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();
	struct markdown_block block;

	(void)state;
	markdown_add(m, slice_of("a\n\n```make x=y\nall:\n\tcc a.c\n\n"
				 "\t\t \n```\n\n- b\n\n  ~~~\n  c\n    d\n  "
				 "~~~\n\n    e\n\tf\n"));
	markdown_finish(m);
	markdown_layout(m, 20, false);
	assert_int_equal(markdown_blocks(m), 2);
	block = markdown_block(m, 0);
	assert_true(slice_is(block.language, "make"));
	assert_true(slice_starts(block.text, "all:\n\tcc a.c\n\n"));
	assert_int_equal(block.line, 2);
	assert_int_equal(block.line_count, 5);
	block = markdown_block(m, 1);
	assert_int_equal(block.language.len, 0);
	assert_true(slice_is(block.text, "c\n  d\n"));
}

static void
lines_know_their_place_in_the_source(void **state)
{
	SCOPED(markdown_destroy) struct markdown *m = markdown_create();
	struct slice source;

	(void)state;
	markdown_add(m, slice_of("alpha beta\n\n- gamma **delta** epsilon\n"
				 "- zeta\n\n```\neta\ntheta\n```\n"));
	markdown_layout(m, 12, false);
	source = markdown_source(m);
	for (const char *const *word =
		     (const char *const[]){"alpha", "gamma", "epsilon", "zeta",
					   "eta\n", "theta", NULL};
	     *word; word++) {
		size_t at = slice_find(source, slice_of(*word));
		SCOPED(buf_clear) struct buf line = {.max = 100};

		if (slice_is(slice_of(*word), "eta\n"))
			at = slice_find(source, slice_of("\neta\n")) + 1;
		markdown_line_text(m, markdown_line_at(m, at), &line);
		if (slice_find(buf_slice(&line),
			       slice_make(*word, strcspn(*word, "\n"))) ==
		    line.len)
			fail_msg("%s: %s", *word, buf_text(&line));
	}
}

/* -- what must not come through -- */

static void
links_are_of_the_web_and_whole(void **state)
{
	static const struct {
		const char *text, *link;
	} cases[] = {
		{"[a](https://b.c/d)", "https://b.c/d"},
		{"[a](HTTP://b.c)", "HTTP://b.c"},
		{"[a](javascript:alert)", NULL},
		{"[a](file:///etc/passwd)", NULL},
		{"[a](relative)", NULL},
		{"[a](https://b/\303\244)", "https://b/%C3%A4"},
		{"[a](https://b/&#27;]8;;x&#7;)", "https://b/]8;;x"},
		{"[a](<https://b/ c>)", "https://b/%20c"},
		{"https://a.b and", "https://a.b"},
	};
	struct pool *pool = pool_create();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct grid g;
		uint16_t link;

		grid_init(&g, pool);
		whole(slice_of(cases[i].text), 60, false, &g);
		link = grid_cell(&g, 0, 0)->style.link;
		if (!cases[i].link)
			assert_int_equal(link, 0);
		else if (!slice_is(pool_text(pool, link), cases[i].link))
			fail_msg("%s: %.*s", cases[i].text,
				 SLICE_ARG(pool_text(pool, link)));
		grid_drop(&g);
	}
	pool_destroy(&pool);
}

static void
an_address_that_may_grow_is_no_link_yet(void **state)
{
	struct pool *pool = pool_create();
	struct grid g;

	(void)state;
	grid_init(&g, pool);
	whole(slice_of("https://a.b/c"), 40, false, &g);
	assert_int_equal(grid_cell(&g, 0, 0)->style.link, 0);
	whole(slice_of("https://a.b/c"), 40, true, &g);
	assert_int_not_equal(grid_cell(&g, 0, 0)->style.link, 0);
	grid_drop(&g);
	pool_destroy(&pool);
}

static void
nothing_that_a_terminal_obeys_reaches_a_cell(void **state)
{
	static const char *const texts[] = {
		"a\033[31mb",
		"a\033]52;c;aGk=\007b",
		"a\2330mb",
		"&#27;[31m&#155;0m&#x9b;",
		"`&#27;` \033]0;t\033\\",
		"[&#8238;x](https://a&#13;&#10;b)",
		"# \033[2J\n> \033c",
		"```\033[1m\n\033[6n\n```",
		"```&#27;[x\n```",
		"| \033[H | \302\233m |\n|--|--|\n| \b\b | \177 |",
		"![\033P](\033_)",
		"a\tb\013\014c",
	};
	struct pool *pool = pool_create();

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		SCOPED(buf_clear) struct buf dump = {.max = 1 << 16};
		struct slice s;
		uint32_t cp;
		struct grid g;

		grid_init(&g, pool);
		whole(slice_of(texts[i]), 60, true, &g);
		grid_dump(&g, &dump);
		grid_drop(&g);
		for (s = buf_slice(&dump); s.len > 0;) {
			size_t n = utf8_decode(s, &cp);

			if ((cp < 0x20 && cp != '\n') ||
			    (cp >= 0x7F && cp < 0xA0) ||
			    (cp >= 0x202A && cp <= 0x202E))
				fail_msg("%zu: U+%04X", i, (unsigned)cp);
			s = slice_make(s.data + n, s.len - n);
		}
	}
	pool_destroy(&pool);
}

static void
fill(struct buf *out, const char *piece, size_t times)
{
	buf_reset(out);
	while (times-- > 0)
		buf_adds(out, piece);
}

static void
huge_and_deep_texts_stay_in_proportion(void **state)
{
	static const struct {
		const char *piece;
		size_t times;
	} cases[] = {
		{"word ", 200000},   {"a", 1000000},
		{"[", 100000},       {">", 50000},
		{"- ", 50000},       {"*a ", 50000},
		{"[a](b ", 20000},   {"`", 50000},
		{"|a", 20000},       {"&", 100000},
		{"\314\201", 50000}, {"\360\237\221\250\342\200\215", 20000},
	};
	SCOPED(buf_clear) struct buf text = {.max = 8 << 20};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(markdown_destroy) struct markdown *m = markdown_create();

		fill(&text, cases[i].piece, cases[i].times);
		markdown_add(m, buf_slice(&text));
		markdown_finish(m);
		markdown_layout(m, 80, false);
		assert_in_range(markdown_memory(m), 0, (text.len + 1000) * 12);
	}
}

static void
languages_are_found_by_their_names(void **state)
{
	static const struct {
		const char *name, *first;
	} cases[] = {
		{"C", "c"},
		{"c++", "cpp"},
		{"py", "python"},
		{"JSON", "json"},
		{"ts", "typescript"},
		{".sh", "bash"},
		{"python,ignore", "python"},
		{"rust {.line}", "rust"},
		{"klingon", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct language *l =
			language_find(slice_of(cases[i].name));

		if (!cases[i].first)
			assert_null(l);
		else
			assert_string_equal(language_name(l), cases[i].first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_look_as_their_screens_say),
		cmocka_unit_test(
			the_lines_never_depend_on_how_the_text_arrived),
		cmocka_unit_test(
			a_long_text_is_parsed_from_its_last_block_only),
		cmocka_unit_test(
			steady_lines_are_those_that_more_of_the_text_leaves_alone),
		cmocka_unit_test(
			a_width_gives_the_same_lines_whatever_was_before),
		cmocka_unit_test(each_construct_has_its_lines),
		cmocka_unit_test(what_is_open_is_shown_as_if_it_were_closed),
		cmocka_unit_test(each_thing_has_its_role),
		cmocka_unit_test(code_blocks_are_known_and_verbatim),
		cmocka_unit_test(lines_know_their_place_in_the_source),
		cmocka_unit_test(links_are_of_the_web_and_whole),
		cmocka_unit_test(an_address_that_may_grow_is_no_link_yet),
		cmocka_unit_test(nothing_that_a_terminal_obeys_reaches_a_cell),
		cmocka_unit_test(huge_and_deep_texts_stay_in_proportion),
		cmocka_unit_test(languages_are_found_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
