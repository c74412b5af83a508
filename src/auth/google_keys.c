/*
 * google_keys.c - the certificates that Firebase signs with, kept as long as
 * their answer's max-age says.
 *
 * One fetch at a time; tasks wait for it in a line.  A name that is unknown
 * makes for an early fetch, at most once a minute, so that made-up names cost
 * nobody anything.  When the keys cannot be had, the last ones serve on for a
 * day.
 */
#include "auth/private.h"
#include "mneme/clock.h"
#include "mneme/fetch.h"
#include "mneme/json.h"
#include "mneme/log.h"
#include "mneme/loop.h"

enum { KEYS_MAX = 32, WAITING_MAX = 256 };

#define AGE_DEFAULT CLOCK_HOUR
#define AGE_MAX CLOCK_DAY
#define STALE_MAX CLOCK_DAY
#define FETCH_EVERY CLOCK_MINUTE

static void
drop_key(void *value)
{
	struct rsa_key *key = value;

	rsa_key_drop(&key);
}

void
google_forget_keys(struct google *google)
{
	if (google->call)
		fetch_cancel(&google->call);
	while (!list_empty(&google->waiting)) {
		struct task *task =
			HOLDER(google->waiting.next, struct task, link);

		list_unlink(&task->link);
		task_refuse(task, ERROR_CANCELLED, "the server stops");
	}
	map_clear(&google->keys, drop_key);
}

static int64_t
max_age(struct slice cache_control)
{
	struct slice rest = cache_control, part;
	int64_t seconds;

	while (slice_split(&rest, ',', &part)) {
		part = slice_trim(part);
		if (slice_starts(part, "max-age=") &&
		    slice_number(slice_make(part.data + 8, part.len - 8),
				 &seconds))
			return MIN(MAX(seconds, (int64_t)0) * CLOCK_SECOND,
				   AGE_MAX);
	}
	return AGE_DEFAULT;
}

static bool
read_keys(struct google *google, struct error *err)
{
	SCOPED(json_drop)
	json_t *json = json_read(buf_slice(&google->answer), err);
	struct map keys = {0};
	const char *name;
	json_t *pem;

	if (!json)
		return false;
	json_object_foreach(json, name, pem)
	{
		struct rsa_key *key;

		if (!json_is_string(pem) || keys.count >= KEYS_MAX)
			continue;
		key = rsa_key_read(json_slice(pem), err);
		if (key)
			drop_key(map_put(&keys, slice_of(name), key));
	}
	if (keys.count == 0)
		return error_set(err, ERROR_UPSTREAM,
				 "no certificates in the answer");
	map_clear(&google->keys, drop_key);
	google->keys = keys;
	return true;
}

static void
on_head(void *arg, const struct fetch_head *head)
{
	struct google *google = arg;

	google->status = head->status;
	google->max_age = max_age(head->cache_control);
}

static bool
on_body(void *arg, struct slice bytes)
{
	struct google *google = arg;

	return buf_add_slice(&google->answer, bytes);
}

/* Those in the line go on, with the keys that there are now. */
static void
serve_line(struct google *google)
{
	struct list line;

	if (list_empty(&google->waiting))
		return;
	line = google->waiting;
	line.next->prev = line.prev->next = &line;
	list_init(&google->waiting);
	google->waiting_count = 0;
	while (!list_empty(&line)) {
		struct task *task = HOLDER(line.next, struct task, link);

		list_unlink(&task->link);
		google_verify(google, task);
	}
}

static void
on_end(void *arg, const struct error *err)
{
	struct google *google = arg;
	struct error why = {0};

	google->call = NULL;
	if (err)
		why = *err;
	else if (google->status != 200)
		error_set(&why, ERROR_UPSTREAM, "status %d", google->status);
	else if (read_keys(google, &why))
		why.code = ERROR_NONE;
	if (why.code)
		log_warn("auth", "Google's keys cannot be had: %s", why.text);
	else
		google->expires = loop_now(google->loop) + google->max_age;
	serve_line(google);
}

static bool
fetch_keys(struct google *google)
{
	const struct fetch_events events = {on_head, on_body, on_end, google};
	const struct fetch_request request = {
		.method = "GET",
		.url = google->certs,
		.body_max = google->answer.max,
	};
	struct error err = {0};

	if (!google->fetch)
		return false;
	google->fetched = loop_now(google->loop);
	google->status = 0;
	buf_reset(&google->answer);
	google->call = fetch_start(google->fetch, &request, &events, &err);
	if (!google->call)
		log_warn("auth", "Google's keys cannot be had: %s", err.text);
	return google->call != NULL;
}

const struct rsa_key *
google_key(struct google *google, struct task *task, struct slice name,
	   bool *later)
{
	int64_t now = loop_now(google->loop);
	const struct rsa_key *key = map_get(&google->keys, name);
	bool fresh = google->expires > now;
	bool may_fetch =
		google->fetched == 0 || now - google->fetched >= FETCH_EVERY;

	*later = false;
	if (key && fresh)
		return key;
	if (google->call || (may_fetch && fetch_keys(google))) {
		if (google->waiting_count >= WAITING_MAX)
			return NULL;
		google->waiting_count++;
		list_insert(&google->waiting, &task->link);
		*later = true;
		return NULL;
	}
	return key && now < google->expires + STALE_MAX ? key : NULL;
}
