/* choose.c - who runs the model, written into the settings. */
#include "mneme/config.h"
#include "mneme/llm.h"

static bool
write_key(const char *path, const char *setting, const char *key,
	  struct error *err)
{
	bool command = key[0] == '!';
	SCOPED(free_pointer) char *name = xasprintf("%s_CMD", setting);

	return config_write(path, name, command ? key + 1 : NULL, err) &&
	       config_write(path, setting, command ? NULL : key, err);
}

bool
llm_choose(const char *path, const struct llm_choice *choice, struct error *err)
{
	const char *setting =
		choice->other ? "LLM_API_KEY" : choice->provider->key_setting;

	if (choice->key && *choice->key && setting &&
	    !write_key(path, setting, choice->key, err))
		return false;
	return config_write(path, "LLM_PROVIDER", choice->provider->name,
			    err) &&
	       config_write(path, "LLM_BASE_URL", choice->base_url, err);
}
