/*
 * A write goes to the kernel at once; what it does not take waits in `out`,
 * whose memory is given back when it has drained.  Over TLS everything passes
 * through `out`.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/inner.h"
#include "mneme/loop.h"

ssize_t
transfer_receive(struct connection *c, char *to, size_t room)
{
	ssize_t n;

	do
		n = c->tls ? tls_read(c->tls, to, room)
			   : recv(c->fd, to, room, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		c->server->stats.bytes_in += (uint64_t)n;
	return n;
}

bool
transfer_pending(const struct connection *c)
{
	return c->tls && tls_pending(c->tls);
}

size_t
transfer_waiting(const struct connection *c)
{
	return c->out.len - c->out_at;
}

/* Ask for what can be used now. */
void
transfer_watch(struct connection *c)
{
	unsigned events = 0;
	bool room = !c->in || c->in->len < c->in->cap;

	if (!c->eof && (c->state != ANSWERING || room))
		events |= LOOP_READ;
	if (transfer_waiting(c) || (c->tls && tls_wants_write(c->tls)))
		events |= LOOP_WRITE;
	if (events == c->events)
		return;
	c->events = events;
	loop_watch_events(c->watch, events);
}

/* Bytes that the kernel took of the vector; -1 when it is broken. */
static ssize_t
put(struct connection *c, const struct iovec *iov, int n)
{
	struct msghdr message = {.msg_iov = (struct iovec *)iov,
				 .msg_iovlen = (size_t)n};
	ssize_t sent;

	do
		sent = n == 1 ? send(c->fd, iov->iov_base, iov->iov_len,
				     MSG_NOSIGNAL)
			      : sendmsg(c->fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno == EAGAIN)
		return 0;
	return sent;
}

static bool
fail(struct connection *c)
{
	c->broken = true;
	if (!c->busy)
		connection_later(c);
	return false;
}

static void
sent(struct connection *c, size_t n)
{
	c->server->stats.bytes_out += n;
}

/* Keep what is behind the first `skip` bytes. */
static bool
keep(struct connection *c, const struct iovec *iov, int n, size_t skip,
     size_t max)
{
	size_t before = c->out.len;

	c->out.max = max + c->out_at;
	for (int i = 0; i < n; i++) {
		size_t over = MIN(skip, iov[i].iov_len);
		skip -= over;
		buf_add(&c->out, (char *)iov[i].iov_base + over,
			iov[i].iov_len - over);
	}
	c->server->stats.waiting += c->out.len - before;
	if (c->out.over)
		return fail(c);
	if (c->waits_for != WAIT_WRITE)
		wait_for(c, WAIT_WRITE);
	return true;
}

bool
transfer_send(struct connection *c, const struct iovec *iov, int n, size_t max)
{
	size_t total = 0;
	ssize_t taken = 0;

	if (c->broken)
		return false;
	for (int i = 0; i < n; i++)
		total += iov[i].iov_len;
	if (!transfer_waiting(c) && !c->tls) {
		taken = put(c, iov, n);
		if (taken < 0)
			return fail(c);
		sent(c, (size_t)taken);
	}
	if ((size_t)taken < total && !keep(c, iov, n, (size_t)taken, max))
		return false;
	if (c->tls)
		transfer_flush(c);
	if (!c->busy)
		transfer_watch(c);
	return !c->broken;
}

static ssize_t
put_waiting(struct connection *c)
{
	struct iovec rest = {c->out.data + c->out_at, transfer_waiting(c)};

	if (!c->tls)
		return put(c, &rest, 1);
	ssize_t n = tls_write(c->tls, rest.iov_base, rest.iov_len);
	return n < 0 && errno == EAGAIN ? 0 : n;
}

void
transfer_flush(struct connection *c)
{
	size_t before = transfer_waiting(c);

	while (transfer_waiting(c)) {
		ssize_t n = put_waiting(c);
		if (n < 0) {
			fail(c);
			return;
		}
		if (n == 0)
			break;
		c->out_at += (size_t)n;
		c->server->stats.waiting -= (size_t)n;
		sent(c, (size_t)n);
	}
	if (!before || transfer_waiting(c) == before)
		return;
	if (transfer_waiting(c)) {
		/* The front is given back before it is most of the memory. */
		if (c->out_at > c->out.len / 2) {
			buf_drop(&c->out, c->out_at);
			c->out_at = 0;
		}
		wait_for(c, WAIT_WRITE);
		return;
	}
	buf_clear(&c->out);
	c->out_at = 0;
	if (c->waits_for == WAIT_WRITE)
		wait_for(c, WAIT_NOTHING);
}
