/*
 * mneme memory edit, pin, restore, tidy, forget: what was learned, corrected
 * and taken away.
 */
#include "cli.h"
#include "mneme/clock.h"
#include "mneme/store.h"

struct changing {
	struct cli *cli;
	struct memory m;
	struct memory_edit edit;
	uint32_t version;
	struct memory out;
};

/* Run `change` on the memory that the first word names, and print it. */
static bool
change_one(struct changing *c, store_change_fn *change, const char *done,
	   struct error *err)
{
	struct cli *cli = c->cli;
	char id[ID_TEXT + 1];

	if (!cli_find_memory(cli, cli->words[0], &c->m, err) ||
	    !store_write(cli->store, change, c, err))
		return false;
	if (cli->options.json) {
		memory_print(&cli->printer, &c->out);
		return true;
	}
	if (c->out.version == c->m.version)
		done = "As it was";
	buf_addf(&cli->out, "%s (%s, version %u): ", done,
		 id_format(c->out.id, id), c->out.version);
	cli_show_line(cli, c->out.value, 400);
	buf_addc(&cli->out, '\n');
	return true;
}

static bool
edit_one(struct store_txn *txn, void *arg, struct error *err)
{
	struct changing *c = arg;

	return memory_edit(txn, c->m.profile, c->m.id, &c->edit, &c->cli->arena,
			   &c->out, err);
}

bool
cli_memory_edit(struct cli *cli, struct error *err)
{
	const struct cli_options *o = &cli->options;
	struct changing c = {.cli = cli, .edit = memory_edit_nothing};
	enum memory_type type;

	if (!o->value && !o->type && !o->key && !o->importance)
		return error_set(err, ERROR_USAGE,
				 "nothing to change: give --value, --type, "
				 "--key or --importance");
	c.edit.value = slice_of(o->value);
	c.edit.key = slice_of(o->key);
	if (o->type) {
		if (!cli_memory_type(o->type, &type, err))
			return false;
		c.edit.type = (int)type;
	}
	if (o->importance && !cli_real("importance", o->importance, 0, 1,
				       &c.edit.importance, err))
		return false;
	return change_one(&c, edit_one, "Changed", err);
}

bool
cli_memory_pin(struct cli *cli, struct error *err)
{
	struct changing c = {.cli = cli, .edit = memory_edit_nothing};

	c.edit.pinned = !cli->options.off;
	return change_one(&c, edit_one, c.edit.pinned ? "Pinned" : "Unpinned",
			  err);
}

static bool
restore_one(struct store_txn *txn, void *arg, struct error *err)
{
	struct changing *c = arg;

	return memory_restore(txn, c->m.profile, c->m.id, c->version,
			      &c->cli->arena, &c->out, err);
}

/* What had taken its place, and has stepped back. */
static bool
tell_other(struct changing *c, struct error *err)
{
	struct cli *cli = c->cli;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	char id[ID_TEXT + 1];
	struct memory other;
	bool found;

	if (cli->options.json || id_none(c->m.superseded_by) ||
	    c->out.version == c->m.version)
		return true;
	if (!txn || !record_memory_get(txn, c->m.profile, c->m.superseded_by,
				       &cli->arena, &other, &found, err))
		return false;
	if (!found || other.state == MEMORY_SUPERSEDED)
		return true;
	buf_addf(&cli->out, "  %s %s: ",
		 other.state == MEMORY_PUT_AWAY ? "put away" : "as before",
		 id_format(other.id, id));
	cli_show_line(cli, other.value, 200);
	buf_addc(&cli->out, '\n');
	return true;
}

bool
cli_memory_restore(struct cli *cli, struct error *err)
{
	struct changing c = {.cli = cli};
	int64_t version;

	if (cli->word_count == 2) {
		if (!slice_number(slice_of(cli->words[1]), &version) ||
		    version < 1 || version > UINT32_MAX)
			return error_set(err, ERROR_USAGE,
					 "'%.40s' is no version; mneme memory "
					 "history lists them",
					 cli->words[1]);
		c.version = (uint32_t)version;
	}
	return change_one(&c, restore_one, "Restored", err) &&
	       tell_other(&c, err);
}

/* ---- tidy ---- */

struct tidying {
	const struct memory_proposal *proposals;
	size_t count, done;
};

static bool
tidy_all(struct store_txn *txn, void *arg, struct error *err)
{
	struct tidying *t = arg;
	bool done;

	t->done = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (!memory_tidy_apply(txn, &t->proposals[i], clock_now(),
				       &done, err))
			return false;
		t->done += done;
	}
	return true;
}

static void
show_proposal(struct cli *cli, const struct memory_proposal *p)
{
	char id[ID_TEXT + 1];

	buf_addf(&cli->out, "%s  %s  ",
		 p->what == TIDY_MERGE ? "merge   " : "put away",
		 id_format(p->memory.id, id));
	cli_show_line(cli, p->memory.value, 200);
	if (p->what == TIDY_MERGE) {
		buf_addf(&cli->out, "\n    into  %s  ",
			 id_format(p->into.id, id));
		cli_show_line(cli, p->into.value, 200);
	} else {
		struct clock_civil d = clock_civil(p->memory.expires_at, true);

		buf_addf(&cli->out, "  (expired %04d-%02d-%02d)", d.year,
			 d.month, d.day);
	}
	buf_addc(&cli->out, '\n');
}

static void
print_proposals(struct cli *cli, const struct tidying *t, bool applied)
{
	struct printer *p = &cli->printer;

	printer_map(p);
	printer_key(p, "proposals");
	printer_list(p);
	for (size_t i = 0; i < t->count; i++) {
		const struct memory_proposal *one = &t->proposals[i];

		printer_map(p);
		printer_add_word(p, "what",
				 one->what == TIDY_MERGE ? "merge" : "expire");
		printer_key(p, "memory");
		memory_print(p, &one->memory);
		if (one->what == TIDY_MERGE) {
			printer_key(p, "into");
			memory_print(p, &one->into);
		}
		printer_end(p);
	}
	printer_end(p);
	printer_add_int(p, "applied", applied ? (int64_t)t->done : 0);
	printer_end(p);
}

static bool
plan(struct cli *cli, struct tidying *t, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	struct memory_proposal *list;

	if (!txn || !memory_tidy_plan(txn, cli->profile.id, clock_now(),
				      &cli->arena, &list, &t->count, err))
		return false;
	t->proposals = list;
	return true;
}

/* Without --yes or a terminal to ask on, it only says what it would do. */
bool
cli_memory_tidy(struct cli *cli, struct error *err)
{
	struct tidying t = {0};
	bool json = cli->options.json;
	bool apply = cli->options.yes;

	if (!plan(cli, &t, err))
		return false;
	for (size_t i = 0; !json && i < t.count; i++)
		show_proposal(cli, &t.proposals[i]);
	if (!json && t.count == 0)
		buf_adds(&cli->out, "Nothing to tidy.\n");
	if (t.count && !apply && !json && cli_on_terminal()) {
		if (!cli_flush(cli, err) || !cli_confirm(cli, "Do that?", err))
			return false;
		apply = true;
	}
	if (t.count && apply && !store_write(cli->store, tidy_all, &t, err))
		return false;
	if (json)
		print_proposals(cli, &t, apply);
	else if (apply && t.count)
		buf_addf(&cli->out,
			 "%zu done; mneme memory restore ID undoes one\n",
			 t.done);
	else if (t.count)
		buf_adds(&cli->out, "Nothing was changed: --yes does it.\n");
	return true;
}

/* ---- forget ---- */

static bool
forget_all(struct store_txn *txn, void *arg, struct error *err)
{
	return memory_forget_all(txn, arg, err);
}

static void
tell_forgotten(struct cli *cli, const struct memory_forgetting *f)
{
	char id[ID_TEXT + 1];

	if (f->gone || !f->messages)
		buf_addf(&cli->out, "Forgot %zu %s\n", f->gone,
			 f->gone == 1 ? "memory" : "memories");
	for (size_t i = 0; i < f->said_count; i++) {
		const struct message *m = &f->said_in[i];

		buf_addf(&cli->out, "  %s %s%s",
			 f->messages ? "redacted message" : "still said in",
			 id_format(m->id, id), f->messages ? "" : ": ");
		if (!f->messages)
			cli_show_line(cli, m->content, 100);
		buf_addc(&cli->out, '\n');
	}
	for (size_t i = 0; i < f->also_count; i++) {
		buf_addf(&cli->out, "  among other things in memory %s: ",
			 id_format(f->also[i].id, id));
		cli_show_line(cli, f->also[i].value, 100);
		buf_addc(&cli->out, '\n');
	}
	for (size_t i = 0; i < f->again_count; i++) {
		buf_addf(&cli->out,
			 "  holds again %s: ", id_format(f->again[i].id, id));
		cli_show_line(cli, f->again[i].value, 100);
		buf_addc(&cli->out, '\n');
	}
	if (f->said_count && !f->messages)
		buf_adds(&cli->out, "Redact them with: mneme memory forget "
				    "--messages ID...\n");
}

static void
print_forgotten(struct cli *cli, const struct memory_forgetting *f,
		const struct error *failure)
{
	struct printer *p = &cli->printer;

	printer_map(p);
	printer_key(p, "ids");
	printer_list(p);
	for (size_t i = 0; i < f->count; i++)
		printer_id(p, f->ids[i]);
	printer_end(p);
	printer_add_int(p, "forgotten", (int64_t)f->gone);
	printer_key(p, "said_in");
	printer_list(p);
	for (size_t i = 0; i < f->said_count; i++)
		printer_id(p, f->said_in[i].id);
	printer_end(p);
	printer_add_bool(p, "redacted", f->messages);
	printer_key(p, "also_in");
	printer_list(p);
	for (size_t i = 0; i < f->also_count; i++)
		printer_id(p, f->also[i].id);
	printer_end(p);
	printer_key(p, "again");
	printer_list(p);
	for (size_t i = 0; i < f->again_count; i++)
		printer_id(p, f->again[i].id);
	printer_end(p);
	printer_add_bool(p, "purged", failure == NULL);
	if (failure)
		cli_print_error(p, failure);
	printer_end(p);
}

bool
cli_purge(struct cli *cli, struct id profile, struct error *err)
{
	struct error why = {0};

	if (cli_memory(cli, &why) && memory_purge(cli->memory, profile, &why))
		return true;
	return error_set(err, ERROR_IO,
			 "it is deleted, but old bytes may still be in the "
			 "files: %s. They go with the next mneme check, chat "
			 "or forget",
			 why.text);
}

/* A memory; or, where messages are to be redacted, one of those.  The ids of
 * messages are kept behind the memories'. */
static bool
name_one(struct cli *cli, const char *word, struct id *ids,
	 struct memory_forgetting *f, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	struct message said;
	struct memory m;
	bool found;

	if (!txn || !cli_memory_named(cli, txn, word, &m, &found, err))
		return false;
	if (found) {
		ids[f->count++] = m.id;
		return true;
	}
	if (f->messages &&
	    !record_message_find(txn, cli->profile.id, slice_of(word),
				 &cli->arena, &said, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no memory%s %.60s",
				 f->messages ? " or message" : "", word);
	f->said = &ids[cli->word_count];
	ids[cli->word_count + f->said_given++] = said.id;
	return true;
}

bool
cli_memory_forget(struct cli *cli, struct error *err)
{
	struct id *ids =
		arena_alloc(&cli->arena, cli->word_count * 2, sizeof(*ids));
	struct memory_forgetting f = {.profile = cli->profile.id,
				      .ids = ids,
				      .messages = cli->options.messages,
				      .arena = &cli->arena};

	for (size_t i = 0; i < cli->word_count; i++)
		if (!name_one(cli, cli->words[i], ids, &f, err))
			return false;
	if (!store_write(cli->store, forget_all, &f, err))
		return false;
	bool purged = cli_purge(cli, cli->profile.id, err);
	if (cli->options.json)
		print_forgotten(cli, &f, purged ? NULL : err);
	else
		tell_forgotten(cli, &f);
	return purged;
}
