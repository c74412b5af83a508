/*
 * One connection: what its socket says, what it waits for, how it ends.
 *
 * `busy` is set while its own event is handled; calls from outside at other
 * times only mark it, and the sweep settles it.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/answer.h"
#include "http/inner.h"
#include "mneme/error.h"
#include "mneme/loop.h"

static void on_event(void *arg, unsigned events);

struct connection *
connection_open(struct http_server *server, int fd, struct http_tls *tls,
		struct error *err)
{
	struct connection *c = xcalloc(1, sizeof(*c));

	c->server = server;
	c->fd = fd;
	c->events = LOOP_READ;
	c->waits_for = WAIT_NOTHING;
	list_init(&c->link);
	list_init(&c->wait);
	list_init(&c->swept);
	buf_init(&c->out, OUT_MAX);
	if (tls && !(c->tls = tls_open(tls, fd, err))) {
		free(c);
		return NULL;
	}
	c->watch = loop_watch(server->loop, fd, LOOP_READ, on_event, c, err);
	if (!c->watch) {
		tls_close(&c->tls);
		free(c);
		return NULL;
	}
	list_insert(&server->connections, &c->link);
	server->stats.connections++;
	wait_for(c, WAIT_HEAD);
	return c;
}

void
connection_close(struct connection *c)
{
	struct http_server *server = c->server;

	if (c->exchange)
		exchange_lose(c->exchange);
	list_unlink(&c->link);
	list_unlink(&c->wait);
	list_unlink(&c->swept);
	tls_close(&c->tls);
	loop_unwatch(&c->watch);
	close(c->fd);
	block_give(server, &c->in);
	server->stats.waiting -= transfer_waiting(c);
	server->stats.connections--;
	buf_clear(&c->out);
	peer_leave(server, c->peer);
	free(c);
	server_wake_listeners(server);
	server_check_stopped(server);
}

void
connection_later(struct connection *c)
{
	if (!list_empty(&c->swept))
		return;
	list_insert(&c->server->swept, &c->swept);
	loop_timer_set(c->server->sweep, 0);
}

/* All is said; a client that still sends shall not lose it to a reset. */
static void
say_goodbye(struct connection *c)
{
	bool unread = c->linger || (c->in && c->in->len);

	c->window_seen = 0;
	if (!unread || c->eof) {
		c->state = CLOSING;
		return;
	}
	c->state = LINGERING;
	if (c->tls)
		tls_goodbye(c->tls);
	shutdown(c->fd, SHUT_WR);
	wait_for(c, WAIT_LINGER);
}

void
connection_next(struct connection *c)
{
	c->scan = (struct head_scan){0};
	if (c->close || c->eof || c->broken || c->server->stopping) {
		say_goodbye(c);
	} else if (c->state != SKIPPING && c->body_left) {
		c->state = SKIPPING;
		c->window_seen = 0;
		wait_for(c, WAIT_BODY);
	} else {
		c->state = READING_HEAD;
		wait_for(c, WAIT_IDLE);
	}
	if (!c->busy)
		connection_later(c);
}

/* Where the next bytes go; false when they have to stay where they are. */
static bool
find_room(struct connection *c, char **to, size_t *room)
{
	struct block *in;

	if (c->state == READING_BODY && !c->exchange->chunked_in &&
	    !(c->in && c->in->len)) {
		*to = buf_room(&c->exchange->body, c->body_left);
		*room = c->body_left;
		return *to != NULL;
	}
	if (!c->in)
		c->in = block_take(c->server, BLOCK_FIRST);
	in = c->in;
	if (in->len == in->cap && c->state == READING_HEAD &&
	    in->cap < BLOCK_MOST) {
		in = xrealloc(in, 1, sizeof(*in) + in->cap * 2);
		in->cap *= 2;
		c->in = in;
	}
	*to = in->data + in->len;
	*room = in->cap - in->len;
	return *room > 0;
}

static void
took(struct connection *c, size_t n)
{
	if (c->state == READING_BODY || c->state == SKIPPING)
		c->window_seen += n;
	if (c->state == READING_BODY && !c->exchange->chunked_in &&
	    !(c->in && c->in->len)) {
		c->exchange->body.len += n;
		c->body_left -= n;
	} else {
		c->in->len += n;
	}
}

static void
ended_input(struct connection *c)
{
	c->eof = true;
	switch (c->state) {
	case ANSWERING:
		/* Who has only closed his side of an answer gets it; a stream
		 * is for someone who stays. */
		c->close = true;
		if (c->exchange && c->exchange->stream)
			c->broken = true;
		else if (c->exchange)
			exchange_lose_later(c->exchange);
		break;
	default:
		c->broken = true;
	}
}

static void
discard(struct connection *c)
{
	char bytes[4096];
	ssize_t n;

	while ((n = transfer_receive(c, bytes, sizeof(bytes))) > 0) {
		c->window_seen += (size_t)n;
		if (c->window_seen > LINGER_MAX)
			break;
	}
	if (n >= 0 || errno != EAGAIN)
		c->broken = true;
}

static void
read_some(struct connection *c)
{
	size_t room;
	char *to;

	do {
		if (c->state == LINGERING || c->state == CLOSING) {
			discard(c);
			return;
		}
		if (!find_room(c, &to, &room))
			return;
		ssize_t n = transfer_receive(c, to, room);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			c->broken = true;
			return;
		}
		if (n == 0) {
			ended_input(c);
			return;
		}
		took(c, (size_t)n);
		request_run(c);
	} while (!c->broken && transfer_pending(c));
}

static void
flush(struct connection *c)
{
	struct exchange *x = c->exchange;

	transfer_flush(c);
	if (!x || c->broken)
		return;
	if (x->ended && !transfer_waiting(c))
		exchange_flushed(x);
	else if (x->stream)
		stream_room(x);
	/* Whether that was the end or not, more may wait in the input. */
	if (c->state != ANSWERING)
		request_run(c);
}

static void
on_event(void *arg, unsigned events)
{
	struct connection *c = arg;

	c->busy = true;
	if (events == LOOP_HUP)
		c->broken = true;
	if (!c->broken && (events & LOOP_WRITE || c->tls))
		flush(c);
	if (!c->broken && (events & LOOP_READ || c->tls))
		read_some(c);
	c->busy = false;
	connection_settle(c);
}

void
connection_settle(struct connection *c)
{
	if (!c->broken && c->state != ANSWERING && c->in && c->in->len) {
		c->busy = true;
		request_run(c);
		c->busy = false;
	}
	if (c->broken || (c->state == CLOSING && !transfer_waiting(c))) {
		if (c->state == CLOSING && c->tls)
			tls_goodbye(c->tls);
		connection_close(c);
		return;
	}
	if (c->in && !c->in->len && !c->used)
		block_give(c->server, &c->in);
	transfer_watch(c);
}

/* The body may come slowly, but it has to come. */
static bool
body_comes(struct connection *c)
{
	const struct http_settings *s = &c->server->settings;
	int64_t seconds = s->body_window / 1000000;
	bool enough = c->window_seen >= s->body_rate * (size_t)MAX(seconds, 1);

	c->window_seen = 0;
	if (enough)
		wait_for(c, WAIT_BODY);
	return enough;
}

static void
time_out(struct connection *c, const char *why)
{
	struct exchange *x = c->exchange;

	c->busy = true;
	if (!x) {
		request_refuse(c, 408, "timeout", why);
	} else {
		c->state = ANSWERING;
		c->close = c->linger = true;
		x->body_whole = true;
		answer_refusal(x, 408, "timeout", "%s", why);
	}
	c->busy = false;
}

void
connection_expire(struct connection *c, enum wait kind)
{
	switch (kind) {
	case WAIT_HEAD:
		c->server->stats.timeouts++;
		if (c->in && c->in->len)
			time_out(c, "the request's head did not come in time");
		else
			c->broken = true;
		break;
	case WAIT_BODY:
		if (body_comes(c))
			return;
		c->server->stats.timeouts++;
		if (c->state == READING_BODY)
			time_out(c, "the request's body came too slowly");
		else
			c->broken = true;
		break;
	case WAIT_COMMENT:
		if (c->exchange)
			stream_comment(c->exchange);
		break;
	case WAIT_WRITE:
		c->server->stats.timeouts++;
		c->broken = true;
		break;
	default:
		c->broken = true;
	}
	connection_settle(c);
}
