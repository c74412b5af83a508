/*
 * mneme doctor: is the work in the store's queue getting done?
 *
 * A job is stuck when it failed and waits for another try, or when it has been
 * due for long; what is put aside is not tried again, and says why.
 */
#include "cli.h"
#include "mneme/clock.h"
#include "mneme/store.h"

#define LONG_DUE CLOCK_HOUR

enum job_state { JOB_WAITS, JOB_RUNS, JOB_STUCK, JOB_ASIDE, JOB_STATES };

static const char *const state_names[JOB_STATES] = {
	[JOB_WAITS] = "waiting",
	[JOB_RUNS] = "running",
	[JOB_STUCK] = "stuck",
	[JOB_ASIDE] = "put aside",
};

static enum job_state
state_of(const struct job *j, int64_t now)
{
	if (j->poison)
		return JOB_ASIDE;
	if (j->lease_until > now && record_owner_alive(j->owner))
		return JOB_RUNS;
	if (j->error.len || j->lease_until || now - j->due > LONG_DUE)
		return JOB_STUCK;
	return JOB_WAITS;
}

/* One row stands for all that waits of an index: it is never long due. */
static bool
is_work(const struct job *j)
{
	return !slice_is(j->kind, "index");
}

static void
print_job(struct cli *cli, const struct job *j, enum job_state state)
{
	struct printer *p = &cli->printer;

	printer_map(p);
	printer_key(p, "kind");
	printer_string(p, j->kind);
	printer_key(p, "id");
	printer_id(p, j->id);
	printer_key(p, "state");
	printer_string(p, slice_of(state_names[state]));
	printer_key(p, "attempts");
	printer_int(p, j->attempts);
	printer_key(p, "created_at");
	printer_time(p, j->created_at);
	printer_key(p, "error");
	j->error.len ? printer_string(p, j->error) : printer_null(p);
	printer_end(p);
}

static void
show_job(struct cli *cli, const struct job *j, enum job_state state)
{
	char id[ID_TEXT + 1], at[CLOCK_TEXT];

	buf_addf(&cli->out, "%s: %.*s %s, since %s, tried %u times",
		 state_names[state], SLICE_ARG(j->kind), id_format(j->id, id),
		 clock_format(j->created_at / CLOCK_SECOND * CLOCK_SECOND, at),
		 j->attempts);
	if (j->error.len) {
		buf_adds(&cli->out, "\n  ");
		cli_show_line(cli, j->error, 300);
	}
	buf_addc(&cli->out, '\n');
}

static void
show_counts(struct cli *cli, const size_t counts[JOB_STATES])
{
	if (counts[JOB_STUCK] + counts[JOB_ASIDE] == 0)
		buf_adds(&cli->out, "Nothing is stuck.\n");
	buf_addf(&cli->out,
		 "%zu jobs wait, %zu run, %zu are stuck, %zu are put aside\n",
		 counts[JOB_WAITS], counts[JOB_RUNS], counts[JOB_STUCK],
		 counts[JOB_ASIDE]);
	if (counts[JOB_WAITS] + counts[JOB_STUCK])
		buf_adds(&cli->out, "What waits is done by mneme chat, mneme "
				    "serve, or the next mneme ask.\n");
}

bool
cli_doctor(struct cli *cli, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	size_t n, counts[JOB_STATES] = {0};
	int64_t now = clock_now();
	bool json = cli->options.json;
	struct job *jobs;

	if (!txn || !record_job_list(txn, (struct slice){0}, &cli->arena, &jobs,
				     &n, err))
		return false;
	if (json) {
		printer_map(&cli->printer);
		printer_key(&cli->printer, "jobs");
		printer_list(&cli->printer);
	}
	for (size_t i = 0; i < n; i++) {
		enum job_state state = state_of(&jobs[i], now);

		if (!is_work(&jobs[i]))
			continue;
		counts[state]++;
		if (json)
			print_job(cli, &jobs[i], state);
		else if (state == JOB_STUCK || state == JOB_ASIDE)
			show_job(cli, &jobs[i], state);
	}
	if (json) {
		printer_end(&cli->printer);
		printer_end(&cli->printer);
	} else {
		show_counts(cli, counts);
	}
	return true;
}
