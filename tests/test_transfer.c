/*
 * Out and in again: nothing is lost, nothing doubled, and what other programs
 * export comes in with its branches.
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
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/memory.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "mneme/transfer.h"
#include "support_store.h"

struct world {
	struct scratch *scratch;
	struct arena arena;
	struct id profile;
	unsigned seed;
	struct buf bad; /* what was told, a line each */
	struct error err;
};

static unsigned
dice(struct world *w, unsigned sides)
{
	w->seed = w->seed * 1103515245 + 12345;
	return (w->seed >> 16) % sides;
}

static void
run(struct world *w, store_change_fn *change)
{
	if (!store_write(w->scratch->store, change, w, &w->err))
		fail_msg("%s", w->err.text);
}

static void
begin(struct world *w, void **state)
{
	*w = (struct world){.scratch = *state, .seed = 5};
	buf_init(&w->bad, 1 << 20);
	w->profile = scratch_person(w->scratch);
}

static void
end(struct world *w)
{
	buf_clear(&w->bad);
	arena_clear(&w->arena);
}

static bool
collect(void *arg, struct slice lines, struct error *err)
{
	(void)err;
	return buf_add_slice(arg, lines);
}

static void export(struct world *w, unsigned flags, struct buf *out)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(w->scratch->store, &w->err);

	buf_init(out, 64 << 20);
	if (!transfer_export(txn, w->profile, flags, collect, out, &w->err))
		fail_msg("%s", w->err.text);
}

static void
note_bad(void *arg, const char *where, const struct error *why)
{
	struct world *w = arg;

	buf_addf(&w->bad, "%s: %s\n", where, why->text);
}

static struct transfer_counts
import(struct world *w, struct slice bytes)
{
	struct transfer_counts counts;

	if (!transfer_import(w->scratch->store, w->profile, bytes, 0, note_bad,
			     w, &counts, &w->err))
		fail_msg("%s", w->err.text);
	return counts;
}

/* ---- a world with everything in it ---- */

static const char *
words(struct world *w)
{
	static const char *const parts[] = {"tea",
					    "a \"quoted\" word",
					    "two\nlines",
					    "gr\xC3\xBC\xC3\x9F"
					    "e",
					    "\xE4\xB8\x96\xE7\x95\x8C",
					    "back\\slash",
					    "\x01 control"};

	return arena_printf(&w->arena, "%s and %s, number %u",
			    parts[dice(w, COUNT(parts))],
			    parts[dice(w, COUNT(parts))], dice(w, 1000000));
}

static int64_t
moment(struct world *w)
{
	return INT64_C(1600000000000000) + (int64_t)dice(w, 1000) * 60000001;
}

static bool
attach(struct store_txn *txn, struct world *w, struct message *m,
       struct message_attachment *a, struct error *err)
{
	struct slice bytes = slice_make("\0\x01\xFF bytes", 9);

	a->name = slice_of("a file.bin");
	a->media_type = slice_of("application/octet-stream");
	m->attachments = a;
	m->attachment_count = 1;
	return digest_sha256(bytes, a->sha256, err) &&
	       record_attachment_put(txn, w->profile, m->conversation,
				     a->sha256, bytes, err);
}

static bool
talk(struct store_txn *txn, struct world *w, struct id room, uint64_t *seqs,
     size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct message_attachment a;
		struct message m = {
			.profile = w->profile,
			.conversation = room,
			.role = (enum message_role)dice(w, MESSAGE_ROLE_COUNT),
			.content = slice_of(words(w)),
			.created_at = moment(w),
			.has_usage = dice(w, 2),
			.usage = {12, 5, dice(w, 2) ? 3 : -1,
				  dice(w, 2) ? .25 : -1},
			.model = slice_of(dice(w, 2) ? "model-x" : ""),
			.finish_reason = slice_of(dice(w, 2) ? "stop" : ""),
			.partial = dice(w, 4) == 0,
			.speaker = slice_of(dice(w, 3) ? "" : "Ada"),
			.session_name = slice_of(dice(w, 3) ? "" : "s-1"),
		};

		/* Branches, and now and then another root. */
		if (i > 2 && dice(w, 4) == 0)
			m.parent = seqs[dice(w, (unsigned)i)];
		if (dice(w, 9) == 0)
			m.parent = MESSAGE_NO_PARENT;
		if (dice(w, 6) == 0 && !attach(txn, w, &m, &a, err))
			return false;
		if (!record_message_append(txn, &m, MESSAGE_NO_TITLE, err))
			return false;
		seqs[i] = m.seq;
	}
	return true;
}

static bool
learn(struct store_txn *txn, struct world *w, struct id room, uint64_t seq,
      struct memory *out, struct error *err)
{
	struct message m;
	bool found;
	struct memory_source sources[2] = {{.conversation = room,
					    .turn = 3,
					    .quote = slice_of("a quote")}};
	struct memory_edit edit = memory_edit_nothing;

	if (!record_message_get(txn, w->profile, seq, &w->arena, &m, &found,
				err))
		return false;
	sources[0].message = m.id;
	*out = (struct memory){
		.profile = w->profile,
		.type = (enum memory_type)dice(w, MEMORY_TYPE_COUNT),
		.key = slice_of("a_key"),
		.value = slice_of(words(w)),
		.confidence = .1 + dice(w, 9) / 10.0,
		.importance = 1.0 / (1 + dice(w, 7)),
		.sources = sources,
		.source_count = dice(w, 3),
		.created_at = moment(w),
		.valid_from = moment(w),
		.valid_to = dice(w, 2) ? moment(w) : 0,
		.expires_at = dice(w, 2) ? moment(w) : 0,
		.pinned = dice(w, 2)};
	if (!record_memory_put(txn, out, err))
		return false;
	edit.value = slice_of(words(w));
	return dice(w, 2) ? record_memory_get(txn, w->profile, out->id,
					      &w->arena, out, &found, err)
			  : memory_edit(txn, w->profile, out->id, &edit,
					&w->arena, out, err);
}

static bool
answer_with(struct store_txn *txn, struct world *w, struct id room,
	    const struct memory *memory, uint64_t seq, struct error *err)
{
	struct message said;
	bool found;

	if (!record_message_get(txn, w->profile, seq, &w->arena, &said, &found,
				err))
		return false;
	const struct message_memory used[] = {
		{.kind = USED_MEMORY, .id = memory->id, .score = .75},
		{.kind = USED_MESSAGE,
		 .id = said.id,
		 .score = 1.5,
		 .why_json = slice_of("{\"words\":1}")},
		{.kind = USED_MEMORY, .id = id_make(), .score = .1}};
	struct message m = {.profile = w->profile,
			    .conversation = room,
			    .role = MESSAGE_ASSISTANT,
			    .finish_reason = slice_of("recall"),
			    .memories = used,
			    .memory_count = 3,
			    .created_at = moment(w)};

	return record_message_append(txn, &m, 0, err);
}

static bool
make_world(struct store_txn *txn, void *arg, struct error *err)
{
	enum { TURNS = 12 };
	struct world *w = arg;
	struct conversation c = {
		.profile = w->profile,
		.title = slice_of(words(w)),
		.created_at = moment(w),
		.memory_mode = (enum memory_mode)dice(w, MEMORY_MODE_COUNT),
		.archived = dice(w, 2),
		.pinned = dice(w, 2),
		.external_id =
			slice_of(dice(w, 2) ? arena_printf(&w->arena, "ext-%u",
							   dice(w, 1u << 30))
					    : "")};
	struct conversation copy = {.title = slice_of("a fork")};
	struct memory one, two, forgotten;
	uint64_t seqs[TURNS];

	if (!record_conversation_create(txn, &c, err) ||
	    !talk(txn, w, c.id, seqs, TURNS, err) ||
	    !learn(txn, w, c.id, seqs[0], &one, err) ||
	    !learn(txn, w, c.id, seqs[1], &two, err) ||
	    !answer_with(txn, w, c.id, &one, seqs[2], err) ||
	    !memory_merge(txn, &one, &two, 1, err) ||
	    !record_conversation_fork(txn, w->profile, c.id, seqs[4], &copy,
				      err) ||
	    !learn(txn, w, copy.id, seqs[5], &forgotten, err) ||
	    !record_memory_touch(txn, w->profile, one.id, moment(w), err) ||
	    !record_memory_forget(txn, w->profile, forgotten.id, err))
		return false;
	/* A branch that is shown but not the newest. */
	return dice(w, 2) || record_conversation_set_head(txn, w->profile, c.id,
							  seqs[6], err);
}

static void
what_goes_out_comes_in_and_goes_out_the_same(void **state)
{
	struct world w, other;
	void *second;
	SCOPED(buf_clear) struct buf first, again, twice;

	scratch_make(&second);
	begin(&w, state);
	begin(&other, &second);
	for (int i = 0; i < 20; i++)
		run(&w, make_world);
	export(&w, TRANSFER_FORGOTTEN, &first);
	static const char *const held[] = {
		"\"aside\":true",    "\"copy_of\"",     "\"history\":[",
		"\"superseded_by\"", "\"forked_from\"", "\"attachments\":[",
		"\"forgotten\"",     "\"parent\":null", "\"sources\":[",
		"\"memories\":[",    "\"access_count\""};
	for (size_t i = 0; i < COUNT(held); i++)
		if (!strstr(buf_text(&first), held[i]))
			fail_msg("the world has no %s", held[i]);

	struct transfer_counts counts = import(&other, buf_slice(&first));
	if (counts.bad)
		fail_msg("%s", buf_text(&other.bad));
	assert_int_equal(counts.known, 0);
	export(&other, TRANSFER_FORGOTTEN, &again);
	if (!slice_equal(buf_slice(&first), buf_slice(&again))) {
		struct error err;

		file_write("first.jsonl", buf_slice(&first), 0600, &err);
		file_write("again.jsonl", buf_slice(&again), 0600, &err);
		fail_msg("first.jsonl and again.jsonl differ");
	}

	size_t all = counts.added;
	counts = import(&other, buf_slice(&first));
	assert_int_equal(counts.added, 0);
	assert_int_equal(counts.bad, 0);
	assert_int_equal(counts.known, all);
	export(&other, TRANSFER_FORGOTTEN, &twice);
	assert_true(slice_equal(buf_slice(&first), buf_slice(&twice)));
	end(&w);
	end(&other);
	scratch_drop(&second);
}

static void
a_memory_with_its_history_can_be_restored_after_import(void **state)
{
	static const char line[] =
		"{\"type\":\"memory\",\"id\":\"x\",\"memory_type\":\"fact\","
		"\"value\":\"lives in Rome\",\"version\":2,\"created_at\":"
		"\"2024-01-01T00:00:00Z\",\"history\":[{\"version\":1,"
		"\"memory_type\":\"fact\",\"value\":\"lives in Bonn\","
		"\"created_at\":\"2024-01-01T00:00:00Z\"}]}\n";
	struct world w;
	struct memory *list, m;
	size_t n;
	bool found;

	begin(&w, state);
	assert_int_equal(import(&w, slice_of(line)).added, 1);
	SCOPED(store_end)
	struct store_txn *txn = store_read(w.scratch->store, &w.err);
	assert_true(record_memory_by_external(txn, w.profile, slice_of("x"),
					      &w.arena, &m, &found, &w.err));
	assert_true(found);
	assert_true(memory_history(txn, w.profile, m.id, &w.arena, &list, &n,
				   &w.err));
	assert_int_equal(n, 2);
	assert_true(slice_is(list[0].value, "lives in Bonn"));
	end(&w);
}

static void
bad_lines_are_named_and_the_good_kept(void **state)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{"{\"type\":", "not JSON"},
		{"[1]", "neither"},
		{"7", "not JSON"},
		{"{\"type\":\"animal\"}", "\"type\""},
		{"{\"type\":\"conversation\"}", "\"id\" is missing"},
		{"{\"type\":\"conversation\",\"id\":7}", "no string"},
		{"{\"type\":\"conversation\",\"id\":\"c9\",\"created_at\":"
		 "\"soon\"}",
		 "RFC 3339"},
		{"{\"type\":\"message\",\"conversation\":\"none\",\"id\":\"m\","
		 "\"role\":\"user\"}",
		 "not known"},
		{"{\"type\":\"message\",\"conversation\":\"c\",\"id\":\"m2\","
		 "\"role\":\"king\"}",
		 "\"role\""},
		{"{\"type\":\"message\",\"conversation\":\"c\",\"id\":\"m\","
		 "\"role\":\"user\",\"content\":\"other\"}",
		 "other content"},
		{"{\"type\":\"message\",\"conversation\":\"c\",\"id\":\"m3\","
		 "\"role\":\"user\",\"content\":\"x\",\"parent\":\"zz\"}",
		 "\"parent\""},
		{"{\"type\":\"message\",\"conversation\":\"c\",\"id\":\"m4\","
		 "\"role\":\"user\",\"content\":\"x\",\"attachments\":[{"
		 "\"name\":\"f\",\"data\":\"*\"}]}",
		 "base 64"},
		{"{\"type\":\"message\",\"conversation\":\"c\",\"id\":\"m4\","
		 "\"role\":\"user\",\"content\":\"x\",\"attachments\":[{"
		 "\"name\":\"f\"}]}",
		 "no \"data\""},
		{"{\"type\":\"memory\",\"id\":\"y\",\"memory_type\":\"fact\","
		 "\"value\":\"v\",\"confidence\":2}",
		 "0 to 1"},
		{"{\"type\":\"memory\",\"id\":\"y\",\"memory_type\":\"fact\","
		 "\"value\":\"v\",\"version\":2,\"history\":[{\"version\":2,"
		 "\"memory_type\":\"fact\",\"value\":\"w\"}]}",
		 "version"},
		{"{\"type\":\"forgotten\",\"fingerprint\":\"xy\",\"key\":"
		 "\"00\"}",
		 "fingerprint"},
	};
	static const char good[] =
		"{\"type\":\"conversation\",\"id\":\"c\"}\n"
		"{\"type\":\"message\",\"conversation\":\"c\",\"id\":\"m\","
		"\"role\":\"user\",\"content\":\"hello\"}\n";
	struct world w;

	begin(&w, state);
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(free_pointer)
		char *text = xasprintf("%s%s\n", good, cases[i].line);

		/* A file that begins with "[" is not of ours. */
		buf_reset(&w.bad);
		struct transfer_counts counts = import(&w, slice_of(text));
		if (cases[i].line[0] == '[')
			continue;
		if (counts.bad != 1 || !strstr(buf_text(&w.bad), "3: ") ||
		    !strstr(buf_text(&w.bad), cases[i].why))
			fail_msg("%s gave: %s", cases[i].line,
				 buf_text(&w.bad));
		assert_int_equal(counts.added, i == 0 ? 2 : 0);
	}
	end(&w);
}

/* ---- other programs ---- */

static void
read_sample(const char *name, struct buf *out)
{
	SCOPED(free_pointer)
	char *path =
		xasprintf("%s/tests/data/import/%s", MNEME_SOURCE_DIR, name);
	struct error err = {0};

	buf_init(out, 1 << 20);
	if (!file_read(path, out, &err))
		fail_msg("%s", err.text);
}

static void
shows(struct world *w, const char *id, size_t count, const char *const *texts)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(w->scratch->store, &w->err);
	struct conversation c;
	struct message *path;
	size_t n;
	bool found;

	assert_true(record_conversation_by_external(
		txn, w->profile, slice_of(id), &w->arena, &c, &found, &w->err));
	assert_true(found);
	const struct message_path all = {.profile = w->profile,
					 .conversation = c.id};
	assert_true(
		record_message_path(txn, &all, &w->arena, &path, &n, &w->err));
	assert_int_equal(n, count);
	for (size_t i = 0; i < n; i++)
		if (!slice_is(path[i].content, texts[i]))
			fail_msg("%.*s, not %s", SLICE_ARG(path[i].content),
				 texts[i]);
}

static void
chatgpt_comes_in_with_its_branches(void **state)
{
	static const char *const shown[] = {"What should I see in Lisbon?",
					    "The castle of S\xC3\xA3o Jorge.",
					    "And this place?",
					    "Bel\xC3\xA9m, I thi"};
	SCOPED(buf_clear) struct buf sample, out;
	struct world w;

	begin(&w, state);
	read_sample("chatgpt.json", &sample);
	struct transfer_counts counts = import(&w, buf_slice(&sample));
	if (counts.bad)
		fail_msg("%s", buf_text(&w.bad));
	assert_int_equal(counts.added, 2 + 5 + 1);
	shows(&w, "c-lisbon", 4, shown);
	export(&w, 0, &out);
	const char *text = buf_text(&out);
	assert_non_null(strstr(text, "The tram 28."));
	assert_non_null(strstr(text, "\"model\":\"gpt-4o\""));
	assert_non_null(strstr(text, "\"partial\":true"));
	assert_non_null(strstr(text, "\"finish_reason\":\"cancelled\""));
	assert_non_null(strstr(text, "2023-11-14T22:13:21.5Z"));
	counts = import(&w, buf_slice(&sample));
	assert_int_equal(counts.added, 0);
	assert_int_equal(counts.known, 8);
	end(&w);
}

static void
claude_comes_in_with_its_branches_and_attachments(void **state)
{
	static const char *const shown[] = {"How do I bake rye bread?",
					    "With yeast, then."};
	static const char *const old[] = {"Old export", "without parents"};
	SCOPED(buf_clear) struct buf sample, out;
	struct world w;

	begin(&w, state);
	read_sample("claude.json", &sample);
	struct transfer_counts counts = import(&w, buf_slice(&sample));
	if (counts.bad)
		fail_msg("%s", buf_text(&w.bad));
	assert_int_equal(counts.added, 2 + 3 + 2);
	shows(&w, "5b9c0f6e-0000-4000-8000-00000000000a", 2, shown);
	shows(&w, "5b9c0f6e-0000-4000-8000-00000000000b", 2, old);
	export(&w, 0, &out);
	const char *text = buf_text(&out);
	assert_non_null(strstr(text, "With a sourdough.\\n\\nIt takes a day."));
	assert_non_null(strstr(text, "\"data\":\"cnllIGZsb3Vy\""));
	assert_null(strstr(text, "\"hm"));
	counts = import(&w, buf_slice(&sample));
	assert_int_equal(counts.added, 0);
	end(&w);
}

static void
a_damaged_foreign_export_says_where(void **state)
{
	static const struct {
		const char *text, *bad, *failed;
	} cases[] = {
		{"[{\"a\":1}]", "conversation 1: neither", NULL},
		{"[{\"mapping\":{}}]", "no id", NULL},
		{"[{\"chat_messages\":[]}]", "no uuid", NULL},
		{"[{\"id\":\"r\",\"mapping\":{\"a\":{\"parent\":\"b\"},"
		 "\"b\":{\"parent\":\"a\"}}}]",
		 "a ring", NULL},
		{"[{\"a\":]", "", "damaged"},
		{"[", "", "damaged"},
		{"[]", "", NULL},
		{"[ ] x", "", "damaged"},
		{"[{\"a\":1}", "", "damaged"},
		{"PK\003\004rubbish", "", "zip"},
	};
	struct world w;

	begin(&w, state);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct transfer_counts counts;

		buf_reset(&w.bad);
		w.err = (struct error){0};
		bool good = transfer_import(w.scratch->store, w.profile,
					    slice_of(cases[i].text), 0,
					    note_bad, &w, &counts, &w.err);
		if (good != (cases[i].failed == NULL) ||
		    !strstr(buf_text(&w.bad), cases[i].bad) ||
		    (cases[i].failed && !strstr(w.err.text, cases[i].failed)))
			fail_msg("%s: %s %s", cases[i].text, buf_text(&w.bad),
				 w.err.text);
	}
	end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(what_goes_out_comes_in_and_goes_out_the_same),
		WITH_STORE(
			a_memory_with_its_history_can_be_restored_after_import),
		WITH_STORE(bad_lines_are_named_and_the_good_kept),
		WITH_STORE(chatgpt_comes_in_with_its_branches),
		WITH_STORE(claude_comes_in_with_its_branches_and_attachments),
		WITH_STORE(a_damaged_foreign_export_says_where),
	};
	return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
