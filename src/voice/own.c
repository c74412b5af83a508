/*
 * own.c - what a person set, checked on its way in and again on its way out: a
 * store may be older than the rules.
 *
 * KEY_CMD and KEY_FILE are for the configuration file alone.  Whoever serves a
 * store would run that program, or read that file, for somebody else.
 */
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/llm.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "voice/private.h"

static bool
names_are_known(enum config_option option, struct slice value,
		struct error *err)
{
	return option != CONFIG_LLM_PROVIDER ||
	       llm_provider_known(value, ERROR_USAGE, err);
}

static bool
not_for_profiles(const char *name, struct error *err)
{
	SCOPED(buf_clear) struct buf names = {.max = 1024};

	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++)
		if (config_rows[i].scope == CONFIG_PER_PROFILE)
			buf_addf(&names, "%s%s", names.len ? ", " : "",
				 config_rows[i].name);
	return error_set(err, ERROR_USAGE,
			 "%s: cannot be set for a profile, but these can: %s",
			 name, buf_text(&names));
}

bool
voice_setting_check(struct slice key, const struct slice *value,
		    enum config_option *option, struct error *err)
{
	if (!config_option_find(key, option))
		return error_set(err, ERROR_USAGE, "%.*s: unknown key",
				 (int)MIN(key.len, (size_t)60), key.data);
	const struct config_row *row = &config_rows[*option];
	if (row->scope != CONFIG_PER_PROFILE)
		return not_for_profiles(row->name, err);
	if (!slice_is(key, row->name))
		return error_set(err, ERROR_USAGE,
				 "%.*s: a profile holds the secret itself "
				 "(%s); a command or a file that yields it "
				 "stands in the configuration file only",
				 SLICE_ARG(key), row->name);
	return !value || (config_check(*option, *value, err) &&
			  names_are_known(*option, *value, err));
}

void
settings_wipe(struct record_setting *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		explicit_bzero((char *)list[i].value.data, list[i].value.len);
}

size_t
settings_of_model(struct record_setting *list, size_t n)
{
	const char *language = config_rows[CONFIG_LANGUAGE].name;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!slice_is(list[i].name, language))
			list[kept++] = list[i];
	return kept;
}

bool
voice_is_own(struct store *store, struct id profile, bool *own,
	     struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(store, err);
	SCOPED(arena_clear) struct arena arena = {0};
	struct record_setting *list;
	size_t n;

	if (!txn || !record_setting_list(txn, profile, &arena, &list, &n, err))
		return false;
	settings_wipe(list, n);
	*own = settings_of_model(list, n) > 0;
	return true;
}

static void
unset_all(struct config *config, const enum config_option *options, size_t n)
{
	for (size_t i = 0; i < n; i++)
		config_unset(config, options[i], CONFIG_FROM_PROFILE);
}

/* The files' key for a provider whose address they give too is for whoever is
 * there. */
static void
unset_key_of_address(struct config *config, const struct config *files)
{
	const char *base = config_text(files, CONFIG_LLM_BASE_URL);
	const char *name = config_text(files, CONFIG_LLM_PROVIDER);
	const struct llm_provider *provider =
		llm_provider_find(slice_of(name ? name : "openai"));
	enum config_option key;

	if (base && provider && provider->key_setting &&
	    config_option_find(slice_of(provider->key_setting), &key))
		config_unset(config, key, CONFIG_FROM_PROFILE);
}

static bool
is_own(const struct config *config, enum config_option option)
{
	return config_origin(config, option) == CONFIG_FROM_PROFILE;
}

/* What the files say of a provider is of that one. */
static void
separate(struct config *config, const struct config *files)
{
	static const enum config_option of_provider[] = {
		CONFIG_LLM_BASE_URL,    CONFIG_LLM_MODEL,
		CONFIG_LLM_API_KEY,     CONFIG_LLM_CONTEXT_TOKENS,
		CONFIG_FALLBACK_MODELS,
	};
	static const enum config_option keys[] = {
		CONFIG_OPENROUTER_API_KEY,
		CONFIG_OPENAI_API_KEY,
		CONFIG_GEMINI_API_KEY,
	};
	bool address = is_own(config, CONFIG_LLM_BASE_URL) ||
		       is_own(config, CONFIG_GEMINI_BASE_URL);

	if (!address && !is_own(config, CONFIG_LLM_PROVIDER))
		return;
	unset_all(config, of_provider, COUNT(of_provider));
	unset_key_of_address(config, files);
	if (address)
		unset_all(config, keys, COUNT(keys));
}

static bool
overlay(struct config *config, const struct record_setting *setting,
	struct error *err)
{
	SCOPED(buf_clear) struct buf value;
	enum config_option option;
	struct error why = {0};

	buf_init(&value, RECORD_VALUE_MAX + 1);
	if (!voice_setting_check(setting->name, &setting->value, &option, &why))
		return error_set(err, ERROR_SETUP,
				 "set for this profile: %.800s (mneme profile "
				 "set and unset change it)",
				 why.text);
	buf_add_slice(&value, setting->value);
	bool good = config_overlay(config, option, buf_text(&value), err);
	explicit_bzero(value.data, value.len);
	return good;
}

struct config *
settings_config(const struct record_setting *list, size_t n,
		const struct config *config, struct error *err)
{
	SCOPED(config_destroy) struct config *own = config_copy(config);

	for (size_t i = 0; i < n; i++)
		if (!overlay(own, &list[i], err))
			return NULL;
	separate(own, config);
	return TAKE(own);
}

struct config *
voice_config(struct store_txn *txn, struct id profile,
	     const struct config *config, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct record_setting *list;
	size_t n;

	if (!record_setting_list(txn, profile, &arena, &list, &n, err))
		return NULL;
	struct config *own = settings_config(list, n, config, err);
	settings_wipe(list, n);
	return own;
}
