/* mapped.c - a file of the index as memory. */
#include "index/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/index.h"

bool
mapped_open(const char *path, size_t least, struct slice *image,
	    struct error *err)
{
	SCOPED(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return error_set(err,
				 errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO,
				 "cannot open %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)least)
		return error_set(err, ERROR_INVALID, "%s: too short", path);
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return error_set(err, ERROR_IO, "cannot map %s: %s", path,
				 strerror(errno));
	*image = slice_make(at, (size_t)st.st_size);
	return true;
}

void
mapped_close(struct slice *image)
{
	if (image->len)
		munmap((void *)(uintptr_t)image->data, image->len);
	*image = (struct slice){0};
}

void
mapped_rest(struct slice image)
{
	if (image.len)
		madvise((void *)(uintptr_t)image.data, image.len,
			MADV_DONTNEED);
}

static int
compare_keys(const void *a, const void *b, void *keys)
{
	const uint8_t *k = keys;

	return memcmp(k + (size_t) * (const uint32_t *)a * INDEX_KEY,
		      k + (size_t) * (const uint32_t *)b * INDEX_KEY,
		      INDEX_KEY);
}

void
mapped_order_keys(const uint8_t *keys, uint32_t count, uint32_t *order)
{
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	if (count)
		qsort_r(order, count, sizeof(*order), compare_keys,
			(void *)(uintptr_t)keys);
}

bool
mapped_find_key(const uint8_t *keys, const uint32_t *order, uint32_t count,
		const uint8_t *key, uint32_t *at)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t here = order[middle];
		if (here >= count)
			return false;
		int way =
			memcmp(keys + (size_t)here * INDEX_KEY, key, INDEX_KEY);
		if (way == 0) {
			*at = here;
			return true;
		}
		if (way < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
