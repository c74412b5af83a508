/*
 * Paths of the server:
 *   /refuse   answered 403 by the head function
 *   /small    takes 10 bytes of body
 *   /big      takes 64 MiB
 *   /hold     not answered: web->held
 *   /events   server-sent events: web->stream
 *   /stream   a plain stream: web->stream
 *   /large    4 MiB of answer
 *   /empty    204
 * A method that it does not know is 501.
 */
#include "support_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/loop.h"

static void
on_ready(void *arg)
{
	((struct web *)arg)->ready++;
}

static void
on_gone(void *arg)
{
	((struct web *)arg)->gone++;
}

static void
on_stopping(void *arg)
{
	((struct web *)arg)->stopping++;
}

static void
on_head(void *arg, struct http_exchange *x)
{
	(void)arg;
	if (slice_is(x->path, "/refuse"))
		http_problem(x, 403, "refused", "not this one");
	else if (slice_is(x->path, "/small"))
		x->body_max = 10;
	else if (slice_is(x->path, "/big"))
		x->body_max = 64 << 20;
}

static void
echo(struct http_exchange *x)
{
	SCOPED(buf_clear) struct buf body;

	buf_init(&body, 65 << 20);
	buf_add_slice(&body, x->method_text);
	buf_addc(&body, ' ');
	buf_add_slice(&body, x->target);
	buf_addc(&body, ' ');
	if (x->body.len > 1000)
		buf_addf(&body, "%zu bytes", x->body.len);
	else
		buf_add_slice(&body, x->body);
	buf_addc(&body, '\n');
	http_answer(x, x->method == HTTP_OTHER ? 501 : 200,
		    "text/plain; charset=utf-8", buf_slice(&body));
}

static void
large(struct http_exchange *x)
{
	size_t len = 4 << 20;
	SCOPED(free_pointer) char *bytes = xcalloc(len, 1);

	memset(bytes, 'z', len);
	http_answer(x, 200, "text/plain", slice_make(bytes, len));
}

static void
on_request(void *arg, struct http_exchange *x)
{
	struct web *web = arg;
	const struct http_stream_events events = {on_ready, on_gone,
						  on_stopping, web};

	web->requests++;
	if (slice_is(x->path, "/hold")) {
		web->held = x;
	} else if (slice_is(x->path, "/watched")) {
		web->held = x;
		http_watch(x, &events);
	} else if (slice_is(x->path, "/events")) {
		web->stream = x;
		http_events(x, &events);
	} else if (slice_is(x->path, "/stream")) {
		web->stream = x;
		http_stream(x, 200, "application/x-ndjson", &events);
	} else if (slice_is(x->path, "/large")) {
		large(x);
	} else if (slice_is(x->path, "/empty")) {
		http_answer(x, 204, NULL, (struct slice){0});
	} else {
		echo(x);
	}
}

static void
on_finished(void *arg, const struct http_exchange *x)
{
	struct web *web = arg;

	web->finished++;
	web->last_status = x->status;
	web->last_gone = x->gone;
	memcpy(web->last_id, x->id, sizeof(x->id));
}

struct web *
web_open(const struct http_settings *settings)
{
	struct web *web = xcalloc(1, sizeof(*web));
	const struct http_settings none = {0};
	const struct http_handler handler = {.head = on_head,
					     .request = on_request,
					     .finished = on_finished,
					     .arg = web};
	struct error err = {0};

	web->loop = loop_create(&err);
	assert_non_null(web->loop);
	web->server = http_server_create(web->loop, settings ? settings : &none,
					 &handler);
	if (!http_listen(web->server, "127.0.0.1", 0, NULL, &web->port, &err))
		fail_msg("%s", err.text);
	return web;
}

void
web_close(struct web **web)
{
	if (!*web)
		return;
	http_server_destroy(&(*web)->server);
	http_tls_close(&(*web)->tls);
	loop_destroy(&(*web)->loop);
	free(*web);
	*web = NULL;
}

int
web_connect(struct web *web, int receive_buffer)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
				       .sin_port = htons((uint16_t)web->port),
				       .sin_addr.s_addr =
					       htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (receive_buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
			   sizeof(receive_buffer));
	assert_int_equal(connect(fd, (const void *)&at, sizeof(at)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
turn(struct web *web, int64_t until)
{
	if (clock_monotonic() > until)
		fail_msg("what was waited for did not come");
	loop_turn(web->loop, false);
}

void
web_send(struct web *web, int fd, struct slice bytes)
{
	int64_t until = clock_monotonic() + 20 * CLOCK_SECOND;

	while (bytes.len) {
		ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return; /* the server has closed: seen when read */
		if (n > 0)
			bytes = slice_make(bytes.data + n,
					   bytes.len - (size_t)n);
		turn(web, until);
	}
}

void
web_read(struct web *web, int fd, struct buf *in, const char *mark)
{
	int64_t until = clock_monotonic() + 20 * CLOCK_SECOND;

	for (;;) {
		char *room = buf_room(in, 65536);
		assert_non_null(room);
		ssize_t n = recv(fd, room, 65536, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
		in->len += n > 0 ? (size_t)n : 0;
		if (mark && slice_find(buf_slice(in), slice_of(mark)) < in->len)
			return;
		turn(web, until);
	}
	if (mark)
		fail_msg("closed before '%s': %.*s", mark,
			 SLICE_ARG(buf_slice(in)));
}

void
web_until(struct web *web, const size_t *counter, size_t n)
{
	int64_t until = clock_monotonic() + 20 * CLOCK_SECOND;

	while (*counter < n)
		turn(web, until);
}

void
web_settle(struct web *web)
{
	for (int i = 0; i < 20; i++)
		loop_turn(web->loop, false);
}

void
web_statuses(struct slice bytes, bool closed, struct buf *out)
{
	static const struct slice mark = {"HTTP/1.1 ", 9};
	size_t at;

	while ((at = slice_find(bytes, mark)) < bytes.len &&
	       bytes.len - at >= 12) {
		bool interim = bytes.data[at + 9] == '1';
		if (out->len && !interim)
			buf_addc(out, ',');
		if (!interim)
			buf_add(out, bytes.data + at + 9, 3);
		bytes = slice_make(bytes.data + at + 12, bytes.len - at - 12);
	}
	if (closed)
		buf_addc(out, 'x');
}

int
web_make(void **state)
{
	*state = web_open(NULL);
	return 0;
}

int
web_drop(void **state)
{
	struct web *web = *state;

	web_close(&web);
	return 0;
}
