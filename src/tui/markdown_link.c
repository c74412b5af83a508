/*
 * markdown_link.c - addresses and entities.
 *
 * A link's address is always to be seen: it is the text itself, or it stands
 * behind it.  Only http and https addresses become links of the terminal, and
 * none that may still grow: a screen keeps each address that it was given.
 */
#include <stdlib.h>
#include <strings.h>

#include "mneme/utf8.h"
#include "tui/markdown_private.h"

static bool
is_web(struct slice address)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < COUNT(schemes); i++)
		if (address.len > strlen(schemes[i]) &&
		    strncasecmp(address.data, schemes[i], strlen(schemes[i])) ==
			    0)
			return true;
	return false;
}

/* What an OSC 8 may hold: printable ASCII, the rest as %XX. */
static uint32_t
add_link(struct page *out, struct slice address)
{
	struct link link = {.offset = (uint32_t)out->addresses.len};

	if (!is_web(address) || address.len > LINK_MAX)
		return 0;
	for (size_t i = 0; i < address.len; i++) {
		uint8_t c = (uint8_t)address.data[i];

		if (c > 0x20 && c < 0x7F)
			buf_addc(&out->addresses, (char)c);
		else
			buf_addf(&out->addresses, "%%%02X", c);
	}
	link.len = (uint32_t)out->addresses.len - link.offset;
	out->links = grow(out->links, &out->link_cap, out->link_count + 1,
			  sizeof(*out->links));
	out->links[out->link_count++] = link;
	return (uint32_t)out->link_count;
}

void
link_enter(struct builder *b, struct slice address)
{
	struct open_link *open;

	if (b->link_depth++ >= LINKS_MAX)
		return;
	open = &b->links[b->link_depth - 1];
	open->text = b->out->text.len;
	open->run = b->run_count;
	open->number = b->link = add_link(b->out, address);
	buf_init(&open->address, address.len + 1);
	buf_add_slice(&open->address, address);
}

/* Whether the text says the address already. */
static bool
is_shown(struct slice text, struct slice address)
{
	return slice_equal(text, address) ||
	       (slice_starts(address, "mailto:") &&
		slice_equal(text,
			    slice_make(address.data + 7, address.len - 7)));
}

static void
unlink_runs(struct builder *b, const struct open_link *open)
{
	for (size_t i = open->run; i < b->run_count; i++)
		b->runs[i].link = 0;
}

void
link_leave(struct builder *b)
{
	struct open_link *open;
	struct slice text, address;

	if (b->link_depth == 0 || b->link_depth-- > LINKS_MAX)
		return;
	open = &b->links[b->link_depth];
	address = buf_slice(&open->address);
	text = slice_make(b->out->text.data + open->text,
			  b->out->text.len - open->text);
	if (b->open && b->read_end >= b->end)
		unlink_runs(b, open);
	if (address.len && !is_shown(text, address)) {
		size_t source = b->base + b->read_end;

		flow_add(b, slice_of(text.len ? " (" : "("), source,
			 ROLE_ADDRESS);
		flow_add(b, address, source, ROLE_ADDRESS);
		flow_add(b, slice_of(")"), source, ROLE_ADDRESS);
	}
	buf_clear(&open->address);
	b->link = b->link_depth > 0 && b->link_depth <= LINKS_MAX
			  ? b->links[b->link_depth - 1].number
			  : 0;
}

void
link_forget(struct builder *b)
{
	while (b->link_depth > 0)
		if (--b->link_depth < LINKS_MAX)
			buf_clear(&b->links[b->link_depth].address);
	b->link = 0;
}

static const struct {
	const char *name;
	uint32_t cp;
} entities[] = {
	{"amp", '&'},       {"apos", '\''},     {"bull", 0x2022},
	{"cent", 0xA2},     {"copy", 0xA9},     {"darr", 0x2193},
	{"deg", 0xB0},      {"divide", 0xF7},   {"emsp", 0x2003},
	{"ensp", 0x2002},   {"euro", 0x20AC},   {"frac12", 0xBD},
	{"ge", 0x2265},     {"gt", '>'},        {"harr", 0x2194},
	{"hellip", 0x2026}, {"infin", 0x221E},  {"laquo", 0xAB},
	{"larr", 0x2190},   {"ldquo", 0x201C},  {"le", 0x2264},
	{"lsquo", 0x2018},  {"lt", '<'},        {"mdash", 0x2014},
	{"middot", 0xB7},   {"minus", 0x2212},  {"nbsp", 0xA0},
	{"ndash", 0x2013},  {"ne", 0x2260},     {"para", 0xB6},
	{"plusmn", 0xB1},   {"pound", 0xA3},    {"quot", '"'},
	{"raquo", 0xBB},    {"rarr", 0x2192},   {"rdquo", 0x201D},
	{"reg", 0xAE},      {"rsquo", 0x2019},  {"sect", 0xA7},
	{"sum", 0x2211},    {"thinsp", 0x2009}, {"times", 0xD7},
	{"trade", 0x2122},  {"uarr", 0x2191},   {"yen", 0xA5},
};

static uint32_t
named(struct slice name)
{
	for (size_t i = 0; i < COUNT(entities); i++)
		if (slice_is(name, entities[i].name))
			return entities[i].cp;
	return 0;
}

static uint32_t
numbered(struct slice digits)
{
	bool hex = digits.len > 1 && (*digits.data | 0x20) == 'x';
	char text[12] = {0};

	if (hex)
		digits = slice_make(digits.data + 1, digits.len - 1);
	memcpy(text, digits.data, MIN(digits.len, sizeof(text) - 1));
	return (uint32_t)strtoul(text, NULL, hex ? 16 : 10);
}

void
entity_decode(struct slice entity, struct buf *out)
{
	struct slice inner;
	uint32_t cp;
	char bytes[4];

	if (entity.len < 3) {
		filter_line(entity, out);
		return;
	}
	inner = slice_make(entity.data + 1, entity.len - 2);
	if (*inner.data != '#')
		cp = named(inner);
	else
		cp = numbered(slice_make(inner.data + 1, inner.len - 1));
	if (cp == 0 && *inner.data != '#')
		filter_line(entity, out);
	else
		filter_line(slice_make(bytes, utf8_encode(cp, bytes)), out);
}
