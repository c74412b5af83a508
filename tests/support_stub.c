#include "support_stub.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/base.h"

enum { WORDS = 64 };

/* Take one word off *line, its quotes taken away, in place. */
static char *
take_word(char **line)
{
	char *at = *line, *to = at, *word = at;
	char quote = '\0';

	for (; *at && (quote || (*at != ' ' && *at != '\t')); at++) {
		if (quote ? *at == quote : *at == '"' || *at == '\'')
			quote = quote ? '\0' : *at;
		else
			*to++ = *at;
	}
	*line = at + (*at != '\0');
	*to = '\0';
	return word;
}

int
stub_words(char *line, char **words, int max)
{
	int n = 0;

	for (;;) {
		line += strspn(line, " \t");
		if (!*line || n == max)
			return n;
		words[n++] = take_word(&line);
	}
}

static void
become_stub(const char *options, int in, int out)
{
	const char *build = getenv("MNEME_BUILD");
	char *path = xasprintf("%s/stub_provider", build ? build : ".");
	char *words[WORDS + 3] = {path};
	char *line = xstrdup(options);

	words[1] = xstrdup("--exit-on-eof");
	words[stub_words(line, words + 2, WORDS) + 2] = NULL;
	dup2(in, 0);
	dup2(out, 1);
	execv(path, words);
	perror(path);
	_exit(127);
}

struct stub *
stub_start(const char *options)
{
	struct stub *stub = xcalloc(1, sizeof(*stub));
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	stub->pid = fork();
	assert_true(stub->pid >= 0);
	if (stub->pid == 0)
		become_stub(options, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	stub->input = in[1];

	FILE *said = fdopen(out[0], "r");
	assert_non_null(said);
	if (fscanf(said, "%d", &stub->port) != 1)
		fail_msg("the stub does not start: %s", options);
	fclose(said);
	snprintf(stub->base, sizeof(stub->base), "http://127.0.0.1:%d/v1",
		 stub->port);
	return stub;
}

void
stub_stop(struct stub **stub)
{
	if (!*stub)
		return;
	close((*stub)->input);
	kill((*stub)->pid, SIGTERM);
	waitpid((*stub)->pid, NULL, 0);
	free(*stub);
	*stub = NULL;
}
