#include "support_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "support.h"

int
scratch_make_closed(void **state)
{
	struct scratch *s = xcalloc(1, sizeof(*s));

	s->folder = folder_make();
	s->dir = path_join(s->folder, "data");
	*state = s;
	return 0;
}

int
scratch_make(void **state)
{
	scratch_make_closed(state);
	scratch_reopen(*state);
	return 0;
}

int
scratch_drop(void **state)
{
	struct scratch *s = *state;

	store_close(&s->store);
	folder_drop(&s->folder);
	free(s->dir);
	free(s);
	return 0;
}

void
scratch_reopen(struct scratch *s)
{
	struct error err = {0};

	store_close(&s->store);
	s->store = store_open(s->dir, &err);
	if (!s->store)
		fail_msg("%s", err.text);
}

static bool
make_person(struct store_txn *txn, void *arg, struct error *err)
{
	struct id *id = arg;
	struct profile p = {.name = slice_of("ada")};

	if (!record_profile_create(txn, &p, err))
		return false;
	*id = p.id;
	return true;
}

struct id
scratch_person(struct scratch *s)
{
	struct error err = {0};
	struct id id;

	if (!store_write(s->store, make_person, &id, &err))
		fail_msg("%s", err.text);
	return id;
}
