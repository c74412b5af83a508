/*
 * settings.c - what a caller set for the model that answers them.
 *
 * A caller names a provider, never an address: that is the provider's row's, so
 * that nobody has the server call where they like.  A provider of one's own is
 * asked with a key of one's own, and that key nobody else: the two come and go
 * together.  What the server's environment says goes first and cannot be
 * changed here.
 */
#include <stdlib.h>

#include "api/turn.h"
#include "mneme/config.h"
#include "mneme/llm.h"
#include "mneme/store.h"
#include "mneme/voice.h"

static const struct {
	const char *field;
	enum config_option option;
} rows[] = {
	{"provider", CONFIG_LLM_PROVIDER},
	{"model", CONFIG_LLM_MODEL},
	{"temperature", CONFIG_LLM_TEMPERATURE},
	{"max_tokens", CONFIG_LLM_MAX_TOKENS},
	{"language", CONFIG_LANGUAGE},
};

static const enum config_option secrets[] = {
	CONFIG_LLM_API_KEY,
	CONFIG_OPENROUTER_API_KEY,
	CONFIG_OPENAI_API_KEY,
	CONFIG_GEMINI_API_KEY,
};

/* ---- one setting of the caller's */

struct own {
	struct store_txn *txn;
	struct call *call;
	bool purge; /* a secret has left its row, but not the files yet */
};

/* *value: NULL where it is not set; in the call's arena. */
static bool
get(const struct own *own, enum config_option option, const char **value,
    struct error *err)
{
	struct slice text;
	bool found;

	if (!record_setting_get(own->txn, own->call->caller.profile,
				slice_of(config_rows[option].name),
				own->call->arena, &text, &found, err))
		return false;
	*value = found ? arena_text(own->call->arena, text) : NULL;
	return true;
}

/* Empty: taken out. */
static bool
put(struct own *own, enum config_option option, struct slice value,
    struct error *err)
{
	const char *before;

	if (!get(own, option, &before, err))
		return false;
	own->purge |= before && config_rows[option].kind == CONFIG_SECRET;
	return record_setting_put(own->txn, own->call->caller.profile,
				  slice_of(config_rows[option].name), value,
				  err);
}

static bool
is_fixed(const struct call *call, enum config_option option)
{
	return config_origin(call->api->settings.config, option) >
	       CONFIG_FROM_PROFILE;
}

static bool
refuse_fixed(enum config_option option, const char *field, struct error *err)
{
	return error_set(err, ERROR_CONFLICT,
			 "%s: this server's environment sets %s, which goes "
			 "first",
			 field, config_rows[option].name);
}

/* ---- change */

/* A number as the settings have it: no exponent. */
static struct slice
text_of(struct call *call, enum config_option option, const json_t *value)
{
	if (json_is_string(value))
		return json_slice(value);
	if (!json_is_number(value))
		return (struct slice){0};
	return slice_of(
		arena_printf(call->arena, "%.*f",
			     config_rows[option].kind == CONFIG_INTEGER ? 0 : 4,
			     json_number_value(value)));
}

static bool
put_rows(struct own *own, struct error *err)
{
	struct call *call = own->call;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const json_t *value =
			json_object_get(call->body, rows[i].field);
		struct slice text = text_of(call, rows[i].option, value);
		enum config_option option;

		if (!value)
			continue;
		if (text.len && is_fixed(call, rows[i].option))
			return refuse_fixed(rows[i].option, rows[i].field, err);
		if (text.len &&
		    !voice_setting_check(
			    slice_of(config_rows[rows[i].option].name), &text,
			    &option, err))
			return false;
		if (!put(own, rows[i].option, text, err))
			return false;
	}
	return true;
}

static bool
drop_secrets(struct own *own, struct error *err)
{
	for (size_t i = 0; i < COUNT(secrets); i++)
		if (!put(own, secrets[i], (struct slice){0}, err))
			return false;
	return true;
}

/* Another provider is at another address, and has no use for the key. */
static bool
leave_provider(struct own *own, const char *before, struct error *err)
{
	struct slice now = call_text(own->call->body, "provider");
	const json_t *given = json_object_get(own->call->body, "provider");
	const struct slice none = {0};

	if (!given)
		return true;
	if (now.len && is_fixed(own->call, CONFIG_LLM_BASE_URL))
		return refuse_fixed(CONFIG_LLM_BASE_URL, "provider", err);
	if (!put(own, CONFIG_LLM_BASE_URL, none, err) ||
	    !put(own, CONFIG_GEMINI_BASE_URL, none, err))
		return false;
	return (now.len && before && slice_is(now, before)) ||
	       drop_secrets(own, err);
}

static bool
put_key(struct own *own, const struct llm_provider *provider, struct error *err)
{
	const json_t *given = json_object_get(own->call->body, "api_key");
	struct slice key = call_text(own->call->body, "api_key");
	enum config_option option = CONFIG_LLM_API_KEY;

	if (!given)
		return true;
	if (!key.len)
		return drop_secrets(own, err);
	if (!provider || !provider->key_setting)
		return error_set(err, ERROR_CONFLICT,
				 "api_key: whose? name its provider too");
	config_option_find(slice_of(provider->key_setting), &option);
	if (is_fixed(own->call, option))
		return refuse_fixed(option, "api_key", err);
	return drop_secrets(own, err) && put(own, option, key, err);
}

/* Nobody else's key is for what a caller chose. */
static bool
has_key(struct own *own, const struct llm_provider *provider, struct error *err)
{
	enum config_option option = CONFIG_LLM_API_KEY;
	const char *key, *address;

	if (!provider || !provider->key_setting)
		return true;
	config_option_find(slice_of(provider->key_setting), &option);
	if (!get(own, option, &key, err) ||
	    !get(own, CONFIG_LLM_BASE_URL, &address, err))
		return false;
	return key || address ||
	       error_set(err, ERROR_CONFLICT,
			 "provider: %s is asked with a key of your own: give "
			 "its api_key too, or take both out",
			 provider->title);
}

static bool
change_who(struct own *own, const char *before, struct error *err)
{
	const json_t *body = own->call->body;
	const struct llm_provider *provider;
	const char *name;

	if (!json_object_get(body, "provider") &&
	    !json_object_get(body, "api_key"))
		return true;
	if (!leave_provider(own, before, err) ||
	    !get(own, CONFIG_LLM_PROVIDER, &name, err))
		return false;
	provider = name ? llm_provider_find(slice_of(name)) : NULL;
	return put_key(own, provider, err) && has_key(own, provider, err);
}

static bool
change(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct own own = {.txn = txn, .call = call};
	const char *before;

	if (!get(&own, CONFIG_LLM_PROVIDER, &before, err) ||
	    !put_rows(&own, err) || !change_who(&own, before, err))
		return false;
	call->flag = own.purge;
	return !own.purge || memory_purge_later(txn, call->caller.profile, err);
}

/* ---- answers */

static bool
print_row(struct own *own, struct printer *p, size_t i, struct error *err)
{
	const char *value;
	enum config_option option = rows[i].option;

	if (!get(own, option, &value, err))
		return false;
	printer_key(p, rows[i].field);
	if (!value)
		printer_null(p);
	else if (config_rows[option].kind == CONFIG_REAL)
		printer_real(p, strtod(value, NULL));
	else if (config_rows[option].kind == CONFIG_INTEGER)
		printer_int(p, strtoll(value, NULL, 10));
	else
		printer_string(p, slice_of(value));
	return true;
}

static bool
print_own(struct store_txn *txn, struct call *call, struct error *err)
{
	struct own own = {.txn = txn, .call = call};
	struct printer *p = answer_begin(call);
	bool has = false;
	const char *key;

	printer_map(p);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!print_row(&own, p, i, err))
			return false;
	for (size_t i = 0; i < COUNT(secrets); i++) {
		if (!get(&own, secrets[i], &key, err))
			return false;
		has |= key != NULL;
	}
	printer_add_bool(p, "has_api_key", has);
	return true;
}

static void
print_answering(struct call *call)
{
	struct printer *p = &call->p;
	struct error err = {0};
	const struct voice *voice =
		voice_of(call->api->chat.voices, call->caller.profile, &err);
	const struct llm *llm = voice ? voice->llm : NULL;

	printer_key(p, "answering");
	printer_map(p);
	printer_add_string_or_null(
		p, "provider", slice_of(llm ? llm_provider(llm)->name : NULL));
	printer_add_string_or_null(p, "model",
				   slice_of(llm ? llm_model(llm) : NULL));
	printer_end(p);
	voice_drop(&voice);
}

void
settings_get(struct call *call)
{
	if (!call_read(call, print_own))
		return;
	print_answering(call);
	printer_end(&call->p);
	answer_send(call, 200);
}

static void
changed(struct call *call)
{
	voices_check(call->api->chat.voices);
	if (call->flag)
		purge_soon(call->api, call->caller.profile);
	settings_get(call);
}

void
settings_patch(struct call *call)
{
	call_write(call, change, changed);
}
