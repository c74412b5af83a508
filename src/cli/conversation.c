/* mneme conversation: list, show, search, rename, delete. */
#include "cli.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/store.h"

enum { LIST_COUNT = 20, LIST_MOST = 100000, DELETE_ROWS = 2000 };

bool
cli_find_conversation(struct cli *cli, const char *word,
		      struct conversation *out, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	bool found = false;

	if (!txn)
		return false;
	if (strcmp(word, "last") == 0) {
		if (!record_conversation_last(txn, cli->profile.id, &cli->arena,
					      out, &found, err))
			return false;
		return found || error_set(err, ERROR_NOT_FOUND,
					  "there is no conversation yet");
	}
	if (!record_conversation_find(txn, cli->profile.id, slice_of(word),
				      &cli->arena, out, &found, err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "no conversation %.60s", word);
}

static void
show_conversation(struct cli *cli, const struct conversation *c)
{
	char id[ID_TEXT + 1];
	struct clock_civil d = clock_civil(c->updated_at, true);

	buf_addf(&cli->out, "%s  %04d-%02d-%02d %02d:%02d  %4u  ",
		 id_format(c->id, id), d.year, d.month, d.day, d.hour, d.minute,
		 c->turn_count);
	cli_show_line(cli, c->title, 120);
	buf_addc(&cli->out, '\n');
}

bool
cli_conversation_list(struct cli *cli, struct error *err)
{
	const struct cli_options *o = &cli->options;
	int64_t limit = LIST_COUNT;
	struct conversation *list;
	size_t n;

	if (o->count &&
	    !cli_number("count", o->count, 1, LIST_MOST, &limit, err))
		return false;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn || !record_conversation_list(
			    txn, cli->profile.id,
			    o->archived ? RECORD_ARCHIVED : RECORD_CURRENT,
			    NULL, (size_t)limit, &cli->arena, &list, &n, err))
		return false;
	if (o->json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++) {
		if (o->json)
			chat_print_conversation(&cli->printer, &list[i]);
		else
			show_conversation(cli, &list[i]);
	}
	if (o->json)
		printer_end(&cli->printer);
	return true;
}

static void
show_message(struct cli *cli, const struct message *m, struct slice text)
{
	struct clock_civil d = clock_civil(m->created_at, true);

	buf_addf(&cli->out, "%04d-%02d-%02d %02d:%02d  ", d.year, d.month,
		 d.day, d.hour, d.minute);
	if (m->speaker.len)
		cli_show_line(cli, m->speaker, 60);
	else
		buf_adds(&cli->out, message_role_names[m->role]);
	if (m->partial)
		buf_adds(&cli->out, " (partial)");
	buf_addc(&cli->out, '\n');
	cli_show(cli, text);
	buf_adds(&cli->out, "\n\n");
}

bool
cli_conversation_show(struct cli *cli, struct error *err)
{
	struct conversation c;
	struct message *path;
	size_t n;

	if (!cli_find_conversation(cli, cli->words[0], &c, err))
		return false;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn || !record_message_path(txn, cli->profile.id, c.id, 0, 0,
					 &cli->arena, &path, &n, err))
		return false;
	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_key(&cli->printer, "conversation");
		chat_print_conversation(&cli->printer, &c);
		printer_key(&cli->printer, "messages");
		printer_list(&cli->printer);
	} else {
		cli_show_line(cli, c.title, 200);
		buf_adds(&cli->out, "\n\n");
	}
	for (size_t i = 0; i < n; i++) {
		struct slice text;
		if (!chat_message_text(txn, &path[i], &cli->arena, &text, err))
			return false;
		if (cli->options.json)
			chat_print_message(&cli->printer, &path[i], text);
		else
			show_message(cli, &path[i], text);
	}
	if (cli->options.json) {
		printer_end(&cli->printer);
		printer_end(&cli->printer);
	}
	return true;
}

bool
cli_conversation_search(struct cli *cli, struct error *err)
{
	if (!cli->options.count)
		cli->options.count = "20";
	return cli_recall(cli, err);
}

struct change_of {
	struct cli *cli;
	struct conversation c;
	bool begun, done;
	size_t gone; /* memories */
};

static bool
put_title(struct store_txn *txn, void *arg, struct error *err)
{
	struct change_of *change = arg;

	return record_conversation_update(txn, &change->c, err);
}

bool
cli_conversation_rename(struct cli *cli, struct error *err)
{
	struct change_of change = {.cli = cli};
	struct slice title = cli_joined(cli, 1);

	if (title.len > RECORD_TITLE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a title of %zu bytes; at most %d fit",
				 title.len, RECORD_TITLE_MAX);
	if (!cli_find_conversation(cli, cli->words[0], &change.c, err))
		return false;
	change.c.title = title;
	if (!store_write(cli->store, put_title, &change, err))
		return false;
	if (cli->options.json)
		chat_print_conversation(&cli->printer, &change.c);
	return true;
}

static bool
delete_some(struct store_txn *txn, void *arg, struct error *err)
{
	struct change_of *change = arg;
	struct id profile = change->c.profile;

	if (!change->begun &&
	    !memory_forget_conversation(txn, profile, change->c.id,
					&change->gone, err))
		return false;
	return record_conversation_delete(txn, change->c.profile, change->c.id,
					  DELETE_ROWS, &change->done, err);
}

bool
cli_conversation_delete(struct cli *cli, struct error *err)
{
	struct change_of change = {.cli = cli};

	if (!cli_find_conversation(cli, cli->words[0], &change.c, err))
		return false;
	SCOPED(free_pointer)
	char *question =
		xasprintf("Delete \"%.*s\" with its %u messages?",
			  SLICE_ARG(change.c.title), change.c.turn_count);
	if (!cli_confirm(cli, question, err))
		return false;
	while (!change.done) {
		if (!store_write(cli->store, delete_some, &change, err))
			return false;
		change.begun = true;
	}
	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_key(&cli->printer, "success");
		printer_bool(&cli->printer, true);
		printer_end(&cli->printer);
	}
	return cli_purge(cli, cli->profile.id, err);
}
