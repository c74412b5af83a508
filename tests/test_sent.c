/* What a person sent before is what that person sent, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/store.h"
#include "support_store.h"

enum { MOST = 8 };

struct talk {
	struct id person;
	struct conversation c, fork;
	uint64_t last;
};

static bool
say(struct store_txn *txn, struct talk *t, enum message_role role,
    const char *speaker, const char *text, struct error *err)
{
	struct message m = {.profile = t->person,
			    .conversation = t->c.id,
			    .role = role,
			    .speaker = slice_of(speaker),
			    .content = slice_of(text)};

	m.parent = t->last;
	if (!record_message_append(txn, &m, 0, err))
		return false;
	t->last = m.seq;
	return true;
}

static bool
fill(struct store_txn *txn, void *arg, struct error *err)
{
	struct talk *t = arg;

	t->last = 0;
	t->c = (struct conversation){.profile = t->person};
	t->fork = (struct conversation){.profile = t->person};
	return record_conversation_create(txn, &t->c, err) &&
	       say(txn, t, MESSAGE_USER, NULL, "the boat is red", err) &&
	       say(txn, t, MESSAGE_ASSISTANT, NULL, "so it is", err) &&
	       say(txn, t, MESSAGE_USER, "Caroline", "my boat is blue", err) &&
	       say(txn, t, MESSAGE_USER, NULL, "a longer text of it", err) &&
	       say(txn, t, MESSAGE_USER, NULL, "the last one", err) &&
	       record_conversation_fork(txn, t->person, t->c.id, t->last,
					&t->fork, err);
}

static void
only_what_the_person_sent_comes_newest_first_and_once(void **state)
{
	static const struct {
		const char *having;
		size_t longest, most;
		const char *texts[MOST];
	} cases[] = {
		{"",
		 100,
		 MOST,
		 {"the last one", "a longer text of it", "the boat is red"}},
		{"", 15, MOST, {"the last one", "the boat is red"}},
		{"", 100, 1, {"the last one"}},
		{"BOAT", 100, MOST, {"the boat is red"}},
		{"so it", 100, MOST, {NULL}},
	};
	struct scratch *s = *state;
	struct talk t = {.person = scratch_person(s)};
	struct error err = {0};

	assert_true(store_write(s->store, fill, &t, &err));
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct chat_sent wanted = {
			.profile = t.person,
			.having = slice_of(cases[i].having),
			.longest = cases[i].longest,
			.most = cases[i].most};
		char *texts[MOST];
		size_t n, all = 0;

		assert_true(chat_sent(s->store, &wanted, texts, &n, &err));
		while (all < MOST && cases[i].texts[all])
			all++;
		assert_int_equal(n, all);
		for (size_t k = 0; k < n; k++) {
			assert_string_equal(texts[k], cases[i].texts[k]);
			free(texts[k]);
		}
	}
}

static void
another_person_sent_nothing(void **state)
{
	struct scratch *s = *state;
	struct talk t = {.person = scratch_person(s)};
	const struct chat_sent wanted = {
		.profile = id_make(), .longest = 100, .most = MOST};
	struct error err = {0};
	char *texts[MOST];
	size_t n;

	assert_true(store_write(s->store, fill, &t, &err));
	assert_true(chat_sent(s->store, &wanted, texts, &n, &err));
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(
			only_what_the_person_sent_comes_newest_first_and_once),
		WITH_STORE(another_person_sent_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
