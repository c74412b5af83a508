#include "fetch/curl.h"

#include <assert.h>

#include "mneme/error.h"
#include "mneme/plugin.h"

struct curl_library curl;

#define SYMBOL(name) \
	{ \
		"curl_" #name, (void **)(void *)&curl.name \
	}

static const struct plugin_symbol symbols[] = {
	SYMBOL(version_info),        SYMBOL(global_init),
	SYMBOL(easy_init),           SYMBOL(easy_setopt),
	SYMBOL(easy_getinfo),        SYMBOL(easy_pause),
	SYMBOL(easy_reset),          SYMBOL(easy_cleanup),
	SYMBOL(easy_strerror),       SYMBOL(slist_append),
	SYMBOL(slist_free_all),      SYMBOL(getdate),
	SYMBOL(multi_init),          SYMBOL(multi_setopt),
	SYMBOL(multi_add_handle),    SYMBOL(multi_remove_handle),
	SYMBOL(multi_socket_action), SYMBOL(multi_assign),
	SYMBOL(multi_info_read),     SYMBOL(multi_cleanup),
};

static_assert(COUNT(symbols) * sizeof(void *) == sizeof(curl),
	      "find every function");

bool
curl_load(struct error *err)
{
	static bool loaded;

	if (loaded)
		return true;
	if (!plugin_library("libcurl.so.4", symbols, COUNT(symbols), err))
		return false;
	if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ERROR_SETUP, "libcurl does not start");
	loaded = true;
	return true;
}
