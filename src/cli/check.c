/* mneme check: every invariant of the store, and what is left of a text. */
#include <stdarg.h>

#include "cli.h"
#include "mneme/config.h"
#include "mneme/store.h"

struct checking {
	struct cli *cli;
	uint64_t places;
};

static void
say_problem(void *arg, const char *text)
{
	struct checking *c = arg;
	struct cli *cli = c->cli;

	if (cli->options.json) {
		printer_string(&cli->printer, slice_of(text));
		return;
	}
	cli_show_line(cli, slice_of(text), 1000);
	buf_addc(&cli->out, '\n');
}

static void
print_count(struct printer *p, const char *key, uint64_t n)
{
	printer_add_int(p, key, (int64_t)n);
}

static void say_index(struct checking *c, struct record_check *check,
		      const char *fmt, ...) PRINTF(3, 4);

static void
say_index(struct checking *c, struct record_check *check, const char *fmt, ...)
{
	char text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	check->problems++;
	say_problem(c, text);
}

static bool
check_index(struct checking *c, const struct profile *who,
	    struct record_check *check, struct error *err)
{
	struct memory_index_state at;

	if (who->deleting)
		return true;
	if (!memory_index_verify(c->cli->memory, who->id, &c->cli->arena, &at,
				 err))
		return false;
	if (*at.trouble)
		say_index(c, check,
			  "the index of %.*s could not be used (%s); it has "
			  "been made anew",
			  SLICE_ARG(who->name), at.trouble);
	if (*at.vector_trouble)
		say_index(c, check,
			  "the vectors of %.*s could not be used (%s); the "
			  "next recall makes them anew",
			  SLICE_ARG(who->name), at.vector_trouble);
	if (at.missing || at.extra)
		say_index(c, check,
			  "the index of %.*s lacks %zu documents and has %zu "
			  "too many: delete the folder %s, and the next "
			  "recall makes it anew",
			  SLICE_ARG(who->name), at.missing, at.extra,
			  at.folder);
	return true;
}

/* With no transaction open: the indexes are fed from the store. */
static bool
check_indexes(struct checking *c, struct record_check *check, struct error *err)
{
	struct profile *people = NULL;
	size_t n = 0;
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(c->cli->store, err);

		if (!txn ||
		    !record_profile_list(txn, &c->cli->arena, &people, &n, err))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!check_index(c, &people[i], check, err))
			return false;
	return true;
}

static void
print_counts(struct cli *cli, const struct record_check *check)
{
	struct printer *p = &cli->printer;

	if (!cli->options.json) {
		buf_addf(&cli->out,
			 "profiles %llu, conversations %llu, messages %llu, "
			 "memories %llu, jobs %llu (%llu put aside): %llu "
			 "problems\n",
			 (unsigned long long)check->profiles,
			 (unsigned long long)check->conversations,
			 (unsigned long long)check->messages,
			 (unsigned long long)check->memories,
			 (unsigned long long)check->jobs,
			 (unsigned long long)check->poison,
			 (unsigned long long)check->problems);
		return;
	}
	printer_end(p);
	print_count(p, "profiles", check->profiles);
	print_count(p, "conversations", check->conversations);
	print_count(p, "messages", check->messages);
	print_count(p, "memories", check->memories);
	print_count(p, "jobs", check->jobs);
	print_count(p, "put_aside", check->poison);
	printer_end(p);
}

static bool
check_rows(struct checking *c, struct record_check *check, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(c->cli->store, err);

	return txn && record_check(txn, say_problem, c, check, err);
}

static bool
check_records(struct cli *cli, struct error *err)
{
	struct checking c = {.cli = cli};
	struct record_check check;

	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_key(&cli->printer, "problems");
		printer_list(&cli->printer);
	}
	if (!check_rows(&c, &check, err) || !check_indexes(&c, &check, err)) {
		buf_reset(&cli->out); /* half an object */
		return false;
	}
	print_counts(cli, &check);
	return check.problems == 0 ||
	       error_set(err, ERROR_IO, "the store has %llu problems",
			 (unsigned long long)check.problems);
}

static void
say_place(void *arg, const char *where, uint64_t times)
{
	struct checking *c = arg;
	struct printer *p = &c->cli->printer;

	c->places++;
	if (!c->cli->options.json) {
		buf_addf(&c->cli->out, "%6llu  ", (unsigned long long)times);
		cli_show_line(c->cli, slice_of(where), 1000);
		buf_addc(&c->cli->out, '\n');
		return;
	}
	printer_map(p);
	printer_add_word(p, "where", where);
	print_count(p, "times", times);
	printer_end(p);
}

static bool
check_residue(struct cli *cli, struct error *err)
{
	struct checking c = {.cli = cli};
	const char *state = config_state_dir(cli->config, NULL);
	uint64_t found = 0;

	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_key(&cli->printer, "residue");
		printer_list(&cli->printer);
	}
	if (!memory_residue(cli->memory, slice_of(cli->options.residue), state,
			    say_place, &c, &found, err))
		return false;
	if (cli->options.json) {
		printer_end(&cli->printer);
		print_count(&cli->printer, "found", found);
		printer_end(&cli->printer);
	} else if (found == 0) {
		buf_adds(&cli->out, "Nothing of it is left.\n");
	}
	return found == 0 || error_set(err, ERROR_CONFLICT, "found in %llu %s",
				       (unsigned long long)c.places,
				       plural(c.places, "place", "places"));
}

/* What a forget could not end is ended first. */
bool
cli_check(struct cli *cli, struct error *err)
{
	size_t done;

	if (!cli_memory(cli, err) || !memory_purge_due(cli->memory, &done, err))
		return false;
	return cli->options.residue ? check_residue(cli, err)
				    : check_records(cli, err);
}
