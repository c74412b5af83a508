/*
 * Each person is a world of their own.
 *
 * 200 people live in one store, with the same words, keys and external ids;
 * each text bears its owner's mark.  Random operations are done in random
 * people's names, also with ids that are others'.  Whatever comes back bears
 * the asker's mark or is nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "mneme/transfer.h"
#include "support_store.h"

enum { PEOPLE = 200, STEPS = 2400, KEPT = 8 };

struct person {
	struct id id;
	char mark[16];
	struct id rooms[KEPT], memories[KEPT], messages[KEPT];
	uint64_t seqs[KEPT];
	size_t room_count, memory_count, message_count;
};

struct crowd {
	struct scratch *scratch;
	struct memory_engine *engine;
	struct arena arena;
	struct person people[PEOPLE];
	unsigned seed;
	struct person *who;   /* in whose name ... */
	struct person *other; /* ... and whose ids */
	size_t foreign_seen;  /* attempts on what is another's */
	struct error err;
};

static unsigned
dice(struct crowd *c, unsigned sides)
{
	c->seed = c->seed * 1103515245 + 12345;
	return (c->seed >> 16) % sides;
}

static const char *
text_of(struct crowd *c, const struct person *p)
{
	static const char *const words[] = {"tea", "garden", "Bonn", "sister",
					    "boat"};

	return arena_printf(&c->arena, "%s likes the %s and the %s", p->mark,
			    words[dice(c, COUNT(words))],
			    words[dice(c, COUNT(words))]);
}

/* Every mark in the text is the asker's. */
static void
only_own(const struct crowd *c, struct slice text, const char *where)
{
	for (size_t i = 0; i + 8 <= text.len; i++)
		if (memcmp(text.data + i, "mark", 4) == 0 &&
		    memcmp(text.data + i, c->who->mark, 8) != 0)
			fail_msg("%s saw %.*s in %s", c->who->mark,
				 SLICE_ARG(text), where);
}

static bool
make_people(struct store_txn *txn, void *arg, struct error *err)
{
	struct crowd *c = arg;

	for (unsigned i = 0; i < PEOPLE; i++) {
		struct person *one = &c->people[i];
		struct profile p = {0};

		snprintf(one->mark, sizeof(one->mark), "mark%04u", i);
		p.name = slice_of(one->mark);
		if (!record_profile_create(txn, &p, err))
			return false;
		one->id = p.id;
	}
	return true;
}

/* ---- what a person does ---- */

static bool
begin_room(struct store_txn *txn, struct crowd *c, struct error *err)
{
	struct person *p = c->who;
	struct conversation room = {.profile = p->id,
				    .title = slice_of(text_of(c, p)),
				    /* The same for everybody. */
				    .external_id = slice_of(arena_printf(
					    &c->arena, "c%zu", p->room_count))};

	if (p->room_count == KEPT)
		return true;
	if (!record_conversation_create(txn, &room, err))
		return false;
	p->rooms[p->room_count++] = room.id;
	return record_draft_put(txn, p->id, room.id, slice_of(text_of(c, p)),
				err);
}

static bool
say(struct store_txn *txn, struct crowd *c, struct error *err)
{
	struct person *p = c->who;

	if (p->room_count == 0)
		return begin_room(txn, c, err);
	struct message m = {.profile = p->id,
			    .conversation =
				    p->rooms[dice(c, (unsigned)p->room_count)],
			    .content = slice_of(text_of(c, p)),
			    .speaker = slice_of(p->mark)};
	size_t at = p->message_count++ % KEPT;

	if (!record_message_append(txn, &m, 0, err))
		return false;
	p->messages[at] = m.id;
	p->seqs[at] = m.seq;
	return true;
}

static bool
learn(struct store_txn *txn, struct crowd *c, struct error *err)
{
	struct person *p = c->who;
	struct memory_source source = {.quote = slice_of(text_of(c, p))};
	struct memory m = {.profile = p->id,
			   .key = slice_of("tea"),
			   .value = slice_of(text_of(c, p)),
			   .confidence = 1,
			   .importance = 1,
			   .sources = &source,
			   .source_count = 1};

	if (p->room_count)
		source.conversation = p->rooms[0];
	if (p->message_count)
		source.message = p->messages[0];
	if (!record_memory_put(txn, &m, err))
		return false;
	p->memories[p->memory_count++ % KEPT] = m.id;
	return true;
}

/* It must fail, and as if the thing were not there. */
static void
must_not(struct crowd *c, bool good, const struct error *err, const char *what)
{
	c->foreign_seen++;
	if (good ||
	    (err->code != ERROR_NOT_FOUND && err->code != ERROR_INVALID))
		fail_msg("%s could %s of %s: %s", c->who->mark, what,
			 c->other->mark, err->text);
}

static bool
meddle(struct store_txn *txn, struct crowd *c, struct error *err)
{
	struct person *p = c->who, *o = c->other;
	struct memory_edit edit = memory_edit_nothing;
	struct error why = {0};

	(void)err;
	edit.value = slice_of("taken over");
	if (o->memory_count) {
		struct id id = o->memories[0];
		struct memory_forgetting f = {.profile = p->id,
					      .ids = &id,
					      .count = 1,
					      .messages = true,
					      .arena = &c->arena};

		must_not(c,
			 memory_edit(txn, p->id, id, &edit, &c->arena, NULL,
				     &why),
			 &why, "edit a memory");
		must_not(c,
			 memory_restore(txn, p->id, id, 1, &c->arena, NULL,
					&why),
			 &why, "restore a memory");
		must_not(c, memory_forget_all(txn, &f, &why), &why,
			 "forget a memory");
	}
	if (o->message_count) {
		struct message m = {.profile = p->id,
				    .conversation = o->rooms[0],
				    .content = slice_of("a word")};
		struct conversation copy = {0};

		must_not(c, record_message_append(txn, &m, 0, &why), &why,
			 "say something in a conversation");
		must_not(c,
			 record_message_redact(txn, p->id, o->seqs[0], true,
					       &why),
			 &why, "redact a message");
		must_not(c,
			 record_conversation_fork(txn, p->id, o->rooms[0],
						  o->seqs[0], &copy, &why),
			 &why, "fork a conversation");
	}
	return true;
}

static bool
act(struct store_txn *txn, void *arg, struct error *err)
{
	static bool (*const acts[])(struct store_txn * txn, struct crowd * c,
				    struct error * err) = {
		begin_room, say, say, say, learn, meddle};
	struct crowd *c = arg;

	return acts[dice(c, COUNT(acts))](txn, c, err);
}

/* ---- what a person sees ---- */

static void
see_lists(struct crowd *c, struct store_txn *txn)
{
	const struct memory_filter all = {.profile = c->who->id,
					  .type = MEMORY_TYPE_COUNT,
					  .state = MEMORY_STATE_COUNT,
					  .key = slice_of("tea")};
	struct conversation *rooms;
	struct memory *memories;
	size_t n;

	assert_true(memory_list(txn, &all, NULL, 100, &c->arena, &memories, &n,
				&c->err));
	for (size_t i = 0; i < n; i++)
		only_own(c, memories[i].value, "a list of memories");
	const struct conversation_page page = {
		.profile = c->who->id, .filter = RECORD_ALL, .limit = 100};
	assert_true(record_conversation_list(txn, &page, &c->arena, &rooms, &n,
					     &c->err));
	for (size_t i = 0; i < n; i++)
		only_own(c, rooms[i].title, "a list of conversations");
}

/* By ids that are another's: nothing is there. */
static void
see_others(struct crowd *c, struct store_txn *txn)
{
	struct person *p = c->who, *o = c->other;
	struct conversation room;
	struct message m;
	struct memory memory;
	struct slice draft;
	char id[ID_TEXT + 1];
	bool found;

	assert_true(record_conversation_by_external(
		txn, p->id, slice_of("c0"), &c->arena, &room, &found, &c->err));
	if (found)
		only_own(c, room.title, "a conversation by its external id");
	if (o->message_count) {
		assert_true(record_message_by_id(txn, p->id, o->messages[0],
						 &c->arena, &m, &found,
						 &c->err));
		assert_false(found);
		assert_true(record_message_get(txn, p->id, o->seqs[0],
					       &c->arena, &m, &found, &c->err));
		assert_false(found);
		assert_true(record_conversation_get(txn, p->id, o->rooms[0],
						    &c->arena, &room, &found,
						    &c->err));
		assert_false(found);
		assert_true(record_draft_get(txn, p->id, o->rooms[0], &c->arena,
					     &draft, &c->err));
		assert_int_equal(draft.len, 0);
		c->foreign_seen += 4;
	}
	if (o->memory_count) {
		assert_true(record_memory_find(
			txn, p->id, slice_of(id_format(o->memories[0], id)),
			&c->arena, &memory, &found, &c->err));
		assert_false(found);
		c->foreign_seen++;
	}
}

static void
see_search(struct crowd *c)
{
	struct memory_results results;
	struct memory_query q = {.profile = c->who->id,
				 .text = slice_of(text_of(c, c->other)),
				 .k = 20};

	/* Also where the search is limited to another's conversation. */
	if (c->other->room_count && dice(c, 2))
		q.conversation = c->other->rooms[0];
	if (!memory_recall(c->engine, &q, &c->arena, &results, &c->err))
		return;
	for (size_t i = 0; i < results.count; i++) {
		only_own(c, results.items[i].text, "a search");
		only_own(c, results.items[i].title, "a search's titles");
	}
}

static bool
collect(void *arg, struct slice lines, struct error *err)
{
	(void)err;
	return buf_add_slice(arg, lines);
}

static void
see_export(struct crowd *c, struct store_txn *txn)
{
	SCOPED(buf_clear) struct buf out;

	buf_init(&out, 64 << 20);
	assert_true(transfer_export(txn, c->who->id, TRANSFER_FORGOTTEN,
				    collect, &out, &c->err));
	only_own(c, buf_slice(&out), "an export");
}

static void
look(struct crowd *c)
{
	unsigned what = dice(c, 8);
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(c->scratch->store, &c->err);

		see_lists(c, txn);
		see_others(c, txn);
		if (what == 0)
			see_export(c, txn);
	}
	if (what < 3)
		see_search(c);
}

static void
two_hundred_people_never_see_each_other(void **state)
{
	const struct memory_settings settings = {.language = "english"};
	struct crowd *c = xcalloc(1, sizeof(*c));

	c->scratch = *state;
	c->seed = 11;
	c->engine = memory_open(c->scratch->store, &settings, &c->err);
	assert_true(store_write(c->scratch->store, make_people, c, &c->err));
	for (int step = 0; step < STEPS; step++) {
		/* Some are seen often, so that much comes together. */
		c->who = &c->people[dice(c, step % 2 ? PEOPLE : 12)];
		do {
			c->other = &c->people[dice(c, PEOPLE)];
		} while (c->other == c->who);
		if (!store_write(c->scratch->store, act, c, &c->err))
			fail_msg("%s", c->err.text);
		if (step % 4 == 0)
			look(c);
		arena_reset(&c->arena);
	}
	assert_true(c->foreign_seen > STEPS / 2);
	memory_close(&c->engine);
	arena_clear(&c->arena);
	free(c);
}

/* ---- nobody is not everybody ---- */

static void
no_person_is_an_error_and_never_all(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	SCOPED(arena_clear) struct arena arena = {0};
	const struct memory_settings settings = {.language = "english"};
	struct memory_engine *engine = memory_open(s->store, &settings, &err);
	SCOPED(buf_clear) struct buf out;
	struct memory_results results;
	struct memory_stats stats;
	struct memory *list;
	struct id nobody = {{0}};
	size_t n;
	const struct memory_filter all = {.type = MEMORY_TYPE_COUNT,
					  .state = MEMORY_STATE_COUNT};
	const struct memory_query q = {.text = slice_of("tea"), .k = 10};

	buf_init(&out, 1 << 20);
	assert_false(memory_recall(engine, &q, &arena, &results, &err));
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(s->store, &err);

		assert_false(memory_list(txn, &all, NULL, 9, &arena, &list, &n,
					 &err));
		assert_int_equal(err.code, ERROR_INVALID);
		assert_false(memory_stats(txn, nobody, &stats, &err));
		assert_false(
			transfer_export(txn, nobody, 0, collect, &out, &err));
		assert_null(record_message_scan(txn, nobody, nobody, 0, false,
						&err));
	}
	memory_close(&engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(two_hundred_people_never_see_each_other),
		WITH_STORE(no_person_is_an_error_and_never_all),
	};
	int failed =
		cmocka_run_group_tests_name("isolation", tests, NULL, NULL);

	if (!failed)
		printf("isolation: %d people, %d operations: nobody saw "
		       "another's\n",
		       PEOPLE, STEPS);
	return failed;
}
