/*
 * forget.c - fingerprints of what must not be learned again.
 *
 * STORE_FORGOTTEN: profile, fingerprint -> time, key.  A fingerprint is an
 * HMAC of the normalised text, so that the store does not say what it was; its
 * random key is this store's own, kept in STORE_META.  Fingerprints from
 * another store come with that one's key, which is remembered beside ours:
 * a text is looked up under each.
 */
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/utf8.h"
#include "record/key.h"

#include <utf8proc.h>

_Static_assert(RECORD_FINGERPRINT == (int)DIGEST_BYTES, "one size");

static const char own_key[] = "forget-key";
static const char other_keys[] = "forget-other:";

static bool
is_space(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') ||
	       utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_ZS;
}

static bool
is_punctuation(uint32_t cp)
{
	utf8proc_category_t kind = utf8proc_category((utf8proc_int32_t)cp);

	return kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO;
}

struct slice
record_normalise(struct arena *arena, struct slice text)
{
	struct slice folded = key_fold(arena, text);
	char *out = arena_alloc(arena, folded.len + 1, 1);
	size_t len = 0, end = 0, taken;
	bool space = false;
	uint32_t cp;

	for (size_t at = 0; at < folded.len; at += taken) {
		struct slice rest =
			slice_make(folded.data + at, folded.len - at);

		taken = utf8_decode(rest, &cp);
		if (is_space(cp)) {
			space = len > 0;
			continue;
		}
		if (len == 0 && is_punctuation(cp))
			continue;
		if (space)
			out[len++] = ' ';
		space = false;
		memcpy(out + len, rest.data, taken);
		len += taken;
		if (!is_punctuation(cp))
			end = len;
	}
	return slice_make(out, end);
}

/* This store's random key; ERROR_NOT_FOUND in a read when nothing was ever
 * forgotten. */
static bool
forget_key(struct store_txn *txn, bool make, uint8_t key[RECORD_FINGERPRINT],
	   struct error *err)
{
	struct slice value;

	if (!store_get(txn, STORE_META, slice_of(own_key), &value, err))
		return false;
	if (value.data && value.len == RECORD_FINGERPRINT) {
		memcpy(key, value.data, RECORD_FINGERPRINT);
		return true;
	}
	if (!make)
		return error_set(err, ERROR_NOT_FOUND,
				 "nothing was ever forgotten here");
	random_bytes(key, RECORD_FINGERPRINT);
	return store_put(txn, STORE_META, slice_of(own_key),
			 slice_make(key, RECORD_FINGERPRINT), err);
}

static bool
remember_key(struct store_txn *txn, const uint8_t key[RECORD_FINGERPRINT],
	     struct error *err)
{
	uint8_t own[RECORD_FINGERPRINT];
	struct key name = {0};

	if (!forget_key(txn, true, own, err))
		return false;
	if (digest_same(own, key, sizeof(own)))
		return true;
	key_text(&name, slice_of(other_keys));
	key_add(&name, key, RECORD_FINGERPRINT);
	return store_put(txn, STORE_META, key_slice(&name), slice_make("", 0),
			 err);
}

bool
record_forget_fingerprint(struct store_txn *txn, struct id profile,
			  const uint8_t key[RECORD_FINGERPRINT],
			  const uint8_t fingerprint[RECORD_FINGERPRINT],
			  struct error *err)
{
	struct key row = key_of(profile), value = {0};
	struct slice there;

	key_add(&row, fingerprint, RECORD_FINGERPRINT);
	key_time(&value, clock_now());
	key_add(&value, key, RECORD_FINGERPRINT);
	if (!key_profile(profile, err) || !remember_key(txn, key, err) ||
	    !store_get(txn, STORE_FORGOTTEN, key_slice(&row), &there, err))
		return false;
	return there.data || store_put(txn, STORE_FORGOTTEN, key_slice(&row),
				       key_slice(&value), err);
}

bool
record_forget_text(struct store_txn *txn, struct id profile, struct slice text,
		   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	uint8_t key[RECORD_FINGERPRINT], print[RECORD_FINGERPRINT];
	struct slice plain = record_normalise(&arena, text);

	if (!key_profile(profile, err))
		return false;
	if (plain.len == 0)
		return true;
	return forget_key(txn, true, key, err) &&
	       digest_hmac(slice_make(key, sizeof(key)), plain, print, err) &&
	       record_forget_fingerprint(txn, profile, key, print, err);
}

/* Whether `plain` was forgotten under one key. */
static bool
look_up(struct store_txn *txn, struct id profile, struct slice key,
	struct slice plain, bool *forgotten, struct error *err)
{
	uint8_t print[RECORD_FINGERPRINT];
	struct key row = key_of(profile);
	struct slice value;

	if (!digest_hmac(key, plain, print, err))
		return false;
	key_add(&row, print, sizeof(print));
	if (!store_get(txn, STORE_FORGOTTEN, key_slice(&row), &value, err))
		return false;
	*forgotten = *forgotten || value.data;
	return true;
}

/* Most people never forgot anything: then no digest need be loaded. */
static bool
any_forgotten(struct store_txn *txn, struct id profile, bool *any,
	      struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct slice key, value;

	cursor = store_scan(txn, STORE_FORGOTTEN, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	*any = store_next(cursor, &key, &value);
	return store_scan_end(&cursor, err);
}

bool
record_forgotten(struct store_txn *txn, struct id profile, struct slice text,
		 bool *forgotten, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice plain, name, value, none = {0};
	uint8_t own[RECORD_FINGERPRINT];
	bool any;

	*forgotten = false;
	if (!key_profile(profile, err) ||
	    !any_forgotten(txn, profile, &any, err))
		return false;
	plain = any ? record_normalise(&arena, text) : none;
	if (plain.len == 0)
		return true;
	if (!forget_key(txn, false, own, err) ||
	    !look_up(txn, profile, slice_make(own, sizeof(own)), plain,
		     forgotten, err))
		return false;
	cursor = store_scan(txn, STORE_META, slice_of(other_keys), none, false,
			    err);
	if (!cursor)
		return false;
	while (store_next(cursor, &name, &value)) {
		struct slice key = name;

		if (name.len != sizeof(other_keys) - 1 + RECORD_FINGERPRINT)
			continue;
		key.data += sizeof(other_keys) - 1;
		key.len = RECORD_FINGERPRINT;
		if (!look_up(txn, profile, key, plain, forgotten, err))
			return false;
	}
	return store_scan_end(&cursor, err);
}

bool
record_forgotten_has(struct store_txn *txn, struct id profile,
		     const uint8_t fingerprint[RECORD_FINGERPRINT], bool *there,
		     struct error *err)
{
	struct key row = key_of(profile);
	struct slice value;

	key_add(&row, fingerprint, RECORD_FINGERPRINT);
	if (!key_profile(profile, err) ||
	    !store_get(txn, STORE_FORGOTTEN, key_slice(&row), &value, err))
		return false;
	*there = value.data != NULL;
	return true;
}

static bool
read_print(struct slice key, struct slice value, struct record_fingerprint *out)
{
	const size_t time = 8;

	if (key.len != ID_BYTES + RECORD_FINGERPRINT ||
	    value.len != time + RECORD_FINGERPRINT)
		return false;
	memcpy(out->fingerprint, key.data + ID_BYTES, RECORD_FINGERPRINT);
	memcpy(out->key, value.data + time, RECORD_FINGERPRINT);
	out->created_at = (int64_t)(key_tail_seq(slice_make(value.data, time)) ^
				    UINT64_C(1) << 63);
	return true;
}

bool
record_forgotten_list(struct store_txn *txn, struct id profile,
		      struct arena *arena, struct record_fingerprint **out,
		      size_t *n, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct record_fingerprint *list;
	struct slice key, value;
	uint64_t count;

	if (!key_profile(profile, err) ||
	    !store_count(txn, STORE_FORGOTTEN, &count, err))
		return false;
	list = arena_alloc(arena, (size_t)count + 1, sizeof(*list));
	*n = 0;
	cursor = store_scan(txn, STORE_FORGOTTEN, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*n < count && store_next(cursor, &key, &value))
		*n += read_print(key, value, &list[*n]);
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_memory_forget(struct store_txn *txn, struct id profile, struct id id,
		     struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory *versions;
	size_t n;

	if (!record_memory_versions(txn, profile, id, &arena, &versions, &n,
				    err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_forget_text(txn, profile, versions[i].value, err))
			return false;
	return record_memory_delete(txn, profile, id, err);
}
