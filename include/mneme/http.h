/*
 * http.h - HTTP/1.1 for others to call: requests in, answers and streams out.
 *
 * Strict where RFC 9112 lets an attacker choose between two readings: what
 * cannot be framed in one way is answered 400, as a problem document, and the
 * connection closes.  There are no routes in here: two functions of the
 * owner's hear of each request, first its head (to refuse it, or to say how
 * long its body may be), then the whole.
 *
 * An exchange is one request and its answer.  It stays valid, with all its
 * slices, until it has been answered whole: by http_answer(), or by
 * http_stream() and then http_stream_end() or http_stream_cut(), now or at any
 * later time.  Each one is owed exactly one of these, also when the client has
 * gone meanwhile; then nothing is sent.  So a job on a pool thread may hold an
 * exchange (not look into it) while it works.
 *
 * All of it belongs to the loop's thread.
 */
#ifndef MNEME_HTTP_H
#define MNEME_HTTP_H

#include "mneme/arena.h"
#include "mneme/base.h"

struct error;
struct http_server;
struct loop;

enum {
	HTTP_LINE_MAX = 8 << 10,  /* request line: 414 */
	HTTP_HEAD_MAX = 16 << 10, /* the fields after it: 431 */
	HTTP_FIELDS_MAX = 64,     /* 431 */
	HTTP_BODY_MAX = 1 << 20,  /* unless the head function says other: 413 */
	HTTP_ID_MAX = 64,         /* bytes of an X-Request-Id */
	HTTP_ADDRESS_MAX = 64,
};

enum http_method {
	HTTP_OTHER, /* a well-formed word that is none of these */
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHOD_COUNT
};

extern const char *const http_methods[HTTP_METHOD_COUNT];

/* The usual phrase: "Not Found". */
const char *http_reason(int status);

struct http_field {
	struct slice name; /* in lower case */
	struct slice value;
};

struct http_exchange {
	enum http_method method;
	struct slice method_text;
	struct slice target; /* as it was sent */
	struct slice path;   /* begins with '/'; still percent-encoded */
	struct slice query;  /* what follows '?'; .data NULL without one */
	const struct http_field *fields;
	size_t field_count;
	struct slice body; /* whole, out of its chunks */

	char id[HTTP_ID_MAX + 1]; /* the client's X-Request-Id, or a new one */
	char address[HTTP_ADDRESS_MAX]; /* of the peer, or "unix" */
	bool local;                     /* from this machine: loopback, Unix */
	bool secure;                    /* over TLS */
	int64_t began;                  /* loop_now() when the head was in */

	/* The owner's. */
	void *user;
	const void *route;
	struct arena arena; /* dropped with the exchange */
	size_t body_max;    /* the head function may change it */

	/* How it went, for `finished`. */
	int status;
	uint64_t bytes_out; /* of the answer's body */
	bool gone;          /* the client left before the answer's end */
};

/* The field's value, the first if there are several; .data NULL without one.
 * `name` in lower case.  Of Host, Content-Length, Content-Type, Authorization
 * and Transfer-Encoding there is never more than one. */
struct slice http_field(const struct http_exchange *x, const char *name);

struct http_handler {
	/* The head is in, the body is not: answer to refuse the request, or
	 * set x->body_max, or do nothing.  May be NULL. */
	void (*head)(void *arg, struct http_exchange *x);
	/* The whole request is in: answer, now or later. */
	void (*request)(void *arg, struct http_exchange *x);
	/* Answered, and the last byte handed to the kernel, or the client is
	 * gone; requests that the server refused itself come here too, with
	 * what could be read of them.  For logs and counters.  May be NULL. */
	void (*finished)(void *arg, const struct http_exchange *x);
	/* The server refuses a request itself: answer it in the owner's own
	 * words.  x->user is NULL where its head was not taken.  May be NULL:
	 * a problem document. */
	void (*refused)(void *arg, struct http_exchange *x, int status,
			const char *code, const char *why);
	void *arg;
};

/* Zero: the default in brackets. */
struct http_settings {
	size_t connection_max;      /* [what RLIMIT_NOFILE leaves] */
	size_t peer_max;            /* from one address (an IPv6 /64) [256] */
	size_t local_max;           /* from one loopback address [no limit] */
	int64_t head_timeout;       /* microseconds [10 s] */
	int64_t body_window;        /* a window in which ... [10 s] */
	size_t body_rate;           /* ... so many bytes a second come [1024] */
	int64_t idle_timeout;       /* between requests [60 s] */
	int64_t write_timeout;      /* a client that takes nothing [60 s] */
	int64_t comment_interval;   /* of server-sent events [15 s] */
	size_t stream_max;          /* bytes that wait for a client [256 KiB] */
	bool trust_local_forwarded; /* X-Forwarded-For from this machine */
};

struct http_server *http_server_create(struct loop *loop,
				       const struct http_settings *settings,
				       const struct http_handler *handler);

/* What is open is closed; exchanges still owed an answer become `gone`; the
 * handler hears that they are finished, and the server's memory goes, once
 * each has had it. */
void http_server_destroy(struct http_server **server);

/* ---- where it listens */

struct http_tls; /* a certificate and its key: OpenSSL, 1.2 and up */
struct http_tls *http_tls_open(const char *certificate, const char *key,
			       struct error *err);
void http_tls_close(struct http_tls **tls);

/* Read both files again; connections there are stay as they are. */
bool http_tls_reload(struct http_tls *tls, struct error *err);

/* `host` is a numeric address or a name (all its addresses); port 0: any, and
 * *bound (may be NULL) says which.  `tls` may be NULL; borrowed. */
bool http_listen(struct http_server *server, const char *host, unsigned port,
		 struct http_tls *tls, unsigned *bound, struct error *err);

/* A socket file, 0600.  A stale one is replaced; one that is served is
 * ERROR_CONFLICT. */
bool http_listen_unix(struct http_server *server, const char *path,
		      struct error *err);

/* Could it be there?  Nothing is made, and who listens there already is left
 * alone. */
bool http_unix_fits(const char *path, struct error *err);

/* Does `host` name this machine only? */
bool http_host_is_local(const char *host);

/* Take no more connections and requests, and close idle connections.  Streams
 * hear `stopping`; after `grace` microseconds what is left is cut.  Then
 * done(arg). */
void http_server_stop(struct http_server *server, int64_t grace,
		      void (*done)(void *arg), void *arg);
bool http_server_stopping(const struct http_server *server);

struct http_stats {
	size_t connections, streams, exchanges; /* now */
	uint64_t accepted, refused;   /* connections; too many, ever */
	uint64_t bytes_in, bytes_out; /* ever */
	uint64_t bad_requests;        /* that could not be framed, ever */
	uint64_t timeouts;            /* ever */
	size_t waiting;               /* bytes that wait for clients, now */
};
void http_stats(const struct http_server *server, struct http_stats *out);

/* ---- answers */

/* Add a field to the answer that is to come.  Date, Content-Length,
 * Transfer-Encoding, Connection and X-Request-Id are the server's.  Control
 * characters in the value become spaces. */
void http_add(struct http_exchange *x, const char *name, struct slice value);
void http_addf(struct http_exchange *x, const char *name, const char *fmt, ...)
	PRINTF(3, 4);

/* The whole answer.  `type` is the Content-Type, or NULL (204).  The body is
 * copied where it has to wait.  To HEAD only the fields are sent.  The
 * exchange is over: do not touch it after this. */
void http_answer(struct http_exchange *x, int status, const char *type,
		 struct slice body);

/* A problem document of RFC 9457: {type,title,status,detail,code,request_id}.
 */
void http_problem(struct http_exchange *x, int status, const char *code,
		  const char *fmt, ...) PRINTF(4, 5);

/* ---- streams */

/* Any may be NULL.  None is called from inside a function below. */
struct http_stream_events {
	void (*ready)(void *arg);    /* after HTTP_FULL: there is room again */
	void (*gone)(void *arg);     /* the client has left; end it soon */
	void (*stopping)(void *arg); /* the server stops; end it soon */
	void *arg;
};

/* For an answer that takes its time, before it begins.  `gone`: the client has
 * left, or has closed its side, and may still be told.  `stopping`: the
 * server's grace is over; answer at once.  `ready` does not come.  The answer
 * is owed as before; a stream's own events take the place of these. */
void http_watch(struct http_exchange *x,
		const struct http_stream_events *events);

/* Begin an answer of unknown length (chunked)  A client may leave at any
 * time; the exchange stays until it is ended. */
void http_stream(struct http_exchange *x, int status, const char *type,
		 const struct http_stream_events *events);

/* Begin server-sent events: 200, text/event-stream, not cached, a comment
 * when there was nothing to say for 15 s. */
void http_events(struct http_exchange *x,
		 const struct http_stream_events *events);

enum http_room {
	HTTP_ROOM, /* go on */
	HTTP_FULL, /* taken, but wait for `ready` before the next */
	HTTP_GONE, /* not taken: the client left, or let settings.stream_max
		      bytes wait */
};
enum http_room http_stream_write(struct http_exchange *x, struct slice bytes);

/* One event: "id: ..." unless `id` is empty, then "data: ..." (a line each if
 * there are several), an empty line. */
enum http_room http_events_send(struct http_exchange *x, struct slice id,
				struct slice data);

/* Bytes that wait for the client. */
size_t http_stream_waiting(const struct http_exchange *x);

/* The end, and the end as a break that the client notices (the last chunk is
 * missing).  The exchange is over. */
void http_stream_end(struct http_exchange *x);
void http_stream_cut(struct http_exchange *x);

/* ---- pieces of requests.  Results live in `arena`, or in the text. */

/* Percent-decoding; `plus` makes '+' a space.  ERROR_INVALID for a '%' without
 * two digits, for NUL and for what is not UTF-8. */
bool http_decode(struct slice text, bool plus, struct arena *arena,
		 struct slice *out, struct error *err);

/* Step through "a=b&c=d", a query or a form: *rest is what is left.  False at
 * the end, and after an error (err->code says which; it must be 0 before). */
struct http_pair {
	struct slice name;
	struct slice value;
};
bool http_pair_next(struct slice *rest, struct arena *arena,
		    struct http_pair *pair, struct error *err);

/* Is the media type `type` ("application/json")?  Parameters are ignored. */
bool http_type_is(struct slice content_type, const char *type);

/* A parameter of a field such as Content-Type or Content-Disposition,
 * unquoted; .data NULL when it is not there. */
struct slice http_parameter(struct slice value, const char *name,
			    struct arena *arena);

/* The parts of a multipart/form-data body, 64 at most. */
struct http_part {
	struct slice name;
	struct slice filename; /* .data NULL: not a file */
	struct slice type;     /* may be empty */
	struct slice value;
};
bool http_multipart(struct slice content_type, struct slice body,
		    struct arena *arena, struct http_part **parts, size_t *n,
		    struct error *err);

#endif
