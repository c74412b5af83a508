/*
 * session.c - refresh tokens and the sessions that they keep alive.
 *
 * A token is "mr_" and, in base 64, its profile, its session and 256 random
 * bits.  The session holds the hash of the one that is good; those that were
 * used stay beside it as hashes: one of them coming again means that two hold
 * it, and neither can be told from the thief, so the session ends.
 */
#include "auth/private.h"
#include "mneme/arena.h"
#include "mneme/base64.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/store.h"
#include "mneme/utf8.h"

enum { SESSIONS_MAX = 100, TOKEN_BYTES = 2 * ID_BYTES + SESSION_SECRET };

#define SESSION_LIFE (30 * CLOCK_DAY)

bool
refresh_write(const struct refresh *r, struct buf *out)
{
	char bytes[TOKEN_BYTES];

	memcpy(bytes, r->profile.bytes, ID_BYTES);
	memcpy(bytes + ID_BYTES, r->session.bytes, ID_BYTES);
	memcpy(bytes + 2 * ID_BYTES, r->secret, SESSION_SECRET);
	return buf_adds(out, "mr_") &&
	       base64url_write(slice_make(bytes, sizeof(bytes)), out);
}

bool
refresh_read(struct slice text, struct refresh *out)
{
	SCOPED(buf_clear) struct buf bytes;

	buf_init(&bytes, TOKEN_BYTES);
	if (!slice_starts(text, "mr_") ||
	    !base64url_read(slice_make(text.data + 3, text.len - 3), &bytes) ||
	    bytes.len != TOKEN_BYTES)
		return false;
	memcpy(out->profile.bytes, bytes.data, ID_BYTES);
	memcpy(out->session.bytes, bytes.data + ID_BYTES, ID_BYTES);
	memcpy(out->secret, bytes.data + 2 * ID_BYTES, SESSION_SECRET);
	return !id_none(out->profile) && !id_none(out->session);
}

static bool
refresh_hash(const struct refresh *r, uint8_t out[RECORD_HASH],
	     struct error *err)
{
	return digest_sha256(slice_make(r->secret, sizeof(r->secret)), out,
			     err);
}

static bool
make_room(struct store_txn *txn, struct id profile, int64_t now,
	  struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct session *oldest = NULL;
	struct session *list;
	size_t n, left = 0;

	if (!record_session_list(txn, profile, &arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (list[i].expires_at > now) {
			left++;
			if (!oldest || list[i].used_at < oldest->used_at)
				oldest = &list[i];
		} else if (!record_session_delete(txn, profile, list[i].id,
						  NULL, err)) {
			return false;
		}
	}
	return left < SESSIONS_MAX ||
	       record_session_delete(txn, profile, oldest->id, NULL, err);
}

bool
session_open(struct store_txn *txn, const struct refresh *r,
	     const struct auth_client *client, struct error *err)
{
	int64_t now = clock_now();
	struct session s = {
		.id = r->session,
		.profile = r->profile,
		.label = utf8_cut(client->label, RECORD_LABEL_MAX),
		.address = utf8_cut(client->address, RECORD_LABEL_MAX),
		.created_at = now,
		.used_at = now,
		.expires_at = now + SESSION_LIFE,
	};

	return make_room(txn, r->profile, now, err) &&
	       refresh_hash(r, s.refresh, err) &&
	       record_session_put(txn, &s, err);
}

/* ---- refresh */

/* The good token goes, the next one comes.  What is found out is written into
 * the task: a session that ends here must stay ended. */
static bool
rotate(struct store_txn *txn, void *arg, struct error *err)
{
	struct task *task = arg;
	SCOPED(arena_clear) struct arena arena = {0};
	uint8_t hash[RECORD_HASH];
	struct refresh given;
	struct session s;
	struct profile profile;
	bool found = false, spent;
	int64_t now = clock_now();

	task->good = false;
	if (!refresh_read(task->password, &given) ||
	    !refresh_hash(&given, hash, err) ||
	    !record_session_get(txn, given.profile, given.session, &arena, &s,
				&found, err))
		return false;
	if (found && !record_profile_get(txn, given.profile, &arena, &profile,
					 &found, err))
		return false;
	if (!found)
		return true;
	if (s.expires_at <= now)
		return record_session_delete(txn, s.profile, s.id, NULL, err);
	if (!digest_same(hash, s.refresh, sizeof(hash))) {
		if (!record_session_spent(txn, s.profile, s.id, hash, &spent,
					  err))
			return false;
		return !spent ||
		       record_session_delete(txn, s.profile, s.id, NULL, err);
	}
	if (!record_session_spend(txn, s.profile, s.id, hash, err) ||
	    !refresh_hash(&task->refresh, s.refresh, err))
		return false;
	s.used_at = now;
	if (!record_session_put(txn, &s, err))
		return false;
	task->good = true;
	return true;
}

bool
auth_refresh(struct auth *auth, struct slice token, auth_done_fn *done,
	     void *arg, struct error *err)
{
	const struct auth_client nobody = {0};
	struct refresh given;
	struct task *task;

	if (token.len > REFRESH_TEXT_MAX || !refresh_read(token, &given))
		return error_set(err, ERROR_AUTH,
				 "the refresh token is not valid, or no "
				 "longer");
	task = task_make(auth, &nobody, done, arg);
	task->password = arena_copy(&task->arena, token);
	task->refresh.profile = given.profile;
	task->refresh.session = given.session;
	error_set(&task->failure, ERROR_AUTH,
		  "the refresh token is not valid, or no longer");
	return task_commit(task, rotate, err) || task_give_up(task);
}

/* ---- logout */

/* The session that a refresh token names, for who has the token: whose ids
 * stand in it may be known to others. */
static bool
end_named(struct store_txn *txn, const struct task *task, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	uint8_t hash[RECORD_HASH];
	struct refresh given;
	struct session s;
	bool found, known = false;

	if (!refresh_read(task->password, &given) ||
	    !id_equal(given.profile, task->profile.id))
		return true;
	if (!refresh_hash(&given, hash, err) ||
	    !record_session_get(txn, given.profile, given.session, &arena, &s,
				&found, err))
		return false;
	if (!found)
		return true;
	if (!record_session_spent(txn, s.profile, s.id, hash, &known, err))
		return false;
	if (!known && !digest_same(hash, s.refresh, sizeof(hash)))
		return true;
	return record_session_delete(txn, s.profile, s.id, NULL, err);
}

static bool
end_session(struct store_txn *txn, void *arg, struct error *err)
{
	struct task *task = arg;
	bool was;

	task->good = true;
	if (!end_named(txn, task, err))
		return false;
	if (id_none(task->refresh.session))
		return true;
	if (!record_session_delete(txn, task->profile.id, task->refresh.session,
				   &was, err))
		return false;
	task->made = was;
	return true;
}

bool
auth_logout(struct auth *auth, struct id profile, struct id session,
	    struct slice refresh, auth_done_fn *done, void *arg,
	    struct error *err)
{
	const struct auth_client nobody = {0};
	struct task *task = task_make(auth, &nobody, done, arg);

	task->profile.id = profile;
	task->refresh.session = session;
	task->password = arena_copy(&task->arena, refresh);
	task->no_grant = true;
	return task_commit(task, end_session, err) || task_give_up(task);
}
