/*
 * talk.h - one conversation as the screen has it: its newest messages, those
 * before them when they are asked for, and the turn that runs.
 *
 * A talk that is closed while its answer comes lives on until the answer is
 * stored, then frees itself.  All on the loop's thread.
 */
#ifndef TUI_TALK_H
#define TUI_TALK_H

#include "mneme/attach.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/list.h"
#include "mneme/llm.h"
#include "mneme/record.h"
#include "tui/lines.h"
#include "tui/theme.h"

struct app;
struct chat_turn;
struct markdown;
struct talk;

enum item_state {
	ITEM_STORED,
	ITEM_SENT,   /* a question on its way to the store */
	ITEM_COMING, /* an answer, as far as it has come */
	ITEM_NOTE,   /* the program's own word: an error, what was learned */
};

struct item {
	enum item_state state;
	enum role role;  /* a note's */
	uint64_t number; /* a note's */
	enum message_role who;
	uint64_t seq; /* 0 while it has none */
	struct id id;
	struct slice speaker; /* owned; empty: you, or the model */
	struct slice model;   /* owned */
	struct buf text;
	struct buf files;         /* a line for each that is attached */
	struct attached attached; /* their bytes, where nothing is stored */
	int64_t created_at;
	uint64_t parent; /* seq */
	uint32_t turn_number;
	bool partial;
	char finish[24];
	size_t memory_count;
	uint32_t branch, branches; /* the one shown, of how many; 0: not
				      known yet */

	/* the text laid out, for `width` columns; 0: not laid out */
	struct markdown *markdown; /* an answer's; else NULL */
	struct lines lines;        /* of any other text */
	int width;
	size_t laid_out; /* bytes of the text that the lines show */
	bool finished;   /* laid out as a text that is at its end */
	bool unfolded;   /* a long question is shown whole */

	/* in the normal screen: written above, all of it, or its head and the
	 * source of its text up to the start of a block, or (cut) of a line */
	bool above, begun_above, above_cut;
	size_t above_to;
};

/* What the one who shows it wants to hear. */
struct talk_listener {
	void (*changed)(void *arg); /* items came, grew, went */
	/* A turn ended; err NULL: it went well.  `unsent` is a question that
	 * was not stored, for the one who wrote it. */
	void (*ended)(void *arg, const struct error *err, struct slice unsent);
	void *arg;
};

struct talk {
	struct list link; /* in app->running while a turn runs */
	struct app *app;
	struct conversation conversation; /* id none: not yet begun */
	char *title;                      /* owned */
	uint64_t number;                  /* no two have the same */
	struct item **items;              /* oldest first */
	size_t count, cap;
	bool whole; /* nothing comes before items[0] */
	struct talk_listener listener;

	struct chat_turn *turn; /* NULL: none runs */
	struct item *answer;    /* that comes */
	char *activity;         /* what the turn does, or NULL; owned */
	int64_t retry_at;       /* 0, or when the call is tried again */
	bool stopping;
	char *unsent;    /* the question until it is stored; owned */
	bool incognito;  /* nothing of it is stored */
	bool begun_here; /* it was no stored one when it was opened */
	uint64_t before; /* seq of what comes before items[0], 0: nothing */
	struct filter filter; /* between the model and the answer's text */
	bool closed;          /* frees itself at the turn's end */

	struct llm_usage usage; /* of the last answer */
	double cost;            /* of those seen here; < 0: not told */
	char model[128];        /* that answered last */
};

/* A new conversation, or a stored one with its newest messages. */
struct talk *talk_open(struct app *app, struct id conversation,
		       const struct talk_listener *listener, struct error *err);
void talk_close(struct talk **talk);

/* Load older messages, at least down to `seq` (0: a page of them).  *added
 * says how many stand before what was there. */
bool talk_load_before(struct talk *talk, uint64_t seq, size_t *added,
		      struct error *err);

/* Bring the items up to what is stored. */
bool talk_sync(struct talk *talk, struct error *err);

/* Ask; on failure nothing has been sent. */
bool talk_send(struct talk *talk, struct slice text,
	       const struct attached *attached, struct error *err);

/* Ask something else in the place of the question items[i]: a branch.  What
 * was attached to that one and is still meant is added. */
bool talk_send_instead(struct talk *talk, size_t i, struct slice text,
		       struct attached *attached, struct error *err);

/* Answer again the question that items[i] is, or answers: a branch. */
bool talk_regenerate(struct talk *talk, size_t i, struct error *err);

/* Let the answer items[i] go on from where it was cut. */
bool talk_continue(struct talk *talk, size_t i, struct error *err);

/* Show the branch before (by -1) or after (by 1) the one that items[i] is on;
 * the end comes as talk_sync() does. */
bool talk_branch(struct talk *talk, size_t i, int by, struct error *err);

/* Find out how many branches items[first] to items[last - 1] are among. */
bool talk_count_branches(struct talk *talk, size_t first, size_t last,
			 struct error *err);

/* Another memory mode; of a conversation not yet begun, when it begins. */
bool talk_memory_mode(struct talk *talk, enum memory_mode mode,
		      struct error *err);

/* A conversation with what was said up to items[i]; it is shown. */
bool talk_fork(struct talk *talk, size_t i, struct error *err);

/* Stop the turn; what came is kept. */
void talk_stop(struct talk *talk);

/* A note under everything else; not stored.  Returns its number: no two notes
 * of any talk have the same. */
uint64_t talk_note(struct talk *talk, enum role role, struct slice text);
/* Let the note end otherwise: its first `kept` bytes, then `end`.  False where
 * it is no longer there, or was written where nothing can be changed. */
bool talk_note_ends(struct talk *talk, uint64_t number, size_t kept,
		    struct slice end);

/* The model that answers next, as far as is known. */
const char *talk_model(const struct talk *talk);

struct slice talk_title(const struct talk *talk);

#endif
