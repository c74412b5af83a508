/*
 * learn.c - from a fact in a message to a memory in the store, and back.
 *
 * A fact that is unsure, unimportant, or that the person made us forget stops
 * here, whoever found it; what goes on is weighed by consolidate.c.
 */
#include "memory/consolidate.h"
#include "memory/same.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/utf8.h"

static const double CONFIDENCE_LEAST = .6, IMPORTANCE_LEAST = .55;

/* By its value, or by the words that it was learned from. */
static bool
was_forgotten(struct store_txn *txn, struct id profile,
	      const struct memory_fact *f, bool *forgotten, struct error *err)
{
	if (!record_forgotten(txn, profile, f->value, forgotten, err))
		return false;
	return *forgotten || f->quote.len == 0 ||
	       record_forgotten(txn, profile, f->quote, forgotten, err);
}

static struct statement
statement_of(struct id profile, const struct memory_fact *f,
	     const struct memory_said *said, struct arena *arena)
{
	struct memory_source *source = arena_alloc(arena, 1, sizeof(*source));

	*source = (struct memory_source){
		.conversation = said->conversation,
		.message = said->message,
		.turn = said->turn,
		.quote = utf8_cut(f->quote, RECORD_VALUE_MAX)};
	return (struct statement){.m = {.profile = profile,
					.type = f->type,
					.key = memory_key_normal(f->key, arena),
					.value = f->value,
					.confidence = f->confidence,
					.importance = f->importance,
					.sources = source,
					.source_count = 1,
					.created_at = said->at,
					.valid_from = said->at,
					.expires_at = f->expires_at},
				  .ends = f->ends,
				  .corrects = f->corrects,
				  .over = f->over,
				  .wrong = f->wrong,
				  .left = f->left,
				  .who = f->who};
}

bool
memory_learn(struct store_txn *txn, struct id profile,
	     const struct memory_fact *fact, const struct memory_said *said,
	     struct arena *arena, struct memory_learned *out, bool *any,
	     struct error *err)
{
	bool forgotten;

	*any = false;
	if (fact->confidence < CONFIDENCE_LEAST ||
	    fact->importance < IMPORTANCE_LEAST || said->forgotten)
		return true;
	if (!was_forgotten(txn, profile, fact, &forgotten, err))
		return false;
	if (forgotten)
		return true;
	struct statement s = statement_of(profile, fact, said, arena);
	if (s.wrong.len && s.m.key.len == 0)
		return consolidate_mend(txn, &s, arena, out, any, err);
	return consolidate(txn, &s, arena, out, any, err);
}

bool
memory_save(struct store_txn *txn, struct memory *m, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory_learned done;
	struct statement s = {.m = *m};
	bool any;

	if (s.m.created_at == 0)
		s.m.created_at = clock_now();
	if (s.m.valid_from == 0)
		s.m.valid_from = s.m.created_at;
	s.m.key = memory_key_normal(m->key, &arena);
	if (!consolidate(txn, &s, &arena, &done, &any, err))
		return false;
	if (!any)
		return true;
	m->id = done.memory.id;
	m->version = done.memory.version;
	m->confidence = done.memory.confidence;
	m->importance = done.memory.importance;
	m->created_at = done.memory.created_at;
	m->updated_at = done.memory.updated_at;
	m->valid_from = done.memory.valid_from;
	m->state = done.memory.state;
	return true;
}

/* ---- taking back ---- */

/* The version before the one that `m` is, as the next one. */
static bool
step_back(struct store_txn *txn, const struct memory *m, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory *versions, old;
	size_t n, at = 0;

	if (!record_memory_versions(txn, m->profile, m->id, &arena, &versions,
				    &n, err))
		return false;
	while (at < n && versions[at].version != m->version - 1)
		at++;
	if (at == n)
		return error_set(err, ERROR_NOT_FOUND,
				 "the version before is not there");
	old = versions[at];
	old.version = m->version;
	old.access_count = m->access_count;
	old.updated_at = MAX(clock_now(), m->updated_at);
	return record_memory_put(txn, &old, err);
}

bool
memory_unlearn(struct store_txn *txn, const struct memory_learned *what,
	       struct error *err)
{
	struct memory m = what->memory;

	if (what->other.version && !step_back(txn, &what->other, err))
		return false;
	if (what->how == MEMORY_STRENGTHENED || what->how == MEMORY_MENDED)
		return step_back(txn, &m, err);
	/* It never was so: an interval of no length. */
	m.state = MEMORY_PUT_AWAY;
	m.valid_from = m.valid_from ? m.valid_from : m.created_at;
	m.valid_to = m.valid_from;
	m.superseded_by = (struct id){{0}};
	m.updated_at = MAX(clock_now(), m.updated_at);
	return record_memory_put(txn, &m, err);
}
