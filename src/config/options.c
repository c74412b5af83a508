/* The table of settings. */
#include "mneme/config.h"

const struct config_option config_options[] = {
	{"LLM_PROVIDER", CONFIG_TEXT, NULL, 0, 0,
	 "Whose models answer: openrouter, openai, ollama, ..."},
	{"LLM_MODEL", CONFIG_TEXT, NULL, 0, 0, "The model that answers."},
	{"LLM_BASE_URL", CONFIG_TEXT, NULL, 0, 0,
	 "Any server that speaks OpenAI's format."},
	{"LLM_API_KEY", CONFIG_SECRET, NULL, 0, 0,
	 "The key for LLM_BASE_URL, or for any provider."},
	{"OPENROUTER_API_KEY", CONFIG_SECRET, NULL, 0, 0, "OpenRouter's key."},
	{"OPENAI_API_KEY", CONFIG_SECRET, NULL, 0, 0, "OpenAI's key."},
	{"GEMINI_API_KEY", CONFIG_SECRET, NULL, 0, 0, "Gemini's key."},
	{"LLM_TEMPERATURE", CONFIG_REAL, NULL, 0, 2, "0 is sober, 2 is wild."},
	{"LLM_MAX_TOKENS", CONFIG_INTEGER, "0", 0, 1 << 24,
	 "The longest answer; 0 leaves it to the provider."},
	{"LLM_CONTEXT_TOKENS", CONFIG_INTEGER, "0", 0, 1 << 24,
	 "The model's window; 0 for what is usual."},
	{"LLM_CONNECT_TIMEOUT", CONFIG_INTEGER, "10", 1, 600,
	 "Seconds to connect."},
	{"LLM_IDLE_TIMEOUT", CONFIG_INTEGER, "120", 1, 86400,
	 "Seconds without a byte."},
	{"MNEME_RETRIES", CONFIG_INTEGER, "2", 0, 10,
	 "Tries again before the first token."},
	{"MNEME_FALLBACK_MODELS", CONFIG_TEXT, "", 0, 0,
	 "Models to try next, by commas."},
	{"MNEME_PROFILE", CONFIG_TEXT, "default", 0, 0,
	 "The person that commands work for."},
	{"MNEME_LANGUAGE", CONFIG_TEXT, "english", 0, 0,
	 "Whose word stems search uses."},
	{"MNEME_SYSTEM_PROMPT", CONFIG_TEXT,
	 "You are a helpful assistant. Answer plainly and briefly.", 0, 0,
	 "The standing instruction."},
	{"MNEME_MEMORY_TOKENS", CONFIG_INTEGER, "2000", 0, 1 << 20,
	 "The most that memories take of a prompt."},
	{"MONGODB_URL", CONFIG_UNUSED, NULL, 0, 0, "Not needed."},
	{"REDIS_URL", CONFIG_UNUSED, NULL, 0, 0, "Not needed."},
};

const size_t config_option_count = COUNT(config_options);

const char *const config_origin_names[] = {
	[CONFIG_DEFAULT] = "default",
	[CONFIG_FILE] = "file",
	[CONFIG_ENVIRONMENT] = "environment",
};

const struct config_option *
config_find(struct slice name)
{
	for (size_t i = 0; i < config_option_count; i++) {
		if (slice_is(name, config_options[i].name))
			return &config_options[i];
	}
	return NULL;
}
