/* A client: a provider, where it is, whom it knows us as, which models. */
#include <stdlib.h>
#include <string.h>

#include "llm/call.h"
#include "mneme/fetch.h"

static char *
trimmed(const char *base)
{
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	return slice_dup(slice_make(base, len));
}

static void
copy_models(struct llm *llm, const struct llm_settings *settings)
{
	const char *first =
		settings->model ? settings->model : settings->provider->model;
	size_t n = 0;

	while (settings->fallbacks && settings->fallbacks[n])
		n++;
	llm->models = xcalloc(n + 2, sizeof(*llm->models));
	if (!first)
		return;
	llm->models[0] = xstrdup(first);
	for (size_t i = 0; i < n; i++)
		llm->models[i + 1] = xstrdup(settings->fallbacks[i]);
}

/* The provider's name; of a company's format spoken elsewhere, the host. */
static char *
title_of(const struct llm_provider *provider, const char *base)
{
	char host[FETCH_HOST_TEXT], own[FETCH_HOST_TEXT];

	if (!provider->key_setting || !fetch_host(base, host) ||
	    !fetch_host(provider->base_url, own) || strcmp(host, own) == 0)
		return xstrdup(provider->title);
	/* Without its port. */
	host[*host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":")] = '\0';
	return xstrdup(host);
}

const char *
llm_title(const struct llm *llm)
{
	return llm->title;
}

struct llm *
llm_create(struct loop *loop, struct fetch *fetch,
	   const struct llm_settings *settings, struct error *err)
{
	const struct llm_provider *provider = settings->provider;
	bool keyless = !settings->key || !*settings->key;

	/* Another server that speaks the format may need no key. */
	if (keyless && provider->key_setting && !settings->base_url) {
		error_set(err, ERROR_SETUP, "%s needs a key: set %s",
			  provider->title, provider->key_setting);
		return NULL;
	}
	struct llm *llm = xcalloc(1, sizeof(*llm));
	llm->loop = loop;
	llm->fetch = fetch;
	llm->provider = provider;
	llm->base = trimmed(settings->base_url ? settings->base_url
					       : provider->base_url);
	llm->title = title_of(provider, llm->base);
	llm->key = keyless ? NULL : xstrdup(settings->key);
	llm->retries = settings->retries;
	copy_models(llm, settings);
	list_init(&llm->calls);
	return llm;
}

void
llm_destroy(struct llm **llm)
{
	struct llm *l = *llm;

	if (!l)
		return;
	while (!list_empty(&l->calls)) {
		struct llm_call *call =
			HOLDER(l->calls.next, struct llm_call, link);
		if (call->told)
			llm_drop(call);
		else
			llm_cancel(call);
	}
	for (size_t i = 0; l->models[i]; i++)
		free(l->models[i]);
	free(l->models);
	free(l->base);
	free(l->title);
	if (l->key)
		explicit_bzero(l->key, strlen(l->key));
	free(l->key);
	free(l);
	*llm = NULL;
}

const char *
llm_model(const struct llm *llm)
{
	return llm->models[0] ? llm->models[0] : "";
}

const struct llm_provider *
llm_provider(const struct llm *llm)
{
	return llm->provider;
}
