/*
 * account.c - making an account, signing in with a password, changing it.
 *
 * Who is not there, who has no password and who typed the wrong one take the
 * same way: one hash is computed on the pool, and the same words come back.
 */
#include "auth/private.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/store.h"
#include "mneme/utf8.h"

#define WRONG "the e-mail or the password is wrong"

bool
auth_email_fits(struct slice email, struct error *err)
{
	struct slice rest = email, local;

	if (email.len > AUTH_EMAIL_MAX)
		return error_set(err, ERROR_INVALID,
				 "an e-mail address has at most %d bytes",
				 AUTH_EMAIL_MAX);
	if (!slice_split(&rest, '@', &local) || local.len == 0 ||
	    rest.len == 0 || memchr(rest.data, '@', rest.len) ||
	    !utf8_valid(email))
		return error_set(err, ERROR_INVALID,
				 "not an e-mail address (name@host)");
	for (size_t i = 0; i < email.len; i++) {
		unsigned char c = (unsigned char)email.data[i];

		if (c <= ' ' || c == 0x7f || strchr("<>()[],;:\\\"", c))
			return error_set(err, ERROR_INVALID,
					 "an e-mail address holds no blanks, "
					 "brackets or quotes");
	}
	return true;
}

bool
free_name(struct store_txn *txn, struct slice wish, struct arena *arena,
	  struct slice *out, struct error *err)
{
	enum { TRIES = 50 };
	struct slice base = utf8_cut(slice_trim(wish), RECORD_NAME_MAX - 32);
	char text[ID_TEXT + 1];
	struct profile taken;
	bool found = true;

	if (base.len == 0)
		base = slice_of("user");
	for (int i = 1; i <= TRIES && found; i++) {
		*out = i == 1 ? base
			      : slice_of(arena_printf(arena, "%.*s-%d",
						      SLICE_ARG(base), i));
		if (!record_profile_find(txn, *out, arena, &taken, &found, err))
			return false;
	}
	if (found)
		*out = slice_of(arena_printf(arena, "%.*s-%s", SLICE_ARG(base),
					     id_format(id_make(), text)));
	return true;
}

/* ---- register */

static bool
make_account(struct store_txn *txn, void *arg, struct error *err)
{
	struct task *task = arg;
	struct profile p = {.id = task->refresh.profile,
			    .name = task->name,
			    .email = task->email};

	if (p.name.len == 0) {
		struct slice rest = task->email, local;

		slice_split(&rest, '@', &local);
		if (!free_name(txn, local, &task->arena, &p.name, err))
			return false;
	}
	task->good = task->made = true;
	return record_profile_create(txn, &p, err) &&
	       record_password_put(txn, p.id, buf_slice(&task->hash), err) &&
	       session_open(txn, &task->refresh, &task->client, err);
}

static void
hash_new(void *arg)
{
	struct task *task = arg;

	auth_password_hash(task->password, &task->hash, &task->failure);
}

static void
after_hash(void *arg, bool cancelled)
{
	struct task *task = arg;
	struct error err = {0};

	if (cancelled)
		task_refuse(task, ERROR_CANCELLED, "the server stops");
	else if (task->failure.code)
		task_fail(task, &task->failure);
	else if (!task_commit(task, make_account, &err))
		task_fail(task, &err);
}

static bool
name_fits(struct slice name, struct error *err)
{
	if (name.len > RECORD_NAME_MAX || !utf8_valid(name))
		return error_set(err, ERROR_INVALID,
				 "a name is UTF-8 of at most %d bytes",
				 RECORD_NAME_MAX);
	if (memchr(name.len ? name.data : "", '@', name.len))
		return error_set(err, ERROR_INVALID,
				 "a name holds no @: that would be an e-mail "
				 "address");
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.data[i] < ' ' || name.data[i] == 0x7f)
			return error_set(err, ERROR_INVALID,
					 "a name holds no control characters");
	return true;
}

bool
auth_register(struct auth *auth, const struct auth_account *account,
	      const struct auth_client *client, auth_done_fn *done, void *arg,
	      struct error *err)
{
	struct task *task;

	if (!auth_email_fits(account->email, err) ||
	    !name_fits(account->name, err) ||
	    !auth_password_fits(account->password, err))
		return false;
	task = task_make(auth, client, done, arg);
	task->email = arena_copy(&task->arena, account->email);
	task->name = arena_copy(&task->arena, slice_trim(account->name));
	task->password = arena_copy(&task->arena, account->password);
	task->refresh.profile = id_make();
	return task_work(task, hash_new, after_hash, err) || task_give_up(task);
}

/* ---- sign in */

static bool
find_account(struct task *task, struct slice who, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(task->auth->store, err);
	struct profile *p = &task->profile;
	bool found, known = false;

	if (!txn ||
	    !record_profile_by_email(txn, who, &task->arena, p, &found, err))
		return false;
	if (!found &&
	    !record_profile_find(txn, who, &task->arena, p, &found, err))
		return false;
	if (!found)
		return true;
	if (!record_password_get(txn, p->id, &task->arena, &task->stored,
				 &known, err))
		return false;
	task->refresh.profile = p->id;
	return true;
}

static bool
take_slower(void *arg, struct slice hash)
{
	unsigned *slowest = arg;

	*slowest = MAX(*slowest, auth_password_cost(hash));
	return true;
}

static bool
find_slowest(struct task *task, unsigned *slowest)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(task->auth->store, &task->failure);

	*slowest = 0;
	return txn &&
	       record_password_each(txn, take_slower, slowest, &task->failure);
}

/* On the pool. */
static void
check_password(void *arg)
{
	struct task *task = arg;
	unsigned slowest;

	if (find_slowest(task, &slowest))
		auth_password_sign_in(task->password, task->stored, slowest,
				      &task->good, &task->hash, &task->failure);
}

static bool
sign_in(struct store_txn *txn, void *arg, struct error *err)
{
	struct task *task = arg;
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice stored;
	bool found;

	/* The password may have been changed while it was being checked. */
	if (!record_password_get(txn, task->refresh.profile, &arena, &stored,
				 &found, err))
		return false;
	if (!found || !slice_equal(stored, task->stored))
		return error_set(err, ERROR_AUTH, WRONG);
	if (task->hash.len && !record_password_put(txn, task->refresh.profile,
						   buf_slice(&task->hash), err))
		return false;
	return session_open(txn, &task->refresh, &task->client, err);
}

static void
after_check(void *arg, bool cancelled)
{
	struct task *task = arg;
	struct error err = {0};

	if (cancelled)
		task_refuse(task, ERROR_CANCELLED, "the server stops");
	else if (task->failure.code)
		task_fail(task, &task->failure);
	else if (!task->good)
		task_refuse(task, ERROR_AUTH, WRONG);
	else if (!task_commit(task, sign_in, &err))
		task_fail(task, &err);
}

bool
auth_login(struct auth *auth, struct slice who, struct slice password,
	   const struct auth_client *client, auth_done_fn *done, void *arg,
	   struct error *err)
{
	struct task *task = task_make(auth, client, done, arg);

	task->password = arena_copy(&task->arena, password);
	return (find_account(task, who, err) &&
		task_work(task, check_password, after_check, err)) ||
	       task_give_up(task);
}

/* ---- another password */

bool
auth_password_store(struct store_txn *txn, struct id profile, struct slice hash,
		    struct error *err)
{
	struct id all = {{0}};

	return record_password_put(txn, profile, hash, err) &&
	       record_session_delete(txn, profile, all, NULL, err);
}

static void
check_old(void *arg)
{
	struct task *task = arg;
	bool old;

	task->good = task->stored.len == 0;
	if (!task->good &&
	    !auth_password_check(task->old, task->stored, &task->good, &old,
				 &task->failure))
		return;
	if (task->good)
		auth_password_hash(task->password, &task->hash, &task->failure);
}

static bool
store_new(struct store_txn *txn, void *arg, struct error *err)
{
	struct task *task = arg;

	return auth_password_store(txn, task->profile.id,
				   buf_slice(&task->hash), err);
}

static void
after_old(void *arg, bool cancelled)
{
	struct task *task = arg;
	struct error err = {0};

	if (cancelled)
		task_refuse(task, ERROR_CANCELLED, "the server stops");
	else if (task->failure.code)
		task_fail(task, &task->failure);
	else if (!task->good)
		task_refuse(task, ERROR_AUTH, "the old password is wrong");
	else if (!task_commit(task, store_new, &err))
		task_fail(task, &err);
}

static bool
read_old(struct task *task, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(task->auth->store, err);
	bool found;

	return txn && record_password_get(txn, task->profile.id, &task->arena,
					  &task->stored, &found, err);
}

bool
auth_change_password(struct auth *auth, struct id profile, struct slice old,
		     struct slice fresh, auth_done_fn *done, void *arg,
		     struct error *err)
{
	const struct auth_client nobody = {0};
	struct task *task;

	if (!auth_password_fits(fresh, err))
		return false;
	task = task_make(auth, &nobody, done, arg);
	task->profile.id = profile;
	task->old = arena_copy(&task->arena, old);
	task->password = arena_copy(&task->arena, fresh);
	task->no_grant = true;
	return (read_old(task, err) &&
		task_work(task, check_old, after_old, err)) ||
	       task_give_up(task);
}
