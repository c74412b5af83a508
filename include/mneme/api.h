/*
 * api.h - the engine over HTTP: routes, handlers, who may do what.
 *
 * An api answers exchanges of an http_server (http.h) from the store, the
 * memory and the model that it was given.  All on the loop's thread.
 */
#ifndef MNEME_API_H
#define MNEME_API_H

#include "mneme/base.h"

struct api;
struct buf;
struct chat;
struct config;
struct error;
struct fetch;
struct http_handler;
struct http_server;
struct work;

/* All borrowed. */
struct api_settings {
	const struct config *config;
	const struct chat *chat; /* loop, store, memory, model */
	struct fetch *fetch;
	struct work *work;           /* for what blocks */
	const char *embedding_model; /* its folder; NULL: none */
	bool local; /* listens on loopback and Unix sockets only */
};

/* ERROR_SETUP with the sentence that mends it: a setting that does not do. */
struct api *api_create(const struct api_settings *settings, struct error *err);

/* After the server was stopped: waits for what runs. */
void api_destroy(struct api **api);

/* For http_server_create(); lives as long as the api. */
const struct http_handler *api_handler(struct api *api);

/* Whose connections and streams /metrics tells of; NULL: nobody's. */
void api_watch(struct api *api, const struct http_server *server);

/* Add the OpenAPI document; needs no api. */
void api_describe(struct buf *out);

#endif
