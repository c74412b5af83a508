/*
 * digest.h - SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) by OpenSSL,
 * loaded when first used.  Any thread.
 */
#ifndef MNEME_DIGEST_H
#define MNEME_DIGEST_H

#include "mneme/base.h"

struct error;

enum { DIGEST_BYTES = 32, DIGEST_HEX = 64 };

bool digest_sha256(struct slice bytes, uint8_t out[DIGEST_BYTES],
		   struct error *err);
bool digest_hmac(struct slice key, struct slice bytes,
		 uint8_t out[DIGEST_BYTES], struct error *err);

/* A file of any size, read in pieces. */
bool digest_file(const char *path, uint8_t out[DIGEST_BYTES],
		 struct error *err);

/* In lower-case hexadecimal, NUL-terminated; returns `out`. */
char *digest_hex(const uint8_t bytes[DIGEST_BYTES], char out[DIGEST_HEX + 1]);

/* Equal, in a time that does not depend on where they differ. */
bool digest_same(const void *a, const void *b, size_t len);

#endif
