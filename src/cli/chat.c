/* mneme chat, line by line. */
#include <stdlib.h>
#include <unistd.h>

#include "ask.h"
#include "cli.h"
#include "mneme/file.h"

enum { LINE_MOST = 256 << 10 };

/* One line a turn, in one conversation, until the end of the input. */
bool
cli_chat(struct cli *cli, struct error *err)
{
	SCOPED(free_pointer) char *line = NULL;
	size_t cap = 0;
	bool terminal = isatty(STDIN_FILENO);

	for (;;) {
		struct error why = {0};

		if (terminal)
			fputs("> ", stderr);
		ssize_t n = getline(&line, &cap, stdin);
		if (n < 0)
			return true;
		struct slice text = slice_trim(slice_make(line, (size_t)n));
		if (text.len == 0)
			continue;
		if (slice_is(text, "/quit"))
			return true;
		if (text.len > LINE_MOST)
			return error_set(err, ERROR_LIMIT,
					 "a line of %zu bytes; at most %d fit",
					 text.len, LINE_MOST);
		if (!ask_turn(cli, text, &why)) {
			fprintf(stderr, "mneme: %s\n", why.text);
			if (!terminal)
				return error_set(err, why.code, "%s", why.text);
		}
		cli->options.conversation = "last";
	}
}
