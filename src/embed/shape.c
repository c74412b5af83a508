/*
 * config.json is checked against what the forward pass can run; the three
 * optional files fall back to what the reference implementation assumes.
 */
#include "embed/shape.h"

#include "embed/kernel.h"
#include "mneme/buf.h"
#include "mneme/embed.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/json.h"

enum { FILE_MAX = 1 << 20 };

/* NULL with err unset (ERROR_NONE) when it is not there. */
static json_t *
read_json(const char *folder, const char *name, struct buf *seen,
	  struct error *err)
{
	SCOPED(free_pointer) char *path = path_join(folder, name);
	SCOPED(buf_clear) struct buf text;
	struct error why = {0};
	json_t *json;

	*err = (struct error){0};
	buf_init(&text, FILE_MAX);
	if (!file_read(path, &text, err)) {
		if (err->code == ERROR_NOT_FOUND)
			*err = (struct error){0};
		return NULL;
	}
	json = json_read(buf_slice(&text), &why);
	if (!json)
		error_set(err, ERROR_INVALID, "%.400s: %.500s", path, why.text);
	buf_addf(seen, "%s %zu\n", name, text.len);
	buf_add_slice(seen, buf_slice(&text));
	return json;
}

static bool
flag(const json_t *json, const char *name, bool missing)
{
	const json_t *value = json_object_get(json, name);

	return json_is_boolean(value) ? json_is_true(value) : missing;
}

static const struct {
	const char *name;
	size_t offset;
	long long min, max;
} sizes[] = {
	{"hidden_size", offsetof(struct shape, hidden), KERNEL_WIDTH,
	 EMBED_DIMENSIONS_MAX},
	{"num_hidden_layers", offsetof(struct shape, layers), 1, 48},
	{"num_attention_heads", offsetof(struct shape, heads), 1, 64},
	{"intermediate_size", offsetof(struct shape, middle), KERNEL_WIDTH,
	 8192},
	{"max_position_embeddings", offsetof(struct shape, positions), 8,
	 32768},
	{"vocab_size", offsetof(struct shape, vocabulary), 4, 1 << 18},
};

static bool
read_sizes(const json_t *json, struct shape *shape, struct error *err)
{
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const json_t *value = json_object_get(json, sizes[i].name);
		long long number = json_integer_value(value);
		if (!json_is_integer(value) || number < sizes[i].min ||
		    number > sizes[i].max)
			return error_set(err, ERROR_INVALID,
					 "config.json: %s must be from %lld to "
					 "%lld",
					 sizes[i].name, sizes[i].min,
					 sizes[i].max);
		*(size_t *)(void *)((char *)shape + sizes[i].offset) =
			(size_t)number;
	}
	if (shape->hidden % shape->heads)
		return error_set(err, ERROR_INVALID,
				 "config.json: %zu heads do not divide %zu "
				 "dimensions",
				 shape->heads, shape->hidden);
	shape->head = shape->hidden / shape->heads;
	if (shape->head % KERNEL_WIDTH || shape->middle % KERNEL_WIDTH)
		return error_set(err, ERROR_INVALID,
				 "config.json: heads of %zu and a middle of "
				 "%zu, which must be multiples of %d",
				 shape->head, shape->middle, KERNEL_WIDTH);
	return true;
}

static bool
is_or_missing(const json_t *json, const char *name, const char *want,
	      struct error *err)
{
	struct slice value = json_text(json, name);

	if (!value.data || slice_is(value, want))
		return true;
	return error_set(err, ERROR_INVALID,
			 "config.json: %s is \"%.*s\"; only \"%s\" is run",
			 name, (int)MIN(value.len, 40), value.data, want);
}

static bool
read_config(const char *folder, struct shape *shape, struct buf *seen,
	    struct error *err)
{
	SCOPED(json_drop)
	json_t *json = read_json(folder, "config.json", seen, err);
	const json_t *epsilon = json_object_get(json, "layer_norm_eps");

	if (!json)
		return err->code != ERROR_NONE ? false
					       : error_set(err, ERROR_NOT_FOUND,
							   "no sentence model "
							   "in %.900s: no "
							   "config.json",
							   folder);
	if (!is_or_missing(json, "model_type", "bert", err) ||
	    !is_or_missing(json, "hidden_act", "gelu", err) ||
	    !is_or_missing(json, "position_embedding_type", "absolute", err) ||
	    !read_sizes(json, shape, err))
		return false;
	shape->epsilon = epsilon ? (float)json_number_value(epsilon) : 1e-12F;
	if (!(shape->epsilon > 0 && shape->epsilon <= 1e-2F))
		return error_set(err, ERROR_INVALID,
				 "config.json: layer_norm_eps must be over 0 "
				 "and at most .01");
	return true;
}

static bool
read_pooling(const char *folder, struct shape *shape, struct buf *seen,
	     struct error *err)
{
	SCOPED(json_drop)
	json_t *json = read_json(folder, "1_Pooling/config.json", seen, err);
	bool first = flag(json, "pooling_mode_cls_token", false);
	bool mean = flag(json, "pooling_mode_mean_tokens", !first);

	if (!json && err->code != ERROR_NONE)
		return false;
	if (first == mean || flag(json, "pooling_mode_max_tokens", false) ||
	    flag(json, "pooling_mode_mean_sqrt_len_tokens", false))
		return error_set(err, ERROR_INVALID,
				 "1_Pooling/config.json: only the mean or the "
				 "first token is run");
	shape->pool_first = first;
	return true;
}

static bool
read_tokenizer(const char *folder, struct shape *shape, struct buf *seen,
	       struct error *err)
{
	SCOPED(json_drop)
	json_t *json = read_json(folder, "tokenizer_config.json", seen, err);

	if (!json && err->code != ERROR_NONE)
		return false;
	shape->lower = flag(json, "do_lower_case", true);
	shape->strip_accents = flag(json, "strip_accents", shape->lower);
	shape->ideographs_apart = flag(json, "tokenize_chinese_chars", true);
	return true;
}

static bool
read_cut(const char *folder, struct shape *shape, struct buf *seen,
	 struct error *err)
{
	SCOPED(json_drop)
	json_t *json =
		read_json(folder, "sentence_bert_config.json", seen, err);
	const json_t *value = json_object_get(json, "max_seq_length");
	size_t cut = MIN((size_t)EMBED_PIECES_MAX, shape->positions);

	if (!json && err->code != ERROR_NONE)
		return false;
	if (value && !json_is_null(value)) {
		if (!json_is_integer(value) || json_integer_value(value) < 8)
			return error_set(err, ERROR_INVALID,
					 "sentence_bert_config.json: "
					 "max_seq_length must be at least 8");
		cut = (size_t)MIN((json_int_t)cut, json_integer_value(value));
	}
	shape->pieces_max = cut;
	shape->lower |= flag(json, "do_lower_case", false);
	return true;
}

bool
shape_read(const char *folder, struct shape *shape, struct buf *seen,
	   struct error *err)
{
	struct error scratch;

	if (!err)
		err = &scratch;
	*shape = (struct shape){0};
	return read_config(folder, shape, seen, err) &&
	       read_pooling(folder, shape, seen, err) &&
	       read_tokenizer(folder, shape, seen, err) &&
	       read_cut(folder, shape, seen, err);
}
