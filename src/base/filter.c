/*
 * filter.c - the state machine between foreign text and a terminal.
 *
 * Bytes become code points first (an unfinished one waits in `held`), and all
 * decisions are made on code points: so a C1 control is the same whether it
 * came as one raw byte or as two of UTF-8, and it does not matter where the
 * stream was cut.  What leaves is always whole, valid UTF-8.
 */
#include "mneme/filter.h"

#include <utf8proc.h>

#include "mneme/buf.h"
#include "mneme/utf8.h"

enum {
	GROUND,
	ESCAPE,       /* after ESC */
	INTERMEDIATE, /* after ESC and 20-2F */
	CSI,
	OSC,    /* to BEL or ST */
	STRING, /* DCS, SOS, PM, APC, a title: to ST */
	OSC_ESCAPE,
	STRING_ESCAPE,
};

enum { MARKS_MAX = 8, ZWJ = 0x200D };

void
filter_init(struct filter *f)
{
	*f = (struct filter){.state = GROUND};
}

static bool
is_emoji(uint32_t cp)
{
	return cp > 0xFF &&
	       utf8proc_get_property((utf8proc_int32_t)cp)->boundclass ==
		       UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/* What joins the character before it: marks, selectors, skin tones. */
static bool
is_mark(uint32_t cp)
{
	utf8proc_category_t category;

	if (cp < 0x300)
		return false;
	if (cp >= 0x1F3FB && cp <= 0x1F3FF)
		return true;
	category = utf8proc_category((utf8proc_int32_t)cp);
	return category == UTF8PROC_CATEGORY_MN ||
	       category == UTF8PROC_CATEGORY_MC ||
	       category == UTF8PROC_CATEGORY_ME;
}

static bool
is_hidden(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x0000, 0x0008},   {0x000B, 0x001F},   {0x007F, 0x009F},
		{0x00AD, 0x00AD},   {0x061C, 0x061C},   {0x180E, 0x180E},
		{0x200B, 0x200F},   {0x202A, 0x202E},   {0x2060, 0x206F},
		{0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},   {0x1BCA0, 0x1BCA3},
		{0x1D173, 0x1D17A}, {0xE0000, 0xE00FF},
	};

	for (size_t i = 0; i < COUNT(hidden); i++)
		if (cp >= hidden[i].first && cp <= hidden[i].last)
			return true;
	return false;
}

static void
put(uint32_t cp, struct buf *out)
{
	char bytes[4];

	buf_add(out, bytes, utf8_encode(cp, bytes));
}

static void
show(struct filter *f, uint32_t cp, struct buf *out)
{
	bool joined = f->joiner && is_emoji(cp);

	f->joiner = false;
	if (cp == ZWJ) {
		f->joiner = is_emoji(f->last) && f->marks < MARKS_MAX;
		return;
	}
	if (cp == 0x2028 || cp == 0x2029)
		cp = '\n';
	if (is_hidden(cp))
		return;
	if (is_mark(cp)) {
		if (f->marks >= MARKS_MAX)
			return;
		f->marks++;
		put(cp, out);
		return;
	}
	if (joined)
		put(ZWJ, out);
	f->marks = joined ? f->marks + 1 : 0;
	f->last = cp;
	put(cp, out);
}

static uint8_t
introduced(uint32_t c1)
{
	switch (c1) {
	case 0x9B:
		return CSI;
	case 0x9D:
		return OSC;
	case 0x90: /* DCS */
	case 0x98: /* SOS */
	case 0x9E: /* PM */
	case 0x9F: /* APC */
		return STRING;
	default:
		return GROUND;
	}
}

static void
ground(struct filter *f, uint32_t cp, struct buf *out)
{
	bool after_cr = f->carriage;

	f->state = GROUND;
	f->carriage = cp == '\r';
	if (cp == 0x1B)
		f->state = ESCAPE;
	else if (cp >= 0x80 && cp <= 0x9F)
		f->state = introduced(cp);
	else if (cp == '\r')
		show(f, '\n', out);
	else if (cp != '\n' || !after_cr)
		show(f, cp, out);
}

static void
escape(struct filter *f, uint32_t cp, struct buf *out)
{
	if (cp >= 0x20 && cp <= 0x2F)
		f->state = INTERMEDIATE;
	else if (f->state == INTERMEDIATE && cp >= 0x30 && cp <= 0x7E)
		f->state = GROUND;
	else if (cp == 'k') /* a window's title, in screen and tmux */
		f->state = STRING;
	else if (cp >= 0x40 && cp <= 0x5F)
		f->state = introduced(cp + 0x40);
	else if (cp >= 0x30 && cp <= 0x7E)
		f->state = GROUND;
	else
		ground(f, cp, out);
}

static void
string(struct filter *f, uint32_t cp)
{
	bool osc = f->state == OSC || f->state == OSC_ESCAPE;

	if (cp == 0x9C || cp == 0x18 || cp == 0x1A || (osc && cp == 0x07))
		f->state = GROUND;
	else if (cp == 0x1B)
		f->state = osc ? OSC_ESCAPE : STRING_ESCAPE;
	else
		f->state = osc ? OSC : STRING;
}

static void
step(struct filter *f, uint32_t cp, struct buf *out)
{
	switch (f->state) {
	case ESCAPE:
	case INTERMEDIATE:
		escape(f, cp, out);
		return;
	case CSI:
		if (cp >= 0x40 && cp <= 0x7E)
			f->state = GROUND;
		else if (cp < 0x20 || cp > 0x3F)
			ground(f, cp, out);
		return;
	case OSC_ESCAPE:
	case STRING_ESCAPE:
		/* Any other ESC ends the string and begins anew. */
		if (cp == '\\')
			f->state = GROUND;
		else {
			f->state = ESCAPE;
			escape(f, cp, out);
		}
		return;
	case OSC:
	case STRING:
		string(f, cp);
		return;
	default:
		ground(f, cp, out);
	}
}

/* The plain ASCII at the front, which needs no state. */
static size_t
plain_length(struct slice in)
{
	size_t n = 0;

	while (n < in.len && ((in.data[n] >= 0x20 && in.data[n] < 0x7F) ||
			      in.data[n] == '\n'))
		n++;
	return n;
}

static void
characters(struct filter *f, struct slice in, struct buf *out)
{
	while (in.len > 0) {
		size_t n = 0;
		uint32_t cp;

		if (f->state == GROUND && !f->carriage && !f->joiner)
			n = plain_length(in);
		if (n > 0) {
			buf_add(out, in.data, n);
			f->last = (uint8_t)in.data[n - 1];
			f->marks = 0;
		} else {
			n = utf8_decode(in, &cp);
			if (cp == UTF8_BAD && n == 1 &&
			    (uint8_t)in.data[0] >= 0x80 &&
			    (uint8_t)in.data[0] <= 0x9F)
				cp = (uint8_t)in.data[0];
			step(f, cp, out);
		}
		in = slice_make(in.data + n, in.len - n);
	}
}

static void
hold(struct filter *f, const char *data, size_t len)
{
	memmove(f->held, data, len);
	f->held_len = (uint8_t)len;
}

bool
filter_feed(struct filter *f, struct slice in, struct buf *out)
{
	size_t tail;

	while (f->held_len > 0 && in.len > 0) {
		struct slice held;

		f->held[f->held_len++] = *in.data;
		in = slice_make(in.data + 1, in.len - 1);
		held = slice_make(f->held, f->held_len);
		tail = utf8_open_tail(held);
		held.len -= tail;
		characters(f, held, out);
		hold(f, f->held + held.len, tail);
	}
	if (in.len == 0)
		return !out->over;
	tail = utf8_open_tail(in);
	characters(f, slice_make(in.data, in.len - tail), out);
	hold(f, in.data + in.len - tail, tail);
	return !out->over;
}

bool
filter_finish(struct filter *f, struct buf *out)
{
	if (f->held_len > 0)
		step(f, UTF8_BAD, out);
	filter_init(f);
	return !out->over;
}

bool
filter_text(struct slice in, struct buf *out)
{
	struct filter f;

	filter_init(&f);
	filter_feed(&f, in, out);
	return filter_finish(&f, out);
}

bool
filter_line(struct slice in, struct buf *out)
{
	size_t start = out->len;
	bool fits = filter_text(in, out);

	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '\n' || out->data[i] == '\t')
			out->data[i] = ' ';
	return fits;
}
