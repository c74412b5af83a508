/*
 * vector.h - a piece of the index by meaning: documents' vectors and those of
 * their word pieces.
 *
 * As with words, a segment is a part in a file, mapped and never changed, and
 * the tail is the part in memory that grows.  A row belongs to the document
 * that has its key and its mark, wherever that stands.
 *
 * Each vector is kept twice: as floats of unit length, and as bytes times a
 * factor that makes their length 1, which are read first because they are a
 * quarter.  Pieces' vectors are kept as bytes only.
 */
#ifndef INDEX_VECTOR_H
#define INDEX_VECTOR_H

#include "mneme/base.h"
#include "mneme/index.h"

struct error;

enum {
	VECTOR_ROWS_MAX = 1 << 24,
	VECTOR_PIECES_MAX = 1 << 18, /* their ids are below it */
	VECTOR_VERSION = 1,
	VECTOR_ALIGN = 64
};

struct vector_part {
	uint32_t rows;
	size_t dimensions, token_dimensions;
	size_t stride, token_stride; /* bytes of a row of bytes */
	const uint64_t *marks;       /* these five have an element a row */
	const float *factors;
	const uint8_t *keys;    /* INDEX_KEY bytes each */
	const int8_t *bytes;    /* [rows][stride], zeros behind the end */
	const float *exact;     /* [rows][dimensions] */
	const uint32_t *start;  /* [rows + 1]: a row's first piece */
	const uint32_t *pieces; /* these have an element a piece */
	const float *token_factors;
	const int8_t *tokens; /* [..][token_stride] */
	uint8_t *dead;        /* one byte a row, 1: removed */
	uint32_t dead_count;
};

struct vector_count {
	uint32_t piece, rows; /* that have it */
};

struct vector_header {
	char magic[8];
	uint32_t version, rows, dimensions, token_dimensions;
	uint32_t tokens, counts;
	uint8_t fingerprint[INDEX_FINGERPRINT];
	uint64_t stamp; /* random, also its name */
	uint64_t size;  /* the file's */
	uint64_t check; /* of the bytes before */
};

/* Where the parts of a file begin; `end` is its size. */
struct vector_layout {
	uint64_t marks, factors, order, start, keys, bytes, exact, pieces,
		token_factors, tokens, counts, end;
};

struct vector_segment {
	struct vector_part part;
	struct slice mapping; /* empty: the image is borrowed */
	const struct vector_header *header;
	const uint32_t *order;             /* rows in the order of keys */
	const struct vector_count *counts; /* in the order of pieces */
};

void vector_layout(const struct vector_header *h, struct vector_layout *to);
void vector_shape(struct vector_part *part, unsigned dimensions,
		  unsigned token_dimensions);
bool vector_kill(struct vector_part *part, uint32_t row);

/* Read an image that the caller keeps, aligned to 8 bytes.  False with the
 * reason when it is not a whole segment. */
bool vector_read(struct vector_segment *segment, struct slice image,
		 struct error *err);
bool vector_map(struct vector_segment *segment, const char *path,
		uint64_t stamp, struct error *err);
void vector_close(struct vector_segment **segment);

/* The row of a key, removed ones too. */
bool vector_find(const struct vector_segment *segment, const uint8_t *key,
		 uint32_t *row);

/* Bytes of a row in memory and in a file, without its pieces. */
static inline size_t
vector_stride(size_t dimensions)
{
	return (dimensions + VECTOR_ALIGN - 1) & ~(size_t)(VECTOR_ALIGN - 1);
}

/* x as bytes and the factor that makes their length 1, or 0 for zeros.  False
 * for what is not finite. */
bool vector_quantise(const float *x, size_t n, size_t stride, int8_t *bytes,
		     float *factor);
/* x brought to unit length; false for zeros and what is not finite. */
bool vector_unit(const float *x, size_t n, float *unit);

/* The distinct pieces among these, sorted, into out[count]. */
size_t vector_distinct(const uint32_t *pieces, size_t count, uint32_t *out);

#endif
