/*
 * Any broken model is refused with its reason; pieces and vectors are the
 * reference's.  The cases with the real model run when MNEME_TEST_MODEL names
 * its folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/embed.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/json.h"
#include "support.h"
#include "support_model.h"

static int
make(void **state)
{
	char *folder = folder_make();

	tiny_model(folder);
	*state = folder;
	return 0;
}

static int
drop(void **state)
{
	char *folder = *state;

	folder_drop(&folder);
	return 0;
}

static struct embed_model *
open_model(const char *folder)
{
	struct error err = {0};
	struct embed_model *model = embed_open(folder, &err);

	if (!model)
		fail_msg("%s", err.text);
	return model;
}

static double
cosine(const float *a, const float *b, size_t n)
{
	double dot = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < n; i++) {
		dot += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	return dot / sqrt(aa * bb);
}

static void
refuses(const char *folder, const char *reason)
{
	struct error err = {0};
	struct embed_model *model = embed_open(folder, &err);

	assert_null(model);
	if (!strstr(err.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static void
a_folder_that_contradicts_itself_is_refused(void **state)
{
	static const struct {
		const char *file, *text, *reason;
	} cases[] = {
		{"config.json", NULL, "no config.json"},
		{"config.json", "{", "not JSON"},
		{"config.json", "[]", "hidden_size"},
		{"config.json", "{\"model_type\":\"t5\"}", "only \"bert\""},
		{"config.json", "{\"hidden_act\":\"relu\"}", "only \"gelu\""},
		{"config.json", "{\"hidden_size\":1e9}", "hidden_size"},
		{"config.json",
		 "{\"hidden_size\":64,\"num_hidden_layers\":2,"
		 "\"num_attention_heads\":3,\"intermediate_size\":96,"
		 "\"max_position_embeddings\":64,\"vocab_size\":40}",
		 "do not divide"},
		{"config.json",
		 "{\"hidden_size\":64,\"num_hidden_layers\":2,"
		 "\"num_attention_heads\":4,\"intermediate_size\":96,"
		 "\"max_position_embeddings\":64,\"vocab_size\":40}",
		 "multiples of 32"},
		{"config.json",
		 "{\"hidden_size\":64,\"num_hidden_layers\":3,"
		 "\"num_attention_heads\":2,\"intermediate_size\":96,"
		 "\"max_position_embeddings\":64,\"vocab_size\":40}",
		 "too small"},
		{"config.json",
		 "{\"hidden_size\":64,\"num_hidden_layers\":2,"
		 "\"num_attention_heads\":2,\"intermediate_size\":64,"
		 "\"max_position_embeddings\":64,\"vocab_size\":40}",
		 "does not have the shape"},
		{"1_Pooling/config.json", "{\"pooling_mode_max_tokens\":true}",
		 "only the mean"},
		{"sentence_bert_config.json", "{\"max_seq_length\":1}",
		 "max_seq_length"},
		{"vocab.txt", NULL, "vocab.txt"},
		{"vocab.txt", "", "lacks [UNK]"},
		{"vocab.txt", "[UNK]\n[CLS]\n", "lacks [SEP]"},
		{"vocab.txt", "[UNK]\n\xff\n", "not UTF-8"},
		{"vocab.txt",
		 "[UNK]\n[CLS]\n[SEP]\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
		 "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
		 "vocab.txt has"},
		{"model.safetensors", NULL, "model.safetensors"},
		{"model.safetensors", "", "too short"},
		{"model.safetensors", "1234567", "too short"},
		{"model.safetensors", "12345678", "at most"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *folder = folder_make();
		tiny_model(folder);
		tiny_file(folder, cases[i].file, cases[i].text);
		refuses(folder, cases[i].reason);
		folder_drop(&folder);
	}
	(void)state;
}

static void
a_folder_cut_at_any_place_is_refused(void **state)
{
	SCOPED(free_pointer)
	char *path = path_join(*state, "model.safetensors");
	SCOPED(buf_clear) struct buf all;
	struct error err = {0};

	buf_init(&all, 4 << 20);
	assert_true(file_read(path, &all, &err));
	for (size_t len = all.len - 1; len > 0; len = len * 2 / 3) {
		struct slice cut = {all.data, len};
		assert_true(file_write(path, cut, 0600, &err));
		assert_null(embed_open(*state, &err));
		assert_int_equal(err.code, ERROR_INVALID);
	}
}

static void
a_text_becomes_the_longest_pieces(void **state)
{
	SCOPED(embed_close) struct embed_model *model = open_model(*state);
	static const struct {
		const char *text;
		size_t count;
		uint32_t ids[8];
	} cases[] = {
		{"", 0, {0}},
		{" \t\n", 0, {0}},
		{"The cats sat!", 5, {5, 6, 10, 7, 17}},
		{"unplayed", 3, {15, 16, 13}},
		{"unplayable", 1, {1}},
		{"CAF\xc3\x89", 1, {30}},
		{"cafe\xcc\x81", 1, {30}},
		{"\xe4\xb8\xad\xe6\x96\x87", 2, {28, 29}},
		{"a\xe4\xb8\xad"
		 "b",
		 3,
		 {31, 28, 32}},
		{"it's", 3, {1, 21, 27}},
		{"$12", 3, {22, 23, 25}},
		{"x\x01\x7f\xe2\x80\x8b", 1, {39}},
		{"x\xff\xfex", 1, {1}},
		{"[CLS]x[SEP]", 3, {2, 39, 3}},
		{"[cls]", 3, {1, 1, 1}},
		{"##", 2, {38, 38}},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t ids[8];
		size_t n = embed_pieces(model, slice_of(cases[i].text), ids, 8);
		if (n != cases[i].count ||
		    memcmp(ids, cases[i].ids, n * sizeof(*ids)) != 0)
			fail_msg("\"%s\" gives %zu pieces: %u %u %u",
				 cases[i].text, n, ids[0], ids[1], ids[2]);
	}
	/* A NUL is dropped, so "b" goes on with the word. */
	uint32_t two[2];
	assert_int_equal(embed_pieces(model, slice_make("a\0b", 3), two, 2), 2);
	assert_int_equal(two[1], 35);
	assert_int_equal(embed_pieces(model, slice_of("a b c a b"), two, 2), 2);
}

struct kept {
	float vectors[32][TINY_HIDDEN];
	float last[32][TINY_HIDDEN]; /* the last piece's */
	size_t counts[32];
	size_t n;
};

static void
keep(void *arg, size_t at, const struct embed_output *output)
{
	struct kept *kept = arg;

	assert_int_equal(at, kept->n);
	kept->counts[at] = output->count;
	if (output->vector)
		memcpy(kept->vectors[at], output->vector,
		       sizeof(kept->vectors[at]));
	if (output->count)
		memcpy(kept->last[at],
		       output->tokens + (output->count - 1) * TINY_HIDDEN,
		       sizeof(kept->last[at]));
	kept->n++;
}

static void
a_batch_gives_what_each_text_gives_alone(void **state)
{
	SCOPED(embed_close) struct embed_model *model = open_model(*state);
	SCOPED(embed_workspace_destroy)
	struct embed_workspace *w = embed_workspace_create(model);
	static const char *const texts[] = {
		"the cat sat on the mat", "", "playing", "a b c ? ! . , a b c",
		"the the the the the the the the the the the the the the the "
		"the the the the the the the the the the the the the the the "
		"the the the the the the the the the the the the the the the "
		"the the the the the the the the the the the the the the the "
		"the the the the the the the the the the the the the the the "};
	struct embed_input inputs[32];
	struct kept kept = {.n = 0};

	for (size_t i = 0; i < COUNT(inputs); i++)
		inputs[i] = (struct embed_input){
			.text = slice_of(texts[i % COUNT(texts)])};
	embed_batch(w, inputs, COUNT(inputs), keep, &kept);
	assert_int_equal(kept.n, COUNT(inputs));
	for (size_t i = 0; i < COUNT(inputs); i++) {
		struct embed_output out;
		embed_text(w, inputs[i].text, &out);
		assert_int_equal(out.count, kept.counts[i]);
		assert_memory_equal(out.vector, kept.vectors[i],
				    sizeof(kept.vectors[i]));
		if (out.count)
			assert_memory_equal(out.tokens + (out.count - 1) *
								 TINY_HIDDEN,
					    kept.last[i], sizeof(kept.last[i]));
	}
	/* 64 places in this model: 62 pieces and the marks. */
	assert_int_equal(kept.counts[4], 62);
	embed_batch(w, NULL, 0, keep, &kept);
}

static void
a_context_changes_a_text_but_leaves_its_pieces(void **state)
{
	SCOPED(embed_close) struct embed_model *model = open_model(*state);
	SCOPED(embed_workspace_destroy)
	struct embed_workspace *w = embed_workspace_create(model);
	const struct embed_input inputs[] = {
		{slice_of("playing ?"), {NULL, 0}},
		{slice_of("playing ?"), slice_of("")},
		{slice_of("playing ?"), slice_of("the cat sat")},
		{slice_of("playing ?"), slice_of("a b c the cat sat")},
	};
	struct kept kept = {.n = 0};

	embed_batch(w, inputs, COUNT(inputs), keep, &kept);
	for (size_t i = 0; i < COUNT(inputs); i++)
		assert_int_equal(kept.counts[i], 3);
	assert_memory_equal(kept.last[0], kept.last[1], sizeof(kept.last[0]));
	assert_memory_equal(kept.vectors[0], kept.vectors[1],
			    sizeof(kept.last[0]));
	assert_memory_not_equal(kept.last[0], kept.last[2],
				sizeof(kept.last[0]));
	assert_memory_not_equal(kept.last[2], kept.last[3],
				sizeof(kept.last[0]));
}

static void
the_first_piece_is_pooled_when_the_folder_says_so(void **state)
{
	tiny_file(*state, "1_Pooling/config.json",
		  "{\"pooling_mode_cls_token\":true,"
		  "\"pooling_mode_mean_tokens\":false}");
	SCOPED(embed_close) struct embed_model *model = open_model(*state);
	SCOPED(embed_workspace_destroy)
	struct embed_workspace *w = embed_workspace_create(model);
	struct embed_output out;

	embed_text(w, slice_of("the cat"), &out);
	/* The row before the first piece's is the mark's. */
	assert_true(cosine(out.vector, out.tokens - TINY_HIDDEN, TINY_HIDDEN) >
		    0.9999999);
}

static void
the_fingerprint_follows_the_smallest_change(void **state)
{
	SCOPED(embed_close) struct embed_model *model = open_model(*state);
	SCOPED(embed_close) struct embed_model *again = open_model(*state);
	SCOPED(embed_close) struct embed_model *other = NULL;
	SCOPED(free_pointer)
	char *path = path_join(*state, "model.safetensors");
	SCOPED(buf_clear) struct buf bytes;
	struct error err = {0};

	buf_init(&bytes, 4 << 20);
	assert_true(file_read(path, &bytes, &err));
	bytes.data[bytes.len - 2] ^= 1;
	assert_true(file_write(path, buf_slice(&bytes), 0600, &err));
	other = open_model(*state);
	assert_memory_equal(embed_info(model)->fingerprint,
			    embed_info(again)->fingerprint, DIGEST_BYTES);
	assert_memory_not_equal(embed_info(model)->fingerprint,
				embed_info(other)->fingerprint, DIGEST_BYTES);
}

static void
vector_of(const char *folder, float vector[TINY_HIDDEN])
{
	SCOPED(embed_close) struct embed_model *model = open_model(folder);
	SCOPED(embed_workspace_destroy)
	struct embed_workspace *w = embed_workspace_create(model);
	struct embed_output out;

	embed_text(w, slice_of("the cat sat"), &out);
	memcpy(vector, out.vector, TINY_HIDDEN * sizeof(float));
}

static void
weights_are_packed_once_and_a_wrong_file_of_them_is_not_used(void **state)
{
	float first[TINY_HIDDEN], then[TINY_HIDDEN];
	SCOPED(buf_clear) struct buf good, bad, model;
	struct error err = {0};

	assert_null(folder_file(*state, ".packed-"));
	vector_of(*state, first);
	SCOPED(free_pointer) char *path = folder_file(*state, ".packed-");
	assert_non_null(path);
	vector_of(*state, then);
	assert_memory_equal(first, then, sizeof(first));
	buf_init(&good, 4 << 20);
	buf_init(&bad, 4 << 20);
	assert_true(file_read(path, &good, &err));

	/* Other numbers in it are used, so it is really read. */
	buf_add_slice(&bad, buf_slice(&good));
	memset(bad.data + 4096, 0, bad.len - 4096);
	assert_true(file_write(path, buf_slice(&bad), 0600, &err));
	vector_of(*state, then);
	assert_memory_not_equal(first, then, sizeof(first));
	for (size_t i = 0; i < 88; i += 5) {
		bad.data[i] ^= 1;
		assert_true(file_write(path, buf_slice(&bad), 0600, &err));
		vector_of(*state, then);
		assert_memory_equal(first, then, sizeof(first));
		bad.data[i] ^= 1;
	}
	for (size_t len = 0; len < bad.len; len = len * 2 + 1) {
		struct slice cut = slice_make(bad.data, len);
		assert_true(file_write(path, cut, 0600, &err));
		vector_of(*state, then);
		assert_memory_equal(first, then, sizeof(first));
	}
	/* One of a model that was changed is not the changed one's. */
	SCOPED(free_pointer)
	char *weights = path_join(*state, "model.safetensors");
	buf_init(&model, 4 << 20);
	assert_true(file_read(weights, &model, &err));
	assert_true(file_write(path, buf_slice(&good), 0600, &err));
	model.data[model.len - 2] ^= 1;
	assert_true(file_write(weights, buf_slice(&model), 0600, &err));
	vector_of(*state, then);
	assert_memory_not_equal(first, then, sizeof(first));
	/* Without room for it all works. */
	assert_int_equal(unlink(path), 0);
	assert_true(file_make_dir(path, 0700, &err));
	vector_of(*state, first);
	assert_memory_equal(first, then, sizeof(first));
	rmdir(path);
}

struct real {
	struct embed_model *model;
	struct embed_workspace *workspace;
	json_t *json;
	struct buf vectors;
	const float *at; /* the next reference vector */
};

static const char *
real_folder(void)
{
	const char *folder = getenv("MNEME_TEST_MODEL");

	if (!folder || !*folder) {
		print_message("MNEME_TEST_MODEL does not name the folder of "
			      "all-MiniLM-L6-v2 (tests/fetch_model.sh)\n");
		skip();
	}
	return folder;
}

static void
read_data(const char *name, struct buf *out)
{
	SCOPED(free_pointer)
	char *path = xasprintf("%s/tests/data/%s", MNEME_SOURCE_DIR, name);
	struct error err = {0};

	buf_init(out, 1 << 20);
	if (!file_read(path, out, &err))
		fail_msg("%s", err.text);
}

static void
open_real(struct real *r)
{
	SCOPED(buf_clear) struct buf text = {0};
	struct error err = {0};

	r->model = open_model(real_folder());
	r->workspace = embed_workspace_create(r->model);
	read_data("embed_reference.json", &text);
	read_data("embed_reference.f32", &r->vectors);
	r->json = json_read(buf_slice(&text), &err);
	assert_non_null(r->json);
	assert_int_equal(r->vectors.len % (384 * sizeof(float)), 0);
	r->at = (const float *)(const void *)r->vectors.data;
}

static void
close_real(struct real *r)
{
	embed_workspace_destroy(&r->workspace);
	embed_close(&r->model);
	json_drop(&r->json);
	buf_clear(&r->vectors);
}

static void
same_pieces(const struct embed_output *out, const json_t *row)
{
	const json_t *ids = json_object_get(row, "ids");
	struct slice text = json_text(row, "text");

	if (out->count != json_array_size(ids))
		fail_msg("%zu pieces, not %zu: %.*s", out->count,
			 json_array_size(ids), SLICE_ARG(text));
	for (size_t i = 0; i < out->count; i++)
		if (json_integer_value(json_array_get(ids, i)) !=
		    out->pieces[i])
			fail_msg("piece %zu is %u: %.*s", i, out->pieces[i],
				 SLICE_ARG(text));
}

static void
near(struct real *r, const float *vector, const json_t *row)
{
	double near = cosine(vector, r->at, 384);

	if (!(near >= 0.99999))
		fail_msg("cosine %.7f: %.*s", near,
			 SLICE_ARG(json_text(row, "text")));
	r->at += 384;
}

static void
pieces_and_vectors_are_the_references(void **state)
{
	struct real r = {0};
	size_t i;
	json_t *row;

	(void)state;
	open_real(&r);
	json_array_foreach(json_object_get(r.json, "texts"), i, row)
	{
		struct embed_output out;
		embed_text(r.workspace, json_text(row, "text"), &out);
		same_pieces(&out, row);
		near(&r, out.vector, row);
	}
	assert_int_equal(i, 200);
	close_real(&r);
}

struct pairs {
	struct real *real;
	const json_t *rows;
};

static void
check_pair(void *arg, size_t at, const struct embed_output *out)
{
	struct pairs *p = arg;
	const json_t *row = json_array_get(p->rows, at);
	float sum[384] = {0};

	same_pieces(out, row);
	if (json_integer_value(json_object_get(row, "context")))
		assert_null(out->vector);
	for (size_t i = 0; i < out->count; i++)
		for (size_t j = 0; j < 384; j++)
			sum[j] += out->tokens[i * 384 + j] * (float)(i + 1);
	near(p->real, sum, row);
}

static void
pieces_in_context_are_the_references(void **state)
{
	struct real r = {0};
	struct embed_input inputs[64];
	size_t n;

	(void)state;
	open_real(&r);
	struct pairs p = {&r, json_object_get(r.json, "pairs")};
	n = json_array_size(p.rows);
	assert_in_range(n, 1, COUNT(inputs));
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(p.rows, i);
		inputs[i] = (struct embed_input){json_text(row, "text"),
						 json_text(row, "previous")};
	}
	r.at += (size_t)200 * 384;
	embed_batch(r.workspace, inputs, n, check_pair, &p);
	close_real(&r);
}

#define WITH_TINY(test) cmocka_unit_test_setup_teardown(test, make, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_that_contradicts_itself_is_refused),
		WITH_TINY(a_folder_cut_at_any_place_is_refused),
		WITH_TINY(a_text_becomes_the_longest_pieces),
		WITH_TINY(a_batch_gives_what_each_text_gives_alone),
		WITH_TINY(a_context_changes_a_text_but_leaves_its_pieces),
		WITH_TINY(the_first_piece_is_pooled_when_the_folder_says_so),
		WITH_TINY(the_fingerprint_follows_the_smallest_change),
		WITH_TINY(
			weights_are_packed_once_and_a_wrong_file_of_them_is_not_used),
		cmocka_unit_test(pieces_and_vectors_are_the_references),
		cmocka_unit_test(pieces_in_context_are_the_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
