#include "support.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/base.h"

char *
folder_make(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/mneme-test-XXXXXX", tmp ? tmp : "/tmp");

	assert_non_null(mkdtemp(path));
	return path;
}

static int
drop_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
folder_drop(char **path)
{
	if (!*path)
		return;
	nftw(*path, drop_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*path);
	*path = NULL;
}
