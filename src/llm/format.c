#include "llm/format.h"

#include "mneme/buf.h"

void
llm_join(struct slice *text, struct slice more)
{
	if (more.len == 0)
		return;
	if (text->len == 0) {
		*text = more;
		return;
	}
	char *to = (char *)(uintptr_t)text->data + text->len;

	memmove(to, more.data, more.len);
	text->len += more.len;
}

void
llm_base64(struct slice bytes, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *at = (const uint8_t *)bytes.data;
	size_t left = bytes.len;

	for (; left; at += 3) {
		size_t n = MIN(left, (size_t)3);
		uint32_t bits = (uint32_t)at[0] << 16;
		if (n > 1)
			bits |= (uint32_t)at[1] << 8;
		if (n > 2)
			bits |= at[2];
		char four[4];
		for (size_t i = 0; i < 4; i++)
			four[i] =
				i > n ? '=' : digits[bits >> (18 - 6 * i) & 63];
		buf_add(out, four, sizeof(four));
		left -= n;
	}
}

void
llm_print_extra(struct slice extra, struct buf *out)
{
	extra = slice_trim(extra);
	if (extra.len >= 2 && slice_starts(extra, "{") &&
	    slice_ends(extra, "}"))
		extra = slice_trim(slice_make(extra.data + 1, extra.len - 2));
	if (extra.len == 0)
		return;
	buf_addc(out, ',');
	buf_add_slice(out, extra);
}
