/* Run a fuzz target over every file of the folders and files named. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "mneme/base.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay(const char *path)
{
	SCOPED(buf_clear) struct buf bytes;
	struct error err = {0};

	buf_init(&bytes, 64 << 20);
	if (!file_read(path, &bytes, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	/* A block of its own, so that reading past its end is seen. */
	SCOPED(free_pointer)
	uint8_t *copy = xcalloc(bytes.len ? bytes.len : 1, 1);
	if (bytes.len)
		memcpy(copy, bytes.data, bytes.len);
	LLVMFuzzerTestOneInput(copy, bytes.len);
	return 1;
}

static int
replay_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	int count = 0;

	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			SCOPED(free_pointer)
			char *file = path_join(path, entries[i]->d_name);
			count += replay(file);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return count;
}

int
main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		if (stat(argv[i], &st) != 0) {
			perror(argv[i]);
			return 1;
		}
		count += S_ISDIR(st.st_mode) ? replay_folder(argv[i])
					     : replay(argv[i]);
	}
	printf("%d inputs\n", count);
	return count > 0 ? 0 : 1;
}
