/*
 * change.c - what happened, in order, for those who keep something derived.
 */
#include "record/key.h"
#include "record/rows.h"

static const char counter[] = "change-seq";

bool
change_add(struct store_txn *txn, struct id profile, enum change_kind kind,
	   enum change_op op, struct id ref, uint64_t message_seq,
	   struct error *err)
{
	struct change c = {.profile = profile,
			   .kind = kind,
			   .op = op,
			   .ref = ref,
			   .message_seq = message_seq};
	struct key key;

	if (!key_next_seq(txn, counter, &c.seq, err))
		return false;
	key = key_of_seq(c.seq);
	return row_put(txn, STORE_CHANGES, key_slice(&key), row_change, &c,
		       sizeof(c), err);
}

bool
record_change_last(struct store_txn *txn, uint64_t *seq, struct error *err)
{
	return key_last_seq(txn, counter, seq, err);
}
