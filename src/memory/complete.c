/* complete.c - the words of the index that most documents have. */
#include "complete.h"

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/index.h"
#include "mneme/memory.h"

enum { LIKELY = 4, WORD_MIN = 2 };

struct ends {
	struct buf text;
	struct slice word;
	bool known; /* the word is one */
};

static void
add(struct slice stem, uint64_t documents, void *arg)
{
	struct ends *e = arg;

	if (stem.len <= e->word.len)
		e->known |= documents > 0;
	buf_addc(&e->text, ' ');
	buf_add_slice(&e->text, stem);
}

struct slice
memory_complete(struct index *index, struct slice text, struct arena *arena)
{
	struct ends e = {.word = text};
	struct slice out = text, rest = text;

	while (slice_split(&rest, ' ', &e.word))
		continue;
	if (e.word.len < WORD_MIN)
		return text;
	buf_init(&e.text, MEMORY_QUERY_MAX);
	buf_add_slice(&e.text, text);
	index_complete(index, e.word, LIKELY, add, &e);
	if (!e.known && !e.text.over)
		out = arena_copy(arena, buf_slice(&e.text));
	buf_clear(&e.text);
	return out;
}
