/* The parts that a search is made of, each alone. */
#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "memory/asked.h"
#include "memory/cut.h"
#include "memory/space.h"
#include "memory/when.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/embed.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "support.h"
#include "support_model.h"

/* ---- days ---- */

static unsigned
day_of(const char *date)
{
	SCOPED(free_pointer) char *text = xasprintf("%sT12:00:00Z", date);
	int64_t at;

	if (!clock_parse(slice_of(text), &at))
		fail_msg("%s", date);
	return (unsigned)(at / CLOCK_DAY);
}

/* Asked on Wednesday, 15 May 2024. */
static void
days_that_a_question_names_draw_towards_them(void **state)
{
	static const struct {
		const char *question, *day;
		double fits;
		const char *why;
	} cases[] = {
		{"what did I eat yesterday", "2024-05-14", 1, "yesterday"},
		{"what did I eat yesterday", "2024-05-13", 0, "not before"},
		{"the day before yesterday", "2024-05-13", 1, "two days"},
		{"what is for dinner today?", "2024-05-15", 1, "today"},
		{"who came last week?", "2024-05-06", 1, "its Monday"},
		{"who came last week?", "2024-05-12", 1, "its Sunday"},
		{"who came last week?", "2024-05-05", 0, "the one before"},
		{"who came last week?", "2024-05-14", .4, "told later"},
		{"who came this week?", "2024-05-13", 1, "since Monday"},
		{"the trip last month", "2024-04-30", 1, "April"},
		{"the trip last year", "2023-07-01", 1, "2023"},
		{"two months ago", "2024-03-16", 1, "about then"},
		{"two months ago", "2024-01-02", 0, "too early"},
		{"3 days ago", "2024-05-12", 1, "digits"},
		{"a year ago", "2023-05-16", 1, "a is one"},
		{"in the last three weeks", "2024-05-01", 1, "from then on"},
		{"the last ten days", "2024-04-10", 0, "longer ago"},
		{"last Friday", "2024-05-10", 1, "the one before today"},
		{"last Wednesday", "2024-05-08", 1, "not today"},
		{"last weekend", "2024-05-11", 1, "Saturday"},
		{"last weekend", "2024-05-12", 1, "Sunday"},
		{"last June", "2023-06-20", 1, "of the year before"},
		{"last March", "2024-03-05", 1, "of this year"},
		{"in May 2023", "2023-05-20", 1.5, "month and year"},
		{"in May 2023", "2022-05-20", .5, "the month alone"},
		{"in May 2023", "2023-06-01", .9, "told a month later"},
		{"in May 2023", "2021-01-01", -1, "neither"},
		{"on 8 May 2023", "2023-05-08", 2, "at most two"},
		{"on May 8th, 2023", "2023-05-08", 2, "the other way"},
		{"on 2023-05-08", "2023-05-08", 2, "in digits"},
		{"may I ask what you said", "2023-05-08", 0, "no month"},
		{"we march on", "2023-03-08", 0, "no month either"},
		{"what is the gate code 1234?", "2024-05-15", 0, "no year"},
		{"what is a ago", "2024-05-15", 0, "nothing"},
		{"99999999999999999999 days ago", "2024-05-15", 0, "huge"},
		{"10000 years ago", "2024-05-15", 0, "before all days"},
	};
	int64_t now = day_of("2024-05-15") * CLOCK_DAY + 18 * CLOCK_HOUR;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct when when;

		when_read(slice_of(cases[i].question), now, &when);
		double fits = when_fits(&when, day_of(cases[i].day));
		if (fabs(fits - cases[i].fits) > 1e-9)
			fail_msg("\"%s\" on %s: %g, not %g: %s",
				 cases[i].question, cases[i].day, fits,
				 cases[i].fits, cases[i].why);
	}
}

static void
asking_for_a_time_is_told_from_telling_one(void **state)
{
	(void)state;
	assert_true(when_asked(slice_of("When did Ana move?")));
	assert_true(when_asked(slice_of("For how long was she there?")));
	assert_true(when_asked(slice_of("in which year was it")));
	assert_false(when_asked(slice_of("Who gave her the book?")));
	assert_true(when_told(slice_of("we met yesterday at noon")));
	assert_true(when_told(slice_of("It was in June, I think")));
	assert_true(when_told(slice_of("built in 1998")));
	assert_false(when_told(slice_of("you may march with me")));
	assert_false(when_told(slice_of("")));
}

/* ---- names ---- */

static bool
is_known(void *arg, struct slice name)
{
	static const char *const names[] = {"Ana", "Jean Luc", "James",
					    "Zo\xC3\xAB"};

	(void)arg;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (slice_is(name, names[i]))
			return true;
	}
	return false;
}

static void
a_question_is_asked_by_the_one_who_is_named(void **state)
{
	static const struct {
		const char *question, *said;
		size_t names;
	} cases[] = {
		{"What did Ana's friend give Ana?",
		 "What did my friend give I?", 1},
		{"Ana\xE2\x80\x99s cat", "my cat", 1},
		{"Did Jean Luc call?", "Did I call?", 1},
		{"Jean Luc's bike, Ana's car", "my bike, my car", 2},
		{"James' dog", "my dog", 1},
		{"Where is Zo\xC3\xAB?", "Where is I?", 1},
		{"Anabel and Banana", "Anabel and Banana", 0},
		{"ana", "ana", 0},
		{"ask Ana.", "ask I.", 1},
		{"Ana-Maria", "Ana-Maria", 0},
		{"", "", 0},
		{"Jean", "Jean", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena arena = {0};
		struct asked asked;

		asked_read(slice_of(cases[i].question), 0, is_known, NULL,
			   &arena, &asked);
		if (!slice_is(asked.first_person, cases[i].said) ||
		    asked.name_count != cases[i].names)
			fail_msg("\"%s\": \"%.*s\"", cases[i].question,
				 SLICE_ARG(asked.first_person));
		arena_clear(&arena);
	}
}

/* ---- long texts ---- */

static void
parts_make_the_whole_and_end_at_good_places(void **state)
{
	SCOPED(buf_clear) struct buf text;
	size_t from = 0, parts = 0;

	(void)state;
	buf_init(&text, 1 << 20);
	for (size_t i = 0; i < 200; i++)
		buf_addf(&text, "Sentence number %zu ends here.%s", i,
			 i % 7 ? " " : "\n\n");
	struct slice all = buf_slice(&text);
	while (from < all.len) {
		size_t end = cut_end(all, from);
		struct slice part = cut_part(all, parts);

		assert_true(end > from && end <= all.len);
		assert_ptr_equal(part.data, all.data + from);
		assert_int_equal(part.len, end - from);
		if (end < all.len)
			assert_int_equal(all.data[end - 1], '\n');
		from = end;
		parts++;
	}
	assert_in_range(parts, 5, 20);
	assert_int_equal(cut_part(all, parts).len, 0);
}

static void
texts_without_a_place_to_cut_are_cut_between_characters(void **state)
{
	SCOPED(buf_clear) struct buf text;
	size_t from = 0;

	(void)state;
	buf_init(&text, 1 << 20);
	for (size_t i = 0; i < 2000; i++)
		buf_adds(&text, "\xE4\xB8\xAD");
	struct slice all = buf_slice(&text);
	while (from < all.len) {
		size_t end = cut_end(all, from);
		assert_int_equal(end % 3, 0);
		assert_in_range(end - from, 3, 3 * (CUT_PIECES + 1));
		from = end;
	}
	assert_int_equal(cut_end((struct slice){"", 0}, 0), 0);
}

static void
a_turn_of_a_few_sentences_is_one_part(void **state)
{
	struct slice text = slice_of(
		"Hey! I finally signed up for the pottery class on Thursday "
		"evenings, and my first bowl came out crooked, but the teacher "
		"was kind, the others laughed with me and not about me, and we "
		"all went for soup afterwards.");

	(void)state;
	assert_int_equal(cut_end(text, 0), text.len);
}

/* ---- the space of word pieces ---- */

enum { FROM = 64, VECTORS = 500 };

static float *
some_vectors(void)
{
	float *v = xcalloc((size_t)FROM * VECTORS, sizeof(*v));
	uint32_t dice = 5;

	for (size_t i = 0; i < (size_t)FROM * VECTORS; i++) {
		dice = dice * 1664525 + 1013904223;
		float x = (float)(dice >> 8) / (1 << 24) - .5F;
		/* Less and less spread; all around 3. */
		v[i] = 3 + x * 10 / (float)(1 + i % FROM);
	}
	return v;
}

static void
the_axes_are_those_of_the_largest_spread_and_even(void **state)
{
	SCOPED(free_pointer) float *vectors = some_vectors();
	SCOPED(space_clear) struct space space = {0}, again = {0};
	float out[FROM], spread[FROM] = {0};

	(void)state;
	space_fit(&space, vectors, VECTORS, FROM);
	space_fit(&again, vectors, VECTORS, FROM);
	assert_int_equal(space.to, FROM);
	assert_memory_equal(space.axes, again.axes,
			    sizeof(float) * FROM * space.to);
	for (size_t at = 0; at < VECTORS; at++) {
		space_project(&space, vectors + at * FROM, out);
		for (size_t i = 0; i < space.to; i++)
			spread[i] += out[i] * out[i] / VECTORS;
	}
	/* Variances fall as 1, 1/4, 1/9; evened out as their roots do. */
	assert_true(spread[0] > spread[1] && spread[1] > spread[4]);
	assert_in_range((int)(100 * spread[0] / spread[1]), 150, 260);
}

static const uint8_t print_of_model[DIGEST_BYTES] = {1, 2, 3};

static void
a_space_is_read_back_and_a_damaged_one_refused(void **state)
{
	SCOPED(free_pointer) float *vectors = some_vectors();
	SCOPED(space_clear) struct space space = {0}, back = {0};
	SCOPED(buf_clear) struct buf bytes;
	struct error err = {0};
	uint8_t other[DIGEST_BYTES] = {9};

	(void)state;
	buf_init(&bytes, 1 << 20);
	space_fit(&space, vectors, VECTORS, FROM);
	space_write(&space, print_of_model, &bytes);
	struct slice all = buf_slice(&bytes);
	assert_true(space_read(&back, all, print_of_model, &err));
	assert_memory_equal(space.axes, back.axes,
			    sizeof(float) * FROM * space.to);
	space_clear(&back);
	assert_false(space_read(&back, all, other, &err));
	for (size_t cut = 0; cut < all.len; cut += 97)
		assert_false(space_read(&back, slice_make(all.data, cut),
					print_of_model, &err));
	bytes.data[all.len - 3] ^= 1;
	assert_false(space_read(&back, all, print_of_model, &err));
	assert_null(back.axes);
}

static char *
only_space_of(const char *folder, const char *start)
{
	SCOPED(free_pointer) char *pattern = xasprintf("%s/%s*", folder, start);
	glob_t found;

	assert_int_equal(glob(pattern, GLOB_PERIOD, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	char *path = xstrdup(found.gl_pathv[0]);
	globfree(&found);
	return path;
}

static bool
has_space(const char *folder, const char *start)
{
	SCOPED(free_pointer) char *pattern = xasprintf("%s/%s*", folder, start);
	glob_t found;
	int status = glob(pattern, GLOB_PERIOD, NULL, &found);

	globfree(&found);
	return status == 0;
}

static void
same_space(const char *folder, const char *cache,
	   const struct embed_model *model, const struct space *wanted)
{
	SCOPED(space_clear) struct space space = {0};
	struct error err = {0};

	assert_true(space_open(&space, folder, cache, model, &err));
	assert_int_equal(space.to, wanted->to);
	assert_memory_equal(space.mean, wanted->mean,
			    sizeof(float) * wanted->from);
	assert_memory_equal(space.axes, wanted->axes,
			    sizeof(float) * wanted->from * wanted->to);
}

static void
a_space_is_kept_with_its_model_or_where_that_cannot_be_apart(void **state)
{
	SCOPED(folder_drop) char *folder = folder_make();
	SCOPED(folder_drop) char *cache = folder_make();
	SCOPED(space_clear) struct space space = {0};
	struct error err = {0};

	(void)state;
	tiny_model(folder);
	SCOPED(embed_close)
	struct embed_model *model = embed_open(folder, &err);
	assert_non_null(model);
	assert_true(space_open(&space, folder, cache, model, &err));
	assert_false(has_space(cache, "space-"));
	SCOPED(free_pointer) char *kept = only_space_of(folder, ".space-");
	same_space(folder, cache, model, &space);

	/* One that was kept apart is read from there, and comes along. */
	SCOPED(free_pointer)
	char *apart = xasprintf("%s/%s", cache, strrchr(kept, '/') + 2);
	assert_int_equal(rename(kept, apart), 0);
	same_space(folder, cache, model, &space);
	assert_true(file_exists(kept));

	/* No file can have the name of a folder that is not empty. */
	SCOPED(free_pointer) char *within = path_join(kept, "within");
	assert_int_equal(unlink(kept), 0);
	assert_int_equal(unlink(apart), 0);
	assert_true(file_make_dir(within, 0700, &err));
	same_space(folder, cache, model, &space);
	assert_true(file_exists(apart));
	assert_int_equal(rmdir(within), 0);
	assert_int_equal(rmdir(kept), 0);
}

static void
the_shipped_text_is_of_some_size(void **state)
{
	size_t n = 0;

	(void)state;
	while (space_sample(n))
		n++;
	assert_true(n > 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_that_a_question_names_draw_towards_them),
		cmocka_unit_test(asking_for_a_time_is_told_from_telling_one),
		cmocka_unit_test(a_question_is_asked_by_the_one_who_is_named),
		cmocka_unit_test(parts_make_the_whole_and_end_at_good_places),
		cmocka_unit_test(
			texts_without_a_place_to_cut_are_cut_between_characters),
		cmocka_unit_test(a_turn_of_a_few_sentences_is_one_part),
		cmocka_unit_test(
			the_axes_are_those_of_the_largest_spread_and_even),
		cmocka_unit_test(
			a_space_is_read_back_and_a_damaged_one_refused),
		cmocka_unit_test(
			a_space_is_kept_with_its_model_or_where_that_cannot_be_apart),
		cmocka_unit_test(the_shipped_text_is_of_some_size),
	};
	return cmocka_run_group_tests_name("recall_parts", tests, NULL, NULL);
}
