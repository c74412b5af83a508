/* test_screens.c - every script of tests/screens/ is one test. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/base.h"
#include "support_screen.h"

static void
run(void **state)
{
	screen_script(*state);
}

int
main(int argc, char **argv)
{
	glob_t found;
	struct CMUnitTest *tests;
	char *pattern = xasprintf(MNEME_SOURCE_DIR "/tests/screens/%s.screen",
				  argc > 1 ? argv[1] : "*");
	int failed;

	if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc == 0)
		return 1;
	tests = xcalloc(found.gl_pathc, sizeof(*tests));
	for (size_t i = 0; i < found.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = strrchr(found.gl_pathv[i], '/') + 1,
			.test_func = run,
			.initial_state = found.gl_pathv[i]};
	failed = _cmocka_run_group_tests("screens", tests, found.gl_pathc, NULL,
					 NULL);
	free(tests);
	free(pattern);
	globfree(&found);
	return failed;
}
