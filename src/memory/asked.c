#include "asked.h"

#include <ctype.h>

#include "mneme/arena.h"
#include "mneme/buf.h"

enum { NAME_WORDS = 3, NAME_MAX = 64 };

static bool
in_word(unsigned char c)
{
	return isalnum(c) || c >= 0x80 || c == '_' || c == '-' || c == '.';
}

/* The first `n` words of `rest`, with what is between them. */
static struct slice
first_words(struct slice rest, size_t n)
{
	size_t at = 0, end = 0;

	for (size_t i = 0; i < n; i++) {
		while (i && at < rest.len && rest.data[at] == ' ')
			at++;
		if (i && at == end)
			return (struct slice){0};
		size_t from = at;
		while (at < rest.len && in_word((unsigned char)rest.data[at]))
			at++;
		/* "Ana." and "Ana-" end before the mark, U+2019 is none. */
		for (size_t k = from; k + 2 < at; k++) {
			if (memcmp(rest.data + k, "\xE2\x80\x99", 3) == 0)
				at = k;
		}
		while (at > from &&
		       (rest.data[at - 1] == '.' || rest.data[at - 1] == '-'))
			at--;
		if (at == from)
			return (struct slice){0};
		end = at;
	}
	return slice_make(rest.data, end);
}

/* "'s" after a name, in either writing, or "'" after one that ends in s. */
static size_t
possessive(struct slice name, struct slice after)
{
	size_t mark = slice_starts(after, "'")              ? 1
		      : slice_starts(after, "\xE2\x80\x99") ? 3
							    : 0;

	if (!mark)
		return 0;
	bool s = after.len > mark && after.data[mark] == 's' &&
		 (after.len == mark + 1 ||
		  !in_word((unsigned char)after.data[mark + 1]));
	if (s)
		return mark + 1;
	return tolower((unsigned char)name.data[name.len - 1]) == 's' ? mark
								      : 0;
}

static void
note_name(struct asked *out, struct slice name)
{
	unsigned hash = speaker_hash(name);

	for (size_t i = 0; i < out->name_count; i++) {
		if (out->names[i] == hash)
			return;
	}
	if (out->name_count < ASKED_NAMES_MAX)
		out->names[out->name_count++] = hash;
}

/* The longest name that begins here; empty when there is none. */
static struct slice
name_at(struct slice rest, asked_known_fn *known, void *arg)
{
	for (size_t n = NAME_WORDS; n > 0; n--) {
		struct slice name = first_words(rest, n);
		if (name.len && name.len <= NAME_MAX && known(arg, name))
			return name;
	}
	return (struct slice){0};
}

void
asked_read(struct slice text, int64_t now, asked_known_fn *known, void *arg,
	   struct arena *arena, struct asked *out)
{
	SCOPED(buf_clear) struct buf said;
	bool begins = true; /* a word may begin here */

	*out = (struct asked){.text = text};
	when_read(text, now, &out->when);
	out->wants_time = when_asked(text);
	buf_init(&said, text.len * 2 + 16);
	for (size_t at = 0; at < text.len;) {
		struct slice rest = slice_make(text.data + at, text.len - at);
		struct slice name =
			begins ? name_at(rest, known, arg) : (struct slice){0};
		begins = !in_word((unsigned char)*rest.data);
		if (!name.len) {
			buf_addc(&said, *rest.data);
			at++;
			continue;
		}
		note_name(out, name);
		struct slice after =
			slice_make(rest.data + name.len, rest.len - name.len);
		size_t owned = possessive(name, after);
		buf_adds(&said, owned ? "my" : "I");
		at += name.len + owned;
		begins = false;
	}
	out->first_person = arena_copy(arena, buf_slice(&said));
}
