#include "http/openssl.h"

#include <assert.h>

#include "mneme/error.h"
#include "mneme/plugin.h"

struct openssl_library openssl;

#define SYMBOL(prefix, name) \
	{ \
		prefix #name, (void **)(void *)&openssl.name \
	}

static const struct plugin_symbol symbols[] = {
	SYMBOL("", TLS_server_method),
	SYMBOL("SSL_", CTX_new),
	SYMBOL("SSL_", CTX_free),
	SYMBOL("SSL_", CTX_ctrl),
	SYMBOL("SSL_", CTX_set_options),
	SYMBOL("SSL_", CTX_use_certificate_chain_file),
	SYMBOL("SSL_", CTX_use_PrivateKey_file),
	SYMBOL("SSL_", CTX_check_private_key),
	SYMBOL("SSL_", CTX_set_alpn_select_cb),
	SYMBOL("SSL_", new),
	SYMBOL("SSL_", free),
	SYMBOL("SSL_", set_fd),
	SYMBOL("SSL_", set_accept_state),
	SYMBOL("SSL_", read),
	SYMBOL("SSL_", write),
	SYMBOL("SSL_", get_error),
	SYMBOL("SSL_", pending),
	SYMBOL("SSL_", shutdown),
	SYMBOL("", ERR_get_error),
	SYMBOL("", ERR_error_string_n),
	SYMBOL("", ERR_clear_error),
};

static_assert(COUNT(symbols) * sizeof(void *) == sizeof(openssl),
	      "find every function");

bool
openssl_load(struct error *err)
{
	static bool loaded;

	/* Its companion libcrypto is found through it. */
	if (!loaded &&
	    !plugin_library("libssl.so.3", symbols, COUNT(symbols), err))
		return false;
	loaded = true;
	return true;
}
