/*
 * forget.c - forgetting, in one change.
 *
 * First what goes is found and its wordings are gathered (values and quotes of
 * every version); then one walk over the person's messages finds those that
 * say it; then rows are redacted and the memories deleted.
 */
#include "forget.h"

#include <stdio.h>
#include <stdlib.h>

#include "line.h"
#include "mneme/error.h"

static void
forgetting_clear(struct forgetting *g)
{
	says_destroy(&g->says);
	arena_clear(&g->scratch);
	free(g->gone);
	free(g->sources);
	free(g->source_seqs);
	free(g->rooms);
	free(g->heard);
}

bool
forgetting_has_id(const struct id *list, size_t n, struct id id)
{
	for (size_t i = 0; i < n; i++)
		if (id_equal(list[i], id))
			return true;
	return false;
}

/* ---- what goes ---- */

bool
forgetting_goes(const struct forgetting *g, struct id id)
{
	for (size_t i = 0; i < g->gone_count; i++)
		if (id_equal(g->gone[i].id, id))
			return true;
	return false;
}

static void
let_go(struct forgetting *g, const struct memory *m)
{
	if (forgetting_goes(g, m->id))
		return;
	g->gone = grow(g->gone, &g->gone_cap, g->gone_count + 1,
		       sizeof(*g->gone));
	g->gone[g->gone_count++] = *m;
}

static bool
find_named(struct forgetting *g, struct error *err)
{
	for (size_t i = 0; i < g->f->count; i++) {
		struct memory m;
		bool found;

		if (!record_memory_get(g->txn, g->f->profile, g->f->ids[i],
				       g->f->arena, &m, &found, err))
			return false;
		if (!found)
			return error_set(err, ERROR_NOT_FOUND,
					 "no such memory");
		let_go(g, &m);
	}
	return true;
}

static bool
says_the_same(struct forgetting *g, const struct memory *m)
{
	struct slice plain = record_normalise(&g->scratch, m->value);

	for (size_t i = 0; i < g->gone_count; i++) {
		if (m->state == MEMORY_MERGED &&
		    id_equal(m->superseded_by, g->gone[i].id))
			return true;
		if (slice_equal(plain, record_normalise(&g->scratch,
							g->gone[i].value)))
			return true;
	}
	return false;
}

/* Until no more are found: a merged one may have had others merged into it. */
static bool
find_alike(struct forgetting *g, struct error *err)
{
	size_t before;

	do {
		struct record_scan *scan = record_memory_scan(
			g->txn, g->f->profile, MEMORY_TYPE_COUNT, false, err);
		struct memory m;

		before = g->gone_count;
		while (scan && record_memory_next(scan, g->f->arena, &m)) {
			arena_reset(&g->scratch);
			if (!forgetting_goes(g, m.id) && says_the_same(g, &m))
				let_go(g, &m);
		}
		if (!record_scan_end(&scan, err))
			return false;
	} while (g->gone_count > before);
	return true;
}

static void
add_source(struct forgetting *g, const struct memory_source *s)
{
	says_add(g->says, s->quote, false);
	if (id_none(s->message) ||
	    forgetting_has_id(g->sources, g->source_count, s->message))
		return;
	g->sources = grow(g->sources, &g->source_cap, g->source_count + 1,
			  sizeof(*g->sources));
	g->sources[g->source_count++] = s->message;
}

static bool
gather_wordings(struct forgetting *g, struct error *err)
{
	for (size_t i = 0; i < g->gone_count; i++) {
		struct memory *versions;
		size_t n;

		if (!record_memory_versions(g->txn, g->f->profile,
					    g->gone[i].id, g->f->arena,
					    &versions, &n, err))
			return false;
		for (size_t v = 0; v < n; v++) {
			says_add(g->says, versions[v].value, true);
			for (size_t k = 0; k < versions[v].source_count; k++)
				add_source(g, &versions[v].sources[k]);
		}
	}
	return true;
}

/* Messages that are to go by themselves: what they say is a wording, too. */
static bool
gather_said(struct forgetting *g, struct error *err)
{
	for (size_t i = 0; i < g->f->said_given; i++) {
		struct memory_source source = {.message = g->f->said[i]};
		struct message m;
		bool found;

		if (!record_message_by_id(g->txn, g->f->profile, g->f->said[i],
					  g->f->arena, &m, &found, err))
			return false;
		if (!found)
			return error_set(err, ERROR_NOT_FOUND,
					 "no such message");
		source.quote = m.content;
		add_source(g, &source);
	}
	return true;
}

/* ---- and does not come back ---- */

static struct slice
source_mark(struct id message, char out[ID_TEXT + 16])
{
	char id[ID_TEXT + 1];

	snprintf(out, ID_TEXT + 16, "message %s", id_format(message, id));
	return slice_of(out);
}

static bool
leave_prints(struct forgetting *g, const struct memory *m, struct error *err)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (!record_forget_text(g->txn, m->profile, m->sources[i].quote,
					err))
			return false;
	return record_memory_forget(g->txn, m->profile, m->id, err);
}

static bool
leave_marks(struct forgetting *g, struct error *err)
{
	char mark[ID_TEXT + 16];

	for (size_t i = 0; i < g->source_count; i++) {
		struct message m;
		bool found;

		arena_reset(&g->scratch);
		if (!record_forget_text(g->txn, g->f->profile,
					source_mark(g->sources[i], mark),
					err) ||
		    !record_message_by_id(g->txn, g->f->profile, g->sources[i],
					  &g->scratch, &m, &found, err) ||
		    (found && !record_forget_text(g->txn, g->f->profile,
						  m.content, err)))
			return false;
	}
	return true;
}

bool
memory_source_forgotten(struct store_txn *txn, const struct message *m,
			bool *forgotten, struct error *err)
{
	char mark[ID_TEXT + 16];

	if (!record_forgotten(txn, m->profile, source_mark(m->id, mark),
			      forgotten, err))
		return false;
	return *forgotten ||
	       record_forgotten(txn, m->profile, m->content, forgotten, err);
}

bool
memory_purge_later(struct store_txn *txn, struct id profile, struct error *err)
{
	struct job job = {.id = profile,
			  .kind = slice_of("purge"),
			  .profile = profile,
			  .due = 1};

	return record_job_add(txn, &job, err);
}

static bool
forget(struct forgetting *g, struct error *err)
{
	struct memory_forgetting *f = g->f;

	if (!find_named(g, err) || !find_alike(g, err) ||
	    !gather_wordings(g, err) || !gather_said(g, err) ||
	    !forgetting_hear(g, err) || !forgetting_list_said(g, err) ||
	    !leave_marks(g, err) || !forgetting_redact_messages(g, err) ||
	    !forgetting_redact_memories(g, err) ||
	    !line_leave(g->txn, f->profile, g->gone, g->gone_count, f->arena,
			&f->again, &f->again_count, err) ||
	    !record_redact(g->txn, f->profile, says_it, g->says, err))
		return false;
	for (size_t i = 0; i < g->gone_count; i++)
		if (!leave_prints(g, &g->gone[i], err))
			return false;
	f->gone = g->gone_count;
	return memory_purge_later(g->txn, f->profile, err);
}

bool
memory_forget_all(struct store_txn *txn, struct memory_forgetting *f,
		  struct error *err)
{
	struct forgetting g = {.txn = txn, .f = f, .says = says_create()};

	f->said_count = f->also_count = f->again_count = f->gone = 0;
	bool good = forget(&g, err);
	forgetting_clear(&g);
	return good;
}

bool
memory_forget(struct store_txn *txn, struct id profile, struct id id,
	      struct arena *arena, struct message **said_in, size_t *n,
	      struct error *err)
{
	struct memory_forgetting f = {
		.profile = profile, .ids = &id, .count = 1, .arena = arena};

	if (!memory_forget_all(txn, &f, err))
		return false;
	*said_in = f.said_in;
	*n = f.said_count;
	return true;
}
