/*
 * turn_watcher.c - the clients of a turn.
 *
 * Each watcher has its own place in the text and is sent what it lacks when
 * there is room; chat keeps the text as long as it runs.  When every watcher
 * lags far behind, the model is paused: so a client that does not read holds
 * back the provider, not our memory.
 */
#include <stdlib.h>

#include "api/turn_private.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/loop.h"
#include "mneme/utf8.h"

enum {
	PIECE_MAX = 16 << 10, /* of a text event */
	LAG_HIGH = 64 << 10,  /* bytes behind: pause */
	LAG_LOW = 16 << 10    /* go on */
};

struct slice
turn_text(const struct turn *turn)
{
	return turn->chat ? chat_text(turn->chat) : buf_slice(&turn->text);
}

void
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
		turns_drop(turn);
}

static void
set_grace(struct turn *turn)
{
	int64_t seconds =
		config_int(turn->api->settings.config, CONFIG_STREAM_GRACE);

	if (turn->over)
		return;
	LIST_EACH(&turn->watchers, at)
	if (!HOLDER(at, struct watcher, link)->doubtful)
		return;
	loop_timer_set(turn->grace, seconds * CLOCK_SECOND);
}

void
watcher_leave(struct watcher *w)
{
	if (w->x && w->begun && w->kind->events)
		http_stream_end(w->x);
	w->x = NULL;
	watcher_over(w);
}

void
watcher_gone(void *arg)
{
	struct watcher *w = arg;
	struct turn *turn = w->turn;
	bool over = turn->over;

	watcher_leave(w);
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
	if (w->kind->events && w->doubtful) {
		/* From here on its stream says whether it is there. */
		w->doubtful = false;
		loop_timer_stop(turn->grace);
	}
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
		watcher_gone(w);
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

void
turn_balance(struct turn *turn)
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
		turn_balance(turn);
}

/* Before it was promised anything.  Its answer goes out when it is there, to
 * whoever may still listen. */
static void
on_doubt(void *arg)
{
	struct watcher *w = arg;

	w->doubtful = true;
	set_grace(w->turn);
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

void
turn_pump(struct turn *turn)
{
	LIST_EACH(&turn->watchers, at)
	pump(HOLDER(at, struct watcher, link));
}

struct watcher *
watcher_add(struct turn *turn, struct call *call,
	    const struct watcher_kind *kind)
{
	struct watcher *w = xcalloc(1, sizeof(*w));
	const struct http_stream_events events = {
		.gone = on_doubt, .stopping = on_stopping, .arg = w};

	w->turn = turn;
	w->kind = kind;
	w->call = call;
	w->x = call->x;
	list_insert(&turn->watchers, &w->link);
	loop_timer_stop(turn->grace);
	http_watch(w->x, &events);
	return w;
}

struct http_stream_events
watcher_stream(struct watcher *w)
{
	return (struct http_stream_events){on_ready, watcher_gone, on_stopping,
					   w};
}

void
turn_watch(struct turn *turn, struct call *call,
	   const struct watcher_kind *kind, uint64_t from)
{
	struct watcher *w = watcher_add(turn, call, kind);
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
		turn_balance(turn);
}
