/* Words find what was said, whoever writes the files and however it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "index/words.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/index.h"
#include "support.h"

/*
 * By hand, k1 = .9 and b = .4.  Stems: 1 cat like milk, 2 dog chase cat (both
 * session 10, conversation 1), 3 milk milk bread water (20, 2).  n = 3,
 * average 10/3; as sessions 6 and 4 words, n = 2, average 5.
 */
#define MILK_A 0.479081
#define MILK_C 0.600947
#define MILK_S1 0.175665
#define MILK_S2 0.244987
#define CAT 0.479081
#define CAT_S1 0.886258
#define SCOPE_A 0.693147
#define SCOPE_S 0.287682
#define REMOVED_A 0.712431

static int
make_folder(void **state)
{
	*state = folder_make();
	return 0;
}

static int
drop_folder(void **state)
{
	folder_drop((char **)state);
	return 0;
}

static struct index *
open_english(const char *dir)
{
	struct error err = {0};
	struct index *ix = index_open(dir, "english", &err);

	assert_non_null(ix);
	return ix;
}

static void
make_key(uint64_t n, uint8_t key[INDEX_KEY])
{
	memset(key, 0, INDEX_KEY);
	key[0] = 'm';
	for (int i = 0; i < 8; i++)
		key[INDEX_KEY - 1 - i] = (uint8_t)(n >> (8 * i));
}

static void
add_at(struct index *ix, uint64_t n, unsigned conversation, uint64_t session,
       const char *text)
{
	struct error err = {0};
	struct index_document d = {
		.seq = n, .session = session, .text = slice_of(text)};

	make_key(n, d.key);
	d.conversation.bytes[0] = (uint8_t)conversation;
	assert_true(index_add(ix, &d, &err));
	index_reached(ix, n);
}

static void
add_three(struct index *ix)
{
	add_at(ix, 1, 1, 10, "Cats like milk.");
	add_at(ix, 2, 1, 10, "The dogs chase the cat");
	add_at(ix, 3, 2, 20, "milk, milk, bread and water");
}

static bool
remove_at(struct index *ix, uint64_t n)
{
	uint8_t key[INDEX_KEY];

	make_key(n, key);
	return index_remove(ix, key);
}

static void
flush(struct index *ix, enum index_flush how)
{
	struct error err = {0};

	if (!index_flush(ix, how, &err))
		fail_msg("%s", err.text);
}

/* Scores by seq; 0 for what is not in scope. */
static size_t
search(struct index *ix, const char *query, unsigned conversation,
       float turn[8], float session[8])
{
	SCOPED(index_scores_clear) struct index_scores s = {0};
	struct error err = {0};
	struct id id = {.bytes = {(uint8_t)conversation}};
	struct index_document d;

	memset(turn, 0, 8 * sizeof(float));
	memset(session, 0, 8 * sizeof(float));
	assert_true(index_search(ix, slice_of(query), conversation ? &id : NULL,
				 &s, &err));
	for (size_t i = 0; i < s.count; i++) {
		assert_true(index_entry(ix, s.document[i], &d));
		turn[d.seq % 8] = s.turn[i];
		session[d.seq % 8] = s.session[i];
	}
	return s.count;
}

#define ASSERT_NEAR(a, b) assert_true(fabs((double)(a) - (b)) < 1e-5)

static void
check_three(struct index *ix)
{
	float t[8], s[8];

	assert_int_equal(search(ix, "milk", 0, t, s), 3);
	ASSERT_NEAR(t[1], MILK_A);
	ASSERT_NEAR(t[2], 0);
	ASSERT_NEAR(t[3], MILK_C);
	ASSERT_NEAR(s[1], MILK_S1);
	ASSERT_NEAR(s[2], MILK_S1);
	ASSERT_NEAR(s[3], MILK_S2);
	assert_int_equal(search(ix, "what about CATS?", 0, t, s), 3);
	ASSERT_NEAR(t[1], CAT);
	ASSERT_NEAR(t[2], CAT);
	ASSERT_NEAR(s[2], CAT_S1);
	ASSERT_NEAR(s[3], 0);
}

static void
scores_are_bm25_to_the_figure(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);

	add_three(ix);
	check_three(ix);
}

static void
a_repeated_word_counts_each_time(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	float t[8], s[8];

	add_three(ix);
	search(ix, "milk milk", 0, t, s);
	ASSERT_NEAR(t[1], 2 * MILK_A);
	ASSERT_NEAR(s[3], 2 * MILK_S2);
}

static void
a_conversation_has_counts_of_its_own(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	float t[8], s[8];

	add_three(ix);
	assert_int_equal(search(ix, "milk", 1, t, s), 2);
	ASSERT_NEAR(t[1], SCOPE_A);
	ASSERT_NEAR(s[2], SCOPE_S);
	assert_int_equal(search(ix, "milk", 9, t, s), 0);
}

static void
what_is_removed_counts_nowhere(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	float t[8], s[8];

	add_three(ix);
	flush(ix, INDEX_FLUSH);
	assert_true(remove_at(ix, 2));
	assert_false(remove_at(ix, 2));
	for (int pass = 0; pass < 3; pass++) {
		assert_int_equal(search(ix, "cat", 0, t, s), 2);
		ASSERT_NEAR(t[1], REMOVED_A);
		ASSERT_NEAR(s[1], REMOVED_A);
		assert_int_equal(index_count(ix), 2);
		flush(ix, pass ? INDEX_PURGE : INDEX_FLUSH);
		index_close(&ix);
		ix = open_english(*state);
	}
}

static void
the_same_key_again_replaces(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	float t[8], s[8];

	add_at(ix, 2, 1, 10, "something else");
	add_at(ix, 1, 1, 10, "an older text of zebras");
	flush(ix, INDEX_FLUSH);
	add_three(ix);
	check_three(ix);
	flush(ix, INDEX_FLUSH);
	check_three(ix);
	search(ix, "zebra", 0, t, s);
	ASSERT_NEAR(t[1], 0);
}

static void
segments_score_as_one(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);

	add_at(ix, 1, 1, 10, "Cats like milk.");
	flush(ix, INDEX_FLUSH);
	add_at(ix, 2, 1, 10, "The dogs chase the cat");
	flush(ix, INDEX_FLUSH);
	add_at(ix, 3, 2, 20, "milk, milk, bread and water");
	check_three(ix);
	flush(ix, INDEX_FLUSH);
	index_close(&ix);
	ix = open_english(*state);
	assert_null(index_trouble(ix));
	assert_int_equal(index_sequence(ix), 3);
	check_three(ix);
}

static size_t
count_files(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	for (struct dirent *e; (e = readdir(d));)
		n += strncmp(e->d_name, "words-", 6) == 0;
	closedir(d);
	return n;
}

static void
many_small_flushes_leave_few_segments(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	char text[32];

	for (uint64_t n = 1; n <= 200; n++) {
		snprintf(text, sizeof(text), "turn number%d common",
			 (int)n % 7);
		add_at(ix, n, 1, n / 10, text);
		flush(ix, INDEX_FLUSH);
	}
	assert_true(count_files(*state) <= 6);
	assert_int_equal(index_count(ix), 200);
	index_close(&ix);
	ix = open_english(*state);
	assert_int_equal(index_count(ix), 200);
}

/* All bytes of all files of the folder contain `text`? */
static bool
has_bytes(const char *dir, const char *text)
{
	DIR *d = opendir(dir);
	bool found = false;

	for (struct dirent *e; (e = readdir(d));) {
		SCOPED(free_pointer) char *path = path_join(dir, e->d_name);
		SCOPED(buf_clear) struct buf b;
		struct error err;
		buf_init(&b, 1 << 20);
		if (e->d_name[0] != '.' && file_read(path, &b, &err) && b.len)
			found = found ||
				memmem(b.data, b.len, text, strlen(text));
	}
	closedir(d);
	return found;
}

static void
a_purge_leaves_no_word(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);

	add_three(ix);
	add_at(ix, 4, 1, 10, "xyzzy");
	flush(ix, INDEX_FLUSH);
	assert_true(has_bytes(*state, "xyzzi"));
	remove_at(ix, 4);
	flush(ix, INDEX_PURGE);
	assert_false(has_bytes(*state, "xyzzi"));
	check_three(ix);
}

/* What a power loss brought back, or a crash left; with nothing else to do. */
static void
a_purge_removes_what_no_manifest_names(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	SCOPED(free_pointer) char *old = path_join(*state, "words-00");
	SCOPED(free_pointer) char *vectors = path_join(*state, "vectors-00");
	struct error err = {0};

	for (int flushed = 0; flushed < 2; flushed++) {
		assert_true(file_write(old, slice_of("xyzzi"), 0600, &err));
		assert_true(file_write(vectors, slice_of("xyzzi"), 0600, &err));
		flush(ix, INDEX_PURGE);
		assert_false(has_bytes(*state, "xyzzi"));
		if (flushed)
			break;
		add_three(ix);
		flush(ix, INDEX_FLUSH);
	}
	check_three(ix);
}

/* Run in another process; its asserts end it with a status. */
static void
elsewhere(const char *dir, void (*act)(const char *dir))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		act(dir);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
flush_three(const char *dir)
{
	struct error err = {0};
	struct index *ix = index_open(dir, "english", &err);

	if (!ix)
		_exit(1);
	add_three(ix);
	if (!index_flush(ix, INDEX_FLUSH, &err))
		_exit(1);
	index_close(&ix);
}

static void
another_process_may_write_what_is_mapped_here(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	struct error err = {0};
	bool changed;

	add_at(ix, 1, 1, 10, "Cats like milk.");
	flush(ix, INDEX_FLUSH);
	elsewhere(*state, flush_three);
	assert_int_equal(index_count(ix), 1);
	assert_true(index_refresh(ix, &changed, &err));
	assert_true(changed);
	assert_int_equal(index_sequence(ix), 3);
	check_three(ix);
	assert_true(index_refresh(ix, &changed, &err));
	assert_false(changed);
}

static void
a_flush_that_was_overtaken_takes_the_others_files(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);

	add_at(ix, 7, 1, 10, "not flushed yet");
	elsewhere(*state, flush_three);
	flush(ix, INDEX_FLUSH);
	assert_int_equal(index_sequence(ix), 3);
	check_three(ix);
}

static void
a_locked_folder_is_left_to_its_writer(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	SCOPED(free_pointer) char *path = path_join(*state, "lock");
	SCOPED(close_fd) int fd = open(path, O_RDWR | O_CREAT, 0600);
	struct error err = {0};

	assert_int_equal(flock(fd, LOCK_EX), 0);
	add_three(ix);
	flush(ix, INDEX_FLUSH);
	assert_int_equal(count_files(*state), 0);
	assert_false(index_flush(ix, INDEX_PURGE, &err));
	assert_int_equal(err.code, ERROR_BUSY);
	check_three(ix);
	flock(fd, LOCK_UN);
	flush(ix, INDEX_FLUSH);
	assert_int_equal(count_files(*state), 1);
}

static void
write_file(const char *dir, const char *name, const char *bytes)
{
	SCOPED(free_pointer) char *path = path_join(dir, name);
	struct error err = {0};

	assert_true(file_write(path, slice_of(bytes), 0600, &err));
}

static void
what_a_crash_left_is_swept_and_not_read(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);

	add_three(ix);
	flush(ix, INDEX_FLUSH);
	write_file(*state, "words-0000000000000001", "a segment unnamed");
	write_file(*state, "words-0000000000000002.abcdef", "half a segment");
	write_file(*state, "words.abcdef", "half a manifest");
	index_close(&ix);
	ix = open_english(*state);
	assert_null(index_trouble(ix));
	check_three(ix);
	add_at(ix, 4, 3, 30, "unrelated");
	flush(ix, INDEX_FLUSH);
	remove_at(ix, 4);
	flush(ix, INDEX_PURGE);
	assert_int_equal(count_files(*state), 1);
	check_three(ix);
}

/* The path of the only segment, or of the manifest. */
static char *
find_file(const char *dir, bool segment)
{
	if (!segment)
		return path_join(dir, "words");
	DIR *d = opendir(dir);
	char *path = NULL;
	for (struct dirent *e; !path && (e = readdir(d));)
		if (strncmp(e->d_name, "words-", 6) == 0)
			path = path_join(dir, e->d_name);
	closedir(d);
	assert_non_null(path);
	return path;
}

static void
torn_files_are_put_aside_and_replaced(void **state)
{
	static const struct {
		bool segment;
		int cut, flip; /* bytes to take off; byte to change or -1 */
		const char *why;
	} cases[] = {
		{false, 1, -1, "manifest cut"},
		{false, 200, -1, "manifest nearly empty"},
		{false, 0, 0, "manifest's magic"},
		{false, 0, 8, "manifest's version"},
		{false, 0, 20, "manifest's sequence"},
		{true, 1, -1, "segment cut"},
		{true, 0, 0, "segment's magic"},
		{true, 0, 8, "segment's version"},
		{true, 0, 12, "segment's count"},
		{true, 100000, -1, "segment empty"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(index_close) struct index *ix = open_english(*state);
		SCOPED(buf_clear) struct buf b;
		struct error err = {0};
		add_three(ix);
		flush(ix, INDEX_PURGE);
		index_close(&ix);

		SCOPED(free_pointer)
		char *path = find_file(*state, cases[i].segment);
		buf_init(&b, 1 << 20);
		assert_true(file_read(path, &b, &err));
		b.len -= MIN(b.len, (size_t)cases[i].cut);
		if (cases[i].flip >= 0)
			b.data[cases[i].flip] ^= 1;
		assert_true(file_write(path, buf_slice(&b), 0600, &err));

		ix = open_english(*state);
		if (!index_trouble(ix))
			fail_msg("%s", cases[i].why);
		assert_int_equal(index_sequence(ix), 0);
		assert_int_equal(index_count(ix), 0);
		add_three(ix);
		flush(ix, INDEX_FLUSH);
		assert_null(index_trouble(ix));
		index_close(&ix);
		ix = open_english(*state);
		assert_null(index_trouble(ix));
		check_three(ix);
	}
}

static void
damaged_postings_are_found_out_in_use(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	SCOPED(index_scores_clear) struct index_scores s = {0};
	SCOPED(buf_clear) struct buf b;
	struct error err = {0};

	add_three(ix);
	flush(ix, INDEX_FLUSH);
	index_close(&ix);
	SCOPED(free_pointer) char *path = find_file(*state, true);
	buf_init(&b, 1 << 20);
	assert_true(file_read(path, &b, &err));
	memset(b.data + b.len - 8, 0, 8); /* postings come last */
	assert_true(file_write(path, buf_slice(&b), 0600, &err));

	ix = open_english(*state);
	assert_null(index_trouble(ix));
	assert_false(index_search(ix, slice_of("water milk"), NULL, &s, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_non_null(index_trouble(ix));
	assert_int_equal(index_sequence(ix), 0);
	add_three(ix);
	flush(ix, INDEX_FLUSH);
	check_three(ix);
}

static void
another_language_starts_anew(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	struct error err = {0};

	add_three(ix);
	flush(ix, INDEX_FLUSH);
	index_close(&ix);
	ix = index_open(*state, "german", &err);
	assert_non_null(ix);
	assert_non_null(strstr(index_trouble(ix), "english"));
	assert_int_equal(index_sequence(ix), 0);
}

static void
ceilings_are_named(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	SCOPED(index_scores_clear) struct index_scores s = {0};
	SCOPED(free_pointer) char *big = xcalloc(INDEX_TEXT_MAX + 1, 1);
	struct index_document d = {.text = slice_make(big, INDEX_TEXT_MAX + 1)};
	struct error err = {0};

	assert_false(index_add(ix, &d, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	assert_false(index_search(ix, slice_make(big, INDEX_QUERY_MAX + 1),
				  NULL, &s, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
}

static void
join_word(struct slice stem, size_t from, size_t len, void *arg)
{
	(void)from;
	(void)len;
	buf_addf(arg, "%.*s|", SLICE_ARG(stem));
}

static void
words_are_folded_and_stemmed(void **state)
{
	static const struct {
		const char *language, *text, *words, *why;
	} cases[] = {
		{"english", "The CATS' running, 8 May 2023",
		 "cat|run|8|may|2023|", "case, stop words, stems, digits"},
		{"en", "Don't you like it?", "don|like|", "apostrophe"},
		{"english", "Caf\u00e9 na\u00efve e\u0301tude",
		 "cafe|naiv|etud|", "accents, composed or not"},
		{"none", "The running", "the|running|", "no stemmer"},
		{"german", "Die H\u00e4user STRASSE Stra\u00dfe",
		 "die|haus|strass|strass|", "umlaut, sharp s"},
		{"russian", "\u041d\u043e\u0432\u044b\u0439",
		 "\u043d\u043e\u0432|", "short i is a letter"},
		{"none", "\u6771\u4eac\u90fd x \u6c34",
		 "\u6771\u4eac|\u4eac\u90fd|x|\u6c34|", "pairs, single"},
		{"none", "\uff21\uff22\uff11 \ufb01n", "ab1|fin|",
		 "full width, ligature"},
		{"none", "\ud55c\uad6d\uc5b4", "\ud55c\uad6d|\uad6d\uc5b4|",
		 "Hangul"},
		{"none",
		 "a\xff\xfe"
		 "b\xc3",
		 "a|b|", "wrong bytes part words"},
		{"none", "", "", "empty"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(words_close)
		struct words *w = words_open(cases[i].language);
		SCOPED(buf_clear) struct buf b;
		buf_init(&b, 4096);
		words_each(w, slice_of(cases[i].text), join_word, &b);
		if (strcmp(buf_text(&b), cases[i].words) != 0)
			fail_msg("%s: %s", cases[i].why, buf_text(&b));
	}
}

static void
a_long_word_is_known_by_its_beginning(void **state)
{
	SCOPED(words_close) struct words *w = words_open("none");
	SCOPED(buf_clear) struct buf b;
	char text[200];

	(void)state;
	memset(text, 'x', sizeof(text));
	buf_init(&b, 4096);
	words_each(w, slice_make(text, sizeof(text)), join_word, &b);
	assert_int_equal(b.len, INDEX_WORD_MAX + 1);
}

static void
join_span(size_t from, size_t len, void *arg)
{
	buf_addf(arg, "%zu+%zu ", from, len);
}

static void
join_term(struct slice stem, uint64_t documents, void *arg)
{
	buf_addf(arg, "%.*s=%d ", SLICE_ARG(stem), (int)documents);
}

static void
hits_are_shown_where_they_stand(void **state)
{
	SCOPED(index_close) struct index *ix = open_english(*state);
	SCOPED(buf_clear) struct buf b;
	struct error err = {0};

	add_three(ix);
	buf_init(&b, 4096);
	assert_true(index_highlight(ix, slice_of("caf\u00e9 cats"),
				    slice_of("A cat, the Cafe\u0301."),
				    join_span, &b, &err));
	assert_string_equal(buf_text(&b), "2+3 11+6 ");
	buf_reset(&b);
	flush(ix, INDEX_FLUSH);
	assert_true(index_terms(ix, slice_of("milk the milk cats zebra"),
				join_term, &b, &err));
	assert_string_equal(buf_text(&b), "milk=2 cat=2 zebra=0 ");
}

static void
a_word_that_is_being_typed_finds_those_it_begins(void **state)
{
	static const char *const texts[] = {"milk", "milking the goats",
					    "a mill", "mild and milder"};
	SCOPED(index_close) struct index *ix = open_english(*state);
	SCOPED(buf_clear) struct buf b;

	buf_init(&b, 4096);
	for (int i = 0; i < 4; i++)
		add_at(ix, (uint64_t)i + 1, 1, 10, texts[i]);
	index_complete(ix, slice_of("MIL"), 3, join_term, &b);
	assert_string_equal(buf_text(&b), "milk=2 mild=1 milder=1 ");
	flush(ix, INDEX_FLUSH);
	add_at(ix, 5, 1, 10, "the mill by the millpond");
	buf_reset(&b);
	index_complete(ix, slice_of("mil"), 9, join_term, &b);
	assert_string_equal(buf_text(&b),
			    "milk=2 mill=2 mild=1 milder=1 millpond=1 ");
	buf_reset(&b);
	index_complete(ix, slice_of("zebra"), 9, join_term, &b);
	index_complete(ix, slice_of(""), 9, join_term, &b);
	assert_int_equal(b.len, 0);
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(scores_are_bm25_to_the_figure),
		IN_FOLDER(a_repeated_word_counts_each_time),
		IN_FOLDER(a_conversation_has_counts_of_its_own),
		IN_FOLDER(what_is_removed_counts_nowhere),
		IN_FOLDER(the_same_key_again_replaces),
		IN_FOLDER(segments_score_as_one),
		IN_FOLDER(many_small_flushes_leave_few_segments),
		IN_FOLDER(a_purge_leaves_no_word),
		IN_FOLDER(a_purge_removes_what_no_manifest_names),
		IN_FOLDER(another_process_may_write_what_is_mapped_here),
		IN_FOLDER(a_flush_that_was_overtaken_takes_the_others_files),
		IN_FOLDER(a_locked_folder_is_left_to_its_writer),
		IN_FOLDER(what_a_crash_left_is_swept_and_not_read),
		IN_FOLDER(torn_files_are_put_aside_and_replaced),
		IN_FOLDER(damaged_postings_are_found_out_in_use),
		IN_FOLDER(another_language_starts_anew),
		IN_FOLDER(ceilings_are_named),
		IN_FOLDER(hits_are_shown_where_they_stand),
		IN_FOLDER(a_word_that_is_being_typed_finds_those_it_begins),
		cmocka_unit_test(words_are_folded_and_stemmed),
		cmocka_unit_test(a_long_word_is_known_by_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
