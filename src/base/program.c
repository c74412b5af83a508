#include "mneme/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void
put(posix_spawn_file_actions_t *files, int fd, int as)
{
	if (fd == PROGRAM_NOTHING)
		posix_spawn_file_actions_addopen(
			files, as, "/dev/null",
			as == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
	else if (fd != PROGRAM_OURS)
		posix_spawn_file_actions_adddup2(files, fd, as);
}

int
program_start(const struct program *program, pid_t *pid)
{
	static const short company[] = {
		[PROGRAM_WITH_US] = 0,
		[PROGRAM_GROUP] = POSIX_SPAWN_SETPGROUP,
		[PROGRAM_SESSION] = POSIX_SPAWN_SETSID,
	};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	put(&files, program->input, STDIN_FILENO);
	put(&files, program->output, STDOUT_FILENO);
	put(&files, program->complaints, STDERR_FILENO);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &all);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setflags(&how, (short)(POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF |
					       company[program->company]));
	int failed =
		posix_spawnp(pid, program->path, &files, &how,
			     (char *const *)(uintptr_t)program->argv, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

int
program_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
