/*
 * conversation.h - what message.c needs of conversations.
 */
#ifndef RECORD_CONVERSATION_H
#define RECORD_CONVERSATION_H

#include "mneme/record.h"

/* Write `now` and move the rows that lead to it from where `was` had them
 * (zeroed: it is new). */
bool conversation_save(struct store_txn *txn, const struct conversation *was,
		       const struct conversation *now, struct error *err);

/* As get, ERROR_NOT_FOUND when it is not there. */
bool conversation_need(struct store_txn *txn, struct id profile, struct id id,
		       struct arena *arena, struct conversation *out,
		       struct error *err);

/* One that is being deleted is found too. */
bool conversation_any(struct store_txn *txn, struct id profile, struct id id,
		      struct arena *arena, struct conversation *out,
		      bool *found, struct error *err);

/* Delete messages of a conversation, about one off *budget a row. */
bool message_purge(struct store_txn *txn, struct id profile,
		   struct id conversation, size_t *budget, struct error *err);

#endif
