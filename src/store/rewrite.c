/*
 * The next generation, and what the present one weighs.
 *
 * Everything happens under the exclusive lock, so no transaction of anyone is
 * open.  `store` is the turning point: before it is replaced the old file
 * counts, after it the new one, and the other one is litter.
 */
#include "store/inner.h"

#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/file.h"

static bool
copy_now(const struct store *store, const struct generation *gen,
	 const char *path, struct error *err)
{
	MDB_txn *from;
	int rc = mdb_txn_begin(gen->env, NULL, MDB_RDONLY, &from);

	if (rc == MDB_MAP_RESIZED) {
		rc = mdb_env_set_mapsize(gen->env, 0);
		if (rc == MDB_SUCCESS)
			rc = mdb_txn_begin(gen->env, NULL, MDB_RDONLY, &from);
	}
	if (!store_ok(rc, store->dir, err))
		return false;
	bool good = copy_records(gen, from, path, err);
	mdb_txn_abort(from);
	return good;
}

/* With the records of `gen`. */
static bool
next_generation(struct store *store, const struct generation *gen,
		struct error *err)
{
	unsigned old = store->now->number, next = old + 1;
	SCOPED(free_pointer) char *path = store_data_path(store, next);
	struct error ignored;

	place_unlink(store, next);
	if (!copy_now(store, gen, path, err))
		return false;
	/* The file before the name: one that is named is there for certain. */
	bool named = file_sync_name(path, err) && place_name(store, next, err);
	/* Where naming failed, the file itself says how far it came. */
	if (!place_follow(store, named ? err : &ignored))
		return false;
	place_unlink(store, store->now->number == next ? old : next);
	return named && file_sync_name(path, err);
}

/* A descriptor of the lock file that is locked exclusively; -1: none. */
static int
lock_alone(const struct store *store, struct error *err)
{
	SCOPED(close_fd) int fd = -1;

	if (!store_may_change(store, err))
		return -1;
	fd = place_lock_open(store, err);
	if (fd < 0 || !place_lock(store, fd, LOCK_EX, err))
		return -1;
	int locked = fd;
	fd = -1;
	return locked;
}

bool
store_rewrite(struct store *store, struct error *err)
{
	SCOPED(close_fd) int fd = lock_alone(store, err);

	if (fd < 0)
		return false;
	pthread_mutex_lock(&store->lock);
	bool good = place_follow(store, err) &&
		    next_generation(store, store->now, err);
	pthread_mutex_unlock(&store->lock);
	return good;
}

/* ---- from a backup ---- */

/* Nothing but one person, of whom there is nothing. */
static bool
is_unused(const struct store *store, bool *unused, struct error *err)
{
	MDB_txn *txn = NULL;
	int rc = mdb_txn_begin(store->now->env, NULL, MDB_RDONLY, &txn);

	*unused = true;
	for (size_t i = 0; rc == MDB_SUCCESS && i < STORE_TABLE_COUNT; i++) {
		bool one = i == STORE_PROFILES || i == STORE_PROFILE_NAMES;
		MDB_stat stat = {0};

		if (i == STORE_META || i == STORE_CHANGES)
			continue;
		rc = mdb_stat(txn, store->now->table[i], &stat);
		*unused = *unused && stat.ms_entries <= one;
	}
	if (txn)
		mdb_txn_abort(txn);
	return store_ok(rc, store->dir, err);
}

static bool
restore(struct store *store, const struct generation *backup, struct error *err)
{
	bool unused;

	if (!place_follow(store, err) || !is_unused(store, &unused, err))
		return false;
	if (!unused)
		return error_set(err, ERROR_CONFLICT,
				 "the store in %s is in use: move the folder "
				 "away, or give another one with --data-dir",
				 store->dir);
	return next_generation(store, backup, err);
}

bool
store_restore(struct store *store, const char *path, struct error *err)
{
	SCOPED(generation_close)
	struct generation *backup = generation_open_backup(path, err);
	SCOPED(close_fd) int fd = backup ? lock_alone(store, err) : -1;

	if (fd < 0)
		return false;
	pthread_mutex_lock(&store->lock);
	bool good = restore(store, backup, err);
	pthread_mutex_unlock(&store->lock);
	return good;
}

/* LMDB keeps the free pages in its table 0: a count, then their numbers. */
static int
count_free(MDB_txn *txn, uint64_t *pages)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	int rc = mdb_cursor_open(txn, 0, &cursor);

	*pages = 0;
	if (rc != MDB_SUCCESS)
		return rc;
	while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) ==
	       MDB_SUCCESS) {
		size_t n;
		memcpy(&n, value.mv_data, sizeof(n));
		*pages += n;
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
}

bool
store_info(struct store *store, struct store_info *info, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(store, err);
	MDB_envinfo env;
	MDB_stat stat;
	uint64_t pages;

	if (!txn || !store_ok(mdb_env_info(txn->gen->env, &env), NULL, err) ||
	    !store_ok(mdb_env_stat(txn->gen->env, &stat), NULL, err) ||
	    !store_ok(count_free(txn->mdb, &pages), store->dir, err))
		return false;
	*info = (struct store_info){
		.bytes = (uint64_t)(env.me_last_pgno + 1) * stat.ms_psize,
		.bytes_free = pages * stat.ms_psize,
		.map_bytes = env.me_mapsize,
		.generation = txn->gen->number,
		.schema = STORE_SCHEMA,
		.readers = env.me_numreaders,
		.readers_max = env.me_maxreaders,
		.stale = txn->gen->stale,
	};
	return true;
}
