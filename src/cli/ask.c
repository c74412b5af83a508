/*
 * ask.c - mneme ask: one turn.  The question is its words, its files, and
 * standard input.
 */
#include "ask.h"

#include <unistd.h>

#include "mneme/chat.h"
#include "mneme/file.h"

static bool
add_part(struct buf *text, struct slice part, struct error *err)
{
	if (slice_trim(part).len == 0)
		return true;
	if (text->len && !buf_adds(text, "\n\n"))
		part.len = SIZE_MAX;
	if (part.len == SIZE_MAX || !buf_add_slice(text, part))
		return error_set(err, ERROR_LIMIT,
				 "the question passes %d bytes",
				 CHAT_MESSAGE_MAX);
	return true;
}

/* An image goes beside the text, a text becomes part of it. */
static bool
add_file(struct buf *text, const char *path, struct attached *attached,
	 struct error *err)
{
	SCOPED(buf_clear) struct buf bytes;
	bool piped = strcmp(path, "-") == 0, image;
	const char *name = piped ? "standard input" : path;

	buf_init(&bytes, RECORD_ATTACHMENT_MAX);
	if (piped ? !file_drain(STDIN_FILENO, name, &bytes, err) ||
			    !attach_kind(name, buf_slice(&bytes), &image, err)
		  : !attach_read(path, &bytes, &image, err))
		return false;
	if (image)
		return attached_add(attached,
				    slice_of(piped ? "standard-input" : path),
				    buf_slice(&bytes), err);
	if (bytes.len > CHAT_MESSAGE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%s has %zu bytes; a question has at most %d",
				 name, bytes.len, CHAT_MESSAGE_MAX);
	SCOPED(free_pointer)
	char *framed = xasprintf("File %s:\n%s", name, buf_text(&bytes));
	return add_part(text, slice_of(framed), err);
}

/* Is standard input one of the files, and once? */
static bool
takes_input(const struct cli_options *o, bool *takes, struct error *err)
{
	*takes = false;
	for (size_t i = 0; i < o->file_count; i++) {
		if (strcmp(o->files[i], "-") != 0)
			continue;
		if (*takes)
			return error_set(err, ERROR_USAGE,
					 "--attach -: standard input can be "
					 "attached once");
		*takes = true;
	}
	return true;
}

static bool
read_question(struct cli *cli, struct buf *text, struct attached *attached,
	      struct error *err)
{
	SCOPED(buf_clear) struct buf piped;
	bool taken;

	buf_init(&piped, CHAT_MESSAGE_MAX);
	if (!takes_input(&cli->options, &taken, err) ||
	    !add_part(text, cli_joined(cli, 0), err))
		return false;
	if (taken && text->len == 0)
		return error_set(err, ERROR_USAGE,
				 "--attach - is what standard input is; give "
				 "the question as TEXT");
	for (size_t i = 0; i < cli->options.file_count; i++) {
		if (!add_file(text, cli->options.files[i], attached, err))
			return false;
	}
	if (!taken && !isatty(STDIN_FILENO) &&
	    !file_drain(STDIN_FILENO, "standard input", &piped, err))
		return false;
	struct slice in = buf_slice(&piped);
	while (in.len && in.data[in.len - 1] == '\n')
		in.len--;
	if (!add_part(text, in, err))
		return false;
	return text->len > 0 ||
	       error_set(err, ERROR_USAGE,
			 "no question: give TEXT, standard input or both%s",
			 attached->count ? "; an image alone is none" : "");
}

bool
cli_ask(struct cli *cli, struct error *err)
{
	SCOPED(attached_clear) struct attached attached = {0};
	SCOPED(buf_clear) struct buf text;
	struct ask ask = {.attached = &attached};

	buf_init(&text, CHAT_MESSAGE_MAX);
	if (!read_question(cli, &text, &attached, err))
		return false;
	ask.content = buf_slice(&text);
	return ask_turn(cli, &ask, err);
}
