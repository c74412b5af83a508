/*
 * check.c - is the store what it should be?
 *
 * Each record is read and the rows that must lead to it are looked up; then
 * the rows of each such table are counted.  A row for every record and as
 * many rows as records: no row leads nowhere.  What is being deleted goes in
 * steps, so of that only the records that are there are looked at.
 */
#include "record/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "mneme/error.h"
#include "record/conversation.h"
#include "record/message.h"
#include "record/rows.h"

void
check_say(struct checking *c, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	c->out->problems++;
	if (c->each)
		c->each(c->arg, text);
}

bool
check_walk(struct checking *c, enum store_table table, check_row_fn *row)
{
	SCOPED(store_scan_drop)
	struct store_cursor *cursor =
		store_scan(c->txn, table, (struct slice){0}, (struct slice){0},
			   false, c->err);
	struct slice key, value;

	if (!cursor)
		return false;
	while (store_next(cursor, &key, &value)) {
		arena_reset(&c->arena);
		if (!row(c, key, value))
			return false;
	}
	return store_scan_end(&cursor, c->err);
}

bool
check_read(struct checking *c, struct slice value, fields_fn *fields,
	   void *record, const char *what)
{
	struct error why = {0};

	if (row_read(value, fields, record, &c->arena, &why))
		return true;
	check_say(c, "a %s cannot be read: %s", what, why.text);
	return false;
}

bool
check_there(struct checking *c, enum store_table table, const struct key *key,
	    struct slice want, const char *what)
{
	struct slice value;

	if (!store_get(c->txn, table, key_slice(key), &value, c->err))
		return false;
	if (!value.data)
		check_say(c, "%s is missing", what);
	else if (!slice_equal(value, want))
		check_say(c, "%s leads elsewhere", what);
	return true;
}

bool
check_count(struct checking *c, enum store_table table, uint64_t want,
	    const char *what)
{
	uint64_t n;

	if (!store_count(c->txn, table, &n, c->err))
		return false;
	if (n != want && !c->parting)
		check_say(c, "%llu rows of %s, %llu expected",
			  (unsigned long long)n, what,
			  (unsigned long long)want);
	return true;
}

bool
check_profile(struct checking *c, struct id id, const char *what, bool *gone)
{
	struct key key = key_of(id);
	struct profile p = {0};
	bool found;

	*gone = false;
	if (!row_get(c->txn, STORE_PROFILES, key_slice(&key), row_profile, &p,
		     &c->arena, &found, c->err))
		return false;
	if (!found)
		check_say(c, "a %s belongs to nobody", what);
	*gone = !found || p.deleting;
	c->parting = c->parting || *gone;
	return true;
}

/* ---- people ---- */

static bool
name_row(struct checking *c, char kind, struct slice name, struct id id)
{
	struct key key = {0};

	if (name.len == 0)
		return true;
	key_add(&key, &kind, 1);
	key_text(&key, kind == 'x' ? name : key_fold(&c->arena, name));
	c->names++;
	return check_there(c, STORE_PROFILE_NAMES, &key, id_slice(&id),
			   "the row of a profile's name");
}

static bool
one_profile(struct checking *c, struct slice key, struct slice value)
{
	struct profile p = {0};

	c->out->profiles++;
	if (!check_read(c, value, row_profile, &p, "profile"))
		return true;
	if (!id_equal(key_tail_id(key), p.id))
		check_say(c, "a profile stands under another's id");
	return name_row(c, 'n', p.name, p.id) &&
	       name_row(c, 'e', p.email, p.id) &&
	       name_row(c, 'x', p.external_id, p.id);
}

/* ---- conversations ---- */

static bool
check_head(struct checking *c, const struct conversation *v)
{
	struct message m;
	bool found;

	if (v->head == 0) {
		if (v->turn_count)
			check_say(c, "an empty conversation counts %u %s",
				  v->turn_count,
				  plural(v->turn_count, "turn", "turns"));
		return true;
	}
	if (!record_message_get(c->txn, v->profile, v->head, &c->arena, &m,
				&found, c->err))
		return false;
	if (!found || !id_equal(m.conversation, v->id))
		check_say(c, "a conversation's newest message is missing");
	else if (m.turn_number != v->turn_count)
		check_say(c, "a conversation of %u %s ends with turn %u",
			  v->turn_count, plural(v->turn_count, "turn", "turns"),
			  m.turn_number);
	return true;
}

static bool
one_conversation(struct checking *c, struct slice key, struct slice value)
{
	struct conversation v = {0};
	char archived;
	bool gone;

	c->out->conversations++;
	if (!check_read(c, value, row_conversation, &v, "conversation"))
		return true;
	struct key own = key_of_two(v.profile, v.id);
	if (!slice_equal(key_slice(&own), key))
		check_say(c, "a conversation stands under another's id");
	if (!check_profile(c, v.profile, "conversation", &gone))
		return false;
	if (v.deleting || gone)
		return true;
	struct key order = key_of(v.profile);
	key_id(key_time_newest(&order, v.updated_at), v.id);
	archived = v.archived ? 1 : 0;
	c->ordered++;
	if (!check_there(c, STORE_CONVERSATION_ORDER, &order,
			 slice_make(&archived, 1),
			 "a conversation's place in the list"))
		return false;
	struct key external = key_of(v.profile);
	key_text(&external, v.external_id);
	c->external += v.external_id.len > 0;
	if (v.external_id.len > 0 &&
	    !check_there(c, STORE_CONVERSATION_EXTERNAL, &external,
			 id_slice(&v.id), "a conversation's other id"))
		return false;
	return check_head(c, &v);
}

/* ---- messages ---- */

static bool
check_parent(struct checking *c, const struct message *m)
{
	struct message parent;
	bool found;

	if (m->parent == 0) {
		if (m->turn_number != 1)
			check_say(c, "a first message is turn %u",
				  m->turn_number);
		return true;
	}
	if (!record_message_get(c->txn, m->profile, m->parent, &c->arena,
				&parent, &found, c->err))
		return false;
	if (!found || !id_equal(parent.conversation, m->conversation) ||
	    m->parent >= m->seq)
		check_say(c, "what a message follows is missing");
	else if (m->turn_number != parent.turn_number + 1)
		check_say(c, "turn %u follows turn %u", m->turn_number,
			  parent.turn_number);
	return true;
}

static bool
message_rows(struct checking *c, const struct message *m)
{
	struct key seq = key_of_seq(m->seq), parent = key_of_seq(m->parent);
	struct key id = key_of_two(m->profile, m->id);
	struct key person = key_of(m->profile);
	struct key place = key_of_two(m->profile, m->conversation);
	struct key external = place;

	key_u64(&person, m->seq);
	key_u64(&place, m->seq);
	key_text(&external, m->external_id);
	c->message_external += m->external_id.len > 0;
	return check_there(c, STORE_MESSAGE_IDS, &id, key_slice(&seq),
			   "the row of a message's id") &&
	       check_there(c, STORE_PROFILE_MESSAGES, &person, slice_of(""),
			   "a message's row of its person") &&
	       check_there(c, STORE_CONVERSATION_MESSAGES, &place,
			   key_slice(&parent),
			   "a message's row of its conversation") &&
	       (m->external_id.len == 0 ||
		check_there(c, STORE_MESSAGE_EXTERNAL, &external,
			    key_slice(&seq), "a message's other id"));
}

static bool
one_message(struct checking *c, struct slice key, struct slice value)
{
	struct message m = {0};
	struct conversation v = {0};
	bool found, gone;

	c->out->messages++;
	if (!check_read(c, value, row_message, &m, "message"))
		return true;
	if (m.seq != key_tail_seq(key))
		check_say(c, "a message stands under another's number");
	c->last_message = MAX(c->last_message, m.seq);
	if (!check_profile(c, m.profile, "message", &gone))
		return false;
	if (gone)
		return true;
	if (!message_rows(c, &m) ||
	    !conversation_any(c->txn, m.profile, m.conversation, &c->arena, &v,
			      &found, c->err))
		return false;
	if (!found)
		check_say(c, "a message belongs to no conversation");
	if (!found || v.deleting)
		return true;
	return check_parent(c, &m) && check_attachments(c, &m);
}

/* ---- what people prove themselves with ---- */

/* What is found without its person by a letter and the same hash. */
static bool
hash_row(struct checking *c, struct slice key, char kind, const char *what)
{
	struct key name = {0};
	struct id profile;
	bool gone;

	if (key.len != sizeof(profile) + RECORD_HASH) {
		check_say(c, "%s stands under a key that is none", what);
		return true;
	}
	memcpy(&profile, key.data, sizeof(profile));
	if (!check_profile(c, profile, what, &gone))
		return false;
	if (gone)
		return true;
	key_add(&name, &kind, 1);
	key_add(&name, key.data + sizeof(profile), RECORD_HASH);
	c->names++;
	return check_there(c, STORE_PROFILE_NAMES, &name, id_slice(&profile),
			   "the row by which a key or an identity is found");
}

static bool
one_api_key(struct checking *c, struct slice key, struct slice value)
{
	(void)value;
	return hash_row(c, key, 'k', "key of a program");
}

/* A person's own row holds the hash of the password. */
static bool
one_identity(struct checking *c, struct slice key, struct slice value)
{
	struct id profile;
	bool gone;

	(void)value;
	if (key.len != sizeof(profile))
		return hash_row(c, key, 'i', "identity");
	memcpy(&profile, key.data, sizeof(profile));
	return check_profile(c, profile, "password", &gone);
}

static bool
people_and_words(struct checking *c)
{
	return check_walk(c, STORE_PROFILES, one_profile) &&
	       check_walk(c, STORE_API_KEYS, one_api_key) &&
	       check_walk(c, STORE_IDENTITIES, one_identity) &&
	       check_walk(c, STORE_CONVERSATIONS, one_conversation) &&
	       check_walk(c, STORE_MESSAGES, one_message) &&
	       check_walk(c, STORE_ATTACHMENTS, check_attachment) &&
	       check_count(c, STORE_PROFILE_NAMES, c->names,
			   "profiles' names") &&
	       check_count(c, STORE_CONVERSATION_ORDER, c->ordered,
			   "the list of conversations") &&
	       check_count(c, STORE_CONVERSATION_EXTERNAL, c->external,
			   "conversations' other ids") &&
	       check_count(c, STORE_MESSAGE_IDS, c->out->messages,
			   "messages' ids") &&
	       check_count(c, STORE_PROFILE_MESSAGES, c->out->messages,
			   "people's messages") &&
	       check_count(c, STORE_CONVERSATION_MESSAGES, c->out->messages,
			   "conversations' messages") &&
	       check_count(c, STORE_MESSAGE_EXTERNAL, c->message_external,
			   "messages' other ids");
}

bool
record_check(struct store_txn *txn, record_problem_fn *each, void *arg,
	     struct record_check *out, struct error *err)
{
	struct checking c = {
		.txn = txn, .each = each, .arg = arg, .out = out, .err = err};

	*out = (struct record_check){0};
	bool good = people_and_words(&c) && check_learned(&c) && check_log(&c);
	arena_clear(&c.arena);
	map_clear(&c.attached, NULL);
	return good;
}
