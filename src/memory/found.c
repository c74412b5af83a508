#include "found.h"

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/store.h"

static bool
fill_message(struct store_txn *txn, const struct message *m,
	     struct arena *arena, struct memory_result *out, bool *found,
	     struct error *err)
{
	struct conversation c;

	if (!record_conversation_get(txn, m->profile, m->conversation, arena,
				     &c, found, err))
		return false;
	*found = *found && c.memory_mode != MEMORY_OFF && !c.deleting;
	*out = (struct memory_result){.kind = USED_MESSAGE,
				      .id = m->id,
				      .external_id = m->external_id,
				      .conversation = m->conversation,
				      .title = *found ? c.title
						      : (struct slice){0},
				      .speaker = m->speaker,
				      .role = m->role,
				      .text = m->content,
				      .excerpt = m->content,
				      .created_at = m->created_at,
				      .seq = m->seq};
	return true;
}

bool
found_message(struct store_txn *txn, struct id profile, uint64_t seq,
	      struct arena *arena, struct memory_result *out, bool *found,
	      struct error *err)
{
	struct message m;

	return record_message_get(txn, profile, seq, arena, &m, found, err) &&
	       (!*found || fill_message(txn, &m, arena, out, found, err));
}

static bool
memory_stands(const struct memory *m, int64_t as_of)
{
	int64_t at = as_of ? as_of : clock_now();

	if (m->state == MEMORY_MERGED || m->created_at > at)
		return false;
	if (!as_of && m->state != MEMORY_ACTIVE)
		return false;
	return (!m->valid_from || m->valid_from <= at) &&
	       (!m->valid_to || at < m->valid_to) &&
	       (!m->expires_at || at < m->expires_at);
}

bool
found_memory(struct store_txn *txn, struct id profile, struct id id,
	     int64_t as_of, struct arena *arena, struct memory_result *out,
	     bool *found, struct error *err)
{
	struct memory m;

	if (!record_memory_get(txn, profile, id, arena, &m, found, err))
		return false;
	if (!*found)
		return true;
	*found = memory_stands(&m, as_of);
	*out = (struct memory_result){
		.kind = USED_MEMORY,
		.id = m.id,
		.external_id = m.external_id,
		.conversation = m.source_count ? m.sources[0].conversation
					       : (struct id){{0}},
		.role = MESSAGE_USER,
		.text = m.value,
		.excerpt = m.value,
		.created_at = m.created_at};
	return true;
}

bool
memory_resolve(struct store_txn *txn, struct id profile,
	       const struct message_memory *reference, struct arena *arena,
	       struct memory_result *out, bool *found, struct error *err)
{
	struct message m;

	if (reference->kind == USED_MEMORY) {
		if (!found_memory(txn, profile, reference->id, 0, arena, out,
				  found, err))
			return false;
	} else {
		if (!record_message_by_id(txn, profile, reference->id, arena,
					  &m, found, err) ||
		    (*found && !fill_message(txn, &m, arena, out, found, err)))
			return false;
	}
	if (*found)
		out->score = reference->score;
	return true;
}
