/*
 * key.h - keys of rows, put together from parts; and what several files here
 * share.
 */
#ifndef RECORD_KEY_H
#define RECORD_KEY_H

#include "mneme/id.h"
#include "mneme/record.h"
#include "mneme/store.h"

struct key {
	size_t len;
	char bytes[STORE_KEY_MAX];
};

/* Each returns `k`, so that calls nest; a part that does not fit is cut. */
struct key *key_add(struct key *k, const void *data, size_t len);
struct key *key_id(struct key *k, struct id id);
struct key *key_u64(struct key *k, uint64_t n);
struct key *key_time(struct key *k, int64_t at);        /* old first */
struct key *key_time_newest(struct key *k, int64_t at); /* new first */
struct key *key_text(struct key *k, struct slice text);
struct slice key_slice(const struct key *k);

struct key key_of(struct id id);
struct key key_of_two(struct id first, struct id second);
struct key key_of_seq(uint64_t seq);

struct id key_tail_id(struct slice key); /* its last 16 bytes */
uint64_t key_tail_seq(struct slice key); /* its last 8 bytes */

/* False with ERROR_INVALID when there is no profile. */
bool key_profile(struct id profile, struct error *err);

/* The one id in `table` (keys: profile, id) that begins with `text`; several
 * are ERROR_USAGE. */
bool key_find_prefix(struct store_txn *txn, enum store_table table,
		     struct id profile, struct slice text, struct id *id,
		     bool *found, struct error *err);

/* An id kept under `key` (value: 16 bytes). */
bool key_get_id(struct store_txn *txn, enum store_table table,
		const struct key *key, struct id *id, bool *found,
		struct error *err);

/* Move the row that leads to `id` from `was` to `now`; either may be empty
 * (len 0).  A `now` that leads to another is ERROR_CONFLICT. */
bool key_move(struct store_txn *txn, enum store_table table,
	      const struct key *was, const struct key *now, struct id id,
	      const char *what, struct error *err);

/* Count `name` in the store's meta table up by one. */
bool key_next_seq(struct store_txn *txn, const char *name, uint64_t *seq,
		  struct error *err);
bool key_last_seq(struct store_txn *txn, const char *name, uint64_t *seq,
		  struct error *err);

/* Delete what begins with `prefix`, one off *budget a row, until it is 0;
 * *left then says that there may be more. */
bool key_purge(struct store_txn *txn, enum store_table table,
	       const struct key *prefix, size_t *budget, struct error *err);

/* A change row. */
bool change_add(struct store_txn *txn, struct id profile, enum change_kind kind,
		enum change_op op, struct id ref, uint64_t message_seq,
		struct error *err);

/* Nobody is found by this person's API keys and identities any more. */
bool sign_in_drop_names(struct store_txn *txn, struct id profile,
			struct error *err);

/* Lower case by Unicode, composed; in the arena. */
struct slice key_fold(struct arena *arena, struct slice text);

#endif
