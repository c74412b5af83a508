/*
 * mneme conversation list, show, search.  What changes one is in
 * conversation_change.c.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "mneme/attach.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/store.h"

enum { LIST_COUNT = 20, LIST_MOST = 100000, REQUEST_MAX = 64 << 20 };

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

void
cli_conversation_line(struct cli *cli, const struct conversation *c)
{
	char id[ID_TEXT + 1];
	struct clock_civil d = clock_civil(c->updated_at, true);

	buf_addf(&cli->out, "%s  %04d-%02d-%02d %02d:%02d  %4u  ",
		 id_format(c->id, id), d.year, d.month, d.day, d.hour, d.minute,
		 c->turn_count);
	cli_show_line(cli, c->title, 120);
	if (c->pinned)
		buf_adds(&cli->out, "  (pinned)");
	if (c->memory_mode != MEMORY_FULL)
		buf_addf(&cli->out, "  (memory: %s)",
			 memory_mode_names[c->memory_mode]);
	buf_addc(&cli->out, '\n');
}

/* Pinned ones first, then by time, as they come. */
static void
pinned_first(struct conversation *list, size_t n, struct arena *arena)
{
	struct conversation *sorted = arena_alloc(arena, n + 1, sizeof(*list));
	size_t at = 0;

	for (int pinned = 1; pinned >= 0; pinned--)
		for (size_t i = 0; i < n; i++)
			if (list[i].pinned == pinned)
				sorted[at++] = list[i];
	if (n)
		memcpy(list, sorted, n * sizeof(*list));
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
	const struct conversation_page page = {
		.profile = cli->profile.id,
		.filter = o->archived ? RECORD_ARCHIVED : RECORD_CURRENT,
		.limit = LIST_MOST};
	if (!txn ||
	    !record_conversation_list(txn, &page, &cli->arena, &list, &n, err))
		return false;
	pinned_first(list, n, &cli->arena);
	if (n > (size_t)limit && !o->json)
		fprintf(stderr, "mneme: %lld of %zu; -k %zu shows all\n",
			(long long)limit, n, n);
	n = MIN(n, (size_t)limit);
	if (o->json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++) {
		if (o->json)
			chat_print_conversation(&cli->printer, &list[i]);
		else
			cli_conversation_line(cli, &list[i]);
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
	buf_addc(&cli->out, '\n');
	for (size_t i = 0; i < m->attachment_count; i++) {
		const struct message_attachment *a = &m->attachments[i];
		SCOPED(buf_clear) struct buf line = {.max = 4096};

		attach_describe(a->name, a->media_type, a->size, &line);
		buf_addc(&cli->out, '[');
		cli_show_line(cli, buf_slice(&line), 200);
		buf_adds(&cli->out, "]\n");
	}
	buf_addc(&cli->out, '\n');
}

/* ---- --prompt ---- */

static const char *const rebuilt_words[] = {
	[CHAT_AS_SENT] = NULL,
	[CHAT_NO_REQUEST] = "no request is known",
	[CHAT_FORGOTTEN] = "differs from what was sent: something in it was "
			   "forgotten or redacted since",
	[CHAT_CHANGED] = "differs from what was sent: something in it was "
			 "changed since",
};

static void
show_request(struct cli *cli, const struct message *m, struct slice request,
	     enum chat_rebuilt how)
{
	struct printer *p = &cli->printer;
	const char *word = rebuilt_words[how];
	char id[ID_TEXT + 1];

	if (cli->options.json) {
		printer_map(p);
		printer_add_id(p, "message_id", m->id);
		printer_key(p, "request");
		printer_json(p, request);
		printer_add_bool(p, "differs", how != CHAT_AS_SENT);
		if (word)
			printer_add_word(p, "why", word);
		printer_end(p);
		return;
	}
	/* To a terminal nothing foreign goes raw; else it is the bytes. */
	if (isatty(STDOUT_FILENO))
		cli_show(cli, request);
	else
		buf_add_slice(&cli->out, request);
	buf_addc(&cli->out, '\n');
	if (word)
		fprintf(stderr, "mneme: the request of %s %s\n",
			id_format(m->id, id), word);
}

/* A line for each answer that a model gave, the body of its request. */
static bool
show_prompts(struct cli *cli, const struct conversation *c, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	SCOPED(buf_clear) struct buf request;
	const struct message_path all = {.profile = c->profile,
					 .conversation = c->id};
	struct message *path;
	enum chat_rebuilt how;
	size_t n, shown = 0;

	buf_init(&request, REQUEST_MAX);
	if (!txn ||
	    !record_message_path(txn, &all, &cli->arena, &path, &n, err))
		return false;
	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++) {
		if (path[i].role != MESSAGE_ASSISTANT)
			continue;
		buf_reset(&request);
		if (!chat_rebuild(txn, &path[i], &cli->arena, &request, &how,
				  err))
			return false;
		if (how == CHAT_NO_REQUEST)
			continue;
		show_request(cli, &path[i], buf_slice(&request), how);
		shown++;
	}
	if (cli->options.json)
		printer_end(&cli->printer);
	else if (shown == 0)
		fprintf(stderr, "mneme: no model was asked in this "
				"conversation\n");
	return true;
}

bool
cli_conversation_show(struct cli *cli, struct error *err)
{
	struct conversation c;
	struct message *path;
	size_t n;

	if (!cli_find_conversation(cli, cli->words[0], &c, err))
		return false;
	if (cli->options.prompt)
		return show_prompts(cli, &c, err);
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	const struct message_path all = {.profile = cli->profile.id,
					 .conversation = c.id};
	if (!txn ||
	    !record_message_path(txn, &all, &cli->arena, &path, &n, err))
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

/* Messages, and unless so many were asked for, only those that fit half as
 * well as the best one. */
static void
keep_said(const struct cli *cli, size_t most, struct memory_results *results)
{
	double least = 0;
	size_t n = 0;

	for (size_t i = 0; i < results->count; i++)
		if (results->items[i].kind == USED_MESSAGE)
			least = MAX(least, results->items[i].fit / 2);
	if (cli->options.count)
		least = -INFINITY;
	for (size_t i = 0; i < results->count && n < most; i++) {
		const struct memory_result *r = &results->items[i];

		if (r->kind == USED_MESSAGE && r->fit >= least)
			results->items[n++] = *r;
	}
	results->count = n;
}

bool
cli_conversation_search(struct cli *cli, struct error *err)
{
	struct memory_query q = {.profile = cli->profile.id,
				 .text = cli_joined(cli, 0),
				 .k = MEMORY_RESULTS_MAX};
	struct memory_results results;
	int64_t most = LIST_COUNT;

	if (cli->options.count && !cli_number("count", cli->options.count, 1,
					      MEMORY_RESULTS_MAX, &most, err))
		return false;
	if (!cli_recall_ready(cli, q.text, err) ||
	    !memory_recall(cli->memory, &q, &cli->arena, &results, err))
		return false;
	keep_said(cli, (size_t)most, &results);
	cli_show_results(cli, q.text, &results);
	return true;
}
