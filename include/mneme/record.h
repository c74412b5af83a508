/*
 * record.h - people, conversations, messages, memories and jobs in the store.
 *
 * Each record is a struct here and a versioned row there.  Every function
 * works in the caller's transaction, so that what belongs together is one
 * change.  What a get fills in is copied into the caller's arena and lives as
 * long as that; what a put is given is borrowed for the call.
 *
 * Every table of a person begins its keys with the profile's id, and every
 * function wants the profile: another one's record is simply not found, and
 * no profile (all zero) is ERROR_INVALID, never "all".  Not found is
 * *found == false with the call returning true, where there is a `found`;
 * otherwise ERROR_NOT_FOUND.  A row that a newer mneme wrote is ERROR_SETUP,
 * a damaged one ERROR_IO.  Text must be UTF-8.  Times are microseconds UTC, 0
 * meaning none; where a put finds a 0 id or `created_at` it fills it in.
 */
#ifndef MNEME_RECORD_H
#define MNEME_RECORD_H

#include "mneme/base.h"
#include "mneme/id.h"

struct arena;
struct error;
struct store_txn;

enum {
	RECORD_NAME_MAX = 128,
	RECORD_EXTERNAL_MAX = 400, /* bytes of an id that others gave */
	RECORD_KEY_MAX = 256,      /* a memory's key */
	RECORD_TITLE_MAX = 1024,
	RECORD_VALUE_MAX = 64 << 10,   /* a memory's value, one quote */
	RECORD_CONTENT_MAX = 16 << 20, /* one message */
	RECORD_BLOB_MAX = 24 << 20,    /* prompt parts, job payload */
	RECORD_ATTACHMENT_MAX = 8 << 20,
	RECORD_LIST_MAX = 1024, /* sources, attachments, memories of one */
	RECORD_KIND_MAX = 16,   /* a job's kind */
	RECORD_TITLE_CHARS = 60 /* of a title made from a question */
};

#define RECORD_SESSION_GAP (INT64_C(30) * 60 * 1000000)

/* ---- people ---- */

struct profile {
	struct id id;
	struct slice name;  /* unique, case folded */
	struct slice email; /* unique where given */
	struct slice external_id;
	int64_t created_at;
	bool deleting;
};

/* A name or an e-mail that is taken is ERROR_CONFLICT. */
bool record_profile_create(struct store_txn *txn, struct profile *p,
			   struct error *err);
bool record_profile_get(struct store_txn *txn, struct id id,
			struct arena *arena, struct profile *out, bool *found,
			struct error *err);
bool record_profile_find(struct store_txn *txn, struct slice name,
			 struct arena *arena, struct profile *out, bool *found,
			 struct error *err);
bool record_profile_by_email(struct store_txn *txn, struct slice email,
			     struct arena *arena, struct profile *out,
			     bool *found, struct error *err);
/* All, by id (the order they were made in). */
bool record_profile_list(struct store_txn *txn, struct arena *arena,
			 struct profile **out, size_t *n, struct error *err);
/* Name, e-mail and external id as they now are; rename is this. */
bool record_profile_update(struct store_txn *txn, const struct profile *p,
			   struct error *err);
/* The profile called `name` ("default" when empty), made when missing: for
 * writers.  Any other name than "default" must exist already. */
bool record_profile_ensure(struct store_txn *txn, struct slice name,
			   struct arena *arena, struct profile *out,
			   struct error *err);
/* Delete at most about `budget` rows of everything of a person; call again in
 * a next transaction until *done.  After the first call nobody finds the
 * profile.  A job of kind "delete" stands until all is gone. */
bool record_profile_delete(struct store_txn *txn, struct id id, size_t budget,
			   bool *done, struct error *err);

/* Settings of a person: small values by name.  Put with an empty value
 * deletes. */
bool record_setting_put(struct store_txn *txn, struct id profile,
			struct slice name, struct slice value,
			struct error *err);
bool record_setting_get(struct store_txn *txn, struct id profile,
			struct slice name, struct arena *arena,
			struct slice *value, bool *found, struct error *err);
struct record_setting {
	struct slice name, value;
};
bool record_setting_list(struct store_txn *txn, struct id profile,
			 struct arena *arena, struct record_setting **out,
			 size_t *n, struct error *err);

/* ---- signing in ---- */

enum {
	RECORD_HASH = 32,           /* SHA-256 */
	RECORD_PASSWORD_MAX = 512,  /* a password's hash, as text */
	RECORD_LABEL_MAX = 256,     /* what a session is known by */
	RECORD_API_KEYS_MAX = 100,  /* of one person */
	RECORD_IDENTITIES_MAX = 20, /* of one person */
	RECORD_ANSWER_MAX = 4 << 20 /* one that may be given again */
};

/* The hash of a person's password; an empty one deletes it. */
bool record_password_put(struct store_txn *txn, struct id profile,
			 struct slice hash, struct error *err);
/* Each person's, until one returns false. */
bool record_password_each(struct store_txn *txn,
			  bool (*each)(void *arg, struct slice hash), void *arg,
			  struct error *err);
bool record_password_get(struct store_txn *txn, struct id profile,
			 struct arena *arena, struct slice *hash, bool *found,
			 struct error *err);

/* What somebody else, who is believed, calls a person. */
struct identity {
	struct slice issuer, subject;
	struct slice email; /* for showing only */
	int64_t created_at;
};
/* Another person's is ERROR_CONFLICT. */
bool record_identity_put(struct store_txn *txn, struct id profile,
			 struct identity *identity, struct error *err);
bool record_identity_find(struct store_txn *txn, struct slice issuer,
			  struct slice subject, struct id *profile, bool *found,
			  struct error *err);
bool record_identity_list(struct store_txn *txn, struct id profile,
			  struct arena *arena, struct identity **out, size_t *n,
			  struct error *err);

/* A sign-in that lasts: one refresh token is good at a time, by its hash. */
struct session {
	struct id id;
	struct id profile;
	uint8_t refresh[RECORD_HASH];
	struct slice label;   /* the client's name for itself */
	struct slice address; /* where from */
	int64_t created_at;
	int64_t used_at;
	int64_t expires_at;
};
bool record_session_put(struct store_txn *txn, struct session *s,
			struct error *err);
bool record_session_get(struct store_txn *txn, struct id profile, struct id id,
			struct arena *arena, struct session *out, bool *found,
			struct error *err);
bool record_session_list(struct store_txn *txn, struct id profile,
			 struct arena *arena, struct session **out, size_t *n,
			 struct error *err);
/* With its spent tokens; `id` none: all of the person's. */
bool record_session_delete(struct store_txn *txn, struct id profile,
			   struct id id, bool *was, struct error *err);
/* Remember that a refresh token was used, and ask. */
bool record_session_spend(struct store_txn *txn, struct id profile,
			  struct id id, const uint8_t refresh[RECORD_HASH],
			  struct error *err);
bool record_session_spent(struct store_txn *txn, struct id profile,
			  struct id id, const uint8_t refresh[RECORD_HASH],
			  bool *spent, struct error *err);

enum api_scope { API_READ, API_WRITE, API_SCOPE_COUNT };
extern const char *const api_scope_names[API_SCOPE_COUNT];

/* A program's way in, known by its hash. */
struct api_key {
	struct id id;
	struct id profile;
	uint8_t hash[RECORD_HASH];
	struct slice name;
	struct slice hint; /* how it begins, to tell keys apart */
	enum api_scope scope;
	int64_t created_at;
	int64_t used_at;
};
bool record_api_key_put(struct store_txn *txn, struct api_key *key,
			struct error *err);
bool record_api_key_find(struct store_txn *txn, const uint8_t hash[RECORD_HASH],
			 struct arena *arena, struct api_key *out, bool *found,
			 struct error *err);
bool record_api_key_list(struct store_txn *txn, struct id profile,
			 struct arena *arena, struct api_key **out, size_t *n,
			 struct error *err);
bool record_api_key_delete(struct store_txn *txn, struct id profile,
			   struct id id, bool *was, struct error *err);

/* What was answered to a request that its client may send again. */
struct idempotency {
	uint8_t key[RECORD_HASH];     /* of the client's name for it */
	uint8_t request[RECORD_HASH]; /* of what it asked */
	int64_t created_at;
	struct id ref; /* what the request made, when that is an answer */
	int status;    /* 0: it is being answered, or was when a crash came */
	struct slice body;
};
/* Rows of the person older than `oldest` go; so stay few. */
bool record_idempotency_put(struct store_txn *txn, struct id profile,
			    struct idempotency *i, int64_t oldest,
			    struct error *err);
bool record_idempotency_get(struct store_txn *txn, struct id profile,
			    const uint8_t key[RECORD_HASH], struct arena *arena,
			    struct idempotency *out, bool *found,
			    struct error *err);

/* ---- conversations ---- */

enum memory_mode { MEMORY_FULL, MEMORY_READ, MEMORY_OFF, MEMORY_MODE_COUNT };
extern const char *const memory_mode_names[MEMORY_MODE_COUNT];
/* What each means, in a few words. */
extern const char *const memory_mode_notes[MEMORY_MODE_COUNT];

struct conversation {
	struct id id;
	struct id profile;
	struct slice external_id;
	struct slice title;
	int64_t created_at;
	int64_t updated_at;
	enum memory_mode memory_mode;
	bool archived;
	bool pinned;
	bool deleting;
	uint64_t head;         /* seq of the newest message; 0: none yet */
	uint32_t turn_count;   /* messages on the path to the head */
	struct id forked_from; /* none: not a fork */
};

bool record_conversation_create(struct store_txn *txn, struct conversation *c,
				struct error *err);
bool record_conversation_get(struct store_txn *txn, struct id profile,
			     struct id id, struct arena *arena,
			     struct conversation *out, bool *found,
			     struct error *err);
/* By an id, a prefix of one (6 characters or more; ambiguous: ERROR_USAGE),
 * or an external id. */
bool record_conversation_find(struct store_txn *txn, struct id profile,
			      struct slice text, struct arena *arena,
			      struct conversation *out, bool *found,
			      struct error *err);
bool record_conversation_by_external(struct store_txn *txn, struct id profile,
				     struct slice external_id,
				     struct arena *arena,
				     struct conversation *out, bool *found,
				     struct error *err);
/* The one used last. */
bool record_conversation_last(struct store_txn *txn, struct id profile,
			      struct arena *arena, struct conversation *out,
			      bool *found, struct error *err);
/* Every field but profile and created_at; updated_at too, as given. */
bool record_conversation_update(struct store_txn *txn,
				const struct conversation *c,
				struct error *err);
bool record_conversation_set_head(struct store_txn *txn, struct id profile,
				  struct id id, uint64_t seq,
				  struct error *err);
/* As record_profile_delete(): messages, attachments, drafts, journal; not the
 * memories, which memory/ judges first. */
bool record_conversation_delete(struct store_txn *txn, struct id profile,
				struct id id, size_t budget, bool *done,
				struct error *err);

/* Newest first, at most `limit`.  A page goes on after `after`: the last one
 * of the page before (only id and updated_at are looked at); NULL: from the
 * start. */
enum record_filter { RECORD_CURRENT, RECORD_ARCHIVED, RECORD_ALL };
struct conversation_page {
	struct id profile;
	enum record_filter filter;
	const struct conversation *after;
	size_t limit;
};
bool record_conversation_list(struct store_txn *txn,
			      const struct conversation_page *page,
			      struct arena *arena, struct conversation **out,
			      size_t *n, struct error *err);

/* A conversation with copies (copy_of) of the path to `seq` of `from`;
 * *out's title, external_id and memory_mode may be set before. */
bool record_conversation_fork(struct store_txn *txn, struct id profile,
			      struct id from, uint64_t seq,
			      struct conversation *out, struct error *err);

/* An unfinished text; `conversation` none: the one not yet begun.  An empty
 * text deletes. */
bool record_draft_put(struct store_txn *txn, struct id profile,
		      struct id conversation, struct slice text,
		      struct error *err);
bool record_draft_get(struct store_txn *txn, struct id profile,
		      struct id conversation, struct arena *arena,
		      struct slice *text, struct error *err);

/* ---- messages ---- */

enum message_role {
	MESSAGE_USER,
	MESSAGE_ASSISTANT,
	MESSAGE_SYSTEM,
	MESSAGE_ROLE_COUNT
};
extern const char *const message_role_names[MESSAGE_ROLE_COUNT];

/* -1: not told. */
struct message_usage {
	int64_t prompt, completion, cached;
	double cost; /* US dollars; negative: not told */
};

/* What an answer was given to know. */
enum message_memory_kind { USED_MEMORY, USED_MESSAGE, USED_KIND_COUNT };
struct message_memory {
	enum message_memory_kind kind;
	struct id id;
	double score;
	struct slice why_json;
};

struct message_attachment {
	struct slice name;
	struct slice media_type;
	uint8_t sha256[32];
	uint64_t size; /* of its bytes; only what is read has it */
};

#define MESSAGE_NO_PARENT UINT64_MAX

struct message {
	uint64_t seq; /* order in the whole store, from 1; given by append */
	struct id id;
	struct id profile;
	struct id conversation;
	struct slice external_id; /* unique within the conversation */
	enum message_role role;
	struct slice speaker;
	struct slice session_name; /* as it was given; empty: by the gap */
	uint64_t session;          /* derived; equal: one sitting */
	struct slice content;
	int64_t created_at;
	uint64_t parent;      /* seq; 0: none */
	uint64_t asked;       /* append's own: the parent it was given */
	uint32_t turn_number; /* place on its path, from 1 */
	struct slice finish_reason;
	bool partial;
	struct slice model;
	bool has_usage; /* false: usage is not stored */
	struct message_usage usage;
	const struct message_memory *memories;
	size_t memory_count;
	struct slice prompt; /* what the request is rebuilt from; opaque */
	uint64_t copy_of;    /* seq; 0: an original.  Copies are not indexed */
	const struct message_attachment *attachments;
	size_t attachment_count;
};

enum message_append_flag {
	MESSAGE_KEEP_HEAD = 1, /* a sibling that is not to be shown */
	MESSAGE_NO_TITLE = 2,  /* an import that brings its own */
	MESSAGE_NO_JOB = 4,    /* the caller indexes by itself */
	MESSAGE_LEARN = 8      /* a person's words: with a "learn" job, where
				  the conversation's memory is full */
};

/* Append to a conversation and fill in seq, session, turn_number, parent and
 * what was 0.  parent 0 is the head, MESSAGE_NO_PARENT begins another tree.
 * seq is 0 at first; a change that runs again may hand the same struct in.
 * Moves the head, turn_count, updated_at; gives an empty title one; writes a
 * change and an "index" job.  An id or external id that is taken is
 * ERROR_CONFLICT. */
bool record_message_append(struct store_txn *txn, struct message *m,
			   unsigned flags, struct error *err);
/* Have one that is stored learned from, as MESSAGE_LEARN would have. */
bool record_message_learn(struct store_txn *txn, const struct message *m,
			  struct error *err);
/* Content, speaker, finish_reason, partial, model, usage, memories, prompt,
 * attachments as they now are; the place in the tree stays. */
bool record_message_update(struct store_txn *txn, const struct message *m,
			   struct error *err);
bool record_message_get(struct store_txn *txn, struct id profile, uint64_t seq,
			struct arena *arena, struct message *out, bool *found,
			struct error *err);
bool record_message_by_id(struct store_txn *txn, struct id profile,
			  struct id id, struct arena *arena,
			  struct message *out, bool *found, struct error *err);
/* By an id or a prefix of one (ambiguous: ERROR_USAGE). */
bool record_message_find(struct store_txn *txn, struct id profile,
			 struct slice text, struct arena *arena,
			 struct message *out, bool *found, struct error *err);
bool record_message_by_external(struct store_txn *txn, struct id profile,
				struct id conversation,
				struct slice external_id, struct arena *arena,
				struct message *out, bool *found,
				struct error *err);

/* The messages that lead to one, oldest first, itself the last. */
struct message_path {
	struct id profile;
	struct id conversation;
	uint64_t head; /* its seq; 0: the conversation's head */
	size_t limit;  /* only the newest so many; 0: all */
};
bool record_message_path(struct store_txn *txn, const struct message_path *path,
			 struct arena *arena, struct message **out, size_t *n,
			 struct error *err);
/* The seqs of all messages with the parent of `seq`, itself among them. */
bool record_message_siblings(struct store_txn *txn, struct id profile,
			     uint64_t seq, struct arena *arena, uint64_t **out,
			     size_t *n, struct error *err);

/* The newest message of what hangs on `seq`, or that itself. */
bool record_message_newest(struct store_txn *txn, struct id profile,
			   struct id conversation, uint64_t seq,
			   uint64_t *newest, struct error *err);

/* What hangs on what in a conversation, all branches, by seq: for who asks
 * about many messages at once. */
struct message_link {
	uint64_t seq, parent; /* 0: it is a first one */
};
bool record_message_links(struct store_txn *txn, struct id profile,
			  struct id conversation, struct arena *arena,
			  struct message_link **out, size_t *n,
			  struct error *err);

/* Messages by seq, from `from` on: of a profile, or of one conversation (none:
 * all), every branch of it.
 *
 *	struct record_scan *scan = record_message_scan(...);
 *	while (scan && record_message_next(scan, arena, &m))
 *		...
 *	return record_scan_end(&scan, err);	 (false for a NULL scan)
 *
 * The arena may be reset between steps. */
struct record_scan;
struct record_scan *record_message_scan(struct store_txn *txn,
					struct id profile,
					struct id conversation, uint64_t from,
					bool backward, struct error *err);
bool record_message_next(struct record_scan *scan, struct arena *arena,
			 struct message *out);
bool record_scan_end(struct record_scan **scan, struct error *err);
void record_scan_drop(struct record_scan **scan); /* for SCOPED */

/* The seq of the newest message of the whole store, 0: none. */
bool record_message_last(struct store_txn *txn, uint64_t *seq,
			 struct error *err);
/* Of one person. */
bool record_message_count(struct store_txn *txn, struct id profile, uint64_t *n,
			  struct error *err);

/* Bytes of an attachment, once a conversation. */
bool record_attachment_put(struct store_txn *txn, struct id profile,
			   struct id conversation, const uint8_t sha256[32],
			   struct slice bytes, struct error *err);
bool record_attachment_get(struct store_txn *txn, struct id profile,
			   struct id conversation, const uint8_t sha256[32],
			   struct arena *arena, struct slice *bytes,
			   bool *found, struct error *err);

/* ---- the journal of open answers ---- */

/* An answer that is still coming.  `owner` names the process, so that only
 * what a dead one left is recovered. */
struct journal {
	struct id message; /* the id that the answer will have */
	struct id profile;
	struct id conversation;
	uint64_t parent;
	struct slice model;
	struct slice owner;
	int64_t created_at;
	int64_t updated_at; /* grows from one addition to the next */
	struct slice text;  /* what is added; in a list: the whole so far */
	/* In a list: the keys that it stands under. */
	const struct slice *rows;
	size_t row_count;
};

bool record_journal_add(struct store_txn *txn, const struct journal *j,
			struct error *err);
/* Each answer once, by id.  `profile` none is allowed here and means
 * everybody: recovery is not a person's. */
bool record_journal_list(struct store_txn *txn, struct id profile,
			 struct arena *arena, struct journal **out, size_t *n,
			 struct error *err);
/* Take out what a list had. */
bool record_journal_drop(struct store_txn *txn, const struct journal *j,
			 struct error *err);
/* Take out what was added at these times, in the transaction that stores the
 * answer: its writer knows them, and needs no search. */
bool record_journal_end(struct store_txn *txn, struct id profile,
			struct id message, const int64_t *times, size_t n,
			struct error *err);
/* Append what a crash left as a partial message (finish_reason "error") and
 * drop the entry of the list; an empty text, or one whose message or
 * conversation ended otherwise, is only dropped. */
bool record_journal_recover(struct store_txn *txn, const struct journal *j,
			    struct error *err);
/* This process's owner name, and whether one's process still runs. */
char *record_owner_make(char out[64]);
bool record_owner_alive(struct slice owner);

/* ---- memories ---- */

enum memory_type {
	MEMORY_PREFERENCE,
	MEMORY_FACT,
	MEMORY_ENTITY,
	MEMORY_COMMITMENT,
	MEMORY_INSTRUCTION,
	MEMORY_CONSTRAINT,
	MEMORY_HABIT,
	MEMORY_OPINION,
	MEMORY_TEMPORARY_STATE,
	MEMORY_GOAL,
	MEMORY_TYPE_COUNT
};

struct record_memory_type {
	const char *name;    /* "temporary_state" */
	const char *summary; /* one phrase, for help and the extractor */
};
extern const struct record_memory_type record_memory_types[MEMORY_TYPE_COUNT];
bool record_memory_type_find(struct slice name, enum memory_type *type);

enum memory_state {
	MEMORY_ACTIVE,
	MEMORY_SUPERSEDED, /* by superseded_by */
	MEMORY_MERGED,     /* into superseded_by */
	MEMORY_PUT_AWAY,   /* expired, tidied */
	MEMORY_STATE_COUNT
};
extern const char *const memory_state_names[MEMORY_STATE_COUNT];

struct memory_source {
	struct id conversation; /* none: said by hand */
	struct id message;
	uint32_t turn;
	struct slice quote;
};

struct memory {
	struct id id;
	struct id profile;
	struct slice external_id;
	enum memory_type type;
	struct slice key;
	struct slice value;
	double confidence; /* 0 to 1 */
	double importance; /* 0 to 1 */
	const struct memory_source *sources;
	size_t source_count;
	int64_t created_at;
	int64_t updated_at;
	int64_t valid_from;
	int64_t valid_to; /* exclusive */
	int64_t expires_at;
	uint64_t access_count;
	int64_t accessed_at;
	bool pinned;
	uint32_t version; /* from 1; 0: not stored yet */
	struct id superseded_by;
	enum memory_state state;
};

/* Store a new memory (version 0) or the next version of one: what is stored
 * has version + 1, *m keeps the one it was read with.  When another is stored
 * by then: ERROR_CONFLICT, somebody else changed it. */
bool record_memory_put(struct store_txn *txn, struct memory *m,
		       struct error *err);
/* Count a use; makes no version and no change row. */
bool record_memory_touch(struct store_txn *txn, struct id profile, struct id id,
			 int64_t at, struct error *err);
bool record_memory_get(struct store_txn *txn, struct id profile, struct id id,
		       struct arena *arena, struct memory *out, bool *found,
		       struct error *err);
/* By an id, a prefix of one (ambiguous: ERROR_USAGE), or an external id. */
bool record_memory_find(struct store_txn *txn, struct id profile,
			struct slice text, struct arena *arena,
			struct memory *out, bool *found, struct error *err);
bool record_memory_by_external(struct store_txn *txn, struct id profile,
			       struct slice external_id, struct arena *arena,
			       struct memory *out, bool *found,
			       struct error *err);
/* Memories newest first (`backward`) or oldest first by created_at; of one
 * type, or all with MEMORY_TYPE_COUNT; every state. */
struct record_scan *record_memory_scan(struct store_txn *txn, struct id profile,
				       enum memory_type type, bool backward,
				       struct error *err);
/* Newest first, from the one after `after` on (only id and created_at are
 * looked at); NULL: from the newest. */
struct record_scan *record_memory_scan_after(struct store_txn *txn,
					     struct id profile,
					     enum memory_type type,
					     const struct memory *after,
					     struct error *err);
/* Those whose key is `key` (case folded). */
struct record_scan *record_memory_scan_key(struct store_txn *txn,
					   struct id profile, struct slice key,
					   struct error *err);
/* Those with a source in the conversation. */
struct record_scan *record_memory_scan_source(struct store_txn *txn,
					      struct id profile,
					      struct id conversation,
					      struct error *err);
bool record_memory_next(struct record_scan *scan, struct arena *arena,
			struct memory *out);
/* Every version, oldest first, the present one last. */
bool record_memory_versions(struct store_txn *txn, struct id profile,
			    struct id id, struct arena *arena,
			    struct memory **out, size_t *n, struct error *err);
/* Write an older version back as it was, for imports of a history. */
bool record_memory_put_version(struct store_txn *txn, const struct memory *m,
			       struct error *err);
/* Delete with every version; a fingerprint of each one's value stays. */
bool record_memory_forget(struct store_txn *txn, struct id profile,
			  struct id id, struct error *err);
/* As forget, without fingerprints (another copy of it lives on). */
bool record_memory_delete(struct store_txn *txn, struct id profile,
			  struct id id, struct error *err);

/* ---- what must not be learned again ---- */

enum { RECORD_FINGERPRINT = 32 };

/* Lower case, white space folded, punctuation trimmed; empty when nothing is
 * left. */
struct slice record_normalise(struct arena *arena, struct slice text);

bool record_forget_text(struct store_txn *txn, struct id profile,
			struct slice text, struct error *err);
/* A fingerprint made with `key`, perhaps another store's. */
bool record_forget_fingerprint(struct store_txn *txn, struct id profile,
			       const uint8_t key[RECORD_FINGERPRINT],
			       const uint8_t fingerprint[RECORD_FINGERPRINT],
			       struct error *err);
bool record_forgotten(struct store_txn *txn, struct id profile,
		      struct slice text, bool *forgotten, struct error *err);
bool record_forgotten_has(struct store_txn *txn, struct id profile,
			  const uint8_t fingerprint[RECORD_FINGERPRINT],
			  bool *there, struct error *err);
struct record_fingerprint {
	uint8_t key[RECORD_FINGERPRINT];
	uint8_t fingerprint[RECORD_FINGERPRINT];
	int64_t created_at;
};
bool record_forgotten_list(struct store_txn *txn, struct id profile,
			   struct arena *arena, struct record_fingerprint **out,
			   size_t *n, struct error *err);

/* ---- taking text away ---- */

/* What stands where something was forgotten. */
#define RECORD_FORGOTTEN_TEXT "[forgotten]"

/* Write a stored version of a memory again as it is to be from now on: no new
 * version is made, and what it said is in no row any more. */
bool record_memory_rewrite(struct store_txn *txn, const struct memory *m,
			   struct error *err);

/* A message says RECORD_FORGOTTEN_TEXT from now on; its attachments go, and
 * with `prompt` what its request is rebuilt from. */
bool record_message_redact(struct store_txn *txn, struct id profile,
			   uint64_t seq, bool prompt, struct error *err);

/* Take text out of all of a person's rows that are neither messages nor
 * memories: titles, drafts, open answers, jobs, settings, replies kept for
 * repeated requests.  `says` tells which. */
typedef bool record_says_fn(void *arg, struct slice text);
bool record_redact(struct store_txn *txn, struct id profile,
		   record_says_fn *says, void *arg, struct error *err);

/* ---- jobs ---- */

/* Work that must survive: at most one process holds it at a time.  A lease
 * that runs out is anybody's again. */
struct job {
	struct id id; /* given by add; the same kind, id and due: one job */
	struct slice
		kind; /* "index", "learn", "delete", ...: at most 16 bytes */
	struct id profile;
	struct id ref;     /* what it is about */
	uint64_t seq;      /* a message's, where ref is one */
	int64_t due;       /* may run from then on */
	uint32_t attempts; /* leases so far */
	struct slice owner;
	int64_t lease_until; /* 0: not leased */
	struct slice payload;
	struct slice error; /* the last failure */
	bool poison;        /* put aside: not leased again */
	int64_t created_at;
};

bool record_job_add(struct store_txn *txn, struct job *j, struct error *err);
/* What is to be leased, by whom, until when. */
struct job_lease {
	struct slice kind;
	struct id profile; /* none: that of the first one due */
	int64_t now, until;
	struct slice owner;
	size_t max; /* room in `out`, where it is for several */
};
/* Lease the first one that is due; counts an attempt. */
bool record_job_lease(struct store_txn *txn, const struct job_lease *lease,
		      struct arena *arena, struct job *out, bool *found,
		      struct error *err);
/* Several at once, all of one person.  *next is when another of theirs (or of
 * anybody's) is due that was not taken, 0: there is none. */
bool record_job_lease_many(struct store_txn *txn, const struct job_lease *lease,
			   struct arena *arena, struct job *out, size_t *n,
			   int64_t *next, struct error *err);
/* Give back what processes hold that died, at once; put aside what so many
 * leases did not survive. */
bool record_job_free_dead(struct store_txn *txn, struct slice kind,
			  uint32_t max_attempts, size_t *freed,
			  struct error *err);
/* For what was leased; ERROR_CONFLICT when the lease has passed to another. */
bool record_job_finish(struct store_txn *txn, const struct job *j,
		       struct error *err);
/* Give it back for `now` + back-off (1 s doubling to 1 h, or `wait` when not
 * negative); poison after `max_attempts`. */
bool record_job_fail(struct store_txn *txn, const struct job *j,
		     struct slice why, int64_t now, int64_t wait,
		     uint32_t max_attempts, struct error *err);
/* Give it back as it was: not an attempt. */
bool record_job_release(struct store_txn *txn, const struct job *j,
			struct error *err);
/* Of a kind (empty: all) by due time, poison last; for doctor and tests. */
bool record_job_list(struct store_txn *txn, struct slice kind,
		     struct arena *arena, struct job **out, size_t *n,
		     struct error *err);
/* Drop a job whoever holds it. */
bool record_job_drop(struct store_txn *txn, const struct job *j,
		     struct error *err);
/* When the next one of `kind` is due (leases' ends count); 0: none. */
bool record_job_next_due(struct store_txn *txn, struct slice kind, int64_t *due,
			 struct error *err);

/* ---- changes ---- */

enum change_kind {
	CHANGE_PROFILE,
	CHANGE_CONVERSATION,
	CHANGE_MESSAGE,
	CHANGE_MEMORY,
	CHANGE_KIND_COUNT
};
enum change_op { CHANGE_PUT, CHANGE_DELETE, CHANGE_OP_COUNT };

struct change {
	uint64_t seq; /* from 1, no gaps that matter, never reused */
	struct id profile;
	enum change_kind kind;
	enum change_op op;
	struct id ref;        /* the record's id */
	uint64_t message_seq; /* of a message */
};

bool record_change_last(struct store_txn *txn, uint64_t *seq,
			struct error *err);
/* Every change after `since`, in order, of every profile; for indexes. */
struct record_scan *record_change_scan(struct store_txn *txn, uint64_t since,
				       struct error *err);
bool record_change_next(struct record_scan *scan, struct change *out);

/* ---- bytes ---- */

/* Decode any row of the store as one of the record kinds; total on hostile
 * bytes.  For check and the fuzz target. */
enum record_kind {
	RECORD_PROFILE,
	RECORD_CONVERSATION,
	RECORD_MESSAGE,
	RECORD_MEMORY,
	RECORD_JOB,
	RECORD_JOURNAL,
	RECORD_CHANGE,
	RECORD_IDENTITY,
	RECORD_SESSION,
	RECORD_API_KEY,
	RECORD_IDEMPOTENCY,
	RECORD_KIND_COUNT
};
bool record_decode(enum record_kind kind, struct slice bytes,
		   struct arena *arena, struct error *err);

/* Verify what must hold of every record and of every row that leads to one.
 * `each` (may be NULL) gets a sentence a problem.  False only where the store
 * could not be read. */
struct record_check {
	uint64_t problems;
	uint64_t profiles, conversations, messages, memories, jobs;
	uint64_t poison;       /* jobs that were put aside */
	uint64_t open_answers; /* in the journal */
};
typedef void record_problem_fn(void *arg, const char *text);
bool record_check(struct store_txn *txn, record_problem_fn *each, void *arg,
		  struct record_check *out, struct error *err);

#endif
