/*
 * openssl.h - what is used of OpenSSL's TLS, found by name when first needed.
 *
 * The header gives constants and types only; calling one of its functions by
 * its own name would link the library in.
 */
#ifndef HTTP_OPENSSL_H
#define HTTP_OPENSSL_H

#include <openssl/ssl.h>

#include "mneme/base.h"

struct error;

typedef int openssl_alpn_fn(SSL *ssl, const unsigned char **out,
			    unsigned char *out_len, const unsigned char *in,
			    unsigned in_len, void *arg);

struct openssl_library {
	const SSL_METHOD *(*TLS_server_method)(void);
	SSL_CTX *(*CTX_new)(const SSL_METHOD *method);
	void (*CTX_free)(SSL_CTX *ctx);
	long (*CTX_ctrl)(SSL_CTX *ctx, int what, long larg, void *parg);
	uint64_t (*CTX_set_options)(SSL_CTX *ctx, uint64_t options);
	int (*CTX_use_certificate_chain_file)(SSL_CTX *ctx, const char *path);
	int (*CTX_use_PrivateKey_file)(SSL_CTX *ctx, const char *path,
				       int type);
	int (*CTX_check_private_key)(const SSL_CTX *ctx);
	void (*CTX_set_alpn_select_cb)(SSL_CTX *ctx, openssl_alpn_fn *fn,
				       void *arg);
	SSL *(*new)(SSL_CTX *ctx);
	void (*free)(SSL *ssl);
	int (*set_fd)(SSL *ssl, int fd);
	void (*set_accept_state)(SSL *ssl);
	int (*read)(SSL *ssl, void *to, int room);
	int (*write)(SSL *ssl, const void *from, int len);
	int (*get_error)(const SSL *ssl, int result);
	int (*pending)(const SSL *ssl);
	int (*shutdown)(SSL *ssl);
	unsigned long (*ERR_get_error)(void);
	void (*ERR_error_string_n)(unsigned long code, char *text, size_t len);
	void (*ERR_clear_error)(void);
};

extern struct openssl_library openssl;

/* Load it, once; on the loop's thread. */
bool openssl_load(struct error *err);

#endif
