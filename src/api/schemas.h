/* schemas.h - the objects that routes take and give. */
#ifndef API_SCHEMAS_H
#define API_SCHEMAS_H

#include "api/schema.h"

extern const struct schema schema_register, schema_login, schema_google,
	schema_refresh, schema_logout, schema_password, schema_new_key,
	schema_new_conversation, schema_conversation_change, schema_fork,
	schema_send, schema_send_anywhere, schema_new_memory,
	schema_memory_change, schema_profile_change, schema_settings_change;

extern const struct schema schema_grant, schema_person, schema_session,
	schema_key, schema_conversation, schema_message, schema_complete,
	schema_success, schema_memory, schema_memory_version, schema_forgotten,
	schema_stats, schema_cancel, schema_problem, schema_root, schema_health,
	schema_ready, schema_settings;

extern const struct schema schema_page, schema_conversation_query,
	schema_memory_query;

extern const struct schema schema_openai_chat, schema_openai_answer,
	schema_openai_models, schema_openai_model, schema_openai_embed,
	schema_openai_embeddings, schema_openai_error;

/* Every schema that has a place among OpenAPI's components. */
extern const struct schema *const schemas[];
extern const size_t schema_count;

#endif
