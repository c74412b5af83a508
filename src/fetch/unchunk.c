/* One state a byte, but the data itself is taken in runs. */
#include "fetch/unchunk.h"

enum { DIGITS_MAX = 15 };

static bool
end_size(struct unchunk *c, char byte)
{
	c->state = UNCHUNK_SIZE_REST;
	if (byte != '\n')
		return ++c->seen <= UNCHUNK_LINE_MAX;
	c->state = c->left ? UNCHUNK_DATA : UNCHUNK_TRAILER;
	c->seen = 0;
	return true;
}

static bool
in_size(struct unchunk *c, char byte)
{
	int digit = hex_digit(byte);

	if (digit < 0)
		return c->digits > 0 && end_size(c, byte);
	if (++c->digits > DIGITS_MAX)
		return false;
	c->left = c->left << 4 | (uint64_t)digit;
	return true;
}

static bool
in_data_end(struct unchunk *c, char byte)
{
	if (byte == '\r')
		return ++c->seen <= 1;
	*c = (struct unchunk){.state = UNCHUNK_SIZE};
	return byte == '\n';
}

static bool
in_trailer(struct unchunk *c, char byte)
{
	if (byte == '\n')
		c->state = c->state == UNCHUNK_FIELD ? UNCHUNK_TRAILER
						     : UNCHUNK_OVER;
	else if (byte != '\r')
		c->state = UNCHUNK_FIELD;
	return ++c->seen <= UNCHUNK_TRAILER_MAX;
}

static bool
step(struct unchunk *c, char byte)
{
	switch (c->state) {
	case UNCHUNK_SIZE:
		return in_size(c, byte);
	case UNCHUNK_SIZE_REST:
		return end_size(c, byte);
	case UNCHUNK_DATA_END:
		return in_data_end(c, byte);
	default:
		return in_trailer(c, byte);
	}
}

static struct slice
take(struct slice *rest, size_t n)
{
	struct slice front = slice_make(rest->data, n);

	*rest = slice_make(rest->data + n, rest->len - n);
	return front;
}

bool
unchunk_next(struct unchunk *c, struct slice *rest, struct slice *piece)
{
	*piece = slice_make(rest->data, 0);
	while (rest->len && c->state != UNCHUNK_OVER) {
		if (c->state != UNCHUNK_DATA) {
			if (!step(c, *take(rest, 1).data))
				return false;
			continue;
		}
		*piece = take(rest, (size_t)MIN(c->left, (uint64_t)rest->len));
		c->left -= piece->len;
		if (!c->left)
			c->state = UNCHUNK_DATA_END;
		return true;
	}
	return true;
}
