/* Markdown arriving in pieces gives the lines of the whole text, of no more
 * columns than there are, and nothing in them that a terminal obeys. */
#include <stdlib.h>

#include "mneme/buf.h"
#include "tui/grapheme.h"
#include "tui/markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
text_of(const struct markdown *m, struct buf *out)
{
	for (size_t i = 0; i < markdown_lines(m); i++) {
		markdown_line_text(m, i, out);
		buf_addc(out, '\n');
	}
}

static void
check_text(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.data[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
			abort();
	}
}

static void
check_places(const struct markdown *m)
{
	size_t end = markdown_source(m).len;

	for (size_t i = 0; i < markdown_lines(m); i++) {
		if (markdown_line_source(m, i) > end)
			abort();
		(void)markdown_line_at(m, markdown_line_source(m, i));
	}
	for (size_t i = 0; i < markdown_blocks(m); i++) {
		struct markdown_block block = markdown_block(m, i);

		if (block.line + block.line_count > markdown_lines(m))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct markdown *whole = markdown_create();
	struct markdown *pieces = markdown_create();
	struct buf want = {.max = 1 << 26}, got = {.max = 1 << 26};
	int width = size > 0 ? 4 + data[0] % 60 : 4;
	size_t step = size > 1 ? 1 + data[1] % 64 : 1;

	if (size > 2) {
		data += 2;
		size -= 2;
	}
	markdown_add(whole, slice_make(data, size));
	markdown_finish(whole);
	markdown_layout(whole, width, false);
	text_of(whole, &want);
	for (size_t at = 0; at < size; at += step) {
		markdown_add(pieces,
			     slice_make(data + at, MIN(step, size - at)));
		markdown_layout(pieces, width, false);
	}
	markdown_finish(pieces);
	markdown_layout(pieces, width, false);
	text_of(pieces, &got);
	if (!slice_equal(buf_slice(&want), buf_slice(&got)))
		abort();
	check_text(buf_slice(&got));
	check_places(pieces);
	buf_clear(&want);
	buf_clear(&got);
	markdown_destroy(&whole);
	markdown_destroy(&pieces);
	return 0;
}
