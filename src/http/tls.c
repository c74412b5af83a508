/*
 * TLS 1.2 and up over a connection's own socket.  The handshake happens inside
 * the first reads and writes.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "http/inner.h"
#include "http/openssl.h"
#include "mneme/error.h"

struct http_tls {
	SSL_CTX *ctx;
	char *certificate;
	char *key;
};

struct tls_stream {
	SSL *ssl;
	bool wants_write; /* before anything more can be read */
	bool failed;      /* then not even a goodbye is allowed */
};

/* Only http/1.1; a client that offers other protocols and not this one is told
 * so in the handshake. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
		const unsigned char *in, unsigned in_len, void *arg)
{
	static const char ours[] = "http/1.1";

	(void)ssl;
	(void)arg;
	for (unsigned at = 0; at < in_len; at += 1 + in[at]) {
		unsigned len = in[at];
		if (len > in_len - at - 1)
			break;
		if (len != sizeof(ours) - 1 ||
		    memcmp(in + at + 1, ours, len) != 0)
			continue;
		*out = in + at + 1;
		*out_len = (unsigned char)len;
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool
explain(const char *what, const char *path, struct error *err)
{
	char why[256] = "unknown reason";
	unsigned long code = openssl.ERR_get_error();

	if (code)
		openssl.ERR_error_string_n(code, why, sizeof(why));
	openssl.ERR_clear_error();
	return error_set(err, ERROR_SETUP, "%s %s: %s", what, path, why);
}

static bool
load(SSL_CTX *ctx, const char *certificate, const char *key, struct error *err)
{
	if (openssl.CTX_use_certificate_chain_file(ctx, certificate) != 1)
		return explain("cannot use the certificate", certificate, err);
	if (openssl.CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return explain("cannot use the key", key, err);
	return openssl.CTX_check_private_key(ctx) == 1 ||
	       explain("the certificate does not belong to the key", key, err);
}

static SSL_CTX *
make_context(const char *certificate, const char *key, struct error *err)
{
	SSL_CTX *ctx = openssl.CTX_new(openssl.TLS_server_method());

	if (!ctx) {
		explain("cannot start", "OpenSSL", err);
		return NULL;
	}
	openssl.CTX_ctrl(ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION,
			 NULL);
	openssl.CTX_ctrl(ctx, SSL_CTRL_MODE,
			 SSL_MODE_ENABLE_PARTIAL_WRITE |
				 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				 SSL_MODE_RELEASE_BUFFERS,
			 NULL);
	openssl.CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_NO_COMPRESSION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_IGNORE_UNEXPECTED_EOF);
	openssl.CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	if (load(ctx, certificate, key, err))
		return ctx;
	openssl.CTX_free(ctx);
	return NULL;
}

struct http_tls *
http_tls_open(const char *certificate, const char *key, struct error *err)
{
	if (!openssl_load(err))
		return NULL;
	SSL_CTX *ctx = make_context(certificate, key, err);
	if (!ctx)
		return NULL;

	struct http_tls *tls = xcalloc(1, sizeof(*tls));
	tls->ctx = ctx;
	tls->certificate = xstrdup(certificate);
	tls->key = xstrdup(key);
	return tls;
}

void
http_tls_close(struct http_tls **tls)
{
	if (!*tls)
		return;
	openssl.CTX_free((*tls)->ctx);
	free((*tls)->certificate);
	free((*tls)->key);
	free(*tls);
	*tls = NULL;
}

bool
http_tls_reload(struct http_tls *tls, struct error *err)
{
	SSL_CTX *ctx = make_context(tls->certificate, tls->key, err);

	if (!ctx)
		return false;
	openssl.CTX_free(tls->ctx);
	tls->ctx = ctx;
	return true;
}

/* ---- a connection's side */

struct tls_stream *
tls_open(struct http_tls *tls, int fd, struct error *err)
{
	SSL *ssl = openssl.new(tls->ctx);

	if (!ssl || openssl.set_fd(ssl, fd) != 1) {
		openssl.free(ssl);
		explain("cannot begin", "TLS", err);
		return NULL;
	}
	openssl.set_accept_state(ssl);
	struct tls_stream *stream = xcalloc(1, sizeof(*stream));
	stream->ssl = ssl;
	return stream;
}

void
tls_close(struct tls_stream **tls)
{
	if (!*tls)
		return;
	openssl.free((*tls)->ssl);
	free(*tls);
	*tls = NULL;
}

/* What a call that did not move a byte means, as read() would say it. */
static ssize_t
translate(struct tls_stream *tls, int result)
{
	int error = openssl.get_error(tls->ssl, result);

	openssl.ERR_clear_error();
	switch (error) {
	case SSL_ERROR_WANT_WRITE:
		tls->wants_write = true;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_READ:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		tls->failed = true;
		errno = ECONNRESET;
		return -1;
	}
}

ssize_t
tls_read(struct tls_stream *tls, char *to, size_t room)
{
	if (tls->failed)
		return 0;
	tls->wants_write = false;
	int n = openssl.read(tls->ssl, to, (int)MIN(room, (size_t)INT_MAX));
	return n > 0 ? n : translate(tls, n);
}

ssize_t
tls_write(struct tls_stream *tls, const char *from, size_t len)
{
	if (tls->failed) {
		errno = EPIPE;
		return -1;
	}
	int n = openssl.write(tls->ssl, from, (int)MIN(len, (size_t)INT_MAX));
	if (n > 0)
		return n;
	ssize_t result = translate(tls, n);
	if (result == 0) {
		errno = EPIPE;
		return -1;
	}
	return result;
}

bool
tls_pending(const struct tls_stream *tls)
{
	return !tls->failed && openssl.pending(tls->ssl) > 0;
}

bool
tls_wants_write(const struct tls_stream *tls)
{
	return tls->wants_write;
}

void
tls_goodbye(struct tls_stream *tls)
{
	if (!tls->failed)
		openssl.shutdown(tls->ssl);
	openssl.ERR_clear_error();
}
