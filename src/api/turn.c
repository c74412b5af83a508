/*
 * turn.c - from chat's sink to the watchers.
 *
 * Each watcher has its own place in the text and is sent what it lacks when
 * there is room; chat keeps the text as long as it runs.  When every watcher
 * lags far behind, the model is paused: so a client that does not read holds
 * back the provider, not our memory.
 *
 * A turn ends in two steps: chat is done with it (over), and its last watcher
 * has had the end; then it is freed.  The maps know it until the first.
 */
#include <stdlib.h>

#include "api/turn.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/utf8.h"

enum {
	PIECE_MAX = 16 << 10, /* of a text event */
	LAG_HIGH = 64 << 10,  /* bytes behind: pause */
	LAG_LOW = 16 << 10,   /* go on */
	FAILURES_MAX = 256
};

struct failure {
	struct id profile, answer;
	struct problem problem;
};

struct turns {
	struct api *api;
	struct list list;
	size_t count;
	struct map by_conversation, by_answer; /* profile and id -> turn */
	struct failure *failures;              /* a ring */
	size_t failure_count;
	bool ending;
};

struct turns *
turns_create(struct api *api)
{
	struct turns *turns = xcalloc(1, sizeof(*turns));

	turns->api = api;
	list_init(&turns->list);
	return turns;
}

size_t
turns_count(const struct turns *turns)
{
	return turns->count;
}

struct pair {
	char bytes[2 * ID_BYTES];
};

static struct slice
pair_of(struct pair *pair, struct id profile, struct id id)
{
	memcpy(pair->bytes, profile.bytes, ID_BYTES);
	memcpy(pair->bytes + ID_BYTES, id.bytes, ID_BYTES);
	return slice_make(pair->bytes, sizeof(pair->bytes));
}

struct turn *
turn_in(struct turns *turns, struct id profile, struct id conversation)
{
	struct pair pair;

	return map_get(&turns->by_conversation,
		       pair_of(&pair, profile, conversation));
}

struct turn *
turn_of(struct turns *turns, struct id profile, struct id answer)
{
	struct pair pair;

	return map_get(&turns->by_answer, pair_of(&pair, profile, answer));
}

const struct problem *
turn_failure(struct turns *turns, struct id profile, struct id answer)
{
	size_t n = MIN(turns->failure_count, (size_t)FAILURES_MAX);

	for (size_t i = 0; i < n; i++)
		if (id_equal(turns->failures[i].answer, answer) &&
		    id_equal(turns->failures[i].profile, profile))
			return &turns->failures[i].problem;
	return NULL;
}

static void
remember_failure(struct turn *turn)
{
	struct turns *turns = turn->turns;

	if (!turns->failures)
		turns->failures =
			xcalloc(FAILURES_MAX, sizeof(*turns->failures));
	turns->failures[turns->failure_count++ % FAILURES_MAX] =
		(struct failure){turn->profile, turn->answer, *turn->problem};
}

/* ---- where it is known */

static void
know_conversation(struct turn *turn)
{
	struct pair pair;

	if (!turn->shared && !id_none(turn->conversation))
		map_put(&turn->turns->by_conversation,
			pair_of(&pair, turn->profile, turn->conversation),
			turn);
}

static void
forget(struct turn *turn)
{
	struct turns *turns = turn->turns;
	struct pair pair;

	map_drop(&turns->by_answer,
		 pair_of(&pair, turn->profile, turn->answer));
	if (turn_in(turns, turn->profile, turn->conversation) == turn)
		map_drop(&turns->by_conversation,
			 pair_of(&pair, turn->profile, turn->conversation));
}

static void
turn_drop(struct turn *turn)
{
	list_unlink(&turn->link);
	turn->turns->count--;
	loop_timer_drop(&turn->grace);
	json_drop(&turn->body);
	buf_clear(&turn->text);
	buf_clear(&turn->used);
	arena_clear(&turn->arena);
	free(turn);
}

/* ---- watchers */

struct slice
turn_text(const struct turn *turn)
{
	return turn->chat ? chat_text(turn->chat) : buf_slice(&turn->text);
}

static void
watcher_drop(struct watcher *w)
{
	list_unlink(&w->link);
	free(w);
}

/* Its exchange has been answered. */
static void
watcher_over(struct watcher *w)
{
	struct turn *turn = w->turn;

	watcher_drop(w);
	if (turn->over && list_empty(&turn->watchers) && !turn->chatting)
		turn_drop(turn);
}

static void
set_grace(struct turn *turn)
{
	int64_t seconds =
		config_int(turn->api->settings.config, CONFIG_STREAM_GRACE);

	if (turn->over || !list_empty(&turn->watchers))
		return;
	loop_timer_set(turn->grace, seconds * CLOCK_SECOND);
}

static void
leave(struct watcher *w)
{
	if (w->x && w->begun && w->kind->events)
		http_stream_end(w->x);
	w->x = NULL;
	watcher_over(w);
}

static void
on_gone(void *arg)
{
	struct watcher *w = arg;
	struct turn *turn = w->turn;
	bool over = turn->over;

	leave(w);
	if (!over)
		set_grace(turn);
}

static void
tell_end(struct watcher *w)
{
	struct turn *turn = w->turn;

	if (turn->problem)
		w->kind->failed(w, turn->problem);
	else
		w->kind->done(w);
}

/* A lazy kind promises nothing before there is something to give. */
static void
begin(struct watcher *w, bool something)
{
	struct turn *turn = w->turn;
	bool good = turn->over && !turn->problem;

	if (w->begun || !turn->stored || (w->kind->lazy && !something && !good))
		return;
	w->begun = true;
	if (w->kind->begin)
		w->kind->begin(w);
}

/* All that there is and fits.  False when the watcher is no more. */
static bool
pump(struct watcher *w)
{
	struct turn *turn = w->turn;
	enum http_room room = HTTP_ROOM;
	struct slice text = turn_text(turn);

	if (!turn->over)
		text.len -= utf8_open_tail(text);
	begin(w, text.len > 0);
	if (!w->begun && !turn->over)
		return true;
	if (!w->begun) { /* it failed before anything was promised */
		tell_end(w);
		watcher_over(w);
		return false;
	}
	while (w->kind->text && !w->full && w->sent < text.len) {
		struct slice rest =
			slice_make(text.data + w->sent, text.len - w->sent);
		struct slice piece = utf8_cut(rest, PIECE_MAX);

		if (w->resumed && turn->over)
			piece = rest; /* all in one */
		room = w->kind->text(w, piece, w->sent);
		if (room == HTTP_GONE)
			break;
		w->sent += piece.len;
		w->full = room == HTTP_FULL;
	}
	if (room == HTTP_GONE) {
		on_gone(w);
		return false;
	}
	if (!turn->over || w->full)
		return true;
	tell_end(w);
	watcher_over(w);
	return false;
}

static size_t
least_lag(const struct turn *turn)
{
	size_t len = turn_text(turn).len, lag = SIZE_MAX;

	LIST_EACH(&turn->watchers, at)
	{
		const struct watcher *w = HOLDER(at, struct watcher, link);

		lag = MIN(lag, w->kind->text ? len - w->sent : 0);
	}
	return list_empty(&turn->watchers) ? 0 : lag;
}

static void
balance(struct turn *turn)
{
	size_t lag;

	if (turn->over)
		return;
	lag = least_lag(turn);
	if (!turn->paused && lag > LAG_HIGH) {
		turn->paused = true;
		chat_pause(turn->chat, true);
	} else if (turn->paused && lag < LAG_LOW &&
		   !list_empty(&turn->watchers)) {
		turn->paused = false;
		chat_pause(turn->chat, false);
	}
}

static void
on_ready(void *arg)
{
	struct watcher *w = arg;
	struct turn *turn = w->turn;

	w->full = false;
	if (pump(w))
		balance(turn);
}

/* The server stops: what came is kept, the client is told. */
static void
on_stopping(void *arg)
{
	struct watcher *w = arg;
	struct turn *turn = w->turn;
	const struct problem stopping = {
		.status = 503,
		.code = "stopping",
		.detail = "the server stops; what had come is kept",
	};

	w->kind->failed(w, &stopping);
	w->x = NULL;
	bool over = turn->over;
	watcher_over(w);
	if (!over && list_empty(&turn->watchers))
		turn_cancel(turn);
}

void
watcher_begin(struct watcher *w)
{
	begin(w, true);
}

static void
pump_all(struct turn *turn)
{
	LIST_EACH(&turn->watchers, at)
	pump(HOLDER(at, struct watcher, link));
}

static struct watcher *
add_watcher(struct turn *turn, struct call *call,
	    const struct watcher_kind *kind)
{
	struct watcher *w = xcalloc(1, sizeof(*w));

	w->turn = turn;
	w->kind = kind;
	w->call = call;
	w->x = call->x;
	list_insert(&turn->watchers, &w->link);
	loop_timer_stop(turn->grace);
	return w;
}

struct http_stream_events
watcher_stream(struct watcher *w)
{
	return (struct http_stream_events){on_ready, on_gone, on_stopping, w};
}

void
turn_watch(struct turn *turn, struct call *call,
	   const struct watcher_kind *kind, uint64_t from)
{
	struct watcher *w = add_watcher(turn, call, kind);
	struct slice text = turn_text(turn);

	w->from = from;
	w->resumed = true;
	if (from > EVENT_TEXT)
		w->sent = MIN((size_t)from - EVENT_TEXT - 1, text.len);
	/* A place that nobody was told of: on to the next character. */
	while (w->sent < text.len &&
	       ((uint8_t)text.data[w->sent] & 0xC0) == 0x80)
		w->sent++;
	if (pump(w))
		balance(turn);
}

/* ---- what chat says */

static bool
on_text(void *arg, struct slice text)
{
	struct turn *turn = arg;

	(void)text;
	pump_all(turn);
	balance(turn);
	return true;
}

static void
on_stored(void *arg, const struct message *question)
{
	struct turn *turn = arg;

	turn->stored = true;
	turn->conversation = question->conversation;
	know_conversation(turn);
	pump_all(turn);
}

static void
on_recalled(void *arg, const struct memory_results *results)
{
	struct turn *turn = arg;
	struct printer p;

	if (results->count == 0)
		return;
	printer_init(&p, PRINTER_JSON, &turn->used);
	printer_map(&p);
	printer_add_word(&p, "type", "memories");
	printer_key(&p, "memories");
	printer_list(&p);
	for (size_t i = 0; i < results->count; i++)
		memory_print_result(&p, &results->items[i]);
	printer_end(&p);
	printer_end(&p);
}

static void
on_event(void *arg, struct slice json)
{
	struct turn *turn = arg;

	LIST_EACH(&turn->watchers, at)
	{
		struct watcher *w = HOLDER(at, struct watcher, link);

		if (w->kind->event && w->kind->event(w, json) == HTTP_GONE)
			on_gone(w);
	}
}

static void
keep_result(struct turn *turn, const struct chat_result *r)
{
	struct arena *a = &turn->arena;
	struct turn_result *out = &turn->result;
	struct id *ids = arena_alloc(a, r->memory_count + 1, sizeof(*ids));
	struct message_memory *used =
		arena_alloc(a, r->memory_count + 1, sizeof(*used));

	for (size_t i = 0; i < r->memory_count; i++) {
		used[i] =
			(struct message_memory){.kind = r->memories[i].kind,
						.id = r->memories[i].id,
						.score = r->memories[i].score};
		if (r->memories[i].kind == USED_MEMORY)
			ids[out->memory_count++] = r->memories[i].id;
	}
	out->memories = ids;
	out->remembered = arena_copy(a, r->remembered);
	out->message = (struct message){
		.id = r->answer,
		.conversation = r->conversation,
		.role = MESSAGE_ASSISTANT,
		.created_at = r->created_at,
		.turn_number = r->turn_number,
		.finish_reason = arena_copy(a, r->finish_reason),
		.model = arena_copy(a, r->model),
		.has_usage = r->usage.prompt_tokens >= 0 ||
			     r->usage.completion_tokens >= 0,
		.usage = {r->usage.prompt_tokens, r->usage.completion_tokens,
			  r->usage.cached_tokens, r->usage.cost},
		.memories = used,
		.memory_count = r->memory_count,
	};
}

static bool
read_conversation(struct turn *turn, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(turn->api->store, err);
	bool found;

	if (!txn ||
	    !record_conversation_get(txn, turn->profile, turn->conversation,
				     &turn->arena, &turn->result.conversation,
				     &found, err))
		return false;
	return found || error_set(err, ERROR_NOT_FOUND,
				  "the conversation was deleted meanwhile");
}

/* Chat forgets the turn after this; its text stays for who lags. */
static void
end(struct turn *turn)
{
	buf_add_slice(&turn->text, chat_text(turn->chat));
	turn->chat = NULL;
	turn->over = true;
	turn->chatting = true;
	loop_timer_stop(turn->grace);
	forget(turn);
	pump_all(turn);
	turn->chatting = false;
	if (list_empty(&turn->watchers))
		turn_drop(turn);
}

/* Room for what went wrong: most turns need none. */
static struct problem *
problem_in(struct turn *turn)
{
	if (!turn->problem)
		turn->problem =
			arena_alloc(&turn->arena, 1, sizeof(*turn->problem));
	return turn->problem;
}

static void
on_done(void *arg, const void *result)
{
	struct turn *turn = arg;
	struct error err = {0};

	keep_result(turn, result);
	turn->conversation = ((const struct chat_result *)result)->conversation;
	if (!read_conversation(turn, &err))
		problem_of(&err, problem_in(turn));
	end(turn);
}

static void
on_failed(void *arg, const struct error *err)
{
	struct turn *turn = arg;
	struct chat_upstream upstream = chat_upstream(turn->chat);
	struct problem *problem = problem_in(turn);

	if (turn->stored)
		problem_of_upstream(err, problem);
	else
		problem_of(err, problem);
	/* The provider's words, which begin with its name. */
	if (err->code == ERROR_UPSTREAM && strstr(err->text, ": empty answer"))
		problem->code = "empty_answer";
	if (problem->status == 502 && upstream.status == 504)
		problem->status = 504;
	if (problem->status == 429 && upstream.retry_after >= 0)
		problem->retry_after =
			(upstream.retry_after + CLOCK_SECOND - 1) /
			CLOCK_SECOND;
	if (turn->stored)
		remember_failure(turn);
	end(turn);
}

static void
on_grace(void *arg)
{
	turn_cancel(arg);
}

void
turn_cancel(struct turn *turn)
{
	if (turn->chat)
		chat_cancel(turn->chat);
}

/* ---- start */

static struct turn *
make_turn(struct call *call, const struct turn_start *start)
{
	struct turns *turns = call->api->turns;
	struct turn *turn = xcalloc(1, sizeof(*turn));
	struct pair pair;

	turn->api = call->api;
	turn->turns = turns;
	turn->profile = start->request.profile;
	turn->conversation = start->request.conversation;
	turn->question = start->request.question_id;
	turn->answer = start->request.answer_id;
	turn->created = clock_now();
	turn->shared = start->shared;
	turn->body = start->body;
	turn->messages = start->messages;
	turn->grace = loop_timer(call->api->loop, on_grace, turn);
	buf_init(&turn->text, RECORD_CONTENT_MAX);
	buf_init(&turn->used, RECORD_CONTENT_MAX);
	list_init(&turn->watchers);
	list_insert(&turns->list, &turn->link);
	turns->count++;
	map_put(&turns->by_answer, pair_of(&pair, turn->profile, turn->answer),
		turn);
	know_conversation(turn);
	return turn;
}

bool
turn_begin(struct call *call, const struct turn_start *start)
{
	struct turn *turn = make_turn(call, start);
	struct watcher *w = add_watcher(turn, call, start->kind);
	struct chat_request request = start->request;
	const struct sink sink = {on_text, on_done, on_failed, turn};
	struct error err = {0};

	w->data = start->data;
	w->usage = start->usage;
	request.stored = on_stored;
	request.recalled = on_recalled;
	request.event = start->events ? on_event : NULL;
	if (chat_start(&call->api->chat, &request, &sink, &turn->chat, &err))
		return true;
	watcher_drop(w);
	forget(turn);
	turn_drop(turn);
	answer_error(call, &err);
	return false;
}

void
turns_cancel_of(struct turns *turns, struct id profile)
{
	LIST_EACH(&turns->list, at)
	{
		struct turn *turn = HOLDER(at, struct turn, link);

		if (id_equal(turn->profile, profile))
			turn_cancel(turn);
	}
}

void
turns_destroy(struct turns **turns)
{
	struct turns *t = *turns;

	if (!t)
		return;
	LIST_EACH(&t->list, at)
	turn_cancel(HOLDER(at, struct turn, link));
	while (!list_empty(&t->list)) {
		struct turn *turn = HOLDER(t->list.next, struct turn, link);

		/* One that is over has a watcher, and goes with its last; a
		 * turn that is gone is off the list. */
		if (turn->over) /* NOLINT(clang-analyzer-unix.Malloc) */
			/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
			leave(HOLDER(turn->watchers.next, struct watcher,
				     link));
		else
			loop_turn(t->api->loop, true);
	}
	map_clear(&t->by_conversation, NULL);
	map_clear(&t->by_answer, NULL);
	free(t->failures);
	free(t);
	*turns = NULL;
}
