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

/* What each letter stands for, and one. */
#define VALUES(letter62, letter63) \
	{ \
		['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, \
		['F'] = 6, ['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, \
		['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, \
		['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, \
		['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, \
		['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, \
		['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, \
		['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, \
		['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, \
		['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, \
		['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, \
		['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, \
		['8'] = 61, ['9'] = 62, [letter62] = 63, [letter63] = 64, \
	}

static const uint8_t standard_values[256] = VALUES('+', '/');
static const uint8_t url_values[256] = VALUES('-', '_');

/* 24 bits of four letters; false when one of them is none. */
static bool
read_four(const uint8_t *at, const uint8_t *values, uint32_t *bits)
{
	unsigned a = values[at[0]], b = values[at[1]];
	unsigned c = values[at[2]], d = values[at[3]];

	*bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
	return a && b && c && d;
}

/* Those at the end, which are no four. */
static bool
read_rest(const uint8_t *at, size_t rest, const uint8_t *values, char *to)
{
	/* An A is no bits. */
	uint8_t four[4] = {'A', 'A', 'A', 'A'};
	uint32_t bits;

	memcpy(four, at, rest);
	if (!read_four(four, values, &bits) ||
	    bits & (rest == 2 ? 0xFFFF : 0xFF))
		return false;
	*to++ = (char)(bits >> 16);
	if (rest == 3)
		*to = (char)(bits >> 8);
	return true;
}

/* `text` is without padding. */
static bool
read_letters(struct slice text, const uint8_t *values, struct buf *out)
{
	const uint8_t *at = (const uint8_t *)text.data;
	size_t rest = text.len % 4;
	size_t len = text.len / 4 * 3 + (rest ? rest - 1 : 0);
	char *to = rest == 1 ? NULL : buf_room(out, len);
	uint32_t bits;

	if (!to)
		return false;
	for (size_t left = text.len / 4; left; left--, at += 4, to += 3) {
		if (!read_four(at, values, &bits)) {
			out->data[out->len] = '\0';
			return false;
		}
		to[0] = (char)(bits >> 16);
		to[1] = (char)(bits >> 8);
		to[2] = (char)bits;
	}
	if (rest && !read_rest(at, rest, values, to)) {
		out->data[out->len] = '\0';
		return false;
	}
	out->len += len;
	out->data[out->len] = '\0';
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
	return read_letters(slice_make(text.data, text.len - pad),
			    standard_values, out);
}

bool
base64url_read(struct slice text, struct buf *out)
{
	return read_letters(text, url_values, out);
}
