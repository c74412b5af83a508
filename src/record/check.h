/*
 * check.h - what the two files that verify a store share.
 */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

#include "mneme/arena.h"
#include "mneme/map.h"
#include "mneme/record.h"
#include "record/codec.h"
#include "record/key.h"

struct checking {
	struct store_txn *txn;
	record_problem_fn *each;
	void *arg;
	struct record_check *out;
	struct error *err;
	struct arena arena; /* reset at each row */
	/* rows that there must be */
	uint64_t names, ordered, external, message_external;
	uint64_t memory_order, memory_keys, memory_sources, memory_external;
	uint64_t last_message;
	struct map attached; /* keys of bytes that a message refers to */
	bool parting;        /* a person is being deleted, table by table */
};

void check_say(struct checking *c, const char *fmt, ...) PRINTF(2, 3);

/* The functions below are false where the store itself fails; what is wrong
 * with a record is said, and true. */
typedef bool check_row_fn(struct checking *c, struct slice key,
			  struct slice value);
bool check_walk(struct checking *c, enum store_table table, check_row_fn *row);

/* False, having said so, when the bytes are no such record. */
bool check_read(struct checking *c, struct slice value, fields_fn *fields,
		void *record, const char *what);
/* There is a row, and this is its value. */
bool check_there(struct checking *c, enum store_table table,
		 const struct key *key, struct slice want, const char *what);
bool check_count(struct checking *c, enum store_table table, uint64_t want,
		 const char *what);
/* The person is there; *gone: or is being deleted. */
bool check_profile(struct checking *c, struct id id, const char *what,
		   bool *gone);

/* Bytes for everything that is attached to a message; and a row of them. */
bool check_attachments(struct checking *c, const struct message *m);
bool check_attachment(struct checking *c, struct slice key, struct slice value);

bool check_learned(struct checking *c); /* memories and their rows */
bool check_log(struct checking *c);     /* jobs, changes, journal */

#endif
