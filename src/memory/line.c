/*
 * line.c - the place of a memory among those of its key.
 *
 * When one leaves the line for good, the one before it is stretched to the
 * next.  Of a key that allows several values only those that contradict each
 * other follow each other: there the links say what comes next.
 */
#include "memory/line.h"

#include <stdlib.h>

#include "memory/same.h"
#include "mneme/arena.h"
#include "mneme/clock.h"

int64_t
line_begins(const struct memory *m)
{
	return m->valid_from ? m->valid_from : m->created_at;
}

static bool
counts(const struct memory *m)
{
	return m->state == MEMORY_ACTIVE || m->state == MEMORY_SUPERSEDED;
}

static int
by_time(const void *a, const void *b)
{
	const struct memory *x = a, *y = b;

	if (line_begins(x) != line_begins(y))
		return line_begins(x) < line_begins(y) ? -1 : 1;
	return memcmp(x->id.bytes, y->id.bytes, ID_BYTES);
}

static bool
read_name(struct store_txn *txn, struct id profile, struct slice key,
	  struct arena *arena, struct line *line, struct error *err)
{
	SCOPED(record_scan_drop)
	struct record_scan *scan =
		record_memory_scan_key(txn, profile, key, err);
	struct memory m;

	while (scan && line->count < LINE_MAX &&
	       record_memory_next(scan, arena, &m))
		line->items[line->count++] = m;
	return record_scan_end(&scan, err);
}

bool
line_read(struct store_txn *txn, struct id profile, struct slice key,
	  struct arena *arena, struct line *out, struct error *err)
{
	struct slice names[KEY_NAMES_MAX];
	size_t n = memory_key_names(key, names);

	*out = (struct line){
		.items = arena_alloc(arena, LINE_MAX, sizeof(*out->items))};
	for (size_t i = 0; i < n; i++) {
		if (!read_name(txn, profile, names[i], arena, out, err))
			return false;
	}
	if (out->count > 1)
		qsort(out->items, out->count, sizeof(*out->items), by_time);
	return true;
}

struct memory *
line_before(const struct line *line, int64_t at)
{
	struct memory *best = NULL;

	for (size_t i = 0; i < line->count; i++) {
		if (counts(&line->items[i]) &&
		    line_begins(&line->items[i]) <= at)
			best = &line->items[i];
	}
	return best;
}

struct memory *
line_after(const struct line *line, int64_t at)
{
	for (size_t i = 0; i < line->count; i++) {
		if (counts(&line->items[i]) &&
		    line_begins(&line->items[i]) > at)
			return &line->items[i];
	}
	return NULL;
}

/* ---- one leaves ---- */

struct leaving {
	struct store_txn *txn;
	struct id profile;
	const struct memory *gone;
	size_t count;
	struct arena *arena;
};

static const struct memory *
leaves(const struct leaving *l, struct id id)
{
	for (size_t i = 0; i < l->count; i++) {
		if (id_equal(l->gone[i].id, id))
			return &l->gone[i];
	}
	return NULL;
}

/* What those that leave stood back for, the last of them. */
static bool
next_by_link(const struct leaving *l, const struct memory *m,
	     struct memory *next, bool *found, struct error *err)
{
	struct id id = m->superseded_by;
	const struct memory *gone = leaves(l, id);

	for (size_t i = 0; gone && i < l->count; i++) {
		id = gone->state == MEMORY_ACTIVE ? (struct id){{0}}
						  : gone->superseded_by;
		gone = leaves(l, id);
	}
	*found = false;
	if (gone || id_none(id))
		return true;
	if (!record_memory_get(l->txn, l->profile, id, l->arena, next, found,
			       err))
		return false;
	*found = *found && counts(next);
	return true;
}

static bool
next_by_time(const struct leaving *l, const struct memory *m,
	     struct memory *next, bool *found, struct error *err)
{
	struct line line;

	if (!line_read(l->txn, l->profile, m->key, l->arena, &line, err))
		return false;
	*found = false;
	for (size_t i = 0; i < line.count && !*found; i++) {
		const struct memory *one = &line.items[i];

		*found = counts(one) && !leaves(l, one->id) &&
			 by_time(one, m) > 0;
		if (*found)
			*next = *one;
	}
	return true;
}

/* The end that it had by itself, before anything took its place. */
static bool
own_end(const struct leaving *l, const struct memory *m, int64_t *end,
	struct error *err)
{
	struct memory *versions;
	size_t n;

	*end = 0;
	if (!record_memory_versions(l->txn, l->profile, m->id, l->arena,
				    &versions, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (versions[i].state == MEMORY_ACTIVE)
			*end = versions[i].valid_to;
	}
	return true;
}

static bool
stretch(const struct leaving *l, struct memory *m, struct error *err)
{
	struct memory next;
	bool found;

	if (!(memory_key_many(m->key) ? next_by_link
				      : next_by_time)(l, m, &next, &found, err))
		return false;
	if (found) {
		m->superseded_by = next.id;
		m->valid_to = line_begins(&next);
	} else {
		m->state = MEMORY_ACTIVE;
		m->superseded_by = (struct id){{0}};
		if (!own_end(l, m, &m->valid_to, err))
			return false;
	}
	m->updated_at = MAX(clock_now(), m->updated_at + 1);
	if (!record_memory_put(l->txn, m, err))
		return false;
	m->version++;
	return true;
}

/* Those that stand back for one that leaves, and stay themselves. */
static bool
find_left(const struct leaving *l, struct memory **out, size_t *n,
	  struct error *err)
{
	const struct memory_filter superseded = {.profile = l->profile,
						 .type = MEMORY_TYPE_COUNT,
						 .state = MEMORY_SUPERSEDED};
	struct memory *list;
	size_t count;

	if (!memory_list(l->txn, &superseded, NULL, SIZE_MAX, l->arena, &list,
			 &count, err))
		return false;
	*n = 0;
	for (size_t i = 0; i < count; i++) {
		if (leaves(l, list[i].superseded_by) && !leaves(l, list[i].id))
			list[(*n)++] = list[i];
	}
	*out = list;
	return true;
}

bool
line_leave(struct store_txn *txn, struct id profile, const struct memory *gone,
	   size_t count, struct arena *arena, struct memory **again,
	   size_t *again_count, struct error *err)
{
	const struct leaving l = {txn, profile, gone, count, arena};
	struct memory *left;
	size_t n;

	*again_count = 0;
	if (!find_left(&l, &left, &n, err))
		return false;
	*again = left;
	for (size_t i = 0; i < n; i++) {
		if (!stretch(&l, &left[i], err))
			return false;
		if (left[i].state == MEMORY_ACTIVE)
			left[(*again_count)++] = left[i];
	}
	return true;
}
