/*
 * names.c - the words that records are spoken of with.
 */
#include "mneme/record.h"

const char *const memory_mode_names[] = {
	[MEMORY_FULL] = "full",
	[MEMORY_READ] = "read",
	[MEMORY_OFF] = "off",
};

const char *const memory_mode_notes[] = {
	[MEMORY_FULL] = "recalled from and learned from",
	[MEMORY_READ] = "recalled from, nothing is learned",
	[MEMORY_OFF] = "nothing is recalled, nothing is learned",
};

const char *const message_role_names[] = {
	[MESSAGE_USER] = "user",
	[MESSAGE_ASSISTANT] = "assistant",
	[MESSAGE_SYSTEM] = "system",
};

const char *const api_scope_names[] = {
	[API_READ] = "read",
	[API_WRITE] = "write",
};

const char *const memory_state_names[] = {
	[MEMORY_ACTIVE] = "active",
	[MEMORY_SUPERSEDED] = "superseded",
	[MEMORY_MERGED] = "merged",
	[MEMORY_PUT_AWAY] = "put_away",
};

const struct record_memory_type record_memory_types[] = {
	[MEMORY_PREFERENCE] = {"preference", "what somebody likes or prefers"},
	[MEMORY_FACT] = {"fact", "something that is so"},
	[MEMORY_ENTITY] = {"entity", "a person, place or thing that matters"},
	[MEMORY_COMMITMENT] = {"commitment", "a promise or an appointment"},
	[MEMORY_INSTRUCTION] = {"instruction", "how to answer from now on"},
	[MEMORY_CONSTRAINT] = {"constraint", "a limit that must be kept"},
	[MEMORY_HABIT] = {"habit", "what somebody does regularly"},
	[MEMORY_OPINION] = {"opinion", "what somebody thinks of something"},
	[MEMORY_TEMPORARY_STATE] = {"temporary_state", "true for now only"},
	[MEMORY_GOAL] = {"goal", "what somebody wants to reach"},
};

bool
record_memory_type_find(struct slice name, enum memory_type *type)
{
	for (size_t i = 0; i < COUNT(record_memory_types); i++) {
		if (!slice_is(name, record_memory_types[i].name))
			continue;
		*type = (enum memory_type)i;
		return true;
	}
	return false;
}
