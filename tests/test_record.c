/* What record.h promises.  Most tests run as one change of a fresh store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "support_store.h"

#define T0 (INT64_C(1700000000) * CLOCK_SECOND)

static struct error err;
static struct arena arena;

#define GOOD(call) \
	do { \
		if (!(call)) \
			fail_msg("%s: %s", #call, err.text); \
	} while (0)
#define BAD(call, wanted) \
	do { \
		assert_false(call); \
		assert_int_equal(err.code, wanted); \
	} while (0)

typedef void body_fn(struct store_txn *txn);

static bool
run_body(struct store_txn *txn, void *arg, struct error *e)
{
	body_fn **body = arg;

	(void)e;
	(*body)(txn);
	return true;
}

static void
change(void **state, body_fn *body)
{
	struct scratch *s = *state;

	GOOD(store_write(s->store, run_body, &body, &err));
	arena_clear(&arena);
}

#define IN_CHANGE(name) \
	static void name##_body(struct store_txn *txn); \
	static void name(void **state) \
	{ \
		change(state, name##_body); \
	} \
	static void name##_body(struct store_txn *txn)

static struct id
person(struct store_txn *txn, const char *name)
{
	struct profile p = {.name = slice_of(name)};

	GOOD(record_profile_create(txn, &p, &err));
	return p.id;
}

static struct id
talk(struct store_txn *txn, struct id profile, int64_t at)
{
	struct conversation c = {.profile = profile, .created_at = at};

	GOOD(record_conversation_create(txn, &c, &err));
	return c.id;
}

static struct message
say(struct store_txn *txn, struct id profile, struct id conversation,
    const char *text, int64_t at)
{
	struct message m = {.profile = profile,
			    .conversation = conversation,
			    .content = slice_of(text),
			    .created_at = at};

	GOOD(record_message_append(txn, &m, 0, &err));
	return m;
}

static struct conversation
conversation(struct store_txn *txn, struct id profile, struct id id)
{
	struct conversation c;
	bool found;

	GOOD(record_conversation_get(txn, profile, id, &arena, &c, &found,
				     &err));
	assert_true(found);
	return c;
}

static struct memory
know(struct store_txn *txn, struct id profile, const char *key,
     const char *value)
{
	struct memory m = {.profile = profile,
			   .type = MEMORY_FACT,
			   .key = slice_of(key),
			   .value = slice_of(value),
			   .confidence = 1};

	GOOD(record_memory_put(txn, &m, &err));
	return m;
}

IN_CHANGE(a_profile_is_found_by_its_name_in_any_case)
{
	struct profile p = {.name = slice_of("Zoë"),
			    .email = slice_of("Zoe@Example.org")};
	struct profile other = {.name = slice_of("ZOË")}, got;
	bool found;

	GOOD(record_profile_create(txn, &p, &err));
	BAD(record_profile_create(txn, &other, &err), ERROR_CONFLICT);
	GOOD(record_profile_find(txn, slice_of("zoË"), &arena, &got, &found,
				 &err));
	assert_true(found && id_equal(got.id, p.id));
	GOOD(record_profile_by_email(txn, slice_of("zoe@example.org"), &arena,
				     &got, &found, &err));
	assert_true(found);
	p.name = slice_of("Ada");
	GOOD(record_profile_update(txn, &p, &err));
	GOOD(record_profile_find(txn, slice_of("Zoë"), &arena, &got, &found,
				 &err));
	assert_false(found);
}

IN_CHANGE(the_first_writer_makes_the_default_profile_and_no_other)
{
	struct profile p, again;
	struct slice none = {0};

	GOOD(record_profile_ensure(txn, none, &arena, &p, &err));
	GOOD(record_profile_ensure(txn, none, &arena, &again, &err));
	assert_true(id_equal(p.id, again.id));
	assert_true(slice_is(again.name, "default"));
	BAD(record_profile_ensure(txn, slice_of("bob"), &arena, &p, &err),
	    ERROR_NOT_FOUND);
}

IN_CHANGE(one_person_finds_nothing_of_another)
{
	struct id a = person(txn, "a"), b = person(txn, "b"), none = {{0}};
	struct id talk_a = talk(txn, a, T0);
	struct message m = say(txn, a, talk_a, "hello", T0), got;
	struct memory k = know(txn, a, "colour", "blue"), memory;
	struct conversation c;
	char text[ID_TEXT + 1];
	bool found;

	GOOD(record_message_get(txn, b, m.seq, &arena, &got, &found, &err));
	assert_false(found);
	GOOD(record_message_by_id(txn, b, m.id, &arena, &got, &found, &err));
	assert_false(found);
	GOOD(record_conversation_find(txn, b, slice_of(id_format(talk_a, text)),
				      &arena, &c, &found, &err));
	assert_false(found);
	GOOD(record_memory_get(txn, b, k.id, &arena, &memory, &found, &err));
	assert_false(found);
	GOOD(record_conversation_last(txn, b, &arena, &c, &found, &err));
	assert_false(found);
	m.seq = 0;
	m.id = none;
	m.profile = b;
	BAD(record_message_append(txn, &m, 0, &err), ERROR_NOT_FOUND);
	BAD(record_message_get(txn, none, 1, &arena, &got, &found, &err),
	    ERROR_INVALID);
}

IN_CHANGE(an_id_may_be_shortened_while_it_is_unique)
{
	struct id a = person(txn, "a");
	struct conversation one = {.profile = a}, two = {.profile = a}, got;
	char text[ID_TEXT + 1];
	bool found;

	assert_true(id_parse(slice_of("01hf00000000000000000000v1"), &one.id));
	assert_true(id_parse(slice_of("01hf00000000000000000000v2"), &two.id));
	GOOD(record_conversation_create(txn, &one, &err));
	GOOD(record_conversation_create(txn, &two, &err));
	id_format(two.id, text);
	BAD(record_conversation_find(txn, a, slice_make(text, 8), &arena, &got,
				     &found, &err),
	    ERROR_USAGE);
	GOOD(record_conversation_find(txn, a, slice_of(text), &arena, &got,
				      &found, &err));
	assert_true(found && id_equal(got.id, two.id));
	GOOD(record_conversation_find(txn, a, slice_make(text, 5), &arena, &got,
				      &found, &err));
	assert_false(found);
}

IN_CHANGE(conversations_come_newest_first_a_page_at_a_time)
{
	struct id a = person(txn, "a"), ids[5];
	struct conversation *page, c, last;
	size_t n;

	for (int i = 0; i < 5; i++)
		ids[i] = talk(txn, a, T0 + i);
	c = conversation(txn, a, ids[3]);
	c.archived = true;
	GOOD(record_conversation_update(txn, &c, &err));
	say(txn, a, ids[0], "back to the first", T0 + 100);

	struct conversation_page which = {.profile = a, .limit = 2};
	GOOD(record_conversation_list(txn, &which, &arena, &page, &n, &err));
	assert_int_equal(n, 2);
	assert_true(id_equal(page[0].id, ids[0]));
	assert_true(id_equal(page[1].id, ids[4]));
	last = page[1];
	which.after = &last;
	which.limit = 9;
	GOOD(record_conversation_list(txn, &which, &arena, &page, &n, &err));
	assert_int_equal(n, 2);
	assert_true(id_equal(page[0].id, ids[2]));
	assert_true(id_equal(page[1].id, ids[1]));
	which.filter = RECORD_ARCHIVED;
	which.after = NULL;
	GOOD(record_conversation_list(txn, &which, &arena, &page, &n, &err));
	assert_int_equal(n, 1);
}

IN_CHANGE(a_message_is_read_back_as_it_was_written)
{
	static const struct message_memory used[] = {
		{USED_MESSAGE, {{1}}, .5, {"{}", 2}}};
	static const struct message_attachment files[] = {
		{{"a.png", 5}, {"image/png", 9}, {7}, 0}};
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct message m = {.profile = a,
			    .conversation = c,
			    .external_id = slice_of("D1:3"),
			    .role = MESSAGE_ASSISTANT,
			    .speaker = slice_of("Mel"),
			    .content = slice_of("hé"),
			    .created_at = -5,
			    .has_usage = true,
			    .usage = {10, -1, 3, .25},
			    .memories = used,
			    .memory_count = 1,
			    .attachments = files,
			    .attachment_count = 1,
			    .prompt = slice_make("\0\xff", 2)},
		       got,
		       again = {.profile = a,
				.conversation = c,
				.external_id = slice_of("D1:3")};
	bool found;

	GOOD(record_message_append(txn, &m, 0, &err));
	GOOD(record_message_by_external(txn, a, c, slice_of("D1:3"), &arena,
					&got, &found, &err));
	assert_true(found);
	assert_int_equal(got.seq, m.seq);
	assert_int_equal(got.created_at, -5);
	assert_true(slice_is(got.content, "hé"));
	assert_true(slice_is(got.speaker, "Mel"));
	assert_int_equal(got.usage.completion, -1);
	assert_true(got.usage.cost == .25);
	assert_int_equal(got.memory_count, 1);
	assert_true(got.memories[0].score == .5);
	assert_int_equal(got.attachments[0].sha256[0], 7);
	assert_memory_equal(got.prompt.data, "\0\xff", 2);
	BAD(record_message_append(txn, &again, 0, &err), ERROR_CONFLICT);
	again.external_id = (struct slice){0};
	again.content = slice_of("\xff");
	BAD(record_message_append(txn, &again, 0, &err), ERROR_INVALID);
}

static bool
has_bytes(struct store_txn *txn, const struct message *m, uint8_t first)
{
	uint8_t sha256[32] = {first};
	struct slice bytes;
	bool found;

	GOOD(record_attachment_get(txn, m->profile, m->conversation, sha256,
				   &arena, &bytes, &found, &err));
	return found;
}

IN_CHANGE(an_image_s_bytes_stay_as_long_as_a_message_refers_to_them)
{
	static const struct message_attachment files[] = {
		{{"a.png", 5}, {"image/png", 9}, {7}, 0},
		{{"b.png", 5}, {"image/png", 9}, {8}, 0}};
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct message m[2], got;
	struct conversation fork = {0};
	bool found, done;

	for (size_t i = 0; i < 2; i++) {
		m[i] = (struct message){.profile = a,
					.conversation = c,
					.content = slice_of("look"),
					.attachments = files,
					.attachment_count = 2 - i};
		GOOD(record_attachment_put(txn, a, c, files[i].sha256,
					   slice_of("seven bytes"), &err));
		GOOD(record_message_append(txn, &m[i], 0, &err));
	}
	GOOD(record_message_get(txn, a, m[0].seq, &arena, &got, &found, &err));
	assert_int_equal(got.attachments[1].size, 11);
	GOOD(record_conversation_fork(txn, a, c, m[0].seq, &fork, &err));
	GOOD(record_message_redact(txn, a, m[0].seq, false, &err));
	assert_true(has_bytes(txn, &m[1], 7));
	assert_false(has_bytes(txn, &m[1], 8));
	GOOD(record_message_redact(txn, a, m[1].seq, false, &err));
	assert_false(has_bytes(txn, &m[1], 7));
	m[1].conversation = fork.id;
	assert_true(has_bytes(txn, &m[1], 8));
	GOOD(record_conversation_delete(txn, a, fork.id, 100, &done, &err));
	assert_true(done);
	assert_false(has_bytes(txn, &m[1], 8));
}

IN_CHANGE(a_conversation_is_the_path_to_its_head)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct message one = say(txn, a, c, "one", T0);
	struct message two = say(txn, a, c, "two", T0 + 1);
	struct message other = {.profile = a,
				.conversation = c,
				.content = slice_of("other two"),
				.parent = one.seq};
	struct message *path;
	struct message_link *links;
	uint64_t *siblings;
	size_t n;

	GOOD(record_message_append(txn, &other, 0, &err));
	struct message_path to = {.profile = a, .conversation = c};
	GOOD(record_message_path(txn, &to, &arena, &path, &n, &err));
	assert_int_equal(n, 2);
	assert_true(slice_is(path[0].content, "one"));
	assert_true(slice_is(path[1].content, "other two"));
	assert_int_equal(path[1].turn_number, 2);
	to.head = two.seq;
	to.limit = 1;
	GOOD(record_message_path(txn, &to, &arena, &path, &n, &err));
	assert_int_equal(n, 1);
	assert_true(slice_is(path[0].content, "two"));
	GOOD(record_message_siblings(txn, a, other.seq, &arena, &siblings, &n,
				     &err));
	assert_int_equal(n, 2);
	GOOD(record_message_links(txn, a, c, &arena, &links, &n, &err));
	assert_int_equal(n, 3);
	assert_int_equal(links[0].seq, one.seq);
	assert_int_equal(links[0].parent, 0);
	assert_int_equal(links[1].seq, two.seq);
	assert_int_equal(links[2].seq, other.seq);
	assert_int_equal(links[2].parent, one.seq);
	GOOD(record_conversation_set_head(txn, a, c, two.seq, &err));
	assert_int_equal(conversation(txn, a, c).head, two.seq);
	other.conversation = talk(txn, a, T0);
	other.seq = 0;
	other.id = (struct id){{0}};
	other.parent = one.seq;
	BAD(record_message_append(txn, &other, 0, &err), ERROR_INVALID);
}

IN_CHANGE(a_fork_copies_the_path_and_says_so)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct message one = say(txn, a, c, "one", T0);
	struct conversation fork = {0};
	struct message *path;
	size_t n;

	say(txn, a, c, "two", T0 + 1);
	GOOD(record_conversation_fork(txn, a, c, one.seq, &fork, &err));
	const struct message_path all = {.profile = a, .conversation = fork.id};
	GOOD(record_message_path(txn, &all, &arena, &path, &n, &err));
	assert_int_equal(n, 1);
	assert_int_equal(path[0].copy_of, one.seq);
	assert_true(id_equal(conversation(txn, a, fork.id).forked_from, c));
	assert_int_equal(fork.turn_count, 1);
}

IN_CHANGE(a_title_comes_from_the_first_question_cut_at_a_word)
{
	static const struct {
		const char *said, *title;
	} cases[] = {
		{"  hello\nworld", "hello"},
		{"what did we say about the garden fence and its many colours",
		 "what did we say about the garden fence and its many colours"},
		{"what did we say about the garden fence and its many "
		 "colourful "
		 "things",
		 "what did we say about the garden fence and its many..."},
	};
	struct id a = person(txn, "a");

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct id c = talk(txn, a, T0);

		say(txn, a, c, cases[i].said, T0);
		say(txn, a, c, "later", T0);
		assert_string_equal(
			arena_text(&arena, conversation(txn, a, c).title),
			cases[i].title);
	}
}

IN_CHANGE(half_an_hour_of_silence_begins_a_session)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct message one = say(txn, a, c, "one", T0);
	struct message two = say(txn, a, c, "two", T0 + RECORD_SESSION_GAP);
	struct message three =
		say(txn, a, c, "three", T0 + 2 * RECORD_SESSION_GAP + 1);
	struct message named = {.profile = a,
				.conversation = c,
				.session_name = slice_of("s1")};
	uint64_t first;

	assert_int_equal(one.session, two.session);
	assert_int_not_equal(two.session, three.session);
	GOOD(record_message_append(txn, &named, 0, &err));
	first = named.session;
	assert_int_not_equal(first, three.session);
	named.seq = 0;
	named.id = (struct id){{0}};
	GOOD(record_message_append(txn, &named, 0, &err));
	assert_int_equal(named.session, first);
}

IN_CHANGE(an_append_leaves_a_change_and_one_job_to_index)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct message m;
	struct record_scan *scan;
	struct change h = {0};
	struct job *jobs;
	uint64_t since;
	size_t n;

	GOOD(record_change_last(txn, &since, &err));
	m = say(txn, a, c, "one", T0);
	say(txn, a, c, "two", T0);
	scan = record_change_scan(txn, since, &err);
	assert_non_null(scan);
	assert_true(record_change_next(scan, &h));
	assert_int_equal(h.kind, CHANGE_MESSAGE);
	assert_int_equal(h.message_seq, m.seq);
	assert_true(record_change_next(scan, &h));
	assert_false(record_change_next(scan, &h));
	GOOD(record_scan_end(&scan, &err));
	GOOD(record_job_list(txn, slice_of("index"), &arena, &jobs, &n, &err));
	assert_int_equal(n, 1);
	assert_true(id_equal(jobs[0].profile, a));
}

/* Fails the first time it runs, after the append. */
struct twice {
	struct message m;
	int runs;
};

static bool
append_and_undo(struct store_txn *txn, void *arg, struct error *e)
{
	struct twice *t = arg;

	if (!record_message_append(txn, &t->m, 0, e))
		return false;
	return t->runs++ > 0 || error_set(e, ERROR_CANCELLED, "undone");
}

static struct twice twice;

static void
twice_begin(struct store_txn *txn)
{
	twice = (struct twice){.m = {.profile = person(txn, "a")}};
	twice.m.conversation = talk(txn, twice.m.profile, T0);
	say(txn, twice.m.profile, twice.m.conversation, "one", T0);
}

static void
twice_between(struct store_txn *txn)
{
	say(txn, twice.m.profile, twice.m.conversation, "between", T0);
}

static void
an_append_that_runs_again_follows_the_head_of_then(void **state)
{
	struct scratch *s = *state;

	change(state, twice_begin);
	BAD(store_write(s->store, append_and_undo, &twice, &err),
	    ERROR_CANCELLED);
	change(state, twice_between);
	GOOD(store_write(s->store, append_and_undo, &twice, &err));
	assert_int_equal(twice.m.seq, 3);
	assert_int_equal(twice.m.parent, 2);
	assert_int_equal(twice.m.turn_number, 3);
}

IN_CHANGE(a_deleted_conversation_is_gone_at_once_and_whole_in_steps)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct message m = say(txn, a, c, "x", T0), got;
	struct conversation v;
	uint64_t rows;
	struct job *jobs;
	size_t n;
	bool done, found;

	for (int i = 0; i < 9; i++)
		say(txn, a, c, "y", T0 + i);
	GOOD(record_draft_put(txn, a, c, slice_of("so far"), &err));
	GOOD(record_conversation_delete(txn, a, c, 4, &done, &err));
	assert_false(done);
	GOOD(record_conversation_get(txn, a, c, &arena, &v, &found, &err));
	assert_false(found);
	while (!done)
		GOOD(record_conversation_delete(txn, a, c, 4, &done, &err));
	GOOD(record_message_by_id(txn, a, m.id, &arena, &got, &found, &err));
	assert_false(found);
	for (enum store_table t = STORE_CONVERSATIONS; t < STORE_MEMORIES;
	     t++) {
		GOOD(store_count(txn, t, &rows, &err));
		assert_int_equal(rows, 0);
	}
	GOOD(store_count(txn, STORE_DRAFTS, &rows, &err));
	assert_int_equal(rows, 0);
	GOOD(record_job_list(txn, slice_of("delete"), &arena, &jobs, &n, &err));
	assert_int_equal(n, 0);
}

IN_CHANGE(a_deleted_profile_leaves_nothing_and_others_everything)
{
	static const enum store_table kept[] = {STORE_META, STORE_CHANGES};
	struct id a = person(txn, "a"), b = person(txn, "b");
	struct id ca = talk(txn, a, T0), cb = talk(txn, b, T0);
	struct message mb, got;
	bool done = false, found;
	uint64_t rows;

	say(txn, a, ca, "a", T0);
	mb = say(txn, b, cb, "b", T0);
	know(txn, a, "k", "v");
	GOOD(record_setting_put(txn, a, slice_of("s"), slice_of("1"), &err));
	while (!done)
		GOOD(record_profile_delete(txn, a, 3, &done, &err));
	GOOD(record_message_get(txn, b, mb.seq, &arena, &got, &found, &err));
	assert_true(found);
	done = false;
	while (!done)
		GOOD(record_profile_delete(txn, b, 3, &done, &err));
	for (enum store_table t = 0; t < STORE_TABLE_COUNT; t++) {
		if (t == kept[0] || t == kept[1])
			continue;
		GOOD(store_count(txn, t, &rows, &err));
		assert_int_equal(rows, 0);
	}
}

IN_CHANGE(an_answer_that_a_crash_cut_becomes_a_partial_message)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0), none = {{0}};
	struct message q = say(txn, a, c, "why?", T0), got;
	struct journal j = {.message = id_make(),
			    .profile = a,
			    .conversation = c,
			    .parent = q.seq,
			    .updated_at = T0 + 1,
			    .text = slice_of("Beca")};
	struct journal *open;
	bool found;
	size_t n;

	GOOD(record_journal_add(txn, &j, &err));
	j.updated_at++;
	j.text = slice_of("use");
	GOOD(record_journal_add(txn, &j, &err));
	GOOD(record_journal_list(txn, none, &arena, &open, &n, &err));
	assert_int_equal(n, 1);
	GOOD(record_journal_recover(txn, &open[0], &err));
	GOOD(record_journal_recover(txn, &open[0], &err));
	GOOD(record_message_by_id(txn, a, j.message, &arena, &got, &found,
				  &err));
	assert_true(found && got.partial);
	assert_true(slice_is(got.content, "Because"));
	assert_int_equal(got.parent, q.seq);
	GOOD(record_journal_list(txn, a, &arena, &open, &n, &err));
	assert_int_equal(n, 0);
}

IN_CHANGE(what_is_added_to_open_answers_is_joined_for_each_of_them)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct journal one = {
		.message = id_make(), .profile = a, .conversation = c};
	struct journal two = one, *open;
	const int64_t times[] = {T0 + 1, T0 + 2};
	size_t n;

	two.message = id_make();
	BAD(record_journal_add(txn, &one, &err), ERROR_INVALID);
	for (size_t i = 0; i < COUNT(times); i++) {
		one.updated_at = two.updated_at = times[i];
		one.text = slice_of(i ? "ham" : "Notting");
		two.text = slice_of(i ? "ly" : "Real");
		GOOD(record_journal_add(txn, &one, &err));
		GOOD(record_journal_add(txn, &two, &err));
	}
	GOOD(record_journal_list(txn, a, &arena, &open, &n, &err));
	assert_int_equal(n, 2);
	assert_true(slice_is(open[0].text, "Nottingham"));
	assert_true(slice_is(open[1].text, "Really"));
	GOOD(record_journal_end(txn, a, one.message, times, 2, &err));
	GOOD(record_journal_list(txn, a, &arena, &open, &n, &err));
	assert_int_equal(n, 1);
	assert_true(slice_is(open[0].text, "Really"));
	GOOD(record_journal_drop(txn, &open[0], &err));
	GOOD(record_journal_list(txn, a, &arena, &open, &n, &err));
	assert_int_equal(n, 0);
}

static bool
says_nottingham(void *arg, struct slice text)
{
	(void)arg;
	return slice_find(text, slice_of("Nottingham")) < text.len;
}

IN_CHANGE(an_open_answer_is_redacted_though_it_came_in_parts)
{
	struct id a = person(txn, "a"), c = talk(txn, a, T0);
	struct journal j = {.message = id_make(),
			    .profile = a,
			    .conversation = c,
			    .updated_at = T0 + 1,
			    .text = slice_of("In Notting")};
	struct journal *open;
	size_t n;

	GOOD(record_journal_add(txn, &j, &err));
	j.updated_at++;
	j.text = slice_of("ham then");
	GOOD(record_journal_add(txn, &j, &err));
	GOOD(record_redact(txn, a, says_nottingham, NULL, &err));
	GOOD(record_journal_list(txn, a, &arena, &open, &n, &err));
	assert_int_equal(n, 1);
	assert_true(slice_is(open[0].text, RECORD_FORGOTTEN_TEXT));
}

IN_CHANGE(a_memory_keeps_every_version)
{
	struct id a = person(txn, "a");
	struct memory m = know(txn, a, "City", "Rome"), got, *versions;
	struct record_scan *scan;
	bool found;
	size_t n;

	assert_int_equal(m.version, 0);
	GOOD(record_memory_get(txn, a, m.id, &arena, &got, &found, &err));
	assert_int_equal(got.version, 1);
	got.value = slice_of("Oslo");
	GOOD(record_memory_put(txn, &got, &err));
	m.version = 1;
	BAD(record_memory_put(txn, &m, &err), ERROR_CONFLICT);
	GOOD(record_memory_versions(txn, a, m.id, &arena, &versions, &n, &err));
	assert_int_equal(n, 2);
	assert_true(slice_is(versions[0].value, "Rome"));
	assert_true(slice_is(versions[1].value, "Oslo"));
	scan = record_memory_scan_key(txn, a, slice_of("cITY"), &err);
	assert_true(record_memory_next(scan, &arena, &got));
	assert_true(slice_is(got.value, "Oslo"));
	assert_false(record_memory_next(scan, &arena, &got));
	GOOD(record_scan_end(&scan, &err));
}

IN_CHANGE(memories_are_listed_by_type_and_time)
{
	struct id a = person(txn, "a");
	struct memory m = {.profile = a, .value = slice_of("tea")}, got;
	struct record_scan *scan;
	int n = 0;

	for (int i = 0; i < 3; i++) {
		m.id = (struct id){{0}};
		m.type = i == 1 ? MEMORY_GOAL : MEMORY_HABIT;
		m.created_at = T0 - i;
		GOOD(record_memory_put(txn, &m, &err));
	}
	scan = record_memory_scan(txn, a, MEMORY_HABIT, true, &err);
	for (int64_t at = INT64_MAX; record_memory_next(scan, &arena, &got);
	     at = got.created_at, n++)
		assert_true(got.created_at < at && got.type == MEMORY_HABIT);
	GOOD(record_scan_end(&scan, &err));
	assert_int_equal(n, 2);
	scan = record_memory_scan(txn, a, MEMORY_TYPE_COUNT, false, &err);
	for (n = 0; record_memory_next(scan, &arena, &got);)
		n++;
	GOOD(record_scan_end(&scan, &err));
	assert_int_equal(n, 3);
}

IN_CHANGE(what_was_forgotten_is_known_again_but_not_kept)
{
	struct id a = person(txn, "a"), b = person(txn, "b");
	struct memory m = know(txn, a, "k", "Ana likes  Égalité."), *versions;
	struct record_fingerprint *prints;
	bool forgotten;
	size_t n;

	GOOD(record_memory_forget(txn, a, m.id, &err));
	GOOD(record_memory_versions(txn, a, m.id, &arena, &versions, &n, &err));
	assert_int_equal(n, 0);
	GOOD(record_forgotten(txn, a, slice_of("\"ana likes égalité!\""),
			      &forgotten, &err));
	assert_true(forgotten);
	GOOD(record_forgotten(txn, a, slice_of("ana likes liberté"), &forgotten,
			      &err));
	assert_false(forgotten);
	GOOD(record_forgotten(txn, b, slice_of("ana likes égalité"), &forgotten,
			      &err));
	assert_false(forgotten);
	GOOD(record_forgotten_list(txn, a, &arena, &prints, &n, &err));
	assert_int_equal(n, 1);
}

IN_CHANGE(a_job_is_leased_to_one_at_a_time)
{
	struct job j = {.kind = slice_of("learn"), .due = T0}, mine, theirs;
	struct job_lease by_a = {.kind = j.kind,
				 .owner = slice_of("a"),
				 .now = T0 - 1,
				 .until = T0 + 9};
	struct job_lease by_b = {.kind = j.kind,
				 .owner = slice_of("b"),
				 .now = T0 + 8,
				 .until = T0 + 20};
	bool found;

	GOOD(record_job_add(txn, &j, &err));
	GOOD(record_job_lease(txn, &by_a, &arena, &mine, &found, &err));
	assert_false(found);
	by_a.now = T0;
	GOOD(record_job_lease(txn, &by_a, &arena, &mine, &found, &err));
	assert_true(found);
	GOOD(record_job_lease(txn, &by_b, &arena, &theirs, &found, &err));
	assert_false(found);
	by_b.now = T0 + 9;
	GOOD(record_job_lease(txn, &by_b, &arena, &theirs, &found, &err));
	assert_true(found);
	assert_int_equal(theirs.attempts, 2);
	BAD(record_job_finish(txn, &mine, &err), ERROR_CONFLICT);
	GOOD(record_job_finish(txn, &theirs, &err));
	BAD(record_job_finish(txn, &theirs, &err), ERROR_CONFLICT);
}

IN_CHANGE(a_job_that_keeps_failing_waits_longer_and_is_put_aside)
{
	struct job j = {.kind = slice_of("learn"), .due = T0}, got, *list;
	struct slice kind = j.kind;
	struct job_lease lease = {.kind = kind, .owner = slice_of("me")};
	int64_t now = T0, due, wait = 0;
	bool found;
	size_t n;

	GOOD(record_job_add(txn, &j, &err));
	for (int i = 0; i < 3; i++) {
		lease.now = now;
		lease.until = now + 5;
		GOOD(record_job_lease(txn, &lease, &arena, &got, &found, &err));
		assert_true(found);
		GOOD(record_job_fail(txn, &got, slice_of("no luck"), now, -1, 3,
				     &err));
		GOOD(record_job_next_due(txn, kind, &due, &err));
		if (i < 2)
			assert_true(due - now > wait);
		wait = due - now;
		now = due;
	}
	assert_int_equal(due, 0);
	GOOD(record_job_list(txn, kind, &arena, &list, &n, &err));
	assert_int_equal(n, 1);
	assert_true(list[0].poison && slice_is(list[0].error, "no luck"));
	lease.now = lease.until = INT64_MAX;
	GOOD(record_job_lease(txn, &lease, &arena, &got, &found, &err));
	assert_false(found);
}

IN_CHANGE(rows_of_a_newer_program_and_damaged_ones_are_told_apart)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum error_code code;
		const char *why;
	} rows[] = {
		{"", 0, ERROR_IO, "empty"},
		{"\0", 1, ERROR_IO, "no version"},
		{"\x7f", 1, ERROR_SETUP, "a later version"},
		{"\1abc", 4, ERROR_IO, "cut"},
	};
	struct id a = person(txn, "a"), bad = id_make();
	struct conversation c;
	char key[32];
	bool found;

	memcpy(key, a.bytes, 16);
	memcpy(key + 16, bad.bytes, 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		GOOD(store_put(txn, STORE_CONVERSATIONS, slice_make(key, 32),
			       slice_make(rows[i].bytes, rows[i].len), &err));
		if (record_conversation_get(txn, a, bad, &arena, &c, &found,
					    &err) ||
		    err.code != rows[i].code)
			fail_msg("%s", rows[i].why);
	}
}

static void
an_owner_is_alive_until_its_process_ends(void **state)
{
	char me[64];

	(void)state;
	assert_true(record_owner_alive(slice_of(record_owner_make(me))));
	assert_false(record_owner_alive(slice_of("1:1")));
	assert_false(record_owner_alive(slice_of("junk")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(a_profile_is_found_by_its_name_in_any_case),
		WITH_STORE(
			the_first_writer_makes_the_default_profile_and_no_other),
		WITH_STORE(one_person_finds_nothing_of_another),
		WITH_STORE(an_id_may_be_shortened_while_it_is_unique),
		WITH_STORE(conversations_come_newest_first_a_page_at_a_time),
		WITH_STORE(a_message_is_read_back_as_it_was_written),
		WITH_STORE(
			an_image_s_bytes_stay_as_long_as_a_message_refers_to_them),
		WITH_STORE(a_conversation_is_the_path_to_its_head),
		WITH_STORE(a_fork_copies_the_path_and_says_so),
		WITH_STORE(a_title_comes_from_the_first_question_cut_at_a_word),
		WITH_STORE(half_an_hour_of_silence_begins_a_session),
		WITH_STORE(an_append_leaves_a_change_and_one_job_to_index),
		WITH_STORE(an_append_that_runs_again_follows_the_head_of_then),
		WITH_STORE(
			a_deleted_conversation_is_gone_at_once_and_whole_in_steps),
		WITH_STORE(
			a_deleted_profile_leaves_nothing_and_others_everything),
		WITH_STORE(
			an_answer_that_a_crash_cut_becomes_a_partial_message),
		WITH_STORE(
			what_is_added_to_open_answers_is_joined_for_each_of_them),
		WITH_STORE(an_open_answer_is_redacted_though_it_came_in_parts),
		WITH_STORE(a_memory_keeps_every_version),
		WITH_STORE(memories_are_listed_by_type_and_time),
		WITH_STORE(what_was_forgotten_is_known_again_but_not_kept),
		WITH_STORE(a_job_is_leased_to_one_at_a_time),
		WITH_STORE(
			a_job_that_keeps_failing_waits_longer_and_is_put_aside),
		WITH_STORE(
			rows_of_a_newer_program_and_damaged_ones_are_told_apart),
		cmocka_unit_test(an_owner_is_alive_until_its_process_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
