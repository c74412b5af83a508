/*
 * bench_vectors FOLDER COUNT [graph]: what searching by vectors costs among
 * COUNT documents of 384 numbers and (up to 20,000 documents) 35 word pieces of
 * 128, on one thread; with "graph", what FAISS's graph makes of it.  Vectors
 * lie about 24 directions, as those of sentences lie about fewer than they
 * have numbers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "index/dot.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/index.h"

enum {
	DIMENSIONS = 384,
	TOKENS = 128,
	PIECES = 35,
	ASKED = 12,
	DIRECTIONS = 24,
	RUNS = 51,
	FLUSH = 4096,
	CANDIDATES = 200,
	NEAR = 256
};

static float directions[DIRECTIONS][DIMENSIONS];
static uint64_t state = 88172645463325252;

static float
number(void)
{
	float sum = 0;

	for (int i = 0; i < 4; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		sum += (float)((double)(state >> 11) / 4503599627370496.0 - 1);
	}
	return sum;
}

static void
fill(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = number();
}

static void
make_vector(float *x)
{
	fill(x, DIMENSIONS);
	for (size_t d = 0; d < DIRECTIONS; d++) {
		float much = number();
		for (size_t i = 0; i < DIMENSIONS; i++)
			x[i] += much * directions[d][i];
	}
}

/* Of this thread: others use the machine too. */
static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
row(const char *what, double *times, size_t n, double bar)
{
	qsort(times, n, sizeof(*times), by_size);
	printf("%-44s %8.2f ms", what, times[n / 2]);
	if (bar > 0)
		printf("    bar %-6g %s", bar,
		       times[n / 2] > bar ? "OVER" : "");
	printf("\n");
	fflush(stdout);
}

static void
row1(const char *what, double time)
{
	row(what, &time, 1, 0);
}

static _Noreturn void
die(const struct error *err)
{
	fprintf(stderr, "bench_vectors: %s\n", err->text);
	exit(1);
}

static struct index *
open_index(const char *folder)
{
	static const struct index_model model = {{1}, DIMENSIONS, TOKENS};
	struct error err = {0};
	struct index *ix = index_open(folder, "none", &err);

	if (!ix || !index_use_model(ix, &model, &err))
		die(&err);
	return ix;
}

static void
add(struct index *ix, uint32_t n, size_t pieces)
{
	static float vector[DIMENSIONS], tokens[PIECES * TOKENS];
	uint32_t ids[PIECES];
	struct index_document d = {.seq = n, .session = n / 20};
	struct index_vector v = {vector, tokens, ids, pieces};
	struct error err = {0};
	char text[32];

	snprintf(text, sizeof(text), "w%u", n % 1000);
	d.text = slice_of(text);
	for (int i = 0; i < 4; i++)
		d.key[INDEX_KEY - 1 - i] = (uint8_t)(n >> (8 * i));
	d.conversation.bytes[0] = (uint8_t)(n / 1000);
	make_vector(vector);
	fill(tokens, pieces * TOKENS);
	for (size_t i = 0; i < pieces; i++)
		ids[i] = (uint32_t)(fabsf(number() * number()) * 7000);
	if (!index_add(ix, &d, &err) || !index_put_vector(ix, d.key, &v, &err))
		die(&err);
}

static void
build(const char *folder, uint32_t count)
{
	SCOPED(index_close) struct index *ix = open_index(folder);
	struct error err = {0};
	double start = now(), made = 0;

	for (uint32_t n = 1; n <= count; n++) {
		add(ix, n, count > 20000 ? 0 : PIECES);
		if (n % FLUSH && n != count)
			continue;
		double from = now();
		index_reached(ix, n);
		if (!index_flush(ix, INDEX_FLUSH, &err))
			die(&err);
		made += now() - from;
	}
	row1("writing and merging files, in all", made);
	(void)start;
}

struct all {
	struct index_scores scores;
	float *out;
};

static void
time_cosines(struct index *ix, const struct all *a, const char *what,
	     double bar)
{
	double times[RUNS];
	struct error err = {0};

	for (size_t i = 0; i < RUNS; i++) {
		float vector[DIMENSIONS];
		make_vector(vector);
		double from = now();
		if (!index_cosines(ix, vector, a->scores.document,
				   a->scores.count, a->out, &err))
			die(&err);
		times[i] = now() - from;
	}
	row(what, times, RUNS, bar);
}

static void
time_late(struct index *ix, const struct all *a, size_t n, const char *what,
	  double bar)
{
	double times[RUNS];
	struct error err = {0};
	float tokens[ASKED * TOKENS], weights[ASKED];
	const struct index_late late = {tokens, weights, ASKED};

	n = MIN(n, a->scores.count);
	for (size_t i = 0; i < RUNS; i++) {
		fill(tokens, ASKED * TOKENS);
		for (size_t k = 0; k < ASKED; k++)
			weights[k] = 1 + fabsf(number());
		/* From all over the store. */
		uint32_t some[CANDIDATES * 2];
		const uint32_t *documents = a->scores.document;
		if (n <= COUNT(some)) {
			for (size_t k = 0; k < n; k++)
				some[k] = documents[k * a->scores.count / n];
			documents = some;
		}
		double from = now();
		if (!index_late_scores(ix, &late, documents, n, a->out, &err))
			die(&err);
		times[i] = now() - from;
	}
	row(what, times, RUNS, bar);
}

static void
time_counts(struct index *ix, const struct all *a, size_t n, const char *what)
{
	double times[RUNS];
	uint32_t pieces[ASKED], counts[ASKED];
	struct error err = {0};

	for (size_t i = 0; i < RUNS; i++) {
		for (uint32_t k = 0; k < ASKED; k++)
			pieces[k] = (uint32_t)i * 7 + k * 100;
		double from = now();
		if (!index_piece_counts(ix, a->scores.document, n, pieces,
					ASKED, counts, &err))
			die(&err);
		times[i] = now() - from;
	}
	row(what, times, RUNS, 0);
}

static double
time_nearest(struct index *ix, uint64_t seed, uint32_t found[10][NEAR],
	     const char *what)
{
	double times[10];
	struct error err = {0};
	uint64_t before = state;

	state = seed;
	for (size_t i = 0; i < COUNT(times); i++) {
		float vector[DIMENSIONS], cosines[NEAR];
		size_t n = 0;
		make_vector(vector);
		double from = now();
		if (!index_nearest(ix, vector, NEAR, found[i], cosines, &n,
				   &err))
			die(&err);
		times[i] = now() - from;
	}
	state = before;
	row(what, times, COUNT(times), 0);
	return times[COUNT(times) / 2];
}

static void
time_graph(struct index *ix, const char *folder)
{
	SCOPED(index_close) struct index *own = open_index(folder);
	static uint32_t scanned[10][NEAR], found[10][NEAR];
	struct error err = {0};
	size_t same = 0;
	double from = now();

	time_nearest(ix, 77, scanned, "the nearest 256, by scan");
	struct index_graph *graph = index_graph_build(own, NULL, NULL, &err);
	if (!graph)
		die(&err);
	row1("building FAISS's graph", now() - from);
	index_use_graph(ix, &graph);
	time_nearest(ix, 77, found, "its first lookup and the nearest 256");
	time_nearest(ix, 77, found, "the nearest 256, by graph");
	for (size_t i = 0; i < 10; i++)
		for (size_t k = 0; k < NEAR; k++)
			for (size_t j = 0; j < NEAR; j++)
				same += scanned[i][k] == found[i][j];
	printf("%-44s %8.3f\n", "of them, as by scan",
	       (double)same / (10 * NEAR));
}

int
main(int argc, char **argv)
{
	struct error err = {0};
	struct all a = {.out = NULL};

	if (argc < 3) {
		fprintf(stderr, "usage: bench_vectors FOLDER COUNT [graph]\n");
		return 2;
	}
	uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
	for (size_t i = 0; i < DIRECTIONS; i++)
		fill(directions[i], DIMENSIONS);
	printf("%u documents, kernel %s\n", count, dot_best()->name);
	build(argv[1], count);
	double from = now();
	SCOPED(index_close) struct index *ix = open_index(argv[1]);
	if (!index_search(ix, slice_of("w7"), NULL, &a.scores, &err))
		die(&err);
	index_lacking(ix, NULL, 0);
	row1("opening, one search by words, places", now() - from);
	a.out = xcalloc(a.scores.count + 1, sizeof(*a.out));
	time_cosines(ix, &a, "cosines of all, the best 2,048 exactly",
		     count == 10000 ? 2 : 0);
	if (count <= 20000) {
		time_late(ix, &a, CANDIDATES, "late interaction of 200", 2);
		time_late(ix, &a, (size_t)CANDIDATES * 2,
			  "late interaction of 400", 4);
		time_late(ix, &a, count, "late interaction of all", 0);
		time_counts(ix, &a, a.scores.count, "word pieces, among all");
		time_counts(ix, &a, a.scores.count / 2,
			    "word pieces, among half");
	}
	if (argc > 3)
		time_graph(ix, argv[1]);
	free(a.out);
	index_scores_clear(&a.scores);
	return 0;
}
