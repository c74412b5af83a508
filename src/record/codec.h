/*
 * codec.h - one list of fields that both writes and reads a record.
 *
 * A record's field function names each field once; the codec goes over it in
 * either direction.  Numbers are varints, signed ones zigzagged, texts a
 * length and bytes.  The first failure latches in *err; after it writing adds
 * nothing and reading gives zeros, so a field function never looks.
 */
#ifndef RECORD_CODEC_H
#define RECORD_CODEC_H

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/id.h"
#include "mneme/store.h"

struct codec {
	struct buf *out; /* NULL: reading */
	struct slice in; /* what is left to read */
	struct arena *arena;
	bool failed;
	struct error *err;
};

/* Lists the fields of `record`, a struct of the kind it is for. */
typedef void fields_fn(struct codec *c, void *record);

/* The version that this program writes, first in each row; gives the version
 * of what is read. */
unsigned code_version(struct codec *c, unsigned newest);
void code_u64(struct codec *c, uint64_t *n);
void code_u32(struct codec *c, uint32_t *n);
void code_i64(struct codec *c, int64_t *n);
void code_bool(struct codec *c, bool *b);
void code_double(struct codec *c, double *d); /* finite */
void code_id(struct codec *c, struct id *id);
void code_raw(struct codec *c, void *bytes, size_t len);
void code_text(struct codec *c, struct slice *s, size_t max); /* UTF-8 */
void code_blob(struct codec *c, struct slice *s, size_t max);
/* A value of an enum of `count` values. */
unsigned code_enum(struct codec *c, unsigned value, unsigned count);
/* How many elements follow; when reading, *array is made for them. */
size_t code_count(struct codec *c, size_t n, const void **array, size_t size);

/* Store `record`. */
bool row_put(struct store_txn *txn, enum store_table table, struct slice key,
	     fields_fn *fields, const void *record, size_t size,
	     struct error *err);
/* Fill `record` (zeroed by the caller); its slices lie in the arena. */
bool row_read(struct slice value, fields_fn *fields, void *record,
	      struct arena *arena, struct error *err);
/* Look one up and read it. */
bool row_get(struct store_txn *txn, enum store_table table, struct slice key,
	     fields_fn *fields, void *record, struct arena *arena, bool *found,
	     struct error *err);

#endif
