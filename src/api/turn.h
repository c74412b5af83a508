/*
 * turn.h - answers on their way, and the clients that watch them.
 *
 * A turn belongs to nobody's connection: it runs on while its clients come and
 * go, and is cancelled when none has been there for a while.  A watcher is one
 * client of one turn; what it is sent, and how, is its kind's.
 */
#ifndef API_TURN_H
#define API_TURN_H

#include "api/private.h"

struct openai_asked;
struct turn;
struct watcher;

/* How a client hears of a turn.  `begin` comes when the question is stored;
 * `text` gets whole characters, from `at` bytes on; one of `done` and `failed`
 * ends the exchange.  Any but these may be NULL. */
struct watcher_kind {
	bool events; /* the exchange is a stream, which `begin` opens */
	bool lazy;   /* `begin` waits for the answer's first bytes */
	void (*begin)(struct watcher *w);
	enum http_room (*text)(struct watcher *w, struct slice text, size_t at);
	enum http_room (*event)(struct watcher *w, struct slice json);
	void (*done)(struct watcher *w);
	void (*failed)(struct watcher *w, const struct problem *problem);
};

struct watcher {
	struct list link;
	struct turn *turn;
	const struct watcher_kind *kind;
	struct call *call;
	struct http_exchange *x; /* NULL: it has left */
	size_t sent;             /* bytes of the text */
	uint64_t from;           /* the event that it saw last, and one */
	bool begun, full, resumed;
	bool doubtful; /* nobody may be there to hear it */
	bool usage;    /* OpenAI's: it wants to be told at the end */
	void *data;
};

/* How the turn ended, for `done`. */
struct turn_result {
	struct message message; /* without its text */
	struct conversation conversation;
	struct slice remembered;
	size_t memory_count;
	const struct id *memories; /* that were used */
	struct slice inference;    /* JSON; empty: the answer is none */
};

struct turn {
	struct list link;
	struct api *api;
	struct turns *turns;
	struct chat_turn *chat;    /* NULL: over */
	const struct voice *voice; /* that answers, held */
	struct arena arena;
	struct id profile, conversation, question, answer;
	int64_t created;
	struct list watchers;
	struct loop_timer *grace;
	struct buf text; /* what those who lag still want, once it is over */
	struct buf used; /* the "memories" event, or empty */
	struct turn_result result;
	struct problem *problem; /* NULL: none; in the arena */
	bool stored, over, paused, shared, chatting;
	/* For prompts of the caller's own. */
	const struct openai_asked *asked;
	struct arena keep; /* what `asked` lies in */
	json_t *body;      /* owned */
};

struct turns *turns_create(struct api *api);
/* Cancels what runs; returns when all have ended. */
void turns_destroy(struct turns **turns);
/* All of a person's. */
void turns_cancel_of(struct turns *turns, struct id profile);

/* One that runs in the conversation, or makes that answer; NULL: none. */
struct turn *turn_in(struct turns *turns, struct id profile,
		     struct id conversation);
struct turn *turn_of(struct turns *turns, struct id profile, struct id answer);

/* One that failed without a word a while ago: what to say of it. */
const struct problem *turn_failure(struct turns *turns, struct id profile,
				   struct id answer);

/* Start one, with the call as its first watcher.  False after answering it.
 * `shared`: another one may run in the same conversation. */
struct turn_start {
	struct chat_request request; /* callbacks are filled in */
	const struct voice *voice;   /* the caller's, handed over */
	const struct watcher_kind *kind;
	bool shared;
	json_t *body; /* taken over */
	const struct openai_asked *asked;
	struct arena keep; /* taken over; what `asked` lies in */
	void *data;        /* the watcher's */
	bool usage;
	bool events; /* what the provider sends is wanted as it comes */
};
bool turn_begin(struct call *call, const struct turn_start *start);

/* One more watcher.  `from`: the event after the last one that it saw. */
void turn_watch(struct turn *turn, struct call *call,
		const struct watcher_kind *kind, uint64_t from);
void turn_cancel(struct turn *turn);

/* There is something to send: `begin`, unless that was done. */
void watcher_begin(struct watcher *w);

/* For http_events() in `begin`. */
struct http_stream_events watcher_stream(struct watcher *w);

/* Who answers the caller; held until voice_drop().  NULL after answering. */
const struct voice *call_voice(struct call *call);

/* The text so far. */
struct slice turn_text(const struct turn *turn);

/* ---- the native kinds (turn_events.c) */

extern const struct watcher_kind watcher_events, watcher_whole;

/* Numbers of events: 0 start, 1 memories, then 2 and the bytes of text that
 * have been told by then, at the end one more. */
enum { EVENT_START, EVENT_MEMORIES, EVENT_TEXT };

/* {"type":"complete",...} of a turn or of a stored message. */
void print_complete(struct printer *p, const struct turn_result *r,
		    struct slice text);
void print_event_error(struct printer *p, const struct problem *problem,
		       struct id answer);

#endif
