/*
 * Weights were measured on conversations of people (mneme-memory(7)).  A term
 * that has nothing to say is 0; a document without vectors has its words speak
 * for its pieces.  Sums run in the order of rows, so that equal input gives
 * equal output.
 */
#include "fuse.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "mneme/arena.h"

static const struct {
	double words, meaning, neighbour, reply, session, speaker, asks, date;
} first = {.3, .5, .2, .5, .3, .3, -.5, .3};

/* With no vectors at all. */
static const double words_alone = .8;

static const struct {
	double pieces, meaning, words, neighbour, near, reply, session, speaker,
		asks, date, time, memory;
} second = {.6, .15, .5, .2, .1, .4, .4, .4, -.5, .5, .6, .6};

/* What is that close to the question in meaning and asks is the question. */
static const float echoes = .97F;
static const double echo_most = 3; /* what its answer may gain from */

/* A memory's score changes by at most a tenth for each of these. */
static const double nudge = .1;

const struct fuse_word fuse_words[] = {
	[TERM_PIECES] = {"pieces", "its word pieces are like the question's",
			 "its word pieces are less like the question's"},
	[TERM_MEANING] = {"meaning", "as a whole it is close in meaning",
			  "as a whole it is about something else"},
	[TERM_WORDS] = {"words", "it has the question's words",
			"it has few of the question's words"},
	[TERM_NEIGHBOUR] = {"neighbour", "it stands beside a turn that fits",
			    ""},
	[TERM_NEAR] = {"near", "it stands near a turn that fits", ""},
	[TERM_REPLY] = {"reply", "it comes after a question that fits", ""},
	[TERM_SESSION] = {"session", "its session is about it",
			  "its session is about other things"},
	[TERM_SPEAKER] = {"speaker", "the one who is named said it",
			  "somebody else said it"},
	[TERM_QUESTION] = {"question", "", "it asks rather than tells"},
	[TERM_DATE] = {"date", "it was said at the time asked for",
		       "it was said at another time"},
	[TERM_TIME] = {"time", "it tells a time, which is asked for", ""},
	[TERM_MEMORY] = {"memory", "it was kept as a memory", ""},
	[TERM_AGE] = {"age", "it is recent", "it is old"},
	[TERM_IMPORTANCE] = {"importance", "it is important",
			     "it is not important"},
	[TERM_CONFIDENCE] = {"confidence", "it is certain", "it is uncertain"},
};

const char *
memory_term_says(const struct memory_term *term)
{
	for (size_t i = 0; i < TERM_COUNT; i++) {
		if (strcmp(fuse_words[i].name, term->name) == 0)
			return term->value < 0 ? fuse_words[i].less
					       : fuse_words[i].more;
	}
	return "";
}

static_assert(COUNT(fuse_words) == TERM_COUNT, "name every term");
static_assert((int)TERM_COUNT <= (int)MEMORY_TERMS_MAX, "every term fits");

static bool
is_memory(const struct row *row)
{
	return (row->flags & DOCUMENT_MEMORY) != 0;
}

/* ---- z-scores ---- */

struct spread {
	double sum, squares;
	size_t n;
};

static void
spread_add(struct spread *s, double x)
{
	s->sum += x;
	s->squares += x * x;
	s->n++;
}

static double
spread_z(const struct spread *s, double x)
{
	double mean = s->n ? s->sum / (double)s->n : 0;
	double variance = s->n ? s->squares / (double)s->n - mean * mean : 0;

	return variance > 1e-12 ? (x - mean) / sqrt(variance) : 0;
}

static void
standardise(struct field *f)
{
	struct spread words = {0}, meaning = {0}, session = {0};

	for (size_t i = 0; i < f->count; i++) {
		struct row *row = &f->rows[i];
		row->echo = (row->flags & DOCUMENT_ASKS) && !is_memory(row) &&
			    row->cosine >= echoes;
		if (row->echo)
			continue;
		spread_add(&words, (double)row->words);
		spread_add(&session, (double)row->sessions);
		if (row->cosine > INDEX_LACKS)
			spread_add(&meaning, (double)row->cosine);
	}
	f->meaning = meaning.n > 0;
	for (size_t i = 0; i < f->count; i++) {
		struct row *row = &f->rows[i];
		row->z_words = spread_z(&words, (double)row->words);
		row->z_session = spread_z(&session, (double)row->sessions);
		row->z_meaning =
			row->cosine > INDEX_LACKS
				? spread_z(&meaning, (double)row->cosine)
				: 0;
	}
}

/* ---- who is named ---- */

static bool
named(const struct asked *asked, const struct row *row)
{
	unsigned speaker = document_speaker(row->flags);

	for (size_t i = 0; speaker && i < asked->name_count; i++) {
		if (asked->names[i] == speaker)
			return true;
	}
	return false;
}

/* 1 for turns of those named, -1 for others', -2 where none of them takes part
 * in the conversation.  Rows of a conversation stand together. */
static void
mark_speakers(struct field *f, const struct asked *asked)
{
	size_t end;

	for (size_t at = 0; asked->name_count && at < f->count; at = end) {
		bool takes_part = false;
		for (end = at;
		     end < f->count && id_equal(f->rows[end].conversation,
						f->rows[at].conversation);
		     end++)
			takes_part = takes_part || named(asked, &f->rows[end]);
		for (size_t i = at; i < end; i++) {
			struct row *row = &f->rows[i];
			if (is_memory(row))
				continue;
			row->speaker = named(asked, row) ? 1
				       : takes_part      ? -1
							 : -2;
		}
	}
}

/* ---- the first score ---- */

static bool
beside(const struct row *a, const struct row *b)
{
	return a->session == b->session && !is_memory(a) && !is_memory(b) &&
	       id_equal(a->conversation, b->conversation);
}

/* The row `step` away in the same session, or NULL. */
static const struct row *
neighbour(const struct field *f, const struct row *row, ptrdiff_t step)
{
	ptrdiff_t at = row - f->rows + step;

	if (at < 0 || at >= (ptrdiff_t)f->count || !beside(&f->rows[at], row))
		return NULL;
	return &f->rows[at];
}

static bool
answers(const struct row *before)
{
	return before && (before->flags & DOCUMENT_QUESTION);
}

static void
score_first(struct field *f, struct row *row)
{
	const struct row *up = neighbour(f, row, -1);
	const struct row *down = neighbour(f, row, 1);
	double above = up ? MAX(up->t, 0) : 0;
	double below = down ? MAX(down->t, 0) : 0;

	row->first = row->t + first.neighbour * MAX(above, below) +
		     first.speaker * row->speaker + first.date * row->date;
	if (answers(up))
		row->first += first.reply * above;
	if (!is_memory(row))
		row->first += first.session * row->z_session;
	if (row->flags & DOCUMENT_ASKS)
		row->first += first.asks;
	row->hit = row->words > 0 || row->cosine > INDEX_LACKS ||
		   (up && up->words > 0) || (down && down->words > 0);
}

void
fuse_first(struct field *f, const struct asked *asked)
{
	standardise(f);
	mark_speakers(f, asked);
	for (size_t i = 0; i < f->count; i++) {
		struct row *row = &f->rows[i];
		row->date = when_fits(&asked->when, document_day(row->flags));
		row->t = f->meaning ? first.words * row->z_words +
					      first.meaning * row->z_meaning
				    : words_alone * row->z_words;
		if (row->echo)
			row->t = MIN(row->t, echo_most);
	}
	for (size_t i = 0; i < f->count; i++)
		score_first(f, &f->rows[i]);
}

/* ---- the candidates ---- */

/* The worse of two: the lower score, then the later turn. */
static bool
worse(const struct row *a, const struct row *b)
{
	if (a->first < b->first || a->first > b->first)
		return a->first < b->first;
	return a->seq != b->seq ? a->seq > b->seq : a->key[0] > b->key[0];
}

/* A heap with the worst on top. */
static void
sink(struct candidate *heap, size_t n, size_t at)
{
	for (;;) {
		size_t worst = at;
		for (size_t child = 2 * at + 1;
		     child <= 2 * at + 2 && child < n; child++) {
			if (worse(heap[child].row, heap[worst].row))
				worst = child;
		}
		if (worst == at)
			return;
		struct row *row = heap[at].row;
		heap[at].row = heap[worst].row;
		heap[worst].row = row;
		at = worst;
	}
}

void
fuse_choose(struct field *f, fuse_may_fn *may, void *arg)
{
	struct candidate *heap = f->candidates;
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct row *row = &f->rows[i];
		if (!row->eligible || !row->hit ||
		    (n == FUSE_CANDIDATES && worse(row, heap[0].row)) ||
		    !may(arg, row))
			continue;
		if (n < FUSE_CANDIDATES) {
			heap[n++].row = row;
			for (size_t k = n / 2; n == FUSE_CANDIDATES && k-- > 0;)
				sink(heap, n, k);
			continue;
		}
		heap[0].row = row;
		sink(heap, n, 0);
	}
	f->candidate_count = n;
	for (size_t i = 0; i < n; i++)
		heap[i].row->candidate = (unsigned)i + 1;
}

/* ---- the second score ---- */

static const struct candidate *
candidate_of(const struct field *f, const struct row *row)
{
	return row && row->candidate ? &f->candidates[row->candidate - 1]
				     : NULL;
}

static double
gain_from(const struct field *f, const struct row *row)
{
	const struct candidate *c = candidate_of(f, row);

	return c ? MAX(c->t, 0) : 0;
}

static void
own_terms(struct field *f)
{
	struct spread pieces = {0};

	for (size_t i = 0; i < f->candidate_count; i++) {
		if (f->candidates[i].pieces > INDEX_LACKS &&
		    !f->candidates[i].row->echo)
			spread_add(&pieces, (double)f->candidates[i].pieces);
	}
	for (size_t i = 0; i < f->candidate_count; i++) {
		struct candidate *c = &f->candidates[i];
		if (!f->meaning)
			c->terms[TERM_WORDS] = words_alone * c->row->z_words;
		else if (c->pieces > INDEX_LACKS)
			c->terms[TERM_PIECES] =
				second.pieces *
				spread_z(&pieces, (double)c->pieces);
		else
			c->terms[TERM_WORDS] = second.words * c->row->z_words;
		c->terms[TERM_MEANING] = second.meaning * c->row->z_meaning;
		c->t = c->terms[TERM_PIECES] + c->terms[TERM_WORDS] +
		       c->terms[TERM_MEANING];
		if (c->row->echo)
			c->t = MIN(c->t, echo_most);
	}
}

static void
other_terms(struct field *f, struct candidate *c, const struct asked *asked)
{
	const struct row *row = c->row;
	const struct row *up = neighbour(f, row, -1);
	double above = gain_from(f, up);
	double below = gain_from(f, neighbour(f, row, 1));
	double near = MAX(gain_from(f, neighbour(f, row, -2)),
			  gain_from(f, neighbour(f, row, 2)));

	c->terms[TERM_NEIGHBOUR] = second.neighbour * MAX(above, below);
	c->terms[TERM_NEAR] = second.near * near;
	if (answers(up))
		c->terms[TERM_REPLY] = second.reply * above;
	if (!is_memory(row))
		c->terms[TERM_SESSION] = second.session * row->z_session;
	c->terms[TERM_SPEAKER] = second.speaker * row->speaker;
	if (row->flags & DOCUMENT_ASKS)
		c->terms[TERM_QUESTION] = second.asks;
	c->terms[TERM_DATE] = second.date * row->date;
	if (asked->wants_time && (row->flags & DOCUMENT_TIME))
		c->terms[TERM_TIME] = second.time;
	if (is_memory(row))
		c->terms[TERM_MEMORY] = second.memory;
}

static double
fraction(uint32_t flags, unsigned shift)
{
	return (flags >> shift & 15) / 15.0;
}

/* `newest` is the last day in the scope: no clock is read. */
static void
nudges(struct candidate *c, unsigned newest)
{
	uint32_t flags = c->row->flags;
	double age = newest - document_day(flags);
	double size = 0;

	for (size_t i = 0; i < TERM_COUNT; i++)
		size += c->terms[i];
	size = fabs(size) * nudge;
	if (!is_memory(c->row))
		return;
	c->terms[TERM_AGE] = size * (2 * exp(-age / 365) - 1);
	c->terms[TERM_IMPORTANCE] =
		size * (2 * fraction(flags, DOCUMENT_IMPORTANCE_SHIFT) - 1);
	c->terms[TERM_CONFIDENCE] =
		size * (2 * fraction(flags, DOCUMENT_CONFIDENCE_SHIFT) - 1);
}

static int
by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->row->echo != y->row->echo)
		return x->row->echo ? 1 : -1;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	if (x->row->seq != y->row->seq)
		return x->row->seq < y->row->seq ? -1 : 1;
	return (int)x->row->key[0] - (int)y->row->key[0];
}

void
fuse_second(struct field *f, const struct asked *asked)
{
	unsigned newest = 0;

	for (size_t i = 0; i < f->count; i++)
		newest = MAX(newest, document_day(f->rows[i].flags));
	own_terms(f);
	for (size_t i = 0; i < f->candidate_count; i++) {
		struct candidate *c = &f->candidates[i];
		other_terms(f, c, asked);
		nudges(c, newest);
		c->score = 0;
		for (size_t k = 0; k < TERM_COUNT; k++)
			c->score += c->terms[k];
	}
	qsort(f->candidates, f->candidate_count, sizeof(*f->candidates),
	      by_score);
}
