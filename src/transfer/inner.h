/*
 * inner.h - one record as one line, for the files of transfer/.
 */
#ifndef TRANSFER_INNER_H
#define TRANSFER_INNER_H

#include "mneme/json.h"
#include "mneme/map.h"
#include "mneme/record.h"
#include "mneme/transfer.h"

struct buf;
struct printer;

/* ---- out ---- */

/* Id as it goes out; `text` is room for one of ours. */
struct slice write_id(struct slice external, struct id id,
		      char text[ID_TEXT + 1]);

void write_conversation(struct printer *p, const struct conversation *c,
			struct slice forked_from);

/* How a message lies in the tree, and what it refers to. */
struct message_place {
	const struct conversation *conversation;
	struct slice parent; /* .data NULL: the one before, or none */
	bool root;           /* it has none, though others stand before it */
	bool aside;          /* the head stays where it is */
	struct slice copy_conversation, copy_message; /* empty: an original */
};
/* The members of a message that stand in rows of their own. */
bool write_message(struct printer *p, struct store_txn *txn,
		   const struct message *m, const struct message_place *place,
		   struct arena *arena, struct error *err);

bool write_memory(struct printer *p, struct store_txn *txn,
		  const struct memory *m, struct arena *arena,
		  struct error *err);
void write_forgotten(struct printer *p, const struct record_fingerprint *f);

/* ---- in ---- */

enum line_outcome { LINE_ADDED, LINE_KNOWN };

/* The messages that were learned from, or wait for it; read when needed. */
struct lessons {
	struct map messages; /* by id */
	bool read;
};

struct reading {
	struct store_txn *txn;
	struct id profile;
	unsigned flags; /* transfer_flag, and: */
	bool foreign;   /* of another program: names there may change */
	const json_t *line;
	struct arena *arena;
	struct lessons *lessons;
	enum line_outcome outcome;
	bool later; /* it refers to what may stand further on */
};

/* Store r->line.  ERROR_INVALID says which member is wrong; a known id with
 * other content is ERROR_CONFLICT. */
bool read_line(struct reading *r, struct error *err);

/* When all lines are stored: what r->line refers to. */
bool read_references(struct reading *r, struct error *err);

/* Members, checked; a missing one is empty, 0 or `fallback`. */
bool member_text(const struct reading *r, const char *key, bool wanted,
		 size_t max, struct slice *out, struct error *err);
bool member_time(const struct reading *r, const char *key, int64_t *out,
		 struct error *err);
bool member_part(const struct reading *r, const char *key, double fallback,
		 double *out, struct error *err); /* 0 to 1 */
bool member_flag(const struct reading *r, const char *key);

/* By external id or by one of ours. */
bool find_conversation(struct reading *r, struct slice id,
		       struct conversation *c, bool *found, struct error *err);
bool find_message(struct reading *r, struct id conversation, struct slice id,
		  struct message *m, bool *found, struct error *err);
bool find_memory(struct reading *r, struct slice id, struct memory *m,
		 bool *found, struct error *err);
/* The id of what was found, or of ours that is not there (any more). */
struct id found_id(bool found, struct id there, struct slice text);

bool known(struct reading *r, bool same, const char *what, struct slice id,
	   struct error *err);

bool read_message(struct reading *r, struct error *err);
bool read_message_references(struct reading *r, struct error *err);
bool read_memory(struct reading *r, struct error *err);
bool read_memory_references(struct reading *r, struct error *err);

/* ---- other programs' exports ---- */

/* Step through the elements of a JSON array, each as text.  False at the end
 * and where it is no array any more (*whole is then false). */
bool array_next(struct slice *rest, struct slice *element, bool *whole);

/* One conversation as the lines of ours: an array of objects, the conversation
 * first.  NULL with ERROR_INVALID where it is none. */
typedef json_t *foreign_fn(const json_t *conversation, struct error *err);
foreign_fn chatgpt_lines, claude_lines;

/* A member that is a string, or NULL; and one part of a message's text, apart
 * from those before it by an empty line, unless it is blank. */
const char *foreign_text(const json_t *object, const char *key);
void foreign_add_part(struct buf *out, const char *text);

/* Texts that are wrong in themselves are left out, so these never fail. */
void line_text(json_t *line, const char *key, struct slice value);
void line_time(json_t *line, const char *key, int64_t at);

/* The conversations*.json files in a zip, one after the other in `each`. */
typedef bool zip_file_fn(void *arg, const char *name, struct slice bytes,
			 struct error *err);
bool zip_each(struct slice bytes, zip_file_fn *each, void *arg,
	      struct error *err);

#endif
