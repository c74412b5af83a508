/* make.c - from settings to a client of a provider. */
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/llm.h"
#include "voice/private.h"

/* What is reckoned with where nothing is known: old models hold so much. */
enum { CONTEXT = 8192, KEY_MAX = 4096 };

static const char *
text(const struct config *config, enum config_option option)
{
	const char *value = config_text(config, option);

	return value && *value ? value : NULL;
}

/* "PROVIDER:MODEL" where PROVIDER is one of our rows; else all is the
 * model's. */
static const char *
split_model(const char *model, const struct llm_provider **provider)
{
	const char *colon = strchr(model, ':');

	if (!colon)
		return model;
	const struct llm_provider *row =
		llm_provider_find(slice_make(model, (size_t)(colon - model)));
	if (!row)
		return model;
	*provider = row;
	return colon + 1;
}

static bool
find_provider(const struct config *config, const struct llm_provider **out,
	      struct error *err)
{
	const char *name = text(config, CONFIG_LLM_PROVIDER);

	*out = NULL;
	if (!name)
		return true;
	*out = llm_provider_find(slice_of(name));
	return *out || llm_provider_known(slice_of(name), ERROR_SETUP, err);
}

/* Gemini's may have an address of its own beside the one for the others. */
static const char *
find_base(const struct config *config, const struct llm_provider *provider)
{
	const char *base = text(config, CONFIG_LLM_BASE_URL);
	const char *gemini = text(config, CONFIG_GEMINI_BASE_URL);

	return gemini && strcmp(provider->name, "gemini") == 0 ? gemini : base;
}

static bool
find_key(const struct config *config, const struct llm_provider *provider,
	 const char *base, struct buf *key, struct error *err)
{
	enum config_option own = CONFIG_LLM_API_KEY;

	if (provider->key_setting)
		config_option_find(slice_of(provider->key_setting), &own);
	if (!config_is_set(config, own))
		own = CONFIG_LLM_API_KEY;
	if (config_is_set(config, own))
		return config_secret(config, own, key, err);
	return !provider->key_setting || base ||
	       error_set(err, ERROR_SETUP,
			 "%s wants a key: set %s or LLM_API_KEY",
			 provider->title, provider->key_setting);
}

/* The fallback models, NULL at the end. */
static const char **
fallbacks(const struct config *config, struct arena *arena)
{
	struct slice rest =
		slice_of(config_text(config, CONFIG_FALLBACK_MODELS));
	const char **list = arena_alloc(arena, rest.len + 2, sizeof(*list));
	struct slice one;
	size_t n = 0;

	while (config_item(&rest, &one))
		list[n++] = arena_text(arena, one);
	return list;
}

/* The command line names another provider than the settings: of those, only
 * what bears its name is for it. */
static const struct config *
for_another(const struct config *config, struct config **own)
{
	static const enum config_option of_provider[] = {
		CONFIG_LLM_BASE_URL,
		CONFIG_LLM_API_KEY,
		CONFIG_FALLBACK_MODELS,
	};

	*own = config_copy(config);
	for (size_t i = 0; i < COUNT(of_provider); i++)
		config_unset(*own, of_provider[i], CONFIG_ORIGIN_COUNT);
	return *own;
}

static bool
open_model(struct voice *voice, struct loop *loop, struct fetch *fetch,
	   const struct config *config, const struct llm_provider *provider,
	   const char *model, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(buf_clear) struct buf key;
	const char *base = find_base(config, provider);

	buf_init(&key, KEY_MAX);
	if (!find_key(config, provider, base, &key, err))
		return false;
	const struct llm_settings settings = {
		.provider = provider,
		.base_url = base,
		.key = key.len ? buf_text(&key) : NULL,
		.model = model && *model ? model : NULL,
		.fallbacks = fallbacks(config, &arena),
		.retries = (unsigned)config_int(config, CONFIG_RETRIES),
	};
	if (!voice->context_known && !base && provider->context_tokens)
		voice->context_tokens = provider->context_tokens;
	voice->llm = llm_create(loop, fetch, &settings, err);
	if (key.data)
		explicit_bzero(key.data, key.len);
	return voice->llm != NULL;
}

static void
read_how(struct voice *voice, const struct config *config)
{
	int64_t context = config_int(config, CONFIG_LLM_CONTEXT_TOKENS);

	*voice = (struct voice){
		.system = slice_of(config_text(config, CONFIG_SYSTEM_PROMPT)),
		.temperature =
			config_is_set(config, CONFIG_LLM_TEMPERATURE)
				? config_real(config, CONFIG_LLM_TEMPERATURE)
				: -1,
		.max_tokens = config_int(config, CONFIG_LLM_MAX_TOKENS),
		.memory_tokens =
			(size_t)config_int(config, CONFIG_MEMORY_TOKENS),
		.context_tokens = context > 0 ? (size_t)context : CONTEXT,
		.context_known = context > 0,
	};
}

bool
voice_read(struct voice *voice, struct loop *loop, struct fetch *fetch,
	   const struct config *config, const char *wanted, struct error *err)
{
	SCOPED(config_destroy) struct config *own = NULL;
	const char *model = text(config, CONFIG_LLM_MODEL);
	const struct llm_provider *set, *provider;

	if (!find_provider(config, &set, err))
		return false;
	if (!set && text(config, CONFIG_LLM_BASE_URL))
		set = llm_provider_find(slice_of("openai"));
	provider = set;
	if (wanted)
		model = split_model(wanted, &provider);
	read_how(voice, config);
	if (set && provider != set) {
		config = for_another(config, &own);
		voice->context_known = false;
		voice->context_tokens = CONTEXT;
	}
	if (!provider)
		return true;
	return open_model(voice, loop, fetch, config, provider, model, err);
}
