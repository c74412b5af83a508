/*
 * Transactions.
 *
 * Each has a descriptor of the lock file of its own, because a flock belongs
 * to the open file: so threads of one process hold it independently, and
 * store_rewrite() waits for them as for other processes.
 *
 * A map can only be changed while no transaction of the process uses it, so
 * whoever changes it keeps new ones out until the open ones have ended, but
 * not for ever: a thread may hold one and ask for another.
 */
#include "store/inner.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { SPARES_MAX = 32, TRIES_MAX = 64 };

static struct store_txn *
take_spare(struct store *store, struct error *err)
{
	pthread_mutex_lock(&store->lock);
	struct store_txn *txn = store->spare;
	if (txn) {
		store->spare = txn->next;
		store->spares--;
	}
	pthread_mutex_unlock(&store->lock);
	if (txn)
		return txn;

	int fd = store->read_only ? -1 : place_lock_open(store, err);
	if (fd < 0 && !store->read_only)
		return NULL;
	txn = xcalloc(1, sizeof(*txn));
	txn->store = store;
	txn->lock_fd = fd;
	return txn;
}

static void
free_txn(struct store_txn *txn)
{
	close_fd(&txn->lock_fd);
	free(txn);
}

/* To the spare ones, or away. */
static void
give_back(struct store_txn *txn)
{
	struct store *store = txn->store;
	bool unlocked = store->read_only || flock(txn->lock_fd, LOCK_UN) == 0;
	int fd = txn->lock_fd;
	bool bound = txn->gen;

	*txn = (struct store_txn){.store = store, .lock_fd = fd};
	pthread_mutex_lock(&store->lock);
	if (bound && --store->bound == 0)
		pthread_cond_broadcast(&store->turn);
	bool keep = unlocked && store->spares < SPARES_MAX;
	if (keep) {
		txn->next = store->spare;
		store->spare = txn;
		store->spares++;
	}
	pthread_mutex_unlock(&store->lock);
	if (!keep)
		free_txn(txn);
}

static bool
bind(struct store_txn *txn, struct error *err)
{
	struct store *store = txn->store;

	pthread_mutex_lock(&store->lock);
	while (store->resizing)
		pthread_cond_wait(&store->turn, &store->lock);
	bool good = place_follow(store, err);
	if (good) {
		store->bound++;
		txn->gen = store->now;
	}
	pthread_mutex_unlock(&store->lock);
	return good;
}

/* *resized: another process made the map larger. */
static struct store_txn *
try_begin(struct store *store, unsigned flags, bool *resized, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = take_spare(store, err);

	if (!txn || !place_lock(store, txn->lock_fd, LOCK_SH, err) ||
	    !bind(txn, err))
		return NULL;
	int rc = mdb_txn_begin(txn->gen->env, NULL, flags, &txn->mdb);
	if (rc == MDB_READERS_FULL && /* of whom some may be dead */
	    mdb_reader_check(txn->gen->env, NULL) == MDB_SUCCESS)
		rc = mdb_txn_begin(txn->gen->env, NULL, flags, &txn->mdb);
	*resized = rc == MDB_MAP_RESIZED;
	if (!store_ok(rc, store->dir, err))
		return NULL;
	return TAKE(txn);
}

bool
store_may_change(const struct store *store, struct error *err)
{
	return !store->read_only ||
	       error_set(err, ERROR_SETUP, "the store in %s may only be read",
			 store->dir);
}

struct store_txn *
txn_begin(struct store *store, unsigned flags, struct error *err)
{
	if (!(flags & MDB_RDONLY) && !store_may_change(store, err))
		return NULL;
	for (int i = 0; i < TRIES_MAX; i++) {
		bool resized = false;
		struct store_txn *txn = try_begin(store, flags, &resized, err);
		if (txn || !resized)
			return txn;
		if (!txn_resize(store, false, 0, err))
			return NULL;
	}
	return NULL;
}

struct store_txn *
store_read(struct store *store, struct error *err)
{
	return txn_begin(store, MDB_RDONLY, err);
}

void
store_end(struct store_txn **txn)
{
	if (!*txn)
		return;
	if ((*txn)->mdb)
		mdb_txn_abort((*txn)->mdb);
	give_back(*txn);
	*txn = NULL;
}

/* LMDB lets readers see a commit only after its last write to the data file,
 * so that write tells other processes too early; this tells them in time. */
static void
tell_others(struct store_txn *txn, size_t id)
{
	struct store *store = txn->store;

	pthread_mutex_lock(&store->lock);
	if (store->seen + 1 == id)
		store->seen = id;
	pthread_mutex_unlock(&store->lock);
	futimens(txn->lock_fd, NULL);
}

bool
txn_commit(struct store_txn **txn, bool *full, struct error *err)
{
	MDB_txn *mdb = TAKE((*txn)->mdb); /* gone, committed or not */
	size_t id = mdb_txn_id(mdb);
	int rc = mdb_txn_commit(mdb);
	bool good = store_ok(rc, (*txn)->store->dir, err);

	/* LMDB commits nothing where nothing has changed: the next change, of
	 * another process perhaps, then has this number. */
	if (good && (*txn)->writes)
		tell_others(*txn, id);
	*full = rc == MDB_MAP_FULL;
	store_end(txn);
	return good;
}

size_t
txn_map_size(struct store *store)
{
	MDB_envinfo info;

	pthread_mutex_lock(&store->lock);
	mdb_env_info(store->now->env, &info);
	pthread_mutex_unlock(&store->lock);
	return info.me_mapsize;
}

/* LMDB has no map left when it cannot have the new one: try before. */
static bool
room_for(size_t size, struct error *err)
{
	void *p = mmap(NULL, size, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return error_set(err, ERROR_IO,
				 "the store needs %zu bytes of address "
				 "space: %s",
				 size, strerror(errno));
	munmap(p, size);
	return true;
}

/* Under the mutex, nothing bound. */
static bool
change_map(struct store *store, bool full, size_t outgrown, struct error *err)
{
	MDB_envinfo info;
	size_t size = 0;

	mdb_env_info(store->now->env, &info);
	if (full && info.me_mapsize > outgrown)
		return true; /* another thread did it */
	if (full)
		size = info.me_mapsize * 2;
	if (full && !room_for(size, err))
		return false;
	return store_ok(mdb_env_set_mapsize(store->now->env, size), store->dir,
			err);
}

static bool
wait_for_all(struct store *store, struct error *err)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += store_wait / CLOCK_SECOND;
	while (store->bound) {
		if (pthread_cond_timedwait(&store->turn, &store->lock, &end) ==
		    ETIMEDOUT)
			return error_set(err, ERROR_BUSY,
					 "%s must grow, but a transaction "
					 "does not end",
					 store->dir);
	}
	return true;
}

bool
txn_resize(struct store *store, bool full, size_t outgrown, struct error *err)
{
	pthread_mutex_lock(&store->lock);
	while (store->resizing)
		pthread_cond_wait(&store->turn, &store->lock);
	store->resizing = true;
	bool good = wait_for_all(store, err) &&
		    change_map(store, full, outgrown, err);
	store->resizing = false;
	pthread_cond_broadcast(&store->turn);
	pthread_mutex_unlock(&store->lock);
	return good;
}

static bool
try_change(struct store *store, store_change_fn *change, void *arg, bool *full,
	   struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = txn_begin(store, 0, err);

	if (!txn)
		return false;
	bool changed = change(txn, arg, err);
	*full = txn->full;
	if (!changed || txn->full)
		return false;
	return txn_commit(&txn, full, err);
}

bool
store_write(struct store *store, store_change_fn *change, void *arg,
	    struct error *err)
{
	for (;;) {
		bool full = false;
		size_t map = txn_map_size(store);
		if (try_change(store, change, arg, &full, err))
			return true;
		if (!full || !txn_resize(store, true, map, err))
			return false;
	}
}

static struct store *
make_store(const char *dir)
{
	struct store *store = xcalloc(1, sizeof(*store));
	pthread_condattr_t attr;

	store->dir = xstrdup(dir);
	store->name_path = path_join(dir, "store");
	store->lock_path = path_join(dir, "store.lock");
	store->name_fd = store->alone_fd = -1;
	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&store->turn, &attr);
	pthread_condattr_destroy(&attr);
	return store;
}

struct store *
store_open(const char *dir, struct error *err)
{
	SCOPED(store_close) struct store *store = make_store(dir);

	if (!place_prepare(store, err))
		return NULL;
	return TAKE(store);
}

void
store_close(struct store **pointer)
{
	struct store *store = *pointer;

	if (!store)
		return;
	if (store->writer)
		store->writer_stop(&store->writer);
	assert(!store->bound);
	while (store->spare) {
		struct store_txn *txn = store->spare;
		store->spare = txn->next;
		free_txn(txn);
	}
	generation_close(&store->now);
	close_fd(&store->name_fd);
	close_fd(&store->alone_fd);
	pthread_cond_destroy(&store->turn);
	pthread_mutex_destroy(&store->lock);
	free(store->dir);
	free(store->name_path);
	free(store->lock_path);
	free(store);
	*pointer = NULL;
}

const char *
store_dir(const struct store *store)
{
	return store->dir;
}

bool
store_read_only(const struct store *store)
{
	return store->read_only;
}

unsigned
store_generation(const struct store *store)
{
	struct store *open = (struct store *)store; /* for its mutex */

	pthread_mutex_lock(&open->lock);
	unsigned number = open->now->number;
	pthread_mutex_unlock(&open->lock);
	return number;
}
