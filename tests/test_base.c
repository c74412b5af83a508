/* The small words hold what their headers promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/id.h"
#include "mneme/json.h"
#include "mneme/map.h"
#include "mneme/printer.h"
#include "mneme/utf8.h"
#include "support.h"

static void
a_buffer_refuses_what_passes_its_ceiling(void **state)
{
	SCOPED(buf_clear) struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_true(buf_adds(&b, "abc"));
	assert_false(buf_adds(&b, "def"));
	assert_true(b.over);
	assert_string_equal(buf_text(&b), "abc");
	assert_true(buf_adds(&b, "de"));
	buf_drop(&b, 2);
	assert_string_equal(buf_text(&b), "cde");
}

static void
words_are_taken_off_one_by_one(void **state)
{
	static const struct {
		const char *text, *inner, *words, *why;
	} cases[] = {
		{"I am 27, \xC3\xA9t\xC3\xA9!", "",
		 "I|am|27|\xC3\xA9t\xC3\xA9|", "letters of any script"},
		{"don't 'quote'", "'", "don't|quote'|", "not as the first"},
		{"don't", "", "don|t|", "unless it is asked for"},
		{" .,", "", "", "no word at all"},
		{"", "", "", "nothing"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice rest = slice_of(cases[i].text), word;
		SCOPED(buf_clear) struct buf got = {.max = 100};

		while (slice_word(&rest, cases[i].inner, &word))
			buf_addf(&got, "%.*s|", SLICE_ARG(word));
		if (strcmp(buf_text(&got), cases[i].words) != 0)
			fail_msg("%s: %s", cases[i].why, buf_text(&got));
	}
}

static void
a_sorted_list_knows_its_words(void **state)
{
	static const char *const list[] = {"a", "an", "the"};

	(void)state;
	assert_true(slice_listed(slice_of("a"), list, COUNT(list)));
	assert_true(slice_listed(slice_of("the"), list, COUNT(list)));
	assert_false(slice_listed(slice_of("th"), list, COUNT(list)));
	assert_false(slice_listed(slice_of(""), list, COUNT(list)));
}

static void
a_map_keeps_what_was_put_through_drops(void **state)
{
	struct map m = {0};
	char key[16];
	static int value[2000];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_null(map_put(&m, slice_of(key), &value[i]));
	}
	for (int i = 0; i < 2000; i += 3) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_ptr_equal(map_drop(&m, slice_of(key)), &value[i]);
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_ptr_equal(map_get(&m, slice_of(key)),
				 i % 3 ? &value[i] : NULL);
	}
	map_clear(&m, NULL);
}

static void
an_id_reads_back_and_ids_are_ordered(void **state)
{
	struct id last = id_make(), first, end;
	char text[ID_TEXT + 1];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct id id = id_make(), back;
		assert_true(memcmp(last.bytes, id.bytes, ID_BYTES) < 0);
		assert_true(id_parse(slice_of(id_format(id, text)), &back));
		assert_true(id_equal(id, back));
		last = id;
	}
	assert_true(id_range(slice_make(text, 8), &first, &end));
	assert_true(memcmp(first.bytes, last.bytes, ID_BYTES) <= 0);
	assert_true(memcmp(last.bytes, end.bytes, ID_BYTES) <= 0);
	assert_false(id_range(slice_make(text, 5), &first, &end));
	assert_false(id_parse(slice_of("zzzzzzzzzzzzzzzzzzzzzzzzzz"), &last));
}

static void
times_read_back_and_wrong_ones_are_refused(void **state)
{
	static const struct {
		const char *text;
		const char *back; /* NULL: refused */
	} cases[] = {
		{"2023-05-08T13:56:00Z", "2023-05-08T13:56:00Z"},
		{"2023-05-08T13:56:00.120Z", "2023-05-08T13:56:00.12Z"},
		{"2023-05-08T13:56:00.1234567Z", "2023-05-08T13:56:00.123456Z"},
		{"2023-05-08T15:56:00+02:00", "2023-05-08T13:56:00Z"},
		{"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"},
		{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"2023-02-29T00:00:00Z", NULL},
		{"2023-05-08T24:00:00Z", NULL},
		{"2023-05-08T13:56:00", NULL},
		{"2023-05-08", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t at;
		char text[CLOCK_TEXT];
		bool read = clock_parse(slice_of(cases[i].text), &at);

		if (read != (cases[i].back != NULL))
			fail_msg("%s", cases[i].text);
		if (read)
			assert_string_equal(clock_format(at, text),
					    cases[i].back);
	}
}

static void
as_of_a_date_is_the_end_of_that_day(void **state)
{
	int64_t at, want, now;
	struct error err = {0};

	(void)state;
	assert_true(clock_parse(slice_of("2023-05-09T00:00:00Z"), &want));
	assert_true(clock_parse(slice_of("2023-05-09T10:00:00Z"), &now));
	assert_true(clock_parse_as_of(slice_of("2023-05-08"), now, &at, &err));
	assert_int_equal(at, want - 1);
	assert_true(clock_parse_as_of(slice_of("yesterday"), now, &at, &err));
	assert_int_equal(at, want - 1);
	assert_false(clock_parse_as_of(slice_of("soon"), now, &at, &err));
	assert_int_equal(err.code, ERROR_USAGE);
}

/* 2024-03-31 is the Sunday on which the clocks go forward there. */
static void
a_time_in_a_command_is_what_people_call_it(void **state)
{
	static const struct {
		const char *text, *first, *last; /* in UTC; NULL: no time */
	} cases[] = {
		{"2024-05-01T12:00:00Z", "2024-05-01T12:00:00Z",
		 "2024-05-01T12:00:00Z"},
		{"2024-05-01", "2024-04-30T22:00:00Z",
		 "2024-05-01T21:59:59.999999Z"},
		{"2024-05-01 14:30", "2024-05-01T12:30:00Z",
		 "2024-05-01T12:30:59.999999Z"},
		{"2024-05-01T14:30:05", "2024-05-01T12:30:05Z",
		 "2024-05-01T12:30:05.999999Z"},
		{"2024-02", "2024-01-31T23:00:00Z",
		 "2024-02-29T22:59:59.999999Z"},
		{"2023", "2022-12-31T23:00:00Z", "2023-12-31T22:59:59.999999Z"},
		{"today", "2024-04-01T22:00:00Z",
		 "2024-04-02T21:59:59.999999Z"},
		{" Yesterday ", "2024-03-31T22:00:00Z",
		 "2024-04-01T21:59:59.999999Z"},
		{"2 days ago", "2024-03-30T23:00:00Z",
		 "2024-03-31T21:59:59.999999Z"},
		{"0 days ago", "2024-04-01T22:00:00Z",
		 "2024-04-02T21:59:59.999999Z"},
		{"a week ago", "2024-03-25T23:00:00Z",
		 "2024-03-26T22:59:59.999999Z"},
		{"last week", "2024-03-24T23:00:00Z",
		 "2024-03-31T21:59:59.999999Z"},
		{"this week", "2024-03-31T22:00:00Z",
		 "2024-04-07T21:59:59.999999Z"},
		{"Last  Month", "2024-02-29T23:00:00Z",
		 "2024-03-31T21:59:59.999999Z"},
		{"last year", "2022-12-31T23:00:00Z",
		 "2023-12-31T22:59:59.999999Z"},
		{"2 months ago", "2024-02-01T23:00:00Z",
		 "2024-02-02T22:59:59.999999Z"},
		{"1 year ago", "2023-04-01T22:00:00Z",
		 "2023-04-02T21:59:59.999999Z"},
		{"90 minutes ago", "2024-04-02T08:30:00Z",
		 "2024-04-02T08:30:00Z"},
		{"an hour ago", "2024-04-02T09:00:00Z", "2024-04-02T09:00:00Z"},
		{"monday", "2024-03-31T22:00:00Z",
		 "2024-04-01T21:59:59.999999Z"},
		{"last tuesday", "2024-03-25T23:00:00Z",
		 "2024-03-26T22:59:59.999999Z"},
		{"", NULL, NULL},
		{"soon", NULL, NULL},
		{"2024-13", NULL, NULL},
		{"2024-02-30", NULL, NULL},
		{"2024-5", NULL, NULL},
		{"24-05-01", NULL, NULL},
		{"2024-05-01 14", NULL, NULL},
		{"2024-05-01 25:00", NULL, NULL},
		{"last", NULL, NULL},
		{"last day ago", NULL, NULL},
		{"this day", NULL, NULL},
		{"3 days", NULL, NULL},
		{"-3 days ago", NULL, NULL},
		{"3 dayz ago", NULL, NULL},
		{"99999999999999999999 days ago", NULL, NULL},
		{"40000 days ago", NULL, NULL},
		{"3000 years ago", NULL, NULL},
		{"three whole days ago", NULL, NULL},
	};
	struct error err = {0};
	int64_t now;

	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_true(clock_parse(slice_of("2024-04-02T10:00:00Z"), &now));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct clock_span span;
		char text[CLOCK_TEXT];
		bool read = clock_parse_span(slice_of(cases[i].text), now,
					     &span, &err);

		if (read != (cases[i].first != NULL))
			fail_msg("%s", cases[i].text);
		if (!read) {
			assert_int_equal(err.code, ERROR_USAGE);
			assert_non_null(strstr(err.text, "3 days ago"));
			continue;
		}
		if (strcmp(clock_format(span.first, text), cases[i].first) != 0)
			fail_msg("%s begins %s", cases[i].text, text);
		if (strcmp(clock_format(span.last, text), cases[i].last) != 0)
			fail_msg("%s ends %s", cases[i].text, text);
	}
	unsetenv("TZ");
	tzset();
}

static void
a_month_of_31_days_is_not_skipped_from_its_end(void **state)
{
	struct clock_span span;
	struct error err = {0};
	char text[CLOCK_TEXT];
	int64_t now;

	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	assert_true(clock_parse(slice_of("2024-03-31T10:00:00Z"), &now));
	assert_true(clock_parse_span(slice_of("last month"), now, &span, &err));
	assert_string_equal(clock_format(span.last, text),
			    "2024-02-29T23:59:59.999999Z");
	assert_true(
		clock_parse_span(slice_of("1 month ago"), now, &span, &err));
	assert_string_equal(clock_format(span.first, text),
			    "2024-02-29T00:00:00Z");
	unsetenv("TZ");
	tzset();
}

static void
wrong_utf8_is_repaired_by_the_longest_prefix(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"plain", "plain"},
		{"\xC3\xA9", "\xC3\xA9"},
		{"a\xFF"
		 "b",
		 "a\xEF\xBF\xBD"
		 "b"},
		{"\xE2\x82", "\xEF\xBF\xBD"},
		{"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
		{"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
		{"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(buf_clear) struct buf out;

		buf_init(&out, 100);
		assert_true(utf8_repair(slice_of(cases[i].in), &out));
		assert_string_equal(buf_text(&out), cases[i].out);
	}
	assert_int_equal(utf8_open_tail(slice_of("a\xE2\x82")), 2);
	assert_int_equal(utf8_open_tail(slice_of("a\xE2\x82\xAC")), 0);
}

static void
a_file_is_replaced_whole_and_a_wide_secret_refused(void **state)
{
	SCOPED(folder_drop) char *dir = folder_make();
	SCOPED(free_pointer) char *path = path_join(dir, "a");
	SCOPED(buf_clear) struct buf in;
	struct error err = {0};

	(void)state;
	buf_init(&in, 8);
	assert_false(file_read(path, &in, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_true(file_write(path, slice_of("12345678"), 0644, &err));
	assert_true(file_read(path, &in, &err));
	assert_string_equal(buf_text(&in), "12345678");
	buf_reset(&in);
	assert_false(file_read_secret(path, &in, &err));
	assert_int_equal(err.code, ERROR_SETUP);
	assert_true(file_write(path, slice_of("123456789"), 0600, &err));
	assert_false(file_read_secret(path, &in, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
}

static void
print_one(struct printer *p)
{
	printer_map(p);
	printer_add_string(p, "a", slice_of("x\n\"\xFF"));
	printer_add_string_if(p, "nothing", slice_of(""));
	printer_key(p, "b");
	printer_list(p);
	printer_int(p, 1);
	printer_real(p, 0.1);
	printer_null(p);
	printer_end(p);
	printer_key(p, "c");
	printer_map(p);
	printer_end(p);
	printer_end(p);
}

static void
the_printer_writes_json_that_reads_back(void **state)
{
	SCOPED(buf_clear) struct buf out;
	struct printer p;
	struct error err = {0};

	(void)state;
	buf_init(&out, 1000);
	printer_init(&p, PRINTER_JSON, &out);
	print_one(&p);
	assert_string_equal(buf_text(&out), "{\"a\":\"x\\n\\\"\xEF\xBF\xBD\","
					    "\"b\":[1,0.1,null],\"c\":{}}");
	SCOPED(json_drop) json_t *back = json_read(buf_slice(&out), &err);
	assert_non_null(back);
}

static void
deep_and_doubled_json_is_refused(void **state)
{
	static const char *const cases[] = {
		"{\"a\":1,\"a\":2}",
		("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]"
		 "]]]]]]"),
		"{\"a\":\"\xFF\"}",
		"",
		"{} x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error err = {0};
		assert_null(json_read(slice_of(cases[i]), &err));
		assert_int_equal(err.code, ERROR_INVALID);
	}
}

static void
sha256_is_the_standard_one(void **state)
{
	uint8_t sum[DIGEST_BYTES];
	char hex[DIGEST_HEX + 1];
	struct error err = {0};

	(void)state;
	assert_true(digest_sha256(slice_of("abc"), sum, &err));
	assert_string_equal(digest_hex(sum, hex),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
			    "b410ff61f20015ad");
}

static void
an_arena_gives_aligned_zeroed_memory(void **state)
{
	struct arena a = {0};

	(void)state;
	for (size_t i = 1; i < 3000; i += 7) {
		char *p = arena_alloc(&a, i, 1);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t k = 0; k < i; k++)
			assert_int_equal(p[k], 0);
		memset(p, 'x', i);
	}
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "b"), "7-b");
	arena_clear(&a);
}

/* The calendar of ours beside the C library's, over all years that are taken.
 */
static void
every_day_has_the_date_that_the_library_gives(void **state)
{
	const int64_t first = INT64_C(-62135596800), last = 253402300799;

	(void)state;
	for (int64_t at = first; at < last; at += 5 * 86400 + 12345) {
		struct clock_civil ours = clock_civil(at * 1000000, false);
		time_t seconds = at;
		struct tm tm;
		gmtime_r(&seconds, &tm);
		if (ours.year != tm.tm_year + 1900 ||
		    ours.month != tm.tm_mon + 1 || ours.day != tm.tm_mday ||
		    ours.hour != tm.tm_hour || ours.minute != tm.tm_min ||
		    ours.second != tm.tm_sec || ours.weekday != tm.tm_wday)
			fail_msg("second %lld is no %d-%d-%d", (long long)at,
				 ours.year, ours.month, ours.day);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_taken_off_one_by_one),
		cmocka_unit_test(a_sorted_list_knows_its_words),
		cmocka_unit_test(every_day_has_the_date_that_the_library_gives),
		cmocka_unit_test(a_buffer_refuses_what_passes_its_ceiling),
		cmocka_unit_test(a_map_keeps_what_was_put_through_drops),
		cmocka_unit_test(an_id_reads_back_and_ids_are_ordered),
		cmocka_unit_test(times_read_back_and_wrong_ones_are_refused),
		cmocka_unit_test(as_of_a_date_is_the_end_of_that_day),
		cmocka_unit_test(a_time_in_a_command_is_what_people_call_it),
		cmocka_unit_test(
			a_month_of_31_days_is_not_skipped_from_its_end),
		cmocka_unit_test(wrong_utf8_is_repaired_by_the_longest_prefix),
		cmocka_unit_test(
			a_file_is_replaced_whole_and_a_wide_secret_refused),
		cmocka_unit_test(the_printer_writes_json_that_reads_back),
		cmocka_unit_test(deep_and_doubled_json_is_refused),
		cmocka_unit_test(sha256_is_the_standard_one),
		cmocka_unit_test(an_arena_gives_aligned_zeroed_memory),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
