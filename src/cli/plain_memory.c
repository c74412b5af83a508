/*
 * plain_memory.c - what is remembered, what an answer rests on, and how much
 * of either there is to be.
 */
#include <stdlib.h>

#include "mneme/clock.h"
#include "mneme/json.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "plain_private.h"

enum { LISTED = 50, TEXT_COLUMNS = 2000 };

static bool
fits(const struct memory *m, struct slice text)
{
	size_t len;

	return text.len == 0 ||
	       utf8_find(m->value, text, 0, &len) < m->value.len ||
	       utf8_find(m->key, text, 0, &len) < m->key.len;
}

bool
plain_memories(struct plain *p, struct slice text, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(p->cli->store, err);
	const struct memory_filter filter = {.profile = p->cli->profile.id,
					     .type = MEMORY_TYPE_COUNT,
					     .state = MEMORY_ACTIVE};
	struct memory *list;
	size_t n, fit = 0;

	if (!txn || !memory_list(txn, &filter, NULL, MEMORY_LIST_MAX, &arena,
				 &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (fits(&list[i], text) && fit++ < LISTED)
			cli_memory_line(p->cli, &list[i], 0);
	if (fit > LISTED)
		buf_addf(&p->cli->out,
			 "%zu more; /memories TEXT lists those that have it\n",
			 fit - LISTED);
	if (fit)
		return true;
	return error_set(err, ERROR_NOT_FOUND,
			 text.len ? "nothing that is remembered has that"
				  : "nothing is remembered yet");
}

/* ---- what an answer rests on ---- */

/* The terms as they were stored; names live in the arena. */
static size_t
read_terms(struct slice why_json, struct arena *arena,
	   struct memory_term terms[MEMORY_TERMS_MAX])
{
	SCOPED(json_drop) json_t *why = json_read(why_json, NULL);
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(why, name, value)
	{
		if (n < MEMORY_TERMS_MAX)
			terms[n++] = (struct memory_term){
				arena_text(arena, slice_of(name)),
				json_number_value(value)};
	}
	return n;
}

static struct slice
speaker(const struct memory_result *r)
{
	if (r->speaker.len)
		return r->speaker;
	return slice_of(r->role == MESSAGE_USER ? "you" : "the model");
}

/* A memory's is that of what it was learned from. */
static bool
read_title(struct store_txn *txn, struct id profile, struct memory_result *r,
	   struct arena *arena, struct error *err)
{
	struct conversation c;
	bool found;

	if (r->title.len || id_none(r->conversation))
		return true;
	if (!record_conversation_get(txn, profile, r->conversation, arena, &c,
				     &found, err))
		return false;
	if (found)
		r->title = c.title;
	else
		r->conversation = (struct id){{0}};
	return true;
}

/* Who said it, when, in which conversation. */
static void
show_source(struct plain *p, const struct memory_result *r)
{
	struct clock_civil d = clock_civil(r->created_at, true);
	struct buf *out = &p->cli->out;
	char id[ID_TEXT + 1];

	buf_adds(out, "   ");
	if (r->kind == USED_MEMORY) {
		buf_adds(out, "a memory of yours");
	} else {
		buf_adds(out, "said by ");
		cli_show_line(p->cli, speaker(r), 60);
	}
	buf_addf(out, ", %04d-%02d-%02d", d.year, d.month, d.day);
	if (!id_none(r->conversation)) {
		buf_adds(out, ", in \"");
		cli_show_line(p->cli, r->title, 60);
		buf_addf(out, "\" (/open %s)", id_format(r->conversation, id));
	} else {
		buf_addf(out, " (/memory show %s)", id_format(r->id, id));
	}
	buf_addc(out, '\n');
}

static bool
show_used(struct plain *p, struct store_txn *txn,
	  const struct message_memory *used, size_t place, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory_term terms[MEMORY_TERMS_MAX];
	struct memory_result r;
	struct buf *out = &p->cli->out;
	bool found;

	if (!memory_resolve(txn, p->cli->profile.id, used, &arena, &r, &found,
			    err) ||
	    (found && !read_title(txn, p->cli->profile.id, &r, &arena, err)))
		return false;
	buf_addf(out, "%zu. ", place);
	if (found) {
		cli_show_line(p->cli, r.text, TEXT_COLUMNS);
		buf_addc(out, '\n');
		show_source(p, &r);
	} else {
		buf_adds(out, "(forgotten since the answer was given)\n");
	}
	cli_show_terms(p->cli, terms, read_terms(used->why_json, &arena, terms),
		       used->score);
	buf_addc(out, '\n');
	return true;
}

bool
plain_used(struct plain *p, struct slice number, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	SCOPED(store_end) struct store_txn *txn = NULL;
	struct conversation c;
	const struct message *m;
	size_t at;

	if (!plain_stored(p, &c, err) || !plain_read_path(p, &path, err) ||
	    !plain_choose(&path, number, false, &at, err))
		return false;
	m = &path.at[at].m;
	if (m->memory_count == 0) {
		buf_addf(&p->cli->out,
			 "the answer of turn %zu rests on no memory\n",
			 path.at[at].number);
		return true;
	}
	txn = store_read(p->cli->store, err);
	if (!txn)
		return false;
	buf_addf(&p->cli->out, "the answer of turn %zu rests on %zu %s:\n",
		 path.at[at].number, m->memory_count,
		 m->memory_count == 1 ? "memory" : "memories");
	for (size_t i = 0; i < m->memory_count; i++)
		if (!show_used(p, txn, &m->memories[i], i + 1, err))
			return false;
	return true;
}

/* ---- how much ---- */

static bool
put_mode(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct conversation *wanted = arg;
	struct conversation c;
	bool found;

	if (!record_conversation_get(txn, wanted->profile, wanted->id, &arena,
				     &c, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
				 "this conversation was deleted");
	c.memory_mode = wanted->memory_mode;
	return record_conversation_update(txn, &c, err);
}

static void
say_mode(struct plain *p, enum memory_mode mode)
{
	buf_addf(&p->cli->out, "memory %s: %s\n", memory_mode_names[mode],
		 memory_mode_notes[mode]);
}

bool
plain_memory_mode(struct plain *p, struct slice word, struct error *err)
{
	struct conversation c;
	bool any;
	int mode = 0;

	if (p->cli->options.incognito)
		return error_set(err, ERROR_INVALID,
				 "nothing of an incognito conversation is "
				 "learned; /incognito ends it");
	if (!plain_conversation(p, &c, &any, err))
		return false;
	if (word.len == 0) {
		say_mode(p, any ? c.memory_mode : p->mode);
		return true;
	}
	while (mode < MEMORY_MODE_COUNT &&
	       !slice_is(word, memory_mode_names[mode]))
		mode++;
	if (mode == MEMORY_MODE_COUNT)
		return error_set(err, ERROR_USAGE, "'%.*s': full, read or off",
				 (int)MIN(word.len, (size_t)40), word.data);
	c.memory_mode = (enum memory_mode)mode;
	if (any && !store_write(p->cli->store, put_mode, &c, err))
		return false;
	if (!any)
		p->mode = c.memory_mode;
	say_mode(p, c.memory_mode);
	return true;
}

void
plain_drop_said(struct plain *p, size_t from)
{
	while (p->said_count > from) {
		struct plain_said *said = p->said[--p->said_count];

		explicit_bzero(said->text, strlen(said->text));
		free(said->text);
		attached_clear(&said->attached);
		free(said);
	}
}

bool
plain_incognito(struct plain *p, struct slice nothing, struct error *err)
{
	bool *incognito = &p->cli->options.incognito;

	*incognito = !*incognito;
	if (p->attended && !*incognito && !p->desk.engine.chat.learner) {
		desk_learn(&p->desk);
		plain_listen(p);
	}
	if (!plain_new(p, nothing, err))
		return false;
	buf_adds(&p->cli->out,
		 *incognito ? "nothing of it is stored; /incognito ends it\n"
			    : "what is said is remembered again\n");
	return true;
}
