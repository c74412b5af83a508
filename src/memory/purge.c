/*
 * The bytes of what was deleted leave the files.
 *
 * The change that deletes stores a job "purge" for the person; this does it:
 * the index first, since it is fed from the store and holds words of it, then
 * the store itself, then the job.  A crash in between leaves the job, and
 * doing it twice does no harm.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/id.h"
#include "mneme/store.h"

enum { TRY_AGAIN_MS = 20 };

static const int64_t index_wait = 10 * CLOCK_SECOND;

/* Another process may be writing the index: it ends, then we catch up. */
static bool
purge_index(struct memory_engine *engine, struct id profile, struct error *err)
{
	int64_t end = clock_monotonic() + index_wait;
	struct error why = {0};

	for (;;) {
		struct index *index = engine_index(engine, profile, err);

		if (!index || !memory_catch_up(engine, profile, err))
			return false;
		if (index_flush(index, INDEX_PURGE, &why))
			return true;
		if (why.code != ERROR_BUSY || clock_monotonic() > end)
			return error_set(err, why.code, "%s", why.text);
		poll(NULL, 0, TRY_AGAIN_MS);
	}
}

static bool
find_person(struct memory_engine *engine, struct id profile, bool *found,
	    struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);
	struct profile p;

	return txn && record_profile_get(txn, profile, &arena, &p, found, err);
}

/* A folder that is gone stays gone, also where another went this far. */
static bool
sync_gone(const struct memory_engine *engine, const char *path,
	  struct error *err)
{
	SCOPED(free_pointer)
	char *all = path_join(store_dir(engine->store), "index");

	return !file_exists(all) || file_sync_name(path, err);
}

static bool
remove_folder(struct memory_engine *engine, const char *path, struct error *err)
{
	DIR *dir = opendir(path);

	if (!dir && errno == ENOENT)
		return sync_gone(engine, path, err);
	if (!dir)
		return error_set(err, ERROR_IO, "cannot read %s: %s", path,
				 strerror(errno));
	for (struct dirent *e; (e = readdir(dir));)
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	if (rmdir(path) != 0)
		return error_set(err, ERROR_IO, "cannot remove %s: %s", path,
				 strerror(errno));
	return sync_gone(engine, path, err);
}

/* The index of a person who is deleted. */
static bool
remove_index(struct memory_engine *engine, struct id profile, struct error *err)
{
	char id[ID_TEXT + 1];
	SCOPED(free_pointer)
	char *path = xasprintf("%s/index/%s", store_dir(engine->store),
			       id_format(profile, id));

	return remove_folder(engine, path, err);
}

bool
memory_index_forget(struct memory_engine *engine, struct error *err)
{
	SCOPED(free_pointer)
	char *all = path_join(store_dir(engine->store), "index");
	DIR *dir = opendir(all);
	bool good = true;

	for (struct dirent *e; dir && good && (e = readdir(dir));) {
		SCOPED(free_pointer) char *path = path_join(all, e->d_name);
		struct id id;

		if (id_parse(slice_of(e->d_name), &id))
			good = remove_folder(engine, path, err);
	}
	if (dir)
		closedir(dir);
	return good;
}

static bool
drop_job(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct id *profile = arg;
	struct job *list;
	size_t n;

	if (!record_job_list(txn, slice_of("purge"), &arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (id_equal(list[i].profile, *profile) &&
		    !record_job_drop(txn, &list[i], err))
			return false;
	return true;
}

bool
memory_purge(struct memory_engine *engine, struct id profile, struct error *err)
{
	bool found;

	return find_person(engine, profile, &found, err) &&
	       (found ? purge_index(engine, profile, err)
		      : remove_index(engine, profile, err)) &&
	       store_rewrite(engine->store, err) &&
	       store_write(engine->store, drop_job, &profile, err);
}

/* ---- what another process left ---- */

struct leasing {
	struct arena arena;
	struct slice owner;
	struct job job;
	bool found;
	struct error why;
};

static bool
lease(struct store_txn *txn, void *arg, struct error *err)
{
	struct leasing *l = arg;
	int64_t now = clock_now();
	const struct job_lease lease = {.kind = slice_of("purge"),
					.now = now,
					.until = now + CLOCK_MINUTE,
					.owner = l->owner};

	return record_job_lease(txn, &lease, &l->arena, &l->job, &l->found,
				err);
}

static bool
give_back(struct store_txn *txn, void *arg, struct error *err)
{
	struct leasing *l = arg;

	return record_job_fail(txn, &l->job, slice_of(l->why.text), clock_now(),
			       -1, UINT32_MAX, err);
}

static bool
any_due(struct memory_engine *engine, bool *any, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);
	int64_t due;

	if (!txn || !record_job_next_due(txn, slice_of("purge"), &due, err))
		return false;
	*any = due != 0 && due <= clock_now();
	return true;
}

/* ---- deletions that a crash cut short ---- */

struct deletion {
	struct job job;
	bool done;
};

static bool
delete_some(struct store_txn *txn, void *arg, struct error *err)
{
	enum { ROWS = 2000 };
	struct deletion *d = arg;
	struct error why = {0};
	bool person = id_none(d->job.ref);

	if (person ? record_profile_delete(txn, d->job.profile, ROWS, &d->done,
					   &why)
		   : record_conversation_delete(txn, d->job.profile, d->job.ref,
						ROWS, &d->done, &why))
		return !d->done || memory_purge_later(txn, d->job.profile, err);
	if (why.code != ERROR_NOT_FOUND)
		return error_set(err, why.code, "%s", why.text);
	d->done = true; /* another process has done it */
	return record_job_drop(txn, &d->job, err);
}

static bool
finish_deletions(struct memory_engine *engine, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct job *list;
	size_t n;
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(engine->store, err);

		if (!txn || !record_job_list(txn, slice_of("delete"), &arena,
					     &list, &n, err))
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct deletion d = {.job = list[i]};

		while (!d.done)
			if (!store_write(engine->store, delete_some, &d, err))
				return false;
	}
	return true;
}

bool
memory_purge_due(struct memory_engine *engine, size_t *done, struct error *err)
{
	char owner[64];
	bool any, good = finish_deletions(engine, err);

	for (*done = 0; good;) {
		struct leasing l = {.owner =
					    slice_of(record_owner_make(owner))};

		good = any_due(engine, &any, err);
		if (!good || !any)
			break;
		good = store_write(engine->store, lease, &l, err);
		if (good && l.found) {
			good = memory_purge(engine, l.job.profile, &l.why);
			*done += good;
			if (!good) {
				/* At the latest it is free when the lease
				 * ends. */
				store_write(engine->store, give_back, &l, NULL);
				error_set(err, l.why.code, "%s", l.why.text);
			}
		}
		arena_clear(&l.arena);
		if (good && !l.found)
			break;
	}
	return good;
}
