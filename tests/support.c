#include "support.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/base.h"
#include "mneme/file.h"

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

char *
folder_file(const char *path, const char *prefix)
{
	DIR *dir = opendir(path);
	char *found = NULL;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0) {
			assert_null(found);
			found = path_join(path, e->d_name);
		}
	closedir(dir);
	return found;
}
