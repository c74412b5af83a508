/*
 * rsa.c - public keys out of certificates, and signatures checked with them.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>

#include "auth/private.h"
#include "mneme/plugin.h"

enum { BITS_MIN = 2048, BITS_MAX = 8192 };

struct rsa_key {
	X509 *certificate;
	EVP_PKEY *key;
};

static struct {
	BIO *(*memory)(const void *, int);
	int (*bio_free)(BIO *);
	X509 *(*read)(BIO *, X509 **, pem_password_cb *, void *);
	void (*x509_free)(X509 *);
	EVP_PKEY *(*public_key)(X509 *);
	void (*key_free)(EVP_PKEY *);
	int (*key_kind)(const EVP_PKEY *);
	int (*key_bits)(const EVP_PKEY *);
	const ASN1_TIME *(*not_before)(const X509 *);
	const ASN1_TIME *(*not_after)(const X509 *);
	int (*compare_now)(const ASN1_TIME *);
	const EVP_MD *(*sha256)(void);
	EVP_MD_CTX *(*create)(void);
	void (*destroy)(EVP_MD_CTX *);
	int (*init)(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *,
		    EVP_PKEY *);
	int (*verify)(EVP_MD_CTX *, const unsigned char *, size_t,
		      const unsigned char *, size_t);
	void (*forget_errors)(void);
} crypto;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;
static struct error load_error;

static void
load(void)
{
	const struct plugin_symbol symbols[] = {
		{"BIO_new_mem_buf", (void **)&crypto.memory},
		{"BIO_free", (void **)&crypto.bio_free},
		{"PEM_read_bio_X509", (void **)&crypto.read},
		{"X509_free", (void **)&crypto.x509_free},
		{"X509_get_pubkey", (void **)&crypto.public_key},
		{"EVP_PKEY_free", (void **)&crypto.key_free},
		{"EVP_PKEY_get_base_id", (void **)&crypto.key_kind},
		{"EVP_PKEY_get_bits", (void **)&crypto.key_bits},
		{"X509_get0_notBefore", (void **)&crypto.not_before},
		{"X509_get0_notAfter", (void **)&crypto.not_after},
		{"X509_cmp_current_time", (void **)&crypto.compare_now},
		{"EVP_sha256", (void **)&crypto.sha256},
		{"EVP_MD_CTX_new", (void **)&crypto.create},
		{"EVP_MD_CTX_free", (void **)&crypto.destroy},
		{"EVP_DigestVerifyInit", (void **)&crypto.init},
		{"EVP_DigestVerify", (void **)&crypto.verify},
		{"ERR_clear_error", (void **)&crypto.forget_errors},
	};

	loaded = plugin_library("libcrypto.so.3", symbols, COUNT(symbols),
				&load_error);
}

/* No password is ever asked for. */
static int
no_password(char *out, int size, int write, void *arg)
{
	(void)out, (void)size, (void)write, (void)arg;
	return 0;
}

struct rsa_key *
rsa_key_read(struct slice pem, struct error *err)
{
	pthread_once(&once, load);
	if (!loaded) {
		error_set(err, load_error.code, "%s", load_error.text);
		return NULL;
	}
	struct rsa_key *key = xcalloc(1, sizeof(*key));
	BIO *bio = crypto.memory(pem.data, (int)MIN(pem.len, (size_t)1 << 20));

	if (bio)
		key->certificate = crypto.read(bio, NULL, no_password, NULL);
	crypto.bio_free(bio);
	if (key->certificate)
		key->key = crypto.public_key(key->certificate);
	crypto.forget_errors();
	if (key->key && crypto.key_kind(key->key) == EVP_PKEY_RSA &&
	    crypto.key_bits(key->key) >= BITS_MIN &&
	    crypto.key_bits(key->key) <= BITS_MAX)
		return key;
	rsa_key_drop(&key);
	error_set(err, ERROR_INVALID,
		  "not a certificate of an RSA key of %d to %d bits", BITS_MIN,
		  BITS_MAX);
	return NULL;
}

void
rsa_key_drop(struct rsa_key **key)
{
	if (!*key)
		return;
	if ((*key)->key)
		crypto.key_free((*key)->key);
	if ((*key)->certificate)
		crypto.x509_free((*key)->certificate);
	free(*key);
	*key = NULL;
}

bool
rsa_key_current(const struct rsa_key *key)
{
	return crypto.compare_now(crypto.not_before(key->certificate)) < 0 &&
	       crypto.compare_now(crypto.not_after(key->certificate)) > 0;
}

bool
rsa_key_verify(const struct rsa_key *key, struct slice text,
	       struct slice signature)
{
	EVP_MD_CTX *ctx = crypto.create();
	bool good =
		ctx &&
		crypto.init(ctx, NULL, crypto.sha256(), NULL, key->key) == 1 &&
		crypto.verify(ctx, (const unsigned char *)signature.data,
			      signature.len, (const unsigned char *)text.data,
			      text.len) == 1;

	crypto.destroy(ctx);
	crypto.forget_errors();
	return good;
}
