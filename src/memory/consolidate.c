/*
 * consolidate.c - a new statement beside what is known.
 *
 * Memories with one key are a line of intervals in time, each from its
 * statement to the next; a statement finds its place by when it was made, not
 * by when it arrives.  Where its neighbour says the same it strengthens it;
 * else it begins an interval of its own and ends the one before.  Nothing is
 * deleted or overwritten: each change is a further version.
 *
 * Invariants: of a key that allows one, at most one memory is active and not
 * over; intervals of such a key do not overlap; a message counts once in a
 * memory's sources, so learning from it again changes nothing.
 */
#include "memory/consolidate.h"

#include <strings.h>

#include "memory/line.h"
#include "memory/same.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/utf8.h"

enum { NEAR_LOOKED_AT = 512, NEAR_WORDS = 2, SOURCES_MAX = 64 };

struct weighing {
	struct store_txn *txn;
	const struct statement *said;
	struct arena *arena;
	struct line line; /* with the statement's key */
	struct memory_learned *out;
	bool *any;
};

/* When it is over: by what followed it, or by itself; 0: it is not. */
static int64_t
ends(const struct memory *m)
{
	if (m->valid_to && m->expires_at)
		return MIN(m->valid_to, m->expires_at);
	return m->valid_to ? m->valid_to : m->expires_at;
}

static bool
from_message(const struct memory *m, struct id message)
{
	for (size_t i = 0; i < m->source_count && !id_none(message); i++) {
		if (id_equal(m->sources[i].message, message))
			return true;
	}
	return false;
}

/* ---- what is known ---- */

/* One of another key that says the same in the same words. */
static bool
read_near(struct weighing *w, struct memory *near, bool *found,
	  struct error *err)
{
	const struct memory *new = &w->said->m;
	SCOPED(record_scan_drop) struct record_scan *scan = NULL;
	SCOPED(arena_clear) struct arena arena = {0};
	struct id best = {{0}};
	struct memory m;

	*found = false;
	if (memory_meaning_words(new->value, &arena) < NEAR_WORDS)
		return true;
	scan = record_memory_scan(w->txn, new->profile, new->type, true, err);
	for (int i = 0; scan && i < NEAR_LOOKED_AT && id_none(best) &&
			record_memory_next(scan, &arena, &m);
	     i++) {
		if (m.state == MEMORY_ACTIVE && !ends(&m) &&
		    memory_likeness(m.value, new->value, &arena) == LIKE_SAME)
			best = m.id;
		arena_reset(&arena);
	}
	if (!record_scan_end(&scan, err))
		return false;
	return id_none(best) || record_memory_get(w->txn, new->profile, best,
						  w->arena, near, found, err);
}

/* ---- changes ---- */

static bool
put(struct weighing *w, struct memory *m, struct error *err)
{
	if (!record_memory_put(w->txn, m, err))
		return false;
	m->version++;
	return true;
}

static void
tell(struct weighing *w, enum memory_how how, const struct memory *m)
{
	w->out->how = how;
	w->out->memory = *m;
	*w->any = true;
}

static void
add_sources(struct weighing *w, struct memory *m)
{
	const struct memory *new = &w->said->m;
	size_t n = m->source_count + new->source_count;
	struct memory_source *all = arena_alloc(w->arena, n + 1, sizeof(*all));

	/* The first says where it came from; of many the newest are kept. */
	size_t keep = MIN(m->source_count, (size_t)SOURCES_MAX);
	size_t skip = m->source_count - keep;
	for (size_t i = 0; i < keep; i++)
		all[i] = m->sources[i == 0 ? 0 : i + skip];
	for (size_t i = 0; i < new->source_count; i++)
		all[keep + i] = new->sources[i];
	m->sources = all;
	m->source_count = keep + new->source_count;
}

static bool
strengthen(struct weighing *w, struct memory *m, enum memory_how how,
	   struct error *err)
{
	const struct memory *new = &w->said->m;

	add_sources(w, m);
	m->confidence = MAX(m->confidence, new->confidence);
	m->confidence += (1 - m->confidence) / 2;
	m->importance = MAX(m->importance, new->importance);
	if (m->expires_at && new->expires_at)
		m->expires_at = MAX(m->expires_at, new->expires_at);
	if (line_begins(new) < line_begins(m))
		m->valid_from = line_begins(new);
	m->updated_at = MAX(clock_now(), m->updated_at);
	if (!put(w, m, err))
		return false;
	tell(w, how, m);
	return true;
}

/* It says more than what was known: the same memory, in the new words. */
static bool
refine(struct weighing *w, struct memory *m, struct error *err)
{
	m->value = w->said->m.value;
	return strengthen(w, m, MEMORY_MENDED, err);
}

static bool
end_before(struct weighing *w, struct memory *before, const struct memory *new,
	   struct error *err)
{
	if (!before || (ends(before) && ends(before) <= line_begins(new) &&
			before->state == MEMORY_SUPERSEDED))
		return true;
	before->valid_to = line_begins(new);
	before->superseded_by = new->id;
	before->state = MEMORY_SUPERSEDED;
	before->updated_at = MAX(clock_now(), before->updated_at);
	if (!put(w, before, err))
		return false;
	w->out->other = *before;
	return true;
}

static bool
insert(struct weighing *w, struct memory *before, const struct memory *after,
       struct error *err)
{
	struct memory new = w->said->m;

	new.id = id_make();
	new.updated_at = MAX(clock_now(), new.created_at);
	if (after) {
		new.valid_to = line_begins(after);
		new.state = MEMORY_SUPERSEDED;
		new.superseded_by = after->id;
	}
	if (!end_before(w, before, &new, err) || !put(w, &new, err))
		return false;
	if (after)
		tell(w, MEMORY_PAST, &new);
	else
		tell(w, w->out->other.version ? MEMORY_SUPERSEDES : MEMORY_NEW,
		     &new);
	return true;
}

/* ---- the place in the line ---- */

static enum memory_likeness
likeness(struct weighing *w, const struct memory *m)
{
	SCOPED(arena_clear) struct arena arena = {0};

	/* Said again before the old one's end and after are two things. */
	if (ends(m) && ends(m) <= line_begins(&w->said->m))
		return LIKE_OTHER;
	return memory_likeness(m->value, w->said->m.value, &arena);
}

/* The one that holds and was said before; NULL when there are more or none. */
static struct memory *
only_one(struct weighing *w)
{
	struct memory *one = NULL;

	for (size_t i = 0; i < w->line.count; i++) {
		if (w->line.items[i].state != MEMORY_ACTIVE)
			continue;
		if (one ||
		    line_begins(&w->line.items[i]) > line_begins(&w->said->m))
			return NULL;
		one = &w->line.items[i];
	}
	return one;
}

/* A key that allows several: one of them may be the same. */
static bool
weigh_many(struct weighing *w, struct error *err)
{
	struct memory near;
	bool found;

	for (size_t i = 0; i < w->line.count; i++) {
		struct memory *m = &w->line.items[i];
		enum memory_likeness like;

		if (m->state != MEMORY_ACTIVE)
			continue;
		like = likeness(w, m);
		if (like == LIKE_SAME || like == LIKE_AROUND)
			return strengthen(w, m, MEMORY_STRENGTHENED, err);
		if (like == LIKE_WITHIN)
			return refine(w, m, err);
		if (like == LIKE_OPPOSITE &&
		    line_begins(m) <= line_begins(&w->said->m))
			return insert(w, m, NULL, err);
	}
	if (w->said->corrects)
		return insert(w, only_one(w), NULL, err);
	if (!read_near(w, &near, &found, err))
		return false;
	if (found)
		return strengthen(w, &near, MEMORY_STRENGTHENED, err);
	return insert(w, NULL, NULL, err);
}

static bool
weigh_one(struct weighing *w, struct error *err)
{
	int64_t at = line_begins(&w->said->m);
	struct memory *before = line_before(&w->line, at);
	struct memory *after = line_after(&w->line, at);
	enum memory_likeness like = LIKE_OTHER;
	struct memory near;
	bool found;

	if (before)
		like = likeness(w, before);
	if (like == LIKE_SAME || like == LIKE_AROUND)
		return strengthen(w, before, MEMORY_STRENGTHENED, err);
	if (like == LIKE_WITHIN)
		return refine(w, before, err);
	if (after && likeness(w, after) == LIKE_SAME) {
		w->out->other = (struct memory){0};
		return (!before || end_before(w, before, &w->said->m, err)) &&
		       strengthen(w, after, MEMORY_STRENGTHENED, err);
	}
	if (!before && !after) {
		if (!read_near(w, &near, &found, err))
			return false;
		if (found)
			return strengthen(w, &near, MEMORY_STRENGTHENED, err);
	}
	return insert(w, before, after, err);
}

/* ---- what is over ---- */

/* "I no longer live in Rome" where Rome is not what is known: a thing of the
 * past, which ends nothing. */
static void
place_ended(struct weighing *w, struct memory *m)
{
	const struct memory *before = line_before(&w->line, line_begins(m));
	SCOPED(arena_clear) struct arena arena = {0};

	if (!before || w->said->over.len == 0 ||
	    memory_mentions(before->value, w->said->over, &arena))
		return;
	m->key = slice_of(
		arena_printf(w->arena, "past_%.*s", SLICE_ARG(m->key)));
	w->line.count = 0;
}

static bool
known_from_it(const struct weighing *w)
{
	const struct memory *new = &w->said->m;
	SCOPED(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < w->line.count; i++) {
		if (new->source_count &&
		    from_message(&w->line.items[i], new->sources[0].message) &&
		    memory_likeness(w->line.items[i].value, new->value,
				    &arena) != LIKE_OTHER)
			return true;
	}
	return false;
}

/* "Not X but Y": what says X, even where several may stand. */
static struct memory *
said_wrong(struct weighing *w)
{
	SCOPED(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < w->line.count && w->said->wrong.len; i++) {
		if (w->line.items[i].state == MEMORY_ACTIVE &&
		    memory_mentions(w->line.items[i].value, w->said->wrong,
				    &arena))
			return &w->line.items[i];
	}
	return NULL;
}

/* "Sara left Siemens for Bosch": of her work, if it is known that she is at
 * Siemens; of her home, if that is where she lives. */
static bool
key_of_left(struct store_txn *txn, struct statement *said, struct arena *arena,
	    struct error *err)
{
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_memory_scan(
		txn, said->m.profile, MEMORY_TYPE_COUNT, true, err);
	SCOPED(arena_clear) struct arena looked = {0};
	struct memory m;

	for (int i = 0; scan && i < NEAR_LOOKED_AT &&
			record_memory_next(scan, &looked, &m);
	     i++) {
		if (m.state == MEMORY_ACTIVE && m.type == said->m.type &&
		    m.key.len && !ends(&m) &&
		    memory_mentions(m.value, said->wrong, &looked) &&
		    (said->who.len == 0 ||
		     memory_mentions(m.value, said->who, &looked))) {
			said->m.key = arena_copy(arena, m.key);
			break;
		}
		arena_reset(&looked);
	}
	return record_scan_end(&scan, err);
}

bool
consolidate(struct store_txn *txn, struct statement *said, struct arena *arena,
	    struct memory_learned *out, bool *any, struct error *err)
{
	struct weighing w = {.txn = txn,
			     .said = said,
			     .arena = arena,
			     .out = out,
			     .any = any};

	*any = false;
	*out = (struct memory_learned){0};
	if (said->left && !key_of_left(txn, said, arena, err))
		return false;
	if (!line_read(txn, said->m.profile, said->m.key, arena, &w.line, err))
		return false;
	if (known_from_it(&w))
		return true;
	struct memory *wrong = said_wrong(&w);
	if (wrong && line_begins(wrong) <= line_begins(&said->m))
		return insert(&w, wrong, NULL, err);
	if (said->ends)
		place_ended(&w, &said->m);
	if (memory_key_many(said->m.key))
		return weigh_many(&w, err);
	return weigh_one(&w, err);
}

/* ---- mending ---- */

/* Where `word` stands in `text` as a whole word, case aside; text.len: it
 * does not. */
static size_t
find_word(struct slice text, struct slice word)
{
	for (size_t i = 0; i + word.len <= text.len; i++) {
		bool left = i == 0 || (unsigned char)text.data[i - 1] < 'A';
		bool right = i + word.len == text.len ||
			     (unsigned char)text.data[i + word.len] < 'A';

		if (left && right &&
		    strncasecmp(text.data + i, word.data, word.len) == 0)
			return i;
	}
	return text.len;
}

/* What is said of `wrong`: of several, what was said last in the same
 * conversation. */
static bool
find_wrong(struct weighing *w, struct memory *found, bool *any,
	   struct error *err)
{
	const struct memory *new = &w->said->m;
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_memory_scan(
		w->txn, new->profile, MEMORY_TYPE_COUNT, true, err);
	size_t all = 0, here = 0;
	struct memory m;

	for (int i = 0; scan && i < NEAR_LOOKED_AT &&
			record_memory_next(scan, w->arena, &m);
	     i++) {
		if (m.state != MEMORY_ACTIVE ||
		    find_word(m.value, w->said->wrong) == m.value.len)
			continue;
		bool same =
			m.source_count && new->source_count &&id_equal(
						  m.sources[0].conversation,
						  new->sources[0].conversation);
		if (all == 0 || (same && here == 0))
			*found = m;
		all++;
		here += same;
	}
	*any = here > 0 || all == 1;
	return record_scan_end(&scan, err);
}

static struct slice
with_word(struct slice text, struct slice wrong, struct slice right,
	  struct arena *arena)
{
	size_t at = find_word(text, wrong);
	struct slice tail = slice_make(text.data + at + wrong.len,
				       text.len - at - wrong.len);

	return slice_of(arena_printf(arena, "%.*s%.*s%.*s", (int)at, text.data,
				     SLICE_ARG(right), SLICE_ARG(tail)));
}

bool
consolidate_mend(struct store_txn *txn, struct statement *said,
		 struct arena *arena, struct memory_learned *out, bool *any,
		 struct error *err)
{
	struct weighing w = {.txn = txn,
			     .said = said,
			     .arena = arena,
			     .out = out,
			     .any = any};
	struct memory m;
	bool found;

	*any = false;
	*out = (struct memory_learned){0};
	if (!find_wrong(&w, &m, &found, err))
		return false;
	if (!found || (said->m.source_count &&
		       from_message(&m, said->m.sources[0].message)))
		return true;
	m.value = with_word(m.value, said->wrong, said->m.value, arena);
	return strengthen(&w, &m, MEMORY_MENDED, err);
}
