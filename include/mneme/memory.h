/*
 * memory.h - what mneme knows of a person: finding it, adding to it, taking
 * it away, and saying it to a model.
 *
 * An engine belongs to one thread.  It keeps one index a profile, opened when
 * first needed and caught up from the store's changes before each search, so a
 * search sees every commit that came before it, from any process.  Every hit
 * is read again from the store: what was deleted is never returned.
 */
#ifndef MNEME_MEMORY_H
#define MNEME_MEMORY_H

#include "mneme/base.h"
#include "mneme/id.h"
#include "mneme/record.h"

struct arena;
struct buf;
struct error;
struct loop;
struct memory_engine;
struct memory_service;
struct printer;
struct store;
struct store_txn;

enum {
	MEMORY_QUERY_MAX = 32 << 10, /* bytes of a question */
	MEMORY_RESULTS_MAX = 200,
	MEMORY_TEXT_MAX = 8192 /* bytes of a memory given by hand */
};

/* Borrowed for the call that is given them. */
struct memory_settings {
	const char *language; /* Snowball's name ("english"), where a profile
				 has no setting of its own ... */
	bool same_language;   /* ... or even where it has one */
	const char *model;    /* folder of the sentence model; NULL, or one that
				 cannot be used: words only */
};

/* `store` is borrowed.  The model is opened when first needed. */
struct memory_engine *memory_open(struct store *store,
				  const struct memory_settings *settings,
				  struct error *err);
void memory_close(struct memory_engine **engine);

/* Bring the profile's index up to the store's last change and, when enough
 * has gathered, its files too. */
bool memory_catch_up(struct memory_engine *engine, struct id profile,
		     struct error *err);
/* Write what is only in memory to the index files; another process that is
 * writing them makes this a no-op. */
bool memory_flush(struct memory_engine *engine, struct id profile,
		  struct error *err);

/* Give vectors to at most `most` of what lacks them, newest first; *left is
 * how many still do.  Without a model nothing lacks any. */
bool memory_embed(struct memory_engine *engine, struct id profile, size_t most,
		  size_t *left, struct error *err);
/* What searching by a model needs of it besides its files takes seconds to
 * make: made once, ahead of the first search, and kept in the model's folder,
 * or where that cannot be written in the data folder `data`.  Nothing to do
 * when it is there.  False: the model cannot be used. */
bool memory_prepare_model(const char *folder, const char *data,
			  struct error *err);
/* False, with the reason, when only words are searched. */
bool memory_by_meaning(struct memory_engine *engine, struct error *why);

/* How a person's index stands beside the store. */
struct memory_index_state {
	char trouble[256]; /* why its files cannot be used; "": they can */
	char vector_trouble[256];
	uint64_t behind;  /* changes of the store since */
	size_t documents; /* what it has */
	size_t lacking;   /* ... without a vector, where there is a model */
	char *folder;     /* in the arena */
	size_t missing, extra; /* by memory_index_verify() */
};
/* As the files stand; nothing is fed. */
bool memory_index_state(struct memory_engine *engine, struct id profile,
			struct arena *arena, struct memory_index_state *out,
			struct error *err);
/* After a catch-up and a flush: are all documents there that there should be,
 * and no other?  What was wrong with the files before stays told.  ERROR_BUSY
 * when the store changes without a pause. */
bool memory_index_verify(struct memory_engine *engine, struct id profile,
			 struct arena *arena, struct memory_index_state *out,
			 struct error *err);

/* ---- recall ---- */

struct memory_query {
	struct id profile;
	struct slice text;
	size_t k;                    /* 1 to MEMORY_RESULTS_MAX */
	struct id conversation;      /* none: everywhere */
	int64_t as_of;               /* 0: now */
	struct id skip_conversation; /* whose messages from ... */
	uint64_t skip_from;          /* ... this seq on are not wanted */
	bool unfinished;             /* its last word may go on */
	bool words_only;             /* meaning takes longer */
	size_t embed; /* so many that lack a vector get one first */
};

/* One named part of a score; a multiplier is the difference that it made. */
struct memory_term {
	const char *name;
	double value;
};

enum { MEMORY_TERMS_MAX = 20 };

struct memory_result {
	enum message_memory_kind kind;
	struct id id;
	struct slice external_id;
	struct id conversation;
	struct slice title; /* of the conversation */
	struct slice speaker;
	enum message_role role;
	struct slice text;
	struct slice excerpt; /* the part of a long text that was found */
	int64_t created_at;
	uint64_t seq;
	double pieces, cosine; /* raw, comparable between questions; below
				  -1: none */
	double fit;            /* how well it fits alone, raw */
	double score;          /* the sum of the terms */
	struct memory_term terms[MEMORY_TERMS_MAX];
	size_t term_count;
};

struct memory_results {
	struct memory_result *items; /* best first */
	size_t count;
	struct slice read_as; /* the question in the first person */
	bool by_meaning;      /* not by words only */
	bool answerable;      /* something really fits: */
	double fit;           /* ... this is at least ... */
	double fit_from;      /* ... this */
	int64_t elapsed;      /* microseconds */
};

/* What a term of this name and sign says, as a phrase: "it only asks". */
const char *memory_term_says(const struct memory_term *term);

/* Deterministic: equal scores stand in order of time.  Everything in `out`
 * lives in `arena`. */
bool memory_recall(struct memory_engine *engine,
		   const struct memory_query *query, struct arena *arena,
		   struct memory_results *out, struct error *err);

/* Where words of the query stand in a text, in any of their forms, in order. */
typedef void memory_hit_fn(size_t from, size_t len, void *arg);
bool memory_hits(struct memory_engine *engine, struct id profile,
		 struct slice query, struct slice text, memory_hit_fn *each,
		 void *arg, struct error *err);

/* ---- recall for front ends with a loop ---- */

/* An engine on a thread of its own, which also keeps up with the store in the
 * background.  All calls are the loop's thread's. */
struct memory_service *memory_service_start(
	struct loop *loop, struct store *store,
	const struct memory_settings *settings, struct error *err);
/* Waits for what runs; a waiting recall ends with ERROR_CANCELLED, its `done`
 * called before this returns. */
void memory_service_stop(struct memory_service **service);

/* `done` is called on the loop, exactly once after a true return, never from
 * within this call.  `results` live in `arena`, which is the service's until
 * then; with an error they are NULL.  The query's text is copied.  ERROR_BUSY
 * when too many wait. */
typedef void memory_recalled_fn(void *arg, const struct memory_results *results,
				const struct error *err);
bool memory_service_recall(struct memory_service *service,
			   const struct memory_query *query,
			   struct arena *arena, memory_recalled_fn *done,
			   void *arg, struct error *err);

/* Bring the profile's index and vectors up to the store, after every recall
 * that waits; for when something was stored. */
void memory_service_follow(struct memory_service *service, struct id profile);

/* memory_purge() on the memory's thread, with no profile memory_purge_due();
 * done(arg, err) on the loop, err NULL when it went well. */
typedef void memory_purged_fn(void *arg, const struct error *err);
bool memory_service_purge(struct memory_service *service, struct id profile,
			  memory_purged_fn *done, void *arg, struct error *err);

/* The object that `recall --json` prints. */
void memory_print_results(struct printer *p, struct slice query,
			  const struct memory_results *results);
void memory_print_result(struct printer *p, const struct memory_result *r);

/* A stored reference, read again.  *found is false when it was forgotten. */
bool memory_resolve(struct store_txn *txn, struct id profile,
		    const struct message_memory *reference, struct arena *arena,
		    struct memory_result *out, bool *found, struct error *err);

/* Keep only what answers by itself, best first: what fits the question nearly
 * as well as the best one does, and is no mere question. */
enum { MEMORY_ANSWERS_MAX = 5 };
void memory_keep_answers(struct memory_results *results);

/* Before that: leave out the messages that another result outweighs, since
 * what was learned from them has changed ("I live in Rome" where "I moved to
 * Oslo" stands), or since memories of it say all that they do. */
bool memory_drop_outweighed(struct store_txn *txn, struct id profile,
			    struct memory_results *results, struct error *err);

/* "What do you know about me?": not one thing is asked for, but what there is.
 * Then the results are the memories that matter most, however they would have
 * been found; in `arena`. */
bool memory_asks_for_all(struct slice question);
bool memory_all_results(struct store_txn *txn, struct id profile,
			struct arena *arena, struct memory_results *out,
			struct error *err);

/* Does any sentence of it ask, or give something to do? */
bool memory_asks(struct slice text);
/* What recall mode says to a statement where nothing is learned. */
bool memory_unlearned_text(enum memory_mode mode, bool incognito,
			   struct buf *out);

/* What recall mode says: the results verbatim, each with its source. */
bool memory_recall_text(const struct memory_result *items, size_t count,
			struct buf *out);

/* ---- by hand ---- */

/* Fill in a memory from a sentence: its key (when empty) and, from "remember
 * that ...", the value without the wish.  A text over MEMORY_TEXT_MAX is
 * ERROR_LIMIT. */
bool memory_from_text(struct slice text, struct arena *arena,
		      struct memory *out, struct error *err);

/* Does the person ask for something to be remembered?  *what is the part to
 * keep, borrowed from `text`. */
bool memory_wish(struct slice text, struct slice *what);

/* Store it, unless the same is stored (then *out is that one, its confidence
 * and sources strengthened). */
bool memory_save(struct store_txn *txn, struct memory *m, struct error *err);

/* ---- forgetting ---- */

/*
 * Delete memories for good: those named, what had been merged into them, and
 * whatever else says the same words.  Their text goes out of other memories'
 * quotes and histories, titles, drafts, open answers, jobs and settings.  What
 * stays is a keyed fingerprint of each wording, each quote and each message
 * that it was learned from.  All of it is one change: once it is committed, no
 * search in any process finds it.  Its bytes are gone from the files when
 * memory_purge() has returned; a job "purge" stands for that from the start.
 */
struct memory_forgetting {
	struct id profile;
	const struct id *ids; /* an unknown one is ERROR_NOT_FOUND */
	size_t count;
	const struct id *said; /* messages to redact beside what says it ... */
	size_t said_given;     /* ... and how many; with `messages` */
	bool messages;         /* redact the messages that say it */
	struct arena *arena;   /* for what follows */

	struct message *said_in; /* that said it, oldest first, as they were */
	size_t said_count;
	struct memory *also; /* other memories that say it among other things */
	size_t also_count;
	struct memory *again; /* that one of them had superseded: they hold */
	size_t again_count;
	size_t gone; /* memories that were deleted */
};
bool memory_forget_all(struct store_txn *txn, struct memory_forgetting *f,
		       struct error *err);
/* One; `said_in` gets the messages that still say it. */
bool memory_forget(struct store_txn *txn, struct id profile, struct id id,
		   struct arena *arena, struct message **said_in, size_t *n,
		   struct error *err);

/* Is nothing to be learned from this: was it the source of something that was
 * forgotten?  In whatever words: a value is looked up by record_forgotten(). */
bool memory_source_forgotten(struct store_txn *txn, const struct message *m,
			     bool *forgotten, struct error *err);

/* Before a conversation is deleted: what only it supports goes, and is listed
 * nowhere any more; what another source supports stays, without its quotes.
 * Leaves no fingerprint, but the job "purge". */
bool memory_forget_conversation(struct store_txn *txn, struct id profile,
				struct id conversation, size_t *gone,
				struct error *err);

/* No byte of what was deleted stays in any file: the person's index is written
 * anew, then the store (store_rewrite(): up to 10 s for others to pause), then
 * the job is done.  ERROR_BUSY and others leave the job.  No transaction may
 * be open on this thread. */
bool memory_purge(struct memory_engine *engine, struct id profile,
		  struct error *err);
/* The same where a job says that it is due; for long-lived programs now and
 * then, and for what begins.  *done counts. */
bool memory_purge_due(struct memory_engine *engine, size_t *done,
		      struct error *err);
/* Add the job, in the change that deletes. */
bool memory_purge_later(struct store_txn *txn, struct id profile,
			struct error *err);

/* Every person's index is made anew when next needed: the store is another. */
bool memory_index_forget(struct memory_engine *engine, struct error *err);

/* Where a text still is: in each file under the store's folder (models apart)
 * and under `also` (may be NULL), whatever its letters' case and what stands
 * between its words; and its words in an index that only documents have which
 * were removed.  `where` is a path, or the table and id of a record that
 * stands. */
enum { MEMORY_RESIDUE_MAX = 4096 /* bytes of the text */ };
typedef void memory_residue_fn(void *arg, const char *where, uint64_t times);
bool memory_residue(struct memory_engine *engine, struct slice text,
		    const char *also, memory_residue_fn *each, void *arg,
		    uint64_t *found, struct error *err);

void memory_print(struct printer *p, const struct memory *m);

/* ---- to see and to correct ---- */

enum { MEMORY_LIST_MAX = 100000 };

/* What a list is to hold; zeroed (but for type and state) it is everything. */
struct memory_filter {
	struct id profile;
	enum memory_type type;   /* MEMORY_TYPE_COUNT: every */
	enum memory_state state; /* MEMORY_STATE_COUNT: every */
	struct slice key;        /* empty: any */
	int64_t since, until;    /* created_at in [since, until]; 0: open */
	struct id conversation;  /* with a source in it */
	struct id message;       /* with this source */
	bool by_hand;            /* with no conversation as a source */
	bool pinned;
};

/* Newest first.  A page goes on after `after`: the last one of the page
 * before (only id and created_at are looked at); NULL: from the start. */
bool memory_list(struct store_txn *txn, const struct memory_filter *filter,
		 const struct memory *after, size_t limit, struct arena *arena,
		 struct memory **out, size_t *n, struct error *err);

struct memory_stats {
	uint64_t messages;
	uint64_t memories; /* of every state */
	uint64_t by_state[MEMORY_STATE_COUNT];
	uint64_t by_type[MEMORY_TYPE_COUNT]; /* active ones */
	uint64_t pinned, by_hand, expiring;  /* active ones */
	uint64_t uses;                       /* access counts, added up */
	uint64_t forgotten;                  /* fingerprints */
	int64_t oldest, newest;              /* created_at; 0: none */
};
bool memory_stats(struct store_txn *txn, struct id profile,
		  struct memory_stats *out, struct error *err);
void memory_print_stats(struct printer *p, const struct memory_stats *stats);

/* Every change below is a new version; *out (may be NULL) gets it, its slices
 * in the arena. */

/* What is to be another: .data NULL, -1 and a negative number leave it. */
struct memory_edit {
	struct slice value;
	struct slice key;
	int type;
	double importance;
	int pinned;
};
extern const struct memory_edit memory_edit_nothing;

/* A value that a person corrects has confidence 1. */
bool memory_edit(struct store_txn *txn, struct id profile, struct id id,
		 const struct memory_edit *edit, struct arena *arena,
		 struct memory *out, struct error *err);
bool memory_pin(struct store_txn *txn, struct id profile, struct id id,
		bool pinned, struct arena *arena, struct memory *out,
		struct error *err);

/* Every version, oldest first, the present one last. */
bool memory_history(struct store_txn *txn, struct id profile, struct id id,
		    struct arena *arena, struct memory **out, size_t *n,
		    struct error *err);
/* In a few words what made `now` of `was` (NULL: it is the first). */
const char *memory_change(const struct memory *was, const struct memory *now);
/* As memory_print(), with that as "change". */
void memory_print_version(struct printer *p, const struct memory *was,
			  const struct memory *now);

/* Make it again what it was at `version`; 0: the one before the present one.
 * What had superseded it, or what it had been merged into, steps back with
 * it: the first is put away, as if never said, the second is what it was.
 * What is forgotten is ERROR_NOT_FOUND. */
bool memory_restore(struct store_txn *txn, struct id profile, struct id id,
		    uint32_t version, struct arena *arena, struct memory *out,
		    struct error *err);

/* Let `into` hold what `from` says: sources, evidence; `from` is merged into
 * it.  Both are stored with the same updated_at. */
bool memory_merge(struct store_txn *txn, struct memory *into,
		  struct memory *from, int64_t at, struct error *err);

/* Put away: no longer recalled, still in the list of all, restorable. */
bool memory_put_away(struct store_txn *txn, struct memory *m, int64_t at,
		     struct error *err);

enum memory_tidying { TIDY_MERGE, TIDY_EXPIRE, TIDY_COUNT };
struct memory_proposal {
	enum memory_tidying what;
	struct memory memory; /* this goes ... */
	struct memory into;   /* ... into this; for TIDY_MERGE */
};
/* What could be tidied: near-duplicates merged, expired ones put away. */
bool memory_tidy_plan(struct store_txn *txn, struct id profile, int64_t now,
		      struct arena *arena, struct memory_proposal **out,
		      size_t *n, struct error *err);
/* *done is false where either has changed since the plan. */
bool memory_tidy_apply(struct store_txn *txn, const struct memory_proposal *p,
		       int64_t now, bool *done, struct error *err);

/* ---- secrets ---- */

/* Keys, tokens, private keys, card numbers, IBANs, passwords said in a
 * sentence: found by their pattern. */
struct memory_secret {
	size_t from, len;
	const char *kind; /* "password": a word for the person */
};
enum { MEMORY_SECRETS_MAX = 64 };
/* The first ones, in order, apart from each other; returns how many. */
size_t memory_secrets(struct slice text, struct memory_secret *out, size_t max);
/* `text` with "[password]" in a secret's place; *kind (may be NULL) is the
 * first one's, or NULL. */
struct slice memory_redacted(struct slice text, struct arena *arena,
			     const char **kind);

/* ---- learning ---- */

enum {
	MEMORY_FACTS_MAX = 16,    /* from one message */
	MEMORY_FACT_VALUE = 1024, /* bytes */
	MEMORY_SAID_MAX = 8       /* messages in one extraction */
};

/* What one message says, before it is weighed against what is known. */
struct memory_fact {
	enum memory_type type;
	struct slice key, value, quote;
	double confidence, importance;
	int64_t expires_at;
	size_t said;        /* which of the messages */
	bool ends;          /* "no longer": something known is over */
	bool corrects;      /* "actually": even where several could be true */
	struct slice over;  /* ... only if it says this; empty: whatever */
	struct slice wrong; /* "not X but Y": X.  With no key, the memory that
			       says X is mended. */
	bool left;          /* X was left: the memory that says it, and `who`,
			       gives its key */
	struct slice who;   /* empty: the person */
};

/* A person's message as learning sees it. */
struct memory_said {
	struct id conversation, message;
	uint32_t turn;
	int64_t at;
	struct slice text;  /* secrets taken out */
	struct slice asked; /* the question that it answers, or empty */
	bool forgotten;     /* nothing is to be learned from it */
};

/* By rules, with no model.  Everything lives in `arena`; returns how many. */
size_t memory_rules(const struct memory_said *said, size_t which,
		    struct arena *arena, struct memory_fact *out, size_t max);

/* Only what the person asks to be kept: "remember", "from now on". */
size_t memory_wishes(const struct memory_said *said, size_t which,
		     struct arena *arena, struct memory_fact *out, size_t max);

/* The extractor's request: a system text, one message, the schema.  In
 * `arena`. */
struct llm_request;
void memory_extract_request(const struct memory_said *said, size_t n,
			    int64_t now, struct arena *arena,
			    struct llm_request *out);
/* What of the answer is sound, at most MEMORY_FACTS_MAX of each of the `n`
 * messages, for which `out` has room; ERROR_UPSTREAM when it is no such JSON
 * at all. */
bool memory_extract_read(struct slice answer, const struct memory_said *said,
			 size_t n, struct arena *arena, struct memory_fact *out,
			 size_t *count, struct error *err);

enum memory_how {
	MEMORY_NEW,
	MEMORY_STRENGTHENED, /* the same was known */
	MEMORY_SUPERSEDES,   /* `other` was so until then */
	MEMORY_MENDED,       /* in other words, or corrected: a next version */
	MEMORY_PAST,         /* was so; something newer stands */
	MEMORY_HOW_COUNT
};

/* One change to what is known. */
struct memory_learned {
	enum memory_how how;
	struct memory memory; /* as it is now */
	struct memory other;  /* superseded; version 0: none */
};

/* Weigh a fact against what is known and store what follows; *any is false
 * when nothing does (forgotten, unsure, unimportant). */
bool memory_learn(struct store_txn *txn, struct id profile,
		  const struct memory_fact *fact,
		  const struct memory_said *said, struct arena *arena,
		  struct memory_learned *out, bool *any, struct error *err);

/* Take back what memory_learn() did, as further versions; ERROR_CONFLICT when
 * it was changed since. */
bool memory_unlearn(struct store_txn *txn, const struct memory_learned *what,
		    struct error *err);

/* ---- the prompt ---- */

/* Tokens that a text takes, estimated: a token is about four bytes of Latin
 * text, and one character of scripts without spaces. */
size_t memory_tokens(struct slice text);

/* The block that stands before the question: quoted data with dates and
 * speakers, in order of time, cut to `budget` tokens, of which turns get a
 * fifth when the results are not `answerable`, and none whose score says that
 * it speaks of something else (memories are never cut so).
 * Empty when there is nothing.  `used` gets which results went in.  All of
 * them do with MEMORY_BLOCK_WHOLE. */
#define MEMORY_BLOCK_WHOLE SIZE_MAX
bool memory_block(const struct memory_results *results, size_t budget,
		  struct buf *out, bool *used, struct error *err);

/* The lines of the block in their order, from what went in: all of `used`. */
size_t memory_block_lines(const struct memory_results *used,
			  const struct memory_result *out[MEMORY_RESULTS_MAX]);

/* What follows from memories and was never said. */
struct memory_inference {
	const struct memory_result *rests_on[16];
	size_t count;
	double confidence; /* 0 to 1, as the model says */
};

/* The line that says so, at an answer's end: numbers of lines of the block,
 * which had so many.  Returns where it begins, or answer.len: there is none. */
struct memory_infer_line {
	size_t numbers[16];
	size_t count;
	double confidence;
};
size_t memory_infer_line(struct slice answer, size_t lines,
			 struct memory_infer_line *out);

/* Does the answer end by saying that it is one, as the block asks?  What it
 * names must be lines of the block, made of `used`; borrowed from there. */
bool memory_infer_read(struct slice answer, const struct memory_results *used,
		       struct memory_inference *out);

#endif
