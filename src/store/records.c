/*
 * Records: one at a time, and walks over many.
 *
 * A walk remembers the key that it returned last.  When something was written
 * since, it finds its place by that key again instead of trusting where LMDB
 * left the cursor.
 */
#include "store/inner.h"

#include <stdlib.h>

#include "mneme/error.h"

struct store_cursor {
	struct store_txn *txn;
	MDB_cursor *mdb;
	uint8_t prefix[STORE_KEY_MAX];
	size_t prefix_len;
	uint8_t last[STORE_KEY_MAX]; /* returned last; before that, the start */
	size_t last_len;
	bool backward;
	bool begun;
	unsigned writes; /* of the transaction, when last looked */
	int rc;
};

static MDB_val
to_mdb(struct slice s)
{
	return (MDB_val){.mv_size = s.len, .mv_data = (void *)s.data};
}

static struct slice
from_mdb(MDB_val v)
{
	return slice_make(v.mv_data, v.mv_size);
}

static bool
key_fits(struct slice key, struct error *err)
{
	if (key.len >= 1 && key.len <= STORE_KEY_MAX)
		return true;
	return error_set(err, ERROR_INVALID,
			 "a key of %zu bytes, between 1 and %d are allowed",
			 key.len, STORE_KEY_MAX);
}

bool
store_get(struct store_txn *txn, enum store_table table, struct slice key,
	  struct slice *value, struct error *err)
{
	MDB_val k = to_mdb(key), v;

	if (!key_fits(key, err))
		return false;
	int rc = mdb_get(txn->mdb, txn->gen->table[table], &k, &v);
	if (rc == MDB_NOTFOUND)
		v = (MDB_val){0, NULL};
	else if (!store_ok(rc, txn->store->dir, err))
		return false;
	*value = from_mdb(v);
	return true;
}

bool
store_put(struct store_txn *txn, enum store_table table, struct slice key,
	  struct slice value, struct error *err)
{
	MDB_val k = to_mdb(key), v = to_mdb(value);

	if (!key_fits(key, err))
		return false;
	if (value.len > STORE_VALUE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a record of %zu bytes, at most %d fit",
				 value.len, STORE_VALUE_MAX);
	int rc = mdb_put(txn->mdb, txn->gen->table[table], &k, &v, 0);
	txn->full = txn->full || rc == MDB_MAP_FULL;
	txn->writes += rc == MDB_SUCCESS;
	return store_ok(rc, txn->store->dir, err);
}

bool
store_delete(struct store_txn *txn, enum store_table table, struct slice key,
	     bool *was, struct error *err)
{
	MDB_val k = to_mdb(key);

	if (!key_fits(key, err))
		return false;
	int rc = mdb_del(txn->mdb, txn->gen->table[table], &k, NULL);
	txn->full = txn->full || rc == MDB_MAP_FULL;
	txn->writes += rc == MDB_SUCCESS;
	if (rc != MDB_NOTFOUND && !store_ok(rc, txn->store->dir, err))
		return false;
	if (was)
		*was = rc == MDB_SUCCESS;
	return true;
}

bool
store_count(struct store_txn *txn, enum store_table table, uint64_t *count,
	    struct error *err)
{
	MDB_stat stat;

	if (!store_ok(mdb_stat(txn->mdb, txn->gen->table[table], &stat),
		      txn->store->dir, err))
		return false;
	*count = stat.ms_entries;
	return true;
}

/* The first bytes that stand after all that begin with the prefix; false when
 * nothing does. */
static bool
after_prefix(struct store_cursor *c)
{
	memcpy(c->last, c->prefix, c->prefix_len);
	c->last_len = c->prefix_len;
	while (c->last_len && c->last[c->last_len - 1] == 0xff)
		c->last_len--;
	if (!c->last_len)
		return false;
	c->last[c->last_len - 1]++;
	return true;
}

static bool
has_prefix(const struct store_cursor *c, struct slice key)
{
	return key.len >= c->prefix_len &&
	       memcmp(key.data, c->prefix, c->prefix_len) == 0;
}

/* To the last key before c->last or, when `equal`, at it. */
static int
seek_back(struct store_cursor *c, bool equal, MDB_val *k, MDB_val *v)
{
	struct slice at = slice_make(c->last, c->last_len);
	*k = to_mdb(at);
	int rc = mdb_cursor_get(c->mdb, k, v, MDB_SET_RANGE);

	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(c->mdb, k, v, MDB_LAST);
	if (rc != MDB_SUCCESS || (equal && slice_equal(from_mdb(*k), at)))
		return rc;
	return mdb_cursor_get(c->mdb, k, v, MDB_PREV);
}

/* To the first key after c->last or, when `equal`, at it. */
static int
seek_on(struct store_cursor *c, bool equal, MDB_val *k, MDB_val *v)
{
	struct slice at = slice_make(c->last, c->last_len);
	*k = to_mdb(at);
	int rc = mdb_cursor_get(c->mdb, k, v, MDB_SET_RANGE);

	if (rc != MDB_SUCCESS || equal || !slice_equal(from_mdb(*k), at))
		return rc;
	return mdb_cursor_get(c->mdb, k, v, MDB_NEXT);
}

static int
first(struct store_cursor *c, MDB_val *k, MDB_val *v)
{
	struct slice from = slice_make(c->last, c->last_len);
	struct slice prefix = slice_make(c->prefix, c->prefix_len);

	if (!c->backward) {
		if (slice_compare(from, prefix) < 0) {
			memcpy(c->last, c->prefix, c->prefix_len);
			c->last_len = c->prefix_len;
		}
		if (!c->last_len)
			return mdb_cursor_get(c->mdb, k, v, MDB_FIRST);
		return seek_on(c, true, k, v);
	}
	if (from.len &&
	    (has_prefix(c, from) || slice_compare(from, prefix) < 0))
		return seek_back(c, true, k, v);
	if (!after_prefix(c))
		return mdb_cursor_get(c->mdb, k, v, MDB_LAST);
	return seek_back(c, false, k, v);
}

static int
step(struct store_cursor *c, MDB_val *k, MDB_val *v)
{
	bool written = c->writes != c->txn->writes;

	c->writes = c->txn->writes;
	if (!c->begun) {
		c->begun = true;
		return first(c, k, v);
	}
	if (written && c->backward)
		return seek_back(c, false, k, v);
	if (written)
		return seek_on(c, false, k, v);
	return mdb_cursor_get(c->mdb, k, v, c->backward ? MDB_PREV : MDB_NEXT);
}

struct store_cursor *
store_scan(struct store_txn *txn, enum store_table table, struct slice prefix,
	   struct slice from, bool backward, struct error *err)
{
	if ((prefix.len && !key_fits(prefix, err)) ||
	    (from.len && !key_fits(from, err)))
		return NULL;

	struct store_cursor *c = xcalloc(1, sizeof(*c));
	c->txn = txn;
	c->backward = backward;
	c->writes = txn->writes;
	if (prefix.len)
		memcpy(c->prefix, prefix.data, prefix.len);
	c->prefix_len = prefix.len;
	if (from.len)
		memcpy(c->last, from.data, from.len);
	c->last_len = from.len;
	c->rc = mdb_cursor_open(txn->mdb, txn->gen->table[table], &c->mdb);
	if (!store_ok(c->rc, txn->store->dir, err))
		store_scan_drop(&c);
	return c;
}

bool
store_next(struct store_cursor *c, struct slice *key, struct slice *value)
{
	MDB_val k = {0, NULL}, v = {0, NULL};

	if (c->rc != MDB_SUCCESS)
		return false;
	c->rc = step(c, &k, &v);
	if (c->rc == MDB_SUCCESS && !has_prefix(c, from_mdb(k)))
		c->rc = MDB_NOTFOUND;
	if (c->rc != MDB_SUCCESS)
		return false;
	memcpy(c->last, k.mv_data, k.mv_size);
	c->last_len = k.mv_size;
	if (key)
		*key = from_mdb(k);
	if (value)
		*value = from_mdb(v);
	return true;
}

bool
store_scan_end(struct store_cursor **c, struct error *err)
{
	int rc = (*c)->rc == MDB_NOTFOUND ? MDB_SUCCESS : (*c)->rc;
	const char *dir = (*c)->txn->store->dir;

	store_scan_drop(c);
	return store_ok(rc, dir, err);
}

void
store_scan_drop(struct store_cursor **c)
{
	if (!*c)
		return;
	if ((*c)->mdb)
		mdb_cursor_close((*c)->mdb);
	free(*c);
	*c = NULL;
}

void
store_key_u64(uint64_t n, uint8_t out[8])
{
	for (int i = 7; i >= 0; i--) {
		out[i] = (uint8_t)n;
		n >>= 8;
	}
}

uint64_t
store_key_read_u64(const uint8_t in[8])
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | in[i];
	return n;
}
