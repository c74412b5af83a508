/* bench_recall DATA MODEL K TOKENS < QUESTIONS: how long a warm search takes,
 * and how often the prompt's block holds what answers.
 *
 * A question is a line of JSON: {"query", "conversation"?, "evidence"?: [...]}
 * with external ids.  Every question is asked once to warm up, then timed: in
 * time that passed, and in time on the processor, which a busy machine does
 * not stretch. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/json.h"
#include "mneme/memory.h"
#include "mneme/store.h"

enum { TIMES_MAX = 100000 };

struct bench {
	struct store *store;
	struct memory_engine *engine;
	struct profile profile;
	struct arena arena;
	size_t k, tokens;
	size_t asked, with_evidence, held, results, used;
	int64_t times[TIMES_MAX], spent[TIMES_MAX];
	size_t timed;
};

static int64_t
processor_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

static bool
find_scope(struct bench *b, const json_t *line, struct id *conversation,
	   struct error *err)
{
	struct slice name = json_text(line, "conversation");
	SCOPED(store_end) struct store_txn *txn = store_read(b->store, err);
	struct conversation c;
	bool found = false;

	if (!txn)
		return false;
	if (!name.data)
		return true;
	if (!record_conversation_find(txn, b->profile.id, name, &b->arena, &c,
				      &found, err))
		return false;
	*conversation = c.id;
	return found || error_set(err, ERROR_NOT_FOUND, "no conversation %.*s",
				  SLICE_ARG(name));
}

static bool
holds(const struct memory_results *r, const bool *used, const char *id)
{
	for (size_t i = 0; i < r->count; i++) {
		if (used[i] && slice_is(r->items[i].external_id, id))
			return true;
	}
	return false;
}

static bool
count_block(struct bench *b, const json_t *line, const struct memory_results *r,
	    struct error *err)
{
	json_t *evidence = json_object_get(line, "evidence");
	SCOPED(buf_clear) struct buf block;
	bool used[MEMORY_RESULTS_MAX] = {false};
	bool all = true;

	buf_init(&block, RECORD_CONTENT_MAX);
	if (!memory_block(r, b->tokens, &block, used, err))
		return false;
	for (size_t i = 0; i < r->count; i++)
		b->used += used[i];
	b->results += r->count;
	if (json_array_size(evidence) == 0)
		return true;
	for (size_t i = 0; i < json_array_size(evidence); i++)
		all = all &&
		      holds(r, used,
			    json_string_value(json_array_get(evidence, i)));
	b->with_evidence++;
	b->held += all;
	return true;
}

static bool
ask(struct bench *b, struct slice text, struct error *err)
{
	SCOPED(json_drop) json_t *line = json_read(text, err);
	struct memory_query q = {.profile = b->profile.id, .k = b->k};
	struct memory_results r;

	if (!line || !find_scope(b, line, &q.conversation, err))
		return false;
	q.text = json_text(line, "query");
	if (!memory_recall(b->engine, &q, &b->arena, &r, err))
		return false;
	int64_t start = clock_monotonic(), spent = processor_time();
	if (!memory_recall(b->engine, &q, &b->arena, &r, err))
		return false;
	if (b->timed < TIMES_MAX) {
		b->spent[b->timed] = processor_time() - spent;
		b->times[b->timed++] = clock_monotonic() - start;
	}
	b->asked++;
	return count_block(b, line, &r, err);
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static bool
run(struct bench *b, char **words, struct error *err)
{
	const struct memory_settings settings = {.language = "english",
						 .model = words[2]};
	SCOPED(buf_clear) struct buf in;
	struct slice rest, line;
	bool found;

	buf_init(&in, 64 << 20);
	b->k = strtoul(words[3], NULL, 10);
	b->tokens = strtoul(words[4], NULL, 10);
	b->store = store_open(words[1], err);
	if (!b->store || !file_drain(STDIN_FILENO, "stdin", &in, err))
		return false;
	b->engine = memory_open(b->store, &settings, err);
	SCOPED(store_end) struct store_txn *txn = store_read(b->store, err);
	if (!b->engine || !txn ||
	    !record_profile_find(txn, slice_of("default"), &b->arena,
				 &b->profile, &found, err))
		return false;
	store_end(&txn);
	rest = buf_slice(&in);
	while (slice_line(&rest, &line)) {
		if (!ask(b, line, err))
			return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct error err = {0};

	if (argc != 5) {
		fprintf(stderr, "usage: bench_recall DATA MODEL K TOKENS\n");
		return 2;
	}
	bool good = run(b, argv, &err);
	if (!good)
		fprintf(stderr, "bench_recall: %s\n", err.text);
	else if (b->timed) {
		qsort(b->times, b->timed, sizeof(b->times[0]), by_time);
		qsort(b->spent, b->timed, sizeof(b->spent[0]), by_time);
		printf("{\"asked\":%zu,\"p50_ms\":%.2f,\"p95_ms\":%.2f,"
		       "\"cpu_p50_ms\":%.2f,"
		       "\"held\":%.4f,\"results\":%.1f,\"used\":%.1f}\n",
		       b->asked, (double)b->times[b->timed / 2] / 1000,
		       (double)b->times[b->timed * 95 / 100] / 1000,
		       (double)b->spent[b->timed / 2] / 1000,
		       b->with_evidence
			       ? (double)b->held / (double)b->with_evidence
			       : 0,
		       (double)b->results / (double)b->asked,
		       (double)b->used / (double)b->asked);
	}
	memory_close(&b->engine);
	store_close(&b->store);
	arena_clear(&b->arena);
	free(b);
	return good ? 0 : 1;
}
