/*
 * A file of vectors is foreign bytes: it is read whole or refused, scores that
 * come of it are numbers between -1 and 1 or give it away, and what is written
 * of it is a file of vectors again.  Sizes and checks in the header are made
 * right first, and documents are made for its rows, so that the fuzzer gets
 * past them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "index/inner.h"
#include "index/words.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { IMAGE_MAX = 1 << 20, ROWS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *dir;

static void
leave(void)
{
	rmdir(dir);
	free_pointer(&dir);
}

static void
make_folder(void)
{
	char path[] = "/dev/shm/fuzz_vectors.XXXXXX";

	if (dir)
		return;
	if (!mkdtemp(path))
		abort();
	dir = xstrdup(path);
	atexit(leave);
}

/* As long as its header says, when that is not too much. */
static char *
make_right(const uint8_t *data, size_t size, size_t *len)
{
	struct vector_header h = {.rows = 0};
	struct vector_layout layout;

	memcpy(&h, data, MIN(size, sizeof(h)));
	h.dimensions = MIN(h.dimensions, 4096U);
	h.token_dimensions = MIN(h.token_dimensions, 4096U);
	vector_layout(&h, &layout);
	*len = layout.end > IMAGE_MAX ? size : (size_t)layout.end;
	h.size = *len;
	h.check = part_check(&h, offsetof(struct vector_header, check));
	char *bytes = xcalloc(*len + sizeof(h), 1);
	memcpy(bytes, data, MIN(size, *len));
	memcpy(bytes, &h, sizeof(h));
	return bytes;
}

/* A document for each row. */
static void
add_documents(struct index *ix, const struct vector_part *part)
{
	for (uint32_t row = 0; row < MIN(part->rows, (uint32_t)ROWS); row++) {
		struct index_document d = {.seq = row, .text = slice_of("")};
		memcpy(d.key, part->keys + (size_t)row * INDEX_KEY, INDEX_KEY);
		tail_add(&ix->tail, ix->words, &d);
		ix->tail.marks[row] = part->marks[row];
	}
}

static void
check_scores(const float *scores, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (scores[i] != INDEX_LACKS && !(fabsf(scores[i]) < 1.1F))
			abort();
}

static void
ask(struct index *ix)
{
	float x[INDEX_DIMENSIONS_MAX], scores[ROWS], weights[2] = {1, 2};
	uint32_t documents[ROWS], counts[3], pieces[3] = {0, 5, 1000};
	struct index_late late = {x, weights, 1};
	struct error err = {0};
	size_t n = ix->tail.part.documents;

	for (size_t i = 0; i < COUNT(x); i++)
		x[i] = (float)(i % 7) - 2.5F;
	for (uint32_t i = 0; i < n; i++)
		documents[i] = n - 1 - i;
	if (index_late_scores(ix, &late, documents, n, scores, &err))
		check_scores(scores, n);
	index_piece_counts(ix, documents, n, pieces, 3, counts, &err);
	index_piece_counts(ix, documents, n / 2, pieces, 3, counts, &err);
	/* Those that are not scored again may lie in their bytes. */
	if (index_cosines(ix, x, documents, n, scores, &err))
		check_scores(scores, n);
	index_lacking(ix, documents, n);
	if (n)
		index_vector_of(ix, 0);
}

static void
change_and_write(struct index *ix)
{
	struct vector_segment *next[MANIFEST_SEGMENTS_MAX];
	SCOPED(manifest_clear) struct manifest m = {0};
	struct error err = {0};
	size_t count;

	if (ix->vectors.count && ix->vectors.segments[0]->part.rows)
		index_drop_vector(ix, ix->vectors.segments[0]->part.keys);
	if (!vectors_write(ix, INDEX_PURGE, next, &count, &m, &err)) {
		if (err.code == ERROR_INVALID)
			abort();
		vectors_give_up(ix, next, count);
		return;
	}
	vectors_adopt(ix, next, count);
	ask(ix);
	for (size_t i = 0; i < ix->vectors.count; i++) {
		char name[32];
		snprintf(name, sizeof(name), "vectors-%016llx",
			 (unsigned long long)ix->vectors.segments[i]
				 ->header->stamp);
		SCOPED(free_pointer) char *path = path_join(dir, name);
		unlink(path);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len;
	SCOPED(free_pointer) char *bytes = make_right(data, size, &len);
	struct vector_segment *segment = xcalloc(1, sizeof(*segment));
	struct error err = {0};
	struct index *ix;

	make_folder();
	if (!vector_read(segment, slice_make(bytes, len), &err)) {
		vector_close(&segment);
		return 0;
	}
	ix = xcalloc(1, sizeof(*ix));
	ix->dir = xstrdup(dir);
	ix->words = words_open("none");
	ix->vectors.segments[ix->vectors.count++] = segment;
	struct index_model model = {.dimensions = segment->header->dimensions,
				    .token_dimensions =
					    segment->header->token_dimensions};
	memcpy(model.fingerprint, segment->header->fingerprint,
	       INDEX_FINGERPRINT);
	if (!index_use_model(ix, &model, &err))
		abort();
	add_documents(ix, &segment->part);
	ask(ix);
	change_and_write(ix);
	index_close(&ix);
	return 0;
}
