/*
 * id.h - names for records: 128 bits, ordered by time, shown in base 32.
 *
 * A ULID in lower case: 48 bits of milliseconds since 1970, then 80 random
 * bits; within one thread each is larger than the one before.  As text 26
 * characters of 0-9 a-z without i l o u (Crockford's alphabet, lower case).
 */
#ifndef MNEME_ID_H
#define MNEME_ID_H

#include "mneme/base.h"

enum { ID_BYTES = 16, ID_TEXT = 26, ID_PREFIX_MIN = 6 };

struct id {
	uint8_t bytes[ID_BYTES];
};

struct id id_make(void);
bool id_none(struct id id); /* all zero: no id */
bool id_equal(struct id a, struct id b);
struct slice id_slice(const struct id *id); /* the 16 bytes, borrowed */

char *id_format(struct id id, char out[ID_TEXT + 1]);
bool id_parse(struct slice text, struct id *id);

/* The smallest and largest id whose text begins with `prefix`
 * (ID_PREFIX_MIN to ID_TEXT characters). */
bool id_range(struct slice prefix, struct id *first, struct id *last);

/* Secure random bytes, from the kernel. */
void random_bytes(void *out, size_t len);

#endif
