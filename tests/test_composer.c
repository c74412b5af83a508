/* test_composer.c - keys typed into the composer, and what stands there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/error.h"
#include "tui/composer.h"
#include "tui/keys.h"

/* `out` shows the caret as a bar. */
static const struct {
	const char *in, *out, *why;
} cases[] = {
	{"hello", "hello|", "typing"},
	{"ab\001x", "x|ab", "to the line's start"},
	{"ab\001\005x", "abx|", "and end"},
	{"abc\002\002x", "ax|bc", "back"},
	{"abc\001\033[Cx", "ax|bc", "forward"},
	{"one two\033bx", "one x|two", "a word back"},
	{"one two\001\033fx", "onex| two", "a word forward"},
	{"one two\027x", "one x|", "a word away"},
	{"one two\027\027\031", "one two|", "words killed together come back"},
	{"one two\001\033d\033d\031", "one two|", "forward too"},
	{"one two\001\033d\005\031", " twoone|", "and come back elsewhere"},
	{"one two\002\002\025", "|wo", "the line's beginning away"},
	{"one two\002\002\013", "one t|", "the line's end away"},
	{"a\012b\002\002\013x", "ax|b", "an end of line away"},
	{"abc\001\004", "|bc", "a character away"},
	{"abc\177", "ab|", "the one before"},
	{"ab\024", "ba|", "two change places"},
	{"abc\002\024", "acb|", "around the caret"},
	{"one\001x\037", "|one", "typing undone"},
	{"one\027\037", "one|", "a kill undone"},
	{"one\037two\037\037", "|", "undone to the start"},
	{"a\012b", "a\nb|", "C-j breaks the line"},
	{"a\033\rb", "a\nb|", "so does Alt-Enter"},
	{"ab\012cd\033[Ax", "abx|\ncd", "up"},
	{"ab\012cd\033[A\033[D\033[Bx", "ab\ncx|d", "and down"},
	{"e\314\201\002x", "x|e\314\201", "a mark belongs to its letter"},
	{"e\314\201x\002\177", "|x", "and goes with it"},
	{"\360\237\221\250\342\200\215\360\237\221\251z\002\177", "|z",
	 "a family is one"},
	{"\360\237\207\251\360\237\207\252\360\237\207\253\360\237\207\267\177",
	 "\360\237\207\251\360\237\207\252|", "a flag is one"},
	{"\033[200~a\rb\033[31mc\033[201~", "a\nbc|", "a paste is filtered"},
	{"\033[A", "third|", "the last thing sent"},
	{"\033[A\033[A", "second|", "the one before"},
	{"x\033[A\033[B", "x|", "and back to what was written"},
	{"\033[A\033[A\033[A\033[A", "first|", "history has an end"},
	{"\033[B", "|", "nothing comes after"},
	{"a\001\002\002\177\004\004\004\033[A", "third|", "edges do no harm"},
};

static struct keymap keymap;
static const enum context contexts[] = {CONTEXT_EDIT, CONTEXT_ANYWHERE};

struct typist {
	struct composer *composer;
	enum composer_outcome last;
};

static void
typed(void *arg, const struct key_event *event)
{
	struct typist *t = arg;

	enum action action = keymap_find(&keymap, contexts, event);

	t->last = action == ACTION_NONE ? composer_key(t->composer, event)
					: composer_act(t->composer, action);
	if (t->last == COMPOSER_SEND)
		composer_sent(t->composer);
}

static void
type(struct typist *t, const char *text)
{
	struct keys keys;

	keys_init(&keys, typed, t);
	keys_feed(&keys, slice_of(text));
	keys_timeout(&keys);
}

static void
check(struct typist *t, const char *want, const char *why)
{
	struct slice text = composer_text(t->composer);
	size_t caret = composer_caret(t->composer);
	struct buf shown = {.max = 4096};

	buf_add(&shown, text.data, caret);
	buf_addc(&shown, '|');
	buf_add(&shown, text.data + caret, text.len - caret);
	if (strcmp(buf_text(&shown), want) != 0)
		print_error("%s: %s, not %s\n", why, buf_text(&shown), want);
	assert_string_equal(buf_text(&shown), want);
	buf_clear(&shown);
}

static void
keys_edit_as_in_readline(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct typist t = {.composer = composer_create()};

		composer_remember(t.composer, slice_of("first"));
		composer_remember(t.composer, slice_of("second"));
		type(&t, "third\r");
		assert_int_equal(t.last, COMPOSER_SEND);
		type(&t, cases[i].in);
		check(&t, cases[i].out, cases[i].why);
		composer_destroy(&t.composer);
	}
}

static void
a_blank_text_is_not_sent(void **state)
{
	struct typist t = {.composer = composer_create()};

	(void)state;
	type(&t, "  \012 \r");
	assert_int_equal(t.last, COMPOSER_IGNORED);
	composer_destroy(&t.composer);
}

static void
a_text_that_does_not_fit_is_refused_whole(void **state)
{
	struct typist t = {.composer = composer_create()};
	char *big = xcalloc(1, COMPOSER_MAX + 1);
	struct key_event e = {.kind = KEY_TEXT, .text = {big, COMPOSER_MAX}};

	(void)state;
	memset(big, 'x', COMPOSER_MAX);
	assert_int_equal(composer_key(t.composer, &e), COMPOSER_CHANGED);
	type(&t, "y");
	assert_int_equal(t.last, COMPOSER_FULL);
	type(&t, "\033[200~a paste too many\033[201~");
	assert_int_equal(t.last, COMPOSER_FULL);
	assert_int_equal(composer_text(t.composer).len, COMPOSER_MAX);
	free(big);
	composer_destroy(&t.composer);
}

static void
a_large_paste_is_a_word_until_it_is_sent(void **state)
{
	static const char paste[] = "\033[200~1\n2\n3\n4\n5\n6\n7\n8\033[201~";
	struct typist t = {.composer = composer_create()};
	struct buf full = {.max = 4096};

	(void)state;
	type(&t, "<");
	type(&t, paste);
	type(&t, ">");
	check(&t, "<[paste 1: 8 lines]>|", "a chip");
	assert_true(composer_full(t.composer, &full));
	assert_string_equal(buf_text(&full), "<1\n2\n3\n4\n5\n6\n7\n8>");
	type(&t, "\002\177");
	check(&t, "<|>", "it goes whole");
	type(&t, "\037");
	check(&t, "<[paste 1: 8 lines]|>", "and comes back");
	type(&t, "\002x");
	check(&t, "<[paste 1: 8 linesx|]>", "a changed label is a text");
	buf_reset(&full);
	assert_true(composer_full(t.composer, &full));
	assert_string_equal(buf_text(&full), "<[paste 1: 8 linesx]>");
	buf_clear(&full);
	composer_destroy(&t.composer);
}

static void
lines_and_caret_at_a_width(void **state)
{
	static const struct {
		const char *in;
		struct composer_layout layout;
	} layouts[] = {
		{"", {1, 0, 0}},
		{"abc", {1, 0, 3}},
		{"abcde", {2, 1, 0}},
		{"abcde\002", {1, 0, 4}},
		{"abcdef", {2, 1, 1}},
		{"abc\012", {2, 1, 0}},
		{"abc\012\002", {2, 0, 3}},
		{"abcde\012x\001\002", {2, 0, 4}},
		{"\344\270\255\344\270\255\344\270\255", {2, 1, 2}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(layouts); i++) {
		struct typist t = {.composer = composer_create()};
		struct composer_layout got;

		type(&t, layouts[i].in);
		got = composer_layout(t.composer, 5, false);
		assert_int_equal(got.lines, layouts[i].layout.lines);
		assert_int_equal(got.caret_line, layouts[i].layout.caret_line);
		assert_int_equal(got.caret_column,
				 layouts[i].layout.caret_column);
		composer_destroy(&t.composer);
	}
}

static int
make_keymap(void **state)
{
	struct error err;

	(void)state;
	return keymap_init(&keymap, slice_of(""), &err) ? 0 : -1;
}

static int
drop_keymap(void **state)
{
	(void)state;
	keymap_drop(&keymap);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_edit_as_in_readline),
		cmocka_unit_test(a_blank_text_is_not_sent),
		cmocka_unit_test(a_text_that_does_not_fit_is_refused_whole),
		cmocka_unit_test(a_large_paste_is_a_word_until_it_is_sent),
		cmocka_unit_test(lines_and_caret_at_a_width),
	};

	return cmocka_run_group_tests(tests, make_keymap, drop_keymap);
}
