/* fetch_private.h - the parts of a fetcher and of a call, for its files. */
#ifndef FETCH_PRIVATE_H
#define FETCH_PRIVATE_H

#include "fetch/curl.h"
#include "fetch/unchunk.h"
#include "mneme/error.h"
#include "mneme/fetch.h"
#include "mneme/list.h"

enum {
	FETCH_SPARE = 16,        /* easy handles kept for the next calls */
	FETCH_CONNECTIONS = 256, /* kept open for reuse */
	FETCH_HEADER_TEXT = 256, /* of a kept header, the rest is cut */
	FETCH_BUFFER = 16 << 10, /* libcurl's, for each call that receives */
	FETCH_BUFFER_STREAM = 1 << 10, /* of pieces, to many at once */
	FETCH_LOCATION_TEXT = 4096,    /* a longer one is as none */
};

struct fetch {
	struct loop *loop;
	int64_t connect_timeout;
	int64_t idle_timeout;
	char *ca_file; /* NULL: the environment's, else the system's */

	CURLM *multi;             /* NULL before the first call */
	struct loop_timer *timer; /* libcurl's */
	struct loop_timer *later; /* what may not be done inside libcurl */
	unsigned inside;          /* libcurl is on the stack */

	char in[FETCH_BUFFER]; /* of the socket that is read */

	struct list calls;
	struct list marked; /* calls that sweep() has to look at */
	CURL *spare[FETCH_SPARE];
	size_t spare_count;
};

enum fetch_state {
	FETCH_WAITING, /* for libcurl to be left, then it is added */
	FETCH_RUNNING,
	FETCH_DEAD, /* over or cancelled; nobody is told any more */
};

/* Of the answer's head, until that has been told. */
struct fetch_texts {
	char content_type[FETCH_HEADER_TEXT];
	char request_id[FETCH_HEADER_TEXT];
	char cache_control[FETCH_HEADER_TEXT];
	char location[FETCH_LOCATION_TEXT];
};

/* What each piece of a body needs stands together at the beginning. */
struct fetch_call {
	struct fetch *fetch;
	enum fetch_state state;
	curl_socket_t fd;         /* -1: not yet */
	bool paused;              /* as asked */
	bool held;                /* libcurl was told so */
	bool raw;                 /* libcurl leaves chunks as they are */
	bool chunked;             /* so says the head */
	bool own;                 /* we read the socket ... */
	struct loop_watch *watch; /* ... unless it is paused */
	int64_t heard;            /* when bytes last came or went */
	struct unchunk unchunk;
	struct error *err; /* ours, when we ended it; else NULL */
	size_t body_max;
	size_t body_len;
	struct fetch_events events;

	struct list link;
	struct list mark;
	CURL *easy; /* NULL: libcurl is done with it */
	struct curl_slist *headers;
	struct fetch_wait *wait; /* for libcurl ... */
	int waits;               /* ... for CURL_POLL_... */
	bool transient, timed_out;
	char host[FETCH_HOST_TEXT];
	char reason[CURL_ERROR_SIZE];

	struct loop_timer *idle;
	int64_t started;
	curl_off_t sent;

	bool head_told;
	int64_t retry_after;
	struct fetch_texts *texts; /* NULL: none yet, or told */
};

/* request.c: an easy handle for the request. */
bool fetch_prepare(struct fetch_call *call, const struct fetch_request *request,
		   struct error *err);
void fetch_call_drop(struct fetch_call *call);
/* libcurl's part of it, and the connection. */
void fetch_drop_handle(struct fetch_call *call);

/* body.c: may the answer's body be read by ourselves? */
bool fetch_may_read(const struct fetch_request *request, bool loopback);
/* libcurl's write callback. */
size_t fetch_on_body(char *bytes, size_t size, size_t n, void *arg);
/* Read the socket from now on, if that can be. */
void fetch_take_over(struct fetch_call *call);
void fetch_read_on(struct fetch_call *call, bool on);
void fetch_close(struct fetch_call *call);

/* head.c: libcurl's header callback. */
size_t fetch_on_header(char *line, size_t size, size_t n, void *arg);

/* explain.c: why libcurl gave up, in plain words. */
void fetch_explain(struct fetch_call *call, CURLcode code, struct error *err);

/* libcurl's socket is no longer waited for. */
void fetch_unwatch(struct fetch_call *call);

/* Something is left to do once libcurl is off the stack. */
void fetch_later(struct fetch *fetch);
/* There is something for fetch_sweep() to do for it. */
void fetch_mark(struct fetch_call *call);
void fetch_sweep(struct fetch *fetch);

/* The call is over: tell its owner, once. */
void fetch_conclude(struct fetch_call *call, CURLcode code);
/* Few calls need one of their own, and it is long. */
struct error *fetch_own_error(struct fetch_call *call);

#endif
