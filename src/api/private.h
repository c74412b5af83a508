/*
 * private.h - what the files of api/ share: the table of routes, one call of
 * one route, and how it is answered.
 */
#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include <jansson.h>

#include "api/schema.h"
#include "mneme/api.h"
#include "mneme/arena.h"
#include "mneme/auth.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/http.h"
#include "mneme/json.h"
#include "mneme/list.h"
#include "mneme/map.h"
#include "mneme/printer.h"
#include "mneme/record.h"

struct call;
struct embedder;
struct purges;
struct reading;
struct store_txn;
struct turns;

/* ---- the table of routes (routes.c) */

enum api_access {
	ANYONE,
	READER,   /* a token, or a key of any scope */
	WRITER,   /* a token, or a key with scope write */
	SIGNED_IN /* a token: what a lost key must not reach */
};

/* Which budget a request is taken from. */
enum api_limit { LIMIT_REQUESTS, LIMIT_LOGIN, LIMIT_CHAT, LIMIT_NONE };

enum route_flag {
	ROUTE_LIST = 1,        /* answers a bare array of `answer` */
	ROUTE_FORM = 2,        /* takes forms too */
	ROUTE_EVENTS = 4,      /* may answer with server-sent events */
	ROUTE_ONCE = 8,        /* heeds Idempotency-Key */
	ROUTE_OPENAI = 16,     /* errors in OpenAI's shape */
	ROUTE_ALIAS = 32,      /* another name of a route above */
	ROUTE_PAGED = 64,      /* has a Link header */
	ROUTE_TEXT = 128,      /* answers something else than JSON: `type` */
	ROUTE_QUERY_OPEN = 256 /* query parameters that are not known pass */
};

/* Answers the call, now or later. */
typedef void route_fn(struct call *call);

/* Makes more of a body that was read and is as described; on any thread.
 * False after a refusal. */
typedef bool unpack_fn(struct reading *r);

struct route {
	enum http_method method;
	const char *path; /* "{id}" takes one segment */
	enum api_access access;
	enum api_limit limit;
	unsigned flags;
	int status; /* when all went well */
	route_fn *handle;
	const struct schema *query, *body, *answer; /* NULL: none */
	const char *tag;
	const char *summary;
	const char *type; /* of a ROUTE_TEXT */
	size_t body_max;  /* 0: HTTP_BODY_MAX */
	unpack_fn *unpack;
};

extern const struct route routes[];
extern const size_t route_count;

enum { ROUTE_PARAMS_MAX = 2 };

/* Hear of the server's requests. */
void router_open(struct api *api);

/* ---- the api */

struct api {
	struct api_settings settings;
	struct chat chat;
	struct loop *loop;
	struct store *store;
	struct auth *auth;
	struct http_handler handler;
	struct turns *turns;
	struct map origins; /* CORS: allowed ones; the value is not looked at */
	bool any_origin;
	struct map once; /* keys of requests that are being answered -> call */
	struct store_txn *reading; /* left open by the check of the caller */
	struct buf scratch;        /* for answers that are made in one go */
	struct buf openapi, docs;  /* made when first asked for */
	struct list models;        /* of each voice that was asked for them */
	size_t models_count;
	struct purges *purges;
	struct embedder *embedder;
	size_t running; /* calls that wait for something */
	/* operations.c: */
	struct rates *rates;
	struct metrics *metrics;
	const struct http_server *server; /* NULL: not served */
	struct model_seen {
		uint64_t inode;
		int64_t bytes, s, ns;
	} model_seen; /* the one that opened last, for readiness */
	int64_t started;
};

/* ---- a call */

struct call {
	struct api *api;
	struct http_exchange *x;
	const struct route *route;
	struct auth_caller caller;
	struct slice params[ROUTE_PARAMS_MAX];
	unsigned allowed;    /* a bit for each method that the path has */
	json_t *body;        /* checked; NULL where the route takes none */
	void *unpacked;      /* what the route's `unpack` made of it */
	struct arena keep;   /* where that lies, if it may outlive the call */
	json_t *query;       /* checked; NULL when there is none */
	struct arena *arena; /* the exchange's */
	struct printer p;
	/* Idempotency-Key: */
	bool once, replay;
	uint8_t once_key[RECORD_HASH], once_request[RECORD_HASH];
	/* What a handler that waits keeps. */
	struct id id;
	struct conversation conversation;
	struct memory memory;
	struct profile profile;
	struct message message;
	void *data;
	size_t count;
	bool flag;
	int status;
};

/* Values of the body or query; what a missing one gives is the last
 * argument. */
struct slice call_text(const json_t *object, const char *name);
int64_t call_int(const json_t *object, const char *name, int64_t otherwise);
double call_real(const json_t *object, const char *name, double otherwise);
bool call_bool(const json_t *object, const char *name, bool otherwise);

/* The n-th parameter of the path as an id; false after answering 404. */
bool call_id(struct call *call, size_t n, struct id *id);

/* ---- answers */

/* Print the answer with `p`, then send it. */
struct printer *answer_begin(struct call *call);
void answer_send(struct call *call, int status);
void answer_empty(struct call *call, int status);
void answer_bytes(struct call *call, int status, const char *type,
		  struct slice bytes);

/* A problem document, or OpenAI's error on its routes. */
void answer_problem(struct call *call, int status, const char *code,
		    const char *fmt, ...) PRINTF(4, 5);
void answer_error(struct call *call, const struct error *err);
/* Of a model's call, whose failures are not the caller's. */
void answer_upstream(struct call *call, const struct error *err);
void answer_not_found(struct call *call, const char *what);
/* What the server refused without asking a route. */
void answer_refused(struct api *api, struct http_exchange *x, int status,
		    const char *code, const char *why);
/* Why a request is not answered as it was meant. */
struct refusal {
	int status; /* 0: it is */
	const char *code;
	const char *detail;
	struct slice faults; /* a list of {"field","message"} as JSON, or
				empty */
};
void answer_fault(struct call *call, const struct refusal *refusal);
/* One wrong field that only the handler could know of: 422. */
void answer_invalid(struct call *call, const char *field, const char *fmt, ...)
	PRINTF(3, 4);

/* What to say of an error: its status and slug.  Texts of faults of our own
 * are logged, not told. */
struct problem {
	int status;
	const char *code;
	char detail[1024];
	int64_t retry_after; /* seconds; 0: none */
};
void problem_of(const struct error *err, struct problem *out);
/* Where the error is the provider's. */
void problem_of_upstream(const struct error *err, struct problem *out);
/* {"error":{"message","type","code"}} */
void print_openai_error(struct printer *p, const struct problem *problem);

/* Who calls, where the route leaves that open; false after answering 401. */
bool caller_known(struct call *call);

/* ---- what calls have in common */

/* Run `change` on the writer with the call as argument, then `done` on the
 * loop with the call, unless it failed: then that is answered. */
typedef bool call_change_fn(struct store_txn *txn, void *call,
			    struct error *err);
void call_write(struct call *call, call_change_fn *change, route_fn *done);

/* Read in a transaction of the call's own; false after answering. */
typedef bool call_read_fn(struct store_txn *txn, struct call *call,
			  struct error *err);
bool call_read(struct call *call, call_read_fn *read);

/* Cursors: opaque texts made of 24 bytes; the schema checked how they look. */
void cursor_read(struct slice text, void *bytes, size_t len);
/* Add "Link: <...>; rel="next"" with the query as it was, but for the
 * cursor. */
void cursor_link(struct call *call, const void *bytes, size_t len);

/* ---- forms, queries, bodies (request.c) */

/* A request's words on their way to become an object: read and checked on any
 * thread, while the arena is nobody else's. */
struct reading {
	const struct route *route;
	struct arena *arena;
	struct slice type, text; /* the Content-Type; the body, or query */
	json_t *object;          /* owned; only where there is no refusal */
	void *unpacked;
	struct arena keep; /* for what may outlive the call */
	struct refusal refusal;
};
/* False with a refusal. */
bool request_read_query(struct reading *r);
bool request_read_body(struct reading *r);
/* False, both; the second of one wrong field. */
bool reading_refuse(struct reading *r, int status, const char *code,
		    const char *fmt, ...) PRINTF(4, 5);
bool reading_invalid(struct reading *r, const char *field, const char *fmt, ...)
	PRINTF(3, 4);

/* False after answering. */
bool request_query(struct call *call);

/* ---- where bodies are read (body.c) */

/* The call's body, then `go_on`, unless the body is refused.  A large one is
 * read on the pool: others shall not wait for it. */
void body_read(struct call *call, route_fn *go_on);

/* ---- Idempotency-Key (once.c) */

/* Before once_begin(), on any thread: what tells one request from another.
 * Nothing without a key. */
struct once_text {
	struct slice key, method, target, body;
};
struct once_text once_text(const struct call *call);
bool once_hash(struct call *call, const struct once_text *text,
	       struct error *err);

/* False when the call was answered.  With call->replay the request was done
 * before, and call->id is what it made. */
bool once_begin(struct call *call);
/* In the change that makes it: remember that this request made `made`. */
bool once_put(struct store_txn *txn, struct call *call, struct id made,
	      struct error *err);
/* The call is over. */
void once_end(struct call *call);

/* ---- what was deleted leaves the files too (purge.c) */

struct purges *purges_create(struct api *api);
void purges_destroy(struct purges **purges);
/* Soon, and once for what is deleted until then. */
void purge_soon(struct api *api, struct id profile);

/* ---- cross-origin requests (cors.c) */

bool cors_open(struct api *api, struct error *err);
void cors_add(struct api *api, struct http_exchange *x);
void cors_preflight(struct api *api, struct http_exchange *x, unsigned allowed);
void add_allow(struct http_exchange *x, unsigned allowed);

/* ---- records as answers (print.c) */

void print_person(struct printer *p, const struct profile *profile);
void print_conversation(struct printer *p, const struct conversation *c);
/* With the text that is shown. */
bool show_message(struct printer *p, struct store_txn *txn,
		  const struct message *m, struct arena *arena,
		  struct error *err);
void show_message_as(struct printer *p, const struct message *m,
		     struct slice text);
void print_usage(struct printer *p, const struct message_usage *usage);

/* ---- what calls may wait for, let go */

void models_cancel(struct api *api);
void models_drop(struct api *api);
void embedder_drop(struct embedder **embedder);

/* ---- handlers */

route_fn api_root, api_health, api_ready, api_metrics, api_openapi, api_docs;
route_fn auth_register_route, auth_login_route, auth_google_route,
	auth_refresh_route, auth_logout_route, auth_me_route,
	auth_password_route, auth_sessions_route, auth_session_delete_route,
	auth_keys_route, auth_key_make_route, auth_key_delete_route;
route_fn conversation_list, conversation_make, conversation_get,
	conversation_patch, conversation_delete, conversation_fork;
route_fn message_list, message_send, message_send_anywhere, message_get,
	message_resume, message_cancel, attachment_get;
route_fn memories_list, memories_make, memories_get, memories_patch,
	memories_delete, memories_history, memories_stats;
route_fn user_get, user_put, user_delete, user_export;
route_fn settings_get, settings_patch;
route_fn openai_chat, openai_models, openai_model, openai_embeddings;

#endif
