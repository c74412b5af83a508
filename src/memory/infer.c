/*
 * infer.c - what an answer says to follow from memories.
 *
 * The block asks the model to end an answer that was never said, but follows,
 * with a line of its own: the numbers of the block's lines that it rests on,
 * and how sure it is.  The line is read strictly; a number that is no line of
 * the block makes it no inference.  What is inferred is shown with what it
 * rests on and never learned: learning reads only what people say.
 */
#include <ctype.h>
#include <stdlib.h>

#include "mneme/memory.h"

static const char head[] = "[inferred from ";

static struct slice
last_line(struct slice text)
{
	struct slice rest = slice_trim(text), line = {0}, last = {0};

	while (slice_line(&rest, &line))
		last = slice_trim(line);
	return last;
}

static void
skip(struct slice *s, const char *set)
{
	while (s->len && s->data && strchr(set, s->data[0]))
		*s = slice_make(s->data + 1, s->len - 1);
}

static bool
take_number(struct slice *s, int64_t *n)
{
	size_t len = 0;

	while (s->data && len < s->len && isdigit((unsigned char)s->data[len]))
		len++;
	if (!slice_number(slice_make(s->data, len), n))
		return false;
	*s = slice_make(s->data + len, s->len - len);
	return true;
}

/* "; confidence 0.7]" */
static bool
take_confidence(struct slice s, double *out)
{
	static const char word[] = "confidence ";
	char number[16], *end;

	skip(&s, "; ");
	if (!slice_starts(s, word) || !slice_ends(s, "]"))
		return false;
	s = slice_make(s.data + strlen(word), s.len - strlen(word) - 1);
	s = slice_trim(s);
	if (s.len == 0 || s.len >= sizeof(number))
		return false;
	memcpy(number, s.data, s.len);
	number[s.len] = '\0';
	*out = strtod(number, &end);
	return *end == '\0' && *out >= 0 && *out <= 1;
}

size_t
memory_infer_line(struct slice answer, size_t lines,
		  struct memory_infer_line *out)
{
	struct slice s = last_line(answer.len ? answer : slice_of(""));
	size_t start = s.len ? (size_t)(s.data - answer.data) : answer.len;
	int64_t n;

	out->count = 0;
	if (!slice_starts(s, head))
		return answer.len;
	s = slice_make(s.data + strlen(head), s.len - strlen(head));
	while (take_number(&s, &n)) {
		if (n < 1 || (size_t)n > lines ||
		    out->count == COUNT(out->numbers))
			return answer.len;
		out->numbers[out->count++] = (size_t)n;
		skip(&s, ", ");
	}
	if (out->count == 0 || !take_confidence(s, &out->confidence))
		return answer.len;
	return start;
}

bool
memory_infer_read(struct slice answer, const struct memory_results *used,
		  struct memory_inference *out)
{
	const struct memory_result *lines[MEMORY_RESULTS_MAX];
	size_t count = memory_block_lines(used, lines);
	struct memory_infer_line line;

	if (memory_infer_line(answer, count, &line) == answer.len)
		return false;
	*out = (struct memory_inference){.count = line.count,
					 .confidence = line.confidence};
	for (size_t i = 0; i < line.count; i++)
		out->rests_on[i] = lines[line.numbers[i] - 1];
	return true;
}
