/* fetch_private.h - the parts of a fetcher and of a call, for its files. */
#ifndef FETCH_PRIVATE_H
#define FETCH_PRIVATE_H

#include "fetch/curl.h"
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

struct fetch_call {
	struct list link;
	struct list mark;
	struct fetch *fetch;
	struct fetch_events events;
	enum fetch_state state;
	CURL *easy;
	struct curl_slist *headers;
	char host[FETCH_HOST_TEXT];
	char reason[CURL_ERROR_SIZE];
	struct error *err; /* ours, when we ended it; else NULL */
	bool transient, timed_out;

	size_t body_max;
	size_t body_len;
	bool paused; /* as asked */
	bool held;   /* libcurl was told so */

	struct loop_timer *idle;
	int64_t started;
	int64_t heard; /* when bytes last came or went */
	curl_off_t sent;

	bool head_told;
	int64_t retry_after;
	struct fetch_texts *texts; /* NULL: none yet, or told */
};

/* request.c: an easy handle for the request. */
bool fetch_prepare(struct fetch_call *call, const struct fetch_request *request,
		   struct error *err);
void fetch_call_drop(struct fetch_call *call);

/* head.c: libcurl's header callback. */
size_t fetch_on_header(char *line, size_t size, size_t n, void *arg);

/* explain.c: why libcurl gave up, in plain words. */
void fetch_explain(struct fetch_call *call, CURLcode code, struct error *err);

/* Something is left to do once libcurl is off the stack. */
void fetch_later(struct fetch *fetch);

#endif
