/* mneme memory: what was learned, shown and taken away. */
#include "cli.h"
#include "mneme/clock.h"
#include "mneme/store.h"

enum { LIST_COUNT = 50, LIST_MOST = 100000 };

static void
show_line(struct cli *cli, const struct memory *m)
{
	char id[ID_TEXT + 1];
	struct clock_civil d = clock_civil(m->created_at, true);

	buf_addf(&cli->out, "%s  %04d-%02d-%02d  %-15s ", id_format(m->id, id),
		 d.year, d.month, d.day, record_memory_types[m->type].name);
	cli_show_line(cli, m->value, 200);
	if (m->pinned)
		buf_adds(&cli->out, "  (pinned)");
	buf_addc(&cli->out, '\n');
}

bool
cli_memory_list(struct cli *cli, struct error *err)
{
	const struct cli_options *o = &cli->options;
	enum memory_type type = MEMORY_TYPE_COUNT;
	int64_t left = LIST_COUNT;
	struct memory m;

	if (o->type && !record_memory_type_find(slice_of(o->type), &type))
		return error_set(err, ERROR_USAGE,
				 "--type '%.40s': no such "
				 "type of memory",
				 o->type);
	if (o->count &&
	    !cli_number("count", o->count, 1, LIST_MOST, &left, err))
		return false;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn)
		return false;
	SCOPED(record_scan_drop)
	struct record_scan *scan =
		record_memory_scan(txn, cli->profile.id, type, true, err);
	if (o->json)
		printer_list(&cli->printer);
	while (scan && left > 0 && record_memory_next(scan, &cli->arena, &m)) {
		if (m.state != MEMORY_ACTIVE)
			continue;
		left--;
		if (o->json)
			memory_print(&cli->printer, &m);
		else
			show_line(cli, &m);
	}
	if (o->json)
		printer_end(&cli->printer);
	return record_scan_end(&scan, err);
}

bool
cli_find_memory(struct cli *cli, const char *word, struct memory *out,
		struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	bool found;

	if (!txn || !record_memory_find(txn, cli->profile.id, slice_of(word),
					&cli->arena, out, &found, err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "no memory %.60s", word);
}

bool
cli_memory_show(struct cli *cli, struct error *err)
{
	struct memory m;

	if (!cli_find_memory(cli, cli->words[0], &m, err))
		return false;
	memory_print(&cli->printer, &m);
	return true;
}

struct forgetting {
	struct cli *cli;
	struct memory m;
	struct message *said_in;
	size_t said_count;
};

static bool
forget_one(struct store_txn *txn, void *arg, struct error *err)
{
	struct forgetting *f = arg;

	return memory_forget(txn, f->m.profile, f->m.id, &f->cli->arena,
			     &f->said_in, &f->said_count, err);
}

static void
tell_forgotten(struct forgetting *f)
{
	struct cli *cli = f->cli;
	char id[ID_TEXT + 1];

	buf_addf(&cli->out, "Forgot %s\n", id_format(f->m.id, id));
	for (size_t i = 0; i < f->said_count; i++) {
		buf_addf(&cli->out, "  still said in message %s: ",
			 id_format(f->said_in[i].id, id));
		cli_show_line(cli, f->said_in[i].content, 100);
		buf_addc(&cli->out, '\n');
	}
}

bool
cli_memory_forget(struct cli *cli, struct error *err)
{
	struct printer *p = &cli->printer;

	if (cli->options.json)
		printer_list(p);
	for (size_t i = 0; i < cli->word_count; i++) {
		struct forgetting f = {.cli = cli};

		if (!cli_find_memory(cli, cli->words[i], &f.m, err) ||
		    !store_write(cli->store, forget_one, &f, err))
			return false;
		if (!cli->options.json) {
			tell_forgotten(&f);
			continue;
		}
		printer_map(p);
		printer_key(p, "id");
		printer_id(p, f.m.id);
		printer_key(p, "said_in");
		printer_list(p);
		for (size_t k = 0; k < f.said_count; k++)
			printer_id(p, f.said_in[k].id);
		printer_end(p);
		printer_end(p);
	}
	if (cli->options.json)
		printer_end(p);
	/* The old bytes must go too, not only the record. */
	return store_rewrite(cli->store, err);
}
