/*
 * blit_style.c - from one style to another by the fewest bytes.
 *
 * What is added is said, what is taken away needs "no attributes" first.
 * Where the terminal takes several numbers in one sequence, as all of today
 * do, they go in one.
 */
#include "mneme/buf.h"
#include "tui/blit.h"
#include "tui/caps.h"

/* Some terminals count no more numbers than that in one sequence. */
enum { NUMBERS_MAX = 14 };

static int
channel(uint32_t value)
{
	return (int)(((value & 0xFF) * 5 + 127) / 255);
}

static void
put_colour(const struct blit *b, enum cap cap, uint32_t colour, struct buf *out)
{
	int number = (int)colour - 1;

	if (b->caps->colours == 0 || colour == 0)
		return;
	if (colour & COLOUR_RGB(0)) {
		if (b->caps->rgb) {
			buf_addf(out, "\033[%d;2;%u;%u;%um",
				 cap == CAP_FOREGROUND ? 38 : 48,
				 (unsigned)(colour >> 16) & 0xFF,
				 (unsigned)(colour >> 8) & 0xFF,
				 (unsigned)colour & 0xFF);
			return;
		}
		number = 16 + 36 * channel(colour >> 16) +
			 6 * channel(colour >> 8) + channel(colour);
	}
	if (number < b->caps->colours)
		caps_put(b->caps, cap, number, 0, out);
}

static void
put_link(const struct blit *b, uint16_t link, struct buf *out)
{
	if (!b->caps->links)
		return;
	buf_adds(out, "\033]8;;");
	if (link)
		buf_add_slice(out, pool_text(b->shown.pool, link));
	buf_adds(out, "\033\\");
}

static void
put_plain(const struct blit *b, struct buf *out)
{
	if (*b->caps->plain)
		buf_adds(out, b->caps->plain);
	else
		caps_put(b->caps, CAP_PLAIN, 0, 0, out);
}

/* "ESC [ 0 m ESC [ 1 m" as "ESC [ 0 ; 1 m", from `start` on. */
static void
join(struct buf *out, size_t start)
{
	size_t to = start;
	int numbers = 0;

	for (size_t at = start; at < out->len; at++) {
		char *c = out->data + at;

		if (at > start && to > start && out->len - at > 2 &&
		    c[0] == '\033' && c[1] == '[' && out->data[to - 1] == 'm' &&
		    numbers < NUMBERS_MAX) {
			out->data[to - 1] = ';';
			at++;
			continue;
		}
		numbers = *c == '\033' ? 0 : numbers + (*c == ';' || *c == 'm');
		out->data[to++] = *c;
	}
	out->len = to;
	out->data[to] = '\0';
}

static bool
all_numbers(const struct buf *out, size_t start)
{
	for (size_t at = start; at < out->len; at++)
		if (!strchr("\033[;m0123456789", out->data[at]))
			return false;
	return true;
}

static void
put_style(struct blit *b, struct style from, struct style to, struct buf *out)
{
	static const struct {
		uint16_t attribute;
		enum cap cap;
	} attributes[] = {
		{STYLE_BOLD, CAP_BOLD},           {STYLE_DIM, CAP_DIM},
		{STYLE_ITALIC, CAP_ITALIC},       {STYLE_REVERSE, CAP_REVERSE},
		{STYLE_UNDERLINE, CAP_UNDERLINE}, {STYLE_STRIKE, CAP_STRIKE},
	};

	if ((from.attributes & ~to.attributes) || (from.fg && !to.fg) ||
	    (from.bg && !to.bg)) {
		put_plain(b, out);
		from = (struct style){.link = from.link};
	}
	for (size_t i = 0; i < COUNT(attributes); i++)
		if (to.attributes & ~from.attributes & attributes[i].attribute)
			caps_put(b->caps, attributes[i].cap, 0, 0, out);
	if (to.fg != from.fg)
		put_colour(b, CAP_FOREGROUND, to.fg, out);
	if (to.bg != from.bg)
		put_colour(b, CAP_BACKGROUND, to.bg, out);
}

void
blit_style(struct blit *b, struct style style, struct buf *out)
{
	struct style from = b->style;
	size_t start = out->len;

	if (memcmp(&from, &style, sizeof(from)) == 0)
		return;
	blit_leave_caret(b, out);
	start = out->len;
	put_style(b, from, style, out);
	if (out->len > start && all_numbers(out, start))
		join(out, start);
	if (style.link != from.link)
		put_link(b, style.link, out);
	b->style = style;
}
