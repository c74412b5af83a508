/*
 * A search, step by step:
 *
 *	the index's words give the scope and BM25 (read_scope)
 *	who is named, in the first person (read_question)
 *	the question's vectors give cosines (add_meaning)
 *	a first score for all, candidates, their word pieces, a second score
 *	the records behind the best, each once (collect)
 *
 * Nothing is written, and no clock is read but to know what "now" is.
 */
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "complete.h"
#include "cut.h"
#include "engine.h"
#include "found.h"
#include "fuse.h"
#include "layers.h"
#include "meaning.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/map.h"
#include "mneme/store.h"

/* `answerable`: pieces + .3 cosine + .8 words of the best; measured so that
 * 95 of 100 questions that can be answered pass. */
static const double fit_from = .684, fit_cosine = .3, fit_words = .8;
static const double fit_from_words = .143; /* words alone */

/* Two results say the same when their vectors are that close; a memory and
 * the turn that it was learned from, that close. */
static const double same_turn = .97, same_memory = .93;

enum { PIECES_MAX = 48 /* of a question, the rarest */ };

struct search {
	struct memory_engine *engine;
	struct person *person;
	const struct memory_query *query;
	struct arena *arena;
	struct store_txn *txn;
	int64_t now; /* as_of, or the clock's, read once */
	struct asked asked;
	struct field *field;
	uint32_t speakers[SPEAKERS]; /* ordinal + 1 of one of its turns */
	struct map off;              /* conversations: 1 in, 2 left out */
	struct index_vector question;
	double fit;
	double words_full; /* BM25 of a turn with every word, about */
	struct error err;  /* of a callback */
};

/* ---- the scope ---- */

static int
by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order =
		memcmp(x->conversation.bytes, y->conversation.bytes, ID_BYTES);

	if (order)
		return order;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return (int)x->key[0] - (int)y->key[0];
}

static bool
in_order(const struct field *f)
{
	for (size_t i = 1; i < f->count; i++) {
		if (by_place(&f->rows[i - 1], &f->rows[i]) > 0)
			return false;
	}
	return true;
}

static bool
wanted(const struct memory_query *q, const struct row *row)
{
	return (row->flags & DOCUMENT_MEMORY) || row->seq < q->skip_from ||
	       !id_equal(row->conversation, q->skip_conversation);
}

static void
add_row(struct search *s, const struct index_scores *scores, size_t i)
{
	struct index_document doc;
	unsigned last =
		(unsigned)MIN(MAX(s->now, 0) / CLOCK_DAY, DOCUMENT_DAY_MAX);

	if (!index_entry(s->person->index, scores->document[i], &doc) ||
	    (s->query->as_of && document_day(doc.flags) > last))
		return;
	struct row *row = &s->field->rows[s->field->count++];
	row->conversation = doc.conversation;
	row->seq = doc.seq;
	row->session = doc.session;
	row->ordinal = scores->document[i];
	row->flags = doc.flags;
	memcpy(row->key, doc.key, INDEX_KEY);
	row->words = scores->turn[i];
	row->sessions = scores->session[i];
	row->cosine = INDEX_LACKS;
	row->eligible = wanted(s->query, row);
	s->speakers[document_speaker(doc.flags)] = row->ordinal + 1;
}

static bool
read_scope(struct search *s, struct error *err)
{
	SCOPED(index_scores_clear) struct index_scores scores = {0};
	const struct memory_query *q = s->query;

	if (!index_search(s->person->index, q->text,
			  id_none(q->conversation) ? NULL : &q->conversation,
			  &scores, err))
		return false;
	s->words_full = MAX(scores.full, 1e-9);
	s->field->rows = xcalloc(scores.count + 1, sizeof(struct row));
	for (size_t i = 0; i < scores.count; i++)
		add_row(s, &scores, i);
	if (!in_order(s->field))
		qsort(s->field->rows, s->field->count, sizeof(struct row),
		      by_place);
	return true;
}

/* ---- the question ---- */

/* A speaker of the scope, in its own spelling; a question all in small letters
 * need not mind capitals. */
static bool
is_speaker(void *arg, struct slice name)
{
	struct search *s = arg;
	uint32_t ordinal = s->speakers[speaker_hash(name)];
	struct index_document doc;
	struct message m;
	bool found;

	if (!ordinal || s->err.code != ERROR_NONE ||
	    !index_entry(s->person->index, ordinal - 1, &doc))
		return false;
	if (!record_message_get(s->txn, s->query->profile, doc.seq, s->arena,
				&m, &found, &s->err) ||
	    !found || m.speaker.len != name.len)
		return false;
	return memcmp(m.speaker.data, name.data, name.len) == 0;
}

static bool
read_question(struct search *s, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(s->engine->store, err);

	if (!txn)
		return false;
	s->txn = txn;
	s->speakers[0] = 0;
	asked_read(s->query->text, s->now, is_speaker, s, s->arena, &s->asked);
	s->txn = NULL;
	return s->err.code == ERROR_NONE ||
	       error_set(err, s->err.code, "%s", s->err.text);
}

/* ---- meaning ---- */

static uint32_t *
ordinals_of(const struct search *s)
{
	struct field *f = s->field;
	uint32_t *list = arena_alloc(s->arena, f->count + 1, sizeof(*list));

	for (size_t i = 0; i < f->count; i++)
		list[i] = f->rows[i].ordinal;
	return list;
}

static bool
add_meaning(struct search *s, struct error *err)
{
	struct meaning *meaning = engine_meaning(s->engine);
	struct field *f = s->field;

	if (!meaning || f->count == 0 || s->query->words_only)
		return true;
	meaning_question(meaning, s->asked.first_person, &s->question);
	float *cosines = arena_alloc(s->arena, f->count, sizeof(*cosines));
	if (!index_cosines(s->person->index, s->question.vector, ordinals_of(s),
			   f->count, cosines, err))
		return false;
	for (size_t i = 0; i < f->count; i++)
		f->rows[i].cosine = cosines[i];
	return true;
}

static double
idf(double n, double df)
{
	return log(1 + (n - df + .5) / (df + .5));
}

static int
heavier(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x > y ? -1 : x < y;
}

/* Weigh the question's pieces by how rare they are in the scope; of a long
 * question only the rarest count. */
static bool
weigh_pieces(struct search *s, struct index_late *late, struct error *err)
{
	const struct index_vector *q = &s->question;
	struct field *f = s->field;
	size_t to = meaning_model(s->engine->meaning)->token_dimensions;
	uint32_t *counts = arena_alloc(s->arena, q->count, sizeof(*counts));
	float *weights = arena_alloc(s->arena, q->count, sizeof(*weights));
	float *sorted = arena_alloc(s->arena, q->count, sizeof(*sorted));
	float *tokens = arena_alloc(s->arena, q->count * to, sizeof(float));
	size_t with = 0, n = 0;

	if (!index_piece_counts(s->person->index, ordinals_of(s), f->count,
				q->pieces, q->count, counts, err))
		return false;
	for (size_t i = 0; i < f->count; i++)
		with += f->rows[i].cosine > INDEX_LACKS;
	for (size_t i = 0; i < q->count; i++)
		weights[i] = sorted[i] =
			(float)idf((double)with, (double)counts[i]);
	qsort(sorted, q->count, sizeof(*sorted), heavier);
	float least = q->count > PIECES_MAX ? sorted[PIECES_MAX - 1] : 0;
	for (size_t i = 0; i < q->count && n < PIECES_MAX; i++) {
		if (weights[i] < least)
			continue;
		weights[n] = weights[i];
		memcpy(tokens + n++ * to, q->tokens + i * to,
		       to * sizeof(float));
	}
	*late = (struct index_late){tokens, weights, n};
	return true;
}

static bool
add_pieces(struct search *s, struct error *err)
{
	struct field *f = s->field;
	size_t n = f->candidate_count;
	uint32_t *list = arena_alloc(s->arena, n + 1, sizeof(*list));
	float *scores = arena_alloc(s->arena, n + 1, sizeof(*scores));
	struct index_late late;

	for (size_t i = 0; i < n; i++) {
		list[i] = f->candidates[i].row->ordinal;
		f->candidates[i].pieces = scores[i] = INDEX_LACKS;
	}
	if (!f->meaning || n == 0 || s->question.count == 0)
		return true;
	if (!weigh_pieces(s, &late, err) ||
	    !index_late_scores(s->person->index, &late, list, n, scores, err))
		return false;
	for (size_t i = 0; i < n; i++)
		f->candidates[i].pieces = scores[i];
	return true;
}

/* ---- what may be found ---- */

/* Asked of messages and memories alike; a memory's own state is looked at when
 * its record is read. */
static bool
may_be_found(void *arg, const struct row *row)
{
	struct search *s = arg;
	struct slice key = slice_make(row->conversation.bytes, ID_BYTES);
	uintptr_t known = (uintptr_t)map_get(&s->off, key);
	struct conversation c;
	bool found;

	if ((row->flags & DOCUMENT_MEMORY) || known)
		return known != 2;
	if (!record_conversation_get(s->txn, s->query->profile,
				     row->conversation, s->arena, &c, &found,
				     &s->err))
		return false;
	bool in = found && c.memory_mode != MEMORY_OFF && !c.deleting;
	map_put(&s->off, key, (void *)(uintptr_t)(in ? 1 : 2));
	return in;
}

/* Of the words, how much there is of all, 0 to about 1. */
static double
fit_of(const struct search *s, double pieces, double cosine, double words)
{
	words /= s->words_full;
	if (!s->field->meaning)
		return words;
	/* Not embedded yet: its words are all there is to go by. */
	if (pieces < -1)
		return words * fit_from / fit_from_words;
	return MAX(pieces, 0) + fit_cosine * MAX(cosine, 0) + fit_words * words;
}

static void
read_fit(struct search *s)
{
	const struct field *f = s->field;
	double words = 0, cosine = -1, pieces = -1;

	for (size_t i = 0; i < f->count; i++) {
		if (!f->rows[i].eligible || f->rows[i].echo)
			continue;
		words = MAX(words, (double)f->rows[i].words);
		cosine = MAX(cosine, (double)f->rows[i].cosine);
	}
	for (size_t i = 0; i < f->candidate_count; i++) {
		if (!f->candidates[i].row->echo)
			pieces = MAX(pieces, (double)f->candidates[i].pieces);
	}
	s->fit = fit_of(s, pieces, cosine, words);
}

/* ---- the results ---- */

static void
copy_terms(const struct search *s, const struct candidate *c,
	   struct memory_result *r)
{
	r->score = 0;
	for (size_t i = 0; i < TERM_COUNT; i++) {
		if (fabs(c->terms[i]) < 1e-12)
			continue;
		r->terms[r->term_count++] =
			(struct memory_term){fuse_words[i].name, c->terms[i]};
		r->score += c->terms[i];
	}
	r->pieces = (double)c->pieces;
	r->cosine = (double)c->row->cosine;
	r->fit = fit_of(s, r->pieces, r->cosine, (double)c->row->words);
}

static double
alike(struct search *s, const float *a, const float *b)
{
	size_t n = meaning_model(s->engine->meaning)->dimensions;
	double dot = 0;

	for (size_t i = 0; i < n; i++)
		dot += (double)(a[i] * b[i]);
	return dot;
}

/* Does one that stands already say this? */
static bool
already(struct search *s, const struct memory_results *out,
	const float *const *vectors, const struct memory_result *r,
	const float *vector)
{
	for (size_t i = 0; i < out->count; i++) {
		const struct memory_result *other = &out->items[i];
		double bound = r->kind == other->kind ? same_turn : same_memory;
		if (id_equal(other->id, r->id) ||
		    slice_equal(slice_trim(other->text), slice_trim(r->text)))
			return true;
		if (vector && vectors[i] &&
		    alike(s, vector, vectors[i]) >= bound)
			return true;
	}
	return false;
}

/* The same question in the same words, where no vectors tell. */
static bool
asked_again(const struct search *s, const struct candidate *c,
	    const struct memory_result *r)
{
	struct slice asked = slice_trim(s->query->text);
	struct slice said = slice_trim(r->text);

	return (c->row->flags & DOCUMENT_ASKS) && r->kind == USED_MESSAGE &&
	       said.len == asked.len &&
	       strncasecmp(said.data, asked.data, said.len) == 0;
}

static bool
read_candidate(struct search *s, const struct candidate *c,
	       struct memory_result *r, bool *found, struct error *err)
{
	const struct memory_query *q = s->query;
	const struct row *row = c->row;

	if (row->flags & DOCUMENT_MEMORY)
		return found_memory(s->txn, q->profile, document_id(row->key),
				    q->as_of, s->arena, r, found, err);
	if (!found_message(s->txn, q->profile, row->seq, s->arena, r, found,
			   err))
		return false;
	if (!*found)
		return true;
	*found = !q->as_of || r->created_at <= q->as_of;
	r->excerpt = cut_part(r->text, document_part(row->key));
	return true;
}

static bool
collect(struct search *s, struct memory_results *out, struct error *err)
{
	const struct field *f = s->field;
	const float *vectors[MEMORY_RESULTS_MAX] = {NULL};

	out->items =
		arena_alloc(s->arena, s->query->k + 1, sizeof(*out->items));
	for (size_t i = 0; i < f->candidate_count && out->count < s->query->k;
	     i++) {
		const struct candidate *c = &f->candidates[i];
		struct memory_result *r = &out->items[out->count];
		bool found;
		const float *vector =
			f->meaning ? index_vector_of(s->person->index,
						     c->row->ordinal)
				   : NULL;
		if (c->row->echo)
			break; /* they come last */
		if (!read_candidate(s, c, r, &found, err))
			return false;
		if (!found || asked_again(s, c, r) ||
		    already(s, out, vectors, r, vector))
			continue;
		copy_terms(s, c, r);
		vectors[out->count++] = vector;
	}
	return true;
}

/* ---- all of it ---- */

static bool
rank(struct search *s, struct memory_results *out, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(s->engine->store, err);

	if (!txn)
		return false;
	s->txn = txn;
	fuse_first(s->field, &s->asked);
	if (!layers_choose(s->field, txn, s->query->profile, s->now, err))
		return false;
	fuse_choose(s->field, may_be_found, s);
	if (s->err.code != ERROR_NONE)
		return error_set(err, s->err.code, "%s", s->err.text);
	if (!add_pieces(s, err))
		return false;
	read_fit(s);
	fuse_second(s->field, &s->asked);
	return collect(s, out, err);
}

static bool
search(struct memory_engine *engine, const struct memory_query *q,
       struct arena *arena, struct memory_results *out, struct error *err)
{
	SCOPED(free_pointer) struct search *s = xcalloc(1, sizeof(*s));
	SCOPED(free_pointer) struct field *field = xcalloc(1, sizeof(*field));
	struct memory_query whole = *q;

	s->engine = engine;
	s->now = q->as_of ? q->as_of : clock_now();
	s->query = &whole;
	s->arena = arena;
	s->field = field;
	s->person = engine_person(engine, q->profile, err);
	if (s->person && q->unfinished)
		whole.text = memory_complete(s->person->index, q->text, arena);
	bool good = s->person && read_scope(s, err) && read_question(s, err) &&
		    add_meaning(s, err) && rank(s, out, err);
	out->by_meaning = field->meaning;
	out->read_as = s->asked.first_person;
	out->fit = s->fit;
	out->fit_from = field->meaning ? fit_from : fit_from_words;
	out->answerable = out->count > 0 && out->fit >= out->fit_from;
	map_clear(&s->off, NULL);
	free(field->rows);
	return good;
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

bool
memory_recall(struct memory_engine *engine, const struct memory_query *query,
	      struct arena *arena, struct memory_results *out,
	      struct error *err)
{
	int64_t start = clock_monotonic();
	struct error why = {0};
	size_t left;

	*out = (struct memory_results){0};
	if (!check_query(query, err) ||
	    !(query->embed ? memory_embed(engine, query->profile, query->embed,
					  &left, err)
			   : memory_catch_up(engine, query->profile, err)))
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
	out->elapsed = clock_monotonic() - start;
	return true;
}
