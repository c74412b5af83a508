/*
 * bench_markdown - what a frame of a growing answer costs.
 *
 *	bench_markdown FILE [BYTES [WIDTH]]
 *
 * The file's text, repeated up to BYTES, is laid out whole, and then grown to
 * twice that in steps of 8 bytes, as tokens come.  Prints "NAME VALUE" a line:
 * the best and the mean in microseconds of CPU, and bytes held a byte of text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "tui/markdown.h"

enum { ROUNDS = 50, STEP = 8, FILE_MAX = 64 << 20 };

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
whole(struct slice text, int width)
{
	struct markdown *m = markdown_create();
	double best = 1e12;

	markdown_add(m, text);
	markdown_finish(m);
	for (int i = 0; i < ROUNDS; i++) {
		double start = now(), took;

		markdown_layout(m, width + i % 2, false);
		took = now() - start;
		best = took < best ? took : best;
	}
	printf("whole %.1f\n", best);
	printf("memory %.2f\n", (double)markdown_memory(m) / (double)text.len);
	markdown_destroy(&m);
}

static void
growing(struct slice text, int width)
{
	struct markdown *m = markdown_create();
	size_t frames = 0;
	double start = now();

	for (size_t at = 0; at < text.len; at += STEP, frames++) {
		markdown_add(m, slice_make(text.data + at,
					   MIN((size_t)STEP, text.len - at)));
		markdown_layout(m, width, false);
	}
	printf("frame %.2f\n", (now() - start) / (double)frames);
	markdown_destroy(&m);
}

int
main(int argc, char **argv)
{
	size_t want = argc > 2 ? (size_t)atol(argv[2]) : 15 << 10;
	int width = argc > 3 ? atoi(argv[3]) : 80;
	struct buf file = {.max = FILE_MAX}, text = {.max = FILE_MAX};
	struct error err = {0};

	if (argc < 2 || !file_read(argv[1], &file, &err) || file.len == 0) {
		fprintf(stderr, "bench_markdown: %s\n",
			argc < 2 ? "FILE [BYTES [WIDTH]]" : err.text);
		return 2;
	}
	while (text.len < want)
		buf_add(&text, file.data, MIN(file.len, want - text.len));
	whole(buf_slice(&text), width);
	growing(buf_slice(&text), width);
	buf_clear(&file);
	buf_clear(&text);
	return 0;
}
