/* Meaning finds what words cannot, the same in every process, and nothing of
 * what was removed stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <unistd.h>

#include "index/dot.h"
#include "index/part.h"
#include "index/vector.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/index.h"
#include "support.h"

enum { DIMENSIONS = 96, TOKENS = 32, PIECES = 7, MANY = 5000 };

static int
make_folder(void **state)
{
	*state = folder_make();
	return 0;
}

static int
drop_folder(void **state)
{
	folder_drop((char **)state);
	return 0;
}

static const struct index_model model_a = {{1, 2, 3}, DIMENSIONS, TOKENS};
static const struct index_model model_b = {{3, 2, 1}, DIMENSIONS, TOKENS};

static struct index *
open_with(const char *dir, const char *language,
	  const struct index_model *model)
{
	struct error err = {0};
	struct index *ix = index_open(dir, language, &err);

	assert_non_null(ix);
	if (model)
		assert_true(index_use_model(ix, model, &err));
	return ix;
}

static void
make_key(uint64_t n, uint8_t key[INDEX_KEY])
{
	memset(key, 'k', INDEX_KEY);
	for (int i = 0; i < 8; i++)
		key[INDEX_KEY - 1 - i] = (uint8_t)(n >> (8 * i));
}

static void
add(struct index *ix, uint64_t n, const char *text)
{
	struct error err = {0};
	struct index_document d = {
		.seq = n, .session = n / 10, .text = slice_of(text)};

	make_key(n, d.key);
	d.conversation.bytes[0] = (uint8_t)(n % 2);
	assert_true(index_add(ix, &d, &err));
	index_reached(ix, n);
}

/* Numbers that depend on n alone, between -1 and 1. */
static void
numbers(uint64_t n, float *out, size_t count)
{
	uint64_t x = n * UINT64_C(0x9E3779B97F4A7C15) + 1;

	for (size_t i = 0; i < count; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		out[i] = (float)((double)(x >> 11) / 4503599627370496.0 - 1);
	}
}

struct meaning {
	float vector[DIMENSIONS], tokens[PIECES * TOKENS];
	uint32_t pieces[PIECES];
	struct index_vector v;
};

/* Document n has n % 8 pieces: 100, 101 ... and n itself, twice. */
static void
mean(uint64_t n, struct meaning *m)
{
	numbers(n, m->vector, DIMENSIONS);
	numbers(n + 1000000, m->tokens, PIECES * TOKENS);
	m->v = (struct index_vector){m->vector, m->tokens, m->pieces,
				     (size_t)(n % (PIECES + 1))};
	for (uint32_t i = 0; i < m->v.count; i++)
		m->pieces[i] = 100 + i;
	if (m->v.count > 1)
		m->pieces[0] = m->pieces[1] = 1000 + (uint32_t)n;
}

static void
give(struct index *ix, uint64_t n)
{
	struct error err = {0};
	struct meaning m;
	uint8_t key[INDEX_KEY];

	mean(n, &m);
	make_key(n, key);
	if (!index_put_vector(ix, key, &m.v, &err))
		fail_msg("%s", err.text);
}

static void
fill(struct index *ix, uint64_t from, uint64_t to)
{
	for (uint64_t n = from; n <= to; n++) {
		char text[32];
		snprintf(text, sizeof(text), "number %d", (int)n);
		add(ix, n, text);
		give(ix, n);
	}
}

static void
flush(struct index *ix, enum index_flush how)
{
	struct error err = {0};

	if (!index_flush(ix, how, &err))
		fail_msg("%s", err.text);
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

/* What the query of number q finds, by seq. */
struct found {
	size_t count;
	float cosine[MANY + 1], late[MANY + 1];
	uint32_t counts[3];
};

static const uint32_t asked[3] = {101, 104, 1003};

static bool
ask(struct index *ix, uint64_t q, const struct id *conversation,
    struct found *f, struct error *err)
{
	SCOPED(index_scores_clear) struct index_scores s = {0};
	static const float weights[3] = {1, .5F, 2};
	float vector[DIMENSIONS], tokens[3 * TOKENS];
	struct index_late late = {tokens, weights, 3};
	bool good;

	numbers(q, vector, DIMENSIONS);
	numbers(q + 7, tokens, 3 * TOKENS);
	memset(f, 0, sizeof(*f));
	assert_true(
		index_search(ix, slice_of("number"), conversation, &s, err));
	float *cosines = xcalloc(s.count + 1, sizeof(*cosines));
	float *scores = xcalloc(s.count + 1, sizeof(*scores));
	good = index_cosines(ix, vector, s.document, s.count, cosines, err) &&
	       index_late_scores(ix, &late, s.document, s.count, scores, err) &&
	       index_piece_counts(ix, s.document, s.count, asked, 3, f->counts,
				  err);
	f->count = s.count;
	for (size_t i = 0; good && i < s.count; i++) {
		struct index_document d;
		assert_true(index_entry(ix, s.document[i], &d));
		f->cosine[d.seq] = cosines[i];
		f->late[d.seq] = scores[i];
	}
	free(cosines);
	free(scores);
	return good;
}

static void
find(struct index *ix, uint64_t q, struct found *f)
{
	struct error err = {0};

	if (!ask(ix, q, NULL, f, &err))
		fail_msg("%s", err.text);
}

static double
late_by_hand(uint64_t q, uint64_t n)
{
	static const double weights[3] = {1, .5, 2};
	float tokens[3 * TOKENS];
	struct meaning m;
	double sum = 0;

	mean(n, &m);
	numbers(q + 7, tokens, 3 * TOKENS);
	for (size_t i = 0; i < 3; i++) {
		double best = -1;
		for (size_t p = 0; p < m.v.count; p++)
			best = fmax(best,
				    cosine(tokens + i * TOKENS,
					   m.tokens + p * TOKENS, TOKENS));
		sum += weights[i] * best;
	}
	return sum / 3.5;
}

static void
check_found(const struct found *f, uint64_t q, uint64_t to)
{
	float vector[DIMENSIONS];
	uint32_t with[3] = {0};

	numbers(q, vector, DIMENSIONS);
	assert_int_equal(f->count, to);
	for (uint64_t n = 1; n <= to; n++) {
		struct meaning m;
		mean(n, &m);
		double want = cosine(vector, m.vector, DIMENSIONS);
		if (!(fabs((double)f->cosine[n] - want) < 1e-6))
			fail_msg("%d: %.7f, not %.7f", (int)n,
				 (double)f->cosine[n], want);
		want = m.v.count ? late_by_hand(q, n) : (double)INDEX_LACKS;
		if (!(fabs((double)f->late[n] - want) < .01))
			fail_msg("%d: late %.7f, not %.7f", (int)n,
				 (double)f->late[n], want);
		for (size_t i = 0; i < 3; i++)
			for (size_t p = 0; p < m.v.count; p++)
				if (m.pieces[p] == asked[i]) {
					with[i]++;
					break;
				}
	}
	assert_memory_equal(f->counts, with, sizeof(with));
}

static void
scores_are_right_and_equal_wherever_vectors_lie(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	SCOPED(index_close) struct index *other = NULL;
	static struct found first, then;

	fill(ix, 1, 60);
	find(ix, 5, &first);
	check_found(&first, 5, 60);
	flush(ix, INDEX_FLUSH);
	find(ix, 5, &then);
	assert_memory_equal(&first, &then, sizeof(first));
	other = open_with(*state, "english", &model_a);
	find(other, 5, &then);
	assert_memory_equal(&first, &then, sizeof(first));

	/* Several segments and a tail, then one. */
	fill(ix, 61, 70);
	flush(ix, INDEX_FLUSH);
	fill(ix, 71, 72);
	flush(ix, INDEX_FLUSH);
	fill(ix, 73, 75);
	find(ix, 5, &first);
	check_found(&first, 5, 75);
	flush(ix, INDEX_PURGE);
	find(ix, 5, &then);
	assert_memory_equal(&first, &then, sizeof(first));
}

static void
among_many_the_best_are_exact_and_the_rest_near(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	static struct found f;
	float vector[DIMENSIONS], limit = -1;
	size_t exact = 0;

	fill(ix, 1, MANY);
	numbers(9, vector, DIMENSIONS);
	find(ix, 9, &f);
	for (uint64_t n = 1; n <= MANY; n++) {
		struct meaning m;
		mean(n, &m);
		double off = fabs((double)f.cosine[n] -
				  cosine(vector, m.vector, DIMENSIONS));
		if (!(off < .01))
			fail_msg("%d is off by %g", (int)n, off);
		exact += off < 1e-6;
		if (off > 1e-4)
			limit = fmaxf(limit, f.cosine[n]);
	}
	assert_true(exact >= INDEX_RESCORED);
	exact = 0;
	for (uint64_t n = 1; n <= MANY; n++)
		exact += f.cosine[n] > limit + .01F;
	assert_true(exact > INDEX_RESCORED / 2);
}

static void
a_conversation_is_scored_as_a_part_of_all(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	static struct found all, part;
	struct error err = {0};
	struct id odd = {.bytes = {1}};

	fill(ix, 1, 40);
	flush(ix, INDEX_FLUSH);
	fill(ix, 41, 50);
	find(ix, 3, &all);
	assert_true(ask(ix, 3, &odd, &part, &err));
	assert_int_equal(part.count, 25);
	for (uint64_t n = 1; n <= 50; n += 2)
		assert_true(part.cosine[n] == all.cosine[n] &&
			    part.late[n] == all.late[n]);
	/* 101 is never first or second, 104 stands in 5, 6 and 7 pieces. */
	assert_int_equal(part.counts[0], 0);
	assert_int_equal(part.counts[1], 12);
	assert_int_equal(all.counts[1], 18);
	assert_int_equal(part.counts[2], 1);
}

static void
a_document_lacks_a_vector_until_it_gets_one(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	static struct found f;
	uint32_t lacking[8];
	uint8_t key[INDEX_KEY];
	struct index_document d;

	fill(ix, 1, 20);
	flush(ix, INDEX_FLUSH);
	add(ix, 21, "number 21");
	add(ix, 22, "number 22");
	assert_int_equal(index_lacking(ix, lacking, 8), 2);
	assert_true(index_entry(ix, lacking[0], &d));
	assert_int_equal(d.seq, 22);
	assert_null(index_vector_of(ix, lacking[0]));
	assert_int_equal(index_lacking(ix, lacking, 0), 2);
	find(ix, 1, &f);
	assert_true(f.cosine[22] == INDEX_LACKS && f.late[22] == INDEX_LACKS);
	give(ix, 22);
	assert_non_null(index_vector_of(ix, lacking[0]));
	assert_int_equal(index_lacking(ix, lacking, 8), 1);
	find(ix, 1, &f);
	assert_true(f.cosine[22] > -1 && f.cosine[21] == INDEX_LACKS);
	flush(ix, INDEX_FLUSH);
	assert_int_equal(index_lacking(ix, lacking, 8), 1);
	assert_true(index_entry(ix, lacking[0], &d));
	assert_int_equal(d.seq, 21);

	make_key(7, key);
	assert_true(index_drop_vector(ix, key));
	assert_false(index_drop_vector(ix, key));
	assert_int_equal(index_lacking(ix, lacking, 8), 2);
	give(ix, 7);
	assert_int_equal(index_lacking(ix, lacking, 8), 1);
}

static void
a_vector_goes_with_its_text(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	static struct found f;
	uint32_t lacking[8];
	uint8_t key[INDEX_KEY];

	fill(ix, 1, 20);
	for (int i = 0; i < 2; i++) {
		uint64_t n = i ? 5 : 4;
		find(ix, 1, &f);
		uint32_t before = f.counts[1];
		add(ix, n, n == 4 ? "number 4" : "number 5");
		assert_int_equal(index_lacking(ix, lacking, 8), 0);
		add(ix, n, "number, another");
		assert_int_equal(index_lacking(ix, lacking, 8), 1);
		find(ix, 1, &f);
		assert_int_equal(f.counts[1], before - (n == 5));
		give(ix, n);
		find(ix, 1, &f);
		assert_int_equal(f.counts[1], before);
		flush(ix, INDEX_FLUSH);
	}
	make_key(15, key);
	assert_true(index_remove(ix, key));
	find(ix, 1, &f);
	assert_int_equal(f.count, 19);
	assert_int_equal(f.counts[1], 5);
	/* Given back, it has to be made again. */
	add(ix, 15, "number 15");
	assert_int_equal(index_lacking(ix, lacking, 8), 1);
}

static void
another_language_needs_no_other_vectors(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	uint32_t lacking[8];

	fill(ix, 1, 6);
	flush(ix, INDEX_FLUSH);
	index_close(&ix);
	ix = open_with(*state, "german", &model_a);
	assert_non_null(index_trouble(ix));
	assert_null(index_vector_trouble(ix));
	for (int n = 1; n <= 5; n++) {
		char text[32];
		snprintf(text, sizeof(text), "number %d", n);
		add(ix, (uint64_t)n, text);
	}
	add(ix, 6, "number, another");
	assert_int_equal(index_lacking(ix, lacking, 8), 1);
}

static void
vectors_of_another_model_are_put_aside(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	SCOPED(index_close) struct index *other = NULL;
	SCOPED(index_close) struct index *none = NULL;
	struct error err = {0};
	bool changed;
	uint32_t lacking[8];
	static struct found f;

	fill(ix, 1, 6);
	flush(ix, INDEX_FLUSH);
	other = open_with(*state, "english", &model_b);
	assert_string_equal(index_vector_trouble(other),
			    "vectors of another model");
	assert_int_equal(index_lacking(other, lacking, 8), 6);
	find(other, 1, &f);
	assert_true(f.cosine[3] == INDEX_LACKS);
	give(other, 3);
	flush(other, INDEX_FLUSH);
	assert_null(index_vector_trouble(other));

	/* The first gets nothing of it either. */
	assert_true(index_refresh(ix, &changed, &err));
	assert_true(changed);
	assert_non_null(index_vector_trouble(ix));
	assert_int_equal(index_lacking(ix, lacking, 8), 6);

	/* One without a model keeps them, and has none. */
	none = open_with(*state, "english", NULL);
	add(none, 7, "number 7");
	assert_false(ask(none, 1, NULL, &f, &err));
	assert_int_equal(err.code, ERROR_SETUP);
	flush(none, INDEX_PURGE);
	assert_true(index_refresh(other, &changed, &err));
	assert_null(index_vector_trouble(other));
	assert_int_equal(index_lacking(other, lacking, 8), 6);
	assert_true(index_use_model(other, &model_a, &err));
	assert_int_equal(index_lacking(other, lacking, 8), 7);
}

static void
two_processes_see_each_others_vectors(void **state)
{
	SCOPED(index_close)
	struct index *a = open_with(*state, "english", &model_a);
	SCOPED(index_close) struct index *b = NULL;
	struct error err = {0};
	bool changed;
	uint32_t lacking[8];
	uint8_t key[INDEX_KEY];
	static struct found f;

	for (uint64_t n = 1; n <= 6; n++)
		add(a, n, "number");
	flush(a, INDEX_FLUSH);
	b = open_with(*state, "english", &model_a);
	give(a, 1);
	give(b, 2);
	flush(a, INDEX_FLUSH);
	/* What b has in memory gives way to what a wrote. */
	flush(b, INDEX_FLUSH);
	assert_int_equal(index_lacking(b, lacking, 8), 5);
	give(b, 2);
	flush(b, INDEX_FLUSH);
	assert_true(index_refresh(a, &changed, &err));
	assert_true(changed);
	assert_int_equal(index_lacking(a, lacking, 8), 4);
	make_key(2, key);
	assert_true(index_remove(a, key));
	find(a, 1, &f);
	assert_int_equal(f.count, 5);
	flush(a, INDEX_FLUSH);
	assert_true(index_refresh(b, &changed, &err));
	find(b, 1, &f);
	assert_int_equal(f.count, 5);
	assert_true(f.cosine[1] > INDEX_LACKS);
}

/* Whether these bytes stand in any file of the folder. */
static bool
stands(const char *folder, const void *bytes, size_t len)
{
	DIR *dir = opendir(folder);
	bool there = false;

	for (struct dirent *e; (e = readdir(dir));) {
		SCOPED(free_pointer) char *path = path_join(folder, e->d_name);
		SCOPED(buf_clear) struct buf all;
		struct error err = {0};
		buf_init(&all, 64 << 20);
		if (e->d_name[0] == '.')
			continue;
		assert_true(file_read(path, &all, &err));
		there = there || slice_find(buf_slice(&all),
					    slice_make(bytes, len)) < all.len;
	}
	closedir(dir);
	return there;
}

static void
no_byte_of_a_removed_vector_is_left(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	struct meaning m;
	float unit[DIMENSIONS];
	int8_t bytes[DIMENSIONS + 64], token[64];
	float factor;
	uint8_t key[INDEX_KEY];

	fill(ix, 1, 40);
	flush(ix, INDEX_FLUSH);
	fill(ix, 41, 43);
	flush(ix, INDEX_FLUSH);
	mean(23, &m);
	assert_true(vector_unit(m.vector, DIMENSIONS, unit));
	assert_true(vector_quantise(m.vector, DIMENSIONS, 128, bytes, &factor));
	assert_true(vector_quantise(m.tokens, TOKENS, 64, token, &factor));
	make_key(23, key);
	const struct {
		const void *bytes;
		size_t len;
	} parts[] = {{unit, sizeof(unit)}, {bytes, 128},       {token, 64},
		     {m.pieces, 4},        {key, sizeof(key)}, {&factor, 4}};

	for (size_t i = 0; i < COUNT(parts); i++)
		assert_true(stands(*state, parts[i].bytes, parts[i].len));
	assert_true(index_remove(ix, key));
	flush(ix, INDEX_FLUSH);
	assert_true(stands(*state, unit, sizeof(unit)));
	flush(ix, INDEX_PURGE);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (stands(*state, parts[i].bytes, parts[i].len))
			fail_msg("part %zu is left", i);
	flush(ix, INDEX_PURGE);
	mean(24, &m);
	assert_true(vector_unit(m.vector, DIMENSIONS, unit));
	assert_true(stands(*state, unit, sizeof(unit)));
}

/* Change a copy of the file, open, say why it was refused (or not). */
static void
refused(const char *folder, const char *path, struct slice bytes,
	const char *reason)
{
	struct error err = {0};

	assert_true(file_write(path, bytes, 0600, &err));
	SCOPED(index_close)
	struct index *ix = open_with(folder, "english", &model_a);
	const char *why = index_vector_trouble(ix);
	if (!why || !strstr(why, reason))
		fail_msg("\"%s\" is not \"%s\"", why ? why : "(none)", reason);
	/* Words do not care. */
	assert_null(index_trouble(ix));
	assert_int_equal(index_count(ix), 20);
	assert_int_equal(index_lacking(ix, NULL, 0), 20);
}

static void
a_lying_file_is_refused_with_its_reason(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	struct error err = {0};
	SCOPED(buf_clear) struct buf good, bad;
	struct vector_layout at;

	fill(ix, 1, 20);
	flush(ix, INDEX_FLUSH);
	SCOPED(free_pointer) char *path = folder_file(*state, "vectors-");
	buf_init(&good, 1 << 20);
	buf_init(&bad, 1 << 20);
	assert_true(file_read(path, &good, &err));
	vector_layout((const void *)good.data, &at);
	const struct {
		size_t at;
		uint32_t value;
		const char *reason;
	} cases[] = {
		{0, 7, "not a vector file"},
		{8, 9, "version 9"},
		{12, 21, "bytes where"},
		{12, UINT32_MAX, "impossible"},
		{16, 33, "vectors of 33"},
		{16, 1 << 30, "vectors of"},
		{20, 2048, "and 2048"},
		{24, UINT32_MAX, "impossible"},
		{28, UINT32_MAX, "impossible"},
		{32, 99, "another model"},
		{64, 99, "not its name"},
		{72, 64, "bytes where"},
		{at.order, 20, "damaged"},
		{at.order, UINT32_MAX, "damaged"},
		{at.order + 4, 0, "damaged"},
		{at.start, 1, "damaged"},
		{at.start + 8, UINT32_MAX, "damaged"},
		{at.start + 80, 5000, "damaged"},
		{at.factors, 0, "damaged"},
		{at.factors, 0x7FC00000, "damaged"},
		{at.factors, 0x7F800000, "damaged"},
		{at.counts, UINT32_MAX, "damaged"},
		{at.counts + 4, 1000, "damaged"},
		{at.counts + 8, 0, "damaged"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vector_header *h;
		buf_reset(&bad);
		buf_add_slice(&bad, buf_slice(&good));
		memcpy(bad.data + cases[i].at, &cases[i].value, 4);
		h = (void *)bad.data;
		h->check = part_check(h, offsetof(struct vector_header, check));
		refused(*state, path, buf_slice(&bad), cases[i].reason);
	}
	buf_reset(&bad);
	buf_add_slice(&bad, buf_slice(&good));
	bad.data[30] ^= 1;
	refused(*state, path, buf_slice(&bad), "damaged header");
	for (size_t len = good.len - 1; len; len = len * 2 / 3)
		refused(*state, path, slice_make(good.data, len),
			len < sizeof(struct vector_header) ? "short"
							   : "belong");
	unlink(path);
	assert_true(file_make_dir(path, 0700, &err));
	SCOPED(index_close)
	struct index *folder = open_with(*state, "english", &model_a);
	assert_non_null(index_vector_trouble(folder));
	assert_int_equal(index_count(folder), 20);
	rmdir(path);
}

static void
a_number_that_cannot_be_empties_the_vectors(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	struct error err = {0};
	SCOPED(buf_clear) struct buf good, bad;
	struct vector_layout at;
	static struct found f, before;

	fill(ix, 1, 20);
	flush(ix, INDEX_FLUSH);
	find(ix, 1, &before);
	SCOPED(free_pointer) char *path = folder_file(*state, "vectors-");
	buf_init(&good, 1 << 20);
	buf_init(&bad, 1 << 20);
	assert_true(file_read(path, &good, &err));
	vector_layout((const void *)good.data, &at);
	const struct {
		size_t at;
		uint32_t value;
	} cases[] = {{at.exact, 0x7FC00000},
		     {at.exact, 0x7F000000},
		     {at.token_factors, 0x7F800000},
		     {at.token_factors + 8, 0x42C80000}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_reset(&bad);
		buf_add_slice(&bad, buf_slice(&good));
		memcpy(bad.data + cases[i].at, &cases[i].value, 4);
		assert_true(file_write(path, buf_slice(&bad), 0600, &err));
		SCOPED(index_close)
		struct index *other = open_with(*state, "english", &model_a);
		assert_null(index_vector_trouble(other));
		assert_false(ask(other, 1, NULL, &f, &err));
		assert_int_equal(err.code, ERROR_CONFLICT);
		assert_int_equal(index_lacking(other, NULL, 0), 20);
		/* Made again, all is as before. */
		for (uint64_t n = 1; n <= 20; n++)
			give(other, n);
		find(other, 1, &f);
		assert_memory_equal(&f, &before, sizeof(f));
	}
	SCOPED(index_close)
	struct index *other = open_with(*state, "english", &model_a);
	for (uint64_t n = 1; n <= 20; n++)
		give(other, n);
	flush(other, INDEX_FLUSH);
	index_close(&other);
	other = open_with(*state, "english", &model_a);
	find(other, 1, &f);
	assert_memory_equal(&f, &before, sizeof(f));
}

static void
what_is_no_vector_is_refused(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", NULL);
	struct error err = {0};
	struct index_model odd = {{0}, 100, 0};
	struct meaning m;
	uint8_t key[INDEX_KEY];

	add(ix, 3, "number 3");
	mean(3, &m);
	make_key(3, key);
	assert_false(index_put_vector(ix, key, &m.v, &err));
	assert_int_equal(err.code, ERROR_SETUP);
	assert_false(index_use_model(ix, &odd, &err));
	odd.dimensions = 2048;
	assert_false(index_use_model(ix, &odd, &err));
	assert_true(index_use_model(ix, &model_a, &err));
	m.vector[7] = NAN;
	assert_false(index_put_vector(ix, key, &m.v, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	memset(m.vector, 0, sizeof(m.vector));
	assert_false(index_put_vector(ix, key, &m.v, &err));
	mean(3, &m);
	m.tokens[40] = INFINITY;
	assert_false(index_put_vector(ix, key, &m.v, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	assert_int_equal(index_lacking(ix, NULL, 0), 1);
	mean(3, &m);
	m.pieces[2] = 1 << 18;
	assert_false(index_put_vector(ix, key, &m.v, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	mean(3, &m);
	m.v.count = INDEX_TOKENS_MAX + 1;
	assert_false(index_put_vector(ix, key, &m.v, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	mean(3, &m);
	make_key(4, key);
	assert_false(index_put_vector(ix, key, &m.v, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	/* A piece of zeros is like nothing, but it is no error. */
	make_key(3, key);
	memset(m.tokens, 0, sizeof(m.tokens));
	assert_true(index_put_vector(ix, key, &m.v, &err));
	static struct found f;
	find(ix, 1, &f);
	assert_true(f.late[3] == 0);
}

static void
every_kernel_gives_the_same_bits(void **state)
{
	enum { LEN = 384, ROWS = 33 };
	static int8_t rows[ROWS * LEN], queries[3 * LEN];
	static float a[LEN], b[LEN], factors[ROWS];
	const int8_t *each[ROWS];
	int32_t want[ROWS], products[ROWS];
	float want_best[3], best[3];
	size_t last = 0, ran = 0;

	(void)state;
	while (dot_kernels[last + 1])
		last++;
	numbers(1, a, LEN);
	numbers(2, b, LEN);
	numbers(3, factors, ROWS);
	for (size_t i = 0; i < sizeof(rows); i++)
		rows[i] = (int8_t)(i * i * 31 + i);
	memset(rows, -128, LEN);
	memset(rows + LEN, 127, LEN);
	for (size_t i = 0; i < sizeof(queries); i++)
		queries[i] = (int8_t)((int)(i * 37 % 255) - 127);
	memset(queries, 127, LEN);
	memset(queries + LEN, -127, LEN);
	for (size_t i = 0; i < ROWS; i++)
		each[i] = rows + i * LEN;
	for (size_t k = last + 1; k-- > 0;) {
		const struct dot_kernel *kernel = dot_kernels[k];
		if (!kernel->runs_here())
			continue;
		ran++;
		for (size_t q = 0; q < 3; q++) {
			kernel->rows(queries + q * LEN, each, ROWS, LEN,
				     products);
			if (k == last)
				kernel->rows(queries + q * LEN, each, ROWS, LEN,
					     want);
			dot_kernels[last]->rows(queries + q * LEN, each, ROWS,
						LEN, want);
			assert_memory_equal(products, want, sizeof(want));
		}
		kernel->best(queries, 3, rows, factors, ROWS, LEN, best);
		if (k == last)
			memcpy(want_best, best, sizeof(best));
		assert_memory_equal(best, want_best, sizeof(best));
		double exact = kernel->exact(a, b, LEN);
		assert_true(exact == dot_kernels[last]->exact(a, b, LEN));
		assert_true(fabs(exact / sqrt(kernel->exact(a, a, LEN) *
					      kernel->exact(b, b, LEN)) -
				 cosine(a, b, LEN)) < 1e-12);
	}
	assert_true(ran >= 1);
	int64_t by_hand = 0;
	for (size_t i = 0; i < LEN; i++)
		by_hand += queries[i] * rows[i];
	dot_best()->rows(queries, each, 1, LEN, products);
	assert_int_equal(products[0], by_hand);
}

static void
random_changes_agree_with_a_plain_list(void **state)
{
	enum { DOCUMENTS = 60, STEPS = 600 };
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	enum { GONE, LACKING, HAVING } is[DOCUMENTS + 1] = {GONE};
	static struct found f;
	uint64_t x = 88172645463325252;
	struct error err = {0};

	for (int step = 0; step < STEPS; step++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		uint64_t n = x % DOCUMENTS + 1;
		uint8_t key[INDEX_KEY];
		char text[32];
		make_key(n, key);
		snprintf(text, sizeof(text), "number %d", (int)n);
		switch (x >> 32 & 15) {
		case 0:
			flush(ix, INDEX_FLUSH);
			break;
		case 1:
			flush(ix, INDEX_PURGE);
			break;
		case 2:
			flush(ix, INDEX_FLUSH);
			index_close(&ix);
			ix = open_with(*state, "english", &model_a);
			break;
		case 3:
		case 4:
			assert_int_equal(index_remove(ix, key), is[n] != GONE);
			is[n] = GONE;
			break;
		case 5:
			assert_int_equal(index_drop_vector(ix, key),
					 is[n] == HAVING);
			is[n] = is[n] == HAVING ? LACKING : is[n];
			break;
		case 6:
		case 7:
		case 8:
			add(ix, n, text);
			is[n] = is[n] == GONE ? LACKING : is[n];
			break;
		default:
			if (is[n] == GONE)
				break;
			give(ix, n);
			is[n] = HAVING;
		}
		if (step % 5)
			continue;
		size_t lacking = 0, count = 0;
		uint32_t with = 0;
		assert_true(ask(ix, 1, NULL, &f, &err));
		for (n = 1; n <= DOCUMENTS; n++) {
			lacking += is[n] == LACKING;
			count += is[n] != GONE;
			with += is[n] == HAVING && n % 8 >= 5;
			if (is[n] == GONE)
				assert_true(f.cosine[n] == 0);
			else
				assert_int_equal(f.cosine[n] != INDEX_LACKS,
						 is[n] == HAVING);
		}
		assert_int_equal(f.count, count);
		assert_int_equal(f.counts[1], with);
		assert_int_equal(index_lacking(ix, NULL, 0), lacking);
	}
}

static size_t
nearest(struct index *ix, uint64_t q, size_t want, uint64_t *seqs)
{
	float vector[DIMENSIONS], cosines[64];
	uint32_t documents[64];
	struct index_document d;
	struct error err = {0};
	size_t n;

	numbers(q, vector, DIMENSIONS);
	if (!index_nearest(ix, vector, want, documents, cosines, &n, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < n; i++) {
		assert_true(index_entry(ix, documents[i], &d));
		assert_true(!i || cosines[i] <= cosines[i - 1]);
		seqs[i] = d.seq;
	}
	return n;
}

static void
all_agree(struct index *ix, struct index *scanned)
{
	size_t same = 0;

	for (uint64_t q = 5000; q < 5020; q++) {
		uint64_t a[10], b[10];
		assert_int_equal(nearest(ix, q, 10, a), 10);
		assert_int_equal(nearest(scanned, q, 10, b), 10);
		for (size_t i = 0; i < 10; i++)
			for (size_t k = 0; k < 10; k++)
				same += a[i] == b[k];
	}
	if (same < 190)
		fail_msg("%zu of 200 are the same", same);
}

static bool
at_once(void *arg)
{
	(void)arg;
	return true;
}

static void
a_graph_finds_the_nearest_and_follows_changes(void **state)
{
	SCOPED(index_close)
	struct index *ix = open_with(*state, "english", &model_a);
	SCOPED(index_close) struct index *other = NULL;
	struct error err = {0};
	struct index_graph *graph;
	uint64_t seqs[10], best;
	uint8_t key[INDEX_KEY];
	bool changed;

	fill(ix, 1, 900);
	flush(ix, INDEX_FLUSH);
	other = open_with(*state, "english", &model_a);
	assert_false(index_graph_wanted(ix));
	assert_null(index_graph_build(other, at_once, NULL, &err));
	assert_int_equal(err.code, ERROR_CANCELLED);
	graph = index_graph_build(other, NULL, NULL, &err);
	if (!graph)
		fail_msg("%s", err.text);
	index_use_graph(ix, &graph);
	assert_null(graph);
	all_agree(ix, other);

	nearest(ix, 5000, 10, seqs);
	best = seqs[0];
	make_key(best, key);
	assert_true(index_remove(ix, key));
	nearest(ix, 5000, 10, seqs);
	for (size_t i = 0; i < 10; i++)
		assert_true(seqs[i] != best);
	fill(ix, 1000, 1010);
	nearest(ix, 1007, 10, seqs);
	assert_int_equal(seqs[0], 1007);
	make_key(17, key);
	assert_true(index_drop_vector(ix, key));
	nearest(ix, 17, 10, seqs);
	assert_true(seqs[0] != 17);
	give(ix, 17);
	give(ix, 1007);
	nearest(ix, 17, 10, seqs);
	assert_int_equal(seqs[0], 17);
	assert_int_equal(nearest(ix, 1007, 2, seqs), 2);
	assert_true(seqs[1] != 1007);
	flush(ix, INDEX_PURGE);
	nearest(ix, 1007, 10, seqs);
	assert_int_equal(seqs[0], 1007);
	assert_true(index_refresh(other, &changed, &err));
	all_agree(ix, other);
	assert_true(index_use_model(ix, &model_b, &err));
	assert_int_equal(nearest(ix, 1007, 10, seqs), 0);
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(scores_are_right_and_equal_wherever_vectors_lie),
		IN_FOLDER(among_many_the_best_are_exact_and_the_rest_near),
		IN_FOLDER(a_conversation_is_scored_as_a_part_of_all),
		IN_FOLDER(a_document_lacks_a_vector_until_it_gets_one),
		IN_FOLDER(a_vector_goes_with_its_text),
		IN_FOLDER(another_language_needs_no_other_vectors),
		IN_FOLDER(vectors_of_another_model_are_put_aside),
		IN_FOLDER(two_processes_see_each_others_vectors),
		IN_FOLDER(no_byte_of_a_removed_vector_is_left),
		IN_FOLDER(a_lying_file_is_refused_with_its_reason),
		IN_FOLDER(a_number_that_cannot_be_empties_the_vectors),
		IN_FOLDER(what_is_no_vector_is_refused),
		cmocka_unit_test(every_kernel_gives_the_same_bits),
		IN_FOLDER(a_graph_finds_the_nearest_and_follows_changes),
		IN_FOLDER(random_changes_agree_with_a_plain_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
