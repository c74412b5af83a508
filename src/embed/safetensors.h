/*
 * safetensors.h - named tensors in a mapped file.
 *
 * The format: 8 bytes little-endian length n, n bytes of JSON that name each
 * tensor's type, shape and byte range, then the data, which the ranges cover
 * without overlap or hole.  Nothing of it is believed before it is checked.
 */
#ifndef EMBED_SAFETENSORS_H
#define EMBED_SAFETENSORS_H

#include "mneme/base.h"

struct error;

enum {
	SAFETENSORS_HEADER_MAX = 4 << 20,
	SAFETENSORS_COUNT_MAX = 8192,
	SAFETENSORS_RANK_MAX = 8
};

struct tensor {
	char *name;
	char type[8]; /* "F32", "I64", ... */
	unsigned rank;
	uint64_t shape[SAFETENSORS_RANK_MAX];
	const unsigned char *data; /* aligned to nothing */
	size_t bytes;
};

struct safetensors {
	struct slice file; /* the mapping, or the bytes parsed */
	struct slice header;
	struct tensor *tensors; /* in the order of their data */
	size_t count;
	bool mapped;
};

/* Map and check a file.  A zeroed struct is valid to close. */
bool safetensors_open(const char *path, struct safetensors *st,
		      struct error *err);
/* Check bytes that stay the caller's. */
bool safetensors_parse(struct slice bytes, struct safetensors *st,
		       struct error *err);
void safetensors_close(struct safetensors *st);

/* NULL when there is none. */
const struct tensor *safetensors_find(const struct safetensors *st,
				      const char *name);

#endif
