/*
 * Streams.  A piece goes out as one chunk, put together in the server's
 * scratch when it is an event.  Nothing is kept for a client that reads; for
 * one that does not, up to settings.stream_max, and then it is let go.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/answer.h"
#include "http/inner.h"

enum { SIZE_ROOM = 10 /* 8 digits, CR LF */ };

static size_t
full_at(const struct exchange *x)
{
	return x->server->settings.stream_max / 4;
}

static size_t
room_at(const struct exchange *x)
{
	return x->server->settings.stream_max / 16;
}

static bool
silent(const struct exchange *x)
{
	return x->public.method == HTTP_HEAD || x->public.status == 204 ||
	       x->public.status == 304;
}

void
http_stream(struct http_exchange *public, int status, const char *type,
	    const struct http_stream_events *events)
{
	struct exchange *x = HOLDER(public, struct exchange, public);

	assert(!x->begun);
	x->begun = x->stream = true;
	x->server->stats.streams++;
	public->status = status;
	x->events = events ? *events : (struct http_stream_events){0};
	x->told = TOLD_NOTHING;
	if (!x->connection || x->server->stopping)
		exchange_lose_later(x);
	if (!x->connection)
		return;
	answer_head(x, status, type, -1);
	buf_clear(&x->fields); /* a stream may last */
	struct iovec head = {x->server->scratch.data, x->server->scratch.len};
	transfer_send(x->connection, &head, 1, OUT_MAX);
}

void
http_events(struct http_exchange *public,
	    const struct http_stream_events *events)
{
	struct exchange *x = HOLDER(public, struct exchange, public);

	http_add(public, "Cache-Control", slice_of("no-cache"));
	http_add(public, "X-Accel-Buffering", slice_of("no"));
	x->server_sent = true;
	http_stream(public, 200, "text/event-stream; charset=utf-8", events);
	if (x->connection && x->connection->waits_for == WAIT_NOTHING)
		wait_for(x->connection, WAIT_COMMENT);
}

static enum http_room
room_of(struct exchange *x, bool taken)
{
	if (!taken)
		return HTTP_GONE;
	if (transfer_waiting(x->connection) <= full_at(x)) {
		if (x->server_sent && !transfer_waiting(x->connection))
			wait_for(x->connection, WAIT_COMMENT);
		return HTTP_ROOM;
	}
	x->full = true;
	return HTTP_FULL;
}

enum http_room
http_stream_write(struct http_exchange *public, struct slice bytes)
{
	struct exchange *x = HOLDER(public, struct exchange, public);
	char size[SIZE_ROOM + 1];

	assert(x->stream && !x->ended);
	if (!x->connection || x->connection->broken)
		return HTTP_GONE;
	if (silent(x) || !bytes.len)
		return HTTP_ROOM;
	if (bytes.len > UINT32_MAX / 2)
		abort();
	int digits =
		snprintf(size, sizeof(size), "%x\r\n", (unsigned)bytes.len);
	struct iovec iov[] = {
		{size, (size_t)digits},
		{(char *)bytes.data, bytes.len},
		{(char *)"\r\n", 2},
	};
	public->bytes_out += bytes.len;
	bool taken = x->chunked ? transfer_send(x->connection, iov, 3,
						x->server->settings.stream_max)
				: transfer_send(x->connection, iov + 1, 1,
						x->server->settings.stream_max);
	return room_of(x, taken);
}

/* "name: value\n"; a line break in the value begins a line of its own. */
static void
add_lines(struct buf *out, const char *name, struct slice value)
{
	struct slice line;

	do {
		size_t n = 0;
		while (n < value.len && value.data[n] != '\n' &&
		       value.data[n] != '\r')
			n++;
		line = slice_make(value.data, n);
		bool more = n < value.len;
		bool pair = more && value.data[n] == '\r' &&
			    n + 1 < value.len && value.data[n + 1] == '\n';
		buf_adds(out, name);
		buf_add_slice(out, line);
		buf_addc(out, '\n');
		n += more + pair;
		value = slice_make(value.data + n, value.len - n);
		if (!more)
			return;
	} while (true);
}

/* Send what stands in the scratch behind SIZE_ROOM bytes as one chunk. */
static enum http_room
send_scratch(struct exchange *x)
{
	struct buf *out = &x->server->scratch;
	size_t len = out->len - SIZE_ROOM;
	char *begin = out->data + SIZE_ROOM;

	x->public.bytes_out += len;
	if (x->chunked) {
		static const char hex[] = "0123456789abcdef";
		*--begin = '\n';
		*--begin = '\r';
		for (size_t n = len; n; n >>= 4)
			*--begin = hex[n & 15];
		buf_adds(out, "\r\n");
	}
	struct iovec iov = {begin, (size_t)(out->data + out->len - begin)};
	return room_of(x, transfer_send(x->connection, &iov, 1,
					x->server->settings.stream_max));
}

enum http_room
http_events_send(struct http_exchange *public, struct slice id,
		 struct slice data)
{
	struct exchange *x = HOLDER(public, struct exchange, public);
	struct buf *out = &x->server->scratch;

	assert(x->server_sent && !x->ended);
	if (!x->connection || x->connection->broken)
		return HTTP_GONE;
	if (silent(x))
		return HTTP_ROOM;
	buf_reset(out);
	/* The chunk's size is written right before the event. */
	buf_add(out, "          ", SIZE_ROOM);
	if (id.len)
		add_lines(out, "id: ", id);
	add_lines(out, "data: ", data);
	buf_addc(out, '\n');
	if (out->over)
		return HTTP_GONE;
	return send_scratch(x);
}

/* Nothing was said for a while. */
void
stream_comment(struct exchange *x)
{
	struct buf *out = &x->server->scratch;

	if (x->ended || silent(x)) {
		return;
	}
	buf_reset(out);
	buf_add(out, "          ", SIZE_ROOM);
	buf_adds(out, ":\n\n");
	send_scratch(x);
}

/* Some of what waited has gone. */
void
stream_room(struct exchange *x)
{
	if (x->ended)
		return;
	if (!transfer_waiting(x->connection) && x->server_sent)
		wait_for(x->connection, WAIT_COMMENT);
	if (!x->full || transfer_waiting(x->connection) > room_at(x))
		return;
	x->full = false;
	if (x->events.ready)
		x->events.ready(x->events.arg);
}

size_t
http_stream_waiting(const struct http_exchange *public)
{
	const struct exchange *x = HOLDER(public, struct exchange, public);

	return x->connection ? transfer_waiting(x->connection) : 0;
}

static void
end(struct exchange *x)
{
	x->ended = true;
	if (!x->connection) {
		x->server->owed--;
		exchange_over(x);
	} else if (!transfer_waiting(x->connection) || x->connection->broken) {
		exchange_flushed(x);
	}
}

void
http_stream_end(struct http_exchange *public)
{
	struct exchange *x = HOLDER(public, struct exchange, public);
	struct iovec last = {(char *)"0\r\n\r\n", 5};

	assert(x->stream && !x->ended);
	if (x->connection && x->chunked && !silent(x))
		transfer_send(x->connection, &last, 1, OUT_MAX);
	end(x);
}

void
http_stream_cut(struct http_exchange *public)
{
	struct exchange *x = HOLDER(public, struct exchange, public);
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	assert(x->stream && !x->ended);
	if (x->connection) {
		x->connection->close = true;
		/* Without chunks only a reset tells a break from the end. */
		if (!x->chunked)
			setsockopt(x->connection->fd, SOL_SOCKET, SO_LINGER,
				   &reset, sizeof(reset));
	}
	end(x);
}
