/*
 * The server: who may connect, and how it comes to an end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http/inner.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/id.h"
#include "mneme/loop.h"

enum { SCRATCH_MAX = 2 << 20, DESCRIPTORS_KEPT = 64 };

/* Half of the descriptors: a request may need one upstream. */
static size_t
connections_possible(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return 10000;
	if (limit.rlim_cur < 4 * DESCRIPTORS_KEPT)
		return DESCRIPTORS_KEPT;
	return (size_t)(limit.rlim_cur - DESCRIPTORS_KEPT) / 2;
}

static void
set_defaults(struct http_settings *s)
{
#define DEFAULT(field, value) s->field = s->field ? s->field : (value)
	DEFAULT(connection_max, connections_possible());
	DEFAULT(peer_max, 256);
	DEFAULT(local_max, SIZE_MAX);
	DEFAULT(head_timeout, 10 * CLOCK_SECOND);
	DEFAULT(body_window, 10 * CLOCK_SECOND);
	DEFAULT(body_rate, 1024);
	DEFAULT(idle_timeout, 60 * CLOCK_SECOND);
	DEFAULT(write_timeout, 60 * CLOCK_SECOND);
	DEFAULT(comment_interval, 15 * CLOCK_SECOND);
	DEFAULT(stream_max, 256 << 10);
#undef DEFAULT
}

static void
sweep(void *arg)
{
	struct http_server *server = arg;

	while (!list_empty(&server->swept)) {
		struct connection *c =
			HOLDER(server->swept.next, struct connection, swept);
		list_unlink(&c->swept);
		connection_settle(c);
	}
	exchange_tell_lost(server);
	if (!server->stopping || !list_empty(&server->connections) ||
	    !server->stopped)
		return;
	/* It may destroy the server. */
	void (*stopped)(void *) = server->stopped;
	server->stopped = NULL;
	loop_timer_stop(server->grace);
	stopped(server->stopped_arg);
}

/* Who waits for an answer gets one, if its owner has something to say. */
static void
cut_all(void *arg)
{
	struct http_server *server = arg;

	LIST_EACH(&server->connections, at)
	{
		struct connection *c = HOLDER(at, struct connection, link);
		if (c->exchange && c->state == ANSWERING)
			exchange_tell_stopping(c->exchange);
	}

	LIST_EACH(&server->connections, at)
	{
		struct connection *c = HOLDER(at, struct connection, link);
		c->broken = true;
		connection_later(c);
	}
}

struct http_server *
http_server_create(struct loop *loop, const struct http_settings *settings,
		   const struct http_handler *handler)
{
	struct http_server *server = xcalloc(1, sizeof(*server));

	server->loop = loop;
	server->settings = *settings;
	set_defaults(&server->settings);
	server->handler = *handler;
	list_init(&server->listeners);
	list_init(&server->connections);
	list_init(&server->swept);
	list_init(&server->lost);
	buf_init(&server->scratch, SCRATCH_MAX);
	server->spans[WAIT_HEAD] = server->settings.head_timeout;
	server->spans[WAIT_BODY] = server->settings.body_window;
	server->spans[WAIT_IDLE] = server->settings.idle_timeout;
	server->spans[WAIT_WRITE] = server->settings.write_timeout;
	server->spans[WAIT_COMMENT] = server->settings.comment_interval;
	server->spans[WAIT_LINGER] = 2 * CLOCK_SECOND;
	wait_init(server);
	server->sweep = loop_timer(loop, sweep, server);
	server->grace = loop_timer(loop, cut_all, server);
	random_bytes(&server->id_seed, sizeof(server->id_seed));
	return server;
}

void
server_free_when_done(struct http_server *server)
{
	if (!server->destroyed || server->stats.exchanges)
		return;
	exchange_free_spares(server);
	free(server);
}

static void
drop_listener(struct listener *listener)
{
	list_unlink(&listener->link);
	loop_unwatch(&listener->watch);
	close(listener->fd);
	if (listener->path)
		unlink(listener->path);
	free(listener->path);
	free(listener);
}

static void
drop_listeners(struct http_server *server)
{
	LIST_EACH(&server->listeners, at)
	drop_listener(HOLDER(at, struct listener, link));
}

void
http_server_destroy(struct http_server **server)
{
	struct http_server *s = *server;

	if (!s)
		return;
	drop_listeners(s);
	while (!list_empty(&s->connections))
		connection_close(
			HOLDER(s->connections.next, struct connection, link));
	map_clear(&s->peers, free);
	loop_timer_drop(&s->timer);
	loop_timer_drop(&s->sweep);
	loop_timer_drop(&s->grace);
	buf_clear(&s->scratch);
	s->destroyed = true;
	server_free_when_done(s);
	*server = NULL;
}

/* ---- the end */

void
server_check_stopped(struct http_server *server)
{
	if (server->stopping && list_empty(&server->connections))
		loop_timer_set(server->sweep, 0);
}

static void
stop_one(struct connection *c)
{
	struct exchange *x = c->exchange;

	if (c->state == READING_HEAD && !(c->in && c->in->len)) {
		c->broken = true;
		connection_later(c);
		return;
	}
	if (x && x->stream)
		exchange_tell_stopping(x);
}

void
http_server_stop(struct http_server *server, int64_t grace,
		 void (*done)(void *arg), void *arg)
{
	server->stopping = true;
	server->stopped = done;
	server->stopped_arg = arg;
	drop_listeners(server);
	loop_timer_set(server->grace, grace);
	LIST_EACH(&server->connections, at)
	stop_one(HOLDER(at, struct connection, link));
	server_check_stopped(server);
}

bool
http_server_stopping(const struct http_server *server)
{
	return server->stopping;
}

void
http_stats(const struct http_server *server, struct http_stats *out)
{
	*out = server->stats;
}

/* ---- who may connect */

static void
peer_key(const struct sockaddr_storage *from, struct peer *peer)
{
	const struct sockaddr_in6 *six = (const void *)from;
	const struct sockaddr_in *four = (const void *)from;

	if (from->ss_family == AF_INET) {
		peer->key_len = 4;
		memcpy(peer->key, &four->sin_addr, 4);
	} else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		peer->key_len = 4;
		memcpy(peer->key, six->sin6_addr.s6_addr + 12, 4);
	} else {
		peer->key_len = 8;
		memcpy(peer->key, six->sin6_addr.s6_addr, 8);
	}
}

bool
server_is_loopback(const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const void *)from;
	const struct sockaddr_in *four = (const void *)from;

	if (from->ss_family != AF_INET && from->ss_family != AF_INET6)
		return false;
	if (from->ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) &&
		six->sin6_addr.s6_addr[12] == 127);
}

/* Count it; NULL when it has too many. */
static struct peer *
peer_join(struct http_server *server, const struct sockaddr_storage *from)
{
	size_t max = server_is_loopback(from) ? server->settings.local_max
					      : server->settings.peer_max;
	struct peer key = {0};

	peer_key(from, &key);
	struct slice name = slice_make(key.key, key.key_len);
	struct peer *peer = map_get(&server->peers, name);
	if (!peer) {
		peer = xcalloc(1, sizeof(*peer));
		*peer = key;
		map_put(&server->peers, name, peer);
	}
	if (peer->connections >= max)
		return NULL;
	peer->connections++;
	return peer;
}

void
peer_leave(struct http_server *server, struct peer *peer)
{
	if (!peer || --peer->connections)
		return;
	map_drop(&server->peers, slice_make(peer->key, peer->key_len));
	free(peer);
}

static void
write_address(const struct sockaddr_storage *from, char *out)
{
	const struct sockaddr_in6 *six = (const void *)from;
	const struct sockaddr_in *four = (const void *)from;

	if (from->ss_family == AF_INET)
		inet_ntop(AF_INET, &four->sin_addr, out, HTTP_ADDRESS_MAX);
	else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, out,
			  HTTP_ADDRESS_MAX);
	else
		inet_ntop(AF_INET6, &six->sin6_addr, out, HTTP_ADDRESS_MAX);
}

/* Room for one more, made by closing who has waited longest between requests,
 * if need be. */
static bool
have_room(struct http_server *server)
{
	struct list *idle = &server->waits[WAIT_IDLE];

	if (server->stats.connections < server->settings.connection_max)
		return true;
	if (list_empty(idle))
		return false;
	connection_close(HOLDER(idle->next, struct connection, wait));
	return true;
}

static void
turn_away(struct http_server *server, int fd)
{
	static const char answer[] =
		"HTTP/1.1 503 Service Unavailable\r\n"
		"Content-Type: application/problem+json\r\n"
		"Content-Length: 127\r\nRetry-After: 5\r\n"
		"Connection: close\r\n\r\n"
		"{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
		"\"status\":503,\"detail\":\"too many connections\","
		"\"code\":\"too_many_connections\"}";

	server->stats.refused++;
	/* As much as goes at once: whoever floods gets no patience. */
	send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

void
server_admit(struct listener *listener, int fd,
	     const struct sockaddr_storage *from)
{
	struct http_server *server = listener->server;
	bool inet = from->ss_family == AF_INET || from->ss_family == AF_INET6;
	struct peer *peer = NULL;

	if (!have_room(server) || (inet && !(peer = peer_join(server, from)))) {
		turn_away(server, fd);
		return;
	}
	struct connection *c = connection_open(server, fd, listener->tls, NULL);
	if (!c) {
		peer_leave(server, peer);
		turn_away(server, fd);
		return;
	}
	server->stats.accepted++;
	c->peer = peer;
	c->local = !inet || server_is_loopback(from);
	if (inet)
		write_address(from, c->address);
	else
		memcpy(c->address, "unix", 5);
}

void
server_wake_listeners(struct http_server *server)
{
	LIST_EACH(&server->listeners, at)
	{
		struct listener *l = HOLDER(at, struct listener, link);
		if (!l->asleep)
			continue;
		l->asleep = false;
		loop_watch_events(l->watch, LOOP_READ);
	}
}
