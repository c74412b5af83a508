/*
 * crash_states - what a power loss leaves is opened and looked through.
 *
 *	crash_states LOG STATES SEED FOLDER
 *
 * LOG is what the shim wrote down; between calls it holds what was promised
 * ("message TEXT", "memory TEXT"; "going TEXT": not promised any more;
 * "gone TEXT": no file has these bytes).
 * STATES states are made in FOLDER, at calls spread over the log, each opened,
 * verified and searched for all that was promised by then.  Prints one line;
 * exit 0 when nothing was lost, broken or left over, 3 otherwise.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/map.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "support_disk.h"

enum { SHOWN_MAX = 10, FILE_MAX = 64 << 20 };

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
	struct map found;   /* every text of the store */
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
look(struct run *run, struct store *store, struct arena *arena,
     struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(store, err);
	struct record_check found;
	struct profile *people;
	size_t n;

	if (!txn || !record_check(txn, problem, run, &found, err) ||
	    !record_profile_list(txn, arena, &people, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!gather(run, txn, people[i].id, arena, err))
			return false;
	return found.problems == 0 ||
	       error_set(err, ERROR_IO, "%llu problems",
			 (unsigned long long)found.problems);
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
one_state(struct run *run)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(free_pointer) char *data = path_join(run->folder, "mneme");
	struct error err = {0};
	struct store *store;

	nftw(run->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	disk_write(run->disk, run->luck, &run->random, run->folder);
	searched = run;
	residue = false;
	nftw(run->folder, search_file, 16, FTW_PHYS);
	run->left += residue;
	store = store_open(data, &err);
	if (!store || !chat_recover(store, &err) ||
	    !look(run, store, &arena, &err)) {
		show(run, "broken", err.text);
		run->broken++;
	} else {
		count_losses(run);
	}
	store_close(&store);
	map_clear(&run->found, NULL);
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
	if (argc != 5) {
		fprintf(stderr, "usage: crash_states LOG STATES SEED FOLDER\n");
		return 2;
	}
	struct slice log = map_log(argv[1]);
	struct run run = {.disk = disk_open(log),
			  .random = strtoull(argv[3], NULL, 10),
			  .folder = argv[4]};

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
