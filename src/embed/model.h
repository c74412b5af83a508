/*
 * model.h - an open model: its weights, ready for the forward pass.
 */
#ifndef EMBED_MODEL_H
#define EMBED_MODEL_H

#include "embed/kernel.h"
#include "embed/safetensors.h"
#include "embed/shape.h"
#include "embed/tokenizer.h"
#include "mneme/embed.h"

/* y = W x + b, W packed in panels. */
struct dense {
	const float *packed;
	const float *bias;
};

struct norm {
	const float *weight;
	const float *bias;
};

struct layer {
	struct dense attention; /* query (scaled), key and value in one */
	struct dense attention_out;
	struct norm attention_norm;
	struct dense grow;
	struct dense shrink;
	struct norm norm;
};

struct embed_model {
	struct embed_info info;
	struct shape shape;
	struct tokenizer tokenizer;
	struct safetensors file;
	const struct kernel *kernel;
	/* Straight from the file, so aligned to nothing: [..][hidden]. */
	const unsigned char *words, *places, *types;
	struct norm norm;
	struct layer *layers;
	/* All that was packed or copied: one mapping, of packed.c's. */
	void *packed;
	size_t packed_bytes;
	float *weights;
	size_t weights_used; /* floats */
	bool ready;          /* a file has them packed already */
};

/* packed.c: room for so many floats, or a file of them from an earlier time,
 * beside the model (`ready`). */
void packed_open(struct embed_model *m, const char *folder, size_t floats);
/* Done: nobody writes there any more; later openings find them packed. */
bool packed_seal(struct embed_model *m, const char *folder, struct error *err);
void packed_close(struct embed_model *m);

#endif
