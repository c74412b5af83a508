/*
 * What recall mode says: the words that were found, quoted, each with where it
 * is from.  A search always finds something; here only what fits on its own is
 * shown, by the raw measures that can be compared between questions.
 */
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/memory.h"

/* Of the answerable questions on which it was measured, 95 of 100 have a turn
 * that fits that well by itself. */
static const double fits_alone = .6, fits_alone_words = .143;
/* As good as the best one, nearly. */
static const double nearly = .8;

/* One sentence, which asks. */
static bool
only_asks(struct slice text)
{
	text = slice_trim(text);
	if (!slice_ends(text, "?") && !slice_ends(text, "\xEF\xBC\x9F"))
		return false;
	for (size_t i = 0; i + 1 < text.len; i++) {
		char c = text.data[i];
		if (c == '\n' ||
		    ((c == '.' || c == '!') && text.data[i + 1] == ' '))
			return false;
	}
	return true;
}

static bool
may_answer(const struct memory_result *r)
{
	return r->kind == USED_MEMORY || !only_asks(r->text);
}

void
memory_keep_answers(struct memory_results *results)
{
	double least = results->by_meaning ? fits_alone : fits_alone_words;
	double best = 0;
	size_t n = 0;

	for (size_t i = 0; i < results->count; i++) {
		if (may_answer(&results->items[i]))
			best = MAX(best, results->items[i].fit);
	}
	least = MAX(least, nearly * best);
	for (size_t i = 0; i < results->count && n < MEMORY_ANSWERS_MAX; i++) {
		const struct memory_result *r = &results->items[i];
		if (r->fit >= least && may_answer(r))
			results->items[n++] = *r;
	}
	results->count = n;
	results->answerable = n > 0;
}

static void
quote(struct buf *out, struct slice text)
{
	struct slice line;

	text = slice_trim(text);
	while (slice_line(&text, &line))
		buf_addf(out, "> %.*s\n", SLICE_ARG(line));
}

static void
source(struct buf *out, const struct memory_result *r)
{
	struct clock_civil d = clock_civil(r->created_at, false);
	char id[ID_TEXT + 1];

	if (r->kind == USED_MEMORY)
		buf_adds(out, "Remembered");
	else if (r->speaker.len)
		buf_add_slice(out, r->speaker);
	else
		buf_adds(out,
			 r->role == MESSAGE_ASSISTANT ? "Answered" : "Said");
	buf_addf(out, ", %04d-%02d-%02d (%s)\n", d.year, d.month, d.day,
		 id_format(r->id, id));
}

bool
memory_recall_text(const struct memory_result *items, size_t count,
		   struct buf *out)
{
	if (count == 0)
		return buf_adds(out, "Nothing is remembered about that.\n");
	for (size_t i = 0; i < count; i++) {
		const struct memory_result *r = &items[i];

		if (i)
			buf_addc(out, '\n');
		quote(out, r->excerpt.len ? r->excerpt : r->text);
		buf_addc(out, '\n');
		source(out, r);
	}
	return !out->over;
}
