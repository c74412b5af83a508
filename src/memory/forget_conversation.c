/*
 * forget_conversation.c - what a conversation that is deleted takes along: the
 * memories that nothing else supports.  The others lose its quotes.
 */
#include "line.h"
#include "mneme/arena.h"
#include "mneme/error.h"

/* Whether anything but the conversation says so. */
static bool
supported(const struct memory *m, struct id conversation)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (!id_equal(m->sources[i].conversation, conversation))
			return true;
	return false;
}

static bool
drop_sources(struct store_txn *txn, struct id profile, struct id id,
	     struct id conversation, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory *versions;
	size_t n;

	if (!record_memory_versions(txn, profile, id, &arena, &versions, &n,
				    err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct memory *m = &versions[i];
		struct memory_source *kept =
			arena_alloc(&arena, m->source_count + 1, sizeof(*kept));
		size_t count = 0;

		for (size_t k = 0; k < m->source_count; k++)
			if (!id_equal(m->sources[k].conversation, conversation))
				kept[count++] = m->sources[k];
		if (count == m->source_count)
			continue;
		m->sources = kept;
		m->source_count = count;
		if (!record_memory_rewrite(txn, m, err))
			return false;
	}
	return true;
}

bool
memory_forget_conversation(struct store_txn *txn, struct id profile,
			   struct id conversation, size_t *gone,
			   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct memory_filter from = {.profile = profile,
					   .type = MEMORY_TYPE_COUNT,
					   .state = MEMORY_STATE_COUNT,
					   .conversation = conversation};
	struct memory *list;
	size_t n;

	*gone = 0;
	if (id_none(conversation))
		return error_set(err, ERROR_INVALID, "no conversation");
	if (!memory_list(txn, &from, NULL, SIZE_MAX, &arena, &list, &n, err))
		return false;
	struct memory *alone = arena_alloc(&arena, n + 1, sizeof(*alone));
	struct memory *again;
	size_t again_count;

	for (size_t i = 0; i < n; i++) {
		if (!supported(&list[i], conversation))
			alone[(*gone)++] = list[i];
		else if (!drop_sources(txn, profile, list[i].id, conversation,
				       err))
			return false;
	}
	if (!line_leave(txn, profile, alone, *gone, &arena, &again,
			&again_count, err))
		return false;
	for (size_t i = 0; i < *gone; i++) {
		if (!record_memory_delete(txn, profile, alone[i].id, err))
			return false;
	}
	return memory_purge_later(txn, profile, err);
}
