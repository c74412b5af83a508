/*
 * scan.h - a walk over records, by a table of keys that end in their names.
 */
#ifndef RECORD_SCAN_H
#define RECORD_SCAN_H

#include "mneme/record.h"
#include "record/key.h"

struct record_scan;

/* `length` is what a key must have; others are passed over. */
struct record_scan *scan_open(struct store_txn *txn, enum store_table table,
			      struct id profile, const struct key *prefix,
			      const struct key *from, size_t length,
			      bool backward, struct error *err);

/* The next key and value, until the end or a failure. */
bool scan_step(struct record_scan *scan, struct slice *key,
	       struct slice *value);

struct store_txn *scan_txn(struct record_scan *scan);
struct id scan_profile(const struct record_scan *scan);

/* Where a step's failure goes; scan_fail() latches it and returns false. */
struct error *scan_error(struct record_scan *scan);
bool scan_fail(struct record_scan *scan);

#endif
