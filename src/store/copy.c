/*
 * A store's records in a file of their own.
 *
 * LMDB leaves old bytes in freed pages, also where it copies itself and leaves
 * free pages out.  Putting record by record into an empty file takes along
 * what there is and nothing that there was.  The new file is synced once, at
 * the end: until then nothing names it.
 */
#include "store/inner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/file.h"

enum { COPY_BYTES_MAX = 16 << 20 }; /* in one transaction */

struct copy {
	MDB_txn *from;
	MDB_env *env;
	MDB_txn *to;
	size_t bytes; /* since `to` began */
};

static int
breathe(struct copy *c, size_t bytes)
{
	int rc;

	c->bytes += bytes;
	if (c->bytes < COPY_BYTES_MAX)
		return MDB_SUCCESS;
	c->bytes = 0;
	rc = mdb_txn_commit(TAKE(c->to));
	if (rc == MDB_SUCCESS)
		rc = mdb_txn_begin(c->env, NULL, 0, &c->to);
	return rc;
}

static int
copy_rows(struct copy *c, MDB_cursor *cursor, MDB_dbi to)
{
	MDB_val key, value;
	int rc = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);

	while (rc == MDB_SUCCESS) {
		rc = mdb_put(c->to, to, &key, &value, MDB_APPEND);
		if (rc == MDB_SUCCESS)
			rc = breathe(c, key.mv_size + value.mv_size);
		if (rc == MDB_SUCCESS)
			rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
}

static int
copy_table(struct copy *c, const char *name, MDB_dbi from)
{
	MDB_cursor *cursor;
	MDB_stat was, is;
	MDB_dbi to;
	int rc = mdb_dbi_open(c->to, name, MDB_CREATE, &to);

	if (rc == MDB_SUCCESS)
		rc = mdb_cursor_open(c->from, from, &cursor);
	if (rc != MDB_SUCCESS)
		return rc;
	rc = copy_rows(c, cursor, to);
	mdb_cursor_close(cursor);
	if (rc == MDB_SUCCESS)
		rc = mdb_stat(c->from, from, &was);
	if (rc == MDB_SUCCESS)
		rc = mdb_stat(c->to, to, &is);
	if (rc == MDB_SUCCESS && was.ms_entries != is.ms_entries)
		rc = MDB_CORRUPTED;
	return rc;
}

static int
copy_all(struct copy *c, const struct generation *gen)
{
	MDB_envinfo info;
	int rc = mdb_env_info(gen->env, &info);

	if (rc == MDB_SUCCESS)
		rc = mdb_env_set_mapsize(c->env, info.me_mapsize);
	if (rc == MDB_SUCCESS)
		rc = mdb_txn_begin(c->env, NULL, 0, &c->to);
	for (size_t i = 0; rc == MDB_SUCCESS && i < STORE_TABLE_COUNT; i++)
		rc = copy_table(c, store_table_names[i], gen->table[i]);
	if (rc == MDB_SUCCESS)
		rc = mdb_txn_commit(TAKE(c->to));
	if (c->to)
		mdb_txn_abort(c->to);
	return rc == MDB_SUCCESS ? mdb_env_sync(c->env, 1) : rc;
}

bool
copy_records(const struct generation *gen, MDB_txn *from, const char *path,
	     struct error *err)
{
	struct copy c = {.from = from};

	c.env = generation_env(path, MDB_NOLOCK | MDB_NOSYNC, err);
	if (!c.env)
		return false;
	bool good = store_ok(copy_all(&c, gen), path, err);
	mdb_env_close(c.env);
	if (!good)
		unlink(path);
	return good;
}

static bool
settle(const char *tmp, const char *path, struct error *err)
{
	if (rename(tmp, path) == 0)
		return file_sync_name(path, err);
	error_set(err, ERROR_IO, "cannot write %s: %s", path, strerror(errno));
	unlink(tmp);
	return false;
}

bool
store_backup(struct store *store, const char *path, struct error *err)
{
	SCOPED(free_pointer)
	char *tmp = xasprintf("%s.%ld.part", path, (long)getpid());

	if (file_exists(path))
		return error_set(err, ERROR_CONFLICT, "%s is there already",
				 path);
	SCOPED(store_end) struct store_txn *txn = store_read(store, err);
	return txn && copy_records(txn->gen, txn->mdb, tmp, err) &&
	       settle(tmp, path, err);
}
