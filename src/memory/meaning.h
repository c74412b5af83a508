/*
 * meaning.h - texts as the index wants them: a sentence vector, and one vector
 * in the model's space (space.h) for each word piece.
 *
 * A turn's sentence vector is of its text alone; its pieces are read after the
 * turn before, which tells what "it" and "there" are.  One thread at a time.
 */
#ifndef MEMORY_MEANING_H
#define MEMORY_MEANING_H

#include "mneme/index.h"

struct error;
struct meaning;

enum { MEANING_BATCH = 16 };

/* `model` is a model's folder; its space is kept there, or else in `cache`. */
struct meaning *meaning_open(const char *model, const char *cache,
			     struct error *err);
void meaning_close(struct meaning **meaning);

const struct index_model *meaning_model(const struct meaning *meaning);

/* Of a question; borrowed until the meaning is used again. */
void meaning_question(struct meaning *meaning, struct slice text,
		      struct index_vector *out);

struct meaning_text {
	struct slice text;
	struct slice previous; /* empty: none */
};

/* Of up to MEANING_BATCH texts; `each` is called once for each, in order. */
typedef void meaning_each_fn(void *arg, size_t at,
			     const struct index_vector *vector);
void meaning_texts(struct meaning *meaning, const struct meaning_text *texts,
		   size_t n, meaning_each_fn *each, void *arg);

#endif
