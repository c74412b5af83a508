/*
 * The server beyond framing: bodies, deferred answers, streams, deadlines,
 * limits, the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/loop.h"
#include "support.h"
#include "support_http.h"

#define HOST "Host: a\r\n"
#define END "GET /end HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"

/* Send, read to the close, and give everything that came. */
static struct slice
talk(struct web *web, const char *request, struct buf *in)
{
	int fd = web_connect(web, 0);

	buf_reset(in);
	web_send(web, fd, slice_of(request));
	web_read(web, fd, in, NULL);
	close(fd);
	return buf_slice(in);
}

static void
expect(struct web *web, const char *request, const char *wanted)
{
	SCOPED(buf_clear) struct buf in = {.max = 64 << 20};
	SCOPED(buf_clear) struct buf got = {.max = 4096};

	web_statuses(talk(web, request, &in), false, &got);
	assert_string_equal(buf_text(&got), wanted);
}

static bool
has(const struct buf *in, const char *text)
{
	return slice_find(buf_slice(in), slice_of(text)) < in->len;
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};

	talk(web,
	     "GET /one HTTP/1.1\r\n" HOST "\r\n"
	     "POST /two HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
	     "POST /three HTTP/1.1\r\n" HOST "Transfer-Encoding: "
	     "chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n" END,
	     &in);
	const char *one = strstr(in.data, "GET /one \n");
	const char *two = strstr(in.data, "POST /two abc\n");
	const char *three = strstr(in.data, "POST /three def\n");
	const char *four = strstr(in.data, "GET /end \n");
	assert_true(one && one < two && two < three && three < four);
	assert_int_equal(web->finished, 4);
}

static void
an_answer_may_come_later(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	web_send(web, fd, slice_of("GET /hold HTTP/1.1\r\n" HOST "\r\n" END));
	web_until(web, &web->requests, 1);
	web_settle(web);
	assert_int_equal(web->requests, 1); /* the next one waits */
	assert_true(slice_is(web->held->path, "/hold"));
	http_answer(web->held, 201, "text/plain", slice_of("late\n"));
	web_read(web, fd, &in, NULL);
	assert_true(has(&in, "HTTP/1.1 201 Created\r\n"));
	assert_true(has(&in, "GET /end \n"));
	close(fd);
}

static void
an_answer_to_nobody_does_no_harm(void **state)
{
	struct web *web = *state;
	int fd = web_connect(web, 0);
	const struct linger reset = {1, 0};

	web_send(web, fd, slice_of("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	web_until(web, &web->requests, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	web_settle(web);
	assert_true(web->held->gone);
	assert_true(slice_is(web->held->path, "/hold")); /* still readable */
	assert_int_equal(web->finished, 0);
	http_answer(web->held, 200, "text/plain", slice_of("hello"));
	assert_int_equal(web->finished, 1);
	assert_true(web->last_gone);
}

static void
who_closes_his_side_gets_his_answer(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	web_send(web, fd, slice_of("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	shutdown(fd, SHUT_WR);
	web_until(web, &web->requests, 1);
	web_settle(web);
	http_answer(web->held, 200, "text/plain", slice_of("hello"));
	web_read(web, fd, &in, NULL);
	assert_true(has(&in, "\r\n\r\nhello"));
	close(fd);
}

static void
head_gets_fields_and_no_body(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};

	talk(web, "HEAD /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", &in);
	assert_true(has(&in, "Content-Length: 9\r\n")); /* "HEAD /x \n" */
	assert_true(slice_ends(buf_slice(&in), "\r\n\r\n"));
}

static void
no_content_has_no_length(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};

	talk(web, "GET /empty HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n",
	     &in);
	assert_true(has(&in, "204 No Content\r\n"));
	assert_false(has(&in, "Content-Length"));
	assert_false(has(&in, "Content-Type"));
}

static void
a_body_is_asked_for_when_the_client_waits(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	web_send(web, fd,
		 slice_of("POST /a HTTP/1.1\r\n" HOST
			  "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
	web_read(web, fd, &in, "HTTP/1.1 100 Continue\r\n\r\n");
	web_send(web, fd, slice_of("hello" END));
	web_read(web, fd, &in, NULL);
	assert_true(has(&in, "POST /a hello\n"));
	close(fd);
}

static void
a_body_that_is_refused_is_not_asked_for(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};

	talk(web,
	     "POST /refuse HTTP/1.1\r\n" HOST
	     "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
	     &in);
	assert_false(has(&in, "100 Continue"));
	assert_true(has(&in, "HTTP/1.1 403 Forbidden\r\n"));
	assert_true(has(&in, "\r\nConnection: close\r\n"));
	assert_int_equal(web->requests, 0);
}

static void
a_short_refused_body_is_read_over(void **state)
{
	/* Also when the body comes after the answer. */
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	web_send(web, fd,
		 slice_of("POST /refuse HTTP/1.1\r\n" HOST
			  "Content-Length: 5\r\n\r\nhe"));
	web_read(web, fd, &in, "\"code\":\"refused\"");
	web_send(web, fd, slice_of("llo" END));
	web_read(web, fd, &in, NULL);
	assert_true(has(&in, "GET /end \n"));
	close(fd);
	expect(web,
	       "POST /refuse HTTP/1.1\r\n" HOST
	       "Content-Length: 5\r\n\r\nhello" END,
	       "403,200");
}

static void
bodies_have_a_limit_of_their_route(void **state)
{
	struct web *web = *state;
	static const char chunk[] = "6\r\nabcdef\r\n";
	char request[512];

	expect(web,
	       "POST /small HTTP/1.1\r\n" HOST
	       "Content-Length: 10\r\n\r\n0123456789" END,
	       "200,200");
	expect(web,
	       "POST /small HTTP/1.1\r\n" HOST
	       "Content-Length: 11\r\n\r\n01234567890" END,
	       "413,200");
	snprintf(request, sizeof(request),
		 "POST /small HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n%s%s0\r\n\r\n" END,
		 chunk, chunk);
	expect(web, request, "413");
}

static void
long_bodies_arrive_whole(void **state)
{
	struct web *web = *state;
	size_t len = 3 << 20;
	SCOPED(buf_clear) struct buf request = {.max = 16 << 20};
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	buf_addf(&request,
		 "POST /big HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n",
		 len);
	memset(buf_room(&request, len), 'x', len);
	request.len += len;
	buf_adds(&request, "POST /big HTTP/1.1\r\n" HOST
			   "Transfer-Encoding: chunked\r\n\r\n300000\r\n");
	memset(buf_room(&request, len), 'y', len);
	request.len += len;
	buf_adds(&request, "\r\n0\r\n\r\n" END);
	web_send(web, fd, buf_slice(&request));
	web_read(web, fd, &in, NULL);
	close(fd);
	assert_true(has(&in, "POST /big 3145728 bytes\n"));
	assert_int_equal(web->finished, 3);
}

static void
long_answers_wait_for_a_slow_client(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 16 << 20};
	int fd = web_connect(web, 4096);
	struct http_stats stats;

	web_send(web, fd, slice_of("GET /large HTTP/1.1\r\n" HOST "\r\n" END));
	web_until(web, &web->requests, 1);
	http_stats(web->server, &stats);
	assert_true(stats.waiting > 0);
	web_read(web, fd, &in, NULL);
	assert_true(in.len > 4 << 20);
	assert_true(has(&in, "GET /end \n"));
	http_stats(web->server, &stats);
	assert_int_equal(stats.waiting, 0);
	close(fd);
}

/* ---- ids */

static void
request_ids_come_back_when_they_are_harmless(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};

	talk(web,
	     "GET / HTTP/1.1\r\n" HOST
	     "X-Request-Id: Ab_1.2-3\r\nConnection: close\r\n\r\n",
	     &in);
	assert_true(has(&in, "\r\nX-Request-Id: Ab_1.2-3\r\n"));
	assert_string_equal(web->last_id, "Ab_1.2-3");
	talk(web,
	     "GET / HTTP/1.1\r\n" HOST
	     "X-Request-Id: a b\r\nConnection: close\r\n\r\n",
	     &in);
	assert_false(has(&in, "a b"));
	assert_int_equal(strlen(web->last_id), 16);
}

static void
header_values_cannot_add_lines(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	web_send(web, fd,
		 slice_of("GET /hold HTTP/1.1\r\n" HOST
			  "Connection: close\r\n\r\n"));
	web_until(web, &web->requests, 1);
	http_add(web->held, "X-Name", slice_of("a\r\nSet-Cookie: b"));
	http_answer(web->held, 200, "text/plain", slice_of("x"));
	web_read(web, fd, &in, NULL);
	assert_true(has(&in, "X-Name: a  Set-Cookie: b\r\n"));
	close(fd);
}

/* ---- streams */

static int
open_stream(struct web *web, const char *path, int receive_buffer)
{
	char request[128];
	int fd = web_connect(web, receive_buffer);
	size_t before = web->requests;

	snprintf(request, sizeof(request),
		 "GET %s HTTP/1.1\r\n" HOST "\r\n" END, path);
	web_send(web, fd, slice_of(request));
	web_until(web, &web->requests, before + 1);
	return fd;
}

static void
events_are_ids_and_data(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = open_stream(web, "/events", 0);

	assert_int_equal(http_events_send(web->stream, slice_of("m:1"),
					  slice_of("{\"a\":1}")),
			 HTTP_ROOM);
	http_events_send(web->stream, (struct slice){0},
			 slice_of("two\nlines\r\nand\rmore"));
	http_stream_end(web->stream);
	web_read(web, fd, &in, NULL);
	close(fd);
	assert_true(has(&in, "Content-Type: text/event-stream; "
			     "charset=utf-8\r\n"));
	assert_true(has(&in, "Cache-Control: no-cache\r\n"));
	assert_true(has(&in, "X-Accel-Buffering: no\r\n"));
	assert_true(has(&in, "\r\n\r\n17\r\nid: m:1\ndata: {\"a\":1}\n\n\r\n"));
	assert_true(has(&in, "data: two\ndata: lines\ndata: and\n"
			     "data: more\n\n\r\n0\r\n\r\nHTTP/1.1 200"));
	assert_true(has(&in, "GET /end \n"));
}

static void
a_quiet_stream_sends_comments(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = open_stream(web, "/events", 0);

	web_read(web, fd, &in, "3\r\n:\n\n\r\n3\r\n:\n\n\r\n");
	http_stream_end(web->stream);
	web_read(web, fd, &in, NULL);
	close(fd);
}

static void
a_stream_that_is_cut_lacks_its_end(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = open_stream(web, "/stream", 0);

	http_stream_write(web->stream, slice_of("some"));
	http_stream_cut(web->stream);
	web_read(web, fd, &in, NULL);
	close(fd);
	assert_true(slice_ends(buf_slice(&in), "\r\n4\r\nsome\r\n"));
}

static void
old_clients_get_streams_without_chunks(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fd = web_connect(web, 0);

	web_send(web, fd, slice_of("GET /stream HTTP/1.0\r\n\r\n"));
	web_until(web, &web->requests, 1);
	http_stream_write(web->stream, slice_of("some"));
	http_stream_write(web->stream, slice_of("thing"));
	http_stream_end(web->stream);
	web_read(web, fd, &in, NULL);
	close(fd);
	assert_true(has(&in, "Connection: close\r\n"));
	assert_true(slice_ends(buf_slice(&in), "\r\n\r\nsomething"));
}

static void
who_leaves_a_stream_is_reported_once(void **state)
{
	struct web *web = *state;
	int fd = open_stream(web, "/events", 0);

	close(fd);
	web_until(web, &web->gone, 1);
	assert_true(web->stream->gone);
	assert_int_equal(
		http_events_send(web->stream, (struct slice){0}, slice_of("x")),
		HTTP_GONE);
	web_settle(web);
	assert_int_equal(web->gone, 1);
	assert_int_equal(web->finished, 0);
	http_stream_end(web->stream);
	assert_int_equal(web->finished, 1);
	assert_true(web->last_gone);
}

static void
a_stream_to_someone_gone_is_reported_too(void **state)
{
	struct web *web = *state;
	const struct linger reset = {1, 0};
	int fd = web_connect(web, 0);

	web_send(web, fd, slice_of("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	web_until(web, &web->requests, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	web_settle(web);
	struct http_stream_events events = {.arg = web};
	http_events(web->held, &events);
	assert_int_equal(
		http_events_send(web->held, (struct slice){0}, slice_of("x")),
		HTTP_GONE);
	web_settle(web);
	http_stream_end(web->held);
	assert_int_equal(web->finished, 1);
}

static void
a_full_stream_waits_for_room(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 64 << 20};
	static char piece[8192];
	int fd = open_stream(web, "/stream", 4096);
	size_t sent = 0;

	memset(piece, 'p', sizeof(piece));
	while (http_stream_write(web->stream,
				 slice_make(piece, sizeof(piece))) == HTTP_ROOM)
		sent += sizeof(piece);
	sent += sizeof(piece);
	assert_true(http_stream_waiting(web->stream) > 0);
	assert_int_equal(web->ready, 0);
	while (!web->ready) {
		char bytes[4096];
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
		assert_true(n > 0 || errno == EAGAIN);
		loop_turn(web->loop, false);
	}
	assert_int_equal(web->ready, 1);
	assert_int_equal(web->stream->bytes_out, sent);
	http_stream_end(web->stream);
	web_read(web, fd, &in, NULL);
	close(fd);
}

static void
a_client_that_never_reads_costs_little(void **state)
{
	struct web *web = *state;
	static char piece[8192];
	int fd = open_stream(web, "/stream", 4096);
	struct http_stats stats;

	/* The owner does not listen to HTTP_FULL. */
	while (http_stream_write(web->stream,
				 slice_make(piece, sizeof(piece))) !=
	       HTTP_GONE) {
		http_stats(web->server, &stats);
		assert_true(stats.waiting <= 256 << 10);
	}
	web_until(web, &web->gone, 1);
	http_stream_end(web->stream);
	http_stats(web->server, &stats);
	assert_int_equal(stats.waiting, 0);
	assert_int_equal(stats.connections, 0);
	close(fd);
}

/* ---- deadlines: each test waits for the event, with short times */

static int
open_impatient(void **state)
{
	const struct http_settings settings = {
		.head_timeout = 30000,
		.body_window = 30000,
		.idle_timeout = 30000,
		.write_timeout = 30000,
		.comment_interval = 10000,
	};

	*state = web_open(&settings);
	return 0;
}

static void
a_slow_head_times_out(void **state)
{
	struct web *web = *state;

	expect(web, "GET / HTTP/1.1\r\nX", "408");
	expect(web, "", "");
	assert_int_equal(web->last_status, 408);
}

static void
a_slow_body_times_out(void **state)
{
	struct web *web = *state;

	expect(web, "POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc",
	       "408");
	expect(web,
	       "POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: chunked\r\n\r\n9\r\nabc",
	       "408");
}

static void
an_idle_connection_is_closed_silently(void **state)
{
	struct web *web = *state;

	expect(web, "GET / HTTP/1.1\r\n" HOST "\r\n", "200");
	assert_int_equal(web->last_status, 200);
}

static void
who_takes_nothing_is_let_go(void **state)
{
	struct web *web = *state;
	int fd = web_connect(web, 4096);

	web_send(web, fd, slice_of("GET /large HTTP/1.1\r\n" HOST "\r\n"));
	web_until(web, &web->finished, 1);
	assert_true(web->last_gone);
	close(fd);
}

/* ---- who may connect */

static int
open_narrow(void **state)
{
	const struct http_settings settings = {.local_max = 3};

	*state = web_open(&settings);
	return 0;
}

static void
one_peer_has_so_many_connections(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int fds[3];

	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = web_connect(web, 0);
	web_settle(web);
	talk(web, END, &in);
	assert_true(has(&in, "HTTP/1.1 503 Service Unavailable\r\n"));
	/* The document is as long as it says. */
	const char *body = strstr(in.data, "\r\n\r\n") + 4;
	assert_non_null(strstr(in.data, "Content-Length: 127\r\n"));
	assert_int_equal(strlen(body), 127);
	close(fds[0]);
	web_settle(web);
	expect(web, END, "200");
	close(fds[1]);
	close(fds[2]);
}

static int
open_crowded(void **state)
{
	const struct http_settings settings = {.connection_max = 2};

	*state = web_open(&settings);
	return 0;
}

static void
the_idlest_makes_room(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int idle = web_connect(web, 0);
	int held = web_connect(web, 0);

	web_send(web, idle, slice_of("GET / HTTP/1.1\r\n" HOST "\r\n"));
	web_send(web, held, slice_of("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	web_until(web, &web->requests, 2);
	expect(web, END, "200");
	web_read(web, idle, &in, NULL); /* closed */
	http_answer(web->held, 200, NULL, (struct slice){0});
	close(idle);
	close(held);
}

/* ---- the end */

static void
on_stopped(void *arg)
{
	((struct web *)arg)->stopped = true;
}

static void
stopping_lets_answers_finish(void **state)
{
	struct web *web = *state;
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	int idle = web_connect(web, 0);
	int held = web_connect(web, 0);

	web_send(web, idle, slice_of("GET / HTTP/1.1\r\n" HOST "\r\n"));
	web_send(web, held, slice_of("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	int events = open_stream(web, "/events", 0);
	http_server_stop(web->server, 20 * CLOCK_SECOND, on_stopped, web);
	assert_int_equal(web->stopping, 1);
	http_events_send(web->stream, (struct slice){0}, slice_of("bye"));
	http_stream_end(web->stream);
	web_settle(web);
	assert_false(web->stopped);
	http_answer(web->held, 200, "text/plain", slice_of("done"));
	web_read(web, held, &in, NULL);
	assert_true(has(&in, "Connection: close\r\n"));
	assert_true(has(&in, "\r\n\r\ndone"));
	buf_reset(&in);
	web_read(web, events, &in, NULL);
	assert_true(has(&in, "data: bye\n\n\r\n0\r\n\r\n"));
	buf_reset(&in);
	web_read(web, idle, &in, NULL);
	close(idle);
	close(held);
	close(events); /* which had asked for more: that was waited for */
	web_settle(web);
	assert_true(web->stopped);
}

static void
stopping_does_not_wait_for_ever(void **state)
{
	struct web *web = *state;
	int fd = open_stream(web, "/events", 0);

	http_server_stop(web->server, 1000, on_stopped, web);
	web_until(web, &web->gone, 1);
	http_stream_end(web->stream);
	web_settle(web);
	assert_true(web->stopped);
	close(fd);
}

static int
open_watched(struct web *web)
{
	int fd = web_connect(web, 0);

	web_send(web, fd, slice_of("GET /watched HTTP/1.1\r\n" HOST "\r\n"));
	web_until(web, &web->requests, 1);
	return fd;
}

static void
who_leaves_before_an_answer_is_missed(void **state)
{
	struct web *web = *state;
	const struct linger reset = {1, 0};
	int fd = open_watched(web);

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	web_until(web, &web->gone, 1);
	assert_true(web->held->gone);
	http_answer(web->held, 200, NULL, (struct slice){0});
	web_settle(web);
	assert_int_equal(web->gone, 1);
	assert_int_equal(web->finished, 1);
}

static void
who_closes_his_side_is_missed_but_answered(void **state)
{
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	struct web *web = *state;
	int fd = open_watched(web);

	shutdown(fd, SHUT_WR);
	web_until(web, &web->gone, 1);
	assert_false(web->held->gone);
	http_answer(web->held, 200, "text/plain", slice_of("late"));
	web_read(web, fd, &in, NULL);
	assert_true(has(&in, "\r\n\r\nlate"));
	assert_int_equal(web->gone, 1);
	close(fd);
}

static void
when_the_grace_is_over_who_waits_can_be_told(void **state)
{
	struct web *web = *state;
	int fd = open_watched(web);

	http_server_stop(web->server, 1000, on_stopped, web);
	assert_int_equal(web->stopping, 0);
	web_until(web, &web->stopping, 1);
	assert_int_equal(web->stopping, 1);
	http_answer(web->held, 503, "text/plain", slice_of("bye"));
	web_settle(web);
	assert_true(web->stopped);
	close(fd);
}

static void
destroying_a_server_leaves_owed_answers_valid(void **state)
{
	struct web *web = *state;
	int fd = web_connect(web, 0);

	web_send(web, fd, slice_of("GET /hold HTTP/1.1\r\n" HOST "\r\n"));
	web_until(web, &web->requests, 1);
	http_server_destroy(&web->server);
	assert_true(web->held->gone);
	assert_int_equal(web->finished, 0);
	http_answer(web->held, 200, NULL, (struct slice){0});
	assert_int_equal(web->finished, 1);
	close(fd);
}

/* ---- socket files */

static int
connect_unix(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(connect(fd, (const void *)&at, sizeof(at)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
a_socket_file_is_private_and_replaced_when_stale(void **state)
{
	struct web *web = *state;
	SCOPED(folder_drop) char *folder = folder_make();
	SCOPED(free_pointer) char *path = xasprintf("%s/s", folder);
	SCOPED(buf_clear) struct buf in = {.max = 1 << 20};
	struct error err = {0};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct stat st;

	/* A stale one: bound, and nobody listens. */
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	int stale = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(stale, (const void *)&at, sizeof(at)), 0);
	close(stale);

	assert_true(http_listen_unix(web->server, path, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(http_listen_unix(web->server, path, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	int fd = connect_unix(path);
	web_send(web, fd, slice_of(END));
	web_read(web, fd, &in, NULL);
	assert_true(has(&in, "GET /end \n"));
	close(fd);
	http_server_destroy(&web->server);
	assert_int_equal(stat(path, &st), -1);
}

static void
loopback_is_told_from_the_world(void **state)
{
	(void)state;
	assert_true(http_host_is_local("127.0.0.1"));
	assert_true(http_host_is_local("127.8.0.1"));
	assert_true(http_host_is_local("::1"));
	assert_true(http_host_is_local("localhost"));
	assert_false(http_host_is_local("0.0.0.0"));
	assert_false(http_host_is_local("::"));
	assert_false(http_host_is_local("192.0.2.1"));
	assert_false(http_host_is_local("no.such.host.invalid"));
}

#define WITH(open, test) cmocka_unit_test_setup_teardown(test, open, web_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(web_make, pipelined_requests_are_answered_in_order),
		WITH(web_make, an_answer_may_come_later),
		WITH(web_make, an_answer_to_nobody_does_no_harm),
		WITH(web_make, who_closes_his_side_gets_his_answer),
		WITH(web_make, head_gets_fields_and_no_body),
		WITH(web_make, no_content_has_no_length),
		WITH(web_make, a_body_is_asked_for_when_the_client_waits),
		WITH(web_make, a_body_that_is_refused_is_not_asked_for),
		WITH(web_make, a_short_refused_body_is_read_over),
		WITH(web_make, bodies_have_a_limit_of_their_route),
		WITH(web_make, long_bodies_arrive_whole),
		WITH(web_make, long_answers_wait_for_a_slow_client),
		WITH(web_make, request_ids_come_back_when_they_are_harmless),
		WITH(web_make, header_values_cannot_add_lines),
		WITH(web_make, events_are_ids_and_data),
		WITH(open_impatient, a_quiet_stream_sends_comments),
		WITH(web_make, a_stream_that_is_cut_lacks_its_end),
		WITH(web_make, old_clients_get_streams_without_chunks),
		WITH(web_make, who_leaves_a_stream_is_reported_once),
		WITH(web_make, a_stream_to_someone_gone_is_reported_too),
		WITH(web_make, a_full_stream_waits_for_room),
		WITH(web_make, a_client_that_never_reads_costs_little),
		WITH(open_impatient, a_slow_head_times_out),
		WITH(open_impatient, a_slow_body_times_out),
		WITH(open_impatient, an_idle_connection_is_closed_silently),
		WITH(open_impatient, who_takes_nothing_is_let_go),
		WITH(open_narrow, one_peer_has_so_many_connections),
		WITH(open_crowded, the_idlest_makes_room),
		WITH(web_make, stopping_lets_answers_finish),
		WITH(web_make, stopping_does_not_wait_for_ever),
		WITH(web_make, who_leaves_before_an_answer_is_missed),
		WITH(web_make, who_closes_his_side_is_missed_but_answered),
		WITH(web_make, when_the_grace_is_over_who_waits_can_be_told),
		WITH(web_make, destroying_a_server_leaves_owed_answers_valid),
		WITH(web_make,
		     a_socket_file_is_private_and_replaced_when_stale),
		cmocka_unit_test(loopback_is_told_from_the_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
