/*
 * chat.h - one turn of conversation: a question in, an answer out, both kept.
 *
 * A turn recalls what fits, stores the question durably, calls the model,
 * passes the answer on as it comes, journals it at most once a second, and
 * stores it whole.  What the front end hears through the sink has happened:
 * `done` comes after the answer's commit.  A turn that breaks keeps what had
 * come, marked partial.  Without a model the answer is what memory holds.
 * All on the loop's thread.
 */
#ifndef MNEME_CHAT_H
#define MNEME_CHAT_H

#include "mneme/base.h"
#include "mneme/llm.h"
#include "mneme/memory.h"
#include "mneme/record.h"
#include "mneme/sink.h"
#include "mneme/voice.h"

struct arena;
struct attached;
struct attachment;
struct buf;
struct chat_learner;
struct chat_turn;
struct error;
struct loop;
struct printer;
struct store;

enum { CHAT_MESSAGE_MAX = 256 << 10 }; /* bytes of a question */

/* What every turn of a front end shares; all borrowed. */
struct chat {
	struct loop *loop;
	struct store *store;
	struct memory_service *memory;
	struct llm *llm;       /* NULL: recall mode */
	struct slice system;   /* the standing instruction */
	size_t memory_tokens;  /* the memory block's budget */
	size_t context_tokens; /* the model's window, which the history fills */
	bool context_known;    /* a question that passes it is refused, not
				  left to the provider to judge */
	size_t recall_count;   /* results asked for */
	const struct voice *voice; /* what these are of, held by each turn;
				      NULL: they are borrowed like the rest */
	struct voices *voices; /* whose model learns from whom; NULL: `llm` */
	bool one_turn; /* the process ends with it: what is new is left to
			  others to embed */
	struct chat_learner *learner; /* woken by each turn, or NULL */
};

/* Let that voice answer; it is borrowed until another one does. */
void chat_let_speak(struct chat *chat, const struct voice *voice);

struct chat_request {
	struct id profile;
	struct id conversation;       /* none: a new one */
	enum memory_mode memory_mode; /* of a new one */
	struct slice content;
	const struct attachment *attachments; /* images */
	size_t attachment_count;
	struct slice system; /* empty: the chat's */
	const char *model;   /* NULL: the llm's */
	double temperature;  /* < 0: the voice's */
	int64_t max_tokens;  /* 0: the voice's */
	bool no_memory;      /* nothing is recalled */
	bool incognito;      /* nothing is stored */
	bool stream;
	struct id question_id, answer_id; /* none: made here */
	uint64_t parent;    /* 0: the head; a seq; or MESSAGE_NO_PARENT */
	bool regenerate;    /* `parent` is the question, with what was attached
			       to it: no new one is stored */
	struct slice begun; /* with `regenerate`: how the answer begins; the
			       model goes on from there, the sink hears only
			       what is new, both are stored as one */
	void (*recalled)(void *arg, const struct memory_results *results);
	llm_retry_fn *retry; /* may be NULL */
	void (*stored)(void *arg, const struct message *question);
	/* The messages to send instead of the system text and the stored
	 * history: `block` is what memory adds, perhaps empty.  In `arena`. */
	bool (*prompt)(void *arg, struct slice block, struct arena *arena,
		       const struct llm_message **messages, size_t *n,
		       struct error *err);
	uint64_t skip_from; /* with `prompt`: what is stored from this seq on
			       stands in it; 0: nothing does */
	struct slice extra; /* as in struct llm_request */
	void (*event)(void *arg, struct slice json); /* as there; or NULL */
};

/* What `done` gets; borrowed for the call. */
struct chat_result {
	struct id conversation;
	struct id question;
	struct id answer;
	uint32_t turn_number;
	int64_t created_at;
	struct slice content;
	struct slice model; /* empty: recall mode */
	struct slice finish_reason;
	struct llm_usage usage;
	const struct memory_result *memories; /* used, best first */
	size_t memory_count;
	const struct memory_inference *inference; /* NULL: it is none */
	struct slice remembered;              /* what a wish stored, or empty */
	const struct memory_learned *learned; /* all that was, at once ... */
	size_t learned_count;                 /* ... for memory_unlearn() */
	const char *secret; /* "password": it stood in the question, and is
			       not learned; NULL: none did */
	bool answerable;
};

/* The request is copied.  After a true return the sink hears the end exactly
 * once, later; its `arg` is also the callbacks'.  *turn lives until then.
 * Nothing here waits: recall runs on the memory's own thread. */
bool chat_start(const struct chat *chat, const struct chat_request *request,
		const struct sink *sink, struct chat_turn **turn,
		struct error *err);

/* Back-pressure: take no more from the model, and go on. */
void chat_pause(struct chat_turn *turn, bool paused);

/* Stop; what had come is stored, marked partial, then the sink's `failed`
 * comes with ERROR_CANCELLED. */
void chat_cancel(struct chat_turn *turn);

/* While `failed` runs: the conversation, and the answer's text so far. */
struct id chat_conversation(const struct chat_turn *turn);
/* How the provider answered: its status, 0 without one, and when it wants to
 * be asked again, -1 when it did not say. */
struct chat_upstream {
	int status;
	int64_t retry_after;
};
struct chat_upstream chat_upstream(const struct chat_turn *turn);
struct slice chat_text(const struct chat_turn *turn);

/* ---- the learner ---- */

/*
 * Learns from what was said, off the visible path: takes "learn" jobs off the
 * store's queue, several at once when behind, asks the model (or, without one,
 * the rules), and stores what follows together with the end of the job.  A
 * model that cannot be reached is asked again later; one that answers nothing
 * usable gives way to the rules, and the job stays put aside with its reason.
 */
struct chat_learner_events {
	/* For a line on the screen with undo (memory_unlearn()); borrowed. */
	void (*learned)(void *arg,
			const struct memory_learned *what); /* may be NULL */
	/* Jobs could not be done for now; may be NULL. */
	void (*failed)(void *arg, const struct error *err);
	/* Nothing is left that is due; may be NULL. */
	void (*idle)(void *arg);
	void *arg;
	bool earlier; /* only jobs that are due by now: for a program that
			 ends with its turn */
};

/* `chat` is copied, what it names is borrowed.  `profile` none: everybody's.
 * It looks for jobs at once. */
struct chat_learner *chat_learner_start(
	const struct chat *chat, struct id profile,
	const struct chat_learner_events *events);
/* Tell these from now on: a screen that opens over a learner that runs. */
void chat_learner_tell(struct chat_learner *learner,
		       const struct chat_learner_events *events);
/* A turn was stored, here or (store_notice()) elsewhere. */
void chat_learner_wake(struct chat_learner *learner);
bool chat_learner_idle(const struct chat_learner *learner);
/* Gives back what is not done, turning the loop until the store knows.  Not
 * from a callback of the learner's. */
void chat_learner_stop(struct chat_learner **learner);

/* Learn from every job of a person that is due, by the rules, before it
 * returns: for commands.  *count says how many memories changed. */
bool chat_learn_now(struct store *store, struct id profile, size_t *count,
		    struct error *err);

/* ---- what was learned, to be taken back ---- */

/* Ids and versions, not the memories. */
struct chat_lesson {
	enum memory_how how;
	struct id profile, id, other;
	uint32_t version, other_version;
};
struct chat_lesson chat_lesson(const struct memory_learned *what);

/* A store_change_fn, its arg a struct chat_lesson: ERROR_CONFLICT where it was
 * changed since. */
bool chat_unlearn(struct store_txn *txn, void *lesson, struct error *err);

/* "Learned", "Heard again": before the memory's text. */
extern const char *const chat_how_words[MEMORY_HOW_COUNT];

/* ---- what is not stored ---- */

/* What was said in a conversation of which nothing is. */
struct chat_line {
	bool user; /* or the model */
	struct slice text;
	const struct attached *attached; /* may be NULL */
};
/* The messages of a request (for chat_request's `prompt`), in `arena`: what of
 * the lines fits, the last one being the question.  Returns how many. */
size_t chat_tell(const struct chat *chat, const struct chat_line *lines,
		 size_t count, struct slice block, struct arena *arena,
		 const struct llm_message **messages);

/* ---- export ---- */

enum { CHAT_EXPORT_MAX = 256 << 20 };
enum chat_format { CHAT_MARKDOWN, CHAT_JSON, CHAT_TEXT };

/* By the ending of a file's name; false: by none of them. */
bool chat_format_of(struct slice path, enum chat_format *format);

/* The path that is shown, oldest first, added to `out`. */
bool chat_export(struct store *store, struct id profile, struct id id,
		 enum chat_format format, struct buf *out, struct error *err);

/* ---- seen again ---- */

/* The answer came to its end, so that there is nothing to go on with.  Of one
 * that came from elsewhere nobody knows: false. */
bool chat_answer_whole(const struct message *answer);

/* Make partial messages of what processes that died had journalled. */
bool chat_recover(struct store *store, struct error *err);

/* The request of an answer, put together again from what it refers to: the
 * bytes that were sent, until something in them is forgotten, redacted or
 * otherwise changed. */
enum chat_rebuilt {
	CHAT_AS_SENT,
	CHAT_NO_REQUEST, /* no model was asked, or by an older mneme */
	CHAT_FORGOTTEN,  /* RECORD_FORGOTTEN_TEXT stands in it */
	CHAT_CHANGED     /* differs, in some other way */
};
bool chat_rebuild(struct store_txn *txn, const struct message *answer,
		  struct arena *arena, struct buf *out, enum chat_rebuilt *how,
		  struct error *err);

/* What a person sent before, in every conversation. */
struct chat_sent {
	struct id profile;
	struct slice having; /* only what has it, case aside; empty: all */
	size_t longest, most;
};
/* Newest first, `most` at most, each owned; also where it fails. */
bool chat_sent(struct store *store, const struct chat_sent *wanted,
	       char **texts, size_t *n, struct error *err);

/* The text of a message as it is shown: that of an answer in recall mode is
 * put together from what it refers to. */
bool chat_message_text(struct store_txn *txn, const struct message *m,
		       struct arena *arena, struct slice *text,
		       struct error *err);

/* The objects of the API and of --json. */
void chat_print_conversation(struct printer *p, const struct conversation *c);
/* The members of a message, of the map that is open, that all have. */
void chat_print_members(struct printer *p, const struct message *m,
			struct slice text);
void chat_print_message(struct printer *p, const struct message *m,
			struct slice text);
/* A message's member "attachments", where something is attached. */
void chat_print_attachments(struct printer *p, const struct message *m);
/* What an answer says to follow from, as a turn's "inference". */
void chat_print_inference(struct printer *p,
			  const struct memory_inference *inference);

#endif
