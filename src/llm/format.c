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
