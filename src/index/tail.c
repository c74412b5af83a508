/*
 * Postings are kept as the bytes that a segment has, so that searching and
 * merging do not care where a part lives.
 */
#include "index/tail.h"

#include <stdlib.h>

#include "index/words.h"

enum { POSTINGS_MAX = 1 << 28 };

struct adding {
	struct tail *tail;
	struct tail_term **touched; /* each stem of this document once */
	size_t count, cap;
	uint32_t words;
};

static void
add_word(struct slice stem, size_t from, size_t len, void *arg)
{
	struct adding *a = arg;
	struct tail_term *term = map_get(&a->tail->terms, stem);

	(void)from;
	(void)len;
	if (!term) {
		term = xcalloc(1, sizeof(*term));
		buf_init(&term->postings, POSTINGS_MAX);
		term->last = UINT32_MAX;
		map_put(&a->tail->terms, stem, term);
	}
	if (!term->times++) {
		a->touched = grow(a->touched, &a->cap, a->count + 1,
				  sizeof(struct tail_term *));
		a->touched[a->count++] = term;
	}
	a->words++;
}

static uint32_t
session_place(struct tail *tail, const struct index_document *document)
{
	struct part_session s = {document->conversation, document->session};
	struct slice key = slice_make(&s, sizeof(s));
	uintptr_t place = (uintptr_t)map_get(&tail->sessions, key);

	if (place)
		return (uint32_t)place - 1;
	uint32_t n = tail->part.sessions++;
	tail->table = grow(tail->table, &tail->table_cap, n + 1, sizeof(s));
	tail->table[n] = s;
	tail->part.table = tail->table;
	map_put(&tail->sessions, key, (void *)(uintptr_t)(n + 1));
	return n;
}

static void
make_room(struct tail *tail, size_t n)
{
	struct part *part = &tail->part;

	part->seq = tail->seq =
		grow(tail->seq, &tail->seq_cap, n, sizeof(*tail->seq));
	part->marks = tail->marks =
		grow(tail->marks, &tail->marks_cap, n, sizeof(*tail->marks));
	part->session = tail->session = grow(tail->session, &tail->session_cap,
					     n, sizeof(*tail->session));
	part->words = tail->words =
		grow(tail->words, &tail->words_cap, n, sizeof(*tail->words));
	part->flags = tail->flags =
		grow(tail->flags, &tail->flags_cap, n, sizeof(*tail->flags));
	part->keys = tail->keys =
		grow(tail->keys, &tail->keys_cap, n, INDEX_KEY);
	part->dead = grow(part->dead, &tail->dead_cap, n, 1);
}

void
tail_add(struct tail *tail, struct words *words,
	 const struct index_document *document)
{
	uint32_t n = tail->part.documents;
	struct adding a = {.tail = tail};

	words_each(words, document->text, add_word, &a);
	for (size_t i = 0; i < a.count; i++) {
		struct tail_term *term = a.touched[i];
		posting_add(&term->postings, n - term->last, term->times);
		term->last = n;
		term->times = 0;
		term->documents++;
	}
	free(a.touched);

	make_room(tail, n + 1);
	tail->seq[n] = document->seq;
	tail->marks[n] = part_check(document->text.data, document->text.len);
	tail->session[n] = session_place(tail, document);
	tail->words[n] = a.words;
	tail->flags[n] = document->flags;
	memcpy(tail->keys + (size_t)n * INDEX_KEY, document->key, INDEX_KEY);
	tail->part.dead[n] = 0;
	tail->part.documents++;
	map_put(&tail->by_key, slice_make(document->key, INDEX_KEY),
		(void *)(uintptr_t)(n + 1));
}

bool
tail_remove(struct tail *tail, const uint8_t *key)
{
	uintptr_t place =
		(uintptr_t)map_drop(&tail->by_key, slice_make(key, INDEX_KEY));

	return place && part_kill(&tail->part, (uint32_t)place - 1);
}

static void
drop_term(void *value)
{
	struct tail_term *term = value;

	buf_clear(&term->postings);
	free(term);
}

void
tail_clear(struct tail *tail)
{
	map_clear(&tail->terms, drop_term);
	map_clear(&tail->by_key, NULL);
	map_clear(&tail->sessions, NULL);
	part_clear(&tail->part);
	free(tail->seq);
	free(tail->marks);
	free(tail->session);
	free(tail->words);
	free(tail->flags);
	free(tail->keys);
	free(tail->table);
	*tail = (struct tail){0};
}
