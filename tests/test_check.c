/* A sound store has no problems, and each kind of damage is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "support_store.h"

static bool
attach(struct store_txn *txn, struct message *m, struct error *err)
{
	static struct message_attachment image = {
		.name = {"a.png", 5}, .media_type = {"image/png", 9}};
	struct slice bytes = slice_of("bytes of an image");

	m->attachments = &image;
	m->attachment_count = 1;
	return digest_sha256(bytes, image.sha256, err) &&
	       record_attachment_put(txn, m->profile, m->conversation,
				     image.sha256, bytes, err);
}

/* A password, a key of a program, and what another calls the person. */
static bool
prove(struct store_txn *txn, struct id profile, struct error *err)
{
	struct identity identity = {.issuer = slice_of("https://a.example"),
				    .subject = slice_of("ada")};
	struct api_key key = {.profile = profile,
			      .hash = {1, 2, 3},
			      .name = slice_of("tool")};

	return record_password_put(txn, profile, slice_of("$argon2id$"), err) &&
	       record_identity_put(txn, profile, &identity, err) &&
	       record_api_key_put(txn, &key, err);
}

/* A life of every kind of record. */
static bool
live(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct profile p = {.name = slice_of("Ada"),
			    .email = slice_of("ada@example.org"),
			    .external_id = slice_of("a-1")};
	struct conversation c = {.external_id = slice_of("c-1")}, fork = {0};
	struct memory m = {.type = MEMORY_FACT,
			   .key = slice_of("sister"),
			   .value = slice_of("Ana is allergic to peanuts"),
			   .confidence = 1,
			   .importance = .8};
	uint64_t head = 0;

	(void)arg;
	if (!record_profile_create(txn, &p, err) || !prove(txn, p.id, err))
		return false;
	c.profile = m.profile = p.id;
	if (!record_conversation_create(txn, &c, err))
		return false;
	for (int i = 0; i < 6; i++) {
		struct message said = {
			.profile = p.id,
			.conversation = c.id,
			.role = i % 2 ? MESSAGE_ASSISTANT : MESSAGE_USER,
			.content = slice_of("words"),
			.external_id = slice_of(i == 2 ? "m-2" : "")};
		if ((i == 2 && !attach(txn, &said, err)) ||
		    !record_message_append(txn, &said, 0, err))
			return false;
		head = i == 3 ? said.seq : head;
	}
	struct memory_source from[] = {{.conversation = c.id, .turn = 1},
				       {.conversation = c.id, .turn = 3}};
	m.sources = from;
	m.source_count = COUNT(from);
	if (!record_memory_put(txn, &m, err))
		return false;
	m.version = 1;
	m.value = slice_of("Ana is allergic to nuts");
	return record_memory_put(txn, &m, err) &&
	       record_conversation_fork(txn, p.id, c.id, head, &fork, err);
}

static uint64_t
problems(struct store *store)
{
	struct error err = {0};
	struct record_check found;
	SCOPED(store_end) struct store_txn *txn = store_read(store, &err);

	assert_non_null(txn);
	assert_true(record_check(txn, NULL, NULL, &found, &err));
	return found.problems;
}

static void
a_sound_store_has_none(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	struct record_check found;

	assert_int_equal(problems(s->store), 0);
	assert_true(store_write(s->store, live, NULL, &err));
	SCOPED(store_end) struct store_txn *txn = store_read(s->store, &err);
	assert_true(record_check(txn, NULL, NULL, &found, &err));
	assert_int_equal(found.problems, 0);
	assert_int_equal(found.profiles, 1);
	assert_int_equal(found.conversations, 2);
	assert_int_equal(found.messages, 10);
	assert_int_equal(found.memories, 1);
}

struct damage {
	enum store_table table;
	enum { DROP_FIRST, ADD_ROW, BREAK_FIRST } how;
	const char *what;
};

static bool
first_row(struct store_txn *txn, enum store_table table, struct slice *key,
	  struct slice *value, struct error *err)
{
	SCOPED(store_scan_drop)
	struct store_cursor *c = store_scan(txn, table, (struct slice){0},
					    (struct slice){0}, false, err);

	return c && store_next(c, key, value);
}

static bool
harm(struct store_txn *txn, void *arg, struct error *err)
{
	const struct damage *d = arg;
	struct slice key, value;
	char name[STORE_KEY_MAX], bytes[4096];

	if (!first_row(txn, d->table, &key, &value, err))
		return error_set(err, ERROR_NOT_FOUND, "an empty table");
	assert_true(value.len < sizeof(bytes));
	memcpy(name, key.data, key.len);
	memcpy(bytes, value.data, value.len);
	if (d->how == DROP_FIRST)
		return store_delete(txn, d->table, slice_make(name, key.len),
				    NULL, err);
	if (d->how == ADD_ROW)
		name[key.len - 1] ^= 0x55;
	else
		bytes[value.len / 2] ^= 0x7F;
	return store_put(txn, d->table, slice_make(name, key.len),
			 slice_make(bytes, value.len), err);
}

static void
each_damage_is_found(void **state)
{
	static const struct damage damages[] = {
		{STORE_PROFILES, DROP_FIRST, "records of nobody"},
		{STORE_PROFILE_NAMES, DROP_FIRST, "a name that is not found"},
		{STORE_PROFILE_NAMES, ADD_ROW, "a name too many"},
		{STORE_API_KEYS, DROP_FIRST, "a key that is looked up"},
		{STORE_API_KEYS, ADD_ROW, "a key that is not found"},
		{STORE_IDENTITIES, ADD_ROW, "a password of nobody"},
		{STORE_CONVERSATIONS, DROP_FIRST, "messages of none"},
		{STORE_CONVERSATION_ORDER, DROP_FIRST, "not in the list"},
		{STORE_CONVERSATION_ORDER, ADD_ROW, "twice in the list"},
		{STORE_CONVERSATION_EXTERNAL, DROP_FIRST, "its other id"},
		{STORE_MESSAGES, DROP_FIRST, "a hole in a conversation"},
		{STORE_MESSAGES, ADD_ROW, "a message under two numbers"},
		{STORE_MESSAGE_IDS, DROP_FIRST, "not found by its id"},
		{STORE_MESSAGE_IDS, BREAK_FIRST, "its id leads elsewhere"},
		{STORE_MESSAGE_EXTERNAL, DROP_FIRST, "its other id"},
		{STORE_CONVERSATION_MESSAGES, DROP_FIRST, "out of its tree"},
		{STORE_CONVERSATION_MESSAGES, BREAK_FIRST, "another parent"},
		{STORE_PROFILE_MESSAGES, DROP_FIRST, "not the person's"},
		{STORE_PROFILE_MESSAGES, ADD_ROW, "another's"},
		{STORE_ATTACHMENTS, DROP_FIRST, "an image without bytes"},
		{STORE_ATTACHMENTS, ADD_ROW, "bytes of no message"},
		{STORE_ATTACHMENTS, BREAK_FIRST, "other bytes"},
		{STORE_MEMORIES, DROP_FIRST, "versions of nothing"},
		{STORE_MEMORY_ORDER, DROP_FIRST, "not in time"},
		{STORE_MEMORY_KEYS, DROP_FIRST, "not by its key"},
		{STORE_MEMORY_KEYS, ADD_ROW, "a key too many"},
		{STORE_MEMORY_SOURCES, DROP_FIRST, "not by its source"},
		{STORE_MEMORY_VERSIONS, ADD_ROW, "another's version"},
	};
	struct scratch *s = *state;

	for (size_t i = 0; i < COUNT(damages); i++) {
		struct error err = {0};
		struct damage d = damages[i];

		scratch_drop(state);
		scratch_make(state);
		s = *state;
		assert_true(store_write(s->store, live, NULL, &err));
		assert_int_equal(problems(s->store), 0);
		if (!store_write(s->store, harm, &d, &err))
			fail_msg("%s: %s", d.what, err.text);
		if (problems(s->store) == 0)
			fail_msg("not found: %s", d.what);
	}
}

static bool
delete_a_little(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct profile *people;
	size_t n;
	bool done;

	(void)arg;
	return record_profile_list(txn, &arena, &people, &n, err) && n == 1 &&
	       record_profile_delete(txn, people[0].id, 3, &done, err);
}

static void
a_person_half_deleted_is_no_problem(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};

	assert_true(store_write(s->store, live, NULL, &err));
	assert_true(store_write(s->store, delete_a_little, NULL, &err));
	assert_int_equal(problems(s->store), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(a_sound_store_has_none),
		WITH_STORE(each_damage_is_found),
		WITH_STORE(a_person_half_deleted_is_no_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
