/* What a command needs, opened; and closed again. */
#include "setup.h"
#include "engine.h"

#include "mneme/chat.h"
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

/* "PROVIDER:MODEL" where PROVIDER is one of our rows; else all is the
 * model's. */
static const char *
split_model(const char *model, const struct llm_provider **provider)
{
	const char *colon = model ? strchr(model, ':') : NULL;

	if (!colon)
		return model;
	const struct llm_provider *row =
		llm_provider_find(slice_make(model, (size_t)(colon - model)));
	if (!row)
		return model;
	*provider = row;
	return colon + 1;
}

bool
setup_provider_known(const char *name, enum error_code code, struct error *err)
{
	SCOPED(buf_clear) struct buf names = {.max = 512};

	if (llm_provider_find(slice_of(name)))
		return true;
	for (size_t i = 0; i < llm_provider_count; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", llm_providers[i].name);
	return error_set(err, code, "LLM_PROVIDER '%.60s': not one of: %s",
			 name, buf_text(&names));
}

static bool
find_provider(struct cli *cli, const struct llm_provider **out,
	      struct error *err)
{
	const char *name = setting_text(cli, "LLM_PROVIDER");

	*out = NULL;
	if (!name || !*name)
		return true;
	*out = llm_provider_find(slice_of(name));
	return *out || setup_provider_known(name, ERROR_SETUP, err);
}

/* What is reckoned with where nothing is known: old models hold so much. */
enum { CONTEXT = 8192 };

static bool
find_key(struct cli *cli, const struct llm_provider *provider, struct buf *key,
	 struct error *err)
{
	bool found = false;

	if (provider->key_setting &&
	    !setting_secret(cli, provider->key_setting, key, &found, err))
		return false;
	if (!found && !setting_secret(cli, "LLM_API_KEY", key, &found, err))
		return false;
	const char *base = setting_text(cli, "LLM_BASE_URL");
	if (!found && provider->key_setting && (!base || !*base))
		return error_set(err, ERROR_SETUP,
				 "%s wants a key: set %s or LLM_API_KEY",
				 provider->title, provider->key_setting);
	return true;
}

/* The fallback models, a list by commas. */
static const char **
fallbacks(struct cli *cli)
{
	struct slice rest =
		slice_of(setting_text(cli, "MNEME_FALLBACK_MODELS"));
	struct slice one;
	const char **list =
		arena_alloc(&cli->arena, rest.len + 2, sizeof(*list));
	size_t n = 0;

	while (rest.len && slice_split(&rest, ',', &one)) {
		if (slice_trim(one).len)
			list[n++] = arena_text(&cli->arena, slice_trim(one));
	}
	return list;
}

static bool
open_model(struct engine *engine, struct cli *cli, const char *wanted,
	   struct error *err)
{
	const struct llm_provider *provider;
	SCOPED(buf_clear) struct buf key;
	const char *base = setting_text(cli, "LLM_BASE_URL");
	const char *model = setting_text(cli, "LLM_MODEL");

	buf_init(&key, 4096);
	if (!find_provider(cli, &provider, err))
		return false;
	if (wanted)
		model = split_model(wanted, &provider);
	if (!provider && base && *base)
		provider = llm_provider_find(slice_of("openai"));
	if (!provider)
		return true;
	if (!find_key(cli, provider, &key, err))
		return false;
	const struct llm_settings settings = {
		.provider = provider,
		.base_url = base && *base ? base : NULL,
		.key = key.len ? buf_text(&key) : NULL,
		.model = model && *model ? model : NULL,
		.fallbacks = fallbacks(cli),
		.retries = (unsigned)setting_int(cli, "MNEME_RETRIES"),
	};
	const struct fetch_settings wire = {
		.connect_timeout =
			setting_int(cli, "LLM_CONNECT_TIMEOUT") * 1000000,
		.idle_timeout = setting_int(cli, "LLM_IDLE_TIMEOUT") * 1000000,
	};
	if (!engine->chat.context_known && !settings.base_url &&
	    provider->context_tokens)
		engine->chat.context_tokens = provider->context_tokens;
	engine->fetch = fetch_create(engine->loop, &wire);
	engine->llm = llm_create(engine->loop, engine->fetch, &settings, err);
	if (key.data)
		explicit_bzero(key.data, key.len);
	return engine->llm != NULL;
}

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
		.system = slice_of(setting_text(cli, "MNEME_SYSTEM_PROMPT")),
		.memory_tokens =
			(size_t)setting_int(cli, "MNEME_MEMORY_TOKENS"),
		.context_tokens = CONTEXT,
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
engine_model(struct engine *engine, struct cli *cli, const char *model,
	     struct error *err)
{
	int64_t context = setting_int(cli, "LLM_CONTEXT_TOKENS");

	engine->chat.llm = NULL;
	llm_destroy(&engine->llm);
	fetch_destroy(&engine->fetch);
	engine->chat.context_known = context > 0;
	engine->chat.context_tokens = context > 0 ? (size_t)context : CONTEXT;
	engine->chat.system =
		slice_of(setting_text(cli, "MNEME_SYSTEM_PROMPT"));
	if (!open_model(engine, cli, model, err))
		return false;
	engine->chat.llm = engine->llm;
	return true;
}

bool
engine_open(struct engine *engine, struct cli *cli, const char *model,
	    struct error *err)
{
	if (!engine_open_recall(engine, cli, err))
		return false;
	if (engine_model(engine, cli, model, err))
		return true;
	engine_close(engine);
	return false;
}

void
engine_close(struct engine *engine)
{
	memory_service_stop(&engine->memory);
	llm_destroy(&engine->llm);
	fetch_destroy(&engine->fetch);
	loop_destroy(&engine->loop);
}
