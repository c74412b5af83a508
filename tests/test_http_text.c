/*
 * The pieces of requests: percent-encoding, forms, parameters, multipart,
 * chunks in pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http/chunked.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/http.h"

static void
percent_decoding_is_strict(void **state)
{
	static const struct {
		const char *text;
		bool plus;
		const char *wanted; /* NULL: refused */
	} cases[] = {
		{"", false, ""},
		{"abc", false, "abc"},
		{"a%20b", false, "a b"},
		{"a+b", false, "a+b"},
		{"a+b", true, "a b"},
		{"a%2Bb", true, "a+b"},
		{"%c3%A9", false, "\xc3\xa9"},
		{"%", false, NULL},
		{"%4", false, NULL},
		{"a%4", false, NULL},
		{"%4g", false, NULL},
		{"%g4", false, NULL},
		{"%00", false, NULL},
		{"%c3", false, NULL},
		{"%ff", false, NULL},
		{"%c0%af", false, NULL},    /* '/' in two bytes */
		{"%ed%a0%80", false, NULL}, /* a surrogate */
		{"\xff", false, NULL},
		{"%2541", false, "%41"}, /* once */
	};
	struct arena arena = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = {0};
		struct slice out = {0};
		bool good = http_decode(slice_of(cases[i].text), cases[i].plus,
					&arena, &out, &err);
		if (good != (cases[i].wanted != NULL) ||
		    (good && !slice_is(out, cases[i].wanted)))
			fail_msg("'%s' gives '%.*s'", cases[i].text,
				 SLICE_ARG(out));
		if (!good)
			assert_int_equal(err.code, ERROR_INVALID);
	}
	arena_clear(&arena);
}

static void
pairs_come_one_by_one(void **state)
{
	struct arena arena = {0};
	struct error err = {0};
	struct slice rest = slice_of("a=1&b&&c=x%3Dy=z&=v&d=");
	static const char *const wanted[] = {"a",     "1", "b", "",  "c",
					     "x=y=z", "",  "v", "d", ""};
	struct http_pair pair;
	size_t n = 0;

	(void)state;
	for (; http_pair_next(&rest, &arena, &pair, &err); n += 2) {
		assert_true(n + 1 < COUNT(wanted));
		assert_true(slice_is(pair.name, wanted[n]));
		assert_true(slice_is(pair.value, wanted[n + 1]));
	}
	assert_int_equal(n, COUNT(wanted));
	assert_int_equal(err.code, ERROR_NONE);

	rest = slice_of("a=1&b=%zz");
	assert_true(http_pair_next(&rest, &arena, &pair, &err));
	assert_false(http_pair_next(&rest, &arena, &pair, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	arena_clear(&arena);
}

static void
parameters_are_found_in_any_case_and_quoting(void **state)
{
	static const struct {
		const char *value, *name, *wanted;
	} cases[] = {
		{"a/b; charset=utf-8", "charset", "utf-8"},
		{"a/b;CHARSET = utf-8 ; x=y", "charset", "utf-8"},
		{"a/b; x=\"q;charset=z\"; charset=w", "charset", "w"},
		{"a/b; x=\"a\\\"b\"", "x", "a\"b"},
		{"a/b; x=\"\"", "x", ""},
		{"a/b; x=\"open", "x", NULL},
		{"a/b; x", "x", NULL},
		{"a/b", "x", NULL},
		{"", "x", NULL},
		{"form-data; name=a; filename=b", "filename", "b"},
	};
	struct arena arena = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice got = http_parameter(slice_of(cases[i].value),
						  cases[i].name, &arena);
		if (cases[i].wanted ? !slice_is(got, cases[i].wanted)
				    : got.data != NULL)
			fail_msg("%s: '%.*s'", cases[i].value, SLICE_ARG(got));
	}
	assert_true(http_type_is(slice_of("Text/HTML ;a=b"), "text/html"));
	assert_false(http_type_is(slice_of("text/html2"), "text/html"));
	arena_clear(&arena);
}

#define DISPOSITION(name) \
	"Content-Disposition: form-data; name=\"" name "\"\r\n"

static void
multipart_bodies_are_taken_apart(void **state)
{
	static const char body[] =
		"preamble\r\n"
		"--xyz\r\n" DISPOSITION(
			"username") "\r\nada@example.org\r\n"
				    "--xyz \t\r\n" DISPOSITION(
					    "password") "\r\n\r\n--xy\r\n\r\n"
							"--xyz\r\n" DISPOSITION(
								"empty") "\r\n"
									 "\r\n"
									 "--"
									 "xyz\r"
									 "\ncon"
									 "tent-"
									 "dispo"
									 "sitio"
									 "n: "
									 "form-"
									 "data;"
									 " name"
									 "=f; "
									 "filen"
									 "ame="
									 "\"a "
									 "b."
									 "txt\""
									 "\r\nC"
									 "onten"
									 "t-"
									 "Type:"
									 " text"
									 "/plai"
									 "n\r\n"
									 "\r\n"
									 "some"
									 "\nbyt"
									 "es\r"
									 "\n"
									 "--"
									 "xyz--"
									 "\r\ne"
									 "pilog"
									 "ue";
	struct arena arena = {0};
	struct error err = {0};
	struct http_part *parts = NULL;
	size_t n = 0;

	(void)state;
	if (!http_multipart(slice_of("multipart/form-data; boundary=xyz"),
			    slice_of(body), &arena, &parts, &n, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n, 4);
	assert_true(slice_is(parts[0].name, "username"));
	assert_true(slice_is(parts[0].value, "ada@example.org"));
	assert_true(slice_is(parts[1].value, "\r\n--xy\r\n"));
	assert_true(slice_is(parts[2].name, "empty"));
	assert_true(slice_is(parts[2].value, ""));
	assert_true(slice_is(parts[3].filename, "a b.txt"));
	assert_true(slice_is(parts[3].type, "text/plain"));
	assert_true(slice_is(parts[3].value, "some\nbytes"));
	assert_null(parts[0].filename.data);
	arena_clear(&arena);
}

static void
malformed_multipart_bodies_are_refused(void **state)
{
	static const char type[] = "multipart/form-data; boundary=b";
	static const struct {
		const char *type, *body, *why;
	} cases[] = {
		{"multipart/form-data", "--b--", "no boundary"},
		{"multipart/mixed; boundary=b", "--b--", "another type"},
		{"multipart/form-data; boundary=", "--b--", "empty boundary"},
		{type, "", "nothing"},
		{type, "--c--", "another boundary"},
		{type, "--b\r\n", "no head"},
		{type, "--b\n" DISPOSITION("a") "\r\nx\r\n--b--", "bare LF"},
		{type, "--b\r\n" DISPOSITION("a") "\r\nx\r\n", "no end"},
		{type, "--b\r\n\r\nx\r\n--b--", "no disposition"},
		{type,
		 "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
		 "no name"},
		{type, "--b\r\nnonsense\r\n\r\nx\r\n--b--", "no colon"},
		{type,
		 "--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n"
		 "\r\nx\r\n--b--",
		 "not UTF-8"},
		{type, "--b\r\n" DISPOSITION("a") "\r\nx\r\n--bx--",
		 "the boundary goes on"},
	};
	struct arena arena = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = {0};
		struct http_part *parts;
		size_t n;
		if (http_multipart(slice_of(cases[i].type),
				   slice_of(cases[i].body), &arena, &parts, &n,
				   &err))
			fail_msg("taken: %s", cases[i].why);
		assert_int_equal(err.code, ERROR_INVALID);
	}
	arena_clear(&arena);
}

static void
too_many_parts_are_over_the_limit(void **state)
{
	struct arena arena = {0};
	struct error err = {0};
	struct http_part *parts;
	SCOPED(buf_clear) struct buf body = {.max = 1 << 20};
	size_t n;

	(void)state;
	for (int i = 0; i < 65; i++)
		buf_adds(&body, "--b\r\n" DISPOSITION("a") "\r\nx\r\n");
	buf_adds(&body, "--b--");
	assert_false(http_multipart(slice_of("multipart/form-data; boundary=b"),
				    buf_slice(&body), &arena, &parts, &n,
				    &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	arena_clear(&arena);
}

static enum chunked_found
unchunk(struct slice bytes, size_t step, struct buf *out, size_t *left)
{
	struct chunked c = {0};
	enum chunked_found found = CHUNKED_MORE;
	struct slice piece;

	while (found == CHUNKED_MORE && bytes.len) {
		size_t n = MIN(step, bytes.len);
		struct slice rest = slice_make(bytes.data, n);
		while ((found = chunked_next(&c, &rest, &piece)) ==
		       CHUNKED_DATA)
			buf_add_slice(out, piece);
		n -= rest.len;
		bytes = slice_make(bytes.data + n, bytes.len - n);
	}
	*left = bytes.len;
	return found;
}

static void
chunks_may_be_cut_anywhere(void **state)
{
	static const char body[] =
		"4;a=\"b;c\"\r\nWiki\r\n006\r\npedia \r\n0E\r\nin \r\n\r\n"
		"chunks.\r\n0\r\nX-Sum: 1\r\n\r\nnext";
	SCOPED(buf_clear) struct buf out = {.max = 4096};
	size_t left;

	(void)state;
	for (size_t step = 1; step < sizeof(body); step++) {
		buf_reset(&out);
		assert_int_equal(unchunk(slice_of(body), step, &out, &left),
				 CHUNKED_END);
		assert_string_equal(buf_text(&out),
				    "Wikipedia in \r\n\r\nchunks.");
		assert_int_equal(left, 4);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percent_decoding_is_strict),
		cmocka_unit_test(pairs_come_one_by_one),
		cmocka_unit_test(parameters_are_found_in_any_case_and_quoting),
		cmocka_unit_test(multipart_bodies_are_taken_apart),
		cmocka_unit_test(malformed_multipart_bodies_are_refused),
		cmocka_unit_test(too_many_parts_are_over_the_limit),
		cmocka_unit_test(chunks_may_be_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
