/*
 * Every document in scope gets a score, so postings are walked whole: first
 * to gather the living ones in scope, which gives a stem's document count
 * exactly, then to score those.  Sessions are scored from the same walk.
 * Sums run in the order of the query's words, so equal indexes give equal
 * bits however their documents lie in segments.
 */
#include <math.h>
#include <stdlib.h>

#include "index/inner.h"
#include "index/words.h"
#include "mneme/error.h"

#define K1 .9
#define B .4

struct term {
	char stem[INDEX_WORD_MAX];
	size_t len;
	double times; /* in the query */
};

struct terms {
	struct term *list; /* in the order of the query */
	size_t count, cap;
	struct map known; /* stem: place + 1 */
};

struct hit {
	uint32_t ordinal, words, times;
};

struct search {
	struct index *ix;
	const struct id *conversation;
	bool bad;
	/* one element a session of the index */
	bool *in_scope;
	uint64_t *session_words;
	uint32_t *session_documents, *session_times;
	float *session_score;
	/* one element an ordinal */
	float *score;
	double full;
	uint32_t documents, sessions; /* in scope */
	uint64_t words;
	struct hit *hits;
	uint32_t *touched; /* sessions with the stem */
	size_t hit_count, hit_cap, touched_count, touched_cap;
};

static void
add_term(struct slice stem, size_t from, size_t len, void *arg)
{
	struct terms *t = arg;
	uintptr_t place = (uintptr_t)map_get(&t->known, stem);

	(void)from;
	(void)len;
	if (place) {
		t->list[place - 1].times++;
		return;
	}
	t->list = grow(t->list, &t->cap, t->count + 1, sizeof(*t->list));
	struct term *term = &t->list[t->count++];
	memcpy(term->stem, stem.data, stem.len);
	term->len = stem.len;
	term->times = 1;
	map_put(&t->known, stem, (void *)(uintptr_t)t->count);
}

static void
terms_clear(struct terms *t)
{
	free(t->list);
	map_clear(&t->known, NULL);
}

static bool
read_query(struct index *ix, struct slice query, struct terms *terms,
	   struct error *err)
{
	if (query.len > INDEX_QUERY_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a query of %zu bytes, at most %d fit",
				 query.len, INDEX_QUERY_MAX);
	words_each(ix->words, query, add_term, terms);
	return true;
}

static void
search_clear(struct search *s)
{
	free(s->in_scope);
	free(s->session_words);
	free(s->session_documents);
	free(s->session_times);
	free(s->session_score);
	free(s->score);
	free(s->hits);
	free(s->touched);
}

/* Give each session of the part its number in the index. */
static void
number_sessions(struct index *ix, struct part *part)
{
	if (part->numbered == part->sessions)
		return;
	part->number =
		xrealloc(part->number, part->sessions, sizeof(*part->number));
	for (; part->numbered < part->sessions; part->numbered++) {
		struct part_session s = part->table[part->numbered];
		struct slice key = slice_make(&s, sizeof(s));
		uintptr_t n = (uintptr_t)map_get(&ix->sessions, key);
		if (!n) {
			n = ++ix->session_count;
			map_put(&ix->sessions, key, (void *)n);
		}
		part->number[part->numbered] = (uint32_t)n - 1;
	}
}

static void
mark_scope(struct search *s, const struct part *part)
{
	for (uint32_t i = 0; i < part->sessions; i++)
		s->in_scope[part->number[i]] =
			!s->conversation ||
			id_equal(part->table[i].conversation, *s->conversation);
}

static void
count_part(struct search *s, const struct part *part, uint32_t first,
	   struct index_scores *scores)
{
	for (uint32_t i = 0; i < part->documents; i++) {
		uint32_t session = part->number[part->session[i]];
		if (!s->in_scope[session] || part->dead[i])
			continue;
		scores->document[s->documents++] = first + i;
		s->words += part->words[i];
		s->session_words[session] += part->words[i];
		s->sessions += !s->session_documents[session]++;
	}
}

static void
prepare(struct search *s, struct index_scores *scores)
{
	struct index *ix = s->ix;
	uint32_t ordinals = 0;

	for (size_t i = 0; i < index_parts(ix); i++) {
		number_sessions(ix, index_part(ix, i));
		ordinals += index_part(ix, i)->documents;
	}
	size_t n = (size_t)ix->session_count + 1;
	s->in_scope = xcalloc(n, sizeof(*s->in_scope));
	s->session_words = xcalloc(n, sizeof(*s->session_words));
	s->session_documents = xcalloc(n, sizeof(*s->session_documents));
	s->session_times = xcalloc(n, sizeof(*s->session_times));
	s->session_score = xcalloc(n, sizeof(*s->session_score));
	s->score = xcalloc((size_t)ordinals + 1, sizeof(*s->score));
	scores->document =
		xcalloc((size_t)ordinals + 1, sizeof(*scores->document));
	uint32_t first = 0;
	for (size_t i = 0; i < index_parts(ix); i++) {
		struct part *part = index_part(ix, i);
		mark_scope(s, part);
		count_part(s, part, first, scores);
		first += part->documents;
	}
}

static bool
find_postings(const struct index *ix, size_t i, struct slice stem,
	      struct slice *postings, uint32_t *documents)
{
	if (i < ix->count)
		return segment_find(ix->segments[i], stem, postings, documents);
	const struct tail_term *term = map_get(&ix->tail.terms, stem);
	*postings = term ? buf_slice(&term->postings) : (struct slice){0};
	*documents = term ? term->documents : 0;
	return true;
}

static void
gather(struct search *s, const struct part *part, struct slice postings,
       uint32_t first)
{
	struct posting p = {.document = UINT32_MAX};

	while (posting_next(&postings, part->documents, &p, &s->bad)) {
		uint32_t session = part->number[part->session[p.document]];
		if (!s->in_scope[session] || part->dead[p.document])
			continue;
		s->hits = grow(s->hits, &s->hit_cap, s->hit_count + 1,
			       sizeof(*s->hits));
		s->hits[s->hit_count++] = (struct hit){
			first + p.document, part->words[p.document], p.times};
		if (!s->session_times[session]) {
			s->touched =
				grow(s->touched, &s->touched_cap,
				     s->touched_count + 1, sizeof(*s->touched));
			s->touched[s->touched_count++] = session;
		}
		s->session_times[session] += p.times;
	}
}

static double
idf(double n, double df)
{
	return log(1 + (n - df + .5) / (df + .5));
}

static double
weight(double times, double words, double average)
{
	return times * (K1 + 1) / (times + K1 * (1 - B + B * words / average));
}

static void
score_term(struct search *s, const struct term *term)
{
	struct slice stem = slice_make(term->stem, term->len);
	uint32_t first = 0;

	s->hit_count = s->touched_count = 0;
	for (size_t i = 0; i < index_parts(s->ix) && !s->bad; i++) {
		const struct part *part = index_part(s->ix, i);
		struct slice postings;
		uint32_t documents;
		if (!find_postings(s->ix, i, stem, &postings, &documents))
			s->bad = true;
		else
			gather(s, part, postings, first);
		first += part->documents;
	}
	if (s->bad)
		return;
	double rare = term->times * idf(s->documents, (double)s->hit_count);
	s->full += rare * (K1 + 1);
	if (!s->hit_count)
		return;
	double average = MAX(1, (double)s->words / s->documents);
	for (size_t i = 0; i < s->hit_count; i++) {
		struct hit h = s->hits[i];
		s->score[h.ordinal] +=
			(float)(rare * weight(h.times, h.words, average));
	}
	rare = term->times * idf(s->sessions, (double)s->touched_count);
	average = MAX(1, (double)s->words / s->sessions);
	for (size_t i = 0; i < s->touched_count; i++) {
		uint32_t n = s->touched[i];
		s->session_score[n] +=
			(float)(rare * weight(s->session_times[n],
					      (double)s->session_words[n],
					      average));
		s->session_times[n] = 0;
	}
}

static void
collect(const struct search *s, struct index_scores *scores)
{
	size_t part = 0;
	uint32_t first = 0;
	size_t n = s->documents;

	scores->count = n;
	scores->full = s->full;
	scores->turn = xcalloc(n + 1, sizeof(*scores->turn));
	scores->session = xcalloc(n + 1, sizeof(*scores->session));
	for (size_t i = 0; i < n; i++) {
		uint32_t ordinal = scores->document[i];
		const struct part *p = index_part(s->ix, part);
		while (ordinal - first >= p->documents) {
			first += p->documents;
			p = index_part(s->ix, ++part);
		}
		scores->turn[i] = s->score[ordinal];
		scores->session[i] =
			s->session_score
				[p->number[p->session[ordinal - first]]];
	}
}

bool
index_search(struct index *ix, struct slice query,
	     const struct id *conversation, struct index_scores *scores,
	     struct error *err)
{
	SCOPED(terms_clear) struct terms terms = {0};
	SCOPED(search_clear)
	struct search s = {.ix = ix, .conversation = conversation};
	SCOPED(index_scores_clear) struct index_scores found = {0};

	if (!read_query(ix, query, &terms, err))
		return false;
	prepare(&s, &found);
	for (size_t i = 0; i < terms.count && !s.bad; i++)
		score_term(&s, &terms.list[i]);
	if (s.bad) {
		index_reset(ix, "the word index is damaged");
		return error_set(err, ERROR_CONFLICT, "%s", ix->trouble);
	}
	collect(&s, &found);
	*scores = found;
	found = (struct index_scores){0};
	return true;
}

void
index_scores_clear(struct index_scores *scores)
{
	free(scores->document);
	free(scores->turn);
	free(scores->session);
	*scores = (struct index_scores){0};
}

bool
index_terms(struct index *ix, struct slice query, index_term_fn *each,
	    void *arg, struct error *err)
{
	SCOPED(terms_clear) struct terms terms = {0};

	if (!read_query(ix, query, &terms, err))
		return false;
	for (size_t i = 0; i < terms.count; i++) {
		struct slice stem =
			slice_make(terms.list[i].stem, terms.list[i].len);
		uint64_t total = 0;
		for (size_t p = 0; p < index_parts(ix); p++) {
			struct slice postings;
			uint32_t n = 0;
			if (find_postings(ix, p, stem, &postings, &n))
				total += n;
		}
		each(stem, total, arg);
	}
	return true;
}

struct highlight {
	const struct terms *terms;
	index_span_fn *each;
	void *arg;
};

static void
show_word(struct slice stem, size_t from, size_t len, void *arg)
{
	const struct highlight *h = arg;

	if (map_get(&h->terms->known, stem))
		h->each(from, len, h->arg);
}

bool
index_highlight(struct index *ix, struct slice query, struct slice text,
		index_span_fn *each, void *arg, struct error *err)
{
	SCOPED(terms_clear) struct terms terms = {0};
	struct highlight h = {&terms, each, arg};

	if (!read_query(ix, query, &terms, err))
		return false;
	words_each(ix->words, text, show_word, &h);
	return true;
}
