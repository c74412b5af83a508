/* test_keys.c - each sequence gives its event, however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "tui/keys.h"

#define IN(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct {
	struct slice in;
	const char *events;
	const char *why;
} cases[] = {
	{IN("abc"), "\"abc\"", "text"},
	{IN("caf\303\251 \360\237\230\200"), "\"caf\303\251 \360\237\230\200\"",
	 "text of several bytes a character"},
	{IN("a\377b\342\234c"), "\"a\357\277\275b\357\277\275c\"",
	 "wrong bytes"},
	{IN("\360\237\230x"), "\"\357\277\275x\"", "a cut character"},
	{IN("\001\012\032\000\037"), "C-a C-j C-z C-Space C-_",
	 "control characters"},
	{IN("\r\t\177\010"), "Enter Tab Backspace Backspace", "their keys"},
	{IN("\033a\033B\033\r\033\177"), "M-a M-B M-Enter M-Backspace", "Alt"},
	{IN("\033\303\251"), "M-U+00E9", "Alt with a letter of two bytes"},
	{IN("\033[A\033[B\033[C\033[D"), "Up Down Right Left", "arrows"},
	{IN("\033OA\033OH\033OP\033OM"), "Up Home F1 Enter", "keypad mode"},
	{IN("\033[1;5C\033[1;2A\033[1;3D\033[3;5~"),
	 "C-Right S-Up M-Left C-Delete", "xterm's modifiers"},
	{IN("\033[5~\033[6~\033[1~\033[4~\033[2~"),
	 "PageUp PageDown Home End Insert", "numbered keys"},
	{IN("\033[15~\033[24~\033[[A\033[[E"), "F5 F12 F1 F5", "function keys"},
	{IN("\033[Z"), "S-Tab", "back tab"},
	{IN("\033[I\033[O"), "in out", "focus"},
	{IN("\033[97;5u\033[13;2u\033[27u\033[127;3u"),
	 "C-a S-Enter Esc M-Backspace", "kitty's keys"},
	{IN("\033[97u\033[97;2u\033[49:33;2u\033[228;2;196u"),
	 "\"aA!\303\204\"", "kitty's text"},
	{IN("\033[97;5:3u\033[1;1:3A"), "", "a key that is let go"},
	{IN("\033[97;69u"), "C-a", "with Caps Lock"},
	{IN("\033[57399u\033[57417u"), "\"0\" Left", "kitty's keypad"},
	{IN("\033[27;5;13~\033[27;2;65~"), "C-Enter \"A\"",
	 "xterm's other keys"},
	{IN("\033[?62;4;22c"), "reply0(62,4,22)", "DA1"},
	{IN("\033[?2026;2$y"), "reply1(2026,2)", "DECRQM"},
	{IN("\033[?5u"), "reply2(5)", "kitty's flags"},
	{IN("\033[?3;7R"), "reply3(3,7)", "the cursor"},
	{IN("\033[3;7R"), "reply3(3,7)", "the cursor, as it is asked for"},
	{IN("\033[1;5R"), "C-F3", "in the first row it is a key"},
	{IN("\033[200~a\033[31m\rb\033[201~c"),
	 "begin paste(a\033[31m\rb) end \"c\"", "a paste"},
	{IN("\033[200~\033[20\033[201\033[201~"),
	 "begin paste(\033[20\033[201) end", "beginnings of the end"},
	{IN("\033[200~\033[201~"), "begin end", "an empty paste"},
	{IN("\033[201~x"), "\"x\"", "an end of no paste"},
	{IN("\033[<0;3;4Mx\033[M !!y"), "\"xy\"", "mice"},
	{IN("\033]11;rgb:0/8080/f\033\\x\033P1$r0m\033\\y\033]0;\007z"),
	 "reply4(0,128,255) \"xyz\"", "answers in strings"},
	{IN("\033]11;rgb:0/0\007\033]11;rgb:0/0/0/0\007\033]11;rgb:x/y/z\007a"),
	 "\"a\"", "answers that are none"},
	{IN("\033[<64;3;4M\033[<65;1;1M\033[<64;3;4m"), "WheelUp WheelDown",
	 "a wheel"},
	{IN("\033\033[A"), "Esc Up", "ESC before a sequence"},
	{IN("\033[1\001x"), "C-a \"x\"", "a control breaks a sequence off"},
	{IN("\033[99;99;99Xy\033[>0;1c\033[ZZ"), "\"y\" S-Tab \"Z\"",
	 "sequences that say nothing"},
	{IN("\033[7~"), "F12", "terminfo's own sequences come first"},
};

struct record {
	struct buf out;
	struct buf text;
};

static void
flush(struct record *r)
{
	if (r->text.len > 0)
		buf_addf(&r->out, "%s\"%s\"", r->out.len ? " " : "",
			 buf_text(&r->text));
	buf_reset(&r->text);
}

static void
note(struct record *r, const char *word)
{
	buf_addf(&r->out, "%s%s", r->out.len ? " " : "", word);
}

static void
record(void *arg, const struct key_event *e)
{
	static const char *const words[KEY_KIND_COUNT] = {
		[KEY_PASTE_BEGIN] = "begin paste(",
		[KEY_PASTE_END] = ") end",
		[KEY_FOCUS_IN] = "in",
		[KEY_FOCUS_OUT] = "out",
	};
	struct record *r = arg;
	char name[KEY_NAME_MAX];

	if (e->kind == KEY_TEXT) {
		buf_add_slice(&r->text, e->text);
		return;
	}
	flush(r);
	if (e->kind == KEY_PRESS) {
		note(r, key_spell(e->key, e->modifiers, name));
	} else if (e->kind == KEY_PASTE) {
		buf_add_slice(&r->out, e->text);
	} else if (e->kind == KEY_PASTE_END) {
		buf_adds(&r->out, words[e->kind]);
	} else if (e->kind == KEY_REPLY) {
		buf_addf(&r->out, "%sreply%d(", r->out.len ? " " : "",
			 (int)e->reply);
		for (int i = 0; i < e->number_count; i++)
			buf_addf(&r->out, "%s%d", i ? "," : "", e->numbers[i]);
		buf_addc(&r->out, ')');
	} else {
		note(r, words[e->kind]);
	}
}

static const struct key_sequence sequences[] = {{"\033[7~", KEY_F12, 0}};

static void
start(struct keys *k, struct record *r)
{
	*r = (struct record){{.max = 65536}, {.max = 65536}};
	keys_init(k, record, r);
	k->sequences = sequences;
	k->sequence_count = COUNT(sequences);
}

static void
finish(struct record *r, size_t row)
{
	struct buf want = {.max = 65536};
	const char *at = cases[row].events, *empty = "begin end";

	flush(r);
	if (strcmp(at, empty) == 0)
		at = "begin paste() end";
	buf_adds(&want, at);
	if (!slice_equal(buf_slice(&want), buf_slice(&r->out)))
		print_error("case %zu, %s: got %s, not %s\n", row,
			    cases[row].why, buf_text(&r->out), buf_text(&want));
	assert_true(slice_equal(buf_slice(&want), buf_slice(&r->out)));
	buf_clear(&want);
	buf_clear(&r->out);
	buf_clear(&r->text);
}

static void
sequences_give_events_wherever_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice in = cases[i].in;

		for (size_t cut = 0; cut <= in.len; cut++) {
			struct record r;
			struct keys k;

			start(&k, &r);
			keys_feed(&k, slice_make(in.data, cut));
			keys_feed(&k, slice_make(in.data + cut, in.len - cut));
			finish(&r, i);
		}
	}
}

static void
single_bytes_give_the_same_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct record r;
		struct keys k;

		start(&k, &r);
		for (size_t at = 0; at < cases[i].in.len; at++)
			keys_feed(&k, slice_make(cases[i].in.data + at, 1));
		finish(&r, i);
	}
}

static void
a_place_is_one_only_while_it_is_awaited(void **state)
{
	static const struct {
		const char *in, *awaited, *else_;
	} places[] = {
		{"\033[1;2R", "reply3(1,2)", "S-F3"},
		{"\033[24;5Rx", "reply3(24,5) \"x\"", "reply3(24,5) \"x\""},
		{"\033OR", "F3", "F3"},
		{"\033[1;2;3R", "S-F3", "S-F3"},
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(places); i++) {
		bool awaited = i % 2;
		const char *want =
			awaited ? places[i / 2].awaited : places[i / 2].else_;
		struct record r;
		struct keys k;

		start(&k, &r);
		k.place = awaited;
		keys_feed(&k, slice_of(places[i / 2].in));
		flush(&r);
		assert_string_equal(buf_text(&r.out), want);
		buf_clear(&r.out);
		buf_clear(&r.text);
	}
}

static void
what_stays_alone_is_a_key_after_a_while(void **state)
{
	static const struct {
		const char *in, *events;
	} alone[] = {
		{"\033", "Esc"},  {"\033[", "M-["},        {"\033O", "M-O"},
		{"\033]", "M-]"}, {"\033[1;", ""},         {"\033]11;r", ""},
		{"a", "\"a\""},   {"\033\033", "Esc Esc"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(alone); i++) {
		struct record r;
		struct keys k;

		start(&k, &r);
		keys_feed(&k, slice_of(alone[i].in));
		keys_timeout(&k);
		assert_false(keys_waiting(&k));
		flush(&r);
		assert_string_equal(buf_text(&r.out), alone[i].events);
		buf_clear(&r.out);
		buf_clear(&r.text);
	}
}

static void
an_endless_sequence_is_swallowed(void **state)
{
	struct record r;
	struct keys k;

	(void)state;
	start(&k, &r);
	keys_feed(&k, slice_of("\033["));
	for (int i = 0; i < 10000; i++)
		keys_feed(&k, slice_of("1"));
	keys_feed(&k, slice_of("Ax"));
	flush(&r);
	assert_string_equal(buf_text(&r.out), "\"x\"");
	buf_clear(&r.out);
	buf_clear(&r.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_give_events_wherever_they_are_cut),
		cmocka_unit_test(single_bytes_give_the_same_events),
		cmocka_unit_test(what_stays_alone_is_a_key_after_a_while),
		cmocka_unit_test(an_endless_sequence_is_swallowed),
		cmocka_unit_test(a_place_is_one_only_while_it_is_awaited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
