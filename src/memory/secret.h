/*
 * secret.h - what detectors of secrets share.
 *
 * Each looks at a text from its beginning on, which is where a word begins,
 * and says how much of it is a secret.
 */
#ifndef MEMORY_SECRET_H
#define MEMORY_SECRET_H

#include <ctype.h>
#include <strings.h>

#include "mneme/base.h"

struct secret_found {
	size_t skip, len; /* the secret is text[skip .. skip + len) */
	const char *kind;
};

typedef bool secret_fn(struct slice text, struct secret_found *out);

/* Keys that say whose they are (secret_keys.c). */
secret_fn secret_private_key, secret_web_token, secret_vendor_key,
	secret_authorization, secret_in_address;

/* "my password is ..." (secret_said.c). */
secret_fn secret_said;

static inline struct slice
secret_after(struct slice s, size_t n)
{
	n = MIN(n, s.len);
	return slice_make(s.data + n, s.len - n);
}

static inline bool
secret_begins(struct slice s, const char *word)
{
	size_t n = strlen(word);

	return s.len >= n && strncasecmp(s.data, word, n) == 0;
}

static inline bool
secret_has_digit(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (isdigit((unsigned char)s.data[i]))
			return true;
	}
	return false;
}

#endif
