#include "support_learn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/fetch.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "mneme/store.h"

static void
must(bool good, const struct error *err)
{
	if (!good)
		fail_msg("%s", err->text);
}

struct making {
	struct pupil *pupil;
	struct profile profile;
	struct conversation conversation;
	struct message message;
};

static bool
make_person(struct store_txn *txn, void *arg, struct error *err)
{
	struct making *m = arg;

	if (!record_profile_create(txn, &m->profile, err))
		return false;
	m->conversation.profile = m->profile.id;
	return record_conversation_create(txn, &m->conversation, err);
}

void
pupil_open(struct pupil *p, struct store *store)
{
	struct making m = {.profile = {.name = slice_of("ada")}};
	struct error err = {0};

	p->store = store;
	p->loop = loop_create(&err);
	must(p->loop != NULL, &err);
	if (!id_none(p->profile))
		return;
	must(store_write(store, make_person, &m, &err), &err);
	p->profile = m.profile.id;
	p->conversation = m.conversation.id;
}

void
pupil_ask(struct pupil *p, const char *base_url)
{
	const struct fetch_settings wire = {.connect_timeout =
						    10 * CLOCK_SECOND,
					    .idle_timeout = 60 * CLOCK_SECOND};
	const struct llm_settings settings = {
		.provider = llm_provider_find(slice_of("openai")),
		.base_url = base_url,
		.model = "stub-model"};
	struct error err = {0};

	llm_destroy(&p->llm);
	fetch_destroy(&p->fetch);
	p->fetch = fetch_create(p->loop, &wire);
	p->llm = llm_create(p->loop, p->fetch, &settings, &err);
	must(p->llm != NULL, &err);
}

void
pupil_close(struct pupil *p)
{
	chat_learner_stop(&p->learner);
	llm_destroy(&p->llm);
	fetch_destroy(&p->fetch);
	loop_destroy(&p->loop);
}

static bool
append(struct store_txn *txn, void *arg, struct error *err)
{
	struct making *m = arg;

	return record_message_append(txn, &m->message, MESSAGE_LEARN, err);
}

struct id
pupil_tell(struct pupil *p, const char *text)
{
	struct making m = {.message = {.profile = p->profile,
				       .conversation = p->conversation,
				       .role = MESSAGE_USER,
				       .content = slice_of(text)}};
	struct error err = {0};

	must(store_write(p->store, append, &m, &err), &err);
	return m.message.id;
}

static void
on_learned(void *arg, const struct memory_learned *what)
{
	struct pupil *p = arg;

	assert_true(what->memory.version > 0);
	p->learned++;
}

static void
on_failed(void *arg, const struct error *err)
{
	struct pupil *p = arg;

	p->failed++;
	p->failure = *err;
}

static void
on_idle(void *arg)
{
	struct pupil *p = arg;

	p->idle++;
}

void
pupil_start(struct pupil *p)
{
	const struct chat chat = {
		.loop = p->loop, .store = p->store, .llm = p->llm};
	const struct chat_learner_events events = {on_learned, on_failed,
						   on_idle, p, false};

	p->learned = p->failed = p->idle = 0;
	p->learner = chat_learner_start(&chat, p->profile, &events);
}

void
pupil_learn(struct pupil *p, int failures)
{
	pupil_start(p);
	while (!p->idle && (!failures || p->failed < failures))
		loop_turn(p->loop, true);
	chat_learner_stop(&p->learner);
}

size_t
pupil_known(struct pupil *p, const char *text)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct error err = {0};
	size_t n = 0;
	SCOPED(store_end) struct store_txn *txn = store_read(p->store, &err);
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_memory_scan(
		txn, p->profile, MEMORY_TYPE_COUNT, false, &err);
	struct memory m;

	while (scan && record_memory_next(scan, &arena, &m))
		n += m.state == MEMORY_ACTIVE &&
		     slice_find(m.value, slice_of(text)) < m.value.len;
	must(record_scan_end(&scan, &err), &err);
	return n;
}

static size_t
count_jobs(struct pupil *p, bool (*counts)(const struct job *j))
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(p->store, &err);
	struct job *jobs;
	size_t n, count = 0;

	must(txn && record_job_list(txn, slice_of("learn"), &arena, &jobs, &n,
				    &err),
	     &err);
	for (size_t i = 0; i < n; i++)
		count += counts(&jobs[i]);
	return count;
}

static bool
waits(const struct job *j)
{
	return !j->poison;
}

static bool
is_put_aside(const struct job *j)
{
	return j->poison;
}

static bool
is_leased(const struct job *j)
{
	return j->lease_until != 0;
}

size_t
pupil_jobs(struct pupil *p, bool poison)
{
	return count_jobs(p, poison ? is_put_aside : waits);
}

size_t
pupil_leased(struct pupil *p)
{
	return count_jobs(p, is_leased);
}
