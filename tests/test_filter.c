/* test_filter.c - each class of escape is dropped, whole and cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/filter.h"

#define IN(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct {
	struct slice in;
	const char *out;
	const char *why;
} corpus[] = {
	{IN("plain\ttext\n"), "plain\ttext\n", "text stays"},
	{IN("a\033[31mb\033[0m"), "ab", "colours"},
	{IN("a\033[?1049h\033[2J\033[Hb"), "ab", "modes, clears, moves"},
	{IN("a\033[1;2\"qb"), "ab", "CSI with an intermediate"},
	{IN("a\033[6n\033[cb"), "ab", "questions to the terminal"},
	{IN("a\033]0;title\007b"), "ab", "OSC to BEL"},
	{IN("a\033]52;c;aGk=\033\\b"), "ab", "OSC to ST: the clipboard"},
	{IN("a\033]8;;http://x\033\\link\033]8;;\033\\b"), "alinkb",
	 "a hidden address"},
	{IN("a\033]0;t\302\234b"), "ab", "OSC to ST in UTF-8"},
	{IN("a\033]0;t\234b"), "ab", "OSC to a raw ST"},
	{IN("a\033]0;\342\234\234 sign\007b"), "ab",
	 "a byte 9C inside a character ends nothing"},
	{IN("a\033P$q\"p\033\\b"), "ab", "DCS"},
	{IN("a\033Pq\007b\033\\c"), "ac", "BEL does not end a DCS"},
	{IN("a\033Xsos\033\\b"), "ab", "SOS"},
	{IN("a\033^pm\033\\b"), "ab", "PM"},
	{IN("a\033_Gapc\033\\b"), "ab", "APC"},
	{IN("a\033ktitle\033\\b"), "ab", "a title of screen"},
	{IN("a\033]0;t\033[1mb"), "ab", "ESC in a string begins anew"},
	{IN("a\033]0;t\030b"), "ab", "CAN ends a string"},
	{IN("a\033]0;never ended"), "a", "a string without an end"},
	{IN("a\033[3"), "a", "a sequence without an end"},
	{IN("a\033"), "a", "ESC at the end"},
	{IN("a\033\033[1mb"), "ab", "ESC twice"},
	{IN("a\033cb\0337c\033=d"), "abcd", "reset, save, keypad"},
	{IN("a\033(0b\033#8c\033%Gd"), "abcd", "character sets"},
	{IN("a\23331mb"), "ab", "CSI as a raw byte"},
	{IN("a\302\23331mb"), "ab", "CSI as UTF-8"},
	{IN("a\2350;t\007b"), "ab", "OSC as a raw byte"},
	{IN("a\302\2350;t\302\234b"), "ab", "OSC as UTF-8"},
	{IN("a\220q\234b\230x\234c\236y\234d\237z\234e"), "abcde",
	 "DCS, SOS, PM and APC as raw bytes"},
	{IN("a\205b\302\205c"), "abc", "other C1 controls"},
	{IN("a\000b\001c\007d\010e\013f\014g\016h\017i\177j"), "abcdefghij",
	 "other C0 controls and DEL"},
	{IN("a\r\nb\rc\n\rd"), "a\nb\nc\n\nd", "line ends"},
	{IN("a\033[3\nb"), "a\nb", "a line end breaks a sequence off"},
	{IN("a\033[\303\251b"), "a\303\251b", "so does a letter"},
	{IN("a\342\200\256b\342\200\254c\342\201\246d\342\201\251e"), "abcde",
	 "bidi overrides and isolates"},
	{IN("a\363\240\201\201b\342\200\213c\357\273\277d"), "abcd",
	 "tags, zero width"},
	{IN("\360\237\221\250\342\200\215\360\237\221\251"),
	 "\360\237\221\250\342\200\215\360\237\221\251", "ZWJ joins emoji"},
	{IN("\342\235\244\357\270\217\342\200\215\360\237\224\245"),
	 "\342\235\244\357\270\217\342\200\215\360\237\224\245",
	 "ZWJ after a selector"},
	{IN("a\342\200\215b\360\237\221\250\342\200\215c"),
	 "ab\360\237\221\250c", "ZWJ elsewhere"},
	{IN("e\314\201\314\201\314\201\314\201\314\201\314\201\314\201\314\201"
	    "\314\201\314\201f"),
	 "e\314\201\314\201\314\201\314\201\314\201\314\201\314\201\314\201f",
	 "eight marks at most"},
	{IN("a\377b\303(\355\240\240"),
	 "a\357\277\275b\357\277\275(\357\277\275\357\277\275\357\277\275",
	 "wrong UTF-8"},
	{IN("a\342\202"), "a\357\277\275", "an unfinished character"},
	{IN("a\342\200\250b"), "a\nb", "a line separator"},
};

static void
check(size_t row, const char *how, const struct buf *out)
{
	if (slice_is(buf_slice(out), corpus[row].out))
		return;
	fail_msg("%s (%s): got \"%s\"", corpus[row].why, how, buf_text(out));
}

static void
a_whole_text_is_filtered(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(corpus); i++) {
		struct buf out = {.max = 4096};

		assert_true(filter_text(corpus[i].in, &out));
		check(i, "whole", &out);
		buf_clear(&out);
	}
}

static void
two_parts_give_what_the_whole_gives(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(corpus); i++) {
		struct slice in = corpus[i].in;

		for (size_t cut = 0; cut <= in.len; cut++) {
			struct buf out = {.max = 4096};
			struct filter f;

			filter_init(&f);
			filter_feed(&f, slice_make(in.data, cut), &out);
			filter_feed(&f, slice_make(in.data + cut, in.len - cut),
				    &out);
			assert_true(filter_finish(&f, &out));
			check(i, "cut", &out);
			buf_clear(&out);
		}
	}
}

static void
single_bytes_give_what_the_whole_gives(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(corpus); i++) {
		struct buf out = {.max = 4096};
		struct filter f;

		filter_init(&f);
		for (size_t at = 0; at < corpus[i].in.len; at++)
			filter_feed(&f, slice_make(corpus[i].in.data + at, 1),
				    &out);
		assert_true(filter_finish(&f, &out));
		check(i, "bytes", &out);
		buf_clear(&out);
	}
}

static void
a_line_has_no_line_ends(void **state)
{
	struct buf out = {.max = 64};

	(void)state;
	assert_true(filter_line(slice_of("a\tb\r\nc\033[1md"), &out));
	assert_string_equal(buf_text(&out), "a b cd");
	buf_clear(&out);
}

static void
a_full_buffer_is_told(void **state)
{
	struct buf out = {.max = 3};

	(void)state;
	assert_false(filter_text(slice_of("four"), &out));
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_text_is_filtered),
		cmocka_unit_test(two_parts_give_what_the_whole_gives),
		cmocka_unit_test(single_bytes_give_what_the_whole_gives),
		cmocka_unit_test(a_line_has_no_line_ends),
		cmocka_unit_test(a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
