/*
 * support_disk.h - a disk that lost power: from a log of calls (shim/disk.h),
 * what could be found on it afterwards.
 *
 * The model is a strict one.  What was written is there for certain once its
 * file was synced, or by O_DSYNC; before that any part of it may be, in any
 * order, in pages of 4,096 bytes or in sectors of 512.  A name made, changed
 * or removed is certain once its folder was synced; before that any of these
 * may have happened and any not; a rename brings its file along, and nothing
 * is in a folder that did not come.
 */
#ifndef SUPPORT_DISK_H
#define SUPPORT_DISK_H

#include "mneme/base.h"
#include "shim/disk.h"

struct disk;

/* Of what is not certain. */
enum disk_luck {
	DISK_NOTHING, /* none of it landed */
	DISK_ALL,     /* all of it */
	DISK_PREFIX,  /* all up to some call, the last of them torn */
	DISK_PAGES,   /* any pages */
	DISK_SECTORS, /* any sectors */
	DISK_LUCK_COUNT
};

/* The log is borrowed: mapped for the disk's life. */
struct disk *disk_open(struct slice log);
void disk_close(struct disk **disk);

/* Take the next call into account; false at the log's end.  *ack is the text
 * of a DISK_ACK, or empty. */
bool disk_step(struct disk *disk, struct slice *ack);
size_t disk_calls(const struct disk *disk); /* in the whole log */

/* Write one state that a power loss could leave now into the folder `dir`,
 * which is made and must not be there. */
void disk_write(const struct disk *disk, enum disk_luck luck, uint64_t *random,
		const char *dir);

uint64_t disk_random(uint64_t *state); /* splitmix64 (Steele et al., 2014) */

#endif
