/*
 * inner.h - what the files of store/ share: the open file, a transaction.
 */
#ifndef STORE_INNER_H
#define STORE_INNER_H

#include "mneme/store.h"

#include <lmdb.h>
#include <pthread.h>
#include <sys/types.h>

struct error;
struct writer;

enum { STORE_SCHEMA = 1, STORE_READERS = 1024 };

/* The map that a store is opened with, and how long to wait for transactions
 * of others to end; tests make them small. */
extern size_t store_map_size;
extern int64_t store_wait;

extern const char *const store_table_names[STORE_TABLE_COUNT];

/* One data file, open. */
struct generation {
	unsigned number;
	unsigned stale; /* readers that were cleared */
	MDB_env *env;
	MDB_dbi table[STORE_TABLE_COUNT];
};

struct store {
	char *dir;
	char *name_path; /* the file that names the generation */
	char *lock_path;
	bool read_only; /* nothing of it may be written */
	int alone_fd;   /* then locked exclusively; -1: no one can write */

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t turn;  /* `bound` fell to 0, or `resizing` ended */
	bool resizing;
	size_t bound;            /* transactions that use `now` */
	struct store_txn *spare; /* with their lock files open */
	size_t spares;
	struct generation *now;
	int name_fd; /* kept open so that its inode is not used again */
	dev_t name_dev;
	ino_t name_ino;
	size_t seen; /* the last transaction that the notice knows of */

	struct writer *writer; /* NULL until the first store_submit() */
	void (*writer_stop)(struct writer **writer);
};

struct store_txn {
	struct store *store;
	struct generation *gen; /* NULL until bound */
	MDB_txn *mdb;
	int lock_fd;     /* locked while the transaction lasts */
	bool full;       /* a record did not fit in the map */
	unsigned writes; /* puts and deletes that changed something */
	struct store_txn *next;
};

/* LMDB's answer as ours; `path` may be NULL. */
bool store_ok(int rc, const char *path, struct error *err);

/* ERROR_SETUP where the store may only be read. */
bool store_may_change(const struct store *store, struct error *err);

char *store_data_path(const struct store *store, unsigned number);

/* Open the file of generation `number`: tables made, schema brought up. */
struct generation *generation_open(const struct store *store, unsigned number,
				   struct error *err);
/* A file that store_backup() made, to be read. */
struct generation *generation_open_backup(const char *path, struct error *err);
void generation_close(struct generation **gen);

/* Make the file of generation `number`, without a record, whole and to last:
 * a name that stands for a file leads to all of it, whatever happens. */
bool generation_make(const struct store *store, unsigned number,
		     struct error *err);
/* It can be read and has no record. */
bool generation_empty(const struct store *store, unsigned number);

/* An environment at `path` with the largest map that the address space
 * allows. */
MDB_env *generation_env(const char *path, unsigned flags, struct error *err);

/* Open the tables and check the schema of `gen`. */
bool schema_open(struct generation *gen, const char *path, struct error *err);

/* Make the folder and its files where missing. */
bool place_prepare(struct store *store, struct error *err);

/* Make store->now what the folder's `store` names.  The caller holds the
 * mutex and the lock file. */
bool place_follow(struct store *store, struct error *err);

/* Name another generation, durably. */
bool place_name(struct store *store, unsigned number, struct error *err);

/* A descriptor of the lock file. */
int place_lock_open(const struct store *store, struct error *err);

/* LOCK_SH waits; LOCK_EX gives up with ERROR_BUSY after store_wait. */
bool place_lock(const struct store *store, int fd, int how, struct error *err);

/* Delete the files of a generation that is not in use. */
void place_unlink(const struct store *store, unsigned number);

/* Put every record that `from` sees into a new file, synced.  On failure there
 * is none. */
bool copy_records(const struct generation *gen, MDB_txn *from, const char *path,
		  struct error *err);

/* MDB_RDONLY or 0. */
struct store_txn *txn_begin(struct store *store, unsigned flags,
			    struct error *err);

/* Commit durably and end; *full says that only a larger map was missing. */
bool txn_commit(struct store_txn **txn, bool *full, struct error *err);

/* The map as large as it now is on disk, or, with `full`, larger than
 * `outgrown`.  No transaction of this thread is open. */
bool txn_resize(struct store *store, bool full, size_t outgrown,
		struct error *err);
size_t txn_map_size(struct store *store);

#endif
