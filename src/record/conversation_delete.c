/*
 * conversation_delete.c - a conversation goes, in steps that a crash may
 * part: first nobody finds it, last its row and the job that stands for the
 * rest of the work.
 */
#include "mneme/arena.h"
#include "mneme/error.h"
#include "record/conversation.h"
#include "record/key.h"
#include "record/rows.h"

static struct job
delete_job(const struct conversation *c)
{
	return (struct job){.id = c->id,
			    .kind = slice_of("delete"),
			    .profile = c->profile,
			    .ref = c->id,
			    .due = 1};
}

static bool
mark_deleting(struct store_txn *txn, const struct conversation *was,
	      struct error *err)
{
	struct conversation gone = {.id = was->id,
				    .profile = was->profile,
				    .updated_at = was->updated_at,
				    .deleting = true};
	struct job job = delete_job(was);

	return conversation_save(txn, was, &gone, err) &&
	       record_job_add(txn, &job, err) &&
	       change_add(txn, was->profile, CHANGE_CONVERSATION, CHANGE_DELETE,
			  was->id, 0, err);
}

static bool
purge_journal(struct store_txn *txn, struct id profile, struct id conversation,
	      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct journal *list;
	size_t n;

	if (!record_journal_list(txn, profile, &arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (id_equal(list[i].conversation, conversation) &&
		    !record_journal_drop(txn, &list[i], err))
			return false;
	return true;
}

/* Jobs about the conversation, its own "delete" among them. */
static bool
purge_jobs(struct store_txn *txn, struct id conversation, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice all = {0};
	struct job *jobs;
	size_t n;

	if (!record_job_list(txn, all, &arena, &jobs, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (id_equal(jobs[i].ref, conversation) &&
		    !record_job_drop(txn, &jobs[i], err))
			return false;
	return true;
}

bool
record_conversation_delete(struct store_txn *txn, struct id profile,
			   struct id id, size_t budget, bool *done,
			   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct key key = key_of_two(profile, id);
	struct conversation c;
	bool found;

	*done = false;
	if (!conversation_any(txn, profile, id, &arena, &c, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such conversation");
	if (!c.deleting && !mark_deleting(txn, &c, err))
		return false;
	if (!message_purge(txn, profile, id, &budget, err) ||
	    !key_purge(txn, STORE_ATTACHMENTS, &key, &budget, err) ||
	    !key_purge(txn, STORE_DRAFTS, &key, &budget, err))
		return false;
	if (budget == 0)
		return true;
	*done = true;
	return purge_journal(txn, profile, id, err) &&
	       purge_jobs(txn, id, err) &&
	       store_delete(txn, STORE_CONVERSATIONS, key_slice(&key), NULL,
			    err);
}
