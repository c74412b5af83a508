/*
 * What becomes of what people say: the scripts in tests/lifecycle.
 *
 *	case NAME                 a person of their own, nothing known
 *	at TIME | at +3d          when what follows is said (12:00 at first)
 *	say TEXT                  a message, learned from by the rules
 *	model JSON                the next one is learned from by this answer
 *	remember TEXT             by hand
 *	conversation [MODE]       a new one
 *	know [KEY:] TEXT          a memory that holds now says this
 *	no TEXT                   none does
 *	count N                   so many memories hold now
 *	type KEY TYPE, versions KEY N, sources KEY N
 *	ask QUESTION -> TEXT      recall finds a memory that says this
 *	ask QUESTION !> TEXT      it finds none that does
 *	then TIME QUESTION -> TEXT   (or !>) as it was known then
 *	undo                      the last thing learned is taken back
 *	forget TEXT               the memory that says this is forgotten
 *
 * "#" begins a comment.  Every failure names file, line and case.
 */
#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "support_store.h"

enum { CASES_LEAST = 80 };

struct play {
	struct store *store;
	struct loop *loop;
	struct memory_engine *memory;
	const char *file;
	size_t line;
	char name[128];
	struct id profile, conversation;
	int64_t clock;
	struct memory_learned last;
	struct arena kept; /* what `last` points to */
	struct slice model;
	size_t cases, failures;
	bool said; /* the case has failed already */
};

static void
wrong(struct play *p, const char *fmt, ...)
{
	va_list args;

	if (!p->said)
		p->failures++;
	p->said = true;
	fprintf(stderr, "%s:%zu: %s: ", p->file, p->line, p->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static void
must(bool good, const struct error *err)
{
	if (!good)
		fail_msg("%s", err->text);
}

static bool
contains(struct slice text, struct slice part)
{
	for (size_t i = 0; part.len && i + part.len <= text.len; i++) {
		if (strncasecmp(text.data + i, part.data, part.len) == 0)
			return true;
	}
	return part.len == 0;
}

/* ---- changes ---- */

struct telling {
	struct play *play;
	struct message m;
	struct conversation c;
	struct profile p;
	struct memory memory;
	struct arena arena;
};

static bool
make_person(struct store_txn *txn, void *arg, struct error *err)
{
	struct telling *t = arg;

	return record_profile_create(txn, &t->p, err);
}

static bool
make_conversation(struct store_txn *txn, void *arg, struct error *err)
{
	struct telling *t = arg;

	return record_conversation_create(txn, &t->c, err);
}

static bool
append(struct store_txn *txn, void *arg, struct error *err)
{
	struct telling *t = arg;

	return record_message_append(
		txn, &t->m, t->play->model.len ? 0 : MESSAGE_LEARN, err);
}

static void
begin_conversation(struct play *p, struct slice mode)
{
	struct telling t = {.play = p, .c = {.profile = p->profile}};
	struct error err = {0};

	t.c.created_at = p->clock;
	for (int i = 0; i < MEMORY_MODE_COUNT; i++) {
		if (slice_is(mode, memory_mode_names[i]))
			t.c.memory_mode = (enum memory_mode)i;
	}
	must(store_write(p->store, make_conversation, &t, &err), &err);
	p->conversation = t.c.id;
}

static void
begin_case(struct play *p, struct slice name)
{
	struct telling t = {.play = p};
	struct error err = {0};
	char unique[64];

	p->cases++;
	p->said = false;
	p->model = (struct slice){0};
	p->last = (struct memory_learned){0};
	snprintf(p->name, sizeof(p->name), "%.*s", SLICE_ARG(name));
	snprintf(unique, sizeof(unique), "person %zu", p->cases);
	t.p.name = slice_of(unique);
	must(store_write(p->store, make_person, &t, &err), &err);
	p->profile = t.p.id;
	must(clock_parse(slice_of("2024-01-01T12:00:00Z"), &p->clock), &err);
	begin_conversation(p, slice_of("full"));
}

static void
keep_learned(void *arg, const struct memory_learned *what)
{
	struct play *p = arg;

	/* Only the ids and versions are used again. */
	p->last = *what;
}

static void
learn(struct play *p)
{
	const struct chat chat = {.loop = p->loop, .store = p->store};
	const struct chat_learner_events events = {.learned = keep_learned,
						   .arg = p};
	struct chat_learner *learner =
		chat_learner_start(&chat, p->profile, &events);

	while (!chat_learner_idle(learner))
		loop_turn(p->loop, true);
	chat_learner_stop(&learner);
}

static bool
take_answer(struct store_txn *txn, void *arg, struct error *err)
{
	struct telling *t = arg;
	const struct memory_said said = {
		.conversation = t->m.conversation,
		.message = t->m.id,
		.turn = t->m.turn_number,
		.at = t->m.created_at,
		.text = memory_redacted(t->m.content, &t->arena, NULL)};
	struct memory_fact facts[MEMORY_FACTS_MAX];
	size_t n;
	bool any;

	if (!memory_extract_read(t->play->model, &said, 1, &t->arena, facts, &n,
				 NULL))
		return true; /* no use: nothing is learned */
	for (size_t i = 0; i < n; i++) {
		struct memory_learned learned;

		if (!memory_learn(txn, t->m.profile, &facts[i], &said,
				  &t->arena, &learned, &any, err))
			return false;
		if (any)
			keep_learned(t->play, &learned);
	}
	return true;
}

static void
say(struct play *p, struct slice text)
{
	struct telling t = {.play = p,
			    .m = {.profile = p->profile,
				  .conversation = p->conversation,
				  .role = MESSAGE_USER,
				  .content = text,
				  .created_at = p->clock}};
	struct error err = {0};

	must(store_write(p->store, append, &t, &err), &err);
	if (p->model.len)
		must(store_write(p->store, take_answer, &t, &err), &err);
	else
		learn(p);
	p->model = (struct slice){0};
	p->clock += CLOCK_MINUTE;
	arena_clear(&t.arena);
}

static bool
save(struct store_txn *txn, void *arg, struct error *err)
{
	struct telling *t = arg;
	struct memory m = t->memory;

	return memory_save(txn, &m, err);
}

static void
remember(struct play *p, struct slice text)
{
	struct telling t = {.play = p,
			    .memory = {.profile = p->profile,
				       .type = MEMORY_FACT,
				       .confidence = 1,
				       .importance = .8,
				       .created_at = p->clock}};
	struct error err = {0};

	must(memory_from_text(text, &t.arena, &t.memory, &err), &err);
	must(store_write(p->store, save, &t, &err), &err);
	p->clock += CLOCK_MINUTE;
	arena_clear(&t.arena);
}

static bool
unlearn(struct store_txn *txn, void *arg, struct error *err)
{
	struct telling *t = arg;

	return memory_unlearn(txn, &t->play->last, err);
}

/* What was learned is read again: its texts are not ours to keep. */
static void
undo(struct play *p)
{
	struct telling t = {.play = p};
	struct error err = {0};
	struct id id = p->last.memory.id, other = p->last.other.id;
	bool superseded = p->last.other.version > 0, found;

	if (p->last.memory.version == 0) {
		wrong(p, "nothing was learned that could be taken back");
		return;
	}
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(p->store, &err);

		must(txn && record_memory_get(txn, p->profile, id, &t.arena,
					      &p->last.memory, &found, &err),
		     &err);
		if (superseded)
			must(record_memory_get(txn, p->profile, other, &t.arena,
					       &p->last.other, &found, &err),
			     &err);
	}
	must(store_write(p->store, unlearn, &t, &err), &err);
	p->last = (struct memory_learned){0};
	arena_clear(&t.arena);
}

/* ---- what is known ---- */

static bool
holds(const struct play *p, const struct memory *m)
{
	return m->state == MEMORY_ACTIVE && m->created_at <= p->clock &&
	       (!m->valid_to || p->clock < m->valid_to) &&
	       (!m->expires_at || p->clock < m->expires_at);
}

struct looking {
	struct slice key, text; /* empty: any */
	bool every;             /* also those that no longer hold */
	size_t found;
	struct memory first;
};

static void
look(struct play *p, struct looking *l, struct arena *arena)
{
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(p->store, &err);
	SCOPED(record_scan_drop) struct record_scan *scan = NULL;
	struct memory m;

	must(txn != NULL, &err);
	scan = record_memory_scan(txn, p->profile, MEMORY_TYPE_COUNT, false,
				  &err);
	while (scan && record_memory_next(scan, arena, &m)) {
		if ((!l->every && !holds(p, &m)) || !contains(m.value, l->text))
			continue;
		if (l->key.len && !slice_equal(m.key, l->key))
			continue;
		if (l->found++ == 0)
			l->first = m;
	}
	must(record_scan_end(&scan, &err), &err);
}

static void
show_known(struct play *p)
{
	struct arena arena = {0};
	struct error err = {0};
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(p->store, &err);
		SCOPED(record_scan_drop)
		struct record_scan *scan = record_memory_scan(
			txn, p->profile, MEMORY_TYPE_COUNT, false, &err);
		struct memory m;

		while (scan && record_memory_next(scan, &arena, &m))
			fprintf(stderr, "    %s %s %.*s: %.*s (%.2f)\n",
				memory_state_names[m.state],
				record_memory_types[m.type].name,
				SLICE_ARG(m.key), SLICE_ARG(m.value),
				m.confidence);
	}
	arena_clear(&arena);
}

static void
check_known(struct play *p, struct slice rest, bool wanted)
{
	struct arena arena = {0};
	struct looking l = {.text = rest};
	size_t colon = slice_find(rest, slice_of(": "));
	struct slice key = slice_make(rest.data, colon);

	if (wanted && colon < rest.len && !memchr(key.data, ' ', key.len)) {
		l.key = key;
		l.text = slice_trim(slice_make(rest.data + colon + 1,
					       rest.len - colon - 1));
	}
	look(p, &l, &arena);
	if (wanted != (l.found > 0)) {
		wrong(p, wanted ? "\"%.*s\" is not known" : "\"%.*s\" is known",
		      SLICE_ARG(rest));
		show_known(p);
	}
	arena_clear(&arena);
}

static void
check_number(struct play *p, const char *what, struct slice rest)
{
	struct arena arena = {0};
	struct looking l = {0};
	struct slice number = rest;
	int64_t wanted, got = 0;
	size_t blank = slice_find(rest, slice_of(" "));

	if (strcmp(what, "count") != 0) {
		l.key = slice_make(rest.data, blank);
		number = slice_trim(
			slice_make(rest.data + blank, rest.len - blank));
	}
	look(p, &l, &arena);
	if (strcmp(what, "count") == 0)
		got = (int64_t)l.found;
	else if (strcmp(what, "versions") == 0)
		got = l.found ? l.first.version : 0;
	else
		got = l.found ? (int64_t)l.first.source_count : 0;
	if (!slice_number(number, &wanted))
		wrong(p, "no number: %.*s", SLICE_ARG(number));
	else if (got != wanted) {
		wrong(p, "%s: %lld, not %lld", what, (long long)got,
		      (long long)wanted);
		show_known(p);
	}
	arena_clear(&arena);
}

static void
check_type(struct play *p, struct slice rest)
{
	struct arena arena = {0};
	struct slice key, name = rest;
	struct looking l = {0};
	enum memory_type type;

	slice_split(&name, ' ', &key);
	l.key = key;
	look(p, &l, &arena);
	if (!record_memory_type_find(name, &type))
		wrong(p, "no type %.*s", SLICE_ARG(name));
	else if (!l.found || l.first.type != type) {
		wrong(p, "%.*s is no %.*s", SLICE_ARG(key), SLICE_ARG(name));
		show_known(p);
	}
	arena_clear(&arena);
}

static void
check_recall(struct play *p, int64_t as_of, struct slice rest)
{
	struct arena arena = {0};
	struct memory_results results;
	struct error err = {0};
	size_t yes = slice_find(rest, slice_of(" -> "));
	size_t no = slice_find(rest, slice_of(" !> "));
	size_t at = MIN(yes, no);
	bool found = false;

	if (at == rest.len) {
		wrong(p, "no -> and no !>");
		return;
	}
	struct slice text =
		slice_trim(slice_make(rest.data + at + 4, rest.len - at - 4));
	const struct memory_query q = {.profile = p->profile,
				       .text = slice_make(rest.data, at),
				       .k = 20,
				       .as_of = as_of};

	must(memory_recall(p->memory, &q, &arena, &results, &err), &err);
	for (size_t i = 0; i < results.count; i++)
		found = found || (results.items[i].kind == USED_MEMORY &&
				  contains(results.items[i].text, text));
	if (found != (yes < no)) {
		wrong(p, found ? "\"%.*s\" is found" : "\"%.*s\" is not found",
		      SLICE_ARG(text));
		show_known(p);
	}
	arena_clear(&arena);
}

struct forgetting {
	struct id profile, id;
	struct arena arena;
};

static bool
forget_change(struct store_txn *txn, void *arg, struct error *err)
{
	struct forgetting *f = arg;
	struct message *said_in;
	size_t n;

	return memory_forget(txn, f->profile, f->id, &f->arena, &said_in, &n,
			     err);
}

static void
forget(struct play *p, struct slice text)
{
	struct forgetting f = {.profile = p->profile};
	struct looking l = {.text = text, .every = true};
	struct error err = {0};

	look(p, &l, &f.arena);
	f.id = l.first.id;
	if (!l.found)
		wrong(p, "\"%.*s\" is not known", SLICE_ARG(text));
	else
		must(store_write(p->store, forget_change, &f, &err), &err);
	arena_clear(&f.arena);
}

/* ---- the script ---- */

static void
set_clock(struct play *p, struct slice text)
{
	struct error err = {0};
	int64_t n;

	if (text.len > 2 && text.data[0] == '+') {
		struct slice digits = slice_make(text.data + 1, text.len - 2);
		int64_t unit =
			text.data[text.len - 1] == 'h' ? CLOCK_HOUR : CLOCK_DAY;
		if (!slice_number(digits, &n))
			wrong(p, "no time: %.*s", SLICE_ARG(text));
		else
			p->clock += n * unit;
		return;
	}
	if (!clock_parse_as_of(text, p->clock, &p->clock, &err))
		wrong(p, "%s", err.text);
	/* A date is its end: noon is easier to think of. */
	if (!memchr(text.data, 'T', text.len))
		p->clock -= 12 * CLOCK_HOUR;
}

static void
play_then(struct play *p, struct slice rest)
{
	struct slice when, question = rest;
	struct error err = {0};
	int64_t at;

	slice_split(&question, ' ', &when);
	if (!clock_parse_as_of(when, p->clock, &at, &err))
		wrong(p, "%s", err.text);
	else
		check_recall(p, at, question);
}

static void
play_line(struct play *p, struct slice line)
{
	struct slice rest = line, verb;

	slice_split(&rest, ' ', &verb);
	rest = slice_trim(rest);
	if (slice_is(verb, "case"))
		begin_case(p, rest);
	else if (slice_is(verb, "at"))
		set_clock(p, rest);
	else if (slice_is(verb, "say"))
		say(p, rest);
	else if (slice_is(verb, "model"))
		p->model = rest;
	else if (slice_is(verb, "remember"))
		remember(p, rest);
	else if (slice_is(verb, "conversation"))
		begin_conversation(p, rest.len ? rest : slice_of("full"));
	else if (slice_is(verb, "know") || slice_is(verb, "no"))
		check_known(p, rest, slice_is(verb, "know"));
	else if (slice_is(verb, "count"))
		check_number(p, "count", rest);
	else if (slice_is(verb, "versions"))
		check_number(p, "versions", rest);
	else if (slice_is(verb, "sources"))
		check_number(p, "sources", rest);
	else if (slice_is(verb, "type"))
		check_type(p, rest);
	else if (slice_is(verb, "ask"))
		check_recall(p, 0, rest);
	else if (slice_is(verb, "then"))
		play_then(p, rest);
	else if (slice_is(verb, "undo"))
		undo(p);
	else if (slice_is(verb, "forget"))
		forget(p, rest);
	else
		wrong(p, "what is \"%.*s\"?", SLICE_ARG(verb));
}

/* "\n" in a text is a line's end. */
static struct slice
unescape(struct slice line, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < line.len; i++) {
		bool end = line.data[i] == '\\' && i + 1 < line.len &&
			   line.data[i + 1] == 'n' &&
			   !slice_starts(line, "model");

		out[n++] = end ? '\n' : line.data[i];
		i += end;
	}
	return slice_make(out, n);
}

static void
play_file(struct play *p, const char *path)
{
	SCOPED(buf_clear) struct buf text;
	struct error err = {0};
	struct slice rest, line;

	buf_init(&text, 1 << 20);
	must(file_read(path, &text, &err), &err);
	rest = buf_slice(&text);
	/* A line's text may be looked at until the next `say`. */
	SCOPED(free_pointer) char *all = xcalloc(text.len + 1, 1);
	char *at = all;
	for (p->line = 1; slice_line(&rest, &line); p->line++) {
		line = slice_trim(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		line = unescape(line, at);
		at += line.len;
		play_line(p, line);
	}
}

static int
is_script(const struct dirent *entry)
{
	return slice_ends(slice_of(entry->d_name), ".script");
}

static void
every_case_of_the_scripts_ends_as_it_says(void **state)
{
	struct scratch *s = *state;
	const char *source = getenv("MNEME_SOURCE");
	SCOPED(free_pointer)
	char *folder = path_join(source ? source : ".", "tests/lifecycle");
	const struct memory_settings settings = {.language = "english"};
	struct play p = {.store = s->store};
	struct error err = {0};
	struct dirent **names;
	int n = scandir(folder, &names, is_script, alphasort);

	p.loop = loop_create(&err);
	p.memory = memory_open(s->store, &settings, &err);
	must(p.loop && p.memory && n > 0, &err);
	for (int i = 0; i < n; i++) {
		SCOPED(free_pointer)
		char *path = path_join(folder, names[i]->d_name);

		p.file = names[i]->d_name;
		play_file(&p, path);
		free(names[i]);
	}
	free(names);
	memory_close(&p.memory);
	loop_destroy(&p.loop);
	print_message("%zu cases\n", p.cases);
	if (p.failures)
		fail_msg("%zu of %zu cases failed", p.failures, p.cases);
	assert_true(p.cases >= CASES_LEAST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(every_case_of_the_scripts_ends_as_it_says),
	};
	return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
