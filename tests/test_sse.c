/* Events come out of bytes, however the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "llm/sse.h"
#include "mneme/error.h"

/* What was heard, as "name|data;" and "!other;". */
static bool
hear_event(void *arg, struct slice name, char *data, size_t len)
{
	buf_add_slice(arg, name);
	buf_addc(arg, '|');
	buf_add(arg, data, len);
	buf_addc(arg, ';');
	memset(data, 'x', len); /* allowed */
	return true;
}

static void
hear_other(void *arg, struct slice line)
{
	buf_addf(arg, "!%.*s;", SLICE_ARG(line));
}

static const struct sse_case {
	const char *bytes, *heard, *why;
} cases[] = {
	{"data: a\n\n", "|a;", "one event"},
	{"data:a\n\ndata:  b\n\n", "|a;| b;", "one blank belongs to the colon"},
	{"data: a\r\ndata: b\r\n\r\n", "|a\nb;", "CR LF ends lines"},
	{"data: a\rdata: b\r\r", "|a\nb;", "CR ends lines"},
	{"data: a\r\n\ndata: b\n\r\n", "|a;|b;", "ends may be mixed"},
	{"\xEF\xBB\xBF"
	 "data: a\n\n",
	 "|a;", "a BOM is skipped"},
	{"\xEF\xBB\xBF\xEF\xBB\xBF"
	 "data: a\n\n",
	 "!\xEF\xBB\xBF"
	 "data: a;",
	 "but one only"},
	{"\xEF\xBB"
	 "data\n\n",
	 "!\xEF\xBB"
	 "data;",
	 "half a BOM is none"},
	{": hello\n\ndata: a\n: more\n\n", "|a;", "comments say nothing"},
	{"event: e\ndata: a\n\ndata: b\n\n", "e|a;|b;",
	 "a name holds for one event"},
	{"event: e\n\ndata: b\n\n", "|b;", "no data, no event"},
	{"data\n\n", "|;", "a field without colon is empty"},
	{"data:\ndata:\n\n", "|\n;", "empty lines of data count"},
	{"id: 7\nretry: 10\ndata: a\n\n", "|a;", "id and retry are no data"},
	{"{\"error\":\n 1}\n", "!{\"error\":;! 1};", "bare JSON is handed on"},
	{"data: a", "|a;", "the end ends a line and an event"},
	{"data: a\n\ndata: [DONE]\n", "|a;|[DONE];", "no blank line after it"},
	{"data: \xF0\x9F\x98\x80\n\n", "|\xF0\x9F\x98\x80;", "UTF-8 passes"},
	{"", "", "nothing"},
};

static void
run_case(const struct sse_case *c, size_t first, size_t step)
{
	struct buf heard;
	struct sse sse;
	struct error err = {0};
	size_t len = strlen(c->bytes);

	buf_init(&heard, 1 << 20);
	sse_init(&sse, &(struct sse_events){hear_event, hear_other, &heard});
	for (size_t at = 0; at < len;) {
		size_t n = MIN(at ? step : first, len - at);
		n = n ? n : step;
		assert_true(sse_feed(&sse, slice_make(c->bytes + at, n), &err));
		at += n;
	}
	assert_true(sse_end(&sse, &err));
	if (strcmp(buf_text(&heard), c->heard) != 0)
		fail_msg("%s (cut at %zu): \"%s\"", c->why, first,
			 buf_text(&heard));
	sse_clear(&sse);
	buf_clear(&heard);
}

static void
events_are_the_same_wherever_the_bytes_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].bytes);
		for (size_t first = 1; first <= len; first++)
			run_case(&cases[i], first, len);
		run_case(&cases[i], 1, 1);
	}
}

static bool
stop_at_once(void *arg, struct slice name, char *data, size_t len)
{
	(void)name;
	(void)data;
	(void)len;
	++*(int *)arg;
	return false;
}

static void
an_event_that_says_stop_is_the_last(void **state)
{
	int heard = 0;
	struct sse sse;
	struct error err;

	(void)state;
	sse_init(&sse, &(struct sse_events){stop_at_once, NULL, &heard});
	assert_true(
		sse_feed(&sse, slice_of("data: 1\n\ndata: 2\n\ndata"), &err));
	assert_true(sse_feed(&sse, slice_of(": 3\n\n"), &err));
	assert_true(sse_end(&sse, &err));
	assert_int_equal(heard, 1);
	sse_clear(&sse);
}

static void
a_line_of_over_a_mebibyte_is_refused(void **state)
{
	char *line = xcalloc(1, SSE_LINE_MAX + 16);
	struct buf heard;

	(void)state;
	memset(line, 'a', SSE_LINE_MAX + 15);
	memcpy(line, "data: ", 6);
	buf_init(&heard, 4 << 20);
	for (int extra = 0; extra < 2; extra++) {
		size_t len = SSE_LINE_MAX + (size_t)extra;
		struct error err = {0};
		struct sse sse;
		bool good = true;
		sse_init(&sse, &(struct sse_events){hear_event, NULL, &heard});
		for (size_t at = 0; good && at < len; at += 4096)
			good = sse_feed(&sse,
					slice_make(line + at,
						   MIN(len - at, (size_t)4096)),
					&err);
		assert_int_equal(good, extra == 0);
		assert_int_equal(err.code, extra ? ERROR_UPSTREAM : ERROR_NONE);
		sse_clear(&sse);
	}
	buf_clear(&heard);
	free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			events_are_the_same_wherever_the_bytes_are_cut),
		cmocka_unit_test(an_event_that_says_stop_is_the_last),
		cmocka_unit_test(a_line_of_over_a_mebibyte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
