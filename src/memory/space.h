/*
 * space.h - where word pieces are compared: a model's token vectors have a
 * large common part and many idle directions.  Less the mean, turned onto the
 * axes along which they differ most, and these evened out a little, 128
 * numbers do as well as 384.
 *
 * Mean and axes are the model's own: they come from a text that ships with the
 * program (sample.c), never from what a person stored, so that scores do not
 * depend on what was there when.
 */
#ifndef MEMORY_SPACE_H
#define MEMORY_SPACE_H

#include "mneme/base.h"
#include "mneme/digest.h"

struct embed_model;
struct error;

enum {
	SPACE_AXES = 128,
	SPACE_VERSION = 1, /* of the sample and of what is made of it */
	SPACE_WIDTH = 32   /* axes come in this many */
};

struct space {
	unsigned from, to; /* numbers in, numbers out */
	float *mean;       /* [from] */
	float *axes;       /* [from][to] */
};

/* The space of the model in `folder`, as it is kept there or in the folder
 * `cache` under the model's fingerprint; or made, and kept with the model, or
 * in `cache` where the model's folder cannot be written.  Where it cannot be
 * kept at all it is still good. */
bool space_open(struct space *space, const char *folder, const char *cache,
		const struct embed_model *model, struct error *err);
void space_clear(struct space *space);

/* out[to] from in[from]; its length is not one. */
void space_project(const struct space *space, const float *in, float *out);

/* Mean and axes of `n` vectors of `from` numbers. */
void space_fit(struct space *space, const float *vectors, size_t n,
	       unsigned from);

/* As bytes, and back: ERROR_INVALID for what is no space of `model_print`. */
struct buf;
void space_write(const struct space *space,
		 const uint8_t model_print[DIGEST_BYTES], struct buf *out);
bool space_read(struct space *space, struct slice bytes,
		const uint8_t model_print[DIGEST_BYTES], struct error *err);

/* The shipped lines; NULL past the last. */
const char *space_sample(size_t n);

#endif
