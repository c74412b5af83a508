/*
 * inner.h - a server, its connections and exchanges, for the files of http/.
 *
 * A connection has at most one exchange; the next request is not looked at
 * before it is over.  Only two places let a connection go: the end of its own
 * event, and the sweep, which a timer of no time starts.  Everything that
 * callers may call marks the connection and leaves it there.
 */
#ifndef HTTP_INNER_H
#define HTTP_INNER_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "http/chunked.h"
#include "http/head.h"
#include "mneme/buf.h"
#include "mneme/http.h"
#include "mneme/list.h"
#include "mneme/map.h"

enum {
	BLOCK_FIRST = 1536,    /* of input */
	ARENA_FIRST = 2 << 10, /* of an exchange */
	BLOCK_MOST = 32 << 10, /* a request line and a head, and the rest */
	SPARES = 64,           /* blocks and exchanges kept for the next */
	OUT_MAX = 256 << 20,   /* bytes of an answer that wait */
	SKIP_MAX = 64 << 10,   /* of a refused body that is read on */
	LINGER_MAX = 1 << 20,  /* bytes thrown away after a close */
};

/* Bytes read, not yet understood, or a head that an exchange points into. */
struct block {
	struct block *next;
	size_t cap;
	size_t len;
	char data[];
};

/* What a connection waits for, each with one time for all of the kind: so each
 * list is in the order of its ends. */
enum wait {
	WAIT_HEAD,
	WAIT_BODY,
	WAIT_IDLE,
	WAIT_WRITE,
	WAIT_COMMENT,
	WAIT_LINGER,
	WAIT_COUNT,
	WAIT_NOTHING = WAIT_COUNT,
};

enum state {
	READING_HEAD,
	READING_BODY,
	SKIPPING,  /* what is left of a refused request */
	ANSWERING, /* the exchange is the owner's, or bytes wait */
	LINGERING, /* all is said; the client shall hear it before a reset */
	CLOSING,
};

struct connection {
	struct http_server *server;
	struct list link;  /* of all connections */
	struct list wait;  /* of a kind of wait */
	struct list swept; /* waits for the sweep */
	int64_t due;
	enum wait waits_for;
	enum state state;

	int fd;
	unsigned events;
	struct loop_watch *watch;
	struct tls_stream *tls;
	struct peer *peer;
	char address[HTTP_ADDRESS_MAX];
	bool local;

	bool busy;   /* in its own event */
	bool broken; /* the other side is gone, or must go */
	bool eof;    /* it sends no more */
	bool close;  /* after this answer */

	bool linger; /* there is input that nobody will read */

	struct block *in;
	size_t used; /* of it, the exchange's */
	struct head_scan scan;
	struct chunked chunked;
	size_t body_left;   /* of Content-Length, or to skip */
	size_t window_seen; /* body bytes in this window, or thrown away */

	struct exchange *exchange;
	struct buf out; /* what the kernel did not take ... */
	size_t out_at;  /* ... from here on */
};

struct exchange {
	struct http_exchange public;
	struct http_server *server;
	struct connection *connection; /* NULL: gone */
	struct exchange *next;         /* spare */
	struct list lost;              /* has to be told that it is gone */
	struct block *head;            /* where the slices point */
	struct buf body;
	struct buf fields; /* of the answer */
	struct http_stream_events events;
	size_t length; /* announced, of the body */
	unsigned minor;
	bool body_whole;
	bool waits_for_continue;
	bool chunked_in; /* the request */
	bool chunked;    /* the answer */
	bool in_head;    /* the owner's head function runs */
	bool begun;      /* the answer */
	bool ended;      /* the owner has done with it */
	bool stream, server_sent;
	bool full; /* HTTP_FULL was said */
	enum told { TOLD_NOTHING, TOLD_STOPPING, TOLD_GONE } told;
};

struct peer {
	size_t connections;
	char key[17];
	size_t key_len;
};

struct listener {
	struct list link;
	struct http_server *server;
	struct http_tls *tls;
	struct loop_watch *watch;
	int fd;
	char *path;  /* of a Unix socket */
	bool asleep; /* no descriptor was left */
};

struct http_server {
	struct loop *loop;
	struct http_settings settings;
	struct http_handler handler;
	struct list listeners;
	struct list connections;
	struct list swept;
	struct list lost;
	struct list waits[WAIT_COUNT];
	int64_t spans[WAIT_COUNT];
	struct loop_timer *timer; /* of the waits */
	int64_t timer_due;
	struct loop_timer *sweep;
	struct loop_timer *grace;
	struct map peers;
	struct block *blocks;
	size_t block_count;
	struct exchange *exchanges;
	size_t exchange_count;
	size_t owed; /* exchanges that the owner holds */
	struct http_stats stats;
	struct buf scratch; /* heads and chunks of answers */
	uint64_t id_seed, id_count;
	char date[40];
	int64_t date_second;
	struct head head; /* of the request being read */
	void (*stopped)(void *arg);
	void *stopped_arg;
	bool stopping;
	bool destroyed;
};

/* server.c */
void server_free_when_done(struct http_server *server);
void server_check_stopped(struct http_server *server);
void server_wake_listeners(struct http_server *server);
void server_admit(struct listener *listener, int fd,
		  const struct sockaddr_storage *from);
bool server_is_loopback(const struct sockaddr_storage *from);
void peer_leave(struct http_server *server, struct peer *peer);

/* wait.c: the deadlines. */
void wait_init(struct http_server *server);
void wait_for(struct connection *c, enum wait kind);

/* connection.c: what happens on a socket. */
struct connection *connection_open(struct http_server *server, int fd,
				   struct http_tls *tls, struct error *err);
void connection_expire(struct connection *c, enum wait kind);
void connection_close(struct connection *c); /* at once */
void connection_settle(struct connection *c);
void connection_later(struct connection *c); /* settle in the sweep */
void connection_next(struct connection *c);  /* its exchange is over */

/* transfer.c: bytes to and from a socket. */
ssize_t transfer_receive(struct connection *c, char *to, size_t room);
bool transfer_pending(const struct connection *c); /* inside TLS */
/* Send, or keep what the kernel does not take; at most `max` may wait. */
bool transfer_send(struct connection *c, const struct iovec *iov, int n,
		   size_t max);
void transfer_flush(struct connection *c);
size_t transfer_waiting(const struct connection *c);
void transfer_watch(struct connection *c);

/* request.c: from bytes to an exchange. */
void request_run(struct connection *c);
void request_refuse(struct connection *c, int status, const char *code,
		    const char *why);

/* exchange.c */
struct exchange *exchange_take(struct connection *c);
void exchange_lose(struct exchange *x); /* its connection goes */
void exchange_over(struct exchange *x);
void exchange_flushed(struct exchange *x);
/* In the sweep: its client has left, or the server stops. */
void exchange_lose_later(struct exchange *x);
void exchange_tell_stopping(struct exchange *x);
void exchange_tell_lost(struct http_server *server);
struct block *block_take(struct http_server *server, size_t cap);
void block_give(struct http_server *server, struct block **block);
void exchange_free_spares(struct http_server *server);

/* stream.c */
void stream_comment(struct exchange *x);
void stream_room(struct exchange *x);

/* tls.c */
struct tls_stream *tls_open(struct http_tls *tls, int fd, struct error *err);
void tls_close(struct tls_stream **tls);
/* As read() and write(): -1 with EAGAIN; *wants_write is set while reading
 * has to wait for that. */
ssize_t tls_read(struct tls_stream *tls, char *to, size_t room);
ssize_t tls_write(struct tls_stream *tls, const char *from, size_t len);
bool tls_pending(const struct tls_stream *tls);
void tls_goodbye(struct tls_stream *tls);
bool tls_wants_write(const struct tls_stream *tls);

#endif
