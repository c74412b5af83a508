/*
 * file.h - whole files: read under a ceiling, replaced at once or not at all.
 */
#ifndef MNEME_FILE_H
#define MNEME_FILE_H

#include "mneme/base.h"

struct buf;
struct error;

/* Add the whole file to `out`.  A missing file is ERROR_NOT_FOUND, one larger
 * than the room left in `out` ERROR_LIMIT. */
bool file_read(const char *path, struct buf *out, struct error *err);

/* As file_read(), for secrets: it must be a regular file, the user's own, and
 * closed to group and others, else ERROR_SETUP with the chmod that mends it. */
bool file_read_secret(const char *path, struct buf *out, struct error *err);

/* Replace `path` by a new file with these bytes: temporary file, fsync,
 * rename, fsync of the folder.  Another process sees the old or the new. */
bool file_write(const char *path, struct slice bytes, unsigned mode,
		struct error *err);

/* Make it last that `path` has come, gone or changed its name: sync the folder
 * that it is in. */
bool file_sync_name(const char *path, struct error *err);

/* Make the folder and those above it, to last; each new one gets `mode`. */
bool file_make_dir(const char *path, unsigned mode, struct error *err);

bool file_exists(const char *path);

/* Read a descriptor to its end into `out` (ERROR_LIMIT past its ceiling). */
bool file_drain(int fd, const char *name, struct buf *out, struct error *err);

/* Write all bytes, through short writes and EINTR. */
bool file_write_all(int fd, struct slice bytes, struct error *err);

/* A new file of one's own with these bytes, for another program, in the
 * folder of what lasts a session; its path, to be freed.  `ending` (".md")
 * says what it is. */
char *file_temporary(const char *ending, struct slice bytes, struct error *err);

/* "~/x" is in the person's home; to be freed. */
char *file_from_home(struct slice path);

/* "dir/name", to be freed. */
char *path_join(const char *dir, const char *name);

#endif
