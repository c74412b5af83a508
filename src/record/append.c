/*
 * append.c - a message takes its place: sequence, parent, sitting, head.
 *
 * A change may run again after it was undone, so what append itself filled
 * in must not steer the next run: the parent that was asked for is kept, all
 * else is worked out anew.
 */
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/utf8.h"
#include "record/key.h"
#include "record/message.h"

/* FNV-1a; the top bit tells it from a session that a seq names. */
static uint64_t
named_session(const struct message *m)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	struct key key = key_of(m->conversation);
	struct slice bytes;

	key_text(&key, m->session_name);
	bytes = key_slice(&key);
	for (size_t i = 0; i < bytes.len; i++) {
		hash ^= (uint8_t)bytes.data[i];
		hash *= UINT64_C(1099511628211);
	}
	return hash | UINT64_C(1) << 63;
}

static uint64_t
session_of(const struct message *m, const struct message *before)
{
	if (m->session_name.len > 0)
		return named_session(m);
	if (before->seq == 0 || before->session == 0)
		return m->seq;
	/* A subtraction would overflow on hostile times. */
	if (before->created_at < m->created_at &&
	    (uint64_t)m->created_at - (uint64_t)before->created_at >
		    (uint64_t)RECORD_SESSION_GAP)
		return m->seq;
	return before->session;
}

static bool
check_free(struct store_txn *txn, const struct message *m, struct arena *arena,
	   struct error *err)
{
	struct message other;
	bool taken;

	if (m->external_id.len > RECORD_EXTERNAL_MAX)
		return error_set(err, ERROR_LIMIT,
				 "an id of %zu bytes, at most %d fit",
				 m->external_id.len, RECORD_EXTERNAL_MAX);
	if (!record_message_by_id(txn, m->profile, m->id, arena, &other, &taken,
				  err))
		return false;
	if (!taken && !record_message_by_external(
			      txn, m->profile, m->conversation, m->external_id,
			      arena, &other, &taken, err))
		return false;
	if (taken)
		return error_set(err, ERROR_CONFLICT, "the message exists");
	return true;
}

/* *before is zeroed for the first of a tree. */
static bool
find_parent(struct store_txn *txn, struct message *m,
	    const struct conversation *c, struct arena *arena,
	    struct message *before, struct error *err)
{
	bool found;

	*before = (struct message){0};
	if (m->seq == 0)
		m->asked = m->parent;
	m->parent = m->asked ? m->asked : c->head;
	if (m->parent == MESSAGE_NO_PARENT)
		m->parent = 0;
	if (m->parent == 0)
		return true;
	if (!record_message_get(txn, m->profile, m->parent, arena, before,
				&found, err))
		return false;
	if (!found || !id_equal(before->conversation, m->conversation))
		return error_set(err, ERROR_INVALID,
				 "the parent is not in this conversation");
	return true;
}

/* The first characters of a question, cut at a word. */
static struct slice
title_of(struct slice content, struct arena *arena)
{
	struct slice text = slice_trim(content), line, rest = text;
	size_t chars = 0, at = 0, word = 0;
	uint32_t cp;

	if (!slice_line(&rest, &line))
		return text;
	line = slice_trim(line);
	while (at < line.len && chars < RECORD_TITLE_CHARS) {
		if (line.data[at] == ' ')
			word = at;
		at += utf8_decode(slice_make(line.data + at, line.len - at),
				  &cp);
		chars++;
	}
	if (at == line.len)
		return arena_copy(arena, line);
	if (line.data[at] != ' ' && word > 0)
		at = word;
	line = slice_trim(slice_make(line.data, at));
	return slice_of(arena_printf(arena, "%.*s...", SLICE_ARG(line)));
}

static bool
move_head(struct store_txn *txn, const struct message *m,
	  const struct conversation *was, unsigned flags, struct arena *arena,
	  struct error *err)
{
	struct conversation now = *was;

	now.updated_at = MAX(was->updated_at, m->created_at);
	if (!(flags & MESSAGE_KEEP_HEAD)) {
		now.head = m->seq;
		now.turn_count = m->turn_number;
	}
	if (now.title.len == 0 && m->role == MESSAGE_USER &&
	    !(flags & MESSAGE_NO_TITLE))
		now.title = title_of(m->content, arena);
	return conversation_save(txn, was, &now, err);
}

/* One for a message; its words are read when it runs. */
static bool
learn_job(struct store_txn *txn, const struct message *m, struct error *err)
{
	struct job job = {.id = m->id,
			  .kind = slice_of("learn"),
			  .profile = m->profile,
			  .ref = m->id,
			  .seq = m->seq};

	return record_job_add(txn, &job, err);
}

static bool
may_be_learned(const struct message *m, const struct conversation *c)
{
	return c->memory_mode == MEMORY_FULL && m->role == MESSAGE_USER &&
	       m->copy_of == 0;
}

bool
record_message_learn(struct store_txn *txn, const struct message *m,
		     struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct conversation c;

	if (!conversation_need(txn, m->profile, m->conversation, &arena, &c,
			       err))
		return false;
	return !may_be_learned(m, &c) || learn_job(txn, m, err);
}

bool
record_message_append(struct store_txn *txn, struct message *m, unsigned flags,
		      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct conversation c;
	struct message before;

	if (m->created_at == 0)
		m->created_at = clock_now();
	if (id_none(m->id))
		m->id = id_make();
	if (!conversation_need(txn, m->profile, m->conversation, &arena, &c,
			       err) ||
	    !check_free(txn, m, &arena, err) ||
	    !find_parent(txn, m, &c, &arena, &before, err) ||
	    !key_next_seq(txn, MESSAGE_COUNTER, &m->seq, err))
		return false;
	m->turn_number = before.turn_number + 1;
	m->session = session_of(m, &before);
	if (!message_save_new(txn, m, err) ||
	    !move_head(txn, m, &c, flags, &arena, err) ||
	    !change_add(txn, m->profile, CHANGE_MESSAGE, CHANGE_PUT, m->id,
			m->seq, err))
		return false;
	if ((flags & MESSAGE_LEARN) && may_be_learned(m, &c) &&
	    !learn_job(txn, m, err))
		return false;
	return flags & MESSAGE_NO_JOB ||
	       message_index_job(txn, m->profile, err);
}
