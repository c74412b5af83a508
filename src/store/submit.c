/*
 * Group commit.
 *
 * A commit costs two synced writes however much is in it, so one thread takes
 * all that waits and commits it together.  Each change runs in a transaction
 * nested in that of the group: when it fails, it alone is undone.  When the
 * map was too small the whole group runs again.
 */
#include "store/inner.h"

#include <signal.h>
#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/loop.h"

enum { WAITING_MAX = 4096, GROUP_MAX = 256 };

struct request {
	struct request *next;
	struct loop *loop;
	store_change_fn *change;
	void *arg;
	store_done_fn *done;
	bool good;
	struct error err;
};

struct writer {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock; /* for all below */
	pthread_cond_t wake;
	struct request *first, **last;
	size_t waiting;
	bool stopping;
};

static void
deliver(void *arg)
{
	struct request *r = arg;

	r->done(r->arg, r->good ? NULL : &r->err);
	free(r);
}

static void
fail_request(struct request *r, const struct error *err)
{
	r->good = false;
	r->err = *err;
}

/* False when the whole group has to be given up; *full says why. */
static bool
run_nested(struct store_txn *group, struct request *r, bool *full)
{
	struct store_txn txn = *group;
	int rc = mdb_txn_begin(group->gen->env, group->mdb, 0, &txn.mdb);

	r->good = store_ok(rc, group->store->dir, &r->err);
	if (!r->good)
		return true;
	r->good = r->change(&txn, r->arg, &r->err) && !txn.full;
	if (r->good) {
		rc = mdb_txn_commit(txn.mdb);
		txn.full = rc == MDB_MAP_FULL;
		r->good = store_ok(rc, group->store->dir, &r->err);
	} else {
		mdb_txn_abort(txn.mdb);
	}
	if (r->good)
		group->writes = txn.writes;
	*full = txn.full;
	return !txn.full;
}

static bool
try_group(struct store *store, struct request *group, bool *full,
	  struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = txn_begin(store, 0, err);
	bool any = false;

	if (!txn)
		return false;
	for (struct request *r = group; r; r = r->next) {
		if (!run_nested(txn, r, full))
			return error_set(err, ERROR_IO, "%s", r->err.text);
		any = any || r->good;
	}
	return !any || txn_commit(&txn, full, err);
}

static bool
commit_group(struct store *store, struct request *group, struct error *err)
{
	for (;;) {
		bool full = false;
		size_t map = txn_map_size(store);
		if (try_group(store, group, &full, err))
			return true;
		if (!full || !txn_resize(store, true, map, err))
			return false;
	}
}

static void
handle(struct store *store, struct request *group)
{
	struct error err = {0};

	if (!group->next) {
		group->good = store_write(store, group->change, group->arg,
					  &group->err);
	} else if (!commit_group(store, group, &err)) {
		for (struct request *r = group; r; r = r->next)
			fail_request(r, &err);
	}
	while (group) {
		struct request *r = group;
		group = r->next;
		loop_post(r->loop, deliver, r);
	}
}

/* NULL at the end: stopping, and nothing waits. */
static struct request *
take_group(struct writer *w)
{
	struct request *group, **end;
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	while (!w->first && !w->stopping)
		pthread_cond_wait(&w->wake, &w->lock);
	group = w->first;
	for (end = &group; *end && n < GROUP_MAX; n++)
		end = &(*end)->next;
	w->first = *end;
	*end = NULL;
	w->waiting -= n;
	if (!w->first)
		w->last = &w->first;
	pthread_mutex_unlock(&w->lock);
	return group;
}

static void *
writer_run(void *arg)
{
	struct writer *w = arg;
	struct request *group;

	while ((group = take_group(w)))
		handle(w->store, group);
	return NULL;
}

static void
writer_stop(struct writer **pointer)
{
	struct writer *w = *pointer;

	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
	*pointer = NULL;
}

/* Signals are for the other threads. */
static int
start_quiet(struct writer *w)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&w->thread, NULL, writer_run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static struct writer *
writer_start(struct store *store, struct error *err)
{
	struct writer *w = xcalloc(1, sizeof(*w));

	w->store = store;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	int rc = start_quiet(w);
	if (rc == 0)
		return w;
	error_set(err, ERROR_IO, "cannot start the store's thread: %s",
		  strerror(rc));
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

static struct writer *
writer_get(struct store *store, struct error *err)
{
	pthread_mutex_lock(&store->lock);
	if (!store->writer) {
		store->writer = writer_start(store, err);
		store->writer_stop = writer_stop;
	}
	struct writer *w = store->writer;
	pthread_mutex_unlock(&store->lock);
	return w;
}

bool
store_submit(struct store *store, struct loop *loop, store_change_fn *change,
	     void *arg, store_done_fn *done, struct error *err)
{
	struct writer *w = writer_get(store, err);

	if (!w)
		return false;
	struct request *r = xcalloc(1, sizeof(*r));
	r->loop = loop;
	r->change = change;
	r->arg = arg;
	r->done = done;
	pthread_mutex_lock(&w->lock);
	bool room = w->waiting < WAITING_MAX;
	if (room) {
		w->waiting++;
		*w->last = r;
		w->last = &r->next;
		pthread_cond_signal(&w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	if (room)
		return true;
	free(r);
	return error_set(err, ERROR_BUSY,
			 "%d changes wait to be stored already", WAITING_MAX);
}
