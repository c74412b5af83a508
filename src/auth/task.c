/*
 * task.c - a sign-in on its way: what was asked, what was found, who is told.
 *
 * Three stations, each of which may be left out: the pool (hashing), the
 * writer (one change), the loop, where `done` is called and the task ends.
 * Each station has the task for itself.
 */
#include <stdlib.h>

#include "auth/private.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/store.h"

enum { THREADS = 2, WAITING = 64 };

struct auth *
auth_create(struct loop *loop, struct store *store,
	    const struct auth_settings *settings, struct error *err)
{
	struct auth *auth;

	if (settings->secret.len < AUTH_SECRET_MIN) {
		error_set(err, ERROR_SETUP,
			  "SECRET_KEY has %zu %s; it needs at least %d",
			  settings->secret.len,
			  plural(settings->secret.len, "byte", "bytes"),
			  AUTH_SECRET_MIN);
		return NULL;
	}
	auth = xcalloc(1, sizeof(*auth));
	auth->loop = loop;
	auth->store = store;
	auth->secret = slice_dup(settings->secret);
	auth->secret_len = settings->secret.len;
	auth->access_life = settings->access_life;
	auth->work = work_create(loop, THREADS, WAITING);
	if (settings->firebase_project)
		auth->google = google_create(loop, settings);
	return auth;
}

void
auth_destroy(struct auth **auth)
{
	if (!*auth)
		return;
	google_destroy(&(*auth)->google);
	work_destroy(&(*auth)->work);
	while ((*auth)->running) /* changes that the writer has */
		loop_turn((*auth)->loop, true);
	access_forget(*auth);
	explicit_bzero((*auth)->secret, (*auth)->secret_len);
	free((*auth)->secret);
	free(*auth);
	*auth = NULL;
}

struct task *
task_make(struct auth *auth, const struct auth_client *client,
	  auth_done_fn *done, void *arg)
{
	struct task *task = xcalloc(1, sizeof(*task));

	auth->running++;
	task->auth = auth;
	task->done = done;
	task->arg = arg;
	buf_init(&task->hash, RECORD_PASSWORD_MAX);
	task->client.label = arena_copy(&task->arena, client->label);
	task->client.address = arena_copy(&task->arena, client->address);
	random_bytes(task->refresh.secret, sizeof(task->refresh.secret));
	task->refresh.session = id_make();
	list_init(&task->link);
	return task;
}

/* A hash costs so much memory and time that only so many may wait. */
bool
task_work(struct task *task, work_run_fn *run, work_done_fn *done,
	  struct error *err)
{
	if (work_submit(task->auth->work, run, done, task, err))
		return true;
	if (err->code == ERROR_BUSY)
		error_set(err, ERROR_BUSY,
			  "%d sign-ins wait already; try again in a moment",
			  WAITING);
	return false;
}

static void
wipe(struct slice secret)
{
	if (secret.len)
		explicit_bzero((char *)secret.data, secret.len);
}

static void
task_drop(struct task *task)
{
	wipe(task->password);
	wipe(task->old);
	explicit_bzero(&task->refresh, sizeof(task->refresh));
	list_unlink(&task->link);
	task->auth->running--;
	buf_clear(&task->hash);
	arena_clear(&task->arena);
	free(task);
}

bool
task_give_up(struct task *task)
{
	task_drop(task);
	return false;
}

void
task_fail(struct task *task, const struct error *err)
{
	task->done(task->arg, NULL, err);
	task_drop(task);
}

void
task_refuse(struct task *task, enum error_code code, const char *why)
{
	error_set(&task->failure, code, "%s", why);
	task_fail(task, &task->failure);
}

/* The e-mail to show where the profile has none. */
static bool
show_email(struct store_txn *txn, struct task *task, struct error *err)
{
	struct identity *list;
	size_t n;

	if (task->profile.email.len)
		return true;
	if (!record_identity_list(txn, task->profile.id, &task->arena, &list,
				  &n, err))
		return false;
	for (size_t i = 0; i < n && !task->profile.email.len; i++)
		task->profile.email = list[i].email;
	return true;
}

static bool
read_profile(struct task *task, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(task->auth->store, err);
	bool found;

	if (!txn ||
	    !record_profile_get(txn, task->refresh.profile, &task->arena,
				&task->profile, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_AUTH, "the account is gone");
	return show_email(txn, task, err);
}

static void
task_grant(struct task *task)
{
	SCOPED(buf_clear) struct buf access;
	SCOPED(buf_clear) struct buf refresh;
	struct error err = {0};

	buf_init(&access, AUTH_TOKEN_MAX);
	buf_init(&refresh, REFRESH_TEXT_MAX);
	if (task->no_grant) {
		task->done(task->arg, NULL, NULL);
		task_drop(task);
		return;
	}
	if (!read_profile(task, &err) ||
	    !access_write(task->auth, task->refresh.profile,
			  task->refresh.session, clock_now(), &access, &err)) {
		task_fail(task, &err);
		return;
	}
	refresh_write(&task->refresh, &refresh);
	const struct auth_grant grant = {
		.profile = task->profile,
		.access = buf_slice(&access),
		.refresh = buf_slice(&refresh),
		.expires_in = task->auth->access_life,
		.made = task->made,
	};
	task->done(task->arg, &grant, NULL);
	task_drop(task);
}

static void
committed(void *arg, const struct error *err)
{
	struct task *task = arg;

	if (err)
		task_fail(task, err);
	else if (task->good)
		task_grant(task);
	else
		task_fail(task, &task->failure);
}

bool
task_commit(struct task *task,
	    bool (*change)(struct store_txn *, void *, struct error *),
	    struct error *err)
{
	return store_submit(task->auth->store, task->auth->loop, change, task,
			    committed, err);
}
