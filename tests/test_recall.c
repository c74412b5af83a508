/* What a search finds, with a tiny model that knows forty words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "support_model.h"
#include "support_store.h"

enum { SAID_MAX = 16 };

struct said {
	const char *speaker, *text;
	bool assistant;
	int64_t minutes; /* after the beginning */
};

struct world {
	struct scratch *s;
	char *model;
	struct memory_engine *engine;
	struct profile profile;
	struct conversation talk;
	struct message messages[SAID_MAX];
	size_t count;
	struct arena arena;
	const struct said *said;
	struct memory *memory;
};

#define BEGINNING (INT64_C(1683547200) * 1000000) /* 2023-05-08T12:00Z */

static bool
put_world(struct store_txn *txn, void *arg, struct error *err)
{
	struct world *w = arg;

	if (!record_profile_ensure(txn, (struct slice){0}, &w->arena,
				   &w->profile, err))
		return false;
	w->talk = (struct conversation){.profile = w->profile.id,
					.created_at = BEGINNING};
	if (!record_conversation_create(txn, &w->talk, err))
		return false;
	for (size_t i = 0; i < w->count; i++) {
		struct message m = {
			.profile = w->profile.id,
			.conversation = w->talk.id,
			.role = w->said[i].assistant ? MESSAGE_ASSISTANT
						     : MESSAGE_USER,
			.speaker = slice_of(w->said[i].speaker),
			.content = slice_of(w->said[i].text),
			.created_at =
				BEGINNING + w->said[i].minutes * CLOCK_MINUTE};
		if (!record_message_append(txn, &m, 0, err))
			return false;
		w->messages[i] = m;
	}
	return true;
}

static void
open_engine(struct world *w, bool with_model)
{
	const struct memory_settings settings = {
		.language = "english", .model = with_model ? w->model : NULL};
	struct error err = {0};

	memory_close(&w->engine);
	w->engine = memory_open(w->s->store, &settings, &err);
	assert_non_null(w->engine);
}

static void
world_make(struct world *w, void **state, const struct said *said, size_t n)
{
	struct error err = {0};

	*w = (struct world){.s = *state, .said = said, .count = n};
	w->model = path_join(w->s->folder, "model");
	tiny_model(w->model);
	if (!store_write(w->s->store, put_world, w, &err))
		fail_msg("%s", err.text);
	open_engine(w, true);
}

static void
world_clear(struct world *w)
{
	memory_close(&w->engine);
	arena_clear(&w->arena);
	free(w->model);
}

static size_t
embed_all(struct world *w)
{
	struct error err = {0};
	size_t left;

	if (!memory_embed(w->engine, w->profile.id, 1000, &left, &err))
		fail_msg("%s", err.text);
	return left;
}

static struct memory_results
ask_as(struct world *w, const struct memory_query *query)
{
	struct memory_query q = *query;
	struct memory_results r;
	struct error err = {0};

	q.profile = w->profile.id;
	q.k = q.k ? q.k : 10;
	if (!memory_recall(w->engine, &q, &w->arena, &r, &err))
		fail_msg("%s", err.text);
	return r;
}

static struct memory_results
ask(struct world *w, const char *text)
{
	return ask_as(w, &(struct memory_query){.text = slice_of(text)});
}

/* The place of a message among the results; -1: not there. */
static int
place_of(const struct world *w, const struct memory_results *r, size_t said)
{
	for (size_t i = 0; i < r->count; i++) {
		if (id_equal(r->items[i].id, w->messages[said].id))
			return (int)i;
	}
	return -1;
}

static double
term(const struct memory_result *r, const char *name)
{
	for (size_t i = 0; i < r->term_count; i++) {
		if (strcmp(r->terms[i].name, name) == 0)
			return r->terms[i].value;
	}
	return 0;
}

static const struct said small_talk[] = {
	{"Ana", "the cat sat on the mat", false, 0},
	{"Ben", "what did it play?", true, 1},
	{"Ana", "a cafe, a cat and x", false, 2},
	{"Ben", "1 and 2 and the mat", true, 3},
	{"Ana", "played on the cafe", false, 4},
};

static void
every_score_is_the_sum_of_its_terms(void **state)
{
	struct world w;

	world_make(&w, state, small_talk, COUNT(small_talk));
	assert_int_equal(embed_all(&w), 0);
	struct memory_results r = ask(&w, "where is Ana's cat?");
	assert_int_equal(r.count, COUNT(small_talk));
	for (size_t i = 0; i < r.count; i++) {
		double sum = 0;
		for (size_t k = 0; k < r.items[i].term_count; k++)
			sum += r.items[i].terms[k].value;
		assert_true(fabs(sum - r.items[i].score) < 1e-9);
		assert_true(i == 0 || r.items[i - 1].score >= r.items[i].score);
		assert_true(fabs(term(&r.items[i], "meaning")) > 0);
		assert_true(fabs(term(&r.items[i], "pieces")) > 0);
		assert_true(r.items[i].pieces > -1 && r.items[i].pieces <= 1);
	}
	world_clear(&w);
}

static void
assert_same_results(const struct memory_results *a,
		    const struct memory_results *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_true(id_equal(a->items[i].id, b->items[i].id));
		assert_memory_equal(&a->items[i].score, &b->items[i].score,
				    sizeof(double));
	}
}

static void
the_same_question_gets_the_same_answer_bit_for_bit(void **state)
{
	struct world w;

	world_make(&w, state, small_talk, COUNT(small_talk));
	embed_all(&w);
	struct memory_results one = ask(&w, "the cat on the mat");
	struct memory_results two = ask(&w, "the cat on the mat");
	assert_same_results(&one, &two);
	/* As another process would: from the files. */
	open_engine(&w, true);
	struct memory_results three = ask(&w, "the cat on the mat");
	assert_same_results(&one, &three);
	world_clear(&w);
}

static void
without_a_model_words_are_searched_and_it_says_so(void **state)
{
	struct world w;
	struct error why = {0};

	world_make(&w, state, small_talk, COUNT(small_talk));
	open_engine(&w, false);
	assert_false(memory_by_meaning(w.engine, &why));
	assert_int_equal(embed_all(&w), 0);
	struct memory_results r = ask(&w, "mat");
	assert_true(r.count >= 2 && r.answerable);
	assert_in_range(place_of(&w, &r, 0), 0, 1);
	r = ask(&w, "zeppelin");
	assert_int_equal(r.count, 0);
	assert_false(r.answerable);
	world_clear(&w);
}

static void
a_broken_model_is_named_and_words_still_work(void **state)
{
	struct world w;
	struct error why = {0};

	world_make(&w, state, small_talk, COUNT(small_talk));
	tiny_file(w.model, "config.json", "{");
	open_engine(&w, true);
	assert_true(ask(&w, "mat").count >= 2);
	assert_false(memory_by_meaning(w.engine, &why));
	assert_non_null(strstr(why.text, "config.json"));
	world_clear(&w);
}

static void
what_is_new_is_embedded_newest_first_and_counted(void **state)
{
	struct world w;
	struct error err = {0};
	size_t left;

	world_make(&w, state, small_talk, COUNT(small_talk));
	assert_true(memory_embed(w.engine, w.profile.id, 2, &left, &err));
	assert_int_equal(left, COUNT(small_talk) - 2);
	struct memory_results r = ask(&w, "cat");
	for (size_t i = 0; i < r.count; i++) {
		bool new = id_equal(r.items[i].id, w.messages[4].id) ||
			   id_equal(r.items[i].id, w.messages[3].id);
		assert_int_equal(r.items[i].pieces > -1, new);
	}
	/* Words speak for what has no vector. */
	int at = place_of(&w, &r, 0);
	assert_true(at >= 0 && term(&r.items[at], "words") > 0);
	world_clear(&w);
}

static bool
change_message(struct store_txn *txn, void *arg, struct error *err)
{
	struct world *w = arg;
	struct message m = w->messages[1];

	m.content = slice_of("[redacted]");
	return record_message_update(txn, &m, err);
}

static void
a_turn_that_changes_and_the_one_after_it_are_embedded_again(void **state)
{
	struct world w;
	struct error err = {0};
	size_t left;

	world_make(&w, state, small_talk, COUNT(small_talk));
	assert_int_equal(embed_all(&w), 0);
	assert_true(store_write(w.s->store, change_message, &w, &err));
	assert_true(memory_embed(w.engine, w.profile.id, 1, &left, &err));
	assert_int_equal(left, 1);
	world_clear(&w);
}

static void
a_speaker_who_is_named_comes_before_others(void **state)
{
	static const struct said said[] = {
		{"Ben", "the cat sat on the mat", true, 0},
		{"Ana", "x", false, 60},
		{"Ana", "the cat sat on a mat", false, 120},
		{"Ben", "x", true, 180},
	};
	struct world w;

	world_make(&w, state, said, COUNT(said));
	embed_all(&w);
	struct memory_results r = ask(&w, "where did Ana see the cat sat?");
	assert_int_equal(place_of(&w, &r, 2), 0);
	int ben = place_of(&w, &r, 0);
	assert_true(term(&r.items[0], "speaker") > 0);
	assert_true(ben < 0 || term(&r.items[ben], "speaker") < 0);
	world_clear(&w);
}

static void
an_answer_gains_from_the_question_before_it(void **state)
{
	static const struct said said[] = {
		{"Ana", "what does the cat play?", false, 0},
		{"Ben", "2 and 1", true, 1},
		{"Ben", "a b c", true, 60},
		{"Ana", "x, x and x", false, 120},
	};
	struct world w;

	world_make(&w, state, said, COUNT(said));
	embed_all(&w);
	struct memory_results r = ask(&w, "what does the cat play");
	int answer = place_of(&w, &r, 1);
	assert_true(answer >= 0);
	assert_true(term(&r.items[answer], "reply") > 0);
	assert_true(term(&r.items[answer], "neighbour") > 0);
	int asked = place_of(&w, &r, 0);
	assert_true(asked >= 0 && term(&r.items[asked], "question") < 0);
	world_clear(&w);
}

static void
the_same_question_asked_before_is_no_result_but_its_answer_is(void **state)
{
	static const struct said said[] = {
		{"", "what does the cat play?", false, 0},
		{"", "2 and 1", true, 1},
		{"", "a b c", true, 60},
		{"", "x, x and x", false, 120},
	};
	struct world w;

	world_make(&w, state, said, COUNT(said));
	embed_all(&w);
	struct memory_results r = ask(&w, "What does the cat play?");
	assert_int_equal(place_of(&w, &r, 0), -1);
	int answer = place_of(&w, &r, 1);
	assert_true(answer >= 0 && term(&r.items[answer], "reply") > 0);
	world_clear(&w);
}

static void
recall_mode_keeps_what_answers_alone(void **state)
{
	struct memory_result items[] = {
		{.kind = USED_MESSAGE,
		 .text = slice_of("Where is the cat?"),
		 .fit = 2},
		{.kind = USED_MESSAGE,
		 .text = slice_of("I have a cat. Do you like cats?"),
		 .fit = .9},
		{.kind = USED_MEMORY,
		 .text = slice_of("the cat sat"),
		 .fit = 1},
		{.kind = USED_MESSAGE, .text = slice_of("a b c"), .fit = .7},
	};
	struct memory_results r = {
		.items = items, .count = COUNT(items), .by_meaning = true};

	(void)state;
	memory_keep_answers(&r);
	assert_int_equal(r.count, 2);
	assert_true(r.answerable);
	assert_true(
		slice_is(r.items[0].text, "I have a cat. Do you like cats?"));
	assert_int_equal(r.items[1].kind, USED_MEMORY);
	items[0].fit = items[1].fit = .3;
	r.count = 2;
	memory_keep_answers(&r);
	assert_int_equal(r.count, 0);
	assert_false(r.answerable);
}

static void
what_stands_in_the_prompt_is_not_recalled_again(void **state)
{
	struct world w;

	world_make(&w, state, small_talk, COUNT(small_talk));
	embed_all(&w);
	const struct memory_query q = {
		.text = slice_of("the cat"),
		.skip_conversation = w.talk.id,
		.skip_from = w.messages[2].seq,
	};
	struct memory_results r = ask_as(&w, &q);
	assert_int_equal(r.count, 2);
	assert_true(place_of(&w, &r, 0) >= 0 && place_of(&w, &r, 1) >= 0);
	world_clear(&w);
}

static void
as_of_a_moment_what_came_later_is_unknown(void **state)
{
	struct world w;

	world_make(&w, state, small_talk, COUNT(small_talk));
	embed_all(&w);
	const struct memory_query q = {.text = slice_of("the cat"),
				       .as_of = BEGINNING + CLOCK_MINUTE};
	struct memory_results r = ask_as(&w, &q);
	assert_int_equal(r.count, 2);
	world_clear(&w);
}

static bool
turn_memory_off(struct store_txn *txn, void *arg, struct error *err)
{
	struct world *w = arg;
	struct conversation c = w->talk;

	c.memory_mode = MEMORY_OFF;
	return record_conversation_update(txn, &c, err);
}

static void
a_conversation_without_memory_is_never_found(void **state)
{
	struct world w;
	struct error err = {0};

	world_make(&w, state, small_talk, COUNT(small_talk));
	embed_all(&w);
	assert_true(store_write(w.s->store, turn_memory_off, &w, &err));
	assert_int_equal(ask(&w, "the cat").count, 0);
	world_clear(&w);
}

/* ---- memories ---- */

static bool
put_memory(struct store_txn *txn, void *arg, struct error *err)
{
	struct world *w = arg;

	return record_memory_put(txn, w->memory, err);
}

static struct memory
remember(struct world *w, const char *value, struct memory given)
{
	struct memory m = given;
	struct error err = {0};

	m.profile = w->profile.id;
	m.key = slice_of("x");
	m.value = slice_of(value);
	m.confidence = .8;
	w->memory = &m;
	if (!store_write(w->s->store, put_memory, w, &err))
		fail_msg("%s", err.text);
	return m;
}

static const struct memory_result *
memory_in(const struct memory_results *r, const char *value)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->items[i].kind == USED_MEMORY &&
		    slice_is(r->items[i].text, value))
			return &r->items[i];
	}
	return NULL;
}

static void
a_memory_is_found_with_nudges_of_at_most_a_tenth_each(void **state)
{
	struct world w;

	world_make(&w, state, small_talk, COUNT(small_talk));
	remember(&w, "the cat played",
		 (struct memory){.type = MEMORY_FACT, .importance = 1});
	embed_all(&w);
	struct memory_results r = ask(&w, "the cat played");
	const struct memory_result *m = memory_in(&r, "the cat played");
	assert_non_null(m);
	double own = term(m, "pieces") + term(m, "meaning") + term(m, "memory");
	assert_true(term(m, "importance") > 0);
	assert_true(fabs(term(m, "importance")) <= .1 * fabs(own) + 1e-9);
	assert_true(fabs(term(m, "confidence")) <= .1 * fabs(own) + 1e-9);
	assert_true(fabs(term(m, "age")) <= .1 * fabs(own) + 1e-9);
	assert_true(term(m, "session") == 0 && term(m, "neighbour") == 0);
	world_clear(&w);
}

static void
a_memory_that_was_superseded_stands_only_as_of_its_time(void **state)
{
	struct world w;
	int64_t day = CLOCK_DAY;

	world_make(&w, state, small_talk, 1);
	remember(&w, "the cat sat",
		 (struct memory){.importance = .8,
				 .created_at = BEGINNING,
				 .valid_from = BEGINNING,
				 .valid_to = BEGINNING + 5 * day,
				 .state = MEMORY_SUPERSEDED});
	remember(&w, "the cat played",
		 (struct memory){.importance = .8,
				 .created_at = BEGINNING + 5 * day,
				 .valid_from = BEGINNING + 5 * day});
	open_engine(&w, false);
	struct memory_results r = ask(&w, "the cat sat");
	assert_null(memory_in(&r, "the cat sat"));
	assert_non_null(memory_in(&r, "the cat played"));
	const struct memory_query q = {.text = slice_of("the cat sat"),
				       .as_of = BEGINNING + day};
	r = ask_as(&w, &q);
	assert_non_null(memory_in(&r, "the cat sat"));
	assert_null(memory_in(&r, "the cat played"));
	world_clear(&w);
}

static void
only_memories_in_a_layer_are_looked_at(void **state)
{
	struct world w;
	size_t found = 0, preferences = 0;
	char value[64];

	world_make(&w, state, small_talk, 1);
	for (int i = 0; i < 60; i++) {
		snprintf(value, sizeof(value), "cat %d mat", i);
		remember(&w, value,
			 (struct memory){.type = i < 20 ? MEMORY_PREFERENCE
							: MEMORY_FACT,
					 .importance = .5,
					 .created_at = BEGINNING});
	}
	open_engine(&w, false);
	const struct memory_query q = {.text = slice_of("cat"), .k = 100};
	struct memory_results r = ask_as(&w, &q);
	for (size_t i = 0; i < r.count; i++) {
		struct memory m;
		struct error err = {0};
		bool there;
		if (r.items[i].kind != USED_MEMORY)
			continue;
		SCOPED(store_end)
		struct store_txn *txn = store_read(w.s->store, &err);
		assert_true(record_memory_get(txn, w.profile.id, r.items[i].id,
					      &w.arena, &m, &there, &err));
		found++;
		preferences += m.type == MEMORY_PREFERENCE;
	}
	/* All preferences; of the facts, those among the twelve closest. */
	assert_int_equal(preferences, 20);
	assert_in_range(found, 20, 32);
	world_clear(&w);
}

/* ---- long texts ---- */

static void
of_a_long_text_the_part_that_fits_is_shown(void **state)
{
	SCOPED(buf_clear) struct buf text;
	struct said said[1] = {{NULL, NULL, true, 0}};
	struct world w;

	buf_init(&text, 1 << 20);
	for (int i = 0; i < 300; i++)
		buf_adds(&text, i == 200 ? "the cat sat on the mat. "
					 : "a b c, x 1 2 and so on. ");
	said[0].text = buf_text(&text);
	world_make(&w, state, said, 1);
	embed_all(&w);
	struct memory_results r = ask(&w, "who sat on the mat");
	assert_int_equal(r.count, 1);
	open_engine(&w, false);
	r = ask(&w, "who sat on the mat");
	assert_int_equal(r.count, 1);
	assert_int_equal(r.items[0].text.len, text.len);
	struct slice part = r.items[0].excerpt;
	assert_true(part.len < 2000);
	assert_true(slice_find(part, slice_of("cat")) < part.len);
	assert_true(part.data >= r.items[0].text.data);
	world_clear(&w);
}

/* ---- nothing is written ---- */

static void
recall_writes_nothing_into_the_store(void **state)
{
	struct world w;
	struct error err = {0};
	struct store_info before, after;
	uint64_t change[2];

	world_make(&w, state, small_talk, COUNT(small_talk));
	embed_all(&w);
	assert_true(store_info(w.s->store, &before, &err));
	for (int i = 0; i < 2; i++) {
		SCOPED(store_end)
		struct store_txn *txn = store_read(w.s->store, &err);
		assert_true(record_change_last(txn, &change[i], &err));
		ask(&w, "the cat");
	}
	assert_true(store_info(w.s->store, &after, &err));
	assert_int_equal(change[0], change[1]);
	assert_int_equal(before.bytes, after.bytes);
	assert_int_equal(before.bytes_free, after.bytes_free);
	world_clear(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(every_score_is_the_sum_of_its_terms),
		WITH_STORE(the_same_question_gets_the_same_answer_bit_for_bit),
		WITH_STORE(without_a_model_words_are_searched_and_it_says_so),
		WITH_STORE(a_broken_model_is_named_and_words_still_work),
		WITH_STORE(what_is_new_is_embedded_newest_first_and_counted),
		WITH_STORE(
			a_turn_that_changes_and_the_one_after_it_are_embedded_again),
		WITH_STORE(a_speaker_who_is_named_comes_before_others),
		WITH_STORE(an_answer_gains_from_the_question_before_it),
		WITH_STORE(
			the_same_question_asked_before_is_no_result_but_its_answer_is),
		cmocka_unit_test(recall_mode_keeps_what_answers_alone),
		WITH_STORE(what_stands_in_the_prompt_is_not_recalled_again),
		WITH_STORE(as_of_a_moment_what_came_later_is_unknown),
		WITH_STORE(a_conversation_without_memory_is_never_found),
		WITH_STORE(
			a_memory_is_found_with_nudges_of_at_most_a_tenth_each),
		WITH_STORE(
			a_memory_that_was_superseded_stands_only_as_of_its_time),
		WITH_STORE(only_memories_in_a_layer_are_looked_at),
		WITH_STORE(of_a_long_text_the_part_that_fits_is_shown),
		WITH_STORE(recall_writes_nothing_into_the_store),
	};
	return cmocka_run_group_tests_name("recall", tests, NULL, NULL);
}
