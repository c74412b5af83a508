/* support_store.h - a folder of one's own with a store in it. */
#ifndef SUPPORT_STORE_H
#define SUPPORT_STORE_H

#include "mneme/id.h"

struct store;

struct scratch {
	char *folder;
	char *dir; /* of the store, in `folder` */
	struct store *store;
};

/* cmocka's setup and teardown; *state is the struct scratch. */
int scratch_make(void **state);
int scratch_drop(void **state);

/* Without a store yet. */
int scratch_make_closed(void **state);

/* Close where open, and open. */
void scratch_reopen(struct scratch *s);

/* A person called ada, made in it. */
struct id scratch_person(struct scratch *s);

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, scratch_make, scratch_drop)
#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, scratch_make_closed, scratch_drop)

#endif
