/*
 * A cursor walks the stems of one part in the order of their bytes; the
 * smallest of all cursors is written next, its postings one part after the
 * other with new document numbers.  Those grow from part to part, so the
 * result is in order by itself.
 */
#include "index/merge.h"
#include "index/mapped.h"

#include <stdlib.h>

#include "index/mapped.h"
#include "index/tail.h"
#include "mneme/error.h"

enum { SECTION_MAX = 1 << 30, NOWHERE = UINT32_MAX };

struct tail_stem {
	struct slice stem;
	const struct tail_term *term;
};

struct cursor {
	const struct part *part;
	const struct segment *segment; /* or: */
	struct tail_stem *stems;
	uint32_t at, count;
	struct slice stem, postings; /* the one at `at` */
	uint32_t *documents;         /* new number of each, or NOWHERE */
};

struct merger {
	struct cursor *cursors;
	size_t count;
	uint32_t documents, sessions, terms;
	struct map places; /* struct part_session: new place + 1 */
	struct buf seq, marks, table, records, session, words, flags, keys,
		text, postings;
	struct slice previous; /* stem, lives in its part */
};

static void
init_sections(struct merger *m)
{
	struct buf *all[] = {&m->seq,     &m->marks,   &m->table, &m->records,
			     &m->session, &m->words,   &m->flags, &m->keys,
			     &m->text,    &m->postings};

	for (size_t i = 0; i < COUNT(all); i++)
		buf_init(all[i], SECTION_MAX);
}

static void
merger_clear(struct merger *m)
{
	struct buf *all[] = {&m->seq,     &m->marks,   &m->table, &m->records,
			     &m->session, &m->words,   &m->flags, &m->keys,
			     &m->text,    &m->postings};

	for (size_t i = 0; i < COUNT(all); i++)
		buf_clear(all[i]);
	for (size_t i = 0; i < m->count; i++) {
		free(m->cursors[i].documents);
		free(m->cursors[i].stems);
	}
	free(m->cursors);
	map_clear(&m->places, NULL);
}

static int
compare_stems(const void *a, const void *b)
{
	return slice_compare(((const struct tail_stem *)a)->stem,
			     ((const struct tail_stem *)b)->stem);
}

static void
sort_stems(struct cursor *c, const struct tail *tail)
{
	size_t at = 0;
	void *term;
	struct slice stem;

	c->stems = xcalloc(tail->terms.count + 1, sizeof(*c->stems));
	while (map_next(&tail->terms, &at, &stem, &term))
		c->stems[c->count++] = (struct tail_stem){stem, term};
	qsort(c->stems, c->count, sizeof(*c->stems), compare_stems);
}

static bool
cursor_load(struct cursor *c)
{
	if (c->at == c->count)
		return true;
	if (c->segment)
		return segment_term(c->segment, c->at, &c->stem, &c->postings);
	c->stem = c->stems[c->at].stem;
	c->postings = buf_slice(&c->stems[c->at].term->postings);
	return true;
}

static void
put_u32(struct buf *out, uint32_t value)
{
	buf_add(out, &value, sizeof(value));
}

static uint32_t
session_place(struct merger *m, const struct part_session *s)
{
	struct slice key = slice_make(s, sizeof(*s));
	uintptr_t place = (uintptr_t)map_get(&m->places, key);

	if (place)
		return (uint32_t)place - 1;
	buf_add(&m->table, s, sizeof(*s));
	map_put(&m->places, key, (void *)(uintptr_t)(++m->sessions));
	return m->sessions - 1;
}

static void
merge_documents(struct merger *m, struct cursor *c)
{
	const struct part *part = c->part;

	c->documents = xcalloc((size_t)part->documents + 1, sizeof(uint32_t));
	for (uint32_t i = 0; i < part->documents; i++) {
		c->documents[i] = NOWHERE;
		if (part->dead[i])
			continue;
		c->documents[i] = m->documents++;
		buf_add(&m->seq, &part->seq[i], sizeof(uint64_t));
		buf_add(&m->marks, &part->marks[i], sizeof(uint64_t));
		put_u32(&m->session,
			session_place(m, &part->table[part->session[i]]));
		put_u32(&m->words, part->words[i]);
		put_u32(&m->flags, part->flags[i]);
		buf_add(&m->keys, part->keys + (size_t)i * INDEX_KEY,
			INDEX_KEY);
	}
}

/* Add this cursor's postings of the current stem. */
static bool
copy_postings(struct merger *m, struct cursor *c, struct segment_term *term,
	      uint32_t *last)
{
	struct posting p = {.document = UINT32_MAX};
	bool bad = false;

	while (posting_next(&c->postings, c->part->documents, &p, &bad)) {
		uint32_t document = c->documents[p.document];
		if (document == NOWHERE)
			continue;
		posting_add(&m->postings, document - *last, p.times);
		*last = document;
		term->documents++;
	}
	return !bad;
}

static bool
merge_stem(struct merger *m, struct slice stem)
{
	struct segment_term term = {.at = m->postings.len,
				    .text = (uint32_t)m->text.len,
				    .text_len = (uint32_t)stem.len};
	uint32_t last = UINT32_MAX;

	if (m->previous.data && slice_compare(m->previous, stem) >= 0)
		return false;
	m->previous = stem;
	for (size_t i = 0; i < m->count; i++) {
		struct cursor *c = &m->cursors[i];
		if (c->at == c->count || !slice_equal(c->stem, stem))
			continue;
		if (!copy_postings(m, c, &term, &last))
			return false;
		c->at++;
		if (!cursor_load(c))
			return false;
	}
	if (!term.documents)
		return true;
	term.size = (uint32_t)(m->postings.len - term.at);
	buf_add_slice(&m->text, stem);
	buf_add(&m->records, &term, sizeof(term));
	m->terms++;
	return true;
}

static bool
merge_stems(struct merger *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (!cursor_load(&m->cursors[i]))
			return false;
	for (;;) {
		const struct cursor *first = NULL;
		for (size_t i = 0; i < m->count; i++) {
			const struct cursor *c = &m->cursors[i];
			if (c->at < c->count &&
			    (!first || slice_compare(c->stem, first->stem) < 0))
				first = c;
		}
		if (!first)
			return true;
		if (!merge_stem(m, first->stem))
			return false;
	}
}

static void
put_order(struct merger *m, struct buf *out)
{
	size_t size = (size_t)m->documents * sizeof(uint32_t);
	SCOPED(free_pointer) uint32_t *order = xcalloc(m->documents + 1, 4);

	mapped_order_keys((const uint8_t *)m->keys.data, m->documents, order);
	buf_add(out, order, size);
}

static bool
put_image(struct merger *m, uint64_t stamp, struct buf *out)
{
	struct segment_header h = {.magic = "mnemewrd",
				   .version = SEGMENT_VERSION,
				   .documents = m->documents,
				   .sessions = m->sessions,
				   .terms = m->terms,
				   .stamp = stamp,
				   .text = m->text.len,
				   .postings = m->postings.len};

	const struct buf *first[] = {&m->seq,     &m->marks,   &m->table,
				     &m->records, &m->session, &m->words,
				     &m->flags};
	const struct buf *then[] = {&m->keys, &m->text, &m->postings};
	bool over = false;
	h.size = sizeof(h) + (uint64_t)m->documents * sizeof(uint32_t);
	for (size_t i = 0; i < COUNT(first); i++) {
		h.size += first[i]->len;
		over = over || first[i]->over;
	}
	for (size_t i = 0; i < COUNT(then); i++) {
		h.size += then[i]->len;
		over = over || then[i]->over;
	}
	h.check = part_check(&h, offsetof(struct segment_header, check));
	buf_add(out, &h, sizeof(h));
	for (size_t i = 0; i < COUNT(first); i++)
		buf_add_slice(out, buf_slice(first[i]));
	put_order(m, out);
	for (size_t i = 0; i < COUNT(then); i++)
		buf_add_slice(out, buf_slice(then[i]));
	return !over && !out->over && m->documents <= PART_DOCUMENTS_MAX;
}

bool
merge(struct segment *const *segments, size_t count, const struct tail *tail,
      uint64_t stamp, struct buf *out, struct error *err)
{
	SCOPED(merger_clear) struct merger m = {0};

	init_sections(&m);
	m.cursors = xcalloc(count + 1, sizeof(*m.cursors));
	for (size_t i = 0; i < count; i++)
		m.cursors[m.count++] =
			(struct cursor){.part = &segments[i]->part,
					.segment = segments[i],
					.count = segments[i]->header->terms};
	if (tail) {
		m.cursors[m.count].part = &tail->part;
		sort_stems(&m.cursors[m.count++], tail);
	}
	for (size_t i = 0; i < m.count; i++)
		merge_documents(&m, &m.cursors[i]);
	if (!merge_stems(&m))
		return error_set(err, ERROR_CONFLICT,
				 "the word index is damaged");
	if (!put_image(&m, stamp, out))
		return error_set(err, ERROR_LIMIT,
				 "the word index is too large");
	return true;
}
