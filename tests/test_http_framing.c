/*
 * What the server takes for a request and what it refuses: the table in
 * tests/data/http_cases.jsonl, sent whole and byte by byte.  A row that ends
 * with "x" lets nothing follow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/json.h"
#include "mneme/utf8.h"
#include "support_http.h"

static const char end_request[] =
	"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/* The table writes bytes as the characters of the same numbers. */
static void
add_bytes(struct buf *out, struct slice text)
{
	while (text.len) {
		uint32_t cp;
		size_t n = utf8_decode(text, &cp);
		assert_true(cp < 256);
		buf_addc(out, (char)cp);
		text = slice_make(text.data + n, text.len - n);
	}
}

static void
send_in_pieces(struct web *web, int fd, struct slice bytes, size_t piece)
{
	while (bytes.len) {
		size_t n = MIN(piece, bytes.len);
		web_send(web, fd, slice_make(bytes.data, n));
		bytes = slice_make(bytes.data + n, bytes.len - n);
	}
}

static void
check(struct web *web, const char *name, struct slice bytes, size_t piece,
      const char *wanted)
{
	SCOPED(buf_clear) struct buf in = {.max = 16 << 20};
	SCOPED(buf_clear) struct buf got = {.max = 4096};
	struct slice want = slice_of(wanted);
	int fd = web_connect(web, 0);

	send_in_pieces(web, fd, bytes, piece);
	web_read(web, fd, &in, NULL);
	close(fd);
	/* The second request closes: "x" is of interest before it only. */
	web_statuses(buf_slice(&in), slice_ends(want, "x"), &got);
	if (!slice_equal(buf_slice(&got), want))
		fail_msg("%s, %zu bytes at a time: %s, not %s", name, piece,
			 buf_text(&got), wanted);
}

static void
every_case_is_read_in_one_way(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf text = {.max = 8 << 20};
	SCOPED(buf_clear) struct buf bytes = {.max = 1 << 20};
	struct error err = {0};
	struct slice rest, line;
	size_t count = 0;

	if (!file_read(MNEME_SOURCE_DIR "/tests/data/http_cases.jsonl", &text,
		       &err))
		fail_msg("%s", err.text);
	rest = buf_slice(&text);
	while (slice_line(&rest, &line)) {
		SCOPED(json_drop)
		json_t *row =
			json_loadb(line.data, line.len, JSON_ALLOW_NUL, NULL);
		assert_non_null(row);
		const json_t *send = json_object_get(row, "send");
		const char *name =
			json_string_value(json_object_get(row, "name"));
		const char *ours =
			json_string_value(json_object_get(row, "ours"));
		buf_reset(&bytes);
		add_bytes(&bytes, slice_make(json_string_value(send),
					     json_string_length(send)));
		buf_adds(&bytes, end_request);
		check(web, name, buf_slice(&bytes), SIZE_MAX, ours);
		check(web, name, buf_slice(&bytes), 1, ours);
		check(web, name, buf_slice(&bytes), 7, ours);
		count++;
	}
	assert_true(count > 100);
}

static void
a_refusal_is_a_problem_document(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	web_send(web, fd,
		 slice_of("GET / HTTP/1.1\r\nX-Request-Id: abc-1\r\n\r\n"));
	web_read(web, fd, &in, NULL);
	close(fd);
	struct slice got = buf_slice(&in);
	assert_true(slice_starts(got, "HTTP/1.1 400 Bad Request\r\n"));
	assert_non_null(strstr(in.data, "application/problem+json"));
	assert_non_null(strstr(in.data, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(in.data, "\"status\":400"));
	assert_non_null(strstr(in.data, "\"detail\":\"there is no Host\""));
	assert_non_null(strstr(in.data, "\"request_id\":\"abc-1\""));
	assert_int_equal(web->last_status, 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_case_is_read_in_one_way,
						web_make, web_drop),
		cmocka_unit_test_setup_teardown(a_refusal_is_a_problem_document,
						web_make, web_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
