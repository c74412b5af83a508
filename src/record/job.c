/*
 * job.c - work that must survive, leased so that nobody does it twice.
 *
 * STORE_JOBS: kind in 16 bytes, the time from which it may be leased, id ->
 * record.  That time is the lease's end while one holds it, and the end of
 * time for what is put aside: the first row of a kind says all there is to
 * know.  Leases are taken in a write transaction, which runs alone.
 */
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/utf8.h"
#include "record/key.h"
#include "record/rows.h"

enum { WHY_MAX = 1024, DOUBLINGS = 12 };

#define BACKOFF_MAX CLOCK_HOUR

static struct key
kind_key(struct slice kind)
{
	static const char zeros[RECORD_KIND_MAX];
	struct key key = {0};
	size_t len = MIN(kind.len, (size_t)RECORD_KIND_MAX);

	key_add(&key, kind.data, len);
	return *key_add(&key, zeros, RECORD_KIND_MAX - len);
}

static int64_t
from_when(const struct job *j)
{
	if (j->poison)
		return INT64_MAX;
	return j->lease_until ? j->lease_until : j->due;
}

static struct key
job_key(const struct job *j)
{
	struct key key = kind_key(j->kind);

	return *key_id(key_time(&key, from_when(j)), j->id);
}

static bool
save(struct store_txn *txn, const struct job *j, struct error *err)
{
	struct key key = job_key(j);

	return row_put(txn, STORE_JOBS, key_slice(&key), row_job, j, sizeof(*j),
		       err);
}

bool
record_job_drop(struct store_txn *txn, const struct job *j, struct error *err)
{
	struct key key = job_key(j);

	return store_delete(txn, STORE_JOBS, key_slice(&key), NULL, err);
}

bool
record_job_add(struct store_txn *txn, struct job *j, struct error *err)
{
	if (j->kind.len == 0 || j->kind.len > RECORD_KIND_MAX)
		return error_set(err, ERROR_INVALID,
				 "a job's kind has 1 to %d bytes",
				 RECORD_KIND_MAX);
	if (id_none(j->id))
		j->id = id_make();
	if (j->created_at == 0)
		j->created_at = clock_now();
	if (j->due == 0)
		j->due = j->created_at;
	return save(txn, j, err);
}

/* The row of `kind` that may be leased first. */
static bool
first_job(struct store_txn *txn, struct slice kind, struct arena *arena,
	  struct job *out, bool *found, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = kind_key(kind);
	struct slice key, value;
	struct job j = {0};

	cursor = store_scan(txn, STORE_JOBS, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	*found = store_next(cursor, &key, &value);
	if (*found && !row_read(value, row_job, &j, arena, err))
		return false;
	*out = j;
	return store_scan_end(&cursor, err);
}

/* Those of one person that may be leased, in order. */
static bool
due_jobs(struct store_txn *txn, const struct job_lease *lease,
	 struct arena *arena, struct job *out, size_t *n, int64_t *next,
	 struct error *err)
{
	struct id profile = lease->profile;
	bool anybody = id_none(profile);
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = kind_key(lease->kind);
	struct slice key, value;

	*n = 0;
	*next = 0;
	cursor = store_scan(txn, STORE_JOBS, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*next == 0 && store_next(cursor, &key, &value)) {
		struct job j = {0};

		if (!row_read(value, row_job, &j, arena, err))
			return false;
		if (j.poison)
			break;
		if (id_none(profile))
			profile = j.profile;
		bool ours = id_equal(j.profile, profile);
		if (ours && *n < lease->max && from_when(&j) <= lease->now)
			out[(*n)++] = j;
		else if (ours || anybody)
			*next = from_when(&j);
	}
	return store_scan_end(&cursor, err);
}

bool
record_job_lease_many(struct store_txn *txn, const struct job_lease *lease,
		      struct arena *arena, struct job *out, size_t *n,
		      int64_t *next, struct error *err)
{
	if (!due_jobs(txn, lease, arena, out, n, next, err))
		return false;
	for (size_t i = 0; i < *n; i++) {
		if (!record_job_drop(txn, &out[i], err))
			return false;
		out[i].owner = arena_copy(arena, lease->owner);
		out[i].lease_until = lease->until;
		out[i].attempts++;
		if (!save(txn, &out[i], err))
			return false;
	}
	return true;
}

bool
record_job_lease(struct store_txn *txn, const struct job_lease *lease,
		 struct arena *arena, struct job *out, bool *found,
		 struct error *err)
{
	struct job_lease one = *lease;
	int64_t next;
	size_t n;

	one.max = 1;
	if (!record_job_lease_many(txn, &one, arena, out, &n, &next, err))
		return false;
	*found = n == 1;
	return true;
}

bool
record_job_free_dead(struct store_txn *txn, struct slice kind,
		     uint32_t max_attempts, size_t *freed, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct job *jobs;
	size_t n;

	*freed = 0;
	if (!record_job_list(txn, kind, &arena, &jobs, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct job *j = &jobs[i];

		if (j->lease_until == 0 || j->poison ||
		    record_owner_alive(j->owner))
			continue;
		if (!record_job_drop(txn, j, err))
			return false;
		j->owner = (struct slice){0};
		j->lease_until = 0;
		j->poison = j->attempts >= max_attempts;
		if (j->poison)
			j->error = slice_of("the process died each time that "
					    "it was tried");
		if (!save(txn, j, err))
			return false;
		++*freed;
	}
	return true;
}

/* What is stored under the lease that `j` is. */
static bool
held(struct store_txn *txn, const struct job *j, struct arena *arena,
     struct job *stored, struct error *err)
{
	struct key key = job_key(j);
	bool found;

	*stored = (struct job){0};
	if (!row_get(txn, STORE_JOBS, key_slice(&key), row_job, stored, arena,
		     &found, err))
		return false;
	if (!found || !slice_equal(stored->owner, j->owner))
		return error_set(err, ERROR_CONFLICT,
				 "the job's lease has passed to another");
	return true;
}

bool
record_job_finish(struct store_txn *txn, const struct job *j, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct job stored;

	return held(txn, j, &arena, &stored, err) &&
	       record_job_drop(txn, &stored, err);
}

static int64_t
back_off(uint32_t attempts)
{
	uint32_t doublings = MIN(attempts ? attempts - 1 : 0, DOUBLINGS);

	return MIN(CLOCK_SECOND << doublings, BACKOFF_MAX);
}

/* What is stored under the lease that `j` is, taken out and nobody's. */
static bool
take_back(struct store_txn *txn, const struct job *j, struct arena *arena,
	  struct job *out, struct error *err)
{
	if (!held(txn, j, arena, out, err) || !record_job_drop(txn, out, err))
		return false;
	out->owner = (struct slice){0};
	out->lease_until = 0;
	return true;
}

bool
record_job_fail(struct store_txn *txn, const struct job *j, struct slice why,
		int64_t now, int64_t wait, uint32_t max_attempts,
		struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct job next;

	if (!take_back(txn, j, &arena, &next, err))
		return false;
	next.error = utf8_cut(why, WHY_MAX);
	next.poison = next.attempts >= max_attempts;
	next.due = now + (wait >= 0 ? wait : back_off(next.attempts));
	return save(txn, &next, err);
}

bool
record_job_release(struct store_txn *txn, const struct job *j,
		   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct job next;

	if (!take_back(txn, j, &arena, &next, err))
		return false;
	next.attempts -= next.attempts > 0;
	return save(txn, &next, err);
}

bool
record_job_list(struct store_txn *txn, struct slice kind, struct arena *arena,
		struct job **out, size_t *n, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = {0};
	struct slice key, value;
	struct job *list;
	uint64_t count;

	if (kind.len > 0)
		prefix = kind_key(kind);
	if (!store_count(txn, STORE_JOBS, &count, err))
		return false;
	list = arena_alloc(arena, (size_t)count + 1, sizeof(*list));
	*n = 0;
	cursor = store_scan(txn, STORE_JOBS, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*n < count && store_next(cursor, &key, &value))
		if (!row_read(value, row_job, &list[(*n)++], arena, err))
			return false;
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_job_next_due(struct store_txn *txn, struct slice kind, int64_t *due,
		    struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct job j;
	bool found;

	if (!first_job(txn, kind, &arena, &j, &found, err))
		return false;
	*due = found && !j.poison ? from_when(&j) : 0;
	return true;
}
