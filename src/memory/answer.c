/*
 * What recall mode says: the words that were found, quoted, each with where it
 * is from.  A search always finds something; here only what fits on its own is
 * shown, by the raw measures that can be compared between questions.
 */
#include "memory/same.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/memory.h"

/* Of the answerable questions on which it was measured, 95 of 100 have a turn
 * that fits that well by itself. */
static const double fits_alone = .6, fits_alone_words = .143;
/* As good as the best one, nearly. */
static const double nearly = .8;

/* One sentence, which asks. */
static bool
only_asks(struct slice text)
{
	text = slice_trim(text);
	if (!slice_ends(text, "?") && !slice_ends(text, "\xEF\xBC\x9F"))
		return false;
	for (size_t i = 0; i + 1 < text.len; i++) {
		char c = text.data[i];
		if (c == '\n' ||
		    ((c == '.' || c == '!') && text.data[i + 1] == ' '))
			return false;
	}
	return true;
}

static bool
may_answer(const struct memory_result *r)
{
	return r->kind == USED_MEMORY || !only_asks(r->text);
}

static double
least_fit(const struct memory_results *results)
{
	return results->by_meaning ? fits_alone : fits_alone_words;
}

/* ---- what another result outweighs ---- */

struct weighing {
	struct store_txn *txn;
	const struct memory_results *results;
	bool *drop; /* of each result */
	size_t at;  /* the one that is weighed */
	bool told;  /* its memories say all that it says */
	struct id conversation;
	struct memory *made; /* in that one */
	size_t made_count;
	struct arena arena;
};

static bool
fits(const struct memory_results *results, const struct memory_result *r)
{
	return r->fit >= least_fit(results) && may_answer(r);
}

/* Is it among the results, itself or as a message that it was learned from? */
static bool
stands(const struct weighing *w, const struct memory *m)
{
	for (size_t i = 0; i < w->results->count; i++) {
		const struct memory_result *r = &w->results->items[i];

		if (i == w->at || w->drop[i] || !fits(w->results, r))
			continue;
		if (id_equal(r->id, m->id))
			return true;
		for (size_t k = 0; k < m->source_count; k++)
			if (id_equal(r->id, m->sources[k].message))
				return true;
	}
	return false;
}

/* What holds now in place of `m`; a chain is followed to its end. */
static bool
read_successor(struct weighing *w, struct memory *m, bool *found,
	       struct error *err)
{
	enum { LONGEST = 64 };

	*found = true;
	for (int i = 0; *found && m->state == MEMORY_SUPERSEDED; i++) {
		if (i == LONGEST)
			break;
		if (!record_memory_get(w->txn, m->profile, m->superseded_by,
				       &w->arena, m, found, err))
			return false;
	}
	*found = *found && m->state == MEMORY_ACTIVE;
	return true;
}

static bool
outweighed_by(struct weighing *w, struct memory m, struct error *err)
{
	bool changed = m.state == MEMORY_SUPERSEDED, found;

	if (!changed && !w->told)
		return true;
	if (!read_successor(w, &m, &found, err))
		return false;
	w->drop[w->at] = found && stands(w, &m);
	return true;
}

/* The memories that were made in a conversation; results often share one. */
static bool
read_made(struct weighing *w, struct id profile, struct id conversation,
	  struct error *err)
{
	const struct memory_filter in_it = {.profile = profile,
					    .type = MEMORY_TYPE_COUNT,
					    .state = MEMORY_STATE_COUNT,
					    .conversation = conversation};

	if (w->made && id_equal(w->conversation, conversation))
		return true;
	w->conversation = conversation;
	return memory_list(w->txn, &in_it, NULL, MEMORY_LIST_MAX, &w->arena,
			   &w->made, &w->made_count, err);
}

static bool
made_of(const struct memory *m, struct id message)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (id_equal(m->sources[i].message, message))
			return true;
	return false;
}

/* Do the memories that were made of it have each of its words of meaning? */
static bool
all_told(struct weighing *w)
{
	enum { LONGEST = 300, ROOM = 4096 };
	SCOPED(buf_clear) struct buf told = {.max = ROOM};
	const struct memory_result *r = &w->results->items[w->at];
	struct slice text = r->text;

	if (text.len > LONGEST)
		return false;
	memory_wish(text, &text);
	for (size_t i = 0; i < w->made_count; i++)
		if (made_of(&w->made[i], r->id))
			buf_addf(&told, "%.*s\n", SLICE_ARG(w->made[i].value));
	return !told.over && memory_mentions(buf_slice(&told), text, &w->arena);
}

static bool
weigh(struct weighing *w, struct id profile, struct error *err)
{
	const struct memory_result *r = &w->results->items[w->at];

	if (r->kind == USED_MEMORY || !fits(w->results, r))
		return true;
	if (!read_made(w, profile, r->conversation, err))
		return false;
	w->told = all_told(w);
	for (size_t i = 0; i < w->made_count && !w->drop[w->at]; i++)
		if (made_of(&w->made[i], r->id) &&
		    !outweighed_by(w, w->made[i], err))
			return false;
	return true;
}

static void
clear_weighing(struct weighing *w)
{
	arena_clear(&w->arena);
}

bool
memory_drop_outweighed(struct store_txn *txn, struct id profile,
		       struct memory_results *results, struct error *err)
{
	SCOPED(clear_weighing)
	struct weighing w = {.txn = txn, .results = results};
	size_t n = 0;

	w.drop = arena_alloc(&w.arena, results->count + 1, sizeof(*w.drop));
	for (w.at = 0; w.at < results->count; w.at++)
		if (!weigh(&w, profile, err))
			return false;
	for (size_t i = 0; i < results->count; i++)
		if (!w.drop[i])
			results->items[n++] = results->items[i];
	results->count = n;
	return true;
}

/* ---- what answers ---- */

void
memory_keep_answers(struct memory_results *results)
{
	double least = least_fit(results);
	double best = 0;
	size_t n = 0;

	for (size_t i = 0; i < results->count; i++) {
		if (may_answer(&results->items[i]))
			best = MAX(best, results->items[i].fit);
	}
	least = MAX(least, nearly * best);
	for (size_t i = 0; i < results->count && n < MEMORY_ANSWERS_MAX; i++) {
		const struct memory_result *r = &results->items[i];
		if (r->fit >= least && may_answer(r))
			results->items[n++] = *r;
	}
	results->count = n;
	results->answerable = n > 0;
}

static void
quote(struct buf *out, struct slice text)
{
	struct slice line;

	text = slice_trim(text);
	while (slice_line(&text, &line))
		buf_addf(out, "> %.*s\n", SLICE_ARG(line));
}

static void
source(struct buf *out, const struct memory_result *r)
{
	struct clock_civil d = clock_civil(r->created_at, false);
	char id[ID_TEXT + 1];

	if (r->kind == USED_MEMORY)
		buf_adds(out, "Remembered");
	else if (r->speaker.len)
		buf_add_slice(out, r->speaker);
	else
		buf_adds(out,
			 r->role == MESSAGE_ASSISTANT ? "Answered" : "Said");
	buf_addf(out, ", %04d-%02d-%02d (%s)\n", d.year, d.month, d.day,
		 id_format(r->id, id));
}

bool
memory_unlearned_text(enum memory_mode mode, bool incognito, struct buf *out)
{
	if (incognito)
		return buf_adds(out, "Nothing is learned: this conversation "
				     "is incognito.\n");
	return buf_addf(out,
			"Nothing is learned: this conversation's memory is "
			"%s.\n",
			memory_mode_names[mode]);
}

bool
memory_recall_text(const struct memory_result *items, size_t count,
		   struct buf *out)
{
	if (count == 0)
		return buf_adds(out, "Nothing is remembered about that.\n");
	for (size_t i = 0; i < count; i++) {
		const struct memory_result *r = &items[i];

		if (i)
			buf_addc(out, '\n');
		quote(out, r->excerpt.len ? r->excerpt : r->text);
		buf_addc(out, '\n');
		source(out, r);
	}
	return !out->over;
}
