/*
 * The tables of a data file, and the version of what is in them.
 *
 * A store that is up to date is opened by a read transaction alone, so that a
 * command which only looks something up waits for no disk.
 */
#include "store/inner.h"

#include "mneme/error.h"

/* Row n turns schema n into n + 1, in the transaction that notes it. */
typedef int migrate_fn(struct generation *gen, MDB_txn *txn);

static int
make_first(struct generation *gen, MDB_txn *txn)
{
	(void)gen;
	(void)txn;
	return MDB_SUCCESS; /* the tables are all there is */
}

static migrate_fn *const migrations[STORE_SCHEMA] = {
	make_first,
};

static MDB_val
schema_key(void)
{
	static char key[] = "schema";

	return (MDB_val){sizeof(key) - 1, key};
}

static int
open_tables(struct generation *gen, MDB_txn *txn, unsigned flags)
{
	for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
		int rc = mdb_dbi_open(txn, store_table_names[i], flags,
				      &gen->table[i]);
		if (rc != MDB_SUCCESS)
			return rc;
	}
	return MDB_SUCCESS;
}

/* MDB_NOTFOUND: there is none. */
static int
read_version(struct generation *gen, MDB_txn *txn, uint64_t *version)
{
	MDB_val key = schema_key(), value;
	int rc = mdb_get(txn, gen->table[STORE_META], &key, &value);

	if (rc != MDB_SUCCESS)
		return rc;
	if (value.mv_size != 8)
		return MDB_CORRUPTED;
	*version = store_key_read_u64(value.mv_data);
	return MDB_SUCCESS;
}

/* All in one read transaction; *version is 0 when something is missing. */
static int
look(struct generation *gen, uint64_t *version)
{
	MDB_txn *txn = NULL;
	int rc = mdb_txn_begin(gen->env, NULL, MDB_RDONLY, &txn);

	*version = 0;
	if (rc != MDB_SUCCESS)
		return rc;
	rc = mdb_dbi_open(txn, store_table_names[STORE_META], 0,
			  &gen->table[STORE_META]);
	if (rc == MDB_SUCCESS)
		rc = read_version(gen, txn, version);
	if (rc == MDB_SUCCESS && *version == STORE_SCHEMA)
		rc = open_tables(gen, txn, 0);
	if (rc == MDB_NOTFOUND)
		*version = 0;
	if (rc != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
	}
	return mdb_txn_commit(txn); /* keeps the handles */
}

static int
migrate(struct generation *gen, MDB_txn *txn)
{
	uint64_t version = 0;
	uint8_t bytes[8];
	MDB_val key = schema_key(), value = {sizeof(bytes), bytes};
	int rc = open_tables(gen, txn, MDB_CREATE);

	if (rc == MDB_SUCCESS)
		rc = read_version(gen, txn, &version);
	if (rc == MDB_NOTFOUND)
		rc = MDB_SUCCESS;
	for (; rc == MDB_SUCCESS && version < STORE_SCHEMA; version++)
		rc = migrations[version](gen, txn);
	if (rc != MDB_SUCCESS)
		return rc;
	store_key_u64(version, bytes);
	return mdb_put(txn, gen->table[STORE_META], &key, &value, 0);
}

static int
bring_up(struct generation *gen)
{
	MDB_txn *txn = NULL;
	int rc = mdb_txn_begin(gen->env, NULL, 0, &txn);

	if (rc != MDB_SUCCESS)
		return rc;
	rc = migrate(gen, txn);
	if (rc != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

bool
schema_open(struct generation *gen, const char *path, struct error *err)
{
	uint64_t version;

	if (!store_ok(look(gen, &version), path, err))
		return false;
	if (version > STORE_SCHEMA)
		return error_set(err, ERROR_SETUP,
				 "%s was written by a newer mneme (schema "
				 "%llu, this one knows %d): update mneme",
				 path, (unsigned long long)version,
				 STORE_SCHEMA);
	if (version == STORE_SCHEMA)
		return true;
	unsigned flags = 0;
	mdb_env_get_flags(gen->env, &flags);
	if (flags & MDB_RDONLY)
		return error_set(err, ERROR_SETUP,
				 "%s has to be brought up to schema %d, but "
				 "may only be read",
				 path, STORE_SCHEMA);
	return store_ok(bring_up(gen), path, err);
}
