/*
 * The body of an answer, on its way to the caller.
 *
 * libcurl hands it over until the head is known.  A stream that comes over
 * plain TCP in chunks is then read from its socket by ourselves: libcurl takes
 * several times as long over a piece of a hundred bytes as the rest of us, and
 * its handle is half of the memory of a stream.  The socket is kept open by a
 * second descriptor while libcurl drops the transfer with the first.  Both ways
 * end in feed(), and libcurl leaves the chunks of such a call as they are, so
 * that nothing is lost between the two.
 *
 * Everything else (TLS, a proxy, a length, errors) stays with libcurl.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fetch/fetch_private.h"
#include "mneme/loop.h"

enum {
	EVENTS = LOOP_READ | LOOP_EDGE | LOOP_LAZY,
	/* Later ones may read ahead of what they hand over. */
	CURL_READ_AHEAD = 0x080000,
	AT_ONCE = 4, /* reads of one stream before others have their turn */
};

bool
fetch_may_read(const struct fetch_request *request, bool loopback)
{
	static const char *const proxies[] = {"http_proxy", "all_proxy",
					      "ALL_PROXY"};

	if (request->body_max || strncasecmp(request->url, "http:", 5) != 0 ||
	    curl.version_info(CURLVERSION_NOW)->version_num >= CURL_READ_AHEAD)
		return false;
	for (size_t i = 0; i < COUNT(proxies) && !loopback; i++) {
		const char *proxy = getenv(proxies[i]);
		if (proxy && *proxy)
			return false;
	}
	return true;
}

static bool
deliver(struct fetch_call *call, struct slice bytes)
{
	if (call->body_max && bytes.len > call->body_max - call->body_len)
		return error_set(fetch_own_error(call), ERROR_LIMIT,
				 "the answer of %s is over %zu bytes",
				 call->host, call->body_max);
	call->body_len += bytes.len;
	if (!call->events.body(call->events.arg, bytes) && !call->err)
		error_set(fetch_own_error(call), ERROR_CANCELLED, "cancelled");
	return !call->err && call->state != FETCH_DEAD;
}

static bool
feed(struct fetch_call *call, struct slice bytes)
{
	struct slice piece;

	call->heard = loop_now(call->fetch->loop);
	if (!call->raw || !call->chunked)
		return deliver(call, bytes);
	do {
		if (!unchunk_next(&call->unchunk, &bytes, &piece)) {
			call->transient = true;
			return error_set(fetch_own_error(call), ERROR_UPSTREAM,
					 "%s broke off its answer (what comes "
					 "is no chunk)",
					 call->host);
		}
		if (piece.len && !deliver(call, piece))
			return false;
	} while (piece.len);
	return true;
}

size_t
fetch_on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct fetch_call *call = arg;

	if (call->state == FETCH_DEAD)
		return CURL_WRITEFUNC_ERROR;
	if (call->paused) {
		call->heard = loop_now(call->fetch->loop);
		call->held = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (!feed(call, slice_make(bytes, size * n)))
		return CURL_WRITEFUNC_ERROR;
	if (call->raw && call->chunked)
		fetch_mark(call); /* to be taken over */
	return size * n;
}

/* ---- from the socket ---- */

static void
fail(struct fetch_call *call, CURLcode code, const char *why)
{
	snprintf(call->reason, sizeof(call->reason), "%.*s",
		 (int)sizeof(call->reason) - 1, why);
	fetch_conclude(call, code);
}

/* False when nothing more can be there now. */
static bool
read_some(struct fetch_call *call, bool last)
{
	struct fetch *fetch = call->fetch;

	if (call->paused || call->state == FETCH_DEAD)
		return false;
	ssize_t n = recv(call->fd, fetch->in, sizeof(fetch->in), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (n < 0)
		fail(call, CURLE_RECV_ERROR, strerror(errno));
	else if (n == 0)
		fail(call, CURLE_PARTIAL_FILE,
		     "the connection was closed before its end");
	else if (!feed(call, slice_make(fetch->in, (size_t)n)))
		fetch_conclude(call, CURLE_WRITE_ERROR);
	else if (call->unchunk.state == UNCHUNK_OVER)
		fetch_conclude(call, CURLE_OK);
	return last || n == sizeof(fetch->in);
}

static void
on_readable(void *arg, unsigned events)
{
	struct fetch_call *call = arg;
	struct fetch *fetch = call->fetch;
	bool more = true;

	fetch->inside++;
	for (int i = 0; i < AT_ONCE && more; i++)
		more = read_some(call, events & LOOP_HUP);
	if (more && call->watch)
		loop_watch_events(call->watch, EVENTS);
	fetch->inside--;
	fetch_sweep(fetch);
}

static void
watch(struct fetch_call *call)
{
	struct error err;

	call->watch = loop_watch(call->fetch->loop, call->fd, EVENTS,
				 on_readable, call, &err);
	if (!call->watch)
		fail(call, CURLE_RECV_ERROR, err.text);
}

void
fetch_take_over(struct fetch_call *call)
{
	if (call->own || !call->raw || !call->chunked || call->held ||
	    call->paused || call->waits != CURL_POLL_IN)
		return;
	int fd = fcntl(call->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Before it is closed: what stays open stays watched. */
	fetch_unwatch(call);
	fetch_drop_handle(call);
	call->own = true;
	call->fd = fd;
	watch(call);
}

void
fetch_read_on(struct fetch_call *call, bool on)
{
	/* An error would be told of a socket that is watched for nothing. */
	if (!on)
		loop_unwatch(&call->watch);
	else if (call->watch)
		loop_watch_events(call->watch, EVENTS);
	else if (call->state != FETCH_DEAD)
		watch(call);
}

void
fetch_close(struct fetch_call *call)
{
	loop_unwatch(&call->watch);
	if (call->own)
		close(call->fd);
}
