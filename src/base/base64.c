/*
 * Three bytes are four letters; what is left over is two or three letters
 * whose unused low bits must be zero, so that each text has one reading and
 * each reading one text.
 */
#include "mneme/base64.h"

#include "mneme/buf.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "abcdefghijklmnopqrstuvwxyz0123456789-_";

static bool
write_letters(struct slice in, const char *letters, bool pad, struct buf *out)
{
	const uint8_t *at = (const uint8_t *)in.data;
	size_t left = in.len;
	char *to = buf_room(out, (in.len + 2) / 3 * 4);
	char *start = to;

	if (!to)
		return in.len == 0;
	for (; left >= 3; left -= 3, at += 3) {
		uint32_t n = (uint32_t)at[0] << 16 | at[1] << 8 | at[2];
		*to++ = letters[n >> 18];
		*to++ = letters[n >> 12 & 63];
		*to++ = letters[n >> 6 & 63];
		*to++ = letters[n & 63];
	}
	if (left > 0) {
		uint32_t n = (uint32_t)at[0] << 16 |
			     (left > 1 ? (uint32_t)at[1] << 8 : 0);
		*to++ = letters[n >> 18];
		*to++ = letters[n >> 12 & 63];
		if (left > 1)
			*to++ = letters[n >> 6 & 63];
		for (size_t i = left; pad && i < 3; i++)
			*to++ = '=';
	}
	out->len += (size_t)(to - start);
	out->data[out->len] = '\0';
	return true;
}

bool
base64_write(struct slice bytes, struct buf *out)
{
	return write_letters(bytes, standard, true, out);
}

bool
base64url_write(struct slice bytes, struct buf *out)
{
	return write_letters(bytes, url, false, out);
}

static int
value_of(char c, const char *letters)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == letters[62])
		return 62;
	return c == letters[63] ? 63 : -1;
}

/* `text` is without padding. */
static bool
read_letters(struct slice text, const char *letters, struct buf *out)
{
	size_t rest = text.len % 4, before = out->len;
	uint32_t n = 0;

	if (rest == 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.data[i], letters);

		if (value < 0) {
			out->len = before;
			return false;
		}
		n = n << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		char bytes[3] = {(char)(n >> 16), (char)(n >> 8), (char)n};
		if (!buf_add(out, bytes, 3)) {
			out->len = before;
			return false;
		}
		n = 0;
	}
	unsigned spare = rest == 2 ? 4 : 2;
	char tail[2] = {(char)(rest == 2 ? n >> 4 : n >> 10), (char)(n >> 2)};
	if (rest &&
	    ((n & ((1u << spare) - 1)) != 0 || !buf_add(out, tail, rest - 1))) {
		out->len = before;
		return false;
	}
	return true;
}

bool
base64_read(struct slice text, struct buf *out)
{
	size_t pad = 0;

	if (text.len % 4 != 0)
		return false;
	while (pad < 2 && pad < text.len &&
	       text.data[text.len - 1 - pad] == '=')
		pad++;
	return read_letters(slice_make(text.data, text.len - pad), standard,
			    out);
}

bool
base64url_read(struct slice text, struct buf *out)
{
	return read_letters(text, url, out);
}
