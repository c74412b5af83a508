/* The doctor's checks of what is kept: folder, store, indexes, jobs. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"
#include "mneme/clock.h"
#include "mneme/file.h"
#include "mneme/store.h"
#include "setup.h"

enum { MIB = 1 << 20, LITTLE_ROOM = 64 /* MiB */, SAID_MAX = 20 };

bool
doctor_data(struct doctor *d)
{
	struct error err = {0};
	const char *dir = setup_data_dir(d->cli, &err);
	struct statvfs room;
	struct stat st;

	if (!dir) {
		doctor_say_error(d, NULL, &err);
		return false;
	}
	if (stat(dir, &st) != 0) {
		doctor_say(d, DOCTOR_OK, NULL,
			   "%s is not there; the first command makes it", dir);
		return false;
	}
	if (access(dir, R_OK | W_OK | X_OK) != 0) {
		doctor_say(d, DOCTOR_BROKEN, NULL, "%s cannot be written: %s",
			   dir, strerror(errno));
		return false;
	}
	if (st.st_mode & 077)
		doctor_say(d, DOCTOR_SETUP,
			   arena_printf(&d->cli->arena, "chmod 700 %s", dir),
			   "others may enter %s (mode %04o)", dir,
			   (unsigned)st.st_mode & 07777);
	if (statvfs(dir, &room) != 0)
		return true;
	uint64_t left = (uint64_t)room.f_bavail * room.f_frsize / MIB;
	doctor_say(d, left < LITTLE_ROOM ? DOCTOR_BROKEN : DOCTOR_OK, NULL,
		   "%s: %llu MiB of room", dir, (unsigned long long)left);
	return true;
}

static bool
list_people(struct doctor *d, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(d->cli->store, err);

	return txn && record_profile_list(txn, &d->cli->arena, &d->people,
					  &d->people_count, err);
}

/* Whose model is looked at: nobody's own where there is no such person. */
static bool
find_person(struct doctor *d, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(d->cli->store, err);
	const char *name = d->cli->options.profile;
	struct profile who;
	bool found;

	if (!name)
		name = setting_text(d->cli, "MNEME_PROFILE");
	if (!txn || !record_profile_find(txn, slice_of(name), &d->cli->arena,
					 &who, &found, err))
		return false;
	if (found)
		d->cli->profile = who;
	return true;
}

bool
doctor_store(struct doctor *d)
{
	struct cli *cli = d->cli;
	const char *dir = setup_data_dir(cli, NULL);
	struct error err = {0};
	struct store_info info;
	SCOPED(free_pointer) char *name = path_join(dir, "store");

	if (!file_exists(name)) {
		doctor_say(d, DOCTOR_OK, NULL,
			   "none yet; the first command makes it");
		return true;
	}
	cli->store = store_open(dir, &err);
	if (!cli->store || !store_info(cli->store, &info, &err) ||
	    !list_people(d, &err) || !find_person(d, &err)) {
		doctor_say_error(d, NULL, &err);
		store_close(&cli->store);
		return false;
	}
	doctor_say(d, DOCTOR_OK, NULL,
		   "generation %u, schema %u, %.1f MiB, %.1f of it free",
		   info.generation, info.schema, (double)info.bytes / MIB,
		   (double)info.bytes_free / MIB);
	doctor_say(
		d, info.readers == info.readers_max ? DOCTOR_NOTE : DOCTOR_OK,
		NULL, "%u of %u places for readers used, %u stale ones cleared",
		info.readers, info.readers_max, info.stale);
	return true;
}

static void
say_problem(void *arg, const char *text)
{
	struct doctor *d = arg;

	if (d->said[DOCTOR_BROKEN] < SAID_MAX)
		doctor_say(d, DOCTOR_BROKEN, "mneme check", "%s", text);
}

bool
doctor_records(struct doctor *d)
{
	struct record_check found;
	struct error err = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(d->cli->store, &err);

	if (!txn || !record_check(txn, say_problem, d, &found, &err)) {
		doctor_say_error(d, NULL, &err);
		return false;
	}
	if (found.problems == 0)
		doctor_say(d, DOCTOR_OK, NULL,
			   "people %llu, conversations %llu, messages %llu, "
			   "memories %llu: all sound",
			   (unsigned long long)found.profiles,
			   (unsigned long long)found.conversations,
			   (unsigned long long)found.messages,
			   (unsigned long long)found.memories);
	return true;
}

/* ---- indexes ---- */

static void
say_index(struct doctor *d, const struct profile *who,
	  const struct memory_index_state *at)
{
	const char *mend = "mneme check";

	if (*at->trouble)
		doctor_say(d, DOCTOR_BROKEN, mend,
			   "%.*s: the files cannot be used: %s; they are made "
			   "anew",
			   SLICE_ARG(who->name), at->trouble);
	if (*at->vector_trouble)
		doctor_say(d, DOCTOR_NOTE, mend,
			   "%.*s: the vectors are made anew: %s",
			   SLICE_ARG(who->name), at->vector_trouble);
	doctor_say(d, DOCTOR_OK, NULL,
		   "%.*s: %zu documents, %llu changes behind, %zu without a "
		   "vector",
		   SLICE_ARG(who->name), at->documents,
		   (unsigned long long)at->behind, at->lacking);
}

bool
doctor_index(struct doctor *d)
{
	struct cli *cli = d->cli;
	struct error err = {0};

	if (!cli_memory(cli, &err)) {
		doctor_say_error(d, NULL, &err);
		return false;
	}
	for (size_t i = 0; i < d->people_count; i++) {
		struct memory_index_state at;

		if (d->people[i].deleting)
			continue;
		if (memory_index_state(cli->memory, d->people[i].id,
				       &cli->arena, &at, &err))
			say_index(d, &d->people[i], &at);
		else
			doctor_say_error(d, NULL, &err);
	}
	return true;
}

/* ---- jobs ---- */

/* It failed and waits for another try, or nobody did it for long. */
static bool
is_stuck(const struct job *j, int64_t now)
{
	bool runs = j->lease_until > now && record_owner_alive(j->owner);

	return !runs &&
	       (j->error.len || j->lease_until || now - j->due > CLOCK_HOUR);
}

static void
say_job(struct doctor *d, const struct job *j)
{
	char id[ID_TEXT + 1], at[CLOCK_TEXT];

	doctor_say(
		d, j->poison ? DOCTOR_BROKEN : DOCTOR_NOTE,
		j->poison ? NULL : "mneme serve",
		"%s: %.*s %s, since %s, tried %u %s%s%.*s",
		j->poison ? "put aside" : "stuck", SLICE_ARG(j->kind),
		id_format(j->id, id),
		clock_format(j->created_at / CLOCK_SECOND * CLOCK_SECOND, at),
		j->attempts, plural(j->attempts, "time", "times"),
		j->error.len ? ": " : "", (int)MIN(j->error.len, (size_t)300),
		j->error.len ? j->error.data : "");
}

bool
doctor_jobs(struct doctor *d)
{
	struct error err = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(d->cli->store, &err);
	size_t n, waiting = 0, stuck = 0, aside = 0;
	int64_t now = clock_now();
	struct job *jobs;

	if (!txn || !record_job_list(txn, (struct slice){0}, &d->cli->arena,
				     &jobs, &n, &err)) {
		doctor_say_error(d, NULL, &err);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		/* One row stands for all that waits of an index. */
		bool late = !slice_is(jobs[i].kind, "index") &&
			    is_stuck(&jobs[i], now);

		aside += jobs[i].poison;
		stuck += late && !jobs[i].poison;
		waiting += !late && !jobs[i].poison;
		if ((late || jobs[i].poison) && stuck + aside <= SAID_MAX)
			say_job(d, &jobs[i]);
	}
	if (stuck + aside == 0)
		doctor_say(d, DOCTOR_OK, NULL,
			   "nothing is stuck; %zu wait or run", waiting);
	else
		doctor_say(d, DOCTOR_NOTE, NULL,
			   "%zu wait or run, %zu are stuck, %zu are put aside",
			   waiting, stuck, aside);
	return true;
}
