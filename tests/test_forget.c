/*
 * What is forgotten is gone: from results, from every row, from every byte of
 * every file.  Random lives of a thousand records are lived, with another
 * process on the store, and the files searched for words that nobody else
 * says.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "memory/says.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "support_store.h"

static void
a_text_says_it_in_whole_words_whatever_the_case(void **state)
{
	static const struct {
		const char *wording, *text;
		bool says;
	} cases[] = {
		{"Ana is allergic", "Well, ana  IS\nallergic!", true},
		{"Ana is allergic", "Banana is allergic", false},
		{"Ana is allergic", "Ana is allergically", false},
		{"Ana is allergic", "Ana isn't; Ana is allergic", true},
		{"tea", "steam, team, tea", true},
		{"tea", "steam and team", false},
		{"caf\xC3\xA9", "CAF\xC3\x89!", true},
		{"cafe\xCC\x81", "a caf\xC3\xA9", true},
		{"\xE4\xB8\x96\xE7\x95\x8C",
		 "\xE5\xA5\xBD\xE4\xB8\x96\xE7\x95"
		 "\x8C\xE5\xA5\xBD",
		 true},
		{"7-8", "17-8", false},
		{"?", "what?", false},
		{"a", "", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(says_destroy) struct says *says = says_create();

		says_add(says, slice_of(cases[i].wording), true);
		if (says_it(says, slice_of(cases[i].text)) != cases[i].says)
			fail_msg("\"%s\" in \"%s\"", cases[i].wording,
				 cases[i].text);
	}
}

/* ---- a life ---- */

enum { RECORDS = 1000, SECRETS = 60, ROOMS = 12 };

/* A word that stands in nothing but what is said of this number. */
static char *
secret_word(unsigned n, char out[32])
{
	snprintf(out, 32, "zq%cvx%04u", 'a' + (int)(n % 26), n);
	return out;
}

struct life {
	struct scratch *scratch;
	struct memory_engine *engine;
	struct arena arena;
	unsigned seed;
	struct id profile, rooms[ROOMS];
	struct id memories[SECRETS];
	unsigned secret; /* the one that a change is about */
	struct memory_forgetting forgetting;
	struct error err;
};

static unsigned
dice(struct life *l, unsigned sides)
{
	l->seed = l->seed * 1103515245 + 12345;
	return (l->seed >> 16) % sides;
}

static void
run(struct life *l, store_change_fn *change)
{
	if (!store_write(l->scratch->store, change, l, &l->err))
		fail_msg("%s", l->err.text);
}

static bool
make_world(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;
	struct profile p = {.name = slice_of("ada")};

	if (!record_profile_create(txn, &p, err))
		return false;
	l->profile = p.id;
	for (size_t i = 0; i < ROOMS; i++) {
		struct conversation c = {.profile = p.id};

		if (!record_conversation_create(txn, &c, err))
			return false;
		l->rooms[i] = c.id;
	}
	return true;
}

static const char *
sentence(struct life *l)
{
	static const char *const parts[] = {
		"the garden is green", "we met at the lake",
		"my train was late",   "tomorrow it rains",
		"the soup was cold",   "a letter came from Ana"};

	return arena_printf(&l->arena, "%s and %s, said number %u",
			    parts[dice(l, COUNT(parts))],
			    parts[dice(l, COUNT(parts))], dice(l, 1000000));
}

static bool
say(struct store_txn *txn, struct life *l, enum message_role role,
    struct id room, const char *text, struct message *m, struct error *err)
{
	*m = (struct message){.profile = l->profile,
			      .conversation = room,
			      .role = role,
			      .content = slice_of(text)};
	return record_message_append(txn, m, 0, err);
}

static bool
chatter(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;
	struct message m;

	for (int i = 0; i < 10; i++)
		if (!say(txn, l, dice(l, 2) ? MESSAGE_USER : MESSAGE_ASSISTANT,
			 l->rooms[dice(l, ROOMS)], sentence(l), &m, err))
			return false;
	return true;
}

/* A draft, an open answer, a job, a setting, a reply kept for a repeat. */
static bool
scatter(struct store_txn *txn, struct life *l, const char *text, struct id room,
	struct error *err)
{
	struct journal j = {.message = id_make(),
			    .profile = l->profile,
			    .conversation = room,
			    .owner = slice_of("1:1"),
			    .updated_at = 1,
			    .text = slice_of(text)};
	struct job job = {.kind = slice_of("learn"),
			  .profile = l->profile,
			  .payload = slice_of(text)};
	struct job failed = {.kind = slice_of("learn"),
			     .profile = l->profile,
			     .poison = true,
			     .error = slice_of(text)};
	char key[64];
	size_t n = ID_BYTES;

	memcpy(key, l->profile.bytes, n);
	memcpy(key + n, room.bytes, ID_BYTES);
	return record_draft_put(txn, l->profile, room, slice_of(text), err) &&
	       record_journal_add(txn, &j, err) &&
	       record_job_add(txn, &job, err) &&
	       record_job_add(txn, &failed, err) &&
	       record_setting_put(
		       txn, l->profile, slice_of("history"),
		       slice_of(arena_printf(&l->arena, "one\n%s\ntwo", text)),
		       err) &&
	       store_put(txn, STORE_IDEMPOTENCY, slice_make(key, n + ID_BYTES),
			 slice_of(text), err);
}

/* Said, answered, learned, edited, merged; and left lying about. */
static bool
live_a_secret(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;
	char word[32];
	struct id room = l->rooms[dice(l, ROOMS)];
	struct message asked, answered;
	const char *text =
		arena_printf(&l->arena, "my locker is called %s these days",
			     secret_word(l->secret, word));
	struct memory_source source = {.turn = 1, .quote = slice_of(text)};
	struct memory m = {.profile = l->profile,
			   .type = MEMORY_FACT,
			   .key = slice_of("locker"),
			   .value = slice_of(text),
			   .confidence = .8,
			   .importance = .8,
			   .sources = &source,
			   .source_count = 1};
	struct memory_edit edit = memory_edit_nothing;

	/* Some rooms begin with it, and take their title from it. */
	if (dice(l, 3) == 0) {
		struct conversation c = {.profile = l->profile};

		if (!record_conversation_create(txn, &c, err))
			return false;
		room = c.id;
	}
	if (!say(txn, l, MESSAGE_USER, room, text, &asked, err) ||
	    !say(txn, l, MESSAGE_ASSISTANT, room,
		 arena_printf(&l->arena, "Noted: %s it is.", word), &answered,
		 err))
		return false;
	source.conversation = room;
	source.message = asked.id;
	if (!record_memory_put(txn, &m, err))
		return false;
	l->memories[l->secret] = m.id;
	edit.value = slice_of(arena_printf(
		&l->arena, "the locker's name is %s, with a lamp", word));
	if (dice(l, 2) &&
	    !memory_edit(txn, l->profile, m.id, &edit, &l->arena, NULL, err))
		return false;
	if (dice(l, 3) == 0) {
		struct memory twin = m;

		twin.id = (struct id){{0}};
		twin.version = 0;
		if (!record_memory_put(txn, &twin, err) ||
		    !record_memory_get(txn, l->profile, twin.id, &l->arena,
				       &twin, &(bool){false}, err) ||
		    !record_memory_get(txn, l->profile, m.id, &l->arena, &m,
				       &(bool){false}, err) ||
		    !memory_merge(txn, &m, &twin, 1, err))
			return false;
	}
	if (dice(l, 4) == 0) {
		struct conversation copy = {.title = slice_of("a fork")};

		if (!record_conversation_fork(txn, l->profile, room,
					      answered.seq, &copy, err))
			return false;
	}
	return scatter(txn, l, text, room, err);
}

static void
live(struct life *l)
{
	unsigned records = 0;

	run(l, make_world);
	for (l->secret = 0; l->secret < SECRETS; l->secret++) {
		run(l, live_a_secret);
		run(l, chatter);
		records += 15;
		/* What is only in memory must end up in files. */
		if (l->secret % 10 == 0)
			assert_true(
				memory_catch_up(l->engine, l->profile,
						&l->err) &&
				memory_flush(l->engine, l->profile, &l->err));
		arena_reset(&l->arena);
	}
	for (; records < RECORDS; records += 10)
		run(l, chatter);
}

static bool
forget_some(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	return memory_forget_all(txn, &l->forgetting, err);
}

/* ---- the files ---- */

static size_t
count_in_file(const char *path, struct slice what)
{
	SCOPED(buf_clear) struct buf bytes;
	struct error err;
	size_t n = 0;

	buf_init(&bytes, 1 << 30);
	if (!file_read(path, &bytes, &err))
		return 0;
	for (struct slice rest = buf_slice(&bytes); rest.len >= what.len;) {
		size_t at = slice_find(rest, what);

		if (at + what.len > rest.len)
			break;
		n++;
		rest = slice_make(rest.data + at + 1, rest.len - at - 1);
	}
	return n;
}

static size_t
count_in_folder(const char *path, struct slice what)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		SCOPED(free_pointer) char *inner = path_join(path, e->d_name);

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		n += e->d_type == DT_DIR ? count_in_folder(inner, what)
					 : count_in_file(inner, what);
	}
	closedir(dir);
	return n;
}

/* ---- the other process: it reads, searches and says things meanwhile ---- */

static void
other_life(const char *dir, struct id profile, struct id room, int ready)
{
	struct error err = {0};
	struct store *store = store_open(dir, &err);
	const struct memory_settings settings = {.language = "english"};
	struct memory_engine *engine =
		store ? memory_open(store, &settings, &err) : NULL;
	struct scratch scratch = {.store = store};
	struct life l = {.scratch = &scratch, .seed = 7, .profile = profile};

	for (int i = 0; i < ROOMS; i++)
		l.rooms[i] = room;
	for (bool told = false; engine;) {
		struct arena arena = {0};
		struct memory_results results;
		const struct memory_query q = {.profile = profile,
					       .text = slice_of("locker name"),
					       .k = 10};

		if (!store_write(store, chatter, &l, &err) ||
		    !memory_recall(engine, &q, &arena, &results, &err) ||
		    !memory_flush(engine, profile, &err))
			break;
		arena_clear(&arena);
		arena_reset(&l.arena);
		if (!told && write(ready, "+", 1) != 1)
			break;
		told = true;
	}
	fprintf(stderr, "the other process: %s\n", err.text);
	_exit(1);
}

static pid_t
start_other(struct life *l)
{
	int ends[2];
	char byte;

	assert_int_equal(pipe(ends), 0);
	/* A child opens the store anew, and never returns here. */
	pid_t pid = fork();
	if (pid == 0)
		other_life(l->scratch->dir, l->profile, l->rooms[0], ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

static void
none_of_it_in_a_result(struct life *l, unsigned secret)
{
	SCOPED(arena_clear) struct arena arena = {0};
	char word[32];
	struct memory_results results;
	const struct memory_query q = {
		.profile = l->profile,
		.text = slice_of(secret_word(secret, word)),
		.k = 50};

	assert_true(memory_recall(l->engine, &q, &arena, &results, &l->err));
	for (size_t i = 0; i < results.count; i++)
		assert_true(slice_find(results.items[i].text, slice_of(word)) ==
			    results.items[i].text.len);
}

static uint64_t residue_places;

static void
count_place(void *arg, const char *where, uint64_t times)
{
	(void)arg;
	(void)where;
	residue_places += times;
}

static uint64_t
residue(struct life *l, const char *text)
{
	uint64_t found = 0;

	residue_places = 0;
	if (!memory_residue(l->engine, slice_of(text), NULL, count_place, NULL,
			    &found, &l->err))
		fail_msg("%s", l->err.text);
	assert_int_equal(found, residue_places);
	return found;
}

static void
a_life(void **state, unsigned seed, bool together)
{
	struct life l = {.scratch = *state, .seed = seed};
	const struct memory_settings settings = {.language = "english"};
	struct id ids[SECRETS];
	char word[32];
	pid_t other = 0;

	l.engine = memory_open(l.scratch->store, &settings, &l.err);
	live(&l);
	if (together)
		other = start_other(&l);
	for (unsigned i = 0; i < SECRETS; i += 2)
		ids[i / 2] = l.memories[i];
	assert_true(count_in_folder(l.scratch->folder,
				    slice_of(secret_word(0, word))) > 3);
	assert_true(residue(&l, word) > 3);
	l.forgetting = (struct memory_forgetting){.profile = l.profile,
						  .ids = ids,
						  .count = SECRETS / 2,
						  .messages = true,
						  .arena = &l.arena};
	run(&l, forget_some);
	for (unsigned i = 0; i < SECRETS; i += 2)
		none_of_it_in_a_result(&l, i);
	if (!memory_purge(l.engine, l.profile, &l.err))
		fail_msg("%s", l.err.text);
	for (unsigned i = 0; i < SECRETS; i++) {
		size_t n = count_in_folder(l.scratch->folder,
					   slice_of(secret_word(i, word)));

		if (i % 2 == 0 && n)
			fail_msg("%s is left %zu times (seed %u)", word, n,
				 seed);
		if (i % 2 && !n)
			fail_msg("%s went along (seed %u)", word, seed);
	}
	assert_int_equal(residue(&l, secret_word(0, word)), 0);
	assert_true(residue(&l, secret_word(1, word)) > 0);
	if (other) {
		kill(other, SIGKILL);
		waitpid(other, NULL, 0);
	}
	memory_close(&l.engine);
	arena_clear(&l.arena);
}

static void
nothing_is_left_of_random_lives(void **state)
{
	a_life(state, 1, false);
}

static void
nor_with_another_process_on_the_store(void **state)
{
	a_life(state, 2, true);
}

/* ---- one by one ---- */

static bool
redact_nothing(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	l->forgetting.messages = false;
	return memory_forget_all(txn, &l->forgetting, err);
}

static void
messages_that_say_it_are_listed_and_stay_unless_asked(void **state)
{
	struct life l = {.scratch = *state, .seed = 3};
	char word[32];

	run(&l, make_world);
	run(&l, live_a_secret);
	l.forgetting = (struct memory_forgetting){.profile = l.profile,
						  .ids = &l.memories[0],
						  .count = 1,
						  .arena = &l.arena};
	run(&l, redact_nothing);
	/* The question and the answer that repeats it, and their copies. */
	assert_true(l.forgetting.said_count >= 2);
	secret_word(0, word);
	for (size_t i = 0; i < l.forgetting.said_count; i++) {
		struct slice said = l.forgetting.said_in[i].content;

		assert_true(slice_find(said, slice_of(word)) < said.len);
	}
	SCOPED(store_end)
	struct store_txn *txn = store_read(l.scratch->store, &l.err);
	struct message m;
	bool found, forgotten;
	assert_true(record_message_get(txn, l.profile,
				       l.forgetting.said_in[0].seq, &l.arena,
				       &m, &found, &l.err));
	assert_true(slice_find(m.content, slice_of(word)) < m.content.len);
	/* Nor is it learned again from there, in whatever words. */
	assert_true(memory_source_forgotten(txn, &m, &forgotten, &l.err));
	assert_true(forgotten);
	m.id = id_make(); /* the same words, imported again */
	assert_true(memory_source_forgotten(txn, &m, &forgotten, &l.err));
	assert_true(forgotten);
	m.content = slice_of("something else");
	assert_true(memory_source_forgotten(txn, &m, &forgotten, &l.err));
	assert_false(forgotten);
	arena_clear(&l.arena);
}

static bool
share_a_quote(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;
	struct memory_source source = {
		.conversation = l->rooms[0],
		.quote = slice_of("I have a dog called Rex and live in Bonn")};
	struct memory m = {.profile = l->profile,
			   .key = slice_of("dog"),
			   .value = slice_of("has a dog called Rex"),
			   .confidence = 1,
			   .importance = 1,
			   .sources = &source,
			   .source_count = 1};

	if (!record_memory_put(txn, &m, err))
		return false;
	l->memories[0] = m.id;
	m.id = (struct id){{0}};
	m.key = slice_of("home");
	m.value = slice_of("lives in Bonn");
	if (!record_memory_put(txn, &m, err))
		return false;
	l->memories[1] = m.id;
	return true;
}

static void
a_quote_that_others_share_goes_out_of_them(void **state)
{
	struct life l = {.scratch = *state, .seed = 3};
	struct memory m;
	bool found;

	run(&l, make_world);
	run(&l, share_a_quote);
	l.forgetting = (struct memory_forgetting){.profile = l.profile,
						  .ids = &l.memories[0],
						  .count = 1,
						  .arena = &l.arena};
	run(&l, forget_some);
	assert_int_equal(l.forgetting.gone, 1);
	SCOPED(store_end)
	struct store_txn *txn = store_read(l.scratch->store, &l.err);
	assert_true(record_memory_get(txn, l.profile, l.memories[1], &l.arena,
				      &m, &found, &l.err));
	assert_true(found && m.version == 1);
	assert_true(slice_is(m.value, "lives in Bonn"));
	assert_int_equal(m.sources[0].quote.len, 0);
	arena_clear(&l.arena);
}

static bool
forget_room(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;
	size_t gone;

	return memory_forget_conversation(txn, l->profile, l->rooms[0], &gone,
					  err);
}

static bool
two_supports(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;
	struct memory_source sources[] = {
		{.conversation = l->rooms[0], .quote = slice_of("one")},
		{.conversation = l->rooms[1], .quote = slice_of("two")}};
	struct memory m = {.profile = l->profile,
			   .value = slice_of("likes tea"),
			   .confidence = 1,
			   .importance = 1,
			   .sources = sources,
			   .source_count = 2};

	if (!record_memory_put(txn, &m, err))
		return false;
	l->memories[2] = m.id;
	return true;
}

static void
a_conversation_takes_along_what_only_it_supports(void **state)
{
	struct life l = {.scratch = *state, .seed = 3};
	struct memory m;
	bool found;

	run(&l, make_world);
	run(&l, share_a_quote);
	run(&l, two_supports);
	run(&l, forget_room);
	SCOPED(store_end)
	struct store_txn *txn = store_read(l.scratch->store, &l.err);
	for (int i = 0; i < 2; i++) {
		assert_true(record_memory_get(txn, l.profile, l.memories[i],
					      &l.arena, &m, &found, &l.err));
		assert_false(found);
	}
	assert_true(record_memory_get(txn, l.profile, l.memories[2], &l.arena,
				      &m, &found, &l.err));
	assert_true(found && m.source_count == 1);
	assert_true(slice_is(m.sources[0].quote, "two"));
	arena_clear(&l.arena);
}

static void
what_could_not_be_purged_stays_a_job(void **state)
{
	struct life l = {.scratch = *state, .seed = 4};
	const struct memory_settings settings = {.language = "english"};
	size_t done;

	l.engine = memory_open(l.scratch->store, &settings, &l.err);
	run(&l, make_world);
	run(&l, live_a_secret);
	l.forgetting = (struct memory_forgetting){.profile = l.profile,
						  .ids = &l.memories[0],
						  .count = 1,
						  .messages = true,
						  .arena = &l.arena};
	run(&l, forget_some);
	unsigned before = store_generation(l.scratch->store);
	assert_true(memory_purge_due(l.engine, &done, &l.err));
	assert_int_equal(done, 1);
	assert_true(store_generation(l.scratch->store) > before);
	assert_true(memory_purge_due(l.engine, &done, &l.err));
	assert_int_equal(done, 0);
	memory_close(&l.engine);
	arena_clear(&l.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_text_says_it_in_whole_words_whatever_the_case),
		WITH_STORE(nothing_is_left_of_random_lives),
		WITH_STORE(nor_with_another_process_on_the_store),
		WITH_STORE(
			messages_that_say_it_are_listed_and_stay_unless_asked),
		WITH_STORE(a_quote_that_others_share_goes_out_of_them),
		WITH_STORE(a_conversation_takes_along_what_only_it_supports),
		WITH_STORE(what_could_not_be_purged_stays_a_job),
	};
	return cmocka_run_group_tests_name("forget", tests, NULL, NULL);
}
