/*
 * The tables' names in the file.  A name never changes its meaning: what is
 * given up keeps its line, what is new is added at the end of enum
 * store_table.
 */
#include "store/inner.h"

#include <assert.h>

const char *const store_table_names[STORE_TABLE_COUNT] = {
	[STORE_META] = "meta",
	[STORE_PROFILES] = "profiles",
	[STORE_PROFILE_NAMES] = "profile_names",
	[STORE_CONVERSATIONS] = "conversations",
	[STORE_CONVERSATION_ORDER] = "conversation_order",
	[STORE_CONVERSATION_EXTERNAL] = "conversation_external",
	[STORE_MESSAGES] = "messages",
	[STORE_MESSAGE_IDS] = "message_ids",
	[STORE_MESSAGE_EXTERNAL] = "message_external",
	[STORE_CONVERSATION_MESSAGES] = "conversation_messages",
	[STORE_PROFILE_MESSAGES] = "profile_messages",
	[STORE_MEMORIES] = "memories",
	[STORE_MEMORY_ORDER] = "memory_order",
	[STORE_MEMORY_KEYS] = "memory_keys",
	[STORE_MEMORY_EXTERNAL] = "memory_external",
	[STORE_MEMORY_VERSIONS] = "memory_versions",
	[STORE_MEMORY_SOURCES] = "memory_sources",
	[STORE_FORGOTTEN] = "forgotten",
	[STORE_JOBS] = "jobs",
	[STORE_CHANGES] = "changes",
	[STORE_JOURNAL] = "journal",
	[STORE_DRAFTS] = "drafts",
	[STORE_ATTACHMENTS] = "attachments",
	[STORE_SESSIONS] = "sessions",
	[STORE_API_KEYS] = "api_keys",
	[STORE_IDENTITIES] = "identities",
	[STORE_IDEMPOTENCY] = "idempotency",
	[STORE_SETTINGS] = "settings",
};

static_assert(STORE_SETTINGS + 1 == STORE_TABLE_COUNT, "name every table");

const char *
store_table_name(enum store_table table)
{
	assert(table < STORE_TABLE_COUNT);
	return store_table_names[table];
}
