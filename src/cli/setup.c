/* What a command needs, opened; and closed again. */
#include "setup.h"
#include "engine.h"

#include "mneme/chat.h"
#include "mneme/config.h"
#include "mneme/fetch.h"
#include "mneme/log.h"
#include "mneme/loop.h"
#include "mneme/store.h"

static bool
make_default(struct store_txn *txn, void *arg, struct error *err)
{
	struct cli *cli = arg;

	return record_profile_ensure(txn, (struct slice){0}, &cli->arena,
				     &cli->profile, err);
}

static bool
find_profile(struct cli *cli, struct error *err)
{
	const char *name = cli->options.profile;
	bool found;
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(cli->store, err);

		if (!name)
			name = setting_text(cli, "MNEME_PROFILE");
		if (!name || !*name)
			name = "default";
		if (!txn ||
		    !record_profile_find(txn, slice_of(name), &cli->arena,
					 &cli->profile, &found, err))
			return false;
	}
	if (found)
		return true;
	if (strcmp(name, "default") != 0 && (cli->command->needs & NEED_NOBODY))
		return true;
	if (strcmp(name, "default") != 0)
		return error_set(err, ERROR_NOT_FOUND,
				 "no profile %.60s; make it with: mneme "
				 "profile add %.60s",
				 name, name);
	return store_write(cli->store, make_default, cli, err);
}

bool
cli_open(struct cli *cli, struct error *err)
{
	unsigned needs = cli->command->needs;

	if ((needs & NEED_CONFIG) && !setup_config(cli, err))
		return false;
	if (!(needs & NEED_STORE))
		return true;
	const char *dir = setup_data_dir(cli, err);
	if (!dir)
		return false;
	cli->store = store_open(dir, err);
	return cli->store &&
	       (store_read_only(cli->store) || chat_recover(cli->store, err)) &&
	       find_profile(cli, err);
}

static struct memory_settings
memory_settings(struct cli *cli)
{
	return (struct memory_settings){
		.language = setting_text(cli, "MNEME_LANGUAGE"),
		.same_language = config_origin(cli->config, CONFIG_LANGUAGE) >
				 CONFIG_FROM_PROFILE,
		.model = setup_model_folder(cli, NULL)};
}

bool
cli_memory(struct cli *cli, struct error *err)
{
	const struct memory_settings settings = memory_settings(cli);

	if (!cli->memory)
		cli->memory = memory_open(cli->store, &settings, err);
	return cli->memory != NULL;
}

void
cli_close(struct cli *cli)
{
	memory_close(&cli->memory);
	store_close(&cli->store);
	setup_drop_config(cli);
}

/* ---- the model ---- */

bool
engine_open_recall(struct engine *engine, struct cli *cli, struct error *err)
{
	enum { RESULTS = 60 };
	const struct memory_settings settings = memory_settings(cli);

	*engine = (struct engine){0};
	engine->loop = loop_create(err);
	if (engine->loop)
		engine->memory = memory_service_start(engine->loop, cli->store,
						      &settings, err);
	if (!engine->memory) {
		engine_close(engine);
		return false;
	}
	engine->chat = (struct chat){
		.loop = engine->loop,
		.store = cli->store,
		.memory = engine->memory,
		.recall_count = RESULTS,
	};
	return true;
}

static void
purged(void *arg, const struct error *err)
{
	(void)arg;
	if (err && err->code != ERROR_CANCELLED)
		log_warn("memory", "deleted bytes are still in the files: %s",
			 err->text);
}

void
engine_purge(struct engine *engine)
{
	struct id everybody = {{0}};
	struct error err = {0};

	if (!memory_service_purge(engine->memory, everybody, purged, NULL,
				  &err))
		purged(NULL, &err);
}

bool
engine_speak_for(struct engine *engine, struct id person, struct error *err)
{
	engine->chat.llm = NULL;
	engine->chat.voice = NULL;
	voice_drop(&engine->voice);
	engine->voice = voice_of(engine->voices, person, err);
	if (!engine->voice)
		return false;
	chat_let_speak(&engine->chat, engine->voice);
	return true;
}

static void
drop_voices(struct engine *engine)
{
	engine->chat.llm = NULL;
	engine->chat.voice = NULL;
	engine->chat.voices = NULL;
	voice_drop(&engine->voice);
	voices_destroy(&engine->voices);
	fetch_destroy(&engine->fetch);
}

bool
engine_model(struct engine *engine, struct cli *cli, struct id person,
	     const char *model, struct error *err)
{
	const struct fetch_settings wire = {
		.connect_timeout =
			setting_int(cli, "LLM_CONNECT_TIMEOUT") * 1000000,
		.idle_timeout = setting_int(cli, "LLM_IDLE_TIMEOUT") * 1000000,
	};

	drop_voices(engine);
	engine->fetch = fetch_create(engine->loop, &wire);
	engine->voices = voices_create(engine->loop, engine->fetch, cli->store,
				       cli->config, model);
	engine->chat.voices = engine->voices;
	return engine_speak_for(engine, person, err);
}

bool
engine_open(struct engine *engine, struct cli *cli, struct id person,
	    const char *model, struct error *err)
{
	if (!engine_open_recall(engine, cli, err))
		return false;
	if (engine_model(engine, cli, person, model, err))
		return true;
	engine_close(engine);
	return false;
}

void
engine_close(struct engine *engine)
{
	memory_service_stop(&engine->memory);
	drop_voices(engine);
	loop_destroy(&engine->loop);
}
