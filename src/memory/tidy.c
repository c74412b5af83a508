/*
 * What could be tidied.
 *
 * Two memories of a type say the same when every word of the one stands in
 * the other, which has few more, and what it has more is no number and no
 * "not": then the shorter goes into the longer.  That misses paraphrases
 * rather than merging what differs.  Words are compared by a hash of their
 * letters; a memory's candidates are those that share its rarest word.
 */
#include <ctype.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/memory.h"

enum {
	WORDS_MAX = 64,    /* of one memory; a longer one is no duplicate */
	SAME_KEY = 60,     /* percent of words shared, with the same key */
	OTHER_KEY = 75,    /* and without */
	CANDIDATES = 2000, /* that one memory is compared with */
};

struct said {
	struct memory memory;
	uint64_t words[WORDS_MAX]; /* sorted, each once */
	size_t count;
	bool taken; /* goes into another */
};

struct posting {
	uint64_t word;
	uint32_t said;
};

static const char *const small_words[] = {
	"a",    "am",   "an",  "and",  "are", "at",   "be", "has",
	"have", "i",    "in",  "is",   "it",  "me",   "my", "of",
	"on",   "that", "the", "they", "to",  "user",
};
static const char *const turning_words[] = {
	"not",    "no",     "never",   "don't",  "doesn't",  "isn't",
	"aren't", "can't",  "without", "former", "formerly", "longer",
	"ex",     "was",    "were",    "used",   "stopped",  "quit",
	"hates",  "except", "but",     "kein",   "keine",    "nicht",
	"nie",    "pas",    "jamais",
};

static bool
is_among(const char *const *list, size_t n, struct slice word)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(word, list[i]))
			return true;
	return false;
}

/* FNV-1a.  The lowest bit tells a word that must not be passed over. */
static uint64_t
hash_word(struct slice word)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	bool weighty = is_among(turning_words, COUNT(turning_words), word);

	for (size_t i = 0; i < word.len; i++) {
		weighty = weighty || isdigit((unsigned char)word.data[i]);
		hash = (hash ^ (uint8_t)word.data[i]) * UINT64_C(1099511628211);
	}
	return (hash & ~UINT64_C(1)) | weighty;
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* False for one that is too long to be compared. */
static bool
read_words(struct said *s)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice rest = record_normalise(&arena, s->memory.value), word;
	size_t n = 0, kept = 0;

	while (slice_word(&rest, "'", &word)) {
		if (is_among(small_words, COUNT(small_words), word))
			continue;
		if (n == WORDS_MAX)
			return false;
		s->words[n++] = hash_word(word);
	}
	qsort(s->words, n, sizeof(*s->words), by_number);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || s->words[i] != s->words[i - 1])
			s->words[kept++] = s->words[i];
	s->count = kept;
	return kept > 0;
}

/* What others go into stands first. */
static int
by_weight(const void *a, const void *b)
{
	const struct said *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->memory.pinned != y->memory.pinned)
		return x->memory.pinned ? -1 : 1;
	if (x->memory.source_count != y->memory.source_count)
		return x->memory.source_count > y->memory.source_count ? -1 : 1;
	if (x->memory.created_at != y->memory.created_at)
		return x->memory.created_at < y->memory.created_at ? -1 : 1;
	return memcmp(x->memory.id.bytes, y->memory.id.bytes, ID_BYTES);
}

static int
by_word(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;

	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	return x->said < y->said ? -1 : x->said > y->said;
}

/* Whether `less` says nothing that `more` does not, and `more` little else. */
static bool
same_said(const struct said *less, const struct said *more)
{
	bool same_key = slice_equal(less->memory.key, more->memory.key);
	size_t at = 0;

	if (less->memory.type != more->memory.type ||
	    less->count * 100 < more->count * (same_key ? SAME_KEY : OTHER_KEY))
		return false;
	for (size_t i = 0; i < more->count; i++) {
		if (at < less->count && less->words[at] == more->words[i])
			at++;
		else if (more->words[i] & 1)
			return false;
	}
	return at == less->count;
}

struct plan {
	struct said *said;
	size_t count, cap;
	struct posting *postings;
	size_t posting_count;
	struct memory_proposal *proposals;
	size_t proposal_count, proposal_cap;
};

static void
plan_clear(struct plan *plan)
{
	free(plan->said);
	free(plan->postings);
	free(plan->proposals);
}

static void
propose(struct plan *plan, enum memory_tidying what, const struct memory *m,
	const struct memory *into)
{
	plan->proposals =
		grow(plan->proposals, &plan->proposal_cap,
		     plan->proposal_count + 1, sizeof(*plan->proposals));
	struct memory_proposal *p = &plan->proposals[plan->proposal_count++];

	memset(p, 0, sizeof(*p));
	p->what = what;
	p->memory = *m;
	if (into)
		p->into = *into;
}

static bool
read_all(struct store_txn *txn, struct id profile, int64_t now,
	 struct arena *arena, struct plan *plan, struct error *err)
{
	struct record_scan *scan =
		record_memory_scan(txn, profile, MEMORY_TYPE_COUNT, false, err);
	struct memory m;

	while (scan && plan->count < MEMORY_LIST_MAX &&
	       record_memory_next(scan, arena, &m)) {
		if (m.state != MEMORY_ACTIVE)
			continue;
		if (m.expires_at && m.expires_at <= now) {
			propose(plan, TIDY_EXPIRE, &m, NULL);
			continue;
		}
		plan->said = grow(plan->said, &plan->cap, plan->count + 1,
				  sizeof(*plan->said));
		plan->said[plan->count] = (struct said){.memory = m};
		plan->count += read_words(&plan->said[plan->count]);
	}
	return record_scan_end(&scan, err);
}

static void
index_words(struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->count; i++)
		n += plan->said[i].count;
	plan->postings = xcalloc(n + 1, sizeof(*plan->postings));
	for (size_t i = 0; i < plan->count; i++)
		for (size_t k = 0; k < plan->said[i].count; k++)
			plan->postings[plan->posting_count++] =
				(struct posting){plan->said[i].words[k],
						 (uint32_t)i};
	qsort(plan->postings, n, sizeof(*plan->postings), by_word);
}

/* Where the postings of `word` begin; *n counts them. */
static const struct posting *
postings_of(const struct plan *plan, uint64_t word, size_t *n)
{
	size_t low = 0, high = plan->posting_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (plan->postings[mid].word < word)
			low = mid + 1;
		else
			high = mid;
	}
	for (*n = 0; low + *n < plan->posting_count &&
		     plan->postings[low + *n].word == word && *n <= CANDIDATES;)
		++*n;
	return plan->postings + low;
}

/* The first that says all that the `at`-th says. */
static const struct said *
find_fuller(const struct plan *plan, size_t at)
{
	const struct said *less = &plan->said[at];
	const struct posting *list = NULL;
	size_t fewest = SIZE_MAX, n;

	for (size_t i = 0; i < less->count; i++) {
		const struct posting *these =
			postings_of(plan, less->words[i], &n);

		if (n < fewest) {
			fewest = n;
			list = these;
		}
	}
	for (size_t i = 0; list && i < fewest && list[i].said < at; i++) {
		const struct said *more = &plan->said[list[i].said];

		if (!more->taken && same_said(less, more))
			return more;
	}
	return NULL;
}

bool
memory_tidy_plan(struct store_txn *txn, struct id profile, int64_t now,
		 struct arena *arena, struct memory_proposal **out, size_t *n,
		 struct error *err)
{
	SCOPED(plan_clear) struct plan plan = {0};

	if (!read_all(txn, profile, now, arena, &plan, err))
		return false;
	if (plan.count > 1)
		qsort(plan.said, plan.count, sizeof(*plan.said), by_weight);
	index_words(&plan);
	for (size_t i = 1; i < plan.count; i++) {
		const struct said *fuller = find_fuller(&plan, i);

		if (!fuller)
			continue;
		plan.said[i].taken = true;
		propose(&plan, TIDY_MERGE, &plan.said[i].memory,
			&fuller->memory);
	}
	*n = plan.proposal_count;
	*out = arena_alloc(arena, *n + 1, sizeof(**out));
	if (*n)
		memcpy(*out, plan.proposals, *n * sizeof(**out));
	return true;
}

/* As it is now, when it still says what it said. */
static bool
unchanged(struct store_txn *txn, const struct memory *planned,
	  struct arena *arena, struct memory *now, bool *same,
	  struct error *err)
{
	if (!record_memory_get(txn, planned->profile, planned->id, arena, now,
			       same, err))
		return false;
	*same = *same && now->state == MEMORY_ACTIVE &&
		slice_equal(now->value, planned->value) &&
		now->expires_at == planned->expires_at;
	return true;
}

bool
memory_tidy_apply(struct store_txn *txn, const struct memory_proposal *p,
		  int64_t now, bool *done, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory m, into;

	if (!unchanged(txn, &p->memory, &arena, &m, done, err))
		return false;
	if (!*done)
		return true;
	if (p->what == TIDY_EXPIRE)
		return memory_put_away(txn, &m, now, err);
	if (!unchanged(txn, &p->into, &arena, &into, done, err))
		return false;
	return !*done || memory_merge(txn, &into, &m, now, err);
}
