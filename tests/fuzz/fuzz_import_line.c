/* A line of an import file, stored in a transaction that is undone. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/store.h"
#include "transfer/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct attempt {
	struct slice line;
	struct id profile;
};

static void
read_one(struct store_txn *txn, const struct attempt *a, struct slice text)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(json_drop) json_t *json = NULL;
	struct error err;
	struct reading r = {.txn = txn, .profile = a->profile, .arena = &arena};

	json = json_read(text, &err);
	r.line = json;
	if (json && read_line(&r, &err))
		read_references(&r, &err);
}

static bool
read_all(struct store_txn *txn, void *arg, struct error *err)
{
	const struct attempt *a = arg;
	struct slice rest = a->line, line;

	while (slice_line(&rest, &line))
		read_one(txn, a, line);
	return error_set(err, ERROR_CANCELLED, "undone");
}

static bool
make_person(struct store_txn *txn, void *arg, struct error *err)
{
	struct profile p = {.name = slice_of("fuzz")};

	if (!record_profile_create(txn, &p, err))
		return false;
	*(struct id *)arg = p.id;
	return true;
}

static char folder[] = "/tmp/fuzz-import-XXXXXX";
static struct store *store;

static void
tidy_up(void)
{
	SCOPED(free_pointer) char *all = xasprintf("rm -rf %s", folder);

	store_close(&store);
	if (system(all) != 0)
		perror(folder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct id profile;
	struct error err = {0};

	if (!store) {
		if (!mkdtemp(folder))
			abort();
		atexit(tidy_up);
		store = store_open(folder, &err);
		if (!store || !store_write(store, make_person, &profile, &err))
			abort();
	}
	struct attempt a = {slice_make(data, size), profile};
	store_write(store, read_all, &a, &err);
	return 0;
}
