/* support_model.h - a tiny model for tests that need no real one. */
#ifndef SUPPORT_MODEL_H
#define SUPPORT_MODEL_H

#include "mneme/base.h"

struct buf;

enum { TINY_HIDDEN = 64, TINY_LAYERS = 2, TINY_MIDDLE = 96, TINY_WORDS = 40 };

/* Fill `folder` with a model of two layers and some forty pieces, always the
 * same. */
void tiny_model(const char *folder);

/* Replace one of its files, or take it away (text NULL). */
void tiny_file(const char *folder, const char *name, const char *text);

/* The bytes of a safetensors file with this header, and `len` zeros of data. */
void tiny_safetensors(struct buf *out, const char *header, size_t len);

#endif
