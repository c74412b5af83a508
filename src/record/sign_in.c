/*
 * sign_in.c - what a person proves itself with.
 *
 * STORE_IDENTITIES: profile -> the password's hash; profile, hash of issuer
 * and subject -> identity.  STORE_API_KEYS: profile, hash -> key.  Both are
 * found without the profile by STORE_PROFILE_NAMES: a letter, the same hash
 * -> profile.  STORE_SESSIONS: profile, id -> session; profile, id, hash ->
 * when that refresh token was spent.  STORE_IDEMPOTENCY: profile, hash of the
 * client's key -> answer.
 */
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/rows.h"

#include <assert.h>

static_assert((int)RECORD_HASH == (int)DIGEST_BYTES, "one kind of hash");

static struct key
hash_key(struct id profile, const uint8_t hash[RECORD_HASH])
{
	struct key key = key_of(profile);

	return *key_add(&key, hash, RECORD_HASH);
}

static struct key
name_key(char kind, const uint8_t hash[RECORD_HASH])
{
	struct key key = {0};

	return *key_add(key_add(&key, &kind, 1), hash, RECORD_HASH);
}

/* Rows whose keys begin with `prefix` and are longer. */
static bool
count_rows(struct store_txn *txn, enum store_table table,
	   const struct key *prefix, size_t *n, struct error *err)
{
	SCOPED(store_scan_drop)
	struct store_cursor *cursor = store_scan(txn, table, key_slice(prefix),
						 (struct slice){0}, false, err);
	struct slice key, value;

	*n = 0;
	if (!cursor)
		return false;
	while (store_next(cursor, &key, &value))
		*n += key.len > prefix->len;
	return store_scan_end(&cursor, err);
}

/* ---- passwords ---- */

bool
record_password_put(struct store_txn *txn, struct id profile, struct slice hash,
		    struct error *err)
{
	struct key key = key_of(profile);

	if (!key_profile(profile, err))
		return false;
	if (hash.len > RECORD_PASSWORD_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a password's hash of %zu bytes, at most %d "
				 "fit",
				 hash.len, RECORD_PASSWORD_MAX);
	if (hash.len == 0)
		return store_delete(txn, STORE_IDENTITIES, key_slice(&key),
				    NULL, err);
	return store_put(txn, STORE_IDENTITIES, key_slice(&key), hash, err);
}

bool
record_password_get(struct store_txn *txn, struct id profile,
		    struct arena *arena, struct slice *hash, bool *found,
		    struct error *err)
{
	struct key key = key_of(profile);
	struct slice value;

	if (!key_profile(profile, err) ||
	    !store_get(txn, STORE_IDENTITIES, key_slice(&key), &value, err))
		return false;
	*found = value.data != NULL;
	*hash = *found ? arena_copy(arena, value) : (struct slice){0};
	return true;
}

bool
record_password_each(struct store_txn *txn,
		     bool (*each)(void *arg, struct slice hash), void *arg,
		     struct error *err)
{
	struct slice all = {0}, key, value;
	SCOPED(store_scan_drop)
	struct store_cursor *cursor =
		store_scan(txn, STORE_IDENTITIES, all, all, false, err);

	if (!cursor)
		return false;
	while (store_next(cursor, &key, &value))
		/* Longer keys are other ways to sign in. */
		if (key.len == ID_BYTES && !each(arg, value))
			return true;
	return store_scan_end(&cursor, err);
}

/* ---- identities ---- */

static bool
identity_hash(struct slice issuer, struct slice subject,
	      uint8_t hash[RECORD_HASH], struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	/* The length first, so that no two pairs are one text. */
	char *text = arena_printf(&arena, "%zu:%.*s%.*s", issuer.len,
				  SLICE_ARG(issuer), SLICE_ARG(subject));

	if (issuer.len > RECORD_KEY_MAX || subject.len > RECORD_KEY_MAX)
		return error_set(err, ERROR_LIMIT,
				 "an identity's names have "
				 "at most %d bytes",
				 RECORD_KEY_MAX);
	return digest_sha256(slice_of(text), hash, err);
}

bool
record_identity_put(struct store_txn *txn, struct id profile,
		    struct identity *identity, struct error *err)
{
	uint8_t hash[RECORD_HASH];
	struct key none = {0}, prefix = key_of(profile);
	size_t n;

	if (!key_profile(profile, err) ||
	    !identity_hash(identity->issuer, identity->subject, hash, err) ||
	    !count_rows(txn, STORE_IDENTITIES, &prefix, &n, err))
		return false;
	if (n >= RECORD_IDENTITIES_MAX)
		return error_set(err, ERROR_LIMIT, "at most %d identities",
				 RECORD_IDENTITIES_MAX);
	if (identity->created_at == 0)
		identity->created_at = clock_now();
	struct key name = name_key('i', hash), key = hash_key(profile, hash);
	return key_move(txn, STORE_PROFILE_NAMES, &none, &name, profile,
			"identity", err) &&
	       row_put(txn, STORE_IDENTITIES, key_slice(&key), row_identity,
		       identity, sizeof(*identity), err);
}

bool
record_identity_find(struct store_txn *txn, struct slice issuer,
		     struct slice subject, struct id *profile, bool *found,
		     struct error *err)
{
	uint8_t hash[RECORD_HASH];

	if (!identity_hash(issuer, subject, hash, err))
		return false;
	struct key name = name_key('i', hash);
	return key_get_id(txn, STORE_PROFILE_NAMES, &name, profile, found, err);
}

bool
record_identity_list(struct store_txn *txn, struct id profile,
		     struct arena *arena, struct identity **out, size_t *n,
		     struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct slice key, value;
	struct identity *list =
		arena_alloc(arena, RECORD_IDENTITIES_MAX, sizeof(*list));

	*n = 0;
	if (!key_profile(profile, err))
		return false;
	cursor = store_scan(txn, STORE_IDENTITIES, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*n < RECORD_IDENTITIES_MAX && store_next(cursor, &key, &value)) {
		if (key.len == prefix.len)
			continue; /* the password */
		if (!row_read(value, row_identity, &list[(*n)++], arena, err))
			return false;
	}
	*out = list;
	return store_scan_end(&cursor, err);
}

/* ---- sessions ---- */

bool
record_session_put(struct store_txn *txn, struct session *s, struct error *err)
{
	if (!key_profile(s->profile, err))
		return false;
	if (id_none(s->id))
		s->id = id_make();
	if (s->created_at == 0)
		s->created_at = clock_now();
	struct key key = key_of_two(s->profile, s->id);
	return row_put(txn, STORE_SESSIONS, key_slice(&key), row_session, s,
		       sizeof(*s), err);
}

bool
record_session_get(struct store_txn *txn, struct id profile, struct id id,
		   struct arena *arena, struct session *out, bool *found,
		   struct error *err)
{
	struct key key = key_of_two(profile, id);

	*out = (struct session){0};
	return key_profile(profile, err) &&
	       row_get(txn, STORE_SESSIONS, key_slice(&key), row_session, out,
		       arena, found, err);
}

bool
record_session_list(struct store_txn *txn, struct id profile,
		    struct arena *arena, struct session **out, size_t *n,
		    struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct slice key, value;
	struct session *list = NULL;
	size_t count;

	if (!key_profile(profile, err) ||
	    !count_rows(txn, STORE_SESSIONS, &prefix, &count, err))
		return false;
	list = arena_alloc(arena, count + 1, sizeof(*list));
	*n = 0;
	cursor = store_scan(txn, STORE_SESSIONS, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*n < count && store_next(cursor, &key, &value)) {
		if (key.len != 2 * ID_BYTES)
			continue; /* a spent token */
		if (!row_read(value, row_session, &list[(*n)++], arena, err))
			return false;
	}
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_session_delete(struct store_txn *txn, struct id profile, struct id id,
		      bool *was, struct error *err)
{
	struct key prefix =
		id_none(id) ? key_of(profile) : key_of_two(profile, id);
	size_t budget = SIZE_MAX;

	if (!key_profile(profile, err) ||
	    !key_purge(txn, STORE_SESSIONS, &prefix, &budget, err))
		return false;
	if (was)
		*was = budget != SIZE_MAX;
	return true;
}

static struct key
spent_key(struct id profile, struct id id, const uint8_t refresh[RECORD_HASH])
{
	struct key key = key_of_two(profile, id);

	return *key_add(&key, refresh, RECORD_HASH);
}

bool
record_session_spend(struct store_txn *txn, struct id profile, struct id id,
		     const uint8_t refresh[RECORD_HASH], struct error *err)
{
	struct key key = spent_key(profile, id, refresh);
	struct key when = {0};

	key_time(&when, clock_now());
	return key_profile(profile, err) &&
	       store_put(txn, STORE_SESSIONS, key_slice(&key), key_slice(&when),
			 err);
}

bool
record_session_spent(struct store_txn *txn, struct id profile, struct id id,
		     const uint8_t refresh[RECORD_HASH], bool *spent,
		     struct error *err)
{
	struct key key = spent_key(profile, id, refresh);
	struct slice value;

	if (!key_profile(profile, err) ||
	    !store_get(txn, STORE_SESSIONS, key_slice(&key), &value, err))
		return false;
	*spent = value.data != NULL;
	return true;
}

/* ---- API keys ---- */

bool
record_api_key_put(struct store_txn *txn, struct api_key *k, struct error *err)
{
	struct key none = {0}, prefix = key_of(k->profile);
	struct key name = name_key('k', k->hash);
	struct key key = hash_key(k->profile, k->hash);
	bool fresh = id_none(k->id);
	size_t n;

	if (!key_profile(k->profile, err) ||
	    !count_rows(txn, STORE_API_KEYS, &prefix, &n, err))
		return false;
	if (fresh && n >= RECORD_API_KEYS_MAX)
		return error_set(err, ERROR_LIMIT, "at most %d keys a person",
				 RECORD_API_KEYS_MAX);
	if (k->name.len == 0 || k->name.len > RECORD_NAME_MAX)
		return error_set(err, ERROR_INVALID,
				 "a key's name has 1 to %d bytes",
				 RECORD_NAME_MAX);
	if (fresh)
		k->id = id_make();
	if (k->created_at == 0)
		k->created_at = clock_now();
	return key_move(txn, STORE_PROFILE_NAMES, &none, &name, k->profile,
			"key", err) &&
	       row_put(txn, STORE_API_KEYS, key_slice(&key), row_api_key, k,
		       sizeof(*k), err);
}

bool
record_api_key_find(struct store_txn *txn, const uint8_t hash[RECORD_HASH],
		    struct arena *arena, struct api_key *out, bool *found,
		    struct error *err)
{
	struct key name = name_key('k', hash);
	struct id profile;

	*out = (struct api_key){0};
	if (!key_get_id(txn, STORE_PROFILE_NAMES, &name, &profile, found, err))
		return false;
	if (!*found)
		return true;
	struct key key = hash_key(profile, hash);
	return row_get(txn, STORE_API_KEYS, key_slice(&key), row_api_key, out,
		       arena, found, err);
}

bool
record_api_key_list(struct store_txn *txn, struct id profile,
		    struct arena *arena, struct api_key **out, size_t *n,
		    struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct slice key, value;
	struct api_key *list =
		arena_alloc(arena, RECORD_API_KEYS_MAX, sizeof(*list));

	*n = 0;
	if (!key_profile(profile, err))
		return false;
	cursor = store_scan(txn, STORE_API_KEYS, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*n < RECORD_API_KEYS_MAX && store_next(cursor, &key, &value))
		if (!row_read(value, row_api_key, &list[(*n)++], arena, err))
			return false;
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_api_key_delete(struct store_txn *txn, struct id profile, struct id id,
		      bool *was, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct api_key *list;
	size_t n;

	*was = false;
	if (!record_api_key_list(txn, profile, &arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct key name = name_key('k', list[i].hash);
		struct key key = hash_key(profile, list[i].hash);

		if (!id_equal(list[i].id, id))
			continue;
		*was = true;
		return store_delete(txn, STORE_PROFILE_NAMES, key_slice(&name),
				    NULL, err) &&
		       store_delete(txn, STORE_API_KEYS, key_slice(&key), NULL,
				    err);
	}
	return true;
}

/* ---- answers that may be given again ---- */

static bool
drop_old_answers(struct store_txn *txn, struct id profile, int64_t oldest,
		 struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	SCOPED(arena_clear) struct arena arena = {0};
	struct key prefix = key_of(profile);
	struct slice key, value;

	cursor = store_scan(txn, STORE_IDEMPOTENCY, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (store_next(cursor, &key, &value)) {
		struct idempotency i = {0};
		struct key copy = {0};

		key_add(&copy, key.data, key.len);
		if (row_read(value, row_idempotency, &i, &arena, NULL) &&
		    i.created_at >= oldest)
			continue;
		if (!store_delete(txn, STORE_IDEMPOTENCY, key_slice(&copy),
				  NULL, err))
			return false;
		arena_reset(&arena);
	}
	return store_scan_end(&cursor, err);
}

bool
record_idempotency_put(struct store_txn *txn, struct id profile,
		       struct idempotency *i, int64_t oldest, struct error *err)
{
	struct key key = hash_key(profile, i->key);

	if (i->created_at == 0)
		i->created_at = clock_now();
	return key_profile(profile, err) &&
	       drop_old_answers(txn, profile, oldest, err) &&
	       row_put(txn, STORE_IDEMPOTENCY, key_slice(&key), row_idempotency,
		       i, sizeof(*i), err);
}

bool
record_idempotency_get(struct store_txn *txn, struct id profile,
		       const uint8_t hash[RECORD_HASH], struct arena *arena,
		       struct idempotency *out, bool *found, struct error *err)
{
	struct key key = hash_key(profile, hash);

	*out = (struct idempotency){0};
	return key_profile(profile, err) &&
	       row_get(txn, STORE_IDEMPOTENCY, key_slice(&key), row_idempotency,
		       out, arena, found, err);
}

/* ---- the end of a person ---- */

static bool
drop_names(struct store_txn *txn, struct id profile, enum store_table table,
	   char kind, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct slice key, value;

	cursor = store_scan(txn, table, key_slice(&prefix), (struct slice){0},
			    false, err);
	if (!cursor)
		return false;
	while (store_next(cursor, &key, &value)) {
		struct key name = {0};

		if (key.len != ID_BYTES + RECORD_HASH)
			continue;
		key_add(key_add(&name, &kind, 1), key.data + ID_BYTES,
			RECORD_HASH);
		if (!store_delete(txn, STORE_PROFILE_NAMES, key_slice(&name),
				  NULL, err))
			return false;
	}
	return store_scan_end(&cursor, err);
}

bool
sign_in_drop_names(struct store_txn *txn, struct id profile, struct error *err)
{
	return drop_names(txn, profile, STORE_API_KEYS, 'k', err) &&
	       drop_names(txn, profile, STORE_IDENTITIES, 'i', err);
}
