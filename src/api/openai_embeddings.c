/*
 * openai_embeddings.c - POST /v1/embeddings: the model that memory uses, for
 * others.
 *
 * One thread has the model; it is opened with the first request.  What waits
 * for it is bounded.
 */
#include <math.h>
#include <stdlib.h>

#include "api/openai.h"
#include "mneme/base64.h"
#include "mneme/embed.h"
#include "mneme/loop.h"
#include "mneme/work.h"

enum { TEXTS_MAX = 256, TEXT_BYTES = 64 << 10, WAITING_MAX = 32 };

struct embedder {
	struct api *api;
	struct work_thread *thread;
	struct embed_model *model;
	struct embed_workspace *workspace;
	size_t waiting;
};

struct embed_job {
	struct embedder *embedder;
	struct call *call;
	struct slice *texts;
	size_t count;
	bool base64;
	struct buf out; /* the list of embeddings, as JSON */
	struct printer p;
	size_t tokens;
	char model[128];
	int64_t dimensions;
	struct error err;
};

/* ---- on the thread */

static bool
open_model(struct embedder *e, struct error *err)
{
	const char *folder = e->api->settings.embedding_model;

	if (e->workspace)
		return true;
	if (!folder)
		return error_set(err, ERROR_SETUP,
				 "no embedding model is set up: mneme model "
				 "pull");
	if (!e->model)
		e->model = embed_open(folder, err);
	if (!e->model && err->code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_SETUP,
				 "no embedding model is there; get one with: "
				 "mneme model pull");
	if (e->model)
		e->workspace = embed_workspace_create(e->model);
	return e->workspace != NULL;
}

static void
print_vector(struct embed_job *job, const float *vector, unsigned n)
{
	SCOPED(buf_clear) struct buf text;

	buf_init(&text, n * 8 + 16);
	if (job->base64) {
		base64_write(slice_make(vector, n * sizeof(*vector)), &text);
		printer_string(&job->p, buf_slice(&text));
		return;
	}
	printer_list(&job->p);
	for (unsigned i = 0; i < n; i++)
		printer_real(&job->p, (double)vector[i]);
	printer_end(&job->p);
}

/* The first ones of a vector, at length 1 again. */
static void
shorten(const float *vector, unsigned n, float *out)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += (double)vector[i] * (double)vector[i];
	sum = sqrt(sum);
	for (unsigned i = 0; i < n; i++)
		out[i] = sum > 0 ? (float)((double)vector[i] / sum) : 0;
}

static void
embed_one(struct embed_job *job, size_t at)
{
	struct embedder *e = job->embedder;
	float vector[EMBED_DIMENSIONS_MAX];
	struct embed_output output;

	embed_text(e->workspace, job->texts[at], &output);
	job->tokens += output.count;
	printer_map(&job->p);
	printer_add_word(&job->p, "object", "embedding");
	printer_add_int(&job->p, "index", (int64_t)at);
	printer_key(&job->p, "embedding");
	shorten(output.vector, (unsigned)job->dimensions, vector);
	print_vector(job, vector, (unsigned)job->dimensions);
	printer_end(&job->p);
}

static void finish(void *arg);

static void
run(void *arg)
{
	struct embed_job *job = arg;
	struct embedder *e = job->embedder;

	if (open_model(e, &job->err)) {
		unsigned own = embed_info(e->model)->dimensions;

		if (job->dimensions > (int64_t)own)
			error_set(&job->err, ERROR_NOT_FOUND,
				  "no model here has %lld dimensions, but %u",
				  (long long)job->dimensions, own);
		else if (job->dimensions == 0)
			job->dimensions = own;
	}
	if (!job->err.code) {
		printer_list(&job->p);
		for (size_t i = 0; i < job->count; i++)
			embed_one(job, i);
		printer_end(&job->p);
	}
	loop_post(e->api->loop, finish, job);
}

/* ---- on the loop */

static const char *
model_name(const struct api *api)
{
	const char *folder = api->settings.embedding_model;
	const char *slash = folder ? strrchr(folder, '/') : NULL;

	return slash ? slash + 1 : folder ? folder : "none";
}

static void
finish(void *arg)
{
	struct embed_job *job = arg;
	struct call *call = job->call;
	struct printer *p;

	job->embedder->waiting--;
	if (job->err.code == ERROR_SETUP || job->err.code == ERROR_NOT_FOUND) {
		answer_problem(call, 404, "model_not_found", "%s",
			       job->err.text);
	} else if (job->err.code) {
		answer_error(call, &job->err);
	} else {
		p = answer_begin(call);
		printer_map(p);
		printer_add_word(p, "object", "list");
		printer_key(p, "data");
		printer_json(p, buf_slice(&job->out));
		printer_add_word(p, "model", model_name(call->api));
		printer_key(p, "usage");
		printer_map(p);
		printer_add_int(p, "prompt_tokens", (int64_t)job->tokens);
		printer_add_int(p, "total_tokens", (int64_t)job->tokens);
		printer_end(p);
		printer_end(p);
		answer_send(call, 200);
	}
	buf_clear(&job->out);
	free(job->texts);
	free(job);
}

static void
add_text(struct embed_job *job, const json_t *text)
{
	job->texts[job->count++] = json_slice(text);
}

static bool
read_texts(struct call *call, struct embed_job *job)
{
	const json_t *input = json_object_get(call->body, "input");
	size_t n = json_is_array(input) ? json_array_size(input) : 1;

	if (n == 0 || n > TEXTS_MAX) {
		answer_invalid(call, "input", "1 to %d texts at a time",
			       TEXTS_MAX);
		return false;
	}
	job->texts = xcalloc(n, sizeof(*job->texts));
	if (!json_is_array(input))
		add_text(job, input);
	for (size_t i = 0; json_is_array(input) && i < n; i++)
		add_text(job, json_array_get(input, i));
	for (size_t i = 0; i < job->count; i++) {
		if (job->texts[i].len && job->texts[i].len <= TEXT_BYTES)
			continue;
		answer_invalid(call, "input", "a text has 1 to %d bytes",
			       TEXT_BYTES);
		return false;
	}
	return true;
}

static struct embedder *
get(struct api *api, struct error *err)
{
	struct embedder *e = api->embedder;

	if (!e) {
		api->embedder = e = xcalloc(1, sizeof(*e));
		e->api = api;
	}
	if (!e->thread)
		e->thread = work_thread_start("embed", err);
	return e->thread ? e : NULL;
}

static void
give_up(struct embed_job *job)
{
	buf_clear(&job->out);
	free(job->texts);
	free(job);
}

void
openai_embeddings(struct call *call)
{
	struct embed_job *job = xcalloc(1, sizeof(*job));
	struct error err = {0};
	struct embedder *e;

	job->call = call;
	job->base64 =
		slice_is(call_text(call->body, "encoding_format"), "base64");
	job->dimensions = call_int(call->body, "dimensions", 0);
	buf_init(&job->out, 64 << 20);
	printer_init(&job->p, PRINTER_JSON, &job->out);
	if (!read_texts(call, job)) {
		give_up(job);
		return;
	}
	e = get(call->api, &err);
	if (e && e->waiting >= WAITING_MAX)
		error_set(&err, ERROR_BUSY,
			  "too many texts wait to be embedded");
	if (err.code) {
		give_up(job);
		answer_error(call, &err);
		return;
	}
	job->embedder = e;
	e->waiting++;
	work_thread_push(e->thread, run, job);
}

void
embedder_drop(struct embedder **embedder)
{
	struct embedder *e = *embedder;

	if (!e)
		return;
	work_thread_stop(&e->thread);
	while (e->waiting)
		loop_turn(e->api->loop, true);
	embed_workspace_destroy(&e->workspace);
	embed_close(&e->model);
	free(e);
	*embedder = NULL;
}
