/*
 * check_memory.c - memories, their versions and the rows that lead to them;
 * jobs, changes and open answers.
 */
#include <stdio.h>

#include "record/check.h"
#include "record/memory.h"
#include "record/message.h"
#include "record/rows.h"

static bool
empty_row(struct checking *c, enum store_table table, struct key key,
	  struct id id, const char *what)
{
	return check_there(c, table, key_id(&key, id), slice_of(""), what);
}

/* Sources of one conversation share a row. */
static bool
source_rows(struct checking *c, const struct memory *m)
{
	for (size_t i = 0; i < m->source_count; i++) {
		struct id from = m->sources[i].conversation;
		bool again = id_none(from);

		for (size_t k = 0; k < i && !again; k++)
			again = id_equal(m->sources[k].conversation, from);
		if (again)
			continue;
		c->memory_sources++;
		if (!empty_row(c, STORE_MEMORY_SOURCES,
			       key_of_two(m->profile, from), m->id,
			       "a memory's row of its source"))
			return false;
	}
	return true;
}

static bool
present_version(struct checking *c, const struct memory *m)
{
	struct key key = memory_version_key(m);
	struct slice value;

	if (!store_get(c->txn, STORE_MEMORY_VERSIONS, key_slice(&key), &value,
		       c->err))
		return false;
	if (!value.data)
		check_say(c, "a memory's present version is not in its "
			     "history");
	return true;
}

static bool
one_memory(struct checking *c, struct slice key, struct slice value)
{
	struct memory m = {0};
	bool gone;

	c->out->memories++;
	if (!check_read(c, value, row_memory, &m, "memory"))
		return true;
	if (!check_profile(c, m.profile, "memory", &gone))
		return false;
	if (gone)
		return true;
	struct key own = key_of_two(m.profile, m.id);
	if (!slice_equal(key_slice(&own), key))
		check_say(c, "a memory stands under another's id");
	struct key all = memory_order_prefix(m.profile, 0);
	struct key one = memory_order_prefix(m.profile, m.type + 1);
	struct key external = key_of(m.profile);
	key_time(&all, m.created_at);
	key_time(&one, m.created_at);
	key_text(&external, m.external_id);
	c->memory_order += 2;
	c->memory_keys++;
	c->memory_external += m.external_id.len > 0;
	return empty_row(c, STORE_MEMORY_ORDER, all, m.id,
			 "a memory's place in time") &&
	       empty_row(c, STORE_MEMORY_ORDER, one, m.id,
			 "a memory's place among its type") &&
	       empty_row(c, STORE_MEMORY_KEYS,
			 memory_key_prefix(m.profile, m.key), m.id,
			 "the row of a memory's key") &&
	       source_rows(c, &m) && present_version(c, &m) &&
	       (m.external_id.len == 0 ||
		check_there(c, STORE_MEMORY_EXTERNAL, &external,
			    id_slice(&m.id), "a memory's other id"));
}

static bool
one_version(struct checking *c, struct slice key, struct slice value)
{
	struct memory m = {0}, now;
	bool found;

	if (!check_read(c, value, row_memory, &m, "version of a memory"))
		return true;
	struct key own = memory_version_key(&m);
	if (!slice_equal(key_slice(&own), key))
		check_say(c, "a version of a memory stands under another key");
	if (!record_memory_get(c->txn, m.profile, m.id, &c->arena, &now, &found,
			       c->err))
		return false;
	if (!found && !c->parting)
		check_say(c, "a version is left of a memory that is gone");
	else if (found && m.version > now.version)
		check_say(c, "a memory of version %u has a version %u",
			  now.version, m.version);
	return true;
}

bool
check_learned(struct checking *c)
{
	return check_walk(c, STORE_MEMORIES, one_memory) &&
	       check_walk(c, STORE_MEMORY_VERSIONS, one_version) &&
	       check_count(c, STORE_MEMORY_ORDER, c->memory_order,
			   "memories in time") &&
	       check_count(c, STORE_MEMORY_KEYS, c->memory_keys,
			   "memories' keys") &&
	       check_count(c, STORE_MEMORY_SOURCES, c->memory_sources,
			   "memories' sources") &&
	       check_count(c, STORE_MEMORY_EXTERNAL, c->memory_external,
			   "memories' other ids");
}

/* ---- jobs, changes, open answers ---- */

static bool
one_job(struct checking *c, struct slice key, struct slice value)
{
	struct job j = {0};

	c->out->jobs++;
	if (!check_read(c, value, row_job, &j, "job"))
		return true;
	c->out->poison += j.poison;
	if (!id_equal(key_tail_id(key), j.id))
		check_say(c, "a job stands under another's id");
	return true;
}

static bool
one_change(struct checking *c, struct slice key, struct slice value)
{
	struct change h = {0};
	uint64_t last;

	if (!check_read(c, value, row_change, &h, "change"))
		return true;
	if (h.seq != key_tail_seq(key))
		check_say(c, "a change stands under another's number");
	if (!record_change_last(c->txn, &last, c->err))
		return false;
	if (h.seq > last)
		check_say(c, "change %llu, but the last is %llu",
			  (unsigned long long)h.seq, (unsigned long long)last);
	return true;
}

static bool
one_journal(struct checking *c, struct slice key, struct slice value)
{
	struct journal j = {0};

	c->out->open_answers++;
	if (check_read(c, value, row_journal, &j, "open answer") &&
	    !id_equal(key_tail_id(key), j.message))
		check_say(c, "an open answer stands under another's id");
	return true;
}

bool
check_log(struct checking *c)
{
	uint64_t last;

	if (!record_message_last(c->txn, &last, c->err))
		return false;
	if (c->last_message > last)
		check_say(c, "message %llu, but the last is %llu",
			  (unsigned long long)c->last_message,
			  (unsigned long long)last);
	return check_walk(c, STORE_JOBS, one_job) &&
	       check_walk(c, STORE_CHANGES, one_change) &&
	       check_walk(c, STORE_JOURNAL, one_journal);
}
