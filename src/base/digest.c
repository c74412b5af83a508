#include "mneme/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/plugin.h"

static struct {
	const EVP_MD *(*sha256)(void);
	EVP_MD_CTX *(*create)(void);
	void (*destroy)(EVP_MD_CTX *);
	int (*init)(EVP_MD_CTX *, const EVP_MD *, ENGINE *);
	int (*update)(EVP_MD_CTX *, const void *, size_t);
	int (*final)(EVP_MD_CTX *, unsigned char *, unsigned *);
	unsigned char *(*hmac)(const EVP_MD *, const void *, int,
			       const unsigned char *, size_t, unsigned char *,
			       unsigned *);
} crypto;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;
static struct error load_error;

static void
load(void)
{
	const struct plugin_symbol symbols[] = {
		{"EVP_sha256", (void **)&crypto.sha256},
		{"EVP_MD_CTX_new", (void **)&crypto.create},
		{"EVP_MD_CTX_free", (void **)&crypto.destroy},
		{"EVP_DigestInit_ex", (void **)&crypto.init},
		{"EVP_DigestUpdate", (void **)&crypto.update},
		{"EVP_DigestFinal_ex", (void **)&crypto.final},
		{"HMAC", (void **)&crypto.hmac},
	};

	loaded = plugin_library("libcrypto.so.3", symbols, COUNT(symbols),
				&load_error);
}

static bool
ready(struct error *err)
{
	pthread_once(&once, load);
	return loaded || error_set(err, load_error.code, "%s", load_error.text);
}

static void
drop_context(EVP_MD_CTX **ctx)
{
	if (*ctx)
		crypto.destroy(*ctx);
}

bool
digest_sha256(struct slice bytes, uint8_t out[DIGEST_BYTES], struct error *err)
{
	if (!ready(err))
		return false;
	SCOPED(drop_context) EVP_MD_CTX *ctx = crypto.create();
	if (!ctx || !crypto.init(ctx, crypto.sha256(), NULL) ||
	    !crypto.update(ctx, bytes.data, bytes.len) ||
	    !crypto.final(ctx, out, NULL))
		return error_set(err, ERROR_IO, "SHA-256 failed");
	return true;
}

bool
digest_hmac(struct slice key, struct slice bytes, uint8_t out[DIGEST_BYTES],
	    struct error *err)
{
	if (!ready(err))
		return false;
	unsigned len = DIGEST_BYTES;
	if (!crypto.hmac(crypto.sha256(), key.data, (int)key.len,
			 (const unsigned char *)bytes.data, bytes.len, out,
			 &len))
		return error_set(err, ERROR_IO, "HMAC failed");
	return true;
}

static bool
feed_file(EVP_MD_CTX *ctx, int fd)
{
	char piece[16384];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !crypto.update(ctx, piece, (size_t)n))
			return false;
	}
	return true;
}

bool
digest_file(const char *path, uint8_t out[DIGEST_BYTES], struct error *err)
{
	if (!ready(err))
		return false;
	SCOPED(drop_context) EVP_MD_CTX *ctx = crypto.create();
	SCOPED(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !ctx || !crypto.init(ctx, crypto.sha256(), NULL) ||
	    !feed_file(ctx, fd) || !crypto.final(ctx, out, NULL))
		return error_set(err,
				 errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO,
				 "cannot read %s: %s", path, strerror(errno));
	return true;
}

char *
digest_hex(const uint8_t bytes[DIGEST_BYTES], char out[DIGEST_HEX + 1])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		out[2 * i] = hex[bytes[i] >> 4];
		out[2 * i + 1] = hex[bytes[i] & 15];
	}
	out[DIGEST_HEX] = '\0';
	return out;
}

bool
digest_same(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t different = 0;

	for (size_t i = 0; i < len; i++)
		different |= x[i] ^ y[i];
	return different == 0;
}
