/*
 * lesson.c - reading jobs, and ending them in the transaction that stores what
 * came of them.
 *
 * A job whose lease has passed to another fails the whole change, so nothing
 * is ever learned twice from it; a message that is gone, redacted, or whose
 * conversation is no longer learned from leaves nothing to do.
 */
#include "lesson.h"

#include "mneme/clock.h"
#include "mneme/utf8.h"

enum { ASKED_MAX = 240 /* bytes of a question that is passed along */ };

static void
nothing(struct memory_said *said)
{
	*said = (struct memory_said){0};
}

/* The question that the person answers: the last one of the message before,
 * unless it was written with memories, which must not be learned again. */
static bool
read_asked(struct store_txn *txn, const struct message *m, struct arena *arena,
	   struct slice *asked, struct error *err)
{
	struct message before;
	struct slice rest, line;
	bool found;

	*asked = (struct slice){0};
	if (m->parent == 0)
		return true;
	if (!record_message_get(txn, m->profile, m->parent, arena, &before,
				&found, err))
		return false;
	if (!found || before.role != MESSAGE_ASSISTANT || before.memory_count)
		return true;
	rest = before.content;
	while (slice_line(&rest, &line)) {
		line = slice_trim(line);
		if (slice_ends(line, "?") && line.len <= ASKED_MAX)
			*asked = line;
	}
	*asked = memory_redacted(*asked, arena, NULL);
	return true;
}

static bool
read_job(struct store_txn *txn, struct lesson *l, size_t i, struct error *err)
{
	const struct job *job = &l->jobs[i];
	struct memory_said *said = &l->said[i];
	struct conversation c;
	struct message m;
	bool found;

	nothing(said);
	if (!record_message_by_id(txn, job->profile, job->ref, &l->arena, &m,
				  &found, err))
		return false;
	if (!found || m.role != MESSAGE_USER)
		return true;
	if (!record_conversation_get(txn, job->profile, m.conversation,
				     &l->arena, &c, &found, err))
		return false;
	if (!found || c.deleting || c.memory_mode != MEMORY_FULL)
		return true;
	*said = (struct memory_said){
		.conversation = m.conversation,
		.message = m.id,
		.turn = m.turn_number,
		.at = m.created_at,
		.text = memory_redacted(utf8_cut(m.content, LESSON_BYTES),
					&l->arena, NULL),
	};
	return memory_source_forgotten(txn, &m, &said->forgotten, err) &&
	       read_asked(txn, &m, &l->arena, &said->asked, err);
}

static bool
spoils(const struct job *job)
{
	return slice_starts(job->error, LESSON_NO_USE);
}

bool
lesson_read(struct store_txn *txn, struct lesson *l, struct error *err)
{
	size_t bytes = 0;

	l->count = 0;
	for (size_t i = 0; i < l->job_count; i++) {
		if (!read_job(txn, l, i, err))
			return false;
		bytes += l->said[i].text.len;
		if (i > 0 && (bytes > LESSON_BYTES || spoils(&l->jobs[0]) ||
			      spoils(&l->jobs[i])))
			break;
		l->count++;
	}
	return true;
}

bool
lesson_empty(const struct lesson *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (slice_trim(l->said[i].text).len > 0)
			return false;
	}
	return true;
}

void
lesson_rules(struct lesson *l)
{
	l->fact_count = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (l->said[i].text.len == 0)
			continue;
		l->fact_count += memory_rules(&l->said[i], i, &l->arena,
					      l->facts + l->fact_count,
					      MEMORY_FACTS_MAX);
	}
}

/* While a model thought, the message may have been forgotten, redacted or
 * deleted, or its conversation closed to learning. */
static bool
still_said(struct store_txn *txn, struct lesson *l, size_t i, bool *same,
	   struct error *err)
{
	const struct memory_said was = l->said[i];
	struct memory_said now;

	if (!read_job(txn, l, i, err))
		return false;
	now = l->said[i];
	l->said[i] = was;
	*same = slice_equal(was.text, now.text) && !now.forgotten;
	return true;
}

static bool
store_facts(struct store_txn *txn, struct lesson *l, struct error *err)
{
	l->learned_count = 0;
	for (size_t said = 0; said < l->count; said++) {
		bool same = true, any;

		if (l->asked && !still_said(txn, l, said, &same, err))
			return false;
		for (size_t i = 0; same && i < l->fact_count; i++) {
			if (l->facts[i].said != said)
				continue;
			if (!memory_learn(txn, l->profile, &l->facts[i],
					  &l->said[said], &l->arena,
					  &l->learned[l->learned_count], &any,
					  err))
				return false;
			l->learned_count += any;
		}
	}
	return true;
}

static bool
end_job(struct store_txn *txn, const struct lesson *l, const struct job *job,
	struct error *err)
{
	int64_t now = clock_now();
	struct slice why = slice_of(l->why.text);

	switch (l->end) {
	case LESSON_DONE:
		return record_job_finish(txn, job, err);
	case LESSON_GIVE_UP:
		return record_job_fail(txn, job, why, now, 0, 0, err);
	case LESSON_LATER:
		return record_job_fail(txn, job, why, now, l->wait, UINT32_MAX,
				       err);
	case LESSON_RELEASE:
		break;
	}
	return record_job_release(txn, job, err);
}

bool
lesson_finish(struct store_txn *txn, void *arg, struct error *err)
{
	struct lesson *l = arg;

	for (size_t i = 0; i < l->job_count; i++) {
		bool in = i < l->count;

		if (in ? !end_job(txn, l, &l->jobs[i], err)
		       : !record_job_release(txn, &l->jobs[i], err))
			return false;
	}
	l->learned_count = 0;
	if (l->end != LESSON_DONE && l->end != LESSON_GIVE_UP)
		return true;
	return store_facts(txn, l, err);
}

void
lesson_reset(struct lesson *l)
{
	l->count = l->job_count = l->fact_count = l->learned_count = 0;
	l->end = LESSON_DONE;
	l->asked = false;
	l->why = (struct error){0};
	arena_reset(&l->arena);
}

void
lesson_clear(struct lesson *l)
{
	arena_clear(&l->arena);
}
