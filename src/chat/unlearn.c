/*
 * unlearn.c - ids and versions are kept, not the memories: taking one back
 * reads them again, and gives up where they were changed since.
 */
#include "mneme/arena.h"
#include "mneme/chat.h"
#include "mneme/error.h"

const char *const chat_how_words[MEMORY_HOW_COUNT] = {
	[MEMORY_NEW] = "Learned",
	[MEMORY_STRENGTHENED] = "Heard again",
	[MEMORY_SUPERSEDES] = "Learned, in the place of what was so before",
	[MEMORY_MENDED] = "Corrected",
	[MEMORY_PAST] = "Learned of the past",
};

struct chat_lesson
chat_lesson(const struct memory_learned *what)
{
	return (struct chat_lesson){
		.how = what->how,
		.profile = what->memory.profile,
		.id = what->memory.id,
		.version = what->memory.version,
		.other = what->other.id,
		.other_version = what->other.version,
	};
}

/* As it was left by the lesson, or ERROR_CONFLICT. */
static bool
read_memory(struct store_txn *txn, struct id profile, struct id id,
	    uint32_t version, struct arena *arena, struct memory *out,
	    struct error *err)
{
	bool found;

	if (version == 0)
		return true;
	if (!record_memory_get(txn, profile, id, arena, out, &found, err))
		return false;
	if (!found || out->version != version)
		return error_set(err, ERROR_CONFLICT,
				 "it was changed since: see /memories");
	return true;
}

bool
chat_unlearn(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct chat_lesson *l = arg;
	struct memory_learned what = {.how = l->how};

	return read_memory(txn, l->profile, l->id, l->version, &arena,
			   &what.memory, err) &&
	       read_memory(txn, l->profile, l->other, l->other_version, &arena,
			   &what.other, err) &&
	       memory_unlearn(txn, &what, err);
}
