/*
 * openai_models.c - the provider's models, asked for once in a while.
 *
 * The list of each voice is kept for some minutes; calls that come while it is
 * on its way wait for it.
 */
#include <stdlib.h>

#include "api/openai.h"
#include "mneme/clock.h"
#include "mneme/loop.h"

enum { MODELS_MAX = 20000, LIST_BYTES = 4 << 20, LISTS_MAX = 32 };

#define KEEP (5 * CLOCK_MINUTE)

struct models {
	struct list link;
	struct api *api;
	uint64_t number;           /* of the voice */
	const struct voice *voice; /* held while they are fetched */
	const char *owner;
	struct buf ids; /* each with a NUL after it */
	size_t count;
	int64_t until; /* loop time; 0: never had any */
	struct llm_call *fetching;
	struct buf coming;
	size_t coming_count;
	struct list waiting;
};

struct waiter {
	struct list link;
	struct call *call;
};

static void
print_model(struct printer *p, const char *id, const char *owner)
{
	printer_map(p);
	printer_add_word(p, "id", id);
	printer_add_word(p, "object", "model");
	printer_add_int(p, "created", 0);
	printer_add_word(p, "owned_by", owner);
	printer_end(p);
}

static void
answer_list(struct call *call, const struct models *models)
{
	struct printer *p = answer_begin(call);
	const char *at = buf_text(&models->ids);

	printer_map(p);
	printer_add_word(p, "object", "list");
	printer_key(p, "data");
	printer_list(p);
	for (size_t i = 0; i < models->count; i++, at += strlen(at) + 1)
		print_model(p, at, models->owner);
	printer_end(p);
	printer_end(p);
	answer_send(call, 200);
}

/* A name may hold a slash, and so be two segments of the path. */
static struct slice
wanted(struct call *call)
{
	if (!call->params[1].data)
		return call->params[0];
	return slice_of(arena_printf(call->arena, "%.*s/%.*s",
				     SLICE_ARG(call->params[0]),
				     SLICE_ARG(call->params[1])));
}

static void
answer_one(struct call *call, const struct models *models)
{
	struct slice name = wanted(call);
	const char *at = buf_text(&models->ids);

	for (size_t i = 0; i < models->count; i++, at += strlen(at) + 1) {
		if (!slice_is(name, at))
			continue;
		print_model(answer_begin(call), at, models->owner);
		answer_send(call, 200);
		return;
	}
	answer_problem(call, 404, "model_not_found", "there is no model %.200s",
		       arena_text(call->arena, name));
}

static void
answer(struct call *call, const struct models *models)
{
	if (call->params[0].data)
		answer_one(call, models);
	else
		answer_list(call, models);
}

static void
serve(struct models *models, const struct error *err)
{
	while (!list_empty(&models->waiting)) {
		struct waiter *w =
			HOLDER(models->waiting.next, struct waiter, link);

		list_unlink(&w->link);
		if (err)
			answer_upstream(w->call, err);
		else
			answer(w->call, models);
	}
}

static void
on_model(void *arg, const struct llm_model_info *model)
{
	struct models *models = arg;

	if (models->coming_count >= MODELS_MAX || model->id.len == 0 ||
	    memchr(model->id.data, '\0', model->id.len) ||
	    !buf_add_slice(&models->coming, model->id))
		return;
	buf_addc(&models->coming, '\0');
	models->coming_count++;
}

static void
on_done(void *arg, const void *result)
{
	struct models *models = arg;

	(void)result;
	models->fetching = NULL;
	voice_drop(&models->voice);
	buf_clear(&models->ids);
	models->ids = models->coming;
	models->count = models->coming_count;
	buf_init(&models->coming, LIST_BYTES);
	models->until = loop_now(models->api->loop) + KEEP;
	serve(models, NULL);
}

static void
on_failed(void *arg, const struct error *err)
{
	struct models *models = arg;

	models->fetching = NULL;
	voice_drop(&models->voice);
	serve(models, err);
}

static void
drop(struct models *models)
{
	list_unlink(&models->link);
	models->api->models_count--;
	buf_clear(&models->ids);
	buf_clear(&models->coming);
	free(models);
}

/* The oldest that nobody waits for. */
static void
make_room(struct api *api)
{
	LIST_EACH(&api->models, at)
	{
		struct models *models = HOLDER(at, struct models, link);

		if (api->models_count < LISTS_MAX)
			return;
		if (!models->fetching)
			drop(models);
	}
}

static struct models *
make(struct api *api, const struct voice *voice)
{
	struct models *models = xcalloc(1, sizeof(*models));

	make_room(api);
	models->api = api;
	models->number = voice->number;
	models->owner = voice->llm ? llm_provider(voice->llm)->name : "mneme";
	buf_init(&models->ids, LIST_BYTES);
	buf_init(&models->coming, LIST_BYTES);
	list_init(&models->waiting);
	if (!voice->llm) {
		buf_add(&models->ids, "mneme-recall", 13);
		models->count = 1;
	}
	list_insert(&api->models, &models->link);
	api->models_count++;
	return models;
}

static struct models *
get(struct api *api, const struct voice *voice)
{
	LIST_EACH(&api->models, at)
	{
		struct models *models = HOLDER(at, struct models, link);

		if (models->number == voice->number)
			return models;
	}
	return make(api, voice);
}

static bool
fetch(struct models *models, const struct voice *voice, struct error *err)
{
	const struct sink sink = {NULL, on_done, on_failed, models};

	if (models->fetching)
		return true;
	buf_reset(&models->coming);
	models->coming_count = 0;
	models->fetching = llm_models(voice->llm, on_model, &sink, err);
	if (models->fetching)
		models->voice = voice_hold(voice);
	return models->fetching != NULL;
}

static void
answer_or_wait(struct call *call, const struct voice *voice)
{
	struct models *models = get(call->api, voice);
	struct waiter *w;
	struct error err = {0};

	if (!voice->llm || models->until > loop_now(call->api->loop)) {
		answer(call, models);
		return;
	}
	if (!fetch(models, voice, &err)) {
		answer_upstream(call, &err);
		return;
	}
	w = arena_alloc(call->arena, 1, sizeof(*w));
	w->call = call;
	list_insert(&models->waiting, &w->link);
}

void
openai_models(struct call *call)
{
	const struct voice *voice = call_voice(call);

	if (!voice)
		return;
	answer_or_wait(call, voice);
	voice_drop(&voice);
}

void
openai_model(struct call *call)
{
	openai_models(call);
}

void
models_cancel(struct api *api)
{
	LIST_EACH(&api->models, at)
	{
		struct models *models = HOLDER(at, struct models, link);

		if (models->fetching)
			llm_cancel(models->fetching);
	}
}

void
models_drop(struct api *api)
{
	LIST_EACH(&api->models, at)
	drop(HOLDER(at, struct models, link));
}
