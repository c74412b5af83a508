/*
 * Opening a model: read the small files, map the large one, check that it has
 * every tensor in the shape that the configuration asks for, and pack the
 * layers' weights into one block of memory.  The table of words stays mapped:
 * a text touches a few of its rows.
 */
#include "embed/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { NAME_MAX_BYTES = 128, SMALL_TENSOR = 64 << 10 };

static size_t
round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* The tensor by its name (some files put "bert." before all names), when it is
 * [rows][columns] of fp32; `columns` 0 for a vector. */
static const struct tensor *
need_tensor(const struct embed_model *m, const char *name, size_t rows,
	    size_t columns, struct error *err)
{
	char long_name[NAME_MAX_BYTES];
	const struct tensor *t = safetensors_find(&m->file, name);

	snprintf(long_name, sizeof(long_name), "bert.%s", name);
	if (!t)
		t = safetensors_find(&m->file, long_name);
	if (!t) {
		error_set(err, ERROR_INVALID, "model.safetensors lacks %s",
			  name);
		return NULL;
	}
	if (strcmp(t->type, "F32") != 0) {
		error_set(err, ERROR_INVALID,
			  "%s is of type %s; only F32 is "
			  "run",
			  name, t->type);
		return NULL;
	}
	if (t->rank != (columns ? 2U : 1U) || t->shape[0] != rows ||
	    (columns && t->shape[1] != columns)) {
		error_set(err, ERROR_INVALID,
			  "%s does not have the shape [%zu, %zu] that "
			  "config.json asks for",
			  name, rows, columns);
		return NULL;
	}
	return t;
}

static float *
take_floats(struct embed_model *m, size_t n)
{
	float *floats = m->weights + m->weights_used;

	m->weights_used += round_up(n, KERNEL_WIDTH);
	return floats;
}

static bool
copy_vector(struct embed_model *m, const char *name, size_t n, float *to,
	    struct error *err)
{
	const struct tensor *t = need_tensor(m, name, n, 0, err);

	if (t && !m->ready)
		memcpy(to, t->data, t->bytes);
	return t != NULL;
}

static bool
read_norm(struct embed_model *m, const char *name, struct norm *norm,
	  struct error *err)
{
	size_t n = m->shape.hidden;
	char full[NAME_MAX_BYTES];
	float *weight = take_floats(m, n), *bias = take_floats(m, n);

	*norm = (struct norm){weight, bias};
	snprintf(full, sizeof(full), "%s.weight", name);
	if (!copy_vector(m, full, n, weight, err))
		return false;
	snprintf(full, sizeof(full), "%s.bias", name);
	return copy_vector(m, full, n, bias, err);
}

/* Pack W[rows][columns], whose bytes may lie at any address. */
static void
pack_matrix(const struct embed_model *m, const struct tensor *t, size_t rows,
	    size_t columns, float *packed)
{
	size_t panel = m->kernel->panel;
	if (m->ready)
		return;
	SCOPED(free_pointer)
	float *copy = (uintptr_t)t->data % sizeof(float) == 0
			      ? NULL
			      : xcalloc(rows * columns, sizeof(float));
	const float *source = copy;

	if (copy)
		memcpy(copy, t->data, t->bytes);
	else
		source = (const float *)(const void *)t->data;
	for (size_t row = 0; row < rows; row += panel)
		m->kernel->pack(source + row * columns, columns,
				MIN(panel, rows - row), columns,
				packed + row * columns);
}

static bool
read_dense(struct embed_model *m, const char *name, size_t rows, size_t columns,
	   float *packed, float *bias, struct error *err)
{
	char full[NAME_MAX_BYTES];
	const struct tensor *t;

	snprintf(full, sizeof(full), "%s.weight", name);
	t = need_tensor(m, full, rows, columns, err);
	if (!t)
		return false;
	pack_matrix(m, t, rows, columns, packed);
	snprintf(full, sizeof(full), "%s.bias", name);
	return copy_vector(m, full, rows, bias, err);
}

/* The scores' factor 1 / sqrt(head) goes into the queries' weights. */
static void
scale(float *floats, size_t n, float factor)
{
	for (size_t i = 0; i < n; i++)
		floats[i] *= factor;
}

static bool
read_attention(struct embed_model *m, size_t at, struct dense *dense,
	       struct error *err)
{
	static const char *const parts[] = {"query", "key", "value"};
	size_t n = m->shape.hidden;
	float *packed = take_floats(m, 3 * n * n);
	float *bias = take_floats(m, 3 * n);
	float factor = 1 / sqrtf((float)m->shape.head);

	*dense = (struct dense){packed, bias};
	for (size_t i = 0; i < COUNT(parts); i++) {
		char name[NAME_MAX_BYTES];
		snprintf(name, sizeof(name),
			 "encoder.layer.%zu.attention."
			 "self.%s",
			 at, parts[i]);
		if (!read_dense(m, name, n, n, packed + i * n * n, bias + i * n,
				err))
			return false;
	}
	if (m->ready)
		return true;
	scale(packed, n * n, factor);
	scale(bias, n, factor);
	return true;
}

static bool
read_part(struct embed_model *m, size_t at, const char *part, size_t rows,
	  size_t columns, struct dense *dense, struct error *err)
{
	float *packed = take_floats(m, rows * columns);
	float *bias = take_floats(m, rows);
	char name[NAME_MAX_BYTES];

	*dense = (struct dense){packed, bias};
	snprintf(name, sizeof(name), "encoder.layer.%zu.%s", at, part);
	return read_dense(m, name, rows, columns, packed, bias, err);
}

static bool
read_layer(struct embed_model *m, size_t at, struct error *err)
{
	struct layer *l = &m->layers[at];
	size_t n = m->shape.hidden, middle = m->shape.middle;
	char first[NAME_MAX_BYTES], second[NAME_MAX_BYTES];

	snprintf(first, sizeof(first),
		 "encoder.layer.%zu.attention.output.LayerNorm", at);
	snprintf(second, sizeof(second), "encoder.layer.%zu.output.LayerNorm",
		 at);
	return read_attention(m, at, &l->attention, err) &&
	       read_part(m, at, "attention.output.dense", n, n,
			 &l->attention_out, err) &&
	       read_norm(m, first, &l->attention_norm, err) &&
	       read_part(m, at, "intermediate.dense", middle, n, &l->grow,
			 err) &&
	       read_part(m, at, "output.dense", n, middle, &l->shrink, err) &&
	       read_norm(m, second, &l->norm, err);
}

static bool
read_table(const struct embed_model *m, const char *name, size_t rows,
	   const unsigned char **data, struct error *err)
{
	const struct tensor *t =
		need_tensor(m, name, rows, m->shape.hidden, err);

	*data = t ? t->data : NULL;
	return t != NULL;
}

static size_t
count_floats(const struct shape *s)
{
	size_t layer = 4 * s->hidden * s->hidden + 2 * s->hidden * s->middle +
		       9 * s->hidden + s->middle;

	return 2 * s->hidden + s->layers * layer;
}

static bool
read_weights(struct embed_model *m, const char *folder, struct error *err)
{
	const struct shape *s = &m->shape;

	if (!read_table(m, "embeddings.word_embeddings.weight", s->vocabulary,
			&m->words, err) ||
	    !read_table(m, "embeddings.position_embeddings.weight",
			s->positions, &m->places, err) ||
	    !read_table(m, "embeddings.token_type_embeddings.weight", 2,
			&m->types, err))
		return false;
	if (m->file.file.len / sizeof(float) <
	    s->layers * (4 * s->hidden * s->hidden + 2 * s->hidden * s->middle))
		return error_set(err, ERROR_INVALID,
				 "model.safetensors is too small for the "
				 "layers of config.json");
	packed_open(m, folder, count_floats(s));
	m->layers = xcalloc(s->layers, sizeof(*m->layers));
	if (!read_norm(m, "embeddings.LayerNorm", &m->norm, err))
		return false;
	for (size_t i = 0; i < s->layers; i++)
		if (!read_layer(m, i, err))
			return false;
	return packed_seal(m, folder, err);
}

static bool
read_vocabulary(struct embed_model *m, const char *folder, struct buf *seen,
		struct error *err)
{
	SCOPED(free_pointer) char *path = path_join(folder, "vocab.txt");
	SCOPED(buf_clear) struct buf text;
	struct tokenizer *t = &m->tokenizer;

	buf_init(&text, VOCABULARY_BYTES_MAX);
	if (!file_read(path, &text, err) ||
	    !vocabulary_parse(buf_slice(&text), &t->vocabulary, err))
		return false;
	if (t->vocabulary.count > m->shape.vocabulary)
		return error_set(err, ERROR_INVALID,
				 "vocab.txt has %u pieces, config.json says "
				 "%zu",
				 t->vocabulary.count, m->shape.vocabulary);
	t->lower = m->shape.lower;
	t->strip_accents = m->shape.strip_accents;
	t->ideographs_apart = m->shape.ideographs_apart;
	buf_addf(seen, "vocab.txt %zu\n", text.len);
	buf_add_slice(seen, buf_slice(&text));
	return true;
}

/* Two models that were trained from one share all names, shapes and sizes; the
 * small tensors tell them apart without reading the large ones. */
static bool
make_fingerprint(struct embed_model *m, struct buf *seen, struct error *err)
{
	buf_addf(seen, "model.safetensors %zu\n", m->file.file.len);
	buf_add_slice(seen, m->file.header);
	for (size_t i = 0; i < m->file.count; i++) {
		const struct tensor *t = &m->file.tensors[i];
		if (t->bytes <= SMALL_TENSOR)
			buf_add(seen, t->data, t->bytes);
	}
	if (seen->over)
		return error_set(err, ERROR_LIMIT,
				 "the model's small parts are over %zu bytes",
				 seen->max);
	return digest_sha256(buf_slice(seen), m->info.fingerprint, err);
}

static bool
open_parts(struct embed_model *m, const char *folder, struct error *err)
{
	SCOPED(free_pointer)
	char *path = path_join(folder, "model.safetensors");
	SCOPED(buf_clear) struct buf seen;

	buf_init(&seen, 64 << 20);
	if (!shape_read(folder, &m->shape, &seen, err) ||
	    !read_vocabulary(m, folder, &seen, err) ||
	    !safetensors_open(path, &m->file, err) ||
	    !make_fingerprint(m, &seen, err) || !read_weights(m, folder, err))
		return false;
	m->info.dimensions = (unsigned)m->shape.hidden;
	m->info.layers = (unsigned)m->shape.layers;
	m->info.pieces_max = (unsigned)m->shape.pieces_max;
	m->info.vocabulary = m->tokenizer.vocabulary.count;
	m->info.kernel = m->kernel->name;
	return true;
}

struct embed_model *
embed_open(const char *folder, struct error *err)
{
	SCOPED(embed_close) struct embed_model *m = xcalloc(1, sizeof(*m));

	m->kernel = kernel_best();
	if (!open_parts(m, folder, err))
		return NULL;
	return TAKE(m);
}

void
embed_close(struct embed_model **model)
{
	struct embed_model *m = *model;

	if (!m)
		return;
	packed_close(m);
	free(m->layers);
	safetensors_close(&m->file);
	vocabulary_clear(&m->tokenizer.vocabulary);
	free(m);
	*model = NULL;
}

const struct embed_info *
embed_info(const struct embed_model *model)
{
	return &model->info;
}

size_t
embed_pieces(const struct embed_model *model, struct slice text, uint32_t *ids,
	     size_t max)
{
	return tokenizer_head(&model->tokenizer, text, ids, max);
}
