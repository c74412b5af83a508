/* bench_embed FOLDER: milliseconds of processor time (others use the machine
 * too) for a text of 8, 16, 32 and 128 pieces, marks included, on one thread;
 * the median of many runs. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mneme/buf.h"
#include "mneme/embed.h"
#include "mneme/error.h"

enum { RUNS = 31 };

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
median(int64_t *times, size_t n)
{
	qsort(times, n, sizeof(*times), by_time);
	return (double)times[n / 2] / 1000;
}

/* "the" is one piece in every English vocabulary. */
static void
fill(struct buf *text, size_t pieces)
{
	buf_reset(text);
	for (size_t i = 0; i < pieces - 2; i++)
		buf_adds(text, "the ");
}

static void
time_single(struct embed_workspace *w, struct buf *text, size_t pieces)
{
	struct embed_output output;
	int64_t times[RUNS];

	fill(text, pieces);
	for (size_t i = 0; i < RUNS; i++) {
		int64_t start = now();
		embed_text(w, buf_slice(text), &output);
		times[i] = now() - start;
	}
	printf("%3zu pieces  %7.2f ms\n", output.count + 2,
	       median(times, RUNS));
}

static void
ignore(void *arg, size_t at, const struct embed_output *output)
{
	(void)arg;
	(void)at;
	(void)output;
}

static void
time_batch(struct embed_workspace *w, struct buf *text, size_t pieces)
{
	struct embed_input inputs[16];
	int64_t times[3];

	fill(text, pieces);
	for (size_t i = 0; i < COUNT(inputs); i++)
		inputs[i] = (struct embed_input){.text = buf_slice(text)};
	for (size_t i = 0; i < COUNT(times); i++) {
		int64_t start = now();
		embed_batch(w, inputs, COUNT(inputs), ignore, NULL);
		times[i] = now() - start;
	}
	printf("%3zu pieces  %7.2f ms each, in a batch of %zu\n", pieces,
	       median(times, COUNT(times)) / COUNT(inputs), COUNT(inputs));
}

int
main(int argc, char **argv)
{
	static const size_t sizes[] = {8, 16, 32, 128};
	SCOPED(embed_close) struct embed_model *model = NULL;
	SCOPED(embed_workspace_destroy) struct embed_workspace *w = NULL;
	SCOPED(buf_clear) struct buf text;
	struct error err = {0};
	int64_t start = now();

	buf_init(&text, 1 << 16);
	if (argc != 2) {
		fprintf(stderr, "usage: bench_embed FOLDER\n");
		return 2;
	}
	model = embed_open(argv[1], &err);
	if (!model) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("open        %7.2f ms, %s\n", (double)(now() - start) / 1000,
	       embed_info(model)->kernel);
	w = embed_workspace_create(model);
	for (size_t i = 0; i < COUNT(sizes); i++)
		time_single(w, &text, sizes[i]);
	for (size_t i = 0; i < COUNT(sizes); i++)
		time_batch(w, &text, sizes[i]);
	return 0;
}
