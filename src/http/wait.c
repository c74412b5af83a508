/*
 * Each kind of wait lasts as long for everybody, so a list in the order of
 * arrival is in the order of ends, and joining one costs a few pointers.  One
 * timer serves all: it is set for the first end there is, and set again only
 * when it fires, so that a request does not touch it.
 */
#include "http/inner.h"
#include "mneme/loop.h"

static void
set_timer(struct http_server *server, int64_t due)
{
	server->timer_due = due;
	loop_timer_set(server->timer, due - loop_now(server->loop));
}

void
wait_for(struct connection *c, enum wait kind)
{
	struct http_server *server = c->server;

	list_unlink(&c->wait);
	c->waits_for = kind;
	if (kind == WAIT_NOTHING)
		return;
	c->due = loop_now(server->loop) + server->spans[kind];
	list_insert(&server->waits[kind], &c->wait);
	if (!loop_timer_pending(server->timer) || c->due < server->timer_due)
		set_timer(server, c->due);
}

static void
expire(struct http_server *server, enum wait kind, int64_t *next)
{
	int64_t now = loop_now(server->loop);

	while (!list_empty(&server->waits[kind])) {
		struct connection *c = HOLDER(server->waits[kind].next,
					      struct connection, wait);
		if (c->due > now) {
			*next = MIN(*next, c->due);
			return;
		}
		wait_for(c, WAIT_NOTHING);
		connection_expire(c, kind);
	}
}

static void
on_timer(void *arg)
{
	struct http_server *server = arg;
	int64_t next = INT64_MAX;

	for (int kind = 0; kind < WAIT_COUNT; kind++)
		expire(server, (enum wait)kind, &next);
	/* Those that were entered meanwhile are no earlier than now. */
	for (int kind = 0; kind < WAIT_COUNT; kind++)
		if (!list_empty(&server->waits[kind]))
			next = MIN(next, HOLDER(server->waits[kind].next,
						struct connection, wait)
						 ->due);
	if (next != INT64_MAX)
		set_timer(server, next);
}

void
wait_init(struct http_server *server)
{
	for (int kind = 0; kind < WAIT_COUNT; kind++)
		list_init(&server->waits[kind]);
	server->timer = loop_timer(server->loop, on_timer, server);
}
