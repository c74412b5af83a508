/*
 * access.c - is this bearer good, now?
 *
 * An access token says whose it is and in which session; its signature is
 * checked first, then that the session still stands.  An API key is looked up
 * by its hash.  Every failure says the same.
 */
#include <stdlib.h>

#include "auth/private.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/json.h"
#include "mneme/printer.h"
#include "mneme/store.h"

#define AUDIENCE "mneme"

enum { SKEW = 60 }; /* seconds by which clocks may differ */

bool
access_write(struct auth *auth, struct id profile, struct id session,
	     int64_t now, struct buf *out, struct error *err)
{
	SCOPED(buf_clear) struct buf claims;
	struct printer p;

	buf_init(&claims, 1024);
	printer_init(&p, PRINTER_JSON, &claims);
	printer_map(&p);
	printer_add_word(&p, "iss", AUDIENCE);
	printer_add_word(&p, "aud", AUDIENCE);
	printer_add_word(&p, "use", "access");
	printer_add_id(&p, "sub", profile);
	printer_add_id(&p, "sid", session);
	printer_add_int(&p, "iat", now / CLOCK_SECOND);
	printer_add_int(&p, "exp", (now + auth->access_life) / CLOCK_SECOND);
	printer_end(&p);
	return jwt_write_hmac(buf_slice(&claims),
			      slice_make(auth->secret, auth->secret_len), out,
			      err);
}

static bool
refuse(struct error *err)
{
	return error_set(err, ERROR_AUTH,
			 "the token or key is not valid, or no longer");
}

static bool
read_token(struct auth *auth, const struct jwt *jwt, struct auth_caller *out)
{
	struct slice key = slice_make(auth->secret, auth->secret_len);
	int64_t now = clock_now() / CLOCK_SECOND, issued, expires, from;

	if (!jwt_check_hmac(jwt, key, NULL) ||
	    !slice_is(json_text(jwt->claims, "iss"), AUDIENCE) ||
	    !slice_is(json_text(jwt->claims, "aud"), AUDIENCE) ||
	    !slice_is(json_text(jwt->claims, "use"), "access") ||
	    !jwt_number(jwt, "exp", &expires) || expires <= now ||
	    !jwt_number(jwt, "iat", &issued) || issued > now + SKEW)
		return false;
	if (json_object_get(jwt->claims, "nbf") &&
	    (!jwt_number(jwt, "nbf", &from) || from > now + SKEW))
		return false;
	return id_parse(json_text(jwt->claims, "sub"), &out->profile) &&
	       id_parse(json_text(jwt->claims, "sid"), &out->session) &&
	       !id_none(out->profile) && !id_none(out->session);
}

/* What a token says never changes, so it is read once: signature and claims.
 * Whether its session stands is asked each time. */
struct words {
	struct auth_caller caller;
	int64_t expires; /* seconds */
};

enum { WORDS_MAX = 4096 };

static const struct words *
read_words(struct auth *auth, struct slice bearer)
{
	struct words *words = map_get(&auth->seen, bearer);
	SCOPED(jwt_clear) struct jwt jwt = {0};
	struct auth_caller caller = {0};
	int64_t expires;

	if (words)
		return words;
	if (!jwt_read(bearer, &jwt, NULL) || !read_token(auth, &jwt, &caller) ||
	    !jwt_number(&jwt, "exp", &expires))
		return NULL;
	if (auth->seen.count >= WORDS_MAX)
		map_clear(&auth->seen, free);
	words = xcalloc(1, sizeof(*words));
	*words = (struct words){caller, expires};
	map_put(&auth->seen, bearer, words);
	return words;
}

static bool
check_token(struct auth *auth, struct store_txn *txn, struct slice bearer,
	    struct auth_caller *out, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct words *words = read_words(auth, bearer);
	int64_t now = clock_now();
	struct session session;
	struct profile profile;
	bool found;

	if (!words || words->expires <= now / CLOCK_SECOND)
		return refuse(err);
	*out = words->caller;
	if (!record_session_get(txn, out->profile, out->session, &arena,
				&session, &found, err))
		return false;
	if (!found || session.expires_at <= now)
		return refuse(err);
	if (!record_profile_get(txn, out->profile, &arena, &profile, &found,
				err))
		return false;
	out->may_write = true;
	return found || refuse(err);
}

/* When a key was used last is kept to the hour. */
struct touch {
	struct auth *auth;
	struct api_key key;
};

static bool
touch_key(struct store_txn *txn, void *arg, struct error *err)
{
	struct touch *touch = arg;
	SCOPED(arena_clear) struct arena arena = {0};
	struct api_key now;
	bool found;

	if (!record_api_key_find(txn, touch->key.hash, &arena, &now, &found,
				 err))
		return false;
	now.used_at = touch->key.used_at;
	return !found || record_api_key_put(txn, &now, err);
}

static void
touched(void *arg, const struct error *err)
{
	struct touch *touch = arg;

	(void)err; /* the next use tries again */
	touch->auth->running--;
	free(touch);
}

static void
note_use(struct auth *auth, const struct api_key *key)
{
	int64_t now = clock_now();
	struct touch *touch;

	if (key->used_at > now - CLOCK_HOUR)
		return;
	touch = xcalloc(1, sizeof(*touch));
	touch->auth = auth;
	auth->running++;
	memcpy(touch->key.hash, key->hash, sizeof(touch->key.hash));
	touch->key.used_at = now;
	if (!store_submit(auth->store, auth->loop, touch_key, touch, touched,
			  NULL))
		touched(touch, NULL);
}

static bool
check_key(struct auth *auth, struct store_txn *txn, struct slice bearer,
	  struct auth_caller *out, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	uint8_t hash[RECORD_HASH];
	struct api_key key;
	struct profile profile;
	bool found;

	if (bearer.len != AUTH_KEY_TEXT)
		return refuse(err);
	if (!digest_sha256(bearer, hash, err) ||
	    !record_api_key_find(txn, hash, &arena, &key, &found, err))
		return false;
	if (!found)
		return refuse(err);
	if (!record_profile_get(txn, key.profile, &arena, &profile, &found,
				err))
		return false;
	if (!found)
		return refuse(err);
	out->profile = key.profile;
	out->key = key.id;
	out->may_write = key.scope == API_WRITE;
	note_use(auth, &key);
	return true;
}

bool
auth_check(struct auth *auth, struct store_txn *txn, struct slice bearer,
	   struct auth_caller *caller, struct error *err)
{
	*caller = (struct auth_caller){0};
	if (bearer.len == 0)
		return error_set(err, ERROR_AUTH,
				 "sign in first: a bearer token or a key is "
				 "needed");
	if (slice_starts(bearer, "mk_"))
		return check_key(auth, txn, bearer, caller, err);
	return check_token(auth, txn, bearer, caller, err);
}

void
access_forget(struct auth *auth)
{
	map_clear(&auth->seen, free);
}
