/*
 * store.h - records that survive the program: ordered keys, transactions.
 *
 * Readers never wait and see one moment.  A writer hands in a function, which
 * runs alone and either happens whole, and durably, or not at all.  Both stay
 * on their thread and are short: an old reader keeps old pages alive.
 *
 * Several processes may have one store open.  The file on disk has a
 * generation; store_rewrite() makes the next one, and every process moves over
 * at its next transaction.
 */
#ifndef MNEME_STORE_H
#define MNEME_STORE_H

#include "mneme/base.h"

struct error;
struct loop;
struct store;
struct store_txn;
struct store_cursor;

/* Append only: the numbers name the tables on disk.  store/tables.c says what
 * each one's keys and values are. */
enum store_table {
	STORE_META,
	STORE_PROFILES,
	STORE_PROFILE_NAMES,
	STORE_CONVERSATIONS,
	STORE_CONVERSATION_ORDER,
	STORE_CONVERSATION_EXTERNAL,
	STORE_MESSAGES,
	STORE_MESSAGE_IDS,
	STORE_MESSAGE_EXTERNAL,
	STORE_CONVERSATION_MESSAGES,
	STORE_PROFILE_MESSAGES,
	STORE_MEMORIES,
	STORE_MEMORY_ORDER,
	STORE_MEMORY_KEYS,
	STORE_MEMORY_EXTERNAL,
	STORE_MEMORY_VERSIONS,
	STORE_MEMORY_SOURCES,
	STORE_FORGOTTEN,
	STORE_JOBS,
	STORE_CHANGES,
	STORE_JOURNAL,
	STORE_DRAFTS,
	STORE_ATTACHMENTS,
	STORE_SESSIONS,
	STORE_API_KEYS,
	STORE_IDENTITIES,
	STORE_IDEMPOTENCY,
	STORE_SETTINGS,
	STORE_TABLE_COUNT
};

enum { STORE_KEY_MAX = 511, STORE_VALUE_MAX = 64 << 20 };

/* Open, making it when missing, the store in the folder `dir` (made 0700 when
 * missing).  A store of a newer schema is ERROR_SETUP.  A process opens a
 * folder once, and a child of fork() opens it anew. */
struct store *store_open(const char *dir, struct error *err);

/* Its files may only be read: changes are ERROR_SETUP, and no other process
 * writes until it is closed. */
bool store_read_only(const struct store *store);

/* Waits for the writer thread's queue. */
void store_close(struct store **store);

struct store_txn *store_read(struct store *store, struct error *err);
void store_end(struct store_txn **txn);

/* After a long read: what of the file this process has mapped in is given back
 * to the system.  What was read stays where it is, and is brought in again
 * when somebody looks at it. */
void store_trim(struct store_txn *txn);

/* Run `change` in a write transaction and commit it durably.  It may run more
 * than once (the map grew, a backend asks to retry), so it only reads and
 * writes records and *arg's own fields.  False from it undoes everything.
 * Not from inside a change, and with no read transaction open on this
 * thread. */
typedef bool store_change_fn(struct store_txn *txn, void *arg,
			     struct error *err);
bool store_write(struct store *store, store_change_fn *change, void *arg,
		 struct error *err);

/* Queue the change to the writer thread, which commits what waits together;
 * done(arg, err) is posted to `loop` after the durable commit, err NULL when
 * it went well.  A change that fails undoes only itself.  ERROR_BUSY (and no
 * `done`) when too many wait. */
typedef void store_done_fn(void *arg, const struct error *err);
bool store_submit(struct store *store, struct loop *loop,
		  store_change_fn *change, void *arg, store_done_fn *done,
		  struct error *err);

/* Look a record up.  Absence is not an error: value->data is then NULL.
 * The bytes live until the transaction ends or, in a change, until the next
 * put or delete. */
bool store_get(struct store_txn *txn, enum store_table table, struct slice key,
	       struct slice *value, struct error *err);
bool store_put(struct store_txn *txn, enum store_table table, struct slice key,
	       struct slice value, struct error *err);

/* *was (may be NULL) says whether there was one. */
bool store_delete(struct store_txn *txn, enum store_table table,
		  struct slice key, bool *was, struct error *err);

/* Walk keys in order.  The walk covers the keys that begin with `prefix`
 * (empty: all), starting at `from` when it is not empty: forward the first
 * key >= from, backward the last key <= from.  Writing to the walked table in
 * between is allowed only for the key just returned. */
struct store_cursor *store_scan(struct store_txn *txn, enum store_table table,
				struct slice prefix, struct slice from,
				bool backward, struct error *err);
/* False at the end and after an error; store_scan_end() tells them apart. */
bool store_next(struct store_cursor *cursor, struct slice *key,
		struct slice *value);
/* Ends the walk; false when it stopped on an error. */
bool store_scan_end(struct store_cursor **cursor, struct error *err);
void store_scan_drop(struct store_cursor **cursor); /* for SCOPED */

/* Records in a table. */
bool store_count(struct store_txn *txn, enum store_table table, uint64_t *count,
		 struct error *err);

/* A table's name on disk. */
const char *store_table_name(enum store_table table);

/* The path of the folder; borrowed for the store's life. */
const char *store_dir(const struct store *store);
unsigned store_generation(const struct store *store);

/* Copy every record into a file of the next generation, so that no byte of a
 * deleted record is left, and switch all processes to it.  Waits up to 10 s
 * for the others; ERROR_BUSY when they do not come to an end. */
bool store_rewrite(struct store *store, struct error *err);

/* Call fn(arg) on the loop when another process may have changed the store
 * (inotify, no polling).  One notice a store. */
struct store_notice;
struct store_notice *store_notice(struct store *store, struct loop *loop,
				  void (*fn)(void *arg), void *arg,
				  struct error *err);
void store_notice_drop(struct store_notice **notice);

/* Pages used and free, map size, generation; for stats, doctor, metrics. */
struct store_info {
	uint64_t bytes, bytes_free, map_bytes;
	unsigned generation, schema;
	unsigned readers; /* places in the table of readers that were used */
	unsigned readers_max;
	unsigned stale; /* readers of dead processes, cleared on opening */
};
bool store_info(struct store *store, struct store_info *info,
		struct error *err);

/* Hot copy of the whole store, as it is at one moment, into a new file:
 * ERROR_CONFLICT when there is one.  As `store.1.mdb` beside a `store` that
 * says 1 it is a store. */
bool store_backup(struct store *store, const char *path, struct error *err);

/* Take every record of a backup into a store that nobody has used yet, as its
 * next generation; ERROR_CONFLICT when somebody has. */
bool store_restore(struct store *store, const char *path, struct error *err);

/* Numbers inside keys: big-endian, so that byte order is numeric order. */
void store_key_u64(uint64_t n, uint8_t out[8]);
uint64_t store_key_read_u64(const uint8_t in[8]);

#endif
