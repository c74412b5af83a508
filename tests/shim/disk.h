/*
 * disk.h - what the shim writes down of a process's calls to the disk.
 *
 * DISK_LOG names the log, which every process under the shim adds to, and
 * DISK_ROOT the folder whose files count.  A call is done and written down
 * under one lock, so the order in the log is the order on the disk.  Paths are
 * relative to the root; a file is known by its inode and the number of times
 * that this inode was made anew.
 */
#ifndef SHIM_DISK_H
#define SHIM_DISK_H

#include <stdint.h>

enum disk_op {
	DISK_CREATE = 1, /* text: path; inode */
	DISK_FOLDER,     /* text: path */
	DISK_WRITE,      /* text: the bytes; inode, a: offset */
	DISK_WRITE_SYNC, /* the same, durable on return (O_DSYNC) */
	DISK_TRUNCATE,   /* inode, a: size */
	DISK_SYNC,       /* inode */
	DISK_SYNC_DIR,   /* text: path, empty for the root */
	DISK_RENAME,     /* text: from, a zero byte, to */
	DISK_UNLINK,     /* text: path */
	DISK_ACK,        /* text: what was promised from here on */
	DISK_OP_COUNT
};

/* Followed by `len` bytes of text. */
struct disk_record {
	uint32_t op;
	uint32_t len;
	uint64_t inode;
	uint64_t a;
};

#endif
