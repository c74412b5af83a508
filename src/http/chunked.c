/*
 * One state a byte; only the data itself is taken in runs.  No state accepts a
 * LF but the one after a CR, and none a CR but where a line may end.
 */
#include "http/chunked.h"

#include "http/head.h"

enum {
	SIZE,  /* digits */
	BLANK, /* after them, before ';' */
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER, /* a line of the trailer begins */
	NAME,
	VALUE,
	TRAILER_LF,
	LAST_LF,
	OVER,
};

static bool
token(char c)
{
	return head_is_token(slice_make(&c, 1));
}

static bool
text(char c)
{
	return head_is_value(slice_make(&c, 1));
}

/* The line of a chunk's size; false when it is malformed. */
static bool
in_size(struct chunked *c, char byte)
{
	int digit = hex_digit(byte);

	if (digit >= 0 && c->digits < 8) {
		c->left = c->left << 4 | (uint32_t)digit;
		c->digits++;
		return true;
	}
	if (!c->digits)
		return false;
	if (byte == '\r')
		c->state = SIZE_LF;
	else if (byte == ';')
		c->state = EXTENSION;
	else if (byte == ' ' || byte == '\t')
		c->state = BLANK;
	else
		return false;
	return true;
}

static bool
in_blank(struct chunked *c, char byte)
{
	if (byte == ';')
		c->state = EXTENSION;
	return byte == ';' || byte == ' ' || byte == '\t';
}

static bool
in_extension(struct chunked *c, char byte)
{
	if (byte == '\r' && !c->quoted) {
		c->state = SIZE_LF;
		return true;
	}
	if (byte == '"')
		c->quoted = !c->quoted;
	return text(byte);
}

static bool
in_size_lf(struct chunked *c, char byte)
{
	c->state = c->left ? DATA : TRAILER;
	c->line = 0;
	c->quoted = false;
	return byte == '\n';
}

static bool
in_data_end(struct chunked *c, char byte)
{
	if (c->state == DATA_CR) {
		c->state = DATA_LF;
		return byte == '\r';
	}
	c->state = SIZE;
	c->digits = 0;
	return byte == '\n';
}

static bool
in_trailer(struct chunked *c, char byte)
{
	switch (c->state) {
	case TRAILER:
		c->state = byte == '\r' ? LAST_LF : NAME;
		return byte == '\r' || token(byte);
	case NAME:
		if (byte == ':')
			c->state = VALUE;
		return byte == ':' || token(byte);
	case VALUE:
		if (byte == '\r')
			c->state = TRAILER_LF;
		return byte == '\r' || text(byte);
	case TRAILER_LF:
		c->state = TRAILER;
		return byte == '\n';
	default:
		c->state = OVER;
		return byte == '\n';
	}
}

static bool
step(struct chunked *c, char byte)
{
	if (c->state <= SIZE_LF && ++c->line > CHUNKED_LINE_MAX)
		return false;
	if (c->state >= TRAILER && ++c->trailer > CHUNKED_TRAILER_MAX)
		return false;
	switch (c->state) {
	case SIZE:
		return in_size(c, byte);
	case BLANK:
		return in_blank(c, byte);
	case EXTENSION:
		return in_extension(c, byte);
	case SIZE_LF:
		return in_size_lf(c, byte);
	case DATA_CR:
	case DATA_LF:
		return in_data_end(c, byte);
	default:
		return in_trailer(c, byte);
	}
}

enum chunked_found
chunked_next(struct chunked *c, struct slice *rest, struct slice *piece)
{
	while (rest->len && c->state != OVER) {
		if (c->state == DATA) {
			size_t n = MIN(rest->len, (size_t)c->left);
			*piece = slice_make(rest->data, n);
			*rest = slice_make(rest->data + n, rest->len - n);
			c->left -= (uint32_t)n;
			if (!c->left)
				c->state = DATA_CR;
			return CHUNKED_DATA;
		}
		if (!step(c, *rest->data))
			return CHUNKED_BAD;
		*rest = slice_make(rest->data + 1, rest->len - 1);
	}
	return c->state == OVER ? CHUNKED_END : CHUNKED_MORE;
}
