/*
 * redact.c - text taken out of rows that stay.
 *
 * Nothing here makes a version or keeps what was: the old bytes go with the
 * pages that they lay in when the store is written anew.
 */
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "record/key.h"

static bool
refers(const struct message *m, const uint8_t sha256[32])
{
	for (size_t i = 0; i < m->attachment_count; i++)
		if (memcmp(m->attachments[i].sha256, sha256, 32) == 0)
			return true;
	return false;
}

/* Bytes that no other message of the conversation refers to. */
static bool
drop_attachment(struct store_txn *txn, const struct message *m,
		const uint8_t sha256[32], struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct key key = key_of_two(m->profile, m->conversation);
	struct record_scan *scan = record_message_scan(
		txn, m->profile, m->conversation, 0, false, err);
	struct message other;
	bool kept = false;

	while (scan && !kept && record_message_next(scan, &arena, &other))
		kept = other.seq != m->seq && refers(&other, sha256);
	key_add(&key, sha256, 32);
	return record_scan_end(&scan, err) &&
	       (kept || store_delete(txn, STORE_ATTACHMENTS, key_slice(&key),
				     NULL, err));
}

bool
record_message_redact(struct store_txn *txn, struct id profile, uint64_t seq,
		      bool prompt, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct message m;
	bool found;

	if (!record_message_get(txn, profile, seq, &arena, &m, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such message");
	for (size_t i = 0; i < m.attachment_count; i++)
		if (!drop_attachment(txn, &m, m.attachments[i].sha256, err))
			return false;
	m.content = slice_of(RECORD_FORGOTTEN_TEXT);
	m.attachment_count = 0;
	if (prompt)
		m.prompt = (struct slice){0};
	return record_message_update(txn, &m, err);
}

/* ---- the other rows ---- */

struct redaction {
	struct store_txn *txn;
	struct id profile;
	record_says_fn *says;
	void *arg;
	struct arena arena;
};

static bool
redact_titles(struct redaction *r, struct error *err)
{
	const struct conversation_page all = {
		.profile = r->profile, .filter = RECORD_ALL, .limit = SIZE_MAX};
	struct conversation *list;
	size_t n;

	if (!record_conversation_list(r->txn, &all, &r->arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!r->says(r->arg, list[i].title))
			continue;
		list[i].title = slice_of(RECORD_FORGOTTEN_TEXT);
		if (!record_conversation_update(r->txn, &list[i], err))
			return false;
	}
	return true;
}

/* The lines of `text` that may stay. */
static struct slice
without(struct redaction *r, struct slice text)
{
	char *out = arena_alloc(&r->arena, text.len + 1, 1);
	struct slice rest = text, line;
	size_t n = 0;

	while (slice_line(&rest, &line)) {
		if (r->says(r->arg, line))
			continue;
		if (n)
			out[n++] = '\n';
		memcpy(out + n, line.data, line.len);
		n += line.len;
	}
	/* Said across lines: nothing of it stays. */
	return r->says(r->arg, slice_make(out, n)) ? (struct slice){0}
						   : slice_make(out, n);
}

/* Drafts and settings are plain text under the person's keys. */
static bool
redact_texts(struct redaction *r, enum store_table table, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(r->profile);
	struct slice key, value;

	cursor = store_scan(r->txn, table, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (store_next(cursor, &key, &value)) {
		struct slice row = arena_copy(&r->arena, key), text;

		if (!r->says(r->arg, value))
			continue;
		text = without(r, arena_copy(&r->arena, value));
		if (text.len ? !store_put(r->txn, table, row, text, err)
			     : !store_delete(r->txn, table, row, NULL, err))
			return false;
	}
	return store_scan_end(&cursor, err);
}

static bool
redact_journals(struct redaction *r, struct error *err)
{
	struct journal *list;
	size_t n;

	if (!record_journal_list(r->txn, r->profile, &r->arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!r->says(r->arg, list[i].text))
			continue;
		list[i].text = slice_of(RECORD_FORGOTTEN_TEXT);
		if (!record_journal_drop(r->txn, &list[i], err) ||
		    !record_journal_add(r->txn, &list[i], err))
			return false;
	}
	return true;
}

/* A payload that says it is work that must not be done any more; an error may
 * quote what a model answered. */
static bool
redact_jobs(struct redaction *r, struct error *err)
{
	struct slice all = {0};
	struct job *list;
	size_t n;

	if (!record_job_list(r->txn, all, &r->arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct job *j = &list[i];
		bool payload = r->says(r->arg, j->payload);

		if (!id_equal(j->profile, r->profile) ||
		    (!payload && !r->says(r->arg, j->error)))
			continue;
		if (!record_job_drop(r->txn, j, err))
			return false;
		j->error = slice_of(RECORD_FORGOTTEN_TEXT);
		if (!payload && !record_job_add(r->txn, j, err))
			return false;
	}
	return true;
}

bool
record_redact(struct store_txn *txn, struct id profile, record_says_fn *says,
	      void *arg, struct error *err)
{
	struct redaction r = {
		.txn = txn, .profile = profile, .says = says, .arg = arg};
	struct key all = key_of(profile);
	size_t budget = SIZE_MAX;

	if (!key_profile(profile, err))
		return false;
	/* Replies are encoded in ways of their own, and soon worth nothing. */
	bool good = redact_titles(&r, err) &&
		    redact_texts(&r, STORE_DRAFTS, err) &&
		    redact_texts(&r, STORE_SETTINGS, err) &&
		    redact_journals(&r, err) && redact_jobs(&r, err) &&
		    key_purge(txn, STORE_IDEMPOTENCY, &all, &budget, err);
	arena_clear(&r.arena);
	return good;
}
