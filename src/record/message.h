/*
 * message.h - what the files about messages share.
 */
#ifndef RECORD_MESSAGE_H
#define RECORD_MESSAGE_H

#include "mneme/record.h"
#include "record/conversation.h"

#define MESSAGE_COUNTER "message-seq"

/* Write a message with all fields set, and the rows that lead to it. */
bool message_save_new(struct store_txn *txn, const struct message *m,
		      struct error *err);

/* See to it that the person's messages get indexed. */
bool message_index_job(struct store_txn *txn, struct id profile,
		       struct error *err);

#endif
