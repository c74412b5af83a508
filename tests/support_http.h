/*
 * support_http.h - a server and its clients on one loop, turned by the test.
 *
 * The server answers what it was asked: "METHOD target body".  Some paths do
 * more, see support_http.c.
 */
#ifndef SUPPORT_HTTP_H
#define SUPPORT_HTTP_H

#include "mneme/buf.h"
#include "mneme/http.h"

struct loop;

struct web {
	struct loop *loop;
	struct http_server *server;
	struct http_tls *tls;
	unsigned port;
	struct http_exchange *held; /* of /hold: to be answered by the test */
	struct http_exchange *stream;
	size_t requests, finished, gone, ready, stopping;
	int last_status;
	bool last_gone;
	char last_id[HTTP_ID_MAX + 1];
	bool stopped;
};

struct web *web_open(const struct http_settings *settings);
void web_close(struct web **web);

/* cmocka's setup and teardown; *state is the struct web. */
int web_make(void **state);
int web_drop(void **state);

/* A client's socket, not blocking, with a small receive buffer if asked. */
int web_connect(struct web *web, int receive_buffer);
void web_send(struct web *web, int fd, struct slice bytes);

/* Turn the loop while adding to `in` what comes: until it ends with, or has,
 * `mark`, or (NULL) the connection ends.  Fails the test after 20 s. */
void web_read(struct web *web, int fd, struct buf *in, const char *mark);

/* Turn the loop until *counter is at least n. */
void web_until(struct web *web, const size_t *counter, size_t n);

/* Turn it while there is something to do at once. */
void web_settle(struct web *web);

/* The statuses in `bytes` but 100, ended by "x" when `closed`: "200,400x". */
void web_statuses(struct slice bytes, bool closed, struct buf *out);

#endif
