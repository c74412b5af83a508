/*
 * One data file, open.
 *
 * LMDB's default flags only: the others lose or corrupt when the machine
 * stops.  The map is address space, not memory, so it is large from the
 * start; where a limit on the process forbids that, the largest that goes.
 */
#include "store/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/file.h"

enum { MAP_LEAST = 1 << 20 };

size_t store_map_size = (size_t)64 << 30;

/* A disk that is full is told as any failure of it by LMDB; so the room is
 * told with it. */
static bool
no_room(int rc, const char *at, struct error *err)
{
	struct statvfs disk;

	if ((rc != EIO && rc != ENOSPC && rc != EDQUOT && rc != EFBIG) ||
	    statvfs(at, &disk) != 0)
		return error_set(err, ERROR_IO, "%s: %s", at, mdb_strerror(rc));
	return error_set(err, ERROR_IO, "%s: %s; %llu MiB are left there", at,
			 mdb_strerror(rc),
			 (unsigned long long)disk.f_bavail * disk.f_frsize >>
				 20);
}

bool
store_ok(int rc, const char *path, struct error *err)
{
	const char *at = path ? path : "store";
	enum error_code code = ERROR_IO;

	if (rc == MDB_SUCCESS)
		return true;
	if (rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH ||
	    rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND)
		return error_set(err, code,
				 "%s is damaged or no store of mneme: %s", at,
				 mdb_strerror(rc));
	if (rc == MDB_READERS_FULL)
		code = ERROR_BUSY;
	if (rc == MDB_BAD_VALSIZE)
		code = ERROR_INVALID;
	return code == ERROR_IO
		       ? no_room(rc, at, err)
		       : error_set(err, code, "%s: %s", at, mdb_strerror(rc));
}

static int
try_map(MDB_env **env, const char *path, size_t map, unsigned flags)
{
	int rc = mdb_env_create(env);

	if (rc == 0)
		rc = mdb_env_set_maxdbs(*env, STORE_TABLE_COUNT);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(*env, STORE_READERS);
	if (rc == 0)
		rc = mdb_env_set_mapsize(*env, map);
	if (rc == 0)
		rc = mdb_env_open(*env, path, MDB_NOSUBDIR | MDB_NOTLS | flags,
				  0600);
	if (rc != 0 && *env) {
		mdb_env_close(*env);
		*env = NULL;
	}
	return rc;
}

MDB_env *
generation_env(const char *path, unsigned flags, struct error *err)
{
	MDB_env *env = NULL;
	size_t map = store_map_size;
	int rc;

	while ((rc = try_map(&env, path, map, flags)) == ENOMEM &&
	       map > MAP_LEAST)
		map /= 2;
	return store_ok(rc, path, err) ? env : NULL;
}

static bool
is_read_only(MDB_env *env)
{
	unsigned flags = 0;

	mdb_env_get_flags(env, &flags);
	return flags & MDB_RDONLY;
}

/* Reading past the end of a file that was cut short would kill the process.
 * Made long enough again it reads as zeros, which LMDB tells from a page.  (A
 * sound file may lack free pages at its end.)  Never makes a file shorter. */
static bool
make_whole(MDB_env *env, const char *path, struct error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;
	int fd;

	mdb_env_info(env, &info);
	mdb_env_stat(env, &stat);
	mdb_env_get_fd(env, &fd);
	off_t need = (off_t)(info.me_last_pgno + 1) * stat.ms_psize;
	if (fstat(fd, &st) != 0)
		return store_ok(errno, path, err);
	if (st.st_size == 0 || st.st_size >= need)
		return true;
	if (is_read_only(env))
		return error_set(err, ERROR_IO,
				 "%s is cut short: %lld %s of %lld", path,
				 (long long)st.st_size,
				 plural((uint64_t)st.st_size, "byte", "bytes"),
				 (long long)need);
	return store_ok(posix_fallocate(fd, 0, need), path, err);
}

/* What people said is theirs alone. */
static bool
refuse_open(MDB_env *env, const char *path, struct error *err)
{
	struct stat st;
	int fd;

	mdb_env_get_fd(env, &fd);
	if (fstat(fd, &st) != 0)
		return store_ok(errno, path, err);
	return (st.st_mode & 077) == 0 ||
	       error_set(err, ERROR_SETUP,
			 "others may open %s (mode %04o): run chmod 600 %s",
			 path, (unsigned)st.st_mode & 07777, path);
}

struct generation *
generation_open_backup(const char *path, struct error *err)
{
	SCOPED(generation_close)
	struct generation *gen = xcalloc(1, sizeof(*gen));

	if (!file_exists(path)) {
		error_set(err, ERROR_NOT_FOUND, "there is no %s", path);
		return NULL;
	}
	gen->env = generation_env(path, MDB_RDONLY | MDB_NOLOCK, err);
	if (!gen->env || !make_whole(gen->env, path, err) ||
	    !schema_open(gen, path, err))
		return NULL;
	return TAKE(gen);
}

struct generation *
generation_open(const struct store *store, unsigned number, struct error *err)
{
	SCOPED(generation_close)
	struct generation *gen = xcalloc(1, sizeof(*gen));
	SCOPED(free_pointer) char *path = store_data_path(store, number);
	unsigned flags = store->read_only ? MDB_RDONLY | MDB_NOLOCK : 0;
	int stale = 0;

	gen->number = number;
	gen->env = generation_env(path, flags, err);
	if (!gen->env)
		return NULL;
	mdb_reader_check(gen->env, &stale);
	gen->stale = (unsigned)stale;
	/* Whose mode cannot be changed is read as it is. */
	if (!store->read_only && !refuse_open(gen->env, path, err))
		return NULL;
	if (!make_whole(gen->env, path, err) || !schema_open(gen, path, err))
		return NULL;
	return TAKE(gen);
}

bool
generation_make(const struct store *store, unsigned number, struct error *err)
{
	SCOPED(generation_close)
	struct generation *gen = xcalloc(1, sizeof(*gen));
	SCOPED(free_pointer) char *path = store_data_path(store, number);
	SCOPED(free_pointer) char *tmp = path_join(store->dir, "store.new");

	unlink(tmp);
	gen->env = generation_env(tmp, MDB_NOLOCK, err);
	if (!gen->env || !schema_open(gen, tmp, err))
		return false;
	generation_close(&gen);
	if (rename(tmp, path) != 0)
		return store_ok(errno, path, err);
	return file_sync_name(path, err);
}

bool
generation_empty(const struct store *store, unsigned number)
{
	SCOPED(generation_close)
	struct generation *gen = xcalloc(1, sizeof(*gen));
	SCOPED(free_pointer) char *path = store_data_path(store, number);
	struct error err;
	MDB_txn *txn = NULL;
	MDB_stat stat = {0};

	gen->env = generation_env(path, MDB_NOLOCK, &err);
	if (!gen->env || !schema_open(gen, path, &err) ||
	    mdb_txn_begin(gen->env, NULL, MDB_RDONLY, &txn) != MDB_SUCCESS)
		return false;
	bool empty = true;
	for (size_t i = 0; empty && i < STORE_TABLE_COUNT; i++)
		empty = i == STORE_META ||
			(mdb_stat(txn, gen->table[i], &stat) == MDB_SUCCESS &&
			 stat.ms_entries == 0);
	mdb_txn_abort(txn);
	return empty;
}

void
generation_close(struct generation **gen)
{
	if (!*gen)
		return;
	if ((*gen)->env)
		mdb_env_close((*gen)->env);
	free(*gen);
	*gen = NULL;
}
