/*
 * mneme conversation rename, archive, pin, memory, fork, delete.
 */
#include "cli.h"
#include "mneme/chat.h"
#include "mneme/store.h"

enum { DELETE_ROWS = 2000 };

struct change_of {
	struct cli *cli;
	struct conversation c;
	struct message at; /* fork's */
	bool begun, done;
	size_t gone; /* memories */
};

static bool
put(struct store_txn *txn, void *arg, struct error *err)
{
	struct change_of *change = arg;

	return record_conversation_update(txn, &change->c, err);
}

static bool
find(struct change_of *change, struct error *err)
{
	return cli_find_conversation(change->cli, change->cli->words[0],
				     &change->c, err);
}

static bool
save(struct change_of *change, struct error *err)
{
	struct cli *cli = change->cli;

	if (!store_write(cli->store, put, change, err))
		return false;
	if (cli->options.json)
		chat_print_conversation(&cli->printer, &change->c);
	return true;
}

bool
cli_conversation_rename(struct cli *cli, struct error *err)
{
	struct change_of change = {.cli = cli};
	struct slice title = slice_trim(cli_joined(cli, 1));

	if (title.len == 0)
		return error_set(err, ERROR_USAGE, "the title is empty");
	if (title.len > RECORD_TITLE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a title of %zu bytes; at most %d fit",
				 title.len, RECORD_TITLE_MAX);
	if (!find(&change, err))
		return false;
	change.c.title = title;
	return save(&change, err);
}

bool
cli_conversation_archive(struct cli *cli, struct error *err)
{
	struct change_of change = {.cli = cli};

	if (!find(&change, err))
		return false;
	change.c.archived = !cli->options.off;
	return save(&change, err);
}

bool
cli_conversation_pin(struct cli *cli, struct error *err)
{
	struct change_of change = {.cli = cli};

	if (!find(&change, err))
		return false;
	change.c.pinned = !cli->options.off;
	return save(&change, err);
}

bool
cli_conversation_memory(struct cli *cli, struct error *err)
{
	struct change_of change = {.cli = cli};
	const char *word = cli->words[1];

	if (!find(&change, err))
		return false;
	for (int i = 0; i < MEMORY_MODE_COUNT; i++) {
		if (strcmp(word, memory_mode_names[i]) != 0)
			continue;
		change.c.memory_mode = (enum memory_mode)i;
		return save(&change, err);
	}
	return error_set(err, ERROR_USAGE, "'%.40s': full, read or off", word);
}

/* ---- fork ---- */

static bool
find_message(struct change_of *change, const char *word, struct error *err)
{
	struct cli *cli = change->cli;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	bool found;

	if (!txn || !record_message_find(txn, cli->profile.id, slice_of(word),
					 &cli->arena, &change->at, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no message %.60s",
				 word);
	return id_equal(change->at.conversation, change->c.id) ||
	       error_set(err, ERROR_NOT_FOUND,
			 "message %.60s is in another conversation", word);
}

static bool
fork_at(struct store_txn *txn, void *arg, struct error *err)
{
	struct change_of *change = arg;
	struct conversation copy = {.title = change->c.title,
				    .memory_mode = change->c.memory_mode};

	if (!record_conversation_fork(txn, change->cli->profile.id,
				      change->c.id, change->at.seq, &copy, err))
		return false;
	change->c = copy;
	return true;
}

bool
cli_conversation_fork(struct cli *cli, struct error *err)
{
	struct change_of change = {.cli = cli};
	char id[ID_TEXT + 1];

	if (!find(&change, err) || (cli->word_count == 2 &&
				    !find_message(&change, cli->words[1], err)))
		return false;
	if (change.c.head == 0)
		return error_set(err, ERROR_INVALID,
				 "nothing was said in it yet");
	struct id from = change.c.id;
	if (!store_write(cli->store, fork_at, &change, err))
		return false;
	change.c.forked_from = from;
	if (cli->options.json)
		chat_print_conversation(&cli->printer, &change.c);
	else
		buf_addf(&cli->out, "%s\n", id_format(change.c.id, id));
	return true;
}

/* ---- delete ---- */

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
		xasprintf("Delete \"%.*s\" with its %u %s?",
			  SLICE_ARG(change.c.title), change.c.turn_count,
			  plural(change.c.turn_count, "message", "messages"));
	if (!cli_confirm(cli, question, err))
		return false;
	while (!change.done) {
		if (!store_write(cli->store, delete_some, &change, err))
			return false;
		change.begun = true;
	}
	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_add_bool(&cli->printer, "success", true);
		printer_end(&cli->printer);
	}
	return cli_purge(cli, cli->profile.id, err);
}
