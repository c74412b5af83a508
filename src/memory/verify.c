/*
 * How an index stands beside the store: the documents that there should be, by
 * their keys, and those that there are, both in order.
 */
#include <stdlib.h>

#include "engine.h"
#include "feed.h"
#include "meaning.h"
#include "mneme/arena.h"
#include "mneme/store.h"

enum { TRIES = 50 };

/* ---- keys in order ---- */

struct keys {
	uint8_t (*all)[INDEX_KEY];
	size_t count, cap;
};

static uint8_t *
keys_add(struct keys *k)
{
	k->all = grow(k->all, &k->cap, k->count + 1, sizeof(*k->all));
	return k->all[k->count++];
}

static void
keys_clear(struct keys *k)
{
	free(k->all);
	*k = (struct keys){0};
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_KEY);
}

static void
keys_sort(struct keys *k)
{
	if (k->count)
		qsort(k->all, k->count, sizeof(*k->all), by_key);
}

/* How many of `a` are not among `b`; both sorted. */
static size_t
keys_alone(const struct keys *a, const struct keys *b)
{
	size_t alone = 0, j = 0;

	for (size_t i = 0; i < a->count; i++) {
		while (j < b->count && by_key(b->all[j], a->all[i]) < 0)
			j++;
		alone += j == b->count || by_key(b->all[j], a->all[i]) != 0;
	}
	return alone;
}

/* ---- what there should be ---- */

static bool
want_messages(struct store_txn *txn, struct id profile, struct keys *want,
	      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_message_scan(
		txn, profile, (struct id){0}, 0, false, err);
	struct message m;

	while (scan && record_message_next(scan, &arena, &m)) {
		size_t from = 0, end;
		for (size_t n = 0;
		     !m.copy_of && feed_part(m.content, n, from, &end); n++) {
			feed_key(keys_add(want), KIND_MESSAGE, n, m.id);
			from = end;
		}
		arena_reset(&arena);
	}
	return record_scan_end(&scan, err);
}

static bool
want_memories(struct store_txn *txn, struct id profile, struct keys *want,
	      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(record_scan_drop)
	struct record_scan *scan =
		record_memory_scan(txn, profile, MEMORY_TYPE_COUNT, false, err);
	struct memory m;

	while (scan && record_memory_next(scan, &arena, &m)) {
		feed_key(keys_add(want), KIND_MEMORY, 0, m.id);
		arena_reset(&arena);
	}
	return record_scan_end(&scan, err);
}

/* A search without a scope scores every document. */
static bool
have_all(struct index *ix, struct keys *have, struct error *err)
{
	SCOPED(index_scores_clear) struct index_scores scores = {0};
	struct index_document doc;

	if (!index_search(ix, slice_of("a"), NULL, &scores, err))
		return false;
	for (size_t i = 0; i < scores.count; i++)
		if (index_entry(ix, scores.document[i], &doc))
			memcpy(keys_add(have), doc.key, INDEX_KEY);
	return true;
}

static bool
compare(struct store_txn *txn, struct person *person,
	struct memory_index_state *out, struct error *err)
{
	SCOPED(keys_clear) struct keys want = {0};
	SCOPED(keys_clear) struct keys have = {0};

	if (!want_messages(txn, person->profile, &want, err) ||
	    !want_memories(txn, person->profile, &want, err) ||
	    !have_all(person->index, &have, err))
		return false;
	keys_sort(&want);
	keys_sort(&have);
	out->missing = keys_alone(&want, &have);
	out->extra = keys_alone(&have, &want);
	return true;
}

/* ---- the doors ---- */

static void
keep_text(char to[256], const char *text)
{
	if (text && !*to) {
		struct slice cut = slice_of(text);

		cut.len = MIN(cut.len, (size_t)255);
		memcpy(to, cut.data, cut.len);
		to[cut.len] = '\0';
	}
}

static bool
look(struct memory_engine *engine, struct person *person,
     struct memory_index_state *out, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);
	struct meaning *meaning = engine_meaning(engine);
	uint64_t last, reached = index_sequence(person->index);

	if (!txn || !record_change_last(txn, &last, err))
		return false;
	if (meaning &&
	    !index_use_model(person->index, meaning_model(meaning), err))
		return false;
	keep_text(out->trouble, index_trouble(person->index));
	keep_text(out->vector_trouble, index_vector_trouble(person->index));
	out->behind = last > reached ? last - reached : 0;
	out->documents = index_count(person->index);
	out->lacking = meaning ? index_lacking(person->index, NULL, 0) : 0;
	return true;
}

bool
memory_index_state(struct memory_engine *engine, struct id profile,
		   struct arena *arena, struct memory_index_state *out,
		   struct error *err)
{
	struct person *person = engine_person(engine, profile, err);
	char id[ID_TEXT + 1];

	*out = (struct memory_index_state){0};
	out->folder =
		arena_printf(arena, "%s/index/%s", store_dir(engine->store),
			     id_format(profile, id));
	return person && look(engine, person, out, err);
}

/* False in *same when the store has changed since the index was fed. */
static bool
verify_once(struct memory_engine *engine, struct person *person, bool *same,
	    struct memory_index_state *out, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);
	uint64_t last;

	if (!txn || !record_change_last(txn, &last, err))
		return false;
	*same = last <= index_sequence(person->index);
	return !*same || compare(txn, person, out, err);
}

bool
memory_index_verify(struct memory_engine *engine, struct id profile,
		    struct arena *arena, struct memory_index_state *out,
		    struct error *err)
{
	bool same = false;

	if (!memory_index_state(engine, profile, arena, out, err))
		return false;
	for (int i = 0; !same && i < TRIES; i++) {
		struct person *person = engine_person(engine, profile, err);

		if (!person || !memory_catch_up(engine, profile, err) ||
		    !memory_flush(engine, profile, err) ||
		    !verify_once(engine, person, &same, out, err))
			return false;
	}
	if (!same)
		return error_set(err, ERROR_BUSY,
				 "%s: the store changes without a pause",
				 out->folder);
	struct person *person = engine_person(engine, profile, err);
	return person && look(engine, person, out, err);
}
