/*
 * schemas.c - the objects of the API, field by field.
 *
 * Fields that clients send without a need for them (a form's grant_type, what
 * Google's page says of its user) are rows too: known, and not looked at.
 */
#include "api/schemas.h"

#include "mneme/attach.h"
#include "mneme/auth.h"
#include "mneme/chat.h"
#include "mneme/config.h"
#include "mneme/memory.h"

/* clang-format off */
#define NAMED(text) .name = text
#define FIELDS(array) .fields = array, .count = COUNT(array)

#define ID_EXAMPLE "\"01j5zk3v8x2m4n6p8q0r2s4t6v\""
#define TIME_EXAMPLE "\"2026-01-02T03:04:05Z\""
#define MEMORY_TYPES \
	"preference fact entity commitment instruction constraint habit " \
	"opinion temporary_state goal"

enum {
	NAME_CHARS = 32, TITLE_CHARS = 256, KEY_CHARS = 64, TOKEN = 16384,
	NEED = FIELD_NEEDED, NIL = FIELD_NULL
};

/* ---- signing in */

static const struct schema_field register_fields[] = {
	{ "email", SCHEMA_STRING, NEED | FIELD_EMAIL, 3, AUTH_EMAIL_MAX,
	  .help = "The address to sign in with",
	  .example = "\"ada@example.org\"" },
	{ "username", SCHEMA_STRING, NIL | FIELD_CHARS | FIELD_NAME, 0,
	  NAME_CHARS,
	  .help = "A name; made from the e-mail when it is missing",
	  .example = "\"ada\"" },
	{ "password", SCHEMA_STRING, NEED | FIELD_SECRET, AUTH_PASSWORD_MIN,
	  AUTH_PASSWORD_MAX, .help = "8 to 1,024 bytes; none is cut",
	  .example = "\"correct horse battery\"" },
};
const struct schema schema_register = {
	NAMED("Register"), .help = "A new account", FIELDS(register_fields) };

static const struct schema_field login_fields[] = {
	{ "email", SCHEMA_STRING, 0, 1, AUTH_EMAIL_MAX,
	  .help = "The e-mail address",
	  .example = "\"ada@example.org\"" },
	{ "username", SCHEMA_STRING, 0, 1, AUTH_EMAIL_MAX,
	  .help = "In place of it: the e-mail or the name" },
	{ "password", SCHEMA_STRING, NEED | FIELD_SECRET, 0, 65536,
	  .example = "\"correct horse battery\"" },
	{ "grant_type", SCHEMA_STRING, NIL, .help = "Not looked at" },
	{ "scope", SCHEMA_STRING, NIL, .help = "Not looked at" },
	{ "client_id", SCHEMA_STRING, NIL, .help = "Not looked at" },
	{ "client_secret", SCHEMA_STRING, NIL, .help = "Not looked at" },
};
const struct schema schema_login = {
	NAMED("Login"), .help = "An e-mail or a name, and the password",
	.either = { "email", "username" },
	FIELDS(login_fields) };

static const struct schema_field google_fields[] = {
	{ "id_token", SCHEMA_STRING, NEED, 1, TOKEN,
	  .help = "The Firebase ID token", .example = "\"eyJhbGciOi...\"" },
	{ "access_token", SCHEMA_STRING, NIL, .help = "Not looked at" },
	{ "user_info", SCHEMA_OBJECT, NIL,
	  .help = "Not looked at: what counts is in the token" },
};
const struct schema schema_google = {
	NAMED("GoogleSignIn"), FIELDS(google_fields) };

static const struct schema_field refresh_fields[] = {
	{ "refresh_token", SCHEMA_STRING, NEED, 1, TOKEN,
	  .example = "\"mr_...\"" },
};
const struct schema schema_refresh = {
	NAMED("Refresh"), FIELDS(refresh_fields) };

static const struct schema_field logout_fields[] = {
	{ "refresh_token", SCHEMA_STRING, NIL, 0, TOKEN,
	  .help = "Of another session to end as well" },
};
const struct schema schema_logout = {
	NAMED("Logout"), FIELDS(logout_fields) };

static const struct schema_field password_fields[] = {
	{ "old", SCHEMA_STRING, NIL | FIELD_SECRET, 0, 65536,
	  .help = "Not needed by who has no password yet" },
	{ "new", SCHEMA_STRING, NEED | FIELD_SECRET, AUTH_PASSWORD_MIN,
	  AUTH_PASSWORD_MAX, .example = "\"another horse\"" },
};
const struct schema schema_password = {
	NAMED("PasswordChange"), FIELDS(password_fields) };

static const struct schema_field new_key_fields[] = {
	{ "name", SCHEMA_STRING, NEED | FIELD_CHARS | FIELD_FILLED, 1,
	  NAME_CHARS, .help = "To know it by", .example = "\"laptop\"" },
	{ "scope", SCHEMA_STRING, NIL, .choices = "read write",
	  .help = "write is everything, and the default",
	  .example = "\"write\"" },
};
const struct schema schema_new_key = {
	NAMED("NewKey"), FIELDS(new_key_fields) };

static const struct schema_field person_fields[] = {
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "email", SCHEMA_STRING, NEED, .example = "\"ada@example.org\"" },
	{ "username", SCHEMA_STRING, NEED, .example = "\"ada\"" },
	{ "created_at", SCHEMA_STRING, FIELD_TIME, .example = TIME_EXAMPLE },
};
const struct schema schema_person = {
	NAMED("Person"), FIELDS(person_fields) };

static const struct schema_field grant_fields[] = {
	{ "access_token", SCHEMA_STRING, NEED, .help =
	  "Send it as Authorization: Bearer", .example = "\"eyJhbGciOi...\"" },
	{ "token_type", SCHEMA_STRING, NEED, .choices = "bearer",
	  .example = "\"bearer\"" },
	{ "expires_in", SCHEMA_INTEGER, NEED, .help = "Seconds",
	  .example = "1800" },
	{ "refresh_token", SCHEMA_STRING, NEED, .help =
	  "Good for one new pair; used twice it ends the session",
	  .example = "\"mr_...\"" },
	{ "user", SCHEMA_OBJECT, NEED, .of = &schema_person },
};
const struct schema schema_grant = {
	NAMED("Tokens"), FIELDS(grant_fields) };

static const struct schema_field session_fields[] = {
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "client", SCHEMA_STRING, NEED, .example = "\"curl/7.88.1\"" },
	{ "address", SCHEMA_STRING, NEED, .example = "\"127.0.0.1\"" },
	{ "created_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "last_used_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "expires_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "current", SCHEMA_BOOLEAN, NEED, .example = "true" },
};
const struct schema schema_session = {
	NAMED("Session"), FIELDS(session_fields) };

static const struct schema_field key_fields[] = {
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "name", SCHEMA_STRING, NEED, .example = "\"laptop\"" },
	{ "scope", SCHEMA_STRING, NEED, .choices = "read write",
	  .example = "\"write\"" },
	{ "hint", SCHEMA_STRING, NEED, .help = "How it begins",
	  .example = "\"mk_7k2m\"" },
	{ "created_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "last_used_at", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = "null" },
	{ "key", SCHEMA_STRING, 0, .help =
	  "Only when it is made, and never again" },
};
const struct schema schema_key = {
	NAMED("Key"), FIELDS(key_fields) };

/* ---- conversations */

static const struct schema_field page_fields[] = {
	{ "limit", SCHEMA_INTEGER, 0, 1, 200, .help = "50 when not given" },
	{ "cursor", SCHEMA_STRING, FIELD_CURSOR, .help =
	  "From the Link header of the page before" },
};
const struct schema schema_page = { NAMED("Page"), FIELDS(page_fields) };

static const struct schema_field conversation_query_fields[] = {
	{ "limit", SCHEMA_INTEGER, 0, 1, 200, .help = "50 when not given" },
	{ "cursor", SCHEMA_STRING, FIELD_CURSOR, .help =
	  "From the Link header of the page before" },
	{ "archived", SCHEMA_STRING, 0, .choices = "false true all",
	  .help = "Which ones; false when not given" },
};
const struct schema schema_conversation_query = {
	NAMED("ConversationQuery"), FIELDS(conversation_query_fields) };

static const struct schema_field new_conversation_fields[] = {
	{ "title", SCHEMA_STRING, NIL | FIELD_CHARS, 0, TITLE_CHARS,
	  .help = "The first message gives one when it is missing",
	  .example = "\"Travel plans\"" },
	{ "memory_mode", SCHEMA_STRING, NIL, .choices = "full read off",
	  .help = "read: recalled from, not learned from",
	  .example = "\"full\"" },
};
const struct schema schema_new_conversation = {
	NAMED("NewConversation"), FIELDS(new_conversation_fields) };

static const struct schema_field conversation_change_fields[] = {
	{ "title", SCHEMA_STRING, FIELD_CHARS, 0, TITLE_CHARS,
	  .example = "\"Travel plans\"" },
	{ "memory_mode", SCHEMA_STRING, 0, .choices = "full read off" },
	{ "archived", SCHEMA_BOOLEAN, 0, .help =
	  "Out of the list" },
	{ "pinned", SCHEMA_BOOLEAN, 0, .example = "true" },
};
const struct schema schema_conversation_change = {
	NAMED("ConversationChange"), FIELDS(conversation_change_fields) };

static const struct schema_field fork_fields[] = {
	{ "message_id", SCHEMA_STRING, NIL, .help =
	  "The last message to take along; the newest when it is missing",
	  .example = ID_EXAMPLE },
};
const struct schema schema_fork = { NAMED("Fork"), FIELDS(fork_fields) };

static const struct schema_field conversation_fields[] = {
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "title", SCHEMA_STRING, NEED, .example = "\"Travel plans\"" },
	{ "created_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "updated_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "turn_count", SCHEMA_INTEGER, NEED, .help = "Messages in it",
	  .example = "2" },
	{ "memory_mode", SCHEMA_STRING, NEED, .choices = "full read off",
	  .example = "\"full\"" },
	{ "archived", SCHEMA_BOOLEAN, NEED, .example = "false" },
	{ "pinned", SCHEMA_BOOLEAN, NEED, .example = "false" },
	{ "forked_from", SCHEMA_STRING, FIELD_ID, .help =
	  "The conversation that it began as" },
};
const struct schema schema_conversation = {
	NAMED("Conversation"), FIELDS(conversation_fields) };

static const struct schema_field success_fields[] = {
	{ "success", SCHEMA_BOOLEAN, NEED, .example = "true" },
};
const struct schema schema_success = {
	NAMED("Success"), FIELDS(success_fields) };

/* ---- messages */

/* As base 64 three bytes are four letters. */
enum { ATTACHMENT_LETTERS = (RECORD_ATTACHMENT_MAX + 2) / 3 * 4 };

static const struct schema_field new_attachment_fields[] = {
	{ "name", SCHEMA_STRING, NIL | FIELD_CHARS, 0, TITLE_CHARS, .help =
	  "To know it by", .example = "\"dot.gif\"" },
	{ "data", SCHEMA_STRING, NEED | FIELD_LARGE | FIELD_IMAGE, 1,
	  ATTACHMENT_LETTERS, .help =
	  "The bytes of a PNG, JPEG, GIF or WebP, as base 64", .example =
	  "\"R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=\"" },
};
static const struct schema schema_new_attachment = {
	NAMED("NewAttachment"), .help =
	"An image; 8 MiB each, 16 MiB together", FIELDS(new_attachment_fields) };

#define SEND_FIELDS \
	{ "content", SCHEMA_STRING, NEED | FIELD_FILLED | FIELD_LARGE, 1, \
	  CHAT_MESSAGE_MAX, \
	  .help = "What is said", .example = "\"What do I like?\"" }, \
	{ "stream", SCHEMA_BOOLEAN, NIL, .help = \
	  "Answer with server-sent events; false when not given", \
	  .example = "false" }, \
	{ "model", SCHEMA_STRING, NIL, 0, 256, \
	  .help = "Another model of the provider's" }, \
	{ "temperature", SCHEMA_NUMBER, NIL, 0, 2, .help = \
	  "How freely words are chosen" }, \
	{ "max_tokens", SCHEMA_INTEGER, NIL, 1, 16777216, .help = \
	  "The longest answer" }, \
	{ "memory", SCHEMA_BOOLEAN, NIL, .help = \
	  "false: nothing is recalled for this one" }, \
	{ "attachments", SCHEMA_LIST, NIL, 0, ATTACH_MAX, \
	  .of = &schema_new_attachment, .help = \
	  "Images to send along", .example = "[]" }

static const struct schema_field send_fields[] = { SEND_FIELDS };
const struct schema schema_send = {
	NAMED("NewMessage"), FIELDS(send_fields) };

static const struct schema_field send_anywhere_fields[] = {
	{ "conversation_id", SCHEMA_STRING, NIL, .help =
	  "A new conversation when it is missing" },
	SEND_FIELDS,
};
const struct schema schema_send_anywhere = {
	NAMED("ChatMessage"), FIELDS(send_anywhere_fields) };

static const struct schema_field usage_fields[] = {
	{ "prompt_tokens", SCHEMA_INTEGER, NEED, .example = "120" },
	{ "completion_tokens", SCHEMA_INTEGER, NEED, .example = "12" },
	{ "total_tokens", SCHEMA_INTEGER, NEED, .example = "132" },
	{ "cached_tokens", SCHEMA_INTEGER, 0, .help =
	  "Of the prompt, in the cache" },
	{ "cost", SCHEMA_NUMBER, 0, .help = "US dollars" },
};
static const struct schema schema_usage = {
	NAMED("Usage"), FIELDS(usage_fields) };

static const struct schema_field used_fields[] = {
	{ "kind", SCHEMA_STRING, NEED, .choices = "memory message",
	  .example = "\"memory\"" },
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "score", SCHEMA_NUMBER, NEED, .example = "0.82" },
};
static const struct schema schema_used = {
	NAMED("UsedMemory"), FIELDS(used_fields) };

static const struct schema_field attachment_fields[] = {
	{ "name", SCHEMA_STRING, NEED, .example = "\"dot.gif\"" },
	{ "media_type", SCHEMA_STRING, NEED, .example = "\"image/gif\"" },
	{ "sha256", SCHEMA_STRING, NEED, .help =
	  "In hexadecimal; GET /conversations/{id}/attachments/{sha256} has "
	  "the bytes", .example =
	  "\"3eb10792d1f0c7e07e7248273540f1952d9a5a2996f4b5df70ab026cd9f05517\"" },
	{ "size", SCHEMA_INTEGER, NEED, .help = "Bytes", .example = "29" },
};
static const struct schema schema_attachment = {
	NAMED("Attachment"), FIELDS(attachment_fields) };

static const struct schema_field message_fields[] = {
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "role", SCHEMA_STRING, NEED, .choices = "user assistant system",
	  .example = "\"assistant\"" },
	{ "content", SCHEMA_STRING, NEED, .example = "\"You like tea.\"" },
	{ "turn_number", SCHEMA_INTEGER, NEED, .help = "Its place, from 1",
	  .example = "2" },
	{ "created_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "finish_reason", SCHEMA_STRING, NEED | NIL, .help =
	  "stop, length, recall, cancelled, error, or the provider's word",
	  .example = "\"stop\"" },
	{ "partial", SCHEMA_BOOLEAN, NEED, .help = "The answer was cut",
	  .example = "false" },
	{ "model", SCHEMA_STRING, 0, .example = "\"gpt-4o-mini\"" },
	{ "usage", SCHEMA_OBJECT, 0, .of = &schema_usage },
	{ "memories", SCHEMA_LIST, 0, .of = &schema_used,
	  .help = "What an answer was given to know" },
	{ "attachments", SCHEMA_LIST, 0, .of = &schema_attachment,
	  .help = "What went along with it" },
};
const struct schema schema_message = {
	NAMED("Message"), FIELDS(message_fields) };

static const struct schema_field metadata_fields[] = {
	{ "active_memories", SCHEMA_LIST, NEED, .help =
	  "Ids of the memories that the answer used", .example = "[]" },
};
static const struct schema schema_metadata = {
	NAMED("MemoryMetadata"), FIELDS(metadata_fields) };

static const struct schema_field inference_fields[] = {
	{ "confidence", SCHEMA_NUMBER, NEED, 0, 1, .example = "0.6" },
	{ "memories", SCHEMA_LIST, NEED, .help =
	  "Ids of what it follows from", .example = "[]" },
};
static const struct schema schema_inference = {
	NAMED("Inference"), .help =
	"The answer was never said: it follows from what was",
	FIELDS(inference_fields) };

static const struct schema_field complete_fields[] = {
	{ "type", SCHEMA_STRING, NEED, .choices = "complete",
	  .example = "\"complete\"" },
	{ "message", SCHEMA_OBJECT, NEED, .of = &schema_message },
	{ "conversation", SCHEMA_OBJECT, NEED, .of = &schema_conversation },
	{ "memory_metadata", SCHEMA_OBJECT, NEED, .of = &schema_metadata },
	{ "usage", SCHEMA_OBJECT, NEED | NIL, .of = &schema_usage },
	{ "inference", SCHEMA_OBJECT, 0, .of = &schema_inference },
	{ "warning", SCHEMA_STRING, NEED | NIL, .example = "null" },
};
const struct schema schema_complete = {
	NAMED("Complete"), .help = "A whole turn", FIELDS(complete_fields) };

static const struct schema_field cancel_fields[] = {
	{ "status", SCHEMA_STRING, NEED, .choices = "cancelling already_over",
	  .example = "\"cancelling\"" },
	{ "message_id", SCHEMA_STRING, NEED | FIELD_ID,
	  .example = ID_EXAMPLE },
};
const struct schema schema_cancel = {
	NAMED("Cancelled"), FIELDS(cancel_fields) };

/* ---- memories */

static const struct schema_field memory_query_fields[] = {
	{ "q", SCHEMA_STRING, FIELD_FILLED | FIELD_CHARS, 1, 512, .help =
	  "Search: the answer is then an object with results" },
	{ "type", SCHEMA_STRING, 0, .choices = MEMORY_TYPES },
	{ "memory_type", SCHEMA_STRING, 0, .choices = MEMORY_TYPES,
	  .help = "Another name for type" },
	{ "limit", SCHEMA_INTEGER, 0, 1, 200, .help =
	  "50 when not given, 20 in a search" },
	{ "cursor", SCHEMA_STRING, FIELD_CURSOR, .help =
	  "From the Link header of the page before" },
	{ "as_of", SCHEMA_STRING, FIELD_AS_OF, .help =
	  "With q: as it was known then; RFC 3339, a date or yesterday" },
	{ "conversation", SCHEMA_STRING, 0, 0, 64, .help = "With q: only in this" },
	{ "explain", SCHEMA_BOOLEAN, 0, .help =
	  "Every result says why it is there in any case" },
};
const struct schema schema_memory_query = {
	NAMED("MemoryQuery"), FIELDS(memory_query_fields) };

static const struct schema_field new_memory_fields[] = {
	{ "value", SCHEMA_STRING, NEED | FIELD_FILLED, 1, MEMORY_TEXT_MAX,
	  .help = "What is to be known", .example = "\"I like green tea\"" },
	{ "type", SCHEMA_STRING, NIL, .choices = MEMORY_TYPES,
	  .help = "fact when not given", .example = "\"preference\"" },
	{ "key", SCHEMA_STRING, NIL | FIELD_CHARS, 0, KEY_CHARS,
	  .help = "Derived when it is missing", .example = "\"tea\"" },
	{ "confidence", SCHEMA_NUMBER, NIL, 0, 1, .help =
	  "1 when not given" },
	{ "importance", SCHEMA_NUMBER, NIL, 0, 1, .help =
	  "0.8 when not given" },
	{ "pinned", SCHEMA_BOOLEAN, NIL, .help =
	  "At the top" },
};
const struct schema schema_new_memory = {
	NAMED("NewMemory"), FIELDS(new_memory_fields) };

static const struct schema_field memory_change_fields[] = {
	{ "value", SCHEMA_STRING, FIELD_FILLED, 1, MEMORY_TEXT_MAX,
	  .example = "\"I like black tea\"" },
	{ "type", SCHEMA_STRING, 0, .choices = MEMORY_TYPES },
	{ "key", SCHEMA_STRING, FIELD_CHARS | FIELD_FILLED, 1, KEY_CHARS, .help =
	  "What it is about" },
	{ "importance", SCHEMA_NUMBER, 0, 0, 1, .help =
	  "0 to 1" },
	{ "pinned", SCHEMA_BOOLEAN, 0, .help =
	  "At the top" },
};
const struct schema schema_memory_change = {
	NAMED("MemoryChange"), FIELDS(memory_change_fields) };

static const struct schema_field source_fields[] = {
	{ "conversation_id", SCHEMA_STRING, NEED | NIL | FIELD_ID, .help =
	  "Where it was said" },
	{ "message_id", SCHEMA_STRING, NEED | NIL | FIELD_ID, .help =
	  "In which message" },
	{ "turn", SCHEMA_INTEGER, NEED, .example = "1" },
	{ "quote", SCHEMA_STRING, NEED | NIL, .help =
	  "The words themselves" },
};
static const struct schema schema_source = {
	NAMED("MemorySource"), FIELDS(source_fields) };

static const struct schema_field memory_fields[] = {
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "external_id", SCHEMA_STRING, 0, .help =
	  "As it was called where it was imported from" },
	{ "type", SCHEMA_STRING, NEED, .choices = MEMORY_TYPES,
	  .example = "\"preference\"" },
	{ "key", SCHEMA_STRING, NEED | NIL, .example = "\"tea\"" },
	{ "value", SCHEMA_STRING, NEED, .example = "\"I like green tea\"" },
	{ "confidence", SCHEMA_NUMBER, NEED, .example = "1" },
	{ "importance", SCHEMA_NUMBER, NEED, .example = "0.8" },
	{ "source_turn", SCHEMA_INTEGER, NEED | NIL, .example = "null" },
	{ "sources", SCHEMA_LIST, NEED, .of = &schema_source,
	  .help = "Where it was said; empty: by hand" },
	{ "access_count", SCHEMA_INTEGER, NEED, .example = "0" },
	{ "accessed_at", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = "null" },
	{ "created_at", SCHEMA_STRING, NEED | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "updated_at", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "valid_from", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = "null" },
	{ "valid_to", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = "null" },
	{ "expires_at", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = "null" },
	{ "pinned", SCHEMA_BOOLEAN, NEED, .example = "false" },
	{ "version", SCHEMA_INTEGER, NEED, .example = "1" },
	{ "state", SCHEMA_STRING, NEED,
	  .choices = "active superseded merged put_away",
	  .example = "\"active\"" },
	{ "superseded_by", SCHEMA_STRING, FIELD_ID, .help =
	  "The memory that took its place" },
};
const struct schema schema_memory = {
	NAMED("Memory"), FIELDS(memory_fields) };

static const struct schema_field version_fields[] = {
	{ "change", SCHEMA_STRING, NEED, .help =
	  "In a few words what made this version",
	  .example = "\"made\"" },
	{ "id", SCHEMA_STRING, NEED | FIELD_ID, .example = ID_EXAMPLE },
	{ "type", SCHEMA_STRING, NEED, .choices = MEMORY_TYPES,
	  .example = "\"preference\"" },
	{ "key", SCHEMA_STRING, NEED | NIL, .example = "\"tea\"" },
	{ "value", SCHEMA_STRING, NEED, .example = "\"I like green tea\"" },
	{ "confidence", SCHEMA_NUMBER, NEED, .example = "1" },
	{ "importance", SCHEMA_NUMBER, NEED, .example = "0.8" },
	{ "version", SCHEMA_INTEGER, NEED, .example = "1" },
};
const struct schema schema_memory_version = {
	NAMED("MemoryVersion"), FIELDS(version_fields), .open = true };

static const struct schema_field forgotten_fields[] = {
	{ "success", SCHEMA_BOOLEAN, NEED, .example = "true" },
	{ "said_in", SCHEMA_LIST, NEED, .of = &schema_message,
	  .help = "Messages that still say it" },
};
const struct schema schema_forgotten = {
	NAMED("Forgotten"), FIELDS(forgotten_fields) };

static const struct schema_field stats_fields[] = {
	{ "messages", SCHEMA_INTEGER, NEED, .example = "12" },
	{ "memories", SCHEMA_INTEGER, NEED, .example = "3" },
	{ "active", SCHEMA_INTEGER, NEED, .example = "3" },
	{ "types", SCHEMA_OBJECT, NEED, .help = "How many of each type",
	  .example = "{\"preference\":3}" },
	{ "pinned", SCHEMA_INTEGER, NEED, .example = "0" },
	{ "oldest", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = TIME_EXAMPLE },
	{ "newest", SCHEMA_STRING, NEED | NIL | FIELD_TIME,
	  .example = TIME_EXAMPLE },
};
const struct schema schema_stats = {
	NAMED("MemoryStats"), FIELDS(stats_fields), .open = true };

/* ---- people, the server */

static const struct schema_field profile_change_fields[] = {
	{ "username", SCHEMA_STRING, FIELD_CHARS | FIELD_NAME, 1, NAME_CHARS,
	  .example = "\"ada\"" },
	{ "email", SCHEMA_STRING, FIELD_EMAIL, 3, AUTH_EMAIL_MAX,
	  .example = "\"ada@example.org\"" },
};
const struct schema schema_profile_change = {
	NAMED("ProfileChange"), FIELDS(profile_change_fields) };

/* Who is asked at an address of ours, with a key. */
#define KEYED_PROVIDERS "openrouter openai gemini"

#define SETTINGS_FIELDS \
	{ "model", SCHEMA_STRING, NIL | FIELD_VISIBLE, 1, 256, \
	  .help = "Its name at the provider", \
	  .example = "\"openai/gpt-4o-mini\"" }, \
	{ "temperature", SCHEMA_NUMBER, NIL, 0, 2, .example = "0.7" }, \
	{ "max_tokens", SCHEMA_INTEGER, NIL, 0, 16777216, \
	  .help = "Of an answer; 0 leaves it to the provider", \
	  .example = "1024" }, \
	{ "language", SCHEMA_STRING, NIL, .choices = CONFIG_LANGUAGES, \
	  .help = "Whose word stems the search uses", \
	  .example = "\"english\"" }

static const struct schema_field settings_change_fields[] = {
	{ "provider", SCHEMA_STRING, NIL, .choices = KEYED_PROVIDERS,
	  .help = "Who runs the model; null: whoever runs everybody's",
	  .example = "\"openrouter\"" },
	SETTINGS_FIELDS,
	{ "api_key", SCHEMA_STRING, NIL | FIELD_VISIBLE, 1, 4096,
	  .help = "For the provider; kept, and never given out",
	  .example = "\"sk-or-...\"" },
};
const struct schema schema_settings_change = {
	NAMED("SettingsChange"),
	.help = "null takes one out, what is left out stays as it is",
	FIELDS(settings_change_fields) };

static const struct schema_field answering_fields[] = {
	{ "provider", SCHEMA_STRING, NEED | NIL, .example = "\"openrouter\"" },
	{ "model", SCHEMA_STRING, NEED | NIL,
	  .example = "\"openai/gpt-4o-mini\"" },
};
static const struct schema schema_answering = {
	NAMED("Answering"), .help = "Who answers now; null: memory alone, or "
	"what is set does not do", FIELDS(answering_fields) };

static const struct schema_field settings_fields[] = {
	{ "provider", SCHEMA_STRING, NEED | NIL,
	  .example = "\"openrouter\"" },
	SETTINGS_FIELDS,
	{ "has_api_key", SCHEMA_BOOLEAN, NEED, .example = "true" },
	{ "answering", SCHEMA_OBJECT, NEED, .of = &schema_answering },
};
const struct schema schema_settings = {
	NAMED("Settings"), .help = "What the caller set; null: nothing, so that "
	"everybody's counts", FIELDS(settings_fields) };

static const struct schema_field fault_fields[] = {
	{ "field", SCHEMA_STRING, NEED, .example = "\"content\"" },
	{ "message", SCHEMA_STRING, NEED, .example = "\"is missing\"" },
};
static const struct schema schema_field_fault = {
	NAMED("FieldFault"), FIELDS(fault_fields) };

static const struct schema_field problem_fields[] = {
	{ "type", SCHEMA_STRING, NEED, .example = "\"about:blank\"" },
	{ "title", SCHEMA_STRING, NEED, .example = "\"Not Found\"" },
	{ "status", SCHEMA_INTEGER, NEED, .example = "404" },
	{ "detail", SCHEMA_STRING, NEED,
	  .example = "\"there is no such conversation\"" },
	{ "code", SCHEMA_STRING, NEED, .help = "For programs",
	  .example = "\"not_found\"" },
	{ "request_id", SCHEMA_STRING, 0, .example = "\"8f14e45fceea\"" },
	{ "errors", SCHEMA_LIST, 0, .of = &schema_field_fault,
	  .help = "At 422: what is wrong with which field" },
};
const struct schema schema_problem = {
	NAMED("Problem"), .help = "RFC 9457", FIELDS(problem_fields),
	.open = true };

static const struct schema_field root_fields[] = {
	{ "name", SCHEMA_STRING, NEED, .example = "\"mneme\"" },
	{ "version", SCHEMA_STRING, NEED, .example = "\"0.1.0\"" },
	{ "docs", SCHEMA_STRING, NEED, .example = "\"/docs\"" },
	{ "openapi", SCHEMA_STRING, NEED, .example = "\"/openapi.json\"" },
	{ "health", SCHEMA_STRING, NEED, .example = "\"/health\"" },
};
const struct schema schema_root = { NAMED("Root"), FIELDS(root_fields) };

static const struct schema_field health_fields[] = {
	{ "status", SCHEMA_STRING, NEED, .example = "\"ok\"" },
};
const struct schema schema_health = {
	NAMED("Health"), FIELDS(health_fields), .open = true };

static const struct schema_field checks_fields[] = {
	{ "store", SCHEMA_STRING, NEED, .example = "\"writable\"" },
	{ "disk", SCHEMA_STRING, NEED, .example = "\"enough\"" },
	{ "model", SCHEMA_STRING, NEED, .example = "\"usable\"" },
	{ "server", SCHEMA_STRING, NEED, .example = "\"serving\"" },
};
static const struct schema schema_checks = {
	NAMED("Checks"), FIELDS(checks_fields) };
static const struct schema_field ready_fields[] = {
	{ "checks", SCHEMA_OBJECT, NEED, .of = &schema_checks },
	{ "status", SCHEMA_STRING, NEED, .example = "\"ready\"" },
};
const struct schema schema_ready = { NAMED("Ready"), FIELDS(ready_fields) };

/* ---- OpenAI's */

static const struct schema_field openai_message_fields[] = {
	{ "role", SCHEMA_STRING, NEED,
	  .choices = "system developer user assistant tool function",
	  .example = "\"user\"" },
	{ "content", SCHEMA_ANY, FIELD_CONTENT, .help =
	  "A text, or a list of parts", .example = "\"What do I like?\"" },
};
static const struct schema schema_openai_message = {
	NAMED("ChatMessageOfOpenAI"), .help =
	"OpenAI's; fields that are not named here go on to the provider",
	FIELDS(openai_message_fields), .open = true };

static const struct schema_field openai_chat_fields[] = {
	{ "model", SCHEMA_STRING, NIL, 0, 256, .help =
	  "The provider's name for it; the server's own when it is missing",
	  .example = "\"default\"" },
	{ "messages", SCHEMA_LIST, NEED, 1, 2048,
	  .of = &schema_openai_message, .help =
	  "As OpenAI has them; only the last of the user's is stored",
	  .example = "[{\"role\":\"user\",\"content\":\"What do I like?\"}]" },
	{ "stream", SCHEMA_BOOLEAN, NIL, .example = "false" },
	{ "stream_options", SCHEMA_OBJECT, NIL, .help =
	  "include_usage" },
	{ "temperature", SCHEMA_NUMBER, NIL, 0, 2, .help =
	  "How freely words are chosen" },
	{ "max_tokens", SCHEMA_INTEGER, NIL, 1, 16777216, .help =
	  "The longest answer" },
	{ "max_completion_tokens", SCHEMA_INTEGER, NIL, 1, 16777216, .help =
	  "The longest answer" },
	{ "memory", SCHEMA_BOOLEAN, NIL, .help =
	  "false: nothing is recalled, as with X-Mneme-Memory: off" },
	{ "n", SCHEMA_INTEGER, NIL, 1, 1, .help = "One answer at a time" },
};
const struct schema schema_openai_chat = {
	NAMED("ChatCompletionRequest"), .help =
	"OpenAI's; fields that are not named here go on to the provider",
	FIELDS(openai_chat_fields), .open = true };

static const struct schema_field openai_answer_fields[] = {
	{ "id", SCHEMA_STRING, NEED, .example = "\"chatcmpl-01j5zk3v\"" },
	{ "object", SCHEMA_STRING, NEED, .choices = "chat.completion",
	  .example = "\"chat.completion\"" },
	{ "created", SCHEMA_INTEGER, NEED, .example = "1767323045" },
	{ "model", SCHEMA_STRING, NEED, .example = "\"gpt-4o-mini\"" },
	{ "choices", SCHEMA_LIST, NEED | FIELD_ANYTHING, .example =
	  "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
	  "\"You like tea.\"},\"finish_reason\":\"stop\"}]" },
	{ "usage", SCHEMA_OBJECT, NIL, .help =
	  "Tokens" },
};
const struct schema schema_openai_answer = {
	NAMED("ChatCompletion"), FIELDS(openai_answer_fields), .open = true };

static const struct schema_field openai_model_fields[] = {
	{ "id", SCHEMA_STRING, NEED, .example = "\"gpt-4o-mini\"" },
	{ "object", SCHEMA_STRING, NEED, .choices = "model",
	  .example = "\"model\"" },
	{ "created", SCHEMA_INTEGER, NEED, .example = "0" },
	{ "owned_by", SCHEMA_STRING, NEED, .example = "\"openai\"" },
};
const struct schema schema_openai_model = {
	NAMED("Model"), FIELDS(openai_model_fields), .open = true };

static const struct schema_field openai_models_fields[] = {
	{ "object", SCHEMA_STRING, NEED, .choices = "list",
	  .example = "\"list\"" },
	{ "data", SCHEMA_LIST, NEED, .of = &schema_openai_model },
};
const struct schema schema_openai_models = {
	NAMED("ModelList"), FIELDS(openai_models_fields) };

static const struct schema_field openai_embed_fields[] = {
	{ "model", SCHEMA_STRING, NIL, 0, 256, .help =
	  "Not looked at: there is one", .example = "\"all-MiniLM-L6-v2\"" },
	{ "input", SCHEMA_ANY, NEED | FIELD_TEXTS, 1, 65536, .help =
	  "A text, or a list of up to 256 texts",
	  .example = "[\"green tea\"]" },
	{ "encoding_format", SCHEMA_STRING, NIL, .choices = "float base64" },
	{ "dimensions", SCHEMA_INTEGER, NIL, 1, 4096, .help =
	  "Fewer than the model's: the first ones, at length 1 again" },
	{ "user", SCHEMA_STRING, NIL, .help = "Not looked at" },
};
const struct schema schema_openai_embed = {
	NAMED("EmbeddingRequest"), FIELDS(openai_embed_fields) };

static const struct schema_field openai_embeddings_fields[] = {
	{ "object", SCHEMA_STRING, NEED, .choices = "list",
	  .example = "\"list\"" },
	{ "data", SCHEMA_LIST, NEED | FIELD_ANYTHING, .example =
	  "[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.01]}]" },
	{ "model", SCHEMA_STRING, NEED, .example = "\"all-MiniLM-L6-v2\"" },
	{ "usage", SCHEMA_OBJECT, NEED, .example =
	  "{\"prompt_tokens\":2,\"total_tokens\":2}" },
};
const struct schema schema_openai_embeddings = {
	NAMED("EmbeddingList"), FIELDS(openai_embeddings_fields) };

static const struct schema_field openai_error_inner[] = {
	{ "message", SCHEMA_STRING, NEED, .example = "\"messages is empty\"" },
	{ "type", SCHEMA_STRING, NEED,
	  .example = "\"invalid_request_error\"" },
	{ "param", SCHEMA_STRING, NIL, .example = "null" },
	{ "code", SCHEMA_STRING, NEED | NIL,
	  .example = "\"invalid_request\"" },
};
static const struct schema schema_openai_inner = {
	NAMED("OpenAIErrorObject"), FIELDS(openai_error_inner) };
static const struct schema_field openai_error_fields[] = {
	{ "error", SCHEMA_OBJECT, NEED, .of = &schema_openai_inner },
};
const struct schema schema_openai_error = {
	NAMED("OpenAIError"), FIELDS(openai_error_fields), .open = true };

const struct schema *const schemas[] = {
	&schema_register, &schema_login, &schema_google, &schema_refresh,
	&schema_logout, &schema_password, &schema_new_key, &schema_person,
	&schema_grant, &schema_session, &schema_key, &schema_new_conversation,
	&schema_conversation_change, &schema_fork, &schema_conversation,
	&schema_success, &schema_send, &schema_send_anywhere, &schema_usage,
	&schema_new_attachment, &schema_attachment, &schema_used,
	&schema_message, &schema_metadata, &schema_inference,
	&schema_complete,
	&schema_cancel, &schema_new_memory, &schema_memory_change,
	&schema_source, &schema_memory, &schema_memory_version,
	&schema_forgotten, &schema_stats, &schema_profile_change,
	&schema_settings_change, &schema_answering, &schema_settings,
	&schema_field_fault, &schema_problem, &schema_root, &schema_health,
	&schema_checks, &schema_ready,
	&schema_openai_message, &schema_openai_chat, &schema_openai_answer, &schema_openai_model,
	&schema_openai_models, &schema_openai_embed,
	&schema_openai_embeddings, &schema_openai_inner, &schema_openai_error,
};
const size_t schema_count = COUNT(schemas);
/* clang-format on */
