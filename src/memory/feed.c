/*
 * Feeding an index.
 *
 * The store's changes have numbers; each index knows up to which it has come
 * and is fed the rest, so it does not matter which process made a change.
 * Whatever an index says is a hint: recall.c reads every hit again.
 */
#include "feed.h"
#include "same.h"

#include <ctype.h>

#include "cut.h"
#include "engine.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "when.h"

static void
make_key(uint8_t key[INDEX_KEY], size_t kind, struct id id)
{
	key[0] = (uint8_t)kind;
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
	buf_add_slice(text, utf8_cut(rest, rest.len));
}

/* A question mark that ends something, of any script. */
static bool
has_question(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		struct slice rest = slice_make(text.data + i, text.len - i);
		if (text.data[i] == '?' &&
		    (i + 1 == text.len ||
		     !isalnum((unsigned char)text.data[i + 1])))
			return true;
		if (slice_starts(rest, "\xEF\xBC\x9F") ||
		    slice_starts(rest, "\xD8\x9F"))
			return true;
	}
	return false;
}

static uint32_t
text_flags(int64_t at, struct slice text)
{
	enum { ASKS_MAX = 600 /* bytes; a longer text also tells */ };
	int64_t day = MIN(MAX(at, 0) / CLOCK_DAY, DOCUMENT_DAY_MAX);
	uint32_t flags = (uint32_t)day << DOCUMENT_DAY_SHIFT;

	if (has_question(text))
		flags |= DOCUMENT_QUESTION |
			 (text.len <= ASKS_MAX ? DOCUMENT_ASKS : 0);
	return flags | (when_told(text) ? DOCUMENT_TIME : 0);
}

static uint32_t
message_flags(const struct message *m, struct slice part)
{
	return text_flags(m->created_at, part) |
	       (m->role == MESSAGE_ASSISTANT ? DOCUMENT_ASSISTANT : 0) |
	       speaker_hash(m->speaker) << DOCUMENT_SPEAKER_SHIFT;
}

static uint32_t
fifteenths(double x)
{
	return x > 0 ? (uint32_t)(MIN(x, 1) * 15 + .5) : 0;
}

static uint32_t
memory_flags(const struct memory *m)
{
	return (text_flags(m->created_at, m->value) | DOCUMENT_MEMORY) |
	       fifteenths(m->importance) << DOCUMENT_IMPORTANCE_SHIFT |
	       fifteenths(m->confidence) << DOCUMENT_CONFIDENCE_SHIFT |
	       (uint32_t)m->type << DOCUMENT_TYPE_SHIFT;
}

/* Every part; false when there was none. */
static bool
remove_message(struct index *index, struct id id)
{
	uint8_t key[INDEX_KEY];
	bool was;

	make_key(key, KIND_MESSAGE, id);
	was = index_remove(index, key);
	for (size_t kind = KIND_PART; kind <= UINT8_MAX; kind++) {
		key[0] = (uint8_t)kind;
		if (!index_remove(index, key))
			break;
	}
	return was;
}

/* The turns that answer a changed one were read after what it was. */
static bool
drop_followers(struct index *index, struct store_txn *txn,
	       const struct message *m, struct arena *arena, struct error *err)
{
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_message_scan(
		txn, m->profile, m->conversation, m->seq + 1, false, err);
	struct message next;
	uint8_t key[INDEX_KEY];

	while (scan && record_message_next(scan, arena, &next)) {
		if (next.parent != m->seq)
			continue;
		make_key(key, KIND_MESSAGE, next.id);
		index_drop_vector(index, key);
	}
	return record_scan_end(&scan, err);
}

bool
feed_part(struct slice content, size_t n, size_t from, size_t *end)
{
	if (content.len == 0 || n >= CUT_PARTS ||
	    (n > 0 && from >= content.len))
		return false;
	*end = n + 1 == CUT_PARTS ? content.len : cut_end(content, from);
	return true;
}

void
feed_key(uint8_t key[INDEX_KEY], size_t kind, size_t part, struct id id)
{
	make_key(key, part ? KIND_PART + part - 1 : kind, id);
}

static bool
add_parts(struct index *index, const struct message *m, struct buf *text,
	  struct error *err)
{
	struct index_document doc = {.seq = m->seq,
				     .session = m->session,
				     .conversation = m->conversation};
	size_t from = 0, end;

	for (size_t n = 0; feed_part(m->content, n, from, &end); n++) {
		struct slice part =
			slice_make(m->content.data + from, end - from);
		feed_key(doc.key, KIND_MESSAGE, n, m->id);
		dated(text, m->created_at, m->speaker, part);
		doc.flags = message_flags(m, part);
		doc.text = buf_slice(text);
		if (!index_add(index, &doc, err))
			return false;
		from = end;
	}
	return true;
}

static bool
add_message(struct index *index, struct store_txn *txn,
	    const struct change *change, struct arena *arena, struct buf *text,
	    struct error *err)
{
	struct message m;
	bool found;

	if (!record_message_get(txn, change->profile, change->message_seq,
				arena, &m, &found, err))
		return false;
	bool was = remove_message(index, change->ref);
	if (!found)
		return true;
	if (was && !drop_followers(index, txn, &m, arena, err))
		return false;
	return m.copy_of || m.content.len == 0 ||
	       add_parts(index, &m, text, err);
}

struct slice
memory_words(const struct memory *m, struct arena *arena)
{
	struct slice names[KEY_NAMES_MAX];
	size_t n = memory_key_names(m->key, names);
	SCOPED(buf_clear) struct buf said;

	/* What people call the thing that it is about, then the value. */
	buf_init(&said,
		 RECORD_VALUE_MAX + (KEY_NAMES_MAX + 1) * RECORD_KEY_MAX);
	for (size_t i = 0; i < n; i++) {
		buf_add_slice(&said, names[i]);
		buf_addc(&said, ' ');
	}
	for (size_t i = 0; i < said.len; i++)
		said.data[i] = said.data[i] == '_' ? ' ' : said.data[i];
	buf_add_slice(&said, m->value);
	return arena_copy(arena, buf_slice(&said));
}

static bool
add_memory(struct index *index, struct store_txn *txn,
	   const struct change *change, struct arena *arena, struct buf *text,
	   struct error *err)
{
	struct index_document doc = {.seq = change->seq};
	struct memory m;
	bool found;

	make_key(doc.key, KIND_MEMORY, change->ref);
	if (!record_memory_get(txn, change->profile, change->ref, arena, &m,
			       &found, err))
		return false;
	if (!found) {
		index_remove(index, doc.key);
		return true;
	}
	dated(text, m.created_at, (struct slice){0}, memory_words(&m, arena));
	doc.flags = memory_flags(&m);
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
		make_key(key, KIND_MEMORY, change->ref);
		if (change->kind == CHANGE_MEMORY)
			index_remove(index, key);
		else
			remove_message(index, change->ref);
		return true;
	}
	if (change->kind == CHANGE_MEMORY)
		return add_memory(index, txn, change, arena, text, err);
	return add_message(index, txn, change, arena, text, err);
}

enum { FED_BYTES = 64 };

bool
feed_index(struct store *store, struct index *index, struct id profile,
	   size_t *fed, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(store, err);
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
		/* Long texts cost more to feed again. */
		*fed += 1 + text.len / FED_BYTES;
	}
	if (!record_scan_end(&scan, err))
		return false;
	index_reached(index, last);
	return true;
}
