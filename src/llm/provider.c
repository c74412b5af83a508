#include "llm/format.h"
#include "mneme/buf.h"

const struct llm_provider llm_providers[] = {
	{"openrouter", "OpenRouter", "https://openrouter.ai/api/v1",
	 "OPENROUTER_API_KEY", "openrouter/auto", 128000, &llm_openai},
	{"openai", "OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY",
	 "gpt-4o-mini", 128000, &llm_openai},
	{"gemini", "Gemini", "https://generativelanguage.googleapis.com/v1beta",
	 "GEMINI_API_KEY", "gemini-2.5-flash", 1048576, &llm_gemini},
	{"ollama", "Ollama", "http://localhost:11434/v1", NULL, NULL, 0,
	 &llm_openai},
	{"llamacpp", "llama.cpp", "http://localhost:8080/v1", NULL, "default",
	 0, &llm_openai},
	{"vllm", "vLLM", "http://localhost:8000/v1", NULL, NULL, 0,
	 &llm_openai},
	{"lmstudio", "LM Studio", "http://localhost:1234/v1", NULL, NULL, 0,
	 &llm_openai},
};

const size_t llm_provider_count = COUNT(llm_providers);

const struct llm_provider *
llm_provider_find(struct slice name)
{
	for (size_t i = 0; i < llm_provider_count; i++) {
		if (slice_is(name, llm_providers[i].name))
			return &llm_providers[i];
	}
	return NULL;
}

bool
llm_provider_known(struct slice name, enum error_code code, struct error *err)
{
	SCOPED(buf_clear) struct buf names = {.max = 512};

	if (llm_provider_find(name))
		return true;
	for (size_t i = 0; i < llm_provider_count; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", llm_providers[i].name);
	return error_set(err, code, "LLM_PROVIDER '%.*s': not one of: %s",
			 (int)MIN(name.len, (size_t)60), name.data,
			 buf_text(&names));
}
