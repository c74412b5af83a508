#include "mneme/id.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "mneme/clock.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
random_bytes(void *out, size_t len)
{
	char *at = out;

	while (len) {
		ssize_t n = getrandom(at, MIN(len, (size_t)256), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			abort();
		at += n;
		len -= (size_t)n;
	}
}

static struct id
make_at(int64_t at)
{
	struct id id;
	uint64_t ms = (uint64_t)MAX(at, 0) / 1000;

	random_bytes(id.bytes + 6, ID_BYTES - 6);
	for (int i = 5; i >= 0; i--, ms >>= 8)
		id.bytes[i] = (uint8_t)ms;
	return id;
}

static void
add_one(struct id *id)
{
	for (int i = ID_BYTES - 1; i >= 0 && ++id->bytes[i] == 0; i--)
		;
}

struct id
id_make(void)
{
	static _Thread_local struct id last;
	struct id id = make_at(clock_now());

	if (memcmp(id.bytes, last.bytes, ID_BYTES) <= 0) {
		id = last;
		add_one(&id);
	}
	last = id;
	return id;
}

bool
id_none(struct id id)
{
	static const struct id none;

	return id_equal(id, none);
}

bool
id_equal(struct id a, struct id b)
{
	return memcmp(a.bytes, b.bytes, ID_BYTES) == 0;
}

struct slice
id_slice(const struct id *id)
{
	return slice_make(id->bytes, ID_BYTES);
}

/* 26 characters carry 130 bits; the first one's upper two are zero. */
char *
id_format(struct id id, char out[ID_TEXT + 1])
{
	unsigned __int128 n = 0;

	for (int i = 0; i < ID_BYTES; i++)
		n = n << 8 | id.bytes[i];
	for (int i = ID_TEXT - 1; i >= 0; i--, n >>= 5)
		out[i] = alphabet[(unsigned)n & 31];
	out[ID_TEXT] = '\0';
	return out;
}

static int
digit(char c)
{
	const char *at =
		c ? strchr(alphabet, c >= 'A' && c <= 'Z' ? c + 32 : c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* `text` with every missing character taken as `fill`. */
static bool
parse_filled(struct slice text, unsigned fill, struct id *id)
{
	unsigned __int128 n = 0;

	if (text.len == 0 || text.len > ID_TEXT)
		return false;
	for (size_t i = 0; i < ID_TEXT; i++) {
		int d = i < text.len ? digit(text.data[i]) : (int)fill;
		if (d < 0 || (i == 0 && d > 7))
			return false;
		n = n << 5 | (unsigned)d;
	}
	for (int i = ID_BYTES - 1; i >= 0; i--, n >>= 8)
		id->bytes[i] = (uint8_t)n;
	return true;
}

bool
id_parse(struct slice text, struct id *id)
{
	return text.len == ID_TEXT && parse_filled(text, 0, id);
}

bool
id_range(struct slice prefix, struct id *first, struct id *last)
{
	return prefix.len >= ID_PREFIX_MIN && parse_filled(prefix, 0, first) &&
	       parse_filled(prefix, 31, last);
}
