#include "meaning.h"

#include <assert.h>
#include <stdlib.h>

#include "mneme/embed.h"
#include "mneme/error.h"
#include "space.h"

struct meaning {
	struct embed_model *model;
	struct embed_workspace *workspace;
	struct space space;
	struct index_model kind;
	float *vectors; /* [MEANING_BATCH][dimensions] */
	float *tokens;  /* of one text */
	uint32_t pieces[INDEX_TOKENS_MAX];
};

void
meaning_close(struct meaning **meaning)
{
	struct meaning *m = *meaning;

	if (!m)
		return;
	embed_workspace_destroy(&m->workspace);
	embed_close(&m->model);
	space_clear(&m->space);
	free(m->vectors);
	free(m->tokens);
	free(m);
	*meaning = NULL;
}

struct meaning *
meaning_open(const char *model, const char *cache, struct error *err)
{
	SCOPED(meaning_close) struct meaning *m = xcalloc(1, sizeof(*m));

	m->model = embed_open(model, err);
	if (!m->model || !space_open(&m->space, model, cache, m->model, err))
		return NULL;
	const struct embed_info *info = embed_info(m->model);
	if (info->dimensions % SPACE_WIDTH)
		return error_set(err, ERROR_INVALID,
				 "%s: vectors of %u numbers; a multiple of "
				 "%d is wanted",
				 model, info->dimensions, SPACE_WIDTH),
		       NULL;
	m->workspace = embed_workspace_create(m->model);
	m->kind.dimensions = info->dimensions;
	m->kind.token_dimensions = m->space.to;
	static_assert(sizeof(m->kind.fingerprint) == sizeof(info->fingerprint),
		      "one is made of the other");
	memcpy(m->kind.fingerprint, info->fingerprint, DIGEST_BYTES);
	m->kind.fingerprint[0] ^= SPACE_VERSION;
	m->vectors = xcalloc((size_t)MEANING_BATCH * info->dimensions,
			     sizeof(float));
	m->tokens =
		xcalloc((size_t)INDEX_TOKENS_MAX * m->space.to, sizeof(float));
	return TAKE(m);
}

const struct index_model *
meaning_model(const struct meaning *meaning)
{
	return &meaning->kind;
}

static void
describe(struct meaning *m, const struct embed_output *output,
	 const float *vector, struct index_vector *out)
{
	size_t n = MIN(output->count, (size_t)INDEX_TOKENS_MAX);

	for (size_t i = 0; i < n; i++)
		space_project(&m->space,
			      output->tokens + i * m->kind.dimensions,
			      m->tokens + i * m->space.to);
	memcpy(m->pieces, output->pieces, n * sizeof(m->pieces[0]));
	*out = (struct index_vector){.vector = vector,
				     .tokens = m->tokens,
				     .pieces = m->pieces,
				     .count = n};
}

void
meaning_question(struct meaning *m, struct slice text, struct index_vector *out)
{
	struct embed_output output;

	embed_text(m->workspace, text, &output);
	memcpy(m->vectors, output.vector, m->kind.dimensions * sizeof(float));
	describe(m, &output, m->vectors, out);
}

/* Which passes a batch has: a text alone, then again after the one before. */
struct passes {
	struct meaning *meaning;
	struct embed_input inputs[2 * MEANING_BATCH];
	size_t text[2 * MEANING_BATCH];
	bool last[2 * MEANING_BATCH]; /* of its text */
	size_t count;
	meaning_each_fn *each;
	void *arg;
};

static void
pass_done(void *arg, size_t at, const struct embed_output *output)
{
	struct passes *p = arg;
	struct meaning *m = p->meaning;
	size_t dimensions = m->kind.dimensions;
	float *vector = m->vectors + p->text[at] * dimensions;
	struct index_vector v;

	if (at == 0 || p->text[at - 1] != p->text[at])
		memcpy(vector, output->vector, dimensions * sizeof(float));
	if (!p->last[at])
		return;
	describe(m, output, vector, &v);
	p->each(p->arg, p->text[at], &v);
}

void
meaning_texts(struct meaning *meaning, const struct meaning_text *texts,
	      size_t n, meaning_each_fn *each, void *arg)
{
	struct passes p = {.meaning = meaning, .each = each, .arg = arg};

	assert(n <= MEANING_BATCH);
	for (size_t i = 0; i < n; i++) {
		p.text[p.count] = i;
		p.last[p.count] = texts[i].previous.len == 0;
		p.inputs[p.count++].text = texts[i].text;
		if (texts[i].previous.len == 0)
			continue;
		p.text[p.count] = i;
		p.last[p.count] = true;
		p.inputs[p.count].text = texts[i].text;
		p.inputs[p.count++].previous = texts[i].previous;
	}
	embed_batch(meaning->workspace, p.inputs, p.count, pass_done, &p);
}
