/*
 * Scoring what the index found.
 *
 * Every document in scope has two BM25 scores, its own and its session's.
 * Both become z-scores over the scope, so that they can be added; then what
 * stands beside a good turn gains, most of all an answer after a question; a
 * turn of a person who is named gains; a turn that only asks loses; and a date
 * in the question draws towards its days.  Weights: measured on conversations
 * of people, scores fused rather than ranks.
 */
#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "engine.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/store.h"

static const double W_WORDS = .8, W_NEIGHBOUR = .2, W_REPLY = .5,
		    W_SESSION = .3, W_SPEAKER = .3, W_QUESTION = -.5,
		    W_DATE = .3;

enum {
	TERM_WORDS,
	TERM_NEIGHBOUR,
	TERM_REPLY,
	TERM_SESSION,
	TERM_SPEAKER,
	TERM_QUESTION,
	TERM_DATE,
	TERM_COUNT
};

static const char *const term_names[] = {
	[TERM_WORDS] = "words",     [TERM_NEIGHBOUR] = "neighbour",
	[TERM_REPLY] = "reply",     [TERM_SESSION] = "session",
	[TERM_SPEAKER] = "speaker", [TERM_QUESTION] = "question",
	[TERM_DATE] = "date",
};

static_assert(COUNT(term_names) == TERM_COUNT, "name every term");

struct candidate {
	struct index_document doc;
	double terms[TERM_COUNT];
	double score;
	double t;
	bool hit; /* its words, its neighbour's or its session's */
};

struct asked {
	unsigned speakers[64];
	size_t speaker_count;
	int year, month, day; /* 0: not named */
};

/* ---- the question ---- */

static bool
next_word(struct slice *rest, struct slice *word)
{
	while (rest->len && !isalnum((unsigned char)rest->data[0]) &&
	       (unsigned char)rest->data[0] < 0x80)
		*rest = slice_make(rest->data + 1, rest->len - 1);
	size_t n = 0;
	while (n < rest->len && (isalnum((unsigned char)rest->data[n]) ||
				 (unsigned char)rest->data[n] >= 0x80))
		n++;
	*word = slice_make(rest->data, n);
	*rest = slice_make(rest->data + n, rest->len - n);
	return n > 0;
}

static int
month_of(struct slice word)
{
	static const char *const months[] = {"january", "february", "march",
					     "april",   "may",      "june",
					     "july",    "august",   "september",
					     "october", "november", "december"};

	for (int i = 0; i < 12; i++) {
		if (word.len == strlen(months[i]) &&
		    strncasecmp(word.data, months[i], word.len) == 0)
			return i + 1;
	}
	return 0;
}

static bool
before_a_month(struct slice word)
{
	static const char *const words[] = {"in",     "on",    "of", "since",
					    "during", "until", "by"};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (word.len == strlen(words[i]) &&
		    strncasecmp(word.data, words[i], word.len) == 0)
			return true;
	}
	return word.len && isdigit((unsigned char)word.data[0]);
}

static void
read_date(struct asked *q, struct slice word, struct slice last,
	  struct slice next)
{
	int64_t n;
	int month = month_of(word);

	/* "may" is a month only where one can stand. */
	if (month == 5 && !before_a_month(last) &&
	    !(next.len && isdigit((unsigned char)next.data[0])))
		month = 0;
	if (month)
		q->month = month;
	if (slice_number(word, &n) && n >= 2000 && n <= 2099)
		q->year = (int)n;
	if (month && slice_number(last, &n) && n >= 1 && n <= 31)
		q->day = (int)n;
	if (month && slice_number(next, &n) && n >= 1 && n <= 31)
		q->day = (int)n;
}

static void
read_question(struct slice text, struct asked *q)
{
	struct slice rest = text, word, last = {0};

	*q = (struct asked){0};
	while (next_word(&rest, &word)) {
		struct slice after = rest, next;
		next_word(&after, &next);
		read_date(q, word, last, next);
		if (q->speaker_count < COUNT(q->speakers))
			q->speakers[q->speaker_count++] = speaker_hash(word);
		last = word;
	}
}

/* Keep of the question's words those that are a speaker in the scope. */
static void
keep_speakers(struct asked *q, const struct candidate *c, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < q->speaker_count; i++) {
		bool there = false;
		for (size_t k = 0; k < n && !there; k++)
			there = document_speaker(c[k].doc.flags) ==
				q->speakers[i];
		if (there)
			q->speakers[kept++] = q->speakers[i];
	}
	q->speaker_count = kept;
}

/* ---- the terms ---- */

static void
standardise(const float *x, size_t n, double *z)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i];
	double mean = n ? sum / (double)n : 0;
	for (size_t i = 0; i < n; i++)
		squares += ((double)x[i] - mean) * ((double)x[i] - mean);
	double sd = n ? sqrt(squares / (double)n) : 0;
	for (size_t i = 0; i < n; i++)
		z[i] = sd > 0 ? ((double)x[i] - mean) / sd : 0;
}

static double
speaker_term(const struct asked *q, uint32_t flags)
{
	unsigned speaker = document_speaker(flags);

	if (q->speaker_count == 0 || (flags & DOCUMENT_MEMORY))
		return 0;
	for (size_t i = 0; i < q->speaker_count; i++) {
		if (q->speakers[i] == speaker)
			return 1;
	}
	return -1;
}

static double
date_term(const struct asked *q, uint32_t flags)
{
	if (!q->month && !q->year)
		return 0;
	struct clock_civil d =
		clock_civil(document_day(flags) * CLOCK_DAY, false);
	double term = 0;

	if (q->year)
		term += d.year == q->year ? .5 : -.5;
	if (q->month) {
		if (d.month == q->month)
			term += 1;
		else if (d.month == q->month % 12 + 1)
			term += .4;
		else
			term -= .5;
		int late = d.day - q->day;
		if (q->day && d.month == q->month)
			term += late == 0 ? 1 : late > 0 && late <= 4 ? .3 : 0;
	}
	return term;
}

static bool
beside(const struct candidate *a, const struct candidate *b)
{
	return a->doc.session == b->doc.session &&
	       !((a->doc.flags | b->doc.flags) & DOCUMENT_MEMORY);
}

static void
neighbour_terms(struct candidate *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double up = 0, down = 0;

		if (i > 0 && beside(&c[i - 1], &c[i])) {
			up = MAX(c[i - 1].t, 0);
			if (c[i - 1].doc.flags & DOCUMENT_QUESTION)
				c[i].terms[TERM_REPLY] = W_REPLY * up;
		}
		if (i + 1 < n && beside(&c[i + 1], &c[i]))
			down = MAX(c[i + 1].t, 0);
		c[i].terms[TERM_NEIGHBOUR] = W_NEIGHBOUR * MAX(up, down);
		c[i].hit = c[i].hit || up > 0 || down > 0;
	}
}

static void
score(struct candidate *c, const struct index_scores *s, struct asked *q,
      struct arena *arena)
{
	size_t n = s->count;
	double *words = arena_alloc(arena, n + 1, sizeof(*words));
	double *session = arena_alloc(arena, n + 1, sizeof(*session));

	standardise(s->turn, n, words);
	standardise(s->session, n, session);
	keep_speakers(q, c, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t flags = c[i].doc.flags;

		c[i].hit = s->turn[i] > 0;
		c[i].t = W_WORDS * words[i];
		c[i].terms[TERM_WORDS] = c[i].t;
		if (!(flags & DOCUMENT_MEMORY))
			c[i].terms[TERM_SESSION] = W_SESSION * session[i];
		c[i].terms[TERM_SPEAKER] = W_SPEAKER * speaker_term(q, flags);
		if (flags & DOCUMENT_QUESTION)
			c[i].terms[TERM_QUESTION] = W_QUESTION;
		c[i].terms[TERM_DATE] = W_DATE * date_term(q, flags);
	}
	neighbour_terms(c, n);
	for (size_t i = 0; i < n; i++) {
		c[i].score = 0;
		for (size_t k = 0; k < TERM_COUNT; k++)
			c[i].score += c[i].terms[k];
	}
}

static int
by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->hit != y->hit)
		return x->hit ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->doc.seq < y->doc.seq ? -1 : x->doc.seq > y->doc.seq;
}

/* ---- the records ---- */

static bool
read_message(struct store_txn *txn, struct id profile, struct id id,
	     struct arena *arena, struct memory_result *out, bool *found,
	     struct error *err)
{
	struct message m;
	struct conversation c;

	if (!record_message_by_id(txn, profile, id, arena, &m, found, err))
		return false;
	if (!*found)
		return true;
	if (!record_conversation_get(txn, profile, m.conversation, arena, &c,
				     found, err))
		return false;
	if (!*found)
		return true;
	*found = c.memory_mode != MEMORY_OFF && !c.deleting;
	*out = (struct memory_result){.kind = USED_MESSAGE,
				      .id = m.id,
				      .external_id = m.external_id,
				      .conversation = m.conversation,
				      .title = c.title,
				      .speaker = m.speaker,
				      .role = m.role,
				      .text = m.content,
				      .created_at = m.created_at,
				      .seq = m.seq};
	return true;
}

static bool
memory_stands(const struct memory *m, int64_t as_of)
{
	int64_t at = as_of ? as_of : clock_now();

	if (m->state == MEMORY_MERGED || m->created_at > at)
		return false;
	if (!as_of && m->state != MEMORY_ACTIVE)
		return false;
	return (!m->valid_from || m->valid_from <= at) &&
	       (!m->valid_to || at < m->valid_to) &&
	       (!m->expires_at || at < m->expires_at);
}

static bool
read_memory(struct store_txn *txn, struct id profile, struct id id,
	    int64_t as_of, struct arena *arena, struct memory_result *out,
	    double *importance, bool *found, struct error *err)
{
	struct memory m;

	if (!record_memory_get(txn, profile, id, arena, &m, found, err))
		return false;
	if (!*found)
		return true;
	*found = memory_stands(&m, as_of);
	*importance = m.importance;
	*out = (struct memory_result){
		.kind = USED_MEMORY,
		.id = m.id,
		.external_id = m.external_id,
		.conversation = m.source_count ? m.sources[0].conversation
					       : (struct id){{0}},
		.role = MESSAGE_USER,
		.text = m.value,
		.created_at = m.created_at};
	return true;
}

bool
memory_resolve(struct store_txn *txn, struct id profile,
	       const struct message_memory *reference, struct arena *arena,
	       struct memory_result *out, bool *found, struct error *err)
{
	double importance;
	bool good;

	if (reference->kind == USED_MESSAGE)
		good = read_message(txn, profile, reference->id, arena, out,
				    found, err);
	else
		good = read_memory(txn, profile, reference->id, 0, arena, out,
				   &importance, found, err);
	if (good && *found)
		out->score = reference->score;
	return good;
}

static void
copy_terms(const struct candidate *c, struct memory_result *r)
{
	r->score = 0;
	for (size_t i = 0; i < TERM_COUNT; i++) {
		if (c->terms[i] == 0)
			continue;
		r->terms[r->term_count++] =
			(struct memory_term){term_names[i], c->terms[i]};
		r->score += c->terms[i];
	}
}

static bool
wanted(const struct memory_query *q, const struct memory_result *r)
{
	if (q->as_of && r->created_at > q->as_of)
		return false;
	return r->kind != USED_MESSAGE || r->seq < q->skip_from ||
	       !id_equal(r->conversation, q->skip_conversation);
}

static bool
already(const struct memory_results *out, const struct memory_result *r)
{
	for (size_t i = 0; i < out->count; i++) {
		if (slice_equal(slice_trim(out->items[i].text),
				slice_trim(r->text)))
			return true;
	}
	return false;
}

static bool
collect(struct memory_engine *engine, const struct memory_query *q,
	struct candidate *c, size_t n, struct arena *arena,
	struct memory_results *out, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);

	if (!txn)
		return false;
	for (size_t i = 0; i < n && c[i].hit && out->count < q->k; i++) {
		struct memory_result *r = &out->items[out->count];
		bool memory = c[i].doc.key[0] == 1, found;
		double importance;
		struct id id;

		memcpy(id.bytes, c[i].doc.key + 1, ID_BYTES);
		if (memory ? !read_memory(txn, q->profile, id, q->as_of, arena,
					  r, &importance, &found, err)
			   : !read_message(txn, q->profile, id, arena, r,
					   &found, err))
			return false;
		if (!found || !wanted(q, r) || already(out, r))
			continue;
		copy_terms(&c[i], r);
		out->count++;
	}
	return true;
}

static bool
check_query(const struct memory_query *q, struct error *err)
{
	if (q->k < 1 || q->k > MEMORY_RESULTS_MAX)
		return error_set(err, ERROR_USAGE,
				 "from 1 to %d results can be asked for",
				 MEMORY_RESULTS_MAX);
	return q->text.len <= MEMORY_QUERY_MAX ||
	       error_set(err, ERROR_LIMIT,
			 "a question of %zu bytes; at most %d fit", q->text.len,
			 MEMORY_QUERY_MAX);
}

static bool
search(struct memory_engine *engine, const struct memory_query *q,
       struct arena *arena, struct memory_results *out, struct error *err)
{
	struct index *index = engine_index(engine, q->profile, err);
	SCOPED(index_scores_clear) struct index_scores scores = {0};
	struct asked asked;

	if (!index ||
	    !index_search(index, q->text,
			  id_none(q->conversation) ? NULL : &q->conversation,
			  &scores, err))
		return false;
	SCOPED(free_pointer)
	struct candidate *c = xcalloc(scores.count + 1, sizeof(*c));
	for (size_t i = 0; i < scores.count; i++)
		index_entry(index, scores.document[i], &c[i].doc);
	read_question(q->text, &asked);
	score(c, &scores, &asked, arena);
	qsort(c, scores.count, sizeof(*c), by_score);
	out->items = arena_alloc(arena, q->k + 1, sizeof(*out->items));
	out->answerable =
		scores.count && c[0].hit && c[0].terms[TERM_WORDS] > 0;
	return collect(engine, q, c, scores.count, arena, out, err);
}

bool
memory_recall(struct memory_engine *engine, const struct memory_query *query,
	      struct arena *arena, struct memory_results *out,
	      struct error *err)
{
	int64_t start = clock_monotonic();
	struct error why = {0};

	*out = (struct memory_results){0};
	if (!check_query(query, err) ||
	    !memory_catch_up(engine, query->profile, err))
		return false;
	if (!search(engine, query, arena, out, &why)) {
		/* Damaged files: the index is empty now and is fed anew. */
		if (why.code != ERROR_CONFLICT)
			return error_set(err, why.code, "%s", why.text);
		*out = (struct memory_results){0};
		if (!memory_catch_up(engine, query->profile, err) ||
		    !search(engine, query, arena, out, err))
			return false;
	}
	out->answerable = out->answerable && out->count > 0;
	out->elapsed = clock_monotonic() - start;
	return true;
}
