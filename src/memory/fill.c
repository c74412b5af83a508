/*
 * Vectors for what lacks them: the texts are read from the store, a batch at a
 * time, and embedded with no transaction open.
 */
#include "engine.h"

#include "cut.h"
#include "meaning.h"
#include "mneme/arena.h"
#include "mneme/store.h"

struct batch {
	struct person *person;
	struct index_document docs[MEANING_BATCH];
	struct meaning_text texts[MEANING_BATCH];
	size_t count;
	struct error err;
};

/* The turn before, when it was the same sitting. */
static bool
read_previous(struct store_txn *txn, const struct message *m,
	      struct arena *arena, struct slice *previous, struct error *err)
{
	struct message before;
	bool found = false;

	if (m->parent && !record_message_get(txn, m->profile, m->parent, arena,
					     &before, &found, err))
		return false;
	if (found && before.session == m->session)
		*previous = before.content;
	return true;
}

static bool
read_message(struct store_txn *txn, struct id profile,
	     const struct index_document *doc, struct arena *arena,
	     struct meaning_text *out, bool *found, struct error *err)
{
	size_t part = document_part(doc->key);
	struct message m;

	if (!record_message_get(txn, profile, doc->seq, arena, &m, found, err))
		return false;
	if (!*found)
		return true;
	out->text = cut_part(m.content, part);
	if (part) {
		out->previous = cut_part(m.content, part - 1);
		return true;
	}
	return read_previous(txn, &m, arena, &out->previous, err);
}

static bool
read_text(struct store_txn *txn, struct id profile,
	  const struct index_document *doc, struct arena *arena,
	  struct meaning_text *out, bool *found, struct error *err)
{
	struct memory m;

	*out = (struct meaning_text){0};
	if (doc->key[0] != KIND_MEMORY)
		return read_message(txn, profile, doc, arena, out, found, err);
	if (!record_memory_get(txn, profile, document_id(doc->key), arena, &m,
			       found, err))
		return false;
	if (*found)
		out->text = memory_words(&m, arena);
	return true;
}

/* What the store no longer has goes out of the index. */
static bool
read_batch(struct memory_engine *engine, struct batch *b,
	   const uint32_t *ordinals, size_t n, struct arena *arena,
	   struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);
	struct index_document gone[MEANING_BATCH];
	size_t gone_count = 0;

	if (!txn)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct index_document *doc = &b->docs[b->count];
		bool found;
		if (!index_entry(b->person->index, ordinals[i], doc))
			continue;
		if (!read_text(txn, b->person->profile, doc, arena,
			       &b->texts[b->count], &found, err))
			return false;
		if (found)
			b->count++;
		else
			gone[gone_count++] = *doc;
	}
	for (size_t i = 0; i < gone_count; i++)
		index_remove(b->person->index, gone[i].key);
	return true;
}

static void
put_vector(void *arg, size_t at, const struct index_vector *vector)
{
	struct batch *b = arg;

	if (b->err.code == ERROR_NONE &&
	    index_put_vector(b->person->index, b->docs[at].key, vector,
			     &b->err))
		b->person->unflushed++;
}

bool
engine_fill(struct memory_engine *engine, struct person *person, size_t most,
	    size_t *left, struct error *err)
{
	struct meaning *meaning = engine_meaning(engine);
	uint32_t ordinals[MEANING_BATCH];

	*left = 0;
	if (!meaning)
		return true;
	for (;;) {
		SCOPED(arena_clear) struct arena arena = {0};
		struct batch b = {.person = person};
		size_t want = MIN(most, (size_t)MEANING_BATCH);
		*left = index_lacking(person->index, ordinals, want);
		size_t n = MIN(*left, want);
		if (n == 0)
			return true;
		if (!read_batch(engine, &b, ordinals, n, &arena, err))
			return false;
		meaning_texts(meaning, b.texts, b.count, put_vector, &b);
		if (b.err.code != ERROR_NONE)
			return error_set(err, b.err.code, "%s", b.err.text);
		most -= n;
		*left -= n;
		if (most == 0)
			return true;
	}
}
