/*
 * Keeping the indexes up with the store.
 *
 * The store's changes have numbers; each index knows up to which it has come
 * and is fed the rest, so it does not matter which process made a change.
 * Whatever an index says is a hint: recall.c reads every hit again.
 */
#include "engine.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/store.h"

enum { FLUSH_AFTER = 256 /* changes that may stay in memory */ };

struct memory_engine *
memory_open(struct store *store, const struct memory_settings *settings,
	    struct error *err)
{
	struct memory_engine *engine = xcalloc(1, sizeof(*engine));
	const char *language = settings->language;

	(void)err;
	engine->store = store;
	engine->language =
		xstrdup(language && *language ? language : "english");
	return engine;
}

void
memory_close(struct memory_engine **engine)
{
	if (!*engine)
		return;
	for (size_t i = 0; i < (*engine)->people_count; i++)
		index_close(&(*engine)->people[i].index);
	free((*engine)->people);
	free((*engine)->language);
	free(*engine);
	*engine = NULL;
}

unsigned
speaker_hash(struct slice name)
{
	uint32_t h = 2166136261u;

	if (name.len == 0)
		return 0;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (uint8_t)tolower((unsigned char)name.data[i])) *
		    16777619u;
	return (h ^ h >> 16) % 8191 + 1;
}

struct index *
engine_index(struct memory_engine *engine, struct id profile, struct error *err)
{
	char id[ID_TEXT + 1];

	for (size_t i = 0; i < engine->people_count; i++) {
		if (id_equal(engine->people[i].profile, profile))
			return engine->people[i].index;
	}
	SCOPED(free_pointer)
	char *dir = xasprintf("%s/index", store_dir(engine->store));
	SCOPED(free_pointer)
	char *path = path_join(dir, id_format(profile, id));
	if (!file_make_dir(path, 0700, err))
		return NULL;
	struct index *index = index_open(path, engine->language, err);
	if (!index)
		return NULL;
	engine->people =
		grow(engine->people, &engine->people_cap,
		     engine->people_count + 1, sizeof(*engine->people));
	engine->people[engine->people_count++] =
		(struct person){profile, index};
	return index;
}

static void
make_key(uint8_t key[INDEX_KEY], bool memory, struct id id)
{
	key[0] = memory ? 1 : 0;
	memcpy(key + 1, id.bytes, ID_BYTES);
}

/* "8 May, 2023 Caroline: text": words of the date find the day. */
static void
dated(struct buf *text, int64_t at, struct slice speaker, struct slice content)
{
	static const char *const months[] = {"January", "February", "March",
					     "April",   "May",      "June",
					     "July",    "August",   "September",
					     "October", "November", "December"};
	struct clock_civil d = clock_civil(at, false);

	buf_reset(text);
	buf_addf(text, "%d %s, %d ", d.day, months[d.month - 1], d.year);
	buf_add_slice(text, speaker);
	buf_adds(text, ": ");
	struct slice rest = content;
	rest.len = MIN(rest.len, (size_t)INDEX_TEXT_MAX - text->len);
	buf_add_slice(text, rest);
}

static uint32_t
flags_of(bool memory, int64_t at, struct slice speaker, struct slice content)
{
	uint32_t day = (uint32_t)(MAX(at, 0) / CLOCK_DAY) & 0xFFFF;
	bool question =
		content.len && memchr(content.data, '?', content.len) != NULL;

	return (memory ? DOCUMENT_MEMORY : 0) |
	       (question ? DOCUMENT_QUESTION : 0) | day << DOCUMENT_DAY_SHIFT |
	       speaker_hash(speaker) << DOCUMENT_SPEAKER_SHIFT;
}

static bool
add_message(struct index *index, struct store_txn *txn,
	    const struct change *change, struct arena *arena, struct buf *text,
	    struct error *err)
{
	struct index_document doc = {.seq = change->message_seq};
	struct message m;
	bool found;

	make_key(doc.key, false, change->ref);
	if (!record_message_get(txn, change->profile, change->message_seq,
				arena, &m, &found, err))
		return false;
	if (!found || m.copy_of || m.content.len == 0) {
		index_remove(index, doc.key);
		return true;
	}
	dated(text, m.created_at, m.speaker, m.content);
	doc.flags = flags_of(false, m.created_at, m.speaker, m.content);
	if (m.role == MESSAGE_ASSISTANT)
		doc.flags |= DOCUMENT_ASSISTANT;
	doc.session = m.session;
	doc.conversation = m.conversation;
	doc.text = buf_slice(text);
	return index_add(index, &doc, err);
}

static bool
add_memory(struct index *index, struct store_txn *txn,
	   const struct change *change, struct arena *arena, struct buf *text,
	   struct error *err)
{
	struct index_document doc = {.seq = change->seq};
	struct memory m;
	bool found;

	make_key(doc.key, true, change->ref);
	if (!record_memory_get(txn, change->profile, change->ref, arena, &m,
			       &found, err))
		return false;
	if (!found) {
		index_remove(index, doc.key);
		return true;
	}
	SCOPED(free_pointer)
	char *said =
		xasprintf("%.*s %.*s", SLICE_ARG(m.key), SLICE_ARG(m.value));
	for (char *at = said; at < said + m.key.len; at++)
		*at = *at == '_' ? ' ' : *at;
	dated(text, m.created_at, (struct slice){0}, slice_of(said));
	doc.flags = flags_of(true, m.created_at, (struct slice){0}, m.value);
	/* A session of its own, so that it has no neighbours. */
	memcpy(&doc.session, m.id.bytes + 8, sizeof(doc.session));
	doc.text = buf_slice(text);
	return index_add(index, &doc, err);
}

static bool
apply(struct index *index, struct store_txn *txn, const struct change *change,
      struct arena *arena, struct buf *text, struct error *err)
{
	uint8_t key[INDEX_KEY];

	if (change->kind != CHANGE_MESSAGE && change->kind != CHANGE_MEMORY)
		return true;
	if (change->op == CHANGE_DELETE) {
		make_key(key, change->kind == CHANGE_MEMORY, change->ref);
		index_remove(index, key);
		return true;
	}
	if (change->kind == CHANGE_MEMORY)
		return add_memory(index, txn, change, arena, text, err);
	return add_message(index, txn, change, arena, text, err);
}

static bool
feed(struct memory_engine *engine, struct index *index, struct id profile,
     size_t *fed, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(buf_clear) struct buf text;
	uint64_t last = 0;
	struct change change;

	buf_init(&text, INDEX_TEXT_MAX);
	if (!txn || !record_change_last(txn, &last, err))
		return false;
	/* A store put back from a backup is behind its index. */
	uint64_t since = index_sequence(index);
	if (last <= since)
		return true;
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_change_scan(txn, since, err);
	while (scan && record_change_next(scan, &change)) {
		if (!id_equal(change.profile, profile))
			continue;
		if (!apply(index, txn, &change, &arena, &text, err))
			return false;
		arena_reset(&arena);
		++*fed;
	}
	if (!record_scan_end(&scan, err))
		return false;
	index_reached(index, last);
	return true;
}

bool
memory_catch_up(struct memory_engine *engine, struct id profile,
		struct error *err)
{
	struct index *index = engine_index(engine, profile, err);
	size_t fed = 0;
	bool changed;

	if (!index || !index_refresh(index, &changed, err) ||
	    !feed(engine, index, profile, &fed, err))
		return false;
	return fed < FLUSH_AFTER || memory_flush(engine, profile, err);
}

/* Another process's files may be taken instead of ours, and be behind: then
 * the rest is fed again. */
bool
memory_flush(struct memory_engine *engine, struct id profile, struct error *err)
{
	struct index *index = engine_index(engine, profile, err);
	size_t fed = 0;

	return index && index_flush(index, INDEX_FLUSH, err) &&
	       feed(engine, index, profile, &fed, err);
}

bool
engine_step(struct memory_engine *engine, struct id profile, bool *more,
	    struct error *err)
{
	*more = false;
	return memory_catch_up(engine, profile, err);
}
