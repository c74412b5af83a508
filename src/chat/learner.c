/*
 * learner.c - the queue of "learn" jobs, worked off on the loop.
 *
 *	lease      some jobs of one person are ours until LEASE is over
 *	read       what was said in them
 *	ask        the model; without one, the rules
 *	finish     memories stored and jobs ended in one change
 *
 * and again until nothing is due.  One lesson at a time: while a change is
 * with the writer (`busy`) or a call runs, a wake-up is only noted.  Without a
 * model nothing is leased for longer than a change takes.
 *
 * A person's model learns from what that person said.  A call that fails for
 * reasons of the network or the provider puts the whole learner to sleep,
 * longer each time, since the next job would fare no better; where the model
 * is one person's own, only the jobs of that one wait.
 * An answer that is no use counts against the jobs: each is then tried alone,
 * and after ATTEMPTS the rules do what they can.
 */
#include <stdlib.h>

#include "lesson.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "mneme/store.h"

enum { ATTEMPTS = 3, DIED_MAX = 100, ANSWER_MAX = 256 << 10 };

#define LEASE (10 * CLOCK_MINUTE)
#define SLEEP_FIRST (2 * CLOCK_SECOND)
#define SLEEP_MOST (10 * CLOCK_MINUTE)

struct chat_learner {
	struct chat chat;
	struct id profile;
	struct chat_learner_events events;
	struct lesson lesson;
	struct loop_timer *timer;
	struct llm_call *call;
	struct buf answer;
	char owner[64];
	int64_t held;   /* take no job that is due later; 0: any */
	int64_t asleep; /* the last pause after a failure; 0: none */
	int64_t wakes;  /* when it is over */
	int64_t next;   /* when a job is due, as the last lease saw it */
	bool begun;     /* what dead processes held was freed */
	bool holding;   /* jobs are leased */
	bool busy;      /* a change is with the writer */
	bool again;     /* woken meanwhile */
	bool idle;
	bool stopping;
	const struct voice *voice; /* who is asked; NULL: the chat's llm */
	bool left;                 /* leased, for a model of their own */
	bool refused;        /* a server refused response_format: that of ... */
	uint64_t refused_by; /* ... the voice of this number */
	bool with_schema;    /* this call has it */
};

static void take_jobs(struct chat_learner *l);
static void ask(struct chat_learner *l);

/* Until `next` or a wake-up; 0: only that. */
static void
go_idle(struct chat_learner *l, int64_t next)
{
	l->idle = true;
	if (next > 0 && !l->stopping && !l->held)
		loop_timer_set(l->timer, MAX(next - clock_now(), 1000));
	if (l->events.idle && !l->stopping)
		l->events.idle(l->events.arg);
}

static void
fall_asleep(struct chat_learner *l, int64_t least)
{
	l->asleep = l->asleep ? MIN(l->asleep * 2, SLEEP_MOST) : SLEEP_FIRST;
	l->asleep = MIN(MAX(l->asleep, least), CLOCK_HOUR);
	l->wakes = clock_now() + l->asleep;
}

static void
store_failed(struct chat_learner *l, const struct error *err)
{
	if (l->events.failed)
		l->events.failed(l->events.arg, err);
	fall_asleep(l, 0);
	go_idle(l, l->wakes);
}

/* ---- the end of a lesson ---- */

static void
finished(void *arg, const struct error *err)
{
	struct chat_learner *l = arg;
	struct lesson *lesson = &l->lesson;

	l->busy = false;
	l->holding = false;
	voice_drop(&l->voice);
	if (err) {
		store_failed(l, err);
		return;
	}
	for (size_t i = 0;
	     i < lesson->learned_count && l->events.learned && !l->stopping;
	     i++)
		l->events.learned(l->events.arg, &lesson->learned[i]);
	if (l->wakes > clock_now()) {
		go_idle(l, l->wakes);
		return;
	}
	if (lesson->end == LESSON_DONE)
		l->asleep = 0;
	if (!l->stopping)
		take_jobs(l);
}

static bool
finish_lesson(struct store_txn *txn, void *arg, struct error *err)
{
	struct chat_learner *l = arg;

	return lesson_finish(txn, &l->lesson, err);
}

static void
finish(struct chat_learner *l, enum lesson_end end)
{
	struct error err = {0};

	l->lesson.end = end;
	l->busy = true;
	if (!store_submit(l->chat.store, l->chat.loop, finish_lesson, l,
			  finished, &err))
		finished(l, &err);
}

/* ---- the model ---- */

static bool
call_text(void *arg, struct slice text)
{
	struct chat_learner *l = arg;

	return buf_add_slice(&l->answer, text);
}

static void
no_use(struct chat_learner *l, const struct error *why)
{
	uint32_t most = 0;

	error_set(&l->lesson.why, why->code, LESSON_NO_USE "%.900s", why->text);
	l->lesson.wait = 0;
	for (size_t i = 0; i < l->lesson.count; i++)
		most = MAX(most, l->lesson.jobs[i].attempts);
	if (l->events.failed)
		l->events.failed(l->events.arg, why);
	if (most < ATTEMPTS || l->lesson.count > 1) {
		finish(l, LESSON_LATER);
		return;
	}
	lesson_rules(&l->lesson);
	finish(l, LESSON_GIVE_UP);
}

static void
call_done(void *arg, const void *result)
{
	struct chat_learner *l = arg;
	struct lesson *lesson = &l->lesson;
	struct error why = {0};

	(void)result;
	l->call = NULL;
	if (!memory_extract_read(buf_slice(&l->answer), lesson->said,
				 lesson->count, &lesson->arena, lesson->facts,
				 &lesson->fact_count, &why)) {
		no_use(l, &why);
		return;
	}
	finish(l, LESSON_DONE);
}

/* The request itself is at fault, or what came back. */
static bool
is_no_use(const struct error *err, int status)
{
	if (err->code == ERROR_LIMIT)
		return true;
	if (status >= 200 && status < 300)
		return err->code == ERROR_UPSTREAM;
	return status >= 400 && status < 500 && status != 401 &&
	       status != 402 && status != 403 && status != 404 &&
	       status != 408 && status != 429;
}

/* Until the provider may answer again. */
static void
put_off(struct chat_learner *l, const struct error *why, int64_t least)
{
	bool own = l->voice ? l->voice->own : l->chat.voices != NULL;

	if (l->events.failed)
		l->events.failed(l->events.arg, why);
	if (!own)
		fall_asleep(l, least);
	l->lesson.why = *why;
	l->lesson.wait = own ? least : l->asleep;
	finish(l, LESSON_LATER);
}

static void
call_failed(void *arg, const struct error *err)
{
	struct chat_learner *l = arg;
	int status = l->call ? llm_status(l->call) : 0;
	int64_t again = l->call ? llm_retry_after(l->call) : -1;

	l->call = NULL;
	if (l->stopping)
		return;
	if (status == 400 && l->with_schema) {
		l->refused = true;
		l->refused_by = l->voice ? l->voice->number : 0;
		ask(l);
		return;
	}
	if (l->answer.over || is_no_use(err, status)) {
		no_use(l, err);
		return;
	}
	put_off(l, err, again);
}

/* Nobody else's voice: it is found when the lesson is. */
static bool
find_voice(struct chat_learner *l, struct error *err)
{
	voice_drop(&l->voice);
	if (!l->chat.voices)
		return true;
	l->voice = voice_of(l->chat.voices, l->lesson.profile, err);
	return l->voice != NULL;
}

static void
ask(struct chat_learner *l)
{
	const struct sink sink = {call_text, call_done, call_failed, l};
	struct llm_request request;
	struct error err = {0};

	memory_extract_request(l->lesson.said, l->lesson.count, clock_now(),
			       &l->lesson.arena, &request);
	l->lesson.asked = true;
	l->with_schema = !l->refused ||
			 l->refused_by != (l->voice ? l->voice->number : 0);
	if (!l->with_schema) {
		request.schema_name = NULL;
		request.schema = (struct slice){0};
	}
	buf_reset(&l->answer);
	l->answer.over = false;
	l->call = llm_stream(l->voice ? l->voice->llm : l->chat.llm, &request,
			     &sink, NULL, &err);
	if (!l->call)
		call_failed(l, &err);
}

static void
teach(struct chat_learner *l)
{
	struct error why = {0};

	if (!find_voice(l, &why)) {
		put_off(l, &why, -1);
		return;
	}
	if (!l->voice || l->voice->llm) {
		ask(l);
		return;
	}
	l->lesson.asked = true; /* time has passed, as if it were */
	lesson_rules(&l->lesson);
	finish(l, LESSON_DONE);
}

/* ---- the beginning ---- */

static bool
read_jobs(struct chat_learner *l, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(l->chat.store, err);

	return txn && lesson_read(txn, &l->lesson, err);
}

static void
leased(void *arg, const struct error *err)
{
	struct chat_learner *l = arg;
	struct error why = {0};

	l->busy = false;
	l->begun = l->begun || !err;
	if (err) {
		store_failed(l, err);
		return;
	}
	l->holding = l->lesson.job_count > 0;
	if (!l->holding) {
		if (l->again && !l->stopping) {
			take_jobs(l);
			return;
		}
		go_idle(l, l->next);
		return;
	}
	if (l->stopping)
		return;
	if (!read_jobs(l, &why)) {
		l->lesson.count = l->lesson.job_count;
		no_use(l, &why);
		return;
	}
	if (lesson_empty(&l->lesson)) {
		finish(l, LESSON_DONE);
		return;
	}
	teach(l);
}

static bool
lease(struct store_txn *txn, void *arg, struct error *err)
{
	struct chat_learner *l = arg;
	struct lesson *lesson = &l->lesson;
	int64_t now = clock_now();
	const struct job_lease wanted = {
		.kind = slice_of("learn"),
		.profile = l->profile,
		.now = l->held ? MIN(now, l->held) : now,
		.until = now + LEASE,
		.owner = slice_of(l->owner),
		.max = MEMORY_SAID_MAX,
	};
	size_t freed;

	if (!l->begun &&
	    !record_job_free_dead(txn, wanted.kind, DIED_MAX, &freed, err))
		return false;
	if (!record_job_lease_many(txn, &wanted, &lesson->arena, lesson->jobs,
				   &lesson->job_count, &l->next, err))
		return false;
	lesson->profile = lesson->jobs[0].profile;
	return true;
}

/* Did this person choose who runs their model? */
static bool
has_own(struct store_txn *txn, const struct chat_learner *l, bool *own,
	struct error *err)
{
	static const enum config_option choices[] = {CONFIG_LLM_PROVIDER,
						     CONFIG_LLM_BASE_URL};
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice value;

	*own = false;
	for (size_t i = 0; l->chat.voices && !*own && i < COUNT(choices); i++)
		if (!record_setting_get(txn, l->lesson.profile,
					slice_of(config_rows[choices[i]].name),
					&arena, &value, own, err))
			return false;
	return true;
}

/* Without a model: leased, read, stored and ended in one change. */
static bool
learn_by_rules(struct store_txn *txn, void *arg, struct error *err)
{
	struct chat_learner *l = arg;

	lesson_reset(&l->lesson);
	l->left = false;
	if (!lease(txn, l, err))
		return false;
	if (l->lesson.job_count == 0)
		return true;
	if (!has_own(txn, l, &l->left, err))
		return false;
	if (l->left)
		return true;
	if (!lesson_read(txn, &l->lesson, err))
		return false;
	lesson_rules(&l->lesson);
	return lesson_finish(txn, &l->lesson, err);
}

static void
learned_by_rules(void *arg, const struct error *err)
{
	struct chat_learner *l = arg;

	if (!err && (l->lesson.job_count == 0 || l->left))
		leased(l, NULL);
	else
		finished(l, err);
}

static void
take_jobs(struct chat_learner *l)
{
	struct error err = {0};
	store_change_fn *change = l->chat.llm ? lease : learn_by_rules;
	store_done_fn *done = l->chat.llm ? leased : learned_by_rules;

	loop_timer_stop(l->timer);
	lesson_reset(&l->lesson);
	l->again = false;
	l->idle = false;
	l->busy = true;
	if (!store_submit(l->chat.store, l->chat.loop, change, l, done, &err))
		done(l, &err);
}

static void
timer_due(void *arg)
{
	struct chat_learner *l = arg;

	if (!l->busy && !l->call && !l->stopping)
		take_jobs(l);
}

/* ---- the door ---- */

struct chat_learner *
chat_learner_start(const struct chat *chat, struct id profile,
		   const struct chat_learner_events *events)
{
	struct chat_learner *l = xcalloc(1, sizeof(*l));

	l->chat = *chat;
	l->profile = profile;
	l->events = *events;
	l->held = events->earlier ? clock_now() : 0;
	record_owner_make(l->owner);
	buf_init(&l->answer, ANSWER_MAX);
	l->timer = loop_timer(chat->loop, timer_due, l);
	take_jobs(l);
	return l;
}

void
chat_learner_tell(struct chat_learner *l,
		  const struct chat_learner_events *events)
{
	l->events = *events;
}

void
chat_learner_wake(struct chat_learner *l)
{
	if (l->busy || l->call)
		l->again = true;
	else if (l->wakes > clock_now())
		loop_timer_set(l->timer, l->wakes - clock_now());
	else if (!l->stopping)
		take_jobs(l);
}

bool
chat_learner_idle(const struct chat_learner *l)
{
	return l->idle;
}

void
chat_learner_stop(struct chat_learner **learner)
{
	struct chat_learner *l = *learner;
	struct error err = {0};

	if (!l)
		return;
	*learner = NULL;
	l->stopping = true;
	while (l->busy)
		loop_turn(l->chat.loop, true);
	if (l->call)
		llm_cancel(l->call);
	l->lesson.end = LESSON_RELEASE;
	/* What cannot be given back comes free when the lease ends. */
	if (l->holding)
		store_write(l->chat.store, lesson_finish, &l->lesson, &err);
	voice_drop(&l->voice);
	loop_timer_drop(&l->timer);
	buf_clear(&l->answer);
	lesson_clear(&l->lesson);
	free(l);
}

/* ---- for commands ---- */

bool
chat_learn_now(struct store *store, struct id profile, size_t *count,
	       struct error *err)
{
	struct chat_learner *l = xcalloc(1, sizeof(*l));
	bool good;

	*count = 0;
	l->profile = profile;
	record_owner_make(l->owner);
	do {
		good = store_write(store, learn_by_rules, l, err);
		l->begun = l->begun || good;
		*count += good ? l->lesson.learned_count : 0;
	} while (good && l->lesson.job_count > 0);
	lesson_clear(&l->lesson);
	free(l);
	return good;
}
