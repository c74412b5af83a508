/*
 * Segments are foreign bytes.  Opening checks sizes, keys, factors and where
 * each row's pieces lie, and so touches a few bytes a row; vectors are looked
 * at when they are used, where a number that cannot be gives the file away.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "index/mapped.h"
#include "index/part.h"
#include "index/vector.h"
#include "mneme/error.h"

static_assert(sizeof(struct vector_header) == 88, "as in the file");
static_assert(sizeof(struct vector_count) == 8, "as in the file");

static uint64_t
take(uint64_t *at, uint64_t n, uint64_t size)
{
	uint64_t here = *at;

	*at = (here + n * size + VECTOR_ALIGN - 1) &
	      ~(uint64_t)(VECTOR_ALIGN - 1);
	return here;
}

void
vector_layout(const struct vector_header *h, struct vector_layout *to)
{
	uint64_t at = 0, rows = h->rows, tokens = h->tokens;

	take(&at, 1, sizeof(*h));
	to->marks = take(&at, rows, sizeof(uint64_t));
	to->factors = take(&at, rows, sizeof(float));
	to->order = take(&at, rows, sizeof(uint32_t));
	to->start = take(&at, rows + 1, sizeof(uint32_t));
	to->keys = take(&at, rows, INDEX_KEY);
	to->bytes = take(&at, rows, vector_stride(h->dimensions));
	to->exact = take(&at, rows, h->dimensions * sizeof(float));
	to->pieces = take(&at, tokens, sizeof(uint32_t));
	to->token_factors = take(&at, tokens, sizeof(float));
	to->tokens = take(&at, tokens, vector_stride(h->token_dimensions));
	to->counts = take(&at, h->counts, sizeof(struct vector_count));
	to->end = at;
}

void
vector_shape(struct vector_part *part, unsigned dimensions,
	     unsigned token_dimensions)
{
	part->dimensions = dimensions;
	part->token_dimensions = token_dimensions;
	part->stride = vector_stride(dimensions);
	part->token_stride = vector_stride(token_dimensions);
}

bool
vector_kill(struct vector_part *part, uint32_t row)
{
	if (part->dead[row])
		return false;
	part->dead[row] = 1;
	part->dead_count++;
	return true;
}

static bool
check_header(const struct vector_header *h, size_t size, struct error *err)
{
	struct vector_layout layout;

	if (memcmp(h->magic, "mnemevec", 8) != 0)
		return error_set(err, ERROR_INVALID, "not a vector file");
	if (h->version != VECTOR_VERSION)
		return error_set(err, ERROR_INVALID, "vectors of version %u",
				 h->version);
	if (h->check != part_check(h, offsetof(struct vector_header, check)))
		return error_set(err, ERROR_INVALID, "damaged header");
	if (!h->dimensions || h->dimensions > INDEX_DIMENSIONS_MAX ||
	    h->dimensions % 32 || h->token_dimensions > INDEX_DIMENSIONS_MAX ||
	    h->token_dimensions % 32)
		return error_set(err, ERROR_INVALID, "vectors of %u and %u",
				 h->dimensions, h->token_dimensions);
	if (h->rows > VECTOR_ROWS_MAX || h->counts > VECTOR_PIECES_MAX ||
	    h->tokens > (uint64_t)h->rows * INDEX_TOKENS_MAX)
		return error_set(err, ERROR_INVALID, "impossible counts");
	vector_layout(h, &layout);
	if (h->size != layout.end || size != layout.end)
		return error_set(err, ERROR_INVALID,
				 "%zu bytes where %llu belong", size,
				 (unsigned long long)layout.end);
	return true;
}

static void
place_parts(struct vector_segment *segment, const char *image)
{
	struct vector_part *part = &segment->part;
	struct vector_layout at;

	vector_layout(segment->header, &at);
	part->rows = segment->header->rows;
	vector_shape(part, segment->header->dimensions,
		     segment->header->token_dimensions);
	part->marks = (const void *)(image + at.marks);
	part->factors = (const void *)(image + at.factors);
	part->start = (const void *)(image + at.start);
	part->keys = (const void *)(image + at.keys);
	part->bytes = (const void *)(image + at.bytes);
	part->exact = (const void *)(image + at.exact);
	part->pieces = (const void *)(image + at.pieces);
	part->token_factors = (const void *)(image + at.token_factors);
	part->tokens = (const void *)(image + at.tokens);
	segment->order = (const void *)(image + at.order);
	segment->counts = (const void *)(image + at.counts);
}

/* Keys that go up are also all different. */
static bool
in_order(const struct vector_segment *s)
{
	const uint8_t *last = NULL;

	for (uint32_t i = 0; i < s->part.rows; i++) {
		if (s->order[i] >= s->part.rows)
			return false;
		const uint8_t *key =
			s->part.keys + (size_t)s->order[i] * INDEX_KEY;
		if (last && memcmp(last, key, INDEX_KEY) >= 0)
			return false;
		last = key;
	}
	return true;
}

static bool
check_rows(const struct vector_segment *s)
{
	const struct vector_part *part = &s->part;

	if (part->start[0] != 0 || part->start[part->rows] != s->header->tokens)
		return false;
	for (uint32_t i = 0; i < part->rows; i++) {
		uint32_t from = part->start[i], to = part->start[i + 1];
		if (to < from || to - from > INDEX_TOKENS_MAX ||
		    !(part->factors[i] > 0) || !(part->factors[i] <= 1))
			return false;
	}
	for (uint32_t i = 0; i < s->header->counts; i++)
		if (s->counts[i].piece >= VECTOR_PIECES_MAX ||
		    s->counts[i].rows > part->rows ||
		    (i && s->counts[i].piece <= s->counts[i - 1].piece))
			return false;
	return true;
}

bool
vector_read(struct vector_segment *segment, struct slice image,
	    struct error *err)
{
	if (image.len < sizeof(*segment->header))
		return error_set(err, ERROR_INVALID, "too short");
	segment->header = (const void *)image.data;
	if (!check_header(segment->header, image.len, err))
		return false;
	place_parts(segment, image.data);
	if (!in_order(segment) || !check_rows(segment))
		return error_set(err, ERROR_INVALID, "damaged");
	segment->part.dead = xcalloc((size_t)segment->part.rows + 1, 1);
	return true;
}

bool
vector_map(struct vector_segment *segment, const char *path, uint64_t stamp,
	   struct error *err)
{
	struct error why = {0};

	if (!mapped_open(path, sizeof(*segment->header), &segment->mapping,
			 err))
		return false;
	if (!vector_read(segment, segment->mapping, &why))
		return error_set(err, why.code, "%s: %s", path, why.text);
	if (segment->header->stamp != stamp)
		return error_set(err, ERROR_INVALID, "%s: not its name", path);
	mapped_rest(segment->mapping);
	return true;
}

void
vector_close(struct vector_segment **segment)
{
	if (!*segment)
		return;
	mapped_close(&(*segment)->mapping);
	free((*segment)->part.dead);
	free(*segment);
	*segment = NULL;
}

bool
vector_find(const struct vector_segment *segment, const uint8_t *key,
	    uint32_t *row)
{
	return mapped_find_key(segment->part.keys, segment->order,
			       segment->part.rows, key, row);
}

static double
length(const float *x, size_t n)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		squares += (double)x[i] * (double)x[i];
	return sqrt(squares);
}

bool
vector_unit(const float *x, size_t n, float *unit)
{
	double len = length(x, n);

	if (!(len > 0) || !isfinite(len))
		return false;
	for (size_t i = 0; i < n; i++)
		unit[i] = (float)((double)x[i] / len);
	return true;
}

bool
vector_quantise(const float *x, size_t n, size_t stride, int8_t *bytes,
		float *factor)
{
	float most = 0;
	int64_t squares = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i]))
			return false;
		most = fmaxf(most, fabsf(x[i]));
	}
	memset(bytes, 0, stride);
	*factor = 0;
	if (!(most > 0))
		return true;
	for (size_t i = 0; i < n; i++) {
		bytes[i] = (int8_t)lrint((double)x[i] / (double)most * 127);
		squares += bytes[i] * bytes[i];
	}
	*factor = (float)(1 / sqrt((double)squares));
	return true;
}

static int
compare_pieces(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

size_t
vector_distinct(const uint32_t *pieces, size_t count, uint32_t *out)
{
	size_t n = 0;

	memcpy(out, pieces, count * sizeof(*out));
	qsort(out, count, sizeof(*out), compare_pieces);
	for (size_t i = 0; i < count; i++)
		if (!n || out[n - 1] != out[i])
			out[n++] = out[i];
	return n;
}
