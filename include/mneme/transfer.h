/*
 * transfer.h - everything of a person as JSON Lines, out and in; and what
 * other programs export, in.
 *
 * Ids may be anybody's strings: import keeps them as external ids, export
 * writes the external id where there is one and ours otherwise.  So an export
 * of an import of an export is equal to the first byte for byte, and importing
 * twice changes nothing.
 */
#ifndef MNEME_TRANSFER_H
#define MNEME_TRANSFER_H

#include "mneme/base.h"
#include "mneme/id.h"

struct error;
struct store;
struct store_txn;

enum { TRANSFER_IMPORT_MAX = 1 << 30 /* bytes of a file */ };

enum transfer_flag {
	TRANSFER_FORGOTTEN = 1, /* export fingerprints of what was forgotten */
	TRANSFER_LEARN = 2      /* learn from what is imported, and from what
				   is known of it but was never learned from */
};

/* Gets whole lines, many at once; false ends the export. */
typedef bool transfer_write_fn(void *arg, struct slice lines,
			       struct error *err);
bool transfer_export(struct store_txn *txn, struct id profile, unsigned flags,
		     transfer_write_fn *write, void *arg, struct error *err);

/* What was not taken, and why: "12" is a line, "conversation 3, message x" a
 * part of another program's export. */
typedef void transfer_bad_fn(void *arg, const char *where,
			     const struct error *why);
struct transfer_counts {
	size_t added, known, bad;  /* records */
	size_t messages, memories; /* of those added */
};

/* Read JSON Lines, or the data export of ChatGPT or Claude (conversations.json,
 * or the zip file that holds it).  What is good is kept, what is bad is told
 * to `bad` and counted; false only where nothing could be read or stored. */
bool transfer_import(struct store *store, struct id profile, struct slice bytes,
		     unsigned flags, transfer_bad_fn *bad, void *arg,
		     struct transfer_counts *out, struct error *err);

#endif
