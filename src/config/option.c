/*
 * The table of settings.  Parsing, checks, `config list`, the man page and the
 * example file all come from these rows.
 */
#include <assert.h>

#include "config/private.h"
#include "mneme/config.h"

/* clang-format off */
#define SERVER  CONFIG_GLOBAL, CONFIG_SERVER
#define SIGN_IN CONFIG_GLOBAL, CONFIG_SIGN_IN
#define MODEL   CONFIG_GLOBAL, CONFIG_MODEL
#define OWN     CONFIG_PER_PROFILE, CONFIG_MODEL
#define MEMORY  CONFIG_PER_PROFILE, CONFIG_MEMORY
#define SCREEN  CONFIG_GLOBAL, CONFIG_SCREEN
#define PROGRAM CONFIG_GLOBAL, CONFIG_PROGRAM
#define UNUSED  CONFIG_GLOBAL, CONFIG_UNUSED

const struct config_row config_rows[] = {
	/* name, kind, scope and category,
	 *	default, low, high, choices,
	 *	help */
	[CONFIG_SECRET_KEY] = { "SECRET_KEY", CONFIG_SECRET, SIGN_IN,
		NULL, 32, 4096, NULL,
		"Signs access tokens; made once when it is not set" },
	[CONFIG_HOST] = { "HOST", CONFIG_STRING, SERVER,
		"127.0.0.1", 1, 255, NULL,
		"Address that the server listens on" },
	[CONFIG_PORT] = { "PORT", CONFIG_INTEGER, SERVER,
		"8000", 0, 65535, NULL,
		"Port that the server listens on; 0 takes any free one" },
	[CONFIG_DEBUG] = { "DEBUG", CONFIG_BOOLEAN, PROGRAM,
		"false", 0, 0, NULL,
		"Log in detail, to stderr" },
	[CONFIG_CORS_ORIGINS] = { "CORS_ORIGINS", CONFIG_LIST, SERVER,
		NULL, 1, 16384, NULL,
		"Origins whose pages may call the server" },
	[CONFIG_ACCESS_TOKEN_EXPIRE_MINUTES] = {
		"ACCESS_TOKEN_EXPIRE_MINUTES", CONFIG_INTEGER, SIGN_IN,
		"30", 1, 525600, NULL,
		"Minutes for which an access token is good" },
	[CONFIG_FIREBASE_PROJECT_ID] = {
		"FIREBASE_PROJECT_ID", CONFIG_STRING, SIGN_IN,
		NULL, 1, 255, NULL,
		"Firebase project whose Google sign-ins are accepted" },
	[CONFIG_FIREBASE_AUTH_EMULATOR_HOST] = {
		"FIREBASE_AUTH_EMULATOR_HOST", CONFIG_STRING, SIGN_IN,
		NULL, 1, 255, NULL,
		"Host and port of a Firebase emulator, for development" },
	[CONFIG_FIREBASE_SERVICE_ACCOUNT_JSON] = {
		"FIREBASE_SERVICE_ACCOUNT_JSON", CONFIG_SECRET, SIGN_IN,
		NULL, 2, 32768, NULL,
		"Firebase service account, for its project's name" },
	[CONFIG_FIREBASE_SERVICE_ACCOUNT_PATH] = {
		"FIREBASE_SERVICE_ACCOUNT_PATH", CONFIG_PATH, SIGN_IN,
		NULL, 1, 4095, NULL,
		"File with the Firebase service account" },
	[CONFIG_FIREBASE_API_KEY] = { "FIREBASE_API_KEY", CONFIG_STRING, SIGN_IN,
		NULL, 1, 255, NULL,
		"Firebase web key, for signing in with Google from a terminal" },
	[CONFIG_FIREBASE_CERTS_URL] = {
		"MNEME_FIREBASE_CERTS_URL", CONFIG_URL, SIGN_IN,
		NULL, 1, 2048, NULL,
		"Where the certificates of ID tokens are, when not at Google" },
	[CONFIG_GOOGLE_CLIENT_ID] = { "GOOGLE_CLIENT_ID", CONFIG_STRING, SIGN_IN,
		NULL, 1, 255, NULL,
		"Google client of kind desktop, for signing in from a terminal" },
	[CONFIG_GOOGLE_CLIENT_SECRET] = {
		"GOOGLE_CLIENT_SECRET", CONFIG_SECRET, SIGN_IN,
		NULL, 1, 255, NULL,
		"The secret that Google gives with that client" },
	[CONFIG_GOOGLE_URL] = { "MNEME_GOOGLE_URL", CONFIG_URL, SIGN_IN,
		NULL, 1, 2048, NULL,
		"Where that sign-in is, when not at Google" },
	[CONFIG_RATE_LOGIN] = { "MNEME_RATE_LOGIN", CONFIG_INTEGER, SERVER,
		"10", 0, 1000000, NULL,
		"Sign-ins a minute from one address; 0 lifts the limit" },
	[CONFIG_RATE_REQUESTS] = {
		"MNEME_RATE_REQUESTS", CONFIG_INTEGER, SERVER,
		"600", 0, 1000000, NULL,
		"Requests a minute of one person; 0 lifts the limit" },
	[CONFIG_RATE_CHAT] = { "MNEME_RATE_CHAT", CONFIG_INTEGER, SERVER,
		"60", 0, 1000000, NULL,
		"Chat turns a minute of one person; 0 lifts the limit" },
	[CONFIG_STREAM_GRACE] = {
		"MNEME_STREAM_GRACE", CONFIG_INTEGER, SERVER,
		"30", 0, 3600, NULL,
		"Seconds that an answer goes on without its client" },
	[CONFIG_PEER_CONNECTIONS] = {
		"MNEME_PEER_CONNECTIONS", CONFIG_INTEGER, SERVER,
		"256", 1, 1000000, NULL,
		"Connections that one address elsewhere may have open" },
	[CONFIG_TRUST_PROXY] = {
		"MNEME_TRUST_PROXY", CONFIG_BOOLEAN, SERVER,
		"false", 0, 0, NULL,
		"Take the address that a proxy on this machine gives in "
		"X-Forwarded-For" },
	[CONFIG_LLM_PROVIDER] = { "LLM_PROVIDER", CONFIG_STRING, OWN,
		NULL, 1, 64, NULL,
		"Who runs the language model; openai with LLM_BASE_URL is "
		"any compatible server" },
	[CONFIG_LLM_MODEL] = { "LLM_MODEL", CONFIG_STRING, OWN,
		NULL, 1, 256, NULL,
		"The language model's name at its provider" },
	[CONFIG_LLM_BASE_URL] = { "LLM_BASE_URL", CONFIG_URL, OWN,
		NULL, 1, 2048, NULL,
		"Address of the provider's API, with its version" },
	[CONFIG_LLM_API_KEY] = { "LLM_API_KEY", CONFIG_SECRET, OWN,
		NULL, 1, 4096, NULL,
		"Key for the provider, whichever it is" },
	[CONFIG_LLM_TEMPERATURE] = { "LLM_TEMPERATURE", CONFIG_REAL, OWN,
		NULL, 0, 2, NULL,
		"How freely the model chooses its words" },
	[CONFIG_LLM_MAX_TOKENS] = { "LLM_MAX_TOKENS", CONFIG_INTEGER, OWN,
		NULL, 0, 16777216, NULL,
		"Longest answer, in tokens; 0 leaves it to the provider" },
	[CONFIG_LLM_CONTEXT_TOKENS] = {
		"LLM_CONTEXT_TOKENS", CONFIG_INTEGER, OWN,
		NULL, 0, 16777216, NULL,
		"The model's context window: a longer question is refused; 0 "
		"for what is usual at the provider, who then refuses it" },
	[CONFIG_LLM_CONNECT_TIMEOUT] = {
		"LLM_CONNECT_TIMEOUT", CONFIG_INTEGER, MODEL,
		"10", 1, 600, NULL,
		"Seconds to wait for a connection to the provider" },
	[CONFIG_LLM_IDLE_TIMEOUT] = {
		"LLM_IDLE_TIMEOUT", CONFIG_INTEGER, MODEL,
		"120", 1, 86400, NULL,
		"Seconds to wait for the next byte of an answer" },
	[CONFIG_OPENROUTER_API_KEY] = {
		"OPENROUTER_API_KEY", CONFIG_SECRET, OWN,
		NULL, 1, 4096, NULL,
		"Key for OpenRouter" },
	[CONFIG_OPENAI_API_KEY] = { "OPENAI_API_KEY", CONFIG_SECRET, OWN,
		NULL, 1, 4096, NULL,
		"Key for OpenAI" },
	[CONFIG_GEMINI_API_KEY] = { "GEMINI_API_KEY", CONFIG_SECRET, OWN,
		NULL, 1, 4096, NULL,
		"Key for Gemini" },
	[CONFIG_GEMINI_BASE_URL] = { "GEMINI_BASE_URL", CONFIG_URL, OWN,
		NULL, 1, 2048, NULL,
		"Address of Gemini's API, with its version" },
	[CONFIG_FALLBACK_MODELS] = {
		"MNEME_FALLBACK_MODELS", CONFIG_LIST, OWN,
		NULL, 1, 4096, NULL,
		"Models to try, in order, when the first one fails" },
	[CONFIG_RETRIES] = { "MNEME_RETRIES", CONFIG_INTEGER, MODEL,
		"2", 0, 10, NULL,
		"How often a call is tried again before its first word" },
	[CONFIG_SYSTEM_PROMPT] = {
		"MNEME_SYSTEM_PROMPT", CONFIG_STRING, OWN,
		"You are a helpful assistant. Answer plainly and briefly.",
		1, 32768, NULL,
		"What the model is told before every conversation" },
	[CONFIG_EMBEDDING_MODEL] = { "EMBEDDING_MODEL", CONFIG_STRING, PROGRAM,
		"all-MiniLM-L6-v2", 1, 4095, NULL,
		"Model that finds by meaning: a name, or a folder's path" },
	[CONFIG_MODEL_BASE_URL] = {
		"MNEME_MODEL_BASE_URL", CONFIG_URL, PROGRAM,
		"https://huggingface.co", 1, 2048, NULL,
		"Where mneme model pull fetches from" },
	[CONFIG_LANGUAGE] = { "MNEME_LANGUAGE", CONFIG_CHOICE, MEMORY,
		"english", 0, 0, CONFIG_LANGUAGES,
		"Language whose word stems the search uses" },
	[CONFIG_MEMORY_TOKENS] = {
		"MNEME_MEMORY_TOKENS", CONFIG_INTEGER, MEMORY,
		"2000", 0, 1000000, NULL,
		"Most tokens of memories in a prompt" },
	[CONFIG_PROFILE] = { "MNEME_PROFILE", CONFIG_STRING, PROGRAM,
		"default", 1, 255, NULL,
		"Profile to use unless --profile says otherwise" },
	[CONFIG_THEME] = { "MNEME_THEME", CONFIG_CHOICE, SCREEN,
		"auto", 0, 0, "auto dark light contrast mono",
		"Colours of the screen" },
	[CONFIG_AMBIGUOUS_WIDTH] = {
		"MNEME_AMBIGUOUS_WIDTH", CONFIG_CHOICE, SCREEN,
		"auto", 0, 0, "auto 1 2",
		"Columns that characters of ambiguous width take" },
	[CONFIG_MOUSE] = { "MNEME_MOUSE", CONFIG_BOOLEAN, SCREEN,
		"false", 0, 0, NULL,
		"Use the mouse in the screen" },
	[CONFIG_KEYS] = { "MNEME_KEYS", CONFIG_LIST, SCREEN,
		NULL, 1, 16384, NULL,
		"Keys of the screen's actions: send=Enter C-s, palette=none" },
	[CONFIG_EDITOR] = { "MNEME_EDITOR", CONFIG_STRING, SCREEN,
		NULL, 1, 4095, NULL,
		"Command that edits a long message; else VISUAL, EDITOR" },
	[CONFIG_LOG_LEVEL] = { "MNEME_LOG_LEVEL", CONFIG_CHOICE, PROGRAM,
		"warn", 0, 0, "error warn info debug",
		"Least level of what is logged" },
	[CONFIG_LOG_FORMAT] = { "MNEME_LOG_FORMAT", CONFIG_CHOICE, PROGRAM,
		"text", 0, 0, "text json",
		"How log lines are written" },
	[CONFIG_MONGODB_URL] = { "MONGODB_URL", CONFIG_SECRET, UNUSED,
		NULL, 1, 4096, NULL,
		"Not needed: mneme keeps its own store" },
	[CONFIG_REDIS_URL] = { "REDIS_URL", CONFIG_SECRET, UNUSED,
		NULL, 1, 4096, NULL,
		"Not needed: mneme has no use for a cache server" },
};
/* clang-format on */

static_assert(COUNT(config_rows) == CONFIG_OPTION_COUNT, "a row an option");

const char *const config_origins[] = {
	[CONFIG_FROM_DEFAULT] = "default",
	[CONFIG_FROM_FILE] = "file",
	[CONFIG_FROM_DOTENV] = ".env",
	[CONFIG_FROM_PROFILE] = "profile",
	[CONFIG_FROM_ENVIRONMENT] = "environment",
	[CONFIG_FROM_FLAG] = "command line",
};

static_assert(COUNT(config_origins) == CONFIG_ORIGIN_COUNT, "name each");

static bool
find_exactly(struct slice name, enum config_option *option)
{
	for (size_t i = 0; i < COUNT(config_rows); i++) {
		if (name.len && *config_rows[i].name == *name.data &&
		    slice_is(name, config_rows[i].name)) {
			*option = (enum config_option)i;
			return true;
		}
	}
	return false;
}

bool
find_form(struct slice name, enum config_option *option, enum secret_form *form)
{
	static const struct {
		const char *suffix;
		enum secret_form form;
	} forms[] = {{"_CMD", FORM_CMD}, {"_FILE", FORM_FILE}};

	*form = FORM_VALUE;
	if (find_exactly(name, option))
		return true;
	for (size_t i = 0; i < COUNT(forms); i++) {
		if (!slice_ends(name, forms[i].suffix))
			continue;
		struct slice base = slice_make(
			name.data, name.len - strlen(forms[i].suffix));
		*form = forms[i].form;
		return find_exactly(base, option) &&
		       config_rows[*option].kind == CONFIG_SECRET;
	}
	return false;
}

bool
config_option_find(struct slice name, enum config_option *option)
{
	enum secret_form form;

	return find_form(name, option, &form);
}
