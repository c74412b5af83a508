/*
 * crash_states - what a power loss leaves is opened and looked through.
 *
 *	crash_states LOG STATES SEED FOLDER MODEL [apart]
 *
 * LOG is what the shim wrote down; between calls it holds what was promised
 * ("message TEXT", "memory TEXT"; "going TEXT": not promised any more;
 * "gone TEXT": no file has these bytes).
 * STATES states are made in FOLDER, at calls spread over the log, each opened,
 * verified and searched for all that was promised by then; of every 16th its
 * index, with the vectors of the sentence model in the folder MODEL ("none":
 * words only), must have every document in the end.  Prints one line; exit 0
 *when nothing was lost, broken or left over, 3 otherwise.  With "apart" each
 *state has a process of its own, as LMDB may stop at what it finds.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/map.h"
#include "mneme/memory.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "support_disk.h"

/* Looking at the indexes takes twenty times as long as all the rest. */
enum { SHOWN_MAX = 10, FILE_MAX = 64 << 20, INDEX_EVERY = 16 };

struct promise {
	enum { MESSAGE, MEMORY, GOING, GONE } kind;
	struct slice text;
};

struct run {
	struct disk *disk;
	struct promise *promises;
	size_t count, cap;
	uint64_t random;
	const char *folder; /* made and removed for each state */
	const char *model;  /* NULL: words only */
	bool apart;
	struct map found; /* every text of the store */
	size_t states, broken, lost, left;
	size_t shown;
	size_t call; /* after which the power went */
	enum disk_luck luck;
};

static void
show(struct run *run, const char *what, const char *text)
{
	if (run->shown++ < SHOWN_MAX)
		fprintf(stderr, "after call %zu, luck %d: %s: %.200s\n",
			run->call, (int)run->luck, what, text);
}

static void
promise(struct run *run, struct slice ack)
{
	static const char *const kinds[] = {"message ", "memory ", "going ",
					    "gone "};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		size_t n = strlen(kinds[i]);
		if (!slice_starts(ack, kinds[i]))
			continue;
		run->promises = grow(run->promises, &run->cap, run->count + 1,
				     sizeof(*run->promises));
		run->promises[run->count++] = (struct promise){
			(int)i, slice_make(ack.data + n, ack.len - n)};
	}
}

/* What was promised and then taken back is no promise. */
static bool
taken_back(const struct run *run, size_t at)
{
	for (size_t i = at + 1; i < run->count; i++)
		if (run->promises[i].kind == GOING &&
		    slice_find(run->promises[at].text, run->promises[i].text) <
			    run->promises[at].text.len)
			return true;
	return false;
}

/* ---- looking ---- */

static void
problem(void *arg, const char *text)
{
	show(arg, "broken", text);
}

struct people {
	struct arena arena;
	struct profile *all;
	size_t count;
};

static bool
gather(struct run *run, struct store_txn *txn, struct id profile,
       struct arena *arena, struct error *err)
{
	struct message m;
	struct memory learned;
	struct record_scan *scan = record_message_scan(
		txn, profile, (struct id){{0}}, 0, false, err);

	while (scan && record_message_next(scan, arena, &m))
		map_put(&run->found, m.content, run);
	if (!record_scan_end(&scan, err))
		return false;
	scan = record_memory_scan(txn, profile, MEMORY_TYPE_COUNT, false, err);
	while (scan && record_memory_next(scan, arena, &learned))
		map_put(&run->found, learned.value, run);
	return record_scan_end(&scan, err);
}

static bool
look(struct run *run, struct store *store, struct people *people,
     struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(store, err);
	struct record_check found;

	if (!txn || !record_check(txn, problem, run, &found, err) ||
	    !record_profile_list(txn, &people->arena, &people->all,
				 &people->count, err))
		return false;
	for (size_t i = 0; i < people->count; i++)
		if (!gather(run, txn, people->all[i].id, &people->arena, err))
			return false;
	return found.problems == 0 ||
	       error_set(err, ERROR_IO, "%llu problems",
			 (unsigned long long)found.problems);
}

/* Damaged files of an index are no loss, but a document that is not found is:
 * the next search must have mended them. */
static bool
look_at_index(struct run *run, struct store *store, struct people *people,
	      struct error *err)
{
	const struct memory_settings settings = {.language = "english",
						 .model = run->model};
	SCOPED(memory_close)
	struct memory_engine *memory = memory_open(store, &settings, err);

	for (size_t i = 0; memory && i < people->count; i++) {
		struct memory_index_state at;
		struct memory_results results;
		struct memory_query query = {.profile = people->all[i].id,
					     .text = slice_of("the cat sat"),
					     .k = 5,
					     .embed = 1};

		if (!memory_index_verify(memory, query.profile, &people->arena,
					 &at, err) ||
		    !memory_recall(memory, &query, &people->arena, &results,
				   err))
			return false;
		if (at.missing || at.extra)
			return error_set(err, ERROR_IO,
					 "the index lacks %zu documents and "
					 "has %zu too many",
					 at.missing, at.extra);
		if (run->model && at.documents && !results.by_meaning)
			return error_set(err, ERROR_IO, "words only");
	}
	return memory != NULL;
}

static bool
has(const struct run *run, const struct promise *p)
{
	struct slice text;
	size_t at = 0;
	void *value;

	if (map_get(&run->found, p->text))
		return true;
	/* A wish is kept without its "remember that". */
	while (map_next(&run->found, &at, &text, &value))
		if (slice_find(text, p->text) < text.len)
			return true;
	return false;
}

static void
count_losses(struct run *run)
{
	bool lost = false;

	for (size_t i = 0; i < run->count; i++) {
		const struct promise *p = &run->promises[i];
		if (p->kind >= GOING || has(run, p) || taken_back(run, i))
			continue;
		SCOPED(free_pointer) char *text = slice_dup(p->text);
		show(run, "lost", text);
		lost = true;
	}
	run->lost += lost;
}

static struct run *searched; /* nftw() has no argument */
static bool residue;

static int
search_file(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	SCOPED(buf_clear) struct buf bytes;
	struct error err;

	(void)at;
	(void)st;
	buf_init(&bytes, FILE_MAX);
	if (kind != FTW_F || !file_read(path, &bytes, &err))
		return 0;
	for (size_t i = 0; i < searched->count; i++) {
		const struct promise *p = &searched->promises[i];
		if (p->kind != GONE ||
		    slice_find(buf_slice(&bytes), p->text) == bytes.len)
			continue;
		show(searched, "left over in", path);
		residue = true;
	}
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void
look_at_state(struct run *run)
{
	SCOPED(free_pointer) char *data = path_join(run->folder, "mneme");
	struct people people = {0};
	struct error err = {0};
	struct store *store;

	store = store_open(data, &err);
	if (!store || !chat_recover(store, &err) ||
	    !look(run, store, &people, &err) ||
	    (disk_random(&run->random) % INDEX_EVERY == 0 &&
	     !look_at_index(run, store, &people, &err))) {
		show(run, "broken", err.text);
		run->broken++;
	} else {
		count_losses(run);
	}
	store_close(&store);
	arena_clear(&people.arena);
	map_clear(&run->found, NULL);
}

enum { BROKEN = 1, LOST = 2 };

static void
look_apart(struct run *run)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		abort();
	if (child == 0) {
		look_at_state(run);
		_exit((run->broken ? BROKEN : 0) | (run->lost ? LOST : 0));
	}
	if (waitpid(child, &status, 0) != child)
		abort();
	bool whole = WIFEXITED(status) && WEXITSTATUS(status) <= LOST;
	run->broken += !whole || WEXITSTATUS(status) == BROKEN;
	run->lost += whole && WEXITSTATUS(status) == LOST;
}

static void
one_state(struct run *run)
{
	nftw(run->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	disk_write(run->disk, run->luck, &run->random, run->folder);
	searched = run;
	residue = false;
	nftw(run->folder, search_file, 16, FTW_PHYS);
	run->left += residue;
	if (run->apart)
		look_apart(run);
	else
		look_at_state(run);
	run->states++;
}

/* Calls are taken one by one; how many states come after each is what keeps
 * `states` spread evenly over all of them. */
static void
all_states(struct run *run, size_t states)
{
	size_t calls = disk_calls(run->disk);
	struct slice ack;

	while (disk_step(run->disk, &ack)) {
		run->call++;
		promise(run, ack);
		while (run->states < states * run->call / calls) {
			run->luck = (enum disk_luck)(disk_random(&run->random) %
						     DISK_LUCK_COUNT);
			one_state(run);
		}
	}
}

static struct slice
map_log(const char *path)
{
	SCOPED(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0) {
		fprintf(stderr, "no log %s\n", path);
		exit(1);
	}
	void *log =
		mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (log == MAP_FAILED)
		abort();
	return slice_make(log, (size_t)st.st_size);
}

int
main(int argc, char **argv)
{
	if (argc < 6) {
		fprintf(stderr, "usage: crash_states LOG STATES SEED FOLDER "
				"MODEL [apart]\n");
		return 2;
	}
	struct slice log = map_log(argv[1]);
	struct run run = {.disk = disk_open(log),
			  .random = strtoull(argv[3], NULL, 10),
			  .folder = argv[4],
			  .model = strcmp(argv[5], "none") ? argv[5] : NULL,
			  .apart = argc > 6};

	all_states(&run, strtoull(argv[2], NULL, 10));
	nftw(run.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	printf("%zu states of %zu calls, %zu promises: %zu broken, %zu lost, "
	       "%zu with residue\n",
	       run.states, disk_calls(run.disk), run.count, run.broken,
	       run.lost, run.left);
	disk_close(&run.disk);
	free(run.promises);
	munmap((void *)(uintptr_t)log.data, log.len);
	return run.broken || run.lost || run.left ? 3 : 0;
}
