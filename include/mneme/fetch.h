/*
 * fetch.h - HTTP requests to the outside, on the loop: libcurl, loaded with
 * the first request.
 *
 * HTTP/1.1, connections kept for reuse, the system's CA bundle (or
 * SSL_CERT_FILE, or settings), the proxies of the environment, no redirects,
 * no total time-out: one for connecting and one between bytes.  The body of a
 * stream that comes in chunks over plain TCP is read past libcurl, which is
 * several times cheaper; its connection is closed when it is over.
 */
#ifndef MNEME_FETCH_H
#define MNEME_FETCH_H

#include "mneme/base.h"

struct error;
struct fetch;
struct fetch_call;
struct loop;

struct fetch_settings {
	int64_t connect_timeout; /* microseconds */
	int64_t idle_timeout;    /* microseconds without a byte */
	const char *ca_file;     /* NULL: SSL_CERT_FILE, else the system's */
};

struct fetch_header {
	const char *name;
	const char *value;
};

struct fetch_request {
	const char *method; /* "GET", "POST" */
	const char *url;    /* https, or http */
	const struct fetch_header *headers;
	size_t header_count;
	struct slice body; /* copied */
	size_t body_max;   /* of the answer; 0: no ceiling (a stream) */
};

struct fetch_head {
	int status;
	int64_t retry_after; /* microseconds from now; -1 when not given */
	struct slice content_type;
	struct slice request_id; /* the peer's name for it, may be empty */
	struct slice cache_control;
	struct slice location; /* of a redirect, which is the caller's */
};

/* Called on the loop, never from inside fetch_start().  `body` returning false
 * cancels, and `end` says ERROR_CANCELLED; exactly one `end` comes, unless
 * fetch_cancel() was called: then nothing more does. */
struct fetch_events {
	void (*head)(void *arg,
		     const struct fetch_head *head); /* may be NULL */
	bool (*body)(void *arg, struct slice bytes);
	void (*end)(void *arg, const struct error *err); /* NULL: all arrived */
	void *arg;
};

struct fetch *fetch_create(struct loop *loop,
			   const struct fetch_settings *settings);
void fetch_destroy(struct fetch **fetch); /* cancels what runs */

/* The request is copied.  The call is borrowed until `end` returns, or until
 * fetch_cancel(). */
struct fetch_call *fetch_start(struct fetch *fetch,
			       const struct fetch_request *request,
			       const struct fetch_events *events,
			       struct error *err);
void fetch_cancel(struct fetch_call **call);

/* In `end`: the same request may well work a moment later (refused, broken
 * off, no connection in time), unlike a wrong name or certificate. */
bool fetch_transient(const struct fetch_call *call);
/* In `end`: it took too long. */
bool fetch_timed_out(const struct fetch_call *call);

/* Host and port of a URL, without a name and password; false unless it is
 * http or https and has one. */
enum { FETCH_HOST_TEXT = 256 };
bool fetch_host(const char *url, char host[FETCH_HOST_TEXT]);

/* Back-pressure: stop reading from the peer, and go on. */
void fetch_pause(struct fetch_call *call, bool paused);

#endif
