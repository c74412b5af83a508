/*
 * mneme memory list, show, history, stats: what was learned.  What changes it
 * is in memory_change.c.
 */
#include "cli.h"
#include "mneme/clock.h"
#include "mneme/store.h"

enum { LIST_COUNT = 50, KEY_WIDTH = 24 };

void
cli_memory_line(struct cli *cli, const struct memory *m, int key_width)
{
	char id[ID_TEXT + 1];
	struct clock_civil d = clock_civil(m->created_at, true);

	buf_addf(&cli->out, "%s  %04d-%02d-%02d  %-15s  ", id_format(m->id, id),
		 d.year, d.month, d.day, record_memory_types[m->type].name);
	size_t from = cli->out.len;
	cli_show_line(cli, m->key, KEY_WIDTH);
	buf_addf(&cli->out, "%*s  ",
		 MAX(key_width - (int)(cli->out.len - from), 0), "");
	cli_show_line(cli, m->value, 200);
	if (m->pinned)
		buf_adds(&cli->out, "  (pinned)");
	if (m->state != MEMORY_ACTIVE)
		buf_addf(&cli->out, "  (%s)", memory_state_names[m->state]);
	buf_addc(&cli->out, '\n');
}

/* ---- which ones ---- */

/* A day is its first moment, where --as-of and --until mean its last. */
static bool
read_since(const char *text, int64_t *at, struct error *err)
{
	struct clock_span span;

	if (!clock_parse_span(slice_of(text), clock_now(), &span, err))
		return false;
	*at = span.first;
	return true;
}

static bool
read_source(struct cli *cli, struct memory_filter *f, struct error *err)
{
	const char *word = cli->options.source;
	struct message m;
	bool found;

	if (strcmp(word, "hand") == 0) {
		f->by_hand = true;
		return true;
	}
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn || !record_message_find(txn, cli->profile.id, slice_of(word),
					 &cli->arena, &m, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no message %.60s",
				 word);
	f->message = m.id;
	f->conversation = m.conversation;
	return true;
}

static bool
read_filter(struct cli *cli, struct memory_filter *f, struct error *err)
{
	const struct cli_options *o = &cli->options;
	struct conversation c;

	*f = (struct memory_filter){
		.profile = cli->profile.id,
		.type = MEMORY_TYPE_COUNT,
		.state = o->all ? MEMORY_STATE_COUNT : MEMORY_ACTIVE,
		.key = slice_of(o->key),
		.pinned = o->pinned,
	};
	if (o->type && !cli_memory_type(o->type, &f->type, err))
		return false;
	if ((o->since && !read_since(o->since, &f->since, err)) ||
	    (o->until && !clock_parse_then(slice_of(o->until), clock_now(),
					   &f->until, err)))
		return false;
	if (o->conversation) {
		if (!cli_find_conversation(cli, o->conversation, &c, err))
			return false;
		f->conversation = c.id;
	}
	return !o->source || read_source(cli, f, err);
}

/* What was said to a model is learned from later. */
static bool
tell_waiting(struct cli *cli, struct store_txn *txn, struct error *err)
{
	size_t n, waiting = 0;
	struct job *jobs;

	if (!record_job_list(txn, slice_of("learn"), &cli->arena, &jobs, &n,
			     err))
		return false;
	for (size_t i = 0; i < n; i++)
		waiting += !jobs[i].poison &&
			   id_equal(jobs[i].profile, cli->profile.id);
	if (waiting)
		fprintf(stderr,
			"mneme: not learned from yet: %zu %s; the next "
			"mneme ask, chat or server does it\n",
			waiting, plural(waiting, "message", "messages"));
	return true;
}

bool
cli_memory_list(struct cli *cli, struct error *err)
{
	const struct cli_options *o = &cli->options;
	struct memory_filter filter;
	int64_t limit = LIST_COUNT;
	struct memory *list;
	size_t n;

	if ((o->count &&
	     !cli_number("count", o->count, 1, MEMORY_LIST_MAX, &limit, err)) ||
	    !read_filter(cli, &filter, err))
		return false;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn || !memory_list(txn, &filter, NULL, (size_t)limit + 1,
				 &cli->arena, &list, &n, err))
		return false;
	if (n > (size_t)limit && !o->json)
		fprintf(stderr, "mneme: the newest %lld; -k shows more\n",
			(long long)limit);
	n = MIN(n, (size_t)limit);
	int key_width = 0;
	for (size_t i = 0; i < n; i++)
		key_width = MAX(key_width,
				(int)MIN(list[i].key.len, (size_t)KEY_WIDTH));
	if (o->json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++) {
		if (o->json)
			memory_print(&cli->printer, &list[i]);
		else
			cli_memory_line(cli, &list[i], key_width);
	}
	if (o->json)
		printer_end(&cli->printer);
	return o->json || tell_waiting(cli, txn, err);
}

/* The active memory with this key, when there is one and no other. */
static bool
find_by_key(struct cli *cli, struct store_txn *txn, const char *word,
	    struct memory *out, bool *found, struct error *err)
{
	const struct memory_filter filter = {.profile = cli->profile.id,
					     .type = MEMORY_TYPE_COUNT,
					     .state = MEMORY_ACTIVE,
					     .key = slice_of(word)};
	struct memory *list;
	size_t n;

	if (!memory_list(txn, &filter, NULL, 2, &cli->arena, &list, &n, err))
		return false;
	if (n > 1)
		return error_set(err, ERROR_USAGE,
				 "several memories have the key %.60s; mneme "
				 "memory list --key %.60s names them",
				 word, word);
	*found = n == 1;
	if (n == 1)
		*out = list[0];
	return true;
}

bool
cli_memory_named(struct cli *cli, struct store_txn *txn, const char *word,
		 struct memory *out, bool *found, struct error *err)
{
	if (!record_memory_find(txn, cli->profile.id, slice_of(word),
				&cli->arena, out, found, err))
		return false;
	return *found || find_by_key(cli, txn, word, out, found, err);
}

bool
cli_find_memory(struct cli *cli, const char *word, struct memory *out,
		struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	bool found;

	if (!txn || !cli_memory_named(cli, txn, word, out, &found, err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "no memory %.60s", word);
}

/* ---- one ---- */

bool
cli_memory_show(struct cli *cli, struct error *err)
{
	struct memory m;

	if (!cli_find_memory(cli, cli->words[0], &m, err))
		return false;
	memory_print(&cli->printer, &m);
	return true;
}

static void
show_version(struct cli *cli, const struct memory *was,
	     const struct memory *now)
{
	struct clock_civil d = clock_civil(now->updated_at, true);

	buf_addf(&cli->out, "%4u  %04d-%02d-%02d %02d:%02d  %-16s ",
		 now->version, d.year, d.month, d.day, d.hour, d.minute,
		 memory_change(was, now));
	cli_show_line(cli, now->value, 200);
	buf_addc(&cli->out, '\n');
}

bool
cli_memory_history(struct cli *cli, struct error *err)
{
	struct memory m, *list;
	size_t n;

	if (!cli_find_memory(cli, cli->words[0], &m, err))
		return false;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn ||
	    !memory_history(txn, m.profile, m.id, &cli->arena, &list, &n, err))
		return false;
	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++) {
		const struct memory *was = i ? &list[i - 1] : NULL;

		if (cli->options.json)
			memory_print_version(&cli->printer, was, &list[i]);
		else
			show_version(cli, was, &list[i]);
	}
	if (cli->options.json)
		printer_end(&cli->printer);
	return true;
}

bool
cli_memory_stats(struct cli *cli, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	struct memory_stats stats;

	if (!txn || !memory_stats(txn, cli->profile.id, &stats, err))
		return false;
	memory_print_stats(&cli->printer, &stats);
	return true;
}
