/* An answer's body is the same whoever reads it, libcurl or we. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "fetch/fetch_private.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/loop.h"

/* ---- chunks ---- */

static const struct chunks_case {
	const char *bytes;
	const char *body; /* before the fault, if there is one */
	enum { ENDS, GOES_ON, BAD } what;
	const char *why;
} chunks[] = {
	{"3\r\nabc\r\n0\r\n\r\n", "abc", ENDS, "one"},
	{"3\r\nabc\r\n02\r\nde\r\n0\r\n\r\n", "abcde", ENDS, "two"},
	{"0\r\n\r\n", "", ENDS, "none"},
	{"A\r\n0123456789\r\n0\r\n\r\n", "0123456789", ENDS, "ten"},
	{"3;a=\"b\"\r\nabc\r\n0;x\r\n\r\n", "abc", ENDS, "extensions"},
	{"3  \r\nabc\r\n0 \r\n\r\n", "abc", ENDS, "padded sizes"},
	{"3\nabc\n0\n\n", "abc", ENDS, "LF alone"},
	{"3\r\nabc\r\n0\r\nA: b\r\nC: d\r\n\r\n", "abc", ENDS, "a trailer"},
	{"3\r\nabc\r\n0\r\n\r\nmore", "abc", ENDS, "what follows is not it"},
	{"3\r\nabc\r\n", "abc", GOES_ON, "no last chunk"},
	{"3\r\nab", "ab", GOES_ON, "cut in a chunk"},
	{"0\r\nA: b\r\n", "", GOES_ON, "cut in the trailer"},
	{"", "", GOES_ON, "nothing"},
	{"\r\n", "", BAD, "no size"},
	{"-1\r\n", "", BAD, "a sign"},
	{"x\r\n", "", BAD, "no digit"},
	{"3\r\nabcd\r\n", "abc", BAD, "more than was said"},
	{"3\r\nabc\r\r\n", "abc", BAD, "a line that ends twice"},
	{"1000000000000000\r\n", "", BAD, "a size of 16 digits"},
};

static void
unchunk(const struct chunks_case *c, size_t step)
{
	SCOPED(buf_clear) struct buf body = {.max = 100};
	struct unchunk u = {0};
	size_t len = strlen(c->bytes);
	bool good = true;

	for (size_t at = 0; at < len && good; at += step) {
		struct slice rest =
			slice_make(c->bytes + at, MIN(step, len - at));
		struct slice piece = rest;
		while (piece.len && (good = unchunk_next(&u, &rest, &piece)))
			buf_add_slice(&body, piece);
	}
	if (good == (c->what == BAD) ||
	    (u.state == UNCHUNK_OVER) != (c->what == ENDS) ||
	    strcmp(buf_text(&body), c->body) != 0)
		fail_msg("%s, %zu at a time: \"%s\"", c->why, step,
			 buf_text(&body));
}

static void
chunks_give_the_same_body_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(chunks); i++)
		for (size_t step = 1; step < 20; step++)
			unchunk(&chunks[i], step);
}

static void
a_line_and_a_trailer_without_an_end_are_refused(void **state)
{
	static const char *const begins[] = {"1;", "0\r\nA:"};

	(void)state;
	for (size_t i = 0; i < COUNT(begins); i++) {
		SCOPED(buf_clear) struct buf all = {.max = 1 << 20};
		struct unchunk u = {0};
		struct slice piece;

		buf_adds(&all, begins[i]);
		while (all.len < UNCHUNK_TRAILER_MAX + 100)
			buf_addc(&all, 'x');
		struct slice rest = buf_slice(&all);
		assert_false(unchunk_next(&u, &rest, &piece));
	}
}

/* ---- over a socket ---- */

/* A server that sends a part of its answer whenever the last has been heard. */
struct rig {
	struct loop *loop;
	struct fetch *fetch;
	struct fetch_call *call;
	struct loop_watch *listening, *asked;
	int listener, peer;
	const char *const *parts; /* the next one; ends with NULL */
	struct buf body;
	struct error err;
	int ends;
	bool hang_up; /* after the last part */
	bool reset;
	bool own; /* the socket was read by ourselves */
	bool pause, cancel;
};

static void
send_part(void *arg)
{
	struct rig *r = arg;
	struct linger at_once = {.l_onoff = 1};

	if (*r->parts) {
		size_t len = strlen(*r->parts);
		assert_int_equal(send(r->peer, *r->parts, len, MSG_NOSIGNAL),
				 len);
		r->parts++;
		return;
	}
	if (!r->hang_up)
		return;
	if (r->reset)
		setsockopt(r->peer, SOL_SOCKET, SO_LINGER, &at_once,
			   sizeof(at_once));
	close(r->peer);
	r->peer = -1;
}

static void
on_asked(void *arg, unsigned events)
{
	struct rig *r = arg;
	char bytes[4096];

	(void)events;
	ssize_t n = recv(r->peer, bytes, sizeof(bytes) - 1, 0);
	assert_true(n > 0);
	loop_unwatch(&r->asked);
	send_part(r);
}

static void
on_accept(void *arg, unsigned events)
{
	struct rig *r = arg;

	(void)events;
	r->peer = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(r->peer >= 0);
	r->asked = loop_watch(r->loop, r->peer, LOOP_READ, on_asked, r, NULL);
	assert_non_null(r->asked);
}

static bool
on_body(void *arg, struct slice bytes)
{
	struct rig *r = arg;

	assert_int_equal(r->ends, 0);
	buf_add_slice(&r->body, bytes);
	r->own = r->own || r->call->own;
	if (r->pause && r->own) {
		r->pause = false;
		fetch_pause(r->call, true);
		loop_stop(r->loop);
	}
	if (r->cancel && r->own) {
		fetch_cancel(&r->call);
		loop_stop(r->loop);
		return true;
	}
	/* Once libcurl has been left. */
	loop_post(r->loop, send_part, r);
	return true;
}

static void
on_end(void *arg, const struct error *err)
{
	struct rig *r = arg;

	r->ends++;
	if (err)
		r->err = *err;
	r->call = NULL;
	loop_stop(r->loop);
}

static int
listen_here(unsigned *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const void *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (void *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static struct rig *
rig_begin(const char *const *parts, int64_t idle_timeout)
{
	const struct fetch_settings settings = {
		.connect_timeout = 20 * CLOCK_SECOND,
		.idle_timeout = idle_timeout,
	};
	struct rig *r = xcalloc(1, sizeof(*r));
	const struct fetch_events events = {NULL, on_body, on_end, r};
	char url[64];
	unsigned port;

	r->parts = parts;
	r->peer = -1;
	buf_init(&r->body, 1 << 20);
	r->loop = loop_create(&r->err);
	assert_non_null(r->loop);
	r->fetch = fetch_create(r->loop, &settings);
	r->listener = listen_here(&port);
	r->listening =
		loop_watch(r->loop, r->listener, LOOP_READ, on_accept, r, NULL);
	assert_non_null(r->listening);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/v1", port);
	const struct fetch_request request = {.method = "POST", .url = url};
	r->call = fetch_start(r->fetch, &request, &events, &r->err);
	assert_non_null(r->call);
	return r;
}

static struct rig *
rig_make(const char *const *parts)
{
	return rig_begin(parts, 60 * CLOCK_SECOND);
}

/* Whoever had the connection has closed it. */
static void
assert_closed(struct rig *r)
{
	char byte;

	assert_true(r->peer >= 0);
	assert_true(recv(r->peer, &byte, 1, 0) <= 0);
}

static void
rig_drop(struct rig **rig)
{
	struct rig *r = *rig;

	loop_unpost(r->loop, send_part, r);
	loop_unwatch(&r->listening);
	loop_unwatch(&r->asked);
	fetch_destroy(&r->fetch);
	loop_destroy(&r->loop);
	close(r->listener);
	if (r->peer >= 0)
		close(r->peer);
	buf_clear(&r->body);
	free(r);
	*rig = NULL;
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"

static const struct wire_case {
	const char *parts[8];
	bool hang_up, reset;
	const char *body;
	const char *words; /* of the error; NULL: none */
	bool own;
	const char *why;
} wires[] = {
	{{CHUNKED "3\r\nabc\r\n", "2\r\nde\r\n", "1\r\nf\r\n", "0\r\n\r\n"},
	 false,
	 false,
	 "abcdef",
	 NULL,
	 true,
	 "in pieces"},
	{{CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"},
	 false,
	 false,
	 "abcde",
	 NULL,
	 false,
	 "all at once"},
	{{CHUNKED "4\r\nabc", "d\r\n3\r\nefg", "\r\n1;x\r\nh\r\n0\r\nA: b\r\n",
	  "\r\n"},
	 false,
	 false,
	 "abcdefgh",
	 NULL,
	 true,
	 "cut where no chunk ends"},
	{{CHUNKED "3\r\nabc\r\n", "2\r\nde\r\n"},
	 true,
	 false,
	 "abcde",
	 "broke off its answer (the connection was closed",
	 true,
	 "closed too soon"},
	{{CHUNKED "3\r\nabc\r\n", "2\r\nde\r\n"},
	 true,
	 true,
	 "abcde",
	 "broke off its answer (Connection reset",
	 true,
	 "a reset"},
	{{CHUNKED "3\r\nabc\r\n", "2\r\nde\r\n", "nonsense\r\n"},
	 false,
	 false,
	 "abcde",
	 "what comes is no chunk",
	 true,
	 "nonsense between chunks"},
	{{CHUNKED "nonsense\r\n"},
	 false,
	 false,
	 "",
	 "what comes is no chunk",
	 false,
	 "nonsense instead of chunks"},
	{{HEAD "Content-Length: 5\r\n\r\nabc", "d", "e"},
	 false,
	 false,
	 "abcde",
	 NULL,
	 false,
	 "a length"},
	{{HEAD "\r\nabc", "d", "e"},
	 true,
	 false,
	 "abcde",
	 NULL,
	 false,
	 "until it is closed"},
	{{HEAD "Transfer-Encoding: gzip, chunked\r\n\r\n"},
	 false,
	 false,
	 "",
	 "was not asked for",
	 false,
	 "a coding that nobody wanted"},
};

static void
a_stream_arrives_as_it_was_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wires); i++) {
		const struct wire_case *c = &wires[i];
		struct rig *r = rig_make(c->parts);
		r->hang_up = c->hang_up;
		r->reset = c->reset;
		loop_run(r->loop);
		if (r->ends != 1 || r->own != c->own ||
		    strcmp(buf_text(&r->body), c->body) != 0 ||
		    (c->words ? !strstr(r->err.text, c->words)
			      : r->err.code != ERROR_NONE))
			fail_msg("%s: \"%s\", %s", c->why, buf_text(&r->body),
				 r->err.text);
		if (r->own && !r->hang_up)
			assert_closed(r);
		rig_drop(&r);
	}
}

/* What has been sent over loopback has arrived: nothing is waited for. */
static void
turn_over(struct rig *r)
{
	for (int i = 0; i < 20; i++)
		loop_turn(r->loop, false);
}

static void
a_stream_that_is_paused_is_not_read(void **state)
{
	static const char *const parts[] = {CHUNKED "1\r\na\r\n", "1\r\nb\r\n",
					    "1\r\nc\r\n", "0\r\n\r\n", NULL};
	struct rig *r = rig_make(parts);

	(void)state;
	r->pause = true;
	loop_run(r->loop);
	turn_over(r);
	assert_string_equal(buf_text(&r->body), "ab");
	fetch_pause(r->call, false);
	loop_run(r->loop);
	assert_string_equal(buf_text(&r->body), "abc");
	assert_int_equal(r->ends, 1);
	assert_int_equal(r->err.code, ERROR_NONE);
	rig_drop(&r);
}

static void
a_break_during_a_pause_is_told_after_it(void **state)
{
	static const char *const parts[] = {CHUNKED "1\r\na\r\n", "1\r\nb\r\n",
					    NULL};
	struct rig *r = rig_make(parts);

	(void)state;
	r->pause = r->hang_up = r->reset = true;
	loop_run(r->loop);
	turn_over(r);
	assert_int_equal(r->ends, 0);
	fetch_pause(r->call, false);
	loop_run(r->loop);
	assert_int_equal(r->ends, 1);
	assert_non_null(strstr(r->err.text, "broke off"));
	rig_drop(&r);
}

static void
a_cancelled_stream_is_closed_at_once(void **state)
{
	static const char *const parts[] = {CHUNKED "1\r\na\r\n", "1\r\nb\r\n",
					    NULL};
	struct rig *r = rig_make(parts);

	(void)state;
	r->cancel = true;
	loop_run(r->loop);
	turn_over(r);
	assert_null(r->call);
	assert_int_equal(r->ends, 0);
	assert_closed(r);
	rig_drop(&r);
}

static void
a_silent_stream_times_out(void **state)
{
	static const char *const parts[] = {CHUNKED "1\r\na\r\n", "1\r\nb\r\n",
					    NULL};
	struct rig *r = rig_begin(parts, CLOCK_SECOND / 10);

	(void)state;
	loop_run(r->loop);
	assert_int_equal(r->ends, 1);
	assert_non_null(strstr(r->err.text, "time-out: nothing came"));
	rig_drop(&r);
}

static void
a_fetcher_that_goes_takes_its_streams_along(void **state)
{
	static const char *const parts[] = {CHUNKED "1\r\na\r\n", "1\r\nb\r\n",
					    NULL};
	struct rig *r = rig_make(parts);

	(void)state;
	r->pause = true;
	loop_run(r->loop);
	fetch_pause(r->call, false);
	turn_over(r);
	fetch_destroy(&r->fetch);
	assert_int_equal(r->ends, 0);
	assert_closed(r);
	rig_drop(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			chunks_give_the_same_body_however_they_are_cut),
		cmocka_unit_test(
			a_line_and_a_trailer_without_an_end_are_refused),
		cmocka_unit_test(a_stream_arrives_as_it_was_sent),
		cmocka_unit_test(a_stream_that_is_paused_is_not_read),
		cmocka_unit_test(a_break_during_a_pause_is_told_after_it),
		cmocka_unit_test(a_cancelled_stream_is_closed_at_once),
		cmocka_unit_test(a_silent_stream_times_out),
		cmocka_unit_test(a_fetcher_that_goes_takes_its_streams_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
