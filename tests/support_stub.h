/* support_stub.h - the stub provider as a child process. */
#ifndef SUPPORT_STUB_H
#define SUPPORT_STUB_H

#include <sys/types.h>

struct stub {
	pid_t pid;
	int input; /* the child ends when this is closed */
	int port;
	char base[64]; /* "http://127.0.0.1:PORT/v1" */
};

/* Start it with the options in `options`, apart by blanks, "" or '' around
 * words with blanks or the other quotes; see tests/programs/stub_provider.c. */
struct stub *stub_start(const char *options);
void stub_stop(struct stub **stub);

/* Cut a line into words, in place, at most `max`; returns how many. */
int stub_words(char *line, char **words, int max);

#endif
