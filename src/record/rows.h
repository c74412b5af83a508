/*
 * rows.h - the fields of each record, in the order they are written.
 *
 * Append only: a new field goes last, under a new version.
 */
#ifndef RECORD_ROWS_H
#define RECORD_ROWS_H

#include "record/codec.h"

void row_profile(struct codec *c, void *record);
void row_conversation(struct codec *c, void *record);
void row_message(struct codec *c, void *record);
void row_memory(struct codec *c, void *record);
void row_job(struct codec *c, void *record);
void row_journal(struct codec *c, void *record);
void row_change(struct codec *c, void *record);
void row_identity(struct codec *c, void *record);
void row_session(struct codec *c, void *record);
void row_api_key(struct codec *c, void *record);
void row_idempotency(struct codec *c, void *record);

#endif
