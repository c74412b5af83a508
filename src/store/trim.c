/*
 * trim.c - pages of the map that are not looked at take no memory.
 *
 * The map only ever reads the file, so that its pages are the system's own
 * cache: letting go of them loses nothing.  LMDB does not say where its map
 * is; the system does.  A transaction is open, so the map stays where it is.
 */
#include "store/inner.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The number of the file is enough: what else is shared and only read can be
 * let go of as well. */
static bool
is_map_of(const char *line, const struct stat *st, uintptr_t *start,
	  uintptr_t *end)
{
	uintmax_t inode;

	return sscanf(line, "%" SCNxPTR "-%" SCNxPTR " r--s %*x %*s %" SCNuMAX,
		      start, end, &inode) == 3 &&
	       inode == st->st_ino;
}

void
store_trim(struct store_txn *txn)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4352];
	uintptr_t start, end;
	struct stat st;
	int fd;

	if (maps && mdb_env_get_fd(txn->gen->env, &fd) == 0 &&
	    fstat(fd, &st) == 0)
		while (fgets(line, sizeof(line), maps))
			if (is_map_of(line, &st, &start, &end))
				madvise((void *)start,
					MIN(end - start, (size_t)st.st_size),
					MADV_DONTNEED);
	if (maps)
		fclose(maps);
}
