/*
 * Writing.  The tail and the segments behind some place become one new
 * segment; which place keeps the number of segments logarithmic and each
 * document's rewrites few.  Order of steps: segment on disk, manifest over
 * the old one, then the old segments' names go.  A crash between any two
 * leaves either manifest with all that it names; files that no manifest names
 * are swept by the next writer, which holds the lock.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "index/inner.h"
#include "index/merge.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum {
	MERGE_RATIO = 4, /* a segment under this many times what follows it */
	DEAD_RATIO = 4,  /* or with over a 4th removed is merged */
	IMAGE_MAX = INT32_MAX
};

static bool
take_lock(const struct index *ix, int *fd, struct error *err)
{
	SCOPED(free_pointer) char *path = path_join(ix->dir, "lock");

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return error_set(err, ERROR_IO, "cannot open %s: %s", path,
				 strerror(errno));
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return error_set(err, ERROR_BUSY,
				 "another process writes the word index");
	return error_set(err, ERROR_IO, "cannot lock %s: %s", path,
			 strerror(errno));
}

/* The segments from here on are merged with the tail. */
static size_t
merge_from(const struct index *ix, enum index_flush how)
{
	size_t from = ix->count;
	uint64_t n = ix->tail.part.documents - ix->tail.part.dead_count;

	if (how == INDEX_PURGE)
		return 0;
	while (from &&
	       n * MERGE_RATIO >= ix->segments[from - 1]->part.documents)
		n += ix->segments[--from]->part.documents;
	for (size_t i = 0; i < from; i++) {
		const struct part *part = &ix->segments[i]->part;
		if ((uint64_t)part->dead_count * DEAD_RATIO > part->documents)
			return i;
	}
	if (from >= MANIFEST_SEGMENTS_MAX)
		return 0;
	return from;
}

static bool
write_segment(struct index *ix, size_t from, struct segment **written,
	      struct error *err)
{
	SCOPED(segment_close) struct segment *segment = NULL;
	SCOPED(buf_clear) struct buf image;
	uint64_t stamp;
	char name[32];

	buf_init(&image, IMAGE_MAX);
	random_bytes(&stamp, sizeof(stamp));
	if (!merge(ix->segments + from, ix->count - from, &ix->tail, stamp,
		   &image, err))
		return false;
	snprintf(name, sizeof(name), "words-%016llx",
		 (unsigned long long)stamp);
	SCOPED(free_pointer) char *path = path_join(ix->dir, name);
	if (!file_write(path, buf_slice(&image), 0600, err))
		return false;
	segment = xcalloc(1, sizeof(*segment));
	if (!segment_map(segment, path, stamp, err))
		return false;
	*written = TAKE(segment);
	return true;
}

static void
describe(const struct index *ix, size_t from, const struct segment *written,
	 struct manifest *m)
{
	m->sequence = ix->sequence;
	memcpy(m->language, ix->language, sizeof(m->language));
	for (uint32_t i = 0; i < from; i++) {
		const struct segment *segment = ix->segments[i];
		m->stamps[m->segments++] = segment->header->stamp;
		for (uint32_t d = 0;
		     segment->part.dead_count && d < segment->part.documents;
		     d++) {
			if (!segment->part.dead[d])
				continue;
			m->removed =
				grow(m->removed, &m->removed_cap,
				     m->removed_count + 1, sizeof(*m->removed));
			m->removed[m->removed_count++] =
				(struct manifest_removed){i, d};
		}
	}
	if (written)
		m->stamps[m->segments++] = written->header->stamp;
}

static bool
write_manifest(struct index *ix, const struct manifest *m, struct error *err)
{
	SCOPED(free_pointer) char *path = path_join(ix->dir, "words");
	SCOPED(buf_clear) struct buf bytes;

	buf_init(&bytes, MANIFEST_MAX);
	if (!manifest_write(m, &bytes))
		return error_set(err, ERROR_LIMIT,
				 "too many removals in the word index");
	return file_write(path, buf_slice(&bytes), 0600, err) &&
	       index_look(ix, &ix->identity, err);
}

/* "words-STAMP" or "vectors-STAMP" of a segment that is in use. */
static bool
is_named(const struct manifest *m, const char *name)
{
	char used[32];

	for (uint32_t i = 0; i < m->vector_segments; i++) {
		snprintf(used, sizeof(used), "vectors-%016llx",
			 (unsigned long long)m->vector_stamps[i]);
		if (strcmp(name, used) == 0)
			return true;
	}

	for (uint32_t i = 0; i < m->segments; i++) {
		snprintf(used, sizeof(used), "words-%016llx",
			 (unsigned long long)m->stamps[i]);
		if (strcmp(name, used) == 0)
			return true;
	}
	return false;
}

static bool
is_ours(const char *name)
{
	return strncmp(name, "words-", 6) == 0 ||
	       strncmp(name, "words.", 6) == 0 ||
	       strncmp(name, "vectors-", 8) == 0;
}

/* Names that nothing needs: old segments, what a crash left.  What cannot be
 * removed now is tried again by the next writer; a purge fails, and does not
 * end before a power loss can no longer bring one back. */
static bool
sweep(const struct index *ix, const struct manifest *m, enum index_flush how,
      struct error *err)
{
	DIR *dir = opendir(ix->dir);
	bool good = dir != NULL;

	for (struct dirent *e; dir && (e = readdir(dir));)
		if (is_ours(e->d_name) && !is_named(m, e->d_name) &&
		    unlinkat(dirfd(dir), e->d_name, 0) != 0)
			good = false;
	if (good && how == INDEX_PURGE)
		good = fsync(dirfd(dir)) == 0;
	if (!good && how == INDEX_PURGE)
		error_set(err, ERROR_IO, "cannot clear %s: %s", ix->dir,
			  strerror(errno));
	if (dir)
		closedir(dir);
	return good || how != INDEX_PURGE;
}

/* Nothing is to be written, but names may be left. */
static bool
sweep_again(struct index *ix, struct error *err)
{
	SCOPED(manifest_clear) struct manifest m = {0};
	struct error why = {0};

	if (!index_read_manifest(ix, &m, &why) && why.code != ERROR_NOT_FOUND)
		return error_set(err, why.code, "%s", why.text);
	return sweep(ix, &m, INDEX_PURGE, err);
}

static void
adopt(struct index *ix, size_t from, struct segment *written)
{
	while (ix->count > from)
		segment_close(&ix->segments[--ix->count]);
	if (written)
		ix->segments[ix->count++] = written;
	tail_clear(&ix->tail);
	vectors_unplace(ix);
	ix->changed = false;
	ix->trouble[0] = '\0';
}

/* Damaged vectors are no reason not to write words: they go. */
static bool
write_vectors(struct index *ix, enum index_flush how,
	      struct vector_segment **next, size_t *count, struct manifest *m,
	      struct error *err)
{
	struct error why = {0};

	if (vectors_write(ix, how, next, count, m, &why))
		return true;
	if (why.code != ERROR_INVALID && why.code != ERROR_CONFLICT)
		return error_set(err, why.code, "%s", why.text);
	vectors_give_up(ix, next, *count);
	*count = 0;
	m->vector_segments = 0;
	m->vector_removed_count = 0;
	vectors_reset(ix, why.text);
	return true;
}

static bool
write_all(struct index *ix, enum index_flush how, struct error *err)
{
	SCOPED(manifest_clear) struct manifest m = {0};
	SCOPED(segment_close) struct segment *written = NULL;
	struct vector_segment *next[MANIFEST_SEGMENTS_MAX];
	size_t from = merge_from(ix, how), count;
	const struct part *tail = &ix->tail.part;

	if ((from < ix->count || tail->documents > tail->dead_count) &&
	    !write_segment(ix, from, &written, err))
		return false;
	if (written && !written->part.documents)
		segment_close(&written);
	describe(ix, from, written, &m);
	if (!write_vectors(ix, how, next, &count, &m, err) ||
	    !write_manifest(ix, &m, err)) {
		vectors_give_up(ix, next, count);
		return false;
	}
	vectors_adopt(ix, next, count);
	adopt(ix, from, TAKE(written));
	return sweep(ix, &m, how, err);
}

static bool
must_purge(struct index *ix)
{
	if (ix->changed || ix->trouble[0] || ix->vectors.trouble[0])
		return true;
	for (size_t i = 0; i < index_parts(ix); i++)
		if (index_part(ix, i)->dead_count)
			return true;
	for (size_t i = 0; i < vectors_parts(&ix->vectors); i++)
		if (vectors_part(&ix->vectors, i)->dead_count)
			return true;
	return false;
}

bool
index_flush(struct index *ix, enum index_flush how, struct error *err)
{
	SCOPED(close_fd) int fd = -1;
	struct error why = {0};
	bool overtaken;

	if (how != INDEX_PURGE && !ix->changed)
		return true;
	if (!take_lock(ix, &fd, &why)) {
		if (why.code == ERROR_BUSY && how != INDEX_PURGE)
			return true;
		return error_set(err, why.code, "%s", why.text);
	}
	if (!index_refresh(ix, &overtaken, err))
		return false;
	if (overtaken)
		return how != INDEX_PURGE ||
		       error_set(err, ERROR_BUSY,
				 "another process wrote the word index");
	if (how == INDEX_PURGE && !must_purge(ix))
		return sweep_again(ix, err);
	if (write_all(ix, how, &why))
		return true;
	if (why.code == ERROR_CONFLICT)
		index_reset(ix, why.text);
	return error_set(err, why.code, "%s", why.text);
}
