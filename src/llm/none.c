/* A build without providers: every turn is answered from memory. */
#include "mneme/error.h"
#include "mneme/fetch.h"
#include "mneme/llm.h"

const struct llm_provider *
llm_provider_find(struct slice name)
{
	(void)name;
	return NULL;
}

struct llm *
llm_create(struct loop *loop, struct fetch *fetch,
	   const struct llm_settings *settings, struct error *err)
{
	(void)loop;
	(void)fetch;
	(void)settings;
	error_set(err, ERROR_SETUP, "this build has no providers");
	return NULL;
}

void
llm_destroy(struct llm **llm)
{
	*llm = NULL;
}

const char *
llm_model(const struct llm *llm)
{
	(void)llm;
	return "";
}

struct llm_call *
llm_stream(struct llm *llm, const struct llm_request *request,
	   const struct sink *sink, llm_retry_fn *retry, struct error *err)
{
	(void)llm;
	(void)request;
	(void)sink;
	(void)retry;
	error_set(err, ERROR_SETUP, "this build has no providers");
	return NULL;
}

void
llm_cancel(struct llm_call *call)
{
	(void)call;
}

struct fetch *
fetch_create(struct loop *loop, const struct fetch_settings *settings)
{
	(void)loop;
	(void)settings;
	return NULL;
}

void
fetch_destroy(struct fetch **fetch)
{
	*fetch = NULL;
}
