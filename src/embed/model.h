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
	float *weights; /* all that was packed or copied, one mapping */
	size_t weights_bytes;
	size_t weights_used; /* floats */
};

#endif
