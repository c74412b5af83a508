/*
 * plain_path.c - which conversation it is, and what was said in it, by
 * numbers: a question has the next one, what answers it the same.
 */
#include <stdlib.h>

#include "mneme/store.h"
#include "mneme/utf8.h"
#include "plain_line.h"
#include "plain_private.h"

enum { LISTED = 20, HISTORY = 200, LINE_COLUMNS = 400 };

/* ---- which one ---- */

void
plain_go_on_with(struct plain *p, struct id conversation)
{
	const char *now = p->cli->options.conversation;
	char id[ID_TEXT + 1];

	id_format(conversation, id);
	if (!now || strcmp(now, id) != 0)
		p->cli->options.conversation =
			arena_text(&p->cli->arena, slice_of(id));
}

bool
plain_conversation(struct plain *p, struct conversation *out, bool *any,
		   struct error *err)
{
	const char *word = p->cli->options.conversation;

	*any = word && strcmp(word, "new") != 0;
	if (!*any)
		return true;
	if (!cli_find_conversation(p->cli, word, out, err))
		return false;
	plain_go_on_with(p, out->id);
	return true;
}

bool
plain_stored(struct plain *p, struct conversation *out, struct error *err)
{
	bool any;

	if (p->cli->options.incognito)
		return error_set(err, ERROR_INVALID,
				 "nothing of an incognito conversation is "
				 "stored");
	return plain_conversation(p, out, &any, err) &&
	       (any ||
		error_set(err, ERROR_INVALID, "nothing was said here yet"));
}

/* ---- what was said ---- */

static void
number_items(struct plain_path *path)
{
	size_t number = 0;

	for (size_t i = 0; i < path->count; i++) {
		number += path->at[i].user;
		path->at[i].number = number;
	}
}

static void
read_said(struct plain *p, struct plain_path *path)
{
	path->count = p->said_count;
	path->at =
		arena_alloc(&path->arena, path->count + 1, sizeof(*path->at));
	for (size_t i = 0; i < path->count; i++)
		path->at[i] = (struct plain_item){
			.user = p->said[i]->user,
			.text = arena_copy(&path->arena,
					   slice_of(p->said[i]->text))};
}

static bool
read_stored(struct plain *p, struct plain_path *path, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = NULL;
	struct message_path all = {.profile = p->cli->profile.id};
	struct conversation c;
	struct message *list;
	bool any;

	if (!plain_conversation(p, &c, &any, err))
		return false;
	if (!any || c.head == 0)
		return true;
	all.conversation = c.id;
	txn = store_read(p->cli->store, err);
	if (!txn || !record_message_path(txn, &all, &path->arena, &list,
					 &path->count, err))
		return false;
	path->at =
		arena_alloc(&path->arena, path->count + 1, sizeof(*path->at));
	for (size_t i = 0; i < path->count; i++) {
		struct plain_item *item = &path->at[i];

		*item = (struct plain_item){.user = list[i].role ==
						    MESSAGE_USER,
					    .speaker = list[i].speaker,
					    .m = list[i]};
		if (!chat_message_text(txn, &list[i], &path->arena, &item->text,
				       err))
			return false;
	}
	return true;
}

bool
plain_read_path(struct plain *p, struct plain_path *path, struct error *err)
{
	if (p->cli->options.incognito)
		read_said(p, path);
	else if (!read_stored(p, path, err))
		return false;
	number_items(path);
	return path->count > 0 ||
	       error_set(err, ERROR_INVALID, "nothing was said here yet");
}

void
plain_path_clear(struct plain_path *path)
{
	arena_clear(&path->arena);
	*path = (struct plain_path){0};
}

bool
plain_choose(const struct plain_path *path, struct slice number, bool user,
	     size_t *at, struct error *err)
{
	size_t most = path->count ? path->at[path->count - 1].number : 0;
	int64_t wanted = -1;

	if (number.len && !slice_number(number, &wanted))
		return error_set(err, ERROR_USAGE,
				 "'%.*s' is no number of a turn: /show has "
				 "them",
				 (int)MIN(number.len, (size_t)40), number.data);
	for (size_t i = path->count; i-- > 0;) {
		if (path->at[i].user != user ||
		    (wanted >= 0 && path->at[i].number != (size_t)wanted))
			continue;
		*at = i;
		return true;
	}
	if (wanted >= 1 && (size_t)wanted <= most)
		return error_set(err, ERROR_NOT_FOUND, "turn %lld has no %s",
				 (long long)wanted,
				 user ? "question" : "answer");
	if (wanted >= 0)
		return error_set(err, ERROR_NOT_FOUND,
				 "there is no turn %lld; the last one is %zu",
				 (long long)wanted, most);
	return error_set(err, ERROR_NOT_FOUND, "there is no %s here yet",
			 user ? "question" : "answer");
}

/* ---- shown ---- */

static void
add_state(struct plain *p, const struct plain_item *item)
{
	const struct message *m = &item->m;
	struct buf *out = &p->cli->out;
	const char *note =
		m->finish_reason.len ? llm_finish_note(m->finish_reason) : NULL;

	if (item->user || m->seq == 0)
		return;
	if (slice_is(m->finish_reason, "cancelled"))
		buf_adds(out, "(stopped)\n");
	else if (note)
		buf_addf(out, "(%s)\n", note);
	else if (m->partial)
		buf_adds(out, "(broken off)\n");
	if (m->memory_count && !slice_is(m->finish_reason, "recall"))
		buf_addf(out, "(%zu %s)\n", m->memory_count,
			 m->memory_count == 1 ? "memory" : "memories");
}

static struct slice
who(const struct plain_item *item)
{
	if (item->speaker.len)
		return item->speaker;
	if (item->user)
		return slice_of("You");
	return item->m.model.len ? item->m.model : slice_of("mneme");
}

void
plain_show_item(struct plain *p, const struct plain_item *item)
{
	struct buf *out = &p->cli->out;

	buf_addf(out, "%zu. ", item->number);
	cli_show_line(p->cli, who(item), 60);
	buf_adds(out, ": ");
	cli_show(p->cli, item->text);
	if (out->len && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	for (size_t i = 0; i < item->m.attachment_count; i++) {
		const struct message_attachment *a = &item->m.attachments[i];
		SCOPED(buf_clear) struct buf line = {.max = 4096};

		attach_describe(a->name, a->media_type, a->size, &line);
		buf_addc(out, '[');
		cli_show_line(p->cli, buf_slice(&line), 200);
		buf_adds(out, "]\n");
	}
	add_state(p, item);
}

bool
plain_show(struct plain *p, struct slice number, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	size_t only = SIZE_MAX, at;

	if (!plain_read_path(p, &path, err))
		return false;
	if (number.len) {
		if (!plain_choose(&path, number, true, &at, err))
			return false;
		only = path.at[at].number;
	}
	for (size_t i = 0; i < path.count; i++)
		if (only == SIZE_MAX || path.at[i].number == only)
			plain_show_item(p, &path.at[i]);
	return true;
}

static bool
has(struct slice text, struct slice wanted)
{
	size_t len;

	return wanted.len == 0 || utf8_find(text, wanted, 0, &len) < text.len;
}

bool
plain_find(struct plain *p, struct slice text, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	size_t found = 0;

	if (text.len == 0)
		return error_set(err, ERROR_USAGE, "/find TEXT: no text");
	if (!plain_read_path(p, &path, err))
		return false;
	for (size_t i = 0; i < path.count; i++) {
		struct slice rest = path.at[i].text, line;

		while (slice_line(&rest, &line)) {
			if (!has(line, text))
				continue;
			found++;
			buf_addf(&p->cli->out, "%zu. ", path.at[i].number);
			cli_show_line(p->cli, who(&path.at[i]), 60);
			buf_adds(&p->cli->out, ": ");
			cli_show_line(p->cli, line, LINE_COLUMNS);
			buf_addc(&p->cli->out, '\n');
		}
	}
	return found || error_set(err, ERROR_NOT_FOUND,
				  "no line of this conversation has that");
}

/* ---- others ---- */

bool
plain_conversations(struct plain *p, struct slice text, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(p->cli->store, err);
	const struct conversation_page page = {.profile = p->cli->profile.id,
					       .limit = 100000};
	struct conversation *list;
	size_t n, shown = 0, fit = 0;

	if (!txn ||
	    !record_conversation_list(txn, &page, &arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!has(list[i].title, text))
			continue;
		if (fit++ >= LISTED)
			continue;
		cli_conversation_line(p->cli, &list[i]);
		shown++;
	}
	if (fit > shown)
		buf_addf(&p->cli->out,
			 "%zu more; /conversations TEXT lists those whose "
			 "title has it\n",
			 fit - shown);
	if (fit)
		return true;
	return error_set(err, ERROR_NOT_FOUND,
			 text.len ? "no conversation has that in its title"
				  : "there is no conversation yet");
}

/* Nothing of the one before is gone on with. */
static void
leave(struct plain *p)
{
	free(p->unsent);
	p->unsent = NULL;
	plain_drop_said(p, 0);
	p->cli->options.conversation = NULL;
}

bool
plain_new(struct plain *p, struct slice nothing, struct error *err)
{
	(void)nothing;
	(void)err;
	leave(p);
	p->mode = MEMORY_FULL;
	buf_adds(&p->cli->out, p->cli->options.incognito
				       ? "a new conversation, incognito\n"
				       : "a new conversation\n");
	return true;
}

bool
plain_open(struct plain *p, struct slice word, struct error *err)
{
	SCOPED(free_pointer) char *name = slice_dup(word);
	struct conversation c;

	if (word.len == 0)
		return error_set(err, ERROR_USAGE,
				 "/open ID, or /open last; /conversations "
				 "lists them");
	if (!cli_find_conversation(p->cli, name, &c, err))
		return false;
	leave(p);
	p->cli->options.incognito = false;
	plain_go_on_with(p, c.id);
	cli_conversation_line(p->cli, &c);
	return c.head == 0 || plain_show(p, (struct slice){0}, err);
}

bool
plain_search(struct plain *p, struct slice text, struct error *err)
{
	struct cli *cli = p->cli;
	const char *conversation = cli->options.conversation;
	char **words = cli->words;
	size_t count = cli->word_count;
	char *query[] = {arena_text(&cli->arena, text), NULL};
	bool good;

	if (text.len == 0)
		return error_set(err, ERROR_USAGE, "/search TEXT: no text");
	cli->options.conversation = NULL; /* everywhere */
	cli->words = query;
	cli->word_count = 1;
	good = cli_recall(cli, err);
	cli->options.conversation = conversation;
	cli->words = words;
	cli->word_count = count;
	return good;
}

/* ---- history ---- */

static bool
read_history(struct plain *p, struct slice text, char **texts, size_t *n,
	     struct error *err)
{
	const struct chat_sent wanted = {.profile = p->cli->profile.id,
					 .having = text,
					 .longest = CHAT_MESSAGE_MAX,
					 .most = HISTORY};

	return chat_sent(p->cli->store, &wanted, texts, n, err);
}

bool
plain_history(struct plain *p, struct slice text, struct error *err)
{
	char *texts[HISTORY];
	size_t n, first;
	bool good = read_history(p, text, texts, &n, err);

	first = MIN(n, (size_t)LISTED);
	for (size_t i = n; i-- > 0;) {
		if (i < first) {
			cli_show_line(p->cli, slice_of(texts[i]), LINE_COLUMNS);
			buf_addc(&p->cli->out, '\n');
		}
		free(texts[i]);
	}
	if (good && n == 0)
		return error_set(err, ERROR_NOT_FOUND,
				 text.len ? "nothing that was sent has that"
					  : "nothing was sent yet");
	return good;
}

void
plain_load_history(struct plain *p)
{
	char *texts[HISTORY];
	struct error err;
	size_t n;

	read_history(p, (struct slice){0}, texts, &n, &err);
	while (n-- > 0) {
		plain_line_remember(texts[n]);
		free(texts[n]);
	}
}
