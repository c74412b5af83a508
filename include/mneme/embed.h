/*
 * embed.h - texts into vectors: a sentence-transformers model of BERT
 * architecture that runs inside the program.
 *
 * A folder holds the model: config.json, vocab.txt, model.safetensors, and
 * where present 1_Pooling/config.json (mean, or the first piece),
 * tokenizer_config.json (case, accents, CJK) and sentence_bert_config.json
 * (where texts are cut).  All of them are foreign bytes: what is cut off, too
 * large or contradicts itself is refused with the reason.
 *
 * The numbers are those of the reference implementation: Devlin et al., BERT
 * (2018), sections 3 and A.2; GELU with erf (Hendrycks and Gimpel, 2016);
 * layer normalisation with the configuration's epsilon (Ba et al., 2016);
 * Reimers and Gurevych, Sentence-BERT (2019), for the pooling.  fp32
 * throughout.  A text's vectors do not depend on what else is in its batch.
 *
 * A model is immutable once open and may be shared by threads; a workspace
 * belongs to one thread at a time.  Encoding allocates nothing.  The weights
 * stay mapped from the file, which must not be cut short while the model is
 * open (replace models by rename).
 */
#ifndef MNEME_EMBED_H
#define MNEME_EMBED_H

#include "mneme/base.h"
#include "mneme/digest.h"

struct error;
struct fetch;
struct loop;
struct embed_model;
struct embed_pull;
struct embed_workspace;

enum {
	EMBED_DIMENSIONS_MAX = 1024,
	EMBED_PIECES_MAX = 256, /* in one pass, the two marks included */
	EMBED_TEXT_PIECES_MAX = EMBED_PIECES_MAX - 2
};

struct embed_info {
	unsigned dimensions; /* floats in every vector */
	unsigned layers;
	unsigned pieces_max; /* longest pass, with [CLS] and [SEP] */
	unsigned vocabulary; /* piece ids are below it */
	const char *kernel;  /* "avx512", "avx2" or "portable" */
	/* Of configuration, vocabulary, the tensors' names, shapes and places,
	 * and every small tensor: vectors of different fingerprints are not
	 * comparable. */
	uint8_t fingerprint[DIGEST_BYTES];
};

/* ERROR_NOT_FOUND: a file is missing.  ERROR_INVALID, ERROR_LIMIT: the model
 * is broken, too large, or of a kind that this program does not run. */
struct embed_model *embed_open(const char *folder, struct error *err);
void embed_close(struct embed_model **model);

/* Lives as long as the model. */
const struct embed_info *embed_info(const struct embed_model *model);

/* The ids of the text's word pieces, without marks, from the start of the text
 * until `max`.  Wrong UTF-8 is read as U+FFFD, which the tokenizer drops.
 * Any thread.  Returns how many were written. */
size_t embed_pieces(const struct embed_model *model, struct slice text,
		    uint32_t *ids, size_t max);

/* The model outlives its workspaces. */
struct embed_workspace *embed_workspace_create(const struct embed_model *model);
void embed_workspace_destroy(struct embed_workspace **workspace);

/* What to encode.  With a `previous` text that has pieces, the pass runs over
 * its pieces and then those of `text`, the previous ones cut from the left so
 * that everything fits; `text` itself is cut from the right. */
struct embed_input {
	struct slice text;
	struct slice previous; /* .data NULL: none */
};

/* Borrowed until the workspace is used again. */
struct embed_output {
	/* The pooled sentence vector, unit length; NULL when the pass had a
	 * `previous`, whose meaning it would mix in. */
	const float *vector;
	/* Last hidden states of the text's own pieces, [count][dimensions],
	 * as the model gives them: neither centred nor normalised. */
	const float *tokens;
	const uint32_t *pieces; /* their ids, [count] */
	size_t count;           /* 0 to EMBED_TEXT_PIECES_MAX */
};

void embed_text(struct embed_workspace *workspace, struct slice text,
		struct embed_output *output);

/* Encode many, several in one pass where they fit; `each` is called once for
 * every input, in order, and must not use the workspace. */
typedef void embed_each_fn(void *arg, size_t at,
			   const struct embed_output *output);
void embed_batch(struct embed_workspace *workspace,
		 const struct embed_input *inputs, size_t n,
		 embed_each_fn *each, void *arg);

/* ---- models that can be had ---- */

struct embed_file {
	const char *name; /* in the folder */
	uint64_t bytes;
	const char *sha256; /* in hexadecimal */
};

struct embed_published {
	const char *name; /* also the folder's */
	const char *path; /* at the publisher */
	unsigned dimensions;
	const char *about; /* a few words, with the licence */
	const struct embed_file *files;
	size_t file_count;
	uint64_t bytes; /* of all */
};

extern const struct embed_published embed_published[];
extern const size_t embed_published_count;

/* NULL when there is none of that name. */
const struct embed_published *embed_published_find(const char *name);

struct embed_pull_events {
	/* As bytes come; those that were there already count. */
	void (*progress)(void *arg, uint64_t bytes, uint64_t all);
	/* Once; NULL: the model is in its folder. */
	void (*end)(void *arg, const struct error *err);
	void *arg;
};

/* Fetch a model into `models`/NAME, from `base` (https://host).  What arrived
 * stays beside it when this is broken off, and is not fetched again; a broken
 * connection is tried again by itself.  The folder gets its name when every
 * file has its size and its digest and the model opens.  Events come on the
 * loop, never from inside this call.  ERROR_BUSY: another process does it. */
struct embed_pull *embed_pull_start(struct loop *loop, struct fetch *fetch,
				    const struct embed_published *what,
				    const char *base, const char *models,
				    const struct embed_pull_events *events,
				    struct error *err);
/* After `end`, or to stop. */
void embed_pull_drop(struct embed_pull **pull);

#endif
