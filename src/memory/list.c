/*
 * Memories as a person sees them: filtered, newest first, a page at a time;
 * and how many there are of which.
 *
 * The narrowest table leads: the sources of a conversation, the rows of a key,
 * else the order by time, which a page need not walk to the end.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/printer.h"

static bool
from_message(const struct memory *m, struct id message)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (id_equal(m->sources[i].message, message))
			return true;
	return false;
}

static bool
from_conversation(const struct memory *m, struct id conversation)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (id_equal(m->sources[i].conversation, conversation))
			return true;
	return false;
}

static bool
by_hand(const struct memory *m)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (!id_none(m->sources[i].conversation))
			return false;
	return true;
}

static bool
has_key(const struct memory *m, struct slice key, struct arena *arena)
{
	return slice_equal(record_normalise(arena, m->key),
			   record_normalise(arena, key));
}

static bool
fits(const struct memory_filter *f, const struct memory *m, struct arena *arena)
{
	return (f->type == MEMORY_TYPE_COUNT || m->type == f->type) &&
	       (f->state == MEMORY_STATE_COUNT || m->state == f->state) &&
	       (!f->since || m->created_at >= f->since) &&
	       (!f->until || m->created_at <= f->until) &&
	       (!f->key.len || has_key(m, f->key, arena)) &&
	       (id_none(f->conversation) ||
		from_conversation(m, f->conversation)) &&
	       (id_none(f->message) || from_message(m, f->message)) &&
	       (!f->by_hand || by_hand(m)) && (!f->pinned || m->pinned);
}

/* Newest first; equal times by id, as the table of order has them. */
static int
by_age(const void *a, const void *b)
{
	const struct memory *x = a, *y = b;

	if (x->created_at != y->created_at)
		return x->created_at > y->created_at ? -1 : 1;
	return memcmp(y->id.bytes, x->id.bytes, ID_BYTES);
}

struct gathered {
	struct memory *items;
	size_t count, cap;
};

static bool
gather(struct record_scan *scan, const struct memory_filter *f,
       const struct memory *after, size_t limit, struct arena *arena,
       struct gathered *g, struct error *err)
{
	struct memory m;

	while (g->count < limit && record_memory_next(scan, arena, &m)) {
		if (!fits(f, &m, arena) || (after && by_age(&m, after) <= 0))
			continue;
		g->items = grow(g->items, &g->cap, g->count + 1,
				sizeof(*g->items));
		g->items[g->count++] = m;
	}
	return record_scan_end(&scan, err);
}

bool
memory_list(struct store_txn *txn, const struct memory_filter *f,
	    const struct memory *after, size_t limit, struct arena *arena,
	    struct memory **out, size_t *n, struct error *err)
{
	struct gathered g = {0};
	struct record_scan *scan;
	size_t most = limit;

	if (!id_none(f->conversation))
		scan = record_memory_scan_source(txn, f->profile,
						 f->conversation, err);
	else if (f->key.len)
		scan = record_memory_scan_key(txn, f->profile, f->key, err);
	else
		scan = record_memory_scan_after(txn, f->profile, f->type, after,
						err);
	/* By the order of time the first ones are the page. */
	if (!id_none(f->conversation) || f->key.len)
		most = SIZE_MAX;
	if (!scan)
		return false;
	bool good = gather(scan, f, after, most, arena, &g, err);
	if (good) {
		if (g.count)
			qsort(g.items, g.count, sizeof(*g.items), by_age);
		*n = MIN(g.count, limit);
		*out = arena_alloc(arena, *n + 1, sizeof(**out));
		if (*n)
			memcpy(*out, g.items, *n * sizeof(**out));
	}
	free(g.items);
	return good;
}

static void
count_one(struct memory_stats *s, const struct memory *m)
{
	s->memories++;
	s->by_state[m->state]++;
	s->uses += m->access_count;
	if (m->state != MEMORY_ACTIVE)
		return;
	s->by_type[m->type]++;
	s->pinned += m->pinned;
	s->by_hand += by_hand(m);
	s->expiring += m->expires_at != 0;
	if (!s->oldest || m->created_at < s->oldest)
		s->oldest = m->created_at;
	s->newest = MAX(s->newest, m->created_at);
}

bool
memory_stats(struct store_txn *txn, struct id profile, struct memory_stats *out,
	     struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct record_scan *scan =
		record_memory_scan(txn, profile, MEMORY_TYPE_COUNT, false, err);
	struct record_fingerprint *prints;
	struct memory_stats s = {0};
	struct memory m;
	size_t n;

	while (scan && record_memory_next(scan, &arena, &m)) {
		count_one(&s, &m);
		arena_reset(&arena);
	}
	if (!record_scan_end(&scan, err) ||
	    !record_message_count(txn, profile, &s.messages, err) ||
	    !record_forgotten_list(txn, profile, &arena, &prints, &n, err))
		return false;
	s.forgotten = n;
	*out = s;
	return true;
}

void
memory_print_stats(struct printer *p, const struct memory_stats *s)
{
	printer_map(p);
	printer_add_int(p, "messages", (int64_t)s->messages);
	printer_add_int(p, "memories", (int64_t)s->memories);
	for (int i = 0; i < MEMORY_STATE_COUNT; i++)
		printer_add_int(p, memory_state_names[i],
				(int64_t)s->by_state[i]);
	printer_key(p, "types");
	printer_map(p);
	for (int i = 0; i < MEMORY_TYPE_COUNT; i++)
		printer_add_int(p, record_memory_types[i].name,
				(int64_t)s->by_type[i]);
	printer_end(p);
	printer_add_int(p, "pinned", (int64_t)s->pinned);
	printer_add_int(p, "by_hand", (int64_t)s->by_hand);
	printer_add_int(p, "expiring", (int64_t)s->expiring);
	printer_add_int(p, "uses", (int64_t)s->uses);
	printer_add_int(p, "fingerprints", (int64_t)s->forgotten);
	printer_add_time_or_null(p, "oldest", s->oldest);
	printer_add_time_or_null(p, "newest", s->newest);
	printer_end(p);
}
