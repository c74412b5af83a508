#include "layers.h"

#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/store.h"

/* How many each layer holds. */
enum {
	SEMANTIC = 12,
	RECENT = 15, /* of the last four hours */
	TODAY = 10,  /* of the last twenty-four */
	IMPORTANT = 8,
	PREFERENCES = 30,
	IMPORTANT_FROM = 12 /* fifteenths: .8 */
};

struct looked {
	struct row *row;
	int64_t created_at; /* read for young ones only */
};

static int
by_time(const struct looked *x, const struct looked *y)
{
	return x->row->seq < y->row->seq ? -1 : x->row->seq > y->row->seq;
}

static int
by_first(const void *a, const void *b)
{
	const struct looked *x = a, *y = b;

	if (x->row->first > y->row->first || x->row->first < y->row->first)
		return x->row->first > y->row->first ? -1 : 1;
	return by_time(x, y);
}

static unsigned
importance(const struct row *row)
{
	return row->flags >> DOCUMENT_IMPORTANCE_SHIFT & 15;
}

static int
by_importance(const void *a, const void *b)
{
	const struct looked *x = a, *y = b;

	if (importance(x->row) != importance(y->row))
		return importance(x->row) > importance(y->row) ? -1 : 1;
	return by_first(a, b);
}

static int
by_age(const void *a, const void *b)
{
	const struct looked *x = a, *y = b;

	if (x->created_at != y->created_at)
		return x->created_at > y->created_at ? -1 : 1;
	return by_time(x, y);
}

static bool
any(const struct looked *m, int64_t now)
{
	(void)m;
	(void)now;
	return true;
}

static bool
is_preference(const struct looked *m, int64_t now)
{
	(void)now;
	return m->row->flags >> DOCUMENT_TYPE_SHIFT == MEMORY_PREFERENCE;
}

static bool
is_important(const struct looked *m, int64_t now)
{
	(void)now;
	return importance(m->row) >= IMPORTANT_FROM;
}

static bool
is_recent(const struct looked *m, int64_t now)
{
	return m->created_at > now - 4 * CLOCK_HOUR && m->created_at <= now;
}

static bool
is_of_today(const struct looked *m, int64_t now)
{
	return m->created_at > now - CLOCK_DAY && m->created_at <= now;
}

static const struct {
	size_t most;
	int (*order)(const void *, const void *);
	bool (*holds)(const struct looked *, int64_t now);
} layers[] = {
	{SEMANTIC, by_first, any},
	{PREFERENCES, by_first, is_preference},
	{IMPORTANT, by_importance, is_important},
	{RECENT, by_age, is_recent},
	{TODAY, by_age, is_of_today},
};

static bool
read_ages(struct looked *list, size_t n, struct store_txn *txn,
	  struct id profile, int64_t now, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	int64_t since = (now - CLOCK_DAY) / CLOCK_DAY;

	for (size_t i = 0; i < n; i++) {
		struct memory m;
		bool found;
		if (document_day(list[i].row->flags) < since)
			continue;
		if (!record_memory_get(txn, profile,
				       document_id(list[i].row->key), &arena,
				       &m, &found, err))
			return false;
		list[i].created_at = found ? m.created_at : 0;
		arena_reset(&arena);
	}
	return true;
}

bool
layers_choose(struct field *field, struct store_txn *txn, struct id profile,
	      int64_t now, struct error *err)
{
	SCOPED(free_pointer) struct looked *list = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < field->count; i++) {
		struct row *row = &field->rows[i];
		if (!(row->flags & DOCUMENT_MEMORY) || !row->eligible)
			continue;
		list = grow(list, &cap, n + 1, sizeof(*list));
		list[n++] = (struct looked){.row = row};
		row->eligible = false;
	}
	if (!read_ages(list, n, txn, profile, now, err))
		return false;
	for (size_t i = 0; n && i < COUNT(layers); i++) {
		size_t taken = 0;
		qsort(list, n, sizeof(*list), layers[i].order);
		for (size_t k = 0; k < n && taken < layers[i].most; k++) {
			if (!layers[i].holds(&list[k], now))
				continue;
			list[k].row->eligible = true;
			taken++;
		}
	}
	return true;
}
