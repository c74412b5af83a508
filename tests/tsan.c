/*
 * ThreadSanitizer's options, built into every program: a race ends it and is
 * written to the build folder, where nothing that a test does with the
 * program's output or status can hide it.
 */
const char *__tsan_default_options(void);

const char *
__tsan_default_options(void)
{
	return "halt_on_error=1:second_deadlock_stack=1:history_size=4:"
	       "log_path=" TSAN_REPORTS ":suppressions=" TSAN_SUPPRESSIONS
	       ":print_suppressions=0";
}
