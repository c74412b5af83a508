/*
 * forget.h - one act of forgetting, shared by the files that do its parts.
 *
 *	forget.c	what goes, and that it does not come back
 *	forget_said.c	which messages say it
 *	forget_redact.c	what stays loses it
 *
 * It lives for one change of the store; what its caller gets is in f->arena.
 */
#ifndef MEMORY_FORGET_H
#define MEMORY_FORGET_H

#include "mneme/arena.h"
#include "mneme/memory.h"
#include "says.h"

enum heard_flag {
	HEARD_SOURCE = 1, /* it was learned from this, or from a copy */
	HEARD_NEAR = 2,   /* answers a source, or was told the memory */
	HEARD_AFTER = 4,  /* later in a source's conversation */
	HEARD_SAYS = 8    /* a wording stands in it */
};

/* What one message has to do with it. */
struct heard {
	uint64_t seq;
	uint64_t words; /* says_which() */
	unsigned flags;
};

struct forgetting {
	struct store_txn *txn;
	struct memory_forgetting *f;
	struct says *says;
	struct memory *gone;
	size_t gone_count, gone_cap;
	struct id *sources; /* messages */
	size_t source_count, source_cap;
	uint64_t *source_seqs;
	size_t seq_count, seq_cap;
	struct id *rooms; /* conversations that hold a source, so far */
	size_t room_count, room_cap;
	struct heard *heard;
	size_t heard_count, heard_cap;
	struct arena scratch;
};

bool forgetting_has_id(const struct id *list, size_t n, struct id id);
/* Whether this memory is one of those that go. */
bool forgetting_goes(const struct forgetting *g, struct id id);

/* With its wordings gathered: every message of the person, in `heard`; then of
 * these the ones that say it, in `heard` and f->said_in. */
bool forgetting_hear(struct forgetting *g, struct error *err);
bool forgetting_list_said(struct forgetting *g, struct error *err);

/* The messages in f->said_in where that is asked for, with the titles that
 * tell of them. */
bool forgetting_redact_messages(struct forgetting *g, struct error *err);
/* Quotes and old versions of the memories that stay; f->also lists those that
 * still say it. */
bool forgetting_redact_memories(struct forgetting *g, struct error *err);

#endif
