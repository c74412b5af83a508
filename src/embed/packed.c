/*
 * Packing the weights is most of what opening a model costs, so it is done
 * once: they are written beside the model as ".packed-N", N being the kernel's
 * panel, and mapped from there, which also lets all processes share them.  The
 * file belongs to one model.safetensors, by fingerprint, size, time and inode;
 * when it is of another, cut, or cannot be written, the weights are packed in
 * memory.  Whatever numbers stand in it, they are only numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "embed/model.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { PACKED_VERSION = 1, PACKED_PAGE = 4096 };

struct packed_header {
	char magic[8];
	uint32_t version, panel;
	uint64_t floats;
	uint8_t fingerprint[DIGEST_BYTES];
	uint64_t size, inode; /* of model.safetensors */
	int64_t changed;      /* nanoseconds */
	uint64_t zero;
};

static bool
describe(const struct embed_model *m, const char *folder, size_t floats,
	 struct packed_header *h)
{
	SCOPED(free_pointer)
	char *path = path_join(folder, "model.safetensors");
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	*h = (struct packed_header){.magic = "mnemepak",
				    .version = PACKED_VERSION,
				    .panel = (uint32_t)m->kernel->panel,
				    .floats = floats,
				    .size = (uint64_t)st.st_size,
				    .inode = (uint64_t)st.st_ino,
				    .changed = (int64_t)st.st_mtim.tv_sec *
						       1000000000 +
					       st.st_mtim.tv_nsec};
	memcpy(h->fingerprint, m->info.fingerprint, DIGEST_BYTES);
	return true;
}

static char *
place(const struct embed_model *m, const char *folder)
{
	return xasprintf("%s/.packed-%zu", folder, m->kernel->panel);
}

/* Map the file when it is the one wanted. */
static bool
map_file(struct embed_model *m, const char *folder,
	 const struct packed_header *wanted)
{
	SCOPED(free_pointer) char *path = place(m, folder);
	SCOPED(close_fd)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct packed_header h;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size !=
		    (off_t)(PACKED_PAGE + wanted->floats * sizeof(float)) ||
	    read(fd, &h, sizeof(h)) != (ssize_t)sizeof(h) ||
	    memcmp(&h, wanted, sizeof(h)) != 0)
		return false;
	void *map =
		mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return false;
	m->packed = map;
	m->packed_bytes = (size_t)st.st_size;
	return true;
}

void
packed_open(struct embed_model *m, const char *folder, size_t floats)
{
	struct packed_header h;

	m->ready = describe(m, folder, floats, &h) && map_file(m, folder, &h);
	if (!m->ready) {
		size_t bytes = PACKED_PAGE + floats * sizeof(float);
		m->packed_bytes = bytes;
		m->packed = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (m->packed == MAP_FAILED)
			abort();
	}
	m->weights = (float *)(void *)((char *)m->packed + PACKED_PAGE);
}

bool
packed_seal(struct embed_model *m, const char *folder, struct error *err)
{
	SCOPED(free_pointer) char *path = place(m, folder);
	struct packed_header h;

	if (m->ready)
		return true;
	if (describe(m, folder, (m->packed_bytes - PACKED_PAGE) / sizeof(float),
		     &h)) {
		memcpy(m->packed, &h, sizeof(h));
		/* Where it cannot be written it is packed again each time. */
		file_write(path, slice_make(m->packed, m->packed_bytes), 0600,
			   NULL);
	}
	return mprotect(m->packed, m->packed_bytes, PROT_READ) == 0 ||
	       error_set(err, ERROR_IO, "cannot protect the weights: %s",
			 strerror(errno));
}

void
packed_close(struct embed_model *m)
{
	if (m->packed)
		munmap(m->packed, m->packed_bytes);
	m->packed = NULL;
	m->weights = NULL;
}
