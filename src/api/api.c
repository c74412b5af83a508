/* api.c - an api put together, and taken apart. */
#include <stdio.h>
#include <stdlib.h>

#include "api/operations.h"
#include "api/private.h"
#include "api/turn.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/file.h"
#include "mneme/log.h"
#include "mneme/loop.h"

enum { ANSWER_MAX = 64 << 20 };

/* FIREBASE_PROJECT_ID, or what the service account says; nothing of its key is
 * needed, and nothing kept. */
static bool
find_project(const struct config *config, struct buf *out, struct error *err)
{
	SCOPED(buf_clear) struct buf text;
	const char *name = config_text(config, CONFIG_FIREBASE_PROJECT_ID);
	const char *path =
		config_text(config, CONFIG_FIREBASE_SERVICE_ACCOUNT_PATH);
	bool good;

	buf_init(&text, 64 << 10);
	if (name && *name)
		return buf_adds(out, name);
	if (!config_secret(config, CONFIG_FIREBASE_SERVICE_ACCOUNT_JSON, &text,
			   err) ||
	    (text.len == 0 && path && *path && !file_read(path, &text, err)))
		return false;
	if (text.len == 0)
		return true;
	SCOPED(json_drop) json_t *json = json_read(buf_slice(&text), NULL);
	struct slice project = json_text(json, "project_id");
	good = project.len > 0 && buf_add_slice(out, project);
	explicit_bzero(text.data, text.len);
	return good || error_set(err, ERROR_SETUP,
				 "the Firebase service account is no JSON with "
				 "a project_id: set FIREBASE_PROJECT_ID");
}

static bool
open_auth(struct api *api, struct error *err)
{
	SCOPED(buf_clear) struct buf project;
	SCOPED(buf_clear) struct buf secret;
	const struct config *config = api->settings.config;
	const char *emulator =
		config_text(config, CONFIG_FIREBASE_AUTH_EMULATOR_HOST);
	const char *dir;

	buf_init(&secret, 4096);
	buf_init(&project, 256);
	if (emulator && *emulator && !api->settings.local)
		return error_set(err, ERROR_SETUP,
				 "FIREBASE_AUTH_EMULATOR_HOST takes tokens "
				 "that nobody signed: only on loopback; unset "
				 "it, or listen on 127.0.0.1");
	if (!find_project(config, &project, err) ||
	    !config_secret(config, CONFIG_SECRET_KEY, &secret, err))
		return false;
	if (secret.len == 0 && (!(dir = config_data_dir(config, err)) ||
				!auth_secret(dir, &secret, err)))
		return false;
	const struct auth_settings settings = {
		.secret = buf_slice(&secret),
		.access_life =
			config_int(config, CONFIG_ACCESS_TOKEN_EXPIRE_MINUTES) *
			CLOCK_MINUTE,
		.firebase_project = project.len ? buf_text(&project) : NULL,
		.firebase_certs =
			config_text(config, CONFIG_FIREBASE_CERTS_URL),
		.firebase_emulator = emulator && *emulator,
		.fetch = api->settings.fetch,
	};
	if (settings.firebase_emulator)
		log_warn("auth",
			 "FIREBASE_AUTH_EMULATOR_HOST is set: tokens that "
			 "nobody signed let people in");
	api->auth = auth_create(api->loop, api->store, &settings, err);
	if (secret.data)
		explicit_bzero(secret.data, secret.len);
	return api->auth != NULL;
}

struct api *
api_create(const struct api_settings *settings, struct error *err)
{
	struct api *api = xcalloc(1, sizeof(*api));

	api->settings = *settings;
	api->chat = *settings->chat;
	api->loop = settings->chat->loop;
	api->store = settings->chat->store;
	buf_init(&api->scratch, ANSWER_MAX);
	buf_init(&api->openapi, ANSWER_MAX);
	buf_init(&api->docs, ANSWER_MAX);
	list_init(&api->models);
	router_open(api);
	operations_open(api);
	api->turns = turns_create(api);
	api->purges = purges_create(api);
	if (!cors_open(api, err) || !open_auth(api, err))
		api_destroy(&api);
	return api;
}

void
api_destroy(struct api **api)
{
	struct api *a = *api;

	if (!a)
		return;
	models_cancel(a);
	turns_destroy(&a->turns);
	auth_destroy(&a->auth);
	purges_destroy(&a->purges);
	embedder_drop(&a->embedder);
	while (a->running)
		loop_turn(a->loop, true);
	models_drop(a);
	map_clear(&a->origins, NULL);
	map_clear(&a->once, NULL);
	buf_clear(&a->scratch);
	buf_clear(&a->openapi);
	buf_clear(&a->docs);
	operations_close(a);
	free(a);
	*api = NULL;
}

const struct http_handler *
api_handler(struct api *api)
{
	return &api->handler;
}
