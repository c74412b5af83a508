/*
 * Files are objects with bytes that are certain and writes that are not yet;
 * names are a list that is certain and changes that are not yet.
 */
#include "support_disk.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, SECTOR = 512, FILE_MAX = 1 << 30 };

struct part {
	bool cut; /* a truncate to `at`, else a write */
	uint64_t at;
	struct slice bytes;
};

struct object {
	uint64_t inode;
	char *data; /* certain */
	size_t len, cap;
	struct part *parts; /* not yet */
	size_t count, parts_cap;
};

struct name {
	char *path;
	size_t object; /* SIZE_MAX: a folder */
};

struct change {
	enum disk_op op;
	char *from, *to;
	size_t object;
};

struct names {
	struct name *list;
	size_t count, cap;
};

struct disk {
	struct slice log;
	size_t at, calls;
	struct object *objects;
	size_t object_count, object_cap;
	struct names certain;
	struct change *changes; /* not yet */
	size_t change_count, change_cap;
};

uint64_t
disk_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static bool
chance(uint64_t *random)
{
	return disk_random(random) & 1;
}

/* ---- bytes ---- */

static void
put_bytes(struct object *o, uint64_t at, struct slice bytes)
{
	size_t end = (size_t)at + bytes.len;

	assert(end <= FILE_MAX);
	if (end > o->len) {
		o->data = grow(o->data, &o->cap, end, 1);
		memset(o->data + o->len, 0, end - o->len);
		o->len = end;
	}
	memcpy(o->data + at, bytes.data, bytes.len);
}

static void
set_length(struct object *o, size_t len)
{
	assert(len <= FILE_MAX);
	if (len > o->len) {
		o->data = grow(o->data, &o->cap, len, 1);
		memset(o->data + o->len, 0, len - o->len);
	}
	o->len = len;
}

static void
put_part(struct object *o, const struct part *part)
{
	if (part->cut)
		set_length(o, (size_t)part->at);
	else
		put_bytes(o, part->at, part->bytes);
}

static void
sync_object(struct object *o)
{
	for (size_t i = 0; i < o->count; i++)
		put_part(o, &o->parts[i]);
	o->count = 0;
}

static struct object *
find_object(struct disk *disk, uint64_t inode)
{
	/* The newest: an inode number is used again. */
	for (size_t i = disk->object_count; i-- > 0;)
		if (disk->objects[i].inode == inode)
			return &disk->objects[i];
	fprintf(stderr, "the log writes to a file that it never made\n");
	abort();
}

static void
add_part(struct object *o, bool cut, uint64_t at, struct slice bytes)
{
	o->parts =
		grow(o->parts, &o->parts_cap, o->count + 1, sizeof(*o->parts));
	o->parts[o->count++] = (struct part){cut, at, bytes};
}

/* Page by page, which is how they get to the disk. */
static void
add_write(struct object *o, uint64_t at, struct slice bytes)
{
	while (bytes.len) {
		size_t n = MIN(bytes.len, (size_t)(PAGE - at % PAGE));
		add_part(o, false, at, slice_make(bytes.data, n));
		bytes = slice_make(bytes.data + n, bytes.len - n);
		at += n;
	}
}

/* A synced write takes along what the same pages held before. */
static void
put_synced(struct object *o, uint64_t at, struct slice bytes)
{
	uint64_t first = at / PAGE, last = (at + bytes.len - 1) / PAGE;
	size_t kept = 0;

	for (size_t i = 0; i < o->count; i++) {
		const struct part *part = &o->parts[i];
		uint64_t page = part->at / PAGE;
		if (!part->cut && page >= first && page <= last)
			put_part(o, part);
		else
			o->parts[kept++] = *part;
	}
	o->count = kept;
	put_bytes(o, at, bytes);
}

/* ---- names ---- */

static size_t
find_name(const struct names *names, const char *path)
{
	size_t i = 0;

	while (i < names->count && strcmp(names->list[i].path, path) != 0)
		i++;
	return i;
}

static void
set_name(struct names *names, const char *path, size_t object)
{
	size_t i = find_name(names, path);

	if (i == names->count) {
		names->list = grow(names->list, &names->cap, i + 1,
				   sizeof(*names->list));
		names->list[names->count++].path = xstrdup(path);
	}
	names->list[i].object = object;
}

static void
drop_name(struct names *names, const char *path)
{
	size_t i = find_name(names, path);

	if (i == names->count)
		return;
	free(names->list[i].path);
	names->list[i] = names->list[--names->count];
}

static void
clear_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i].path);
	free(names->list);
	*names = (struct names){0};
}

static struct slice
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slice_make(path, slash ? (size_t)(slash - path) : 0);
}

/* A name whose folder did not come cannot come. */
static bool
has_folder(const struct names *names, const char *path)
{
	struct slice folder = folder_of(path);

	if (folder.len == 0)
		return true;
	SCOPED(free_pointer) char *text = slice_dup(folder);
	return find_name(names, text) < names->count;
}

static void
make_change(struct names *names, const struct change *c)
{
	if (!has_folder(names, c->to ? c->to : c->from))
		return;
	switch (c->op) {
	case DISK_CREATE:
	case DISK_FOLDER:
		set_name(names, c->from, c->object);
		break;
	case DISK_UNLINK:
		drop_name(names, c->from);
		break;
	default:
		drop_name(names, c->from);
		set_name(names, c->to, c->object);
		break;
	}
}

static void
drop_change(struct change *c)
{
	free(c->from);
	free(c->to);
}

/* What an earlier change did to a name counts for the next ones. */
static size_t
object_named(const struct disk *disk, const char *path)
{
	for (size_t i = disk->change_count; i-- > 0;) {
		const struct change *c = &disk->changes[i];
		const char *made = c->op == DISK_RENAME ? c->to : c->from;
		if (c->op != DISK_UNLINK && strcmp(made, path) == 0)
			return c->object;
	}
	size_t at = find_name(&disk->certain, path);
	return at < disk->certain.count ? disk->certain.list[at].object
					: SIZE_MAX;
}

static void
add_change(struct disk *disk, enum disk_op op, struct slice from,
	   struct slice to, size_t object)
{
	disk->changes = grow(disk->changes, &disk->change_cap,
			     disk->change_count + 1, sizeof(*disk->changes));
	disk->changes[disk->change_count++] = (struct change){
		op, slice_dup(from), op == DISK_RENAME ? slice_dup(to) : NULL,
		object};
}

static void
sync_folder(struct disk *disk, struct slice folder)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk->change_count; i++) {
		struct change *c = &disk->changes[i];
		struct slice in = folder_of(c->to ? c->to : c->from);
		if (slice_equal(in, folder)) {
			make_change(&disk->certain, c);
			drop_change(c);
		} else {
			disk->changes[kept++] = *c;
		}
	}
	disk->change_count = kept;
}

/* ---- the log ---- */

static bool
next_record(struct slice log, size_t *at, struct disk_record *record,
	    struct slice *text)
{
	if (log.len - *at < sizeof(*record))
		return false;
	memcpy(record, log.data + *at, sizeof(*record));
	if (log.len - *at - sizeof(*record) < record->len)
		return false;
	*text = slice_make(log.data + *at + sizeof(*record), record->len);
	*at += sizeof(*record) + record->len;
	return true;
}

struct disk *
disk_open(struct slice log)
{
	struct disk *disk = xcalloc(1, sizeof(*disk));
	struct disk_record record;
	struct slice text;

	disk->log = log;
	for (size_t at = 0; next_record(log, &at, &record, &text);)
		disk->calls++;
	return disk;
}

size_t
disk_calls(const struct disk *disk)
{
	return disk->calls;
}

static void
create(struct disk *disk, uint64_t inode, struct slice path)
{
	disk->objects = grow(disk->objects, &disk->object_cap,
			     disk->object_count + 1, sizeof(*disk->objects));
	disk->objects[disk->object_count] = (struct object){.inode = inode};
	add_change(disk, DISK_CREATE, path, path, disk->object_count++);
}

static void
name_call(struct disk *disk, const struct disk_record *r, struct slice text)
{
	struct slice from = text, to = text;

	if (r->op == DISK_RENAME) {
		slice_split(&to, '\0', &from);
		SCOPED(free_pointer) char *old = slice_dup(from);
		add_change(disk, DISK_RENAME, from, to,
			   object_named(disk, old));
		return;
	}
	add_change(disk, r->op, from, to, SIZE_MAX);
}

bool
disk_step(struct disk *disk, struct slice *ack)
{
	struct disk_record r;
	struct slice text;

	*ack = (struct slice){0};
	if (!next_record(disk->log, &disk->at, &r, &text))
		return false;
	switch (r.op) {
	case DISK_CREATE:
		create(disk, r.inode, text);
		break;
	case DISK_WRITE:
		add_write(find_object(disk, r.inode), r.a, text);
		break;
	case DISK_WRITE_SYNC:
		put_synced(find_object(disk, r.inode), r.a, text);
		break;
	case DISK_TRUNCATE:
		add_part(find_object(disk, r.inode), true, r.a, text);
		break;
	case DISK_SYNC:
		sync_object(find_object(disk, r.inode));
		break;
	case DISK_SYNC_DIR:
		sync_folder(disk, text);
		break;
	case DISK_ACK:
		*ack = text;
		break;
	default:
		name_call(disk, &r, text);
		break;
	}
	return true;
}

void
disk_close(struct disk **disk)
{
	struct disk *d = *disk;

	if (!d)
		return;
	for (size_t i = 0; i < d->object_count; i++) {
		free(d->objects[i].data);
		free(d->objects[i].parts);
	}
	for (size_t i = 0; i < d->change_count; i++)
		drop_change(&d->changes[i]);
	clear_names(&d->certain);
	free(d->objects);
	free(d->changes);
	free(d);
	*disk = NULL;
}

/* ---- a state ---- */

static void
land_pieces(struct object *o, const struct part *part, size_t size,
	    uint64_t *random)
{
	uint64_t at = part->at, end = part->at + part->bytes.len;

	while (at < end) {
		uint64_t next = MIN(end, (at / size + 1) * size);
		if (chance(random))
			put_bytes(o, at,
				  slice_make(part->bytes.data + (at - part->at),
					     (size_t)(next - at)));
		at = next;
	}
}

static void
land(struct object *o, enum disk_luck luck, uint64_t *random)
{
	size_t n = o->count;

	if (luck == DISK_NOTHING)
		return;
	if (luck == DISK_PREFIX && n)
		n = (size_t)(disk_random(random) % n);
	for (size_t i = 0; i < n; i++) {
		const struct part *part = &o->parts[i];
		if (luck == DISK_ALL || luck == DISK_PREFIX)
			put_part(o, part);
		else if (!part->cut)
			land_pieces(o, part, luck == DISK_PAGES ? PAGE : SECTOR,
				    random);
		else if (chance(random))
			put_part(o, part);
	}
	if (luck == DISK_PREFIX && o->count && !o->parts[n].cut)
		land_pieces(o, &o->parts[n], SECTOR, random);
}

static void
write_object(const struct object *o, enum disk_luck luck, uint64_t *random,
	     const char *path)
{
	struct object now = {.len = o->len,
			     .cap = o->len,
			     .parts = o->parts,
			     .count = o->count};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	now.data = xcalloc(o->len + 1, 1);
	if (o->len)
		memcpy(now.data, o->data, o->len);
	land(&now, luck, random);
	if (fd < 0 || write(fd, now.data, now.len) != (ssize_t)now.len) {
		perror(path);
		abort();
	}
	close(fd);
	free(now.data);
}

static void
copy_names(const struct names *from, struct names *to)
{
	for (size_t i = 0; i < from->count; i++)
		set_name(to, from->list[i].path, from->list[i].object);
}

static void
land_names(const struct disk *disk, enum disk_luck luck, uint64_t *random,
	   struct names *names)
{
	size_t n = disk->change_count;

	copy_names(&disk->certain, names);
	if (luck == DISK_NOTHING)
		return;
	if (luck == DISK_PREFIX && n)
		n = (size_t)(disk_random(random) % (n + 1));
	for (size_t i = 0; i < n; i++)
		if (luck == DISK_ALL || luck == DISK_PREFIX || chance(random))
			make_change(names, &disk->changes[i]);
}

static int
by_path(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void
disk_write(const struct disk *disk, enum disk_luck luck, uint64_t *random,
	   const char *dir)
{
	struct names names = {0};

	if (mkdir(dir, 0700) != 0) {
		perror(dir);
		abort();
	}
	/* Names and bytes have their luck apart. */
	enum disk_luck of_names =
		(enum disk_luck)(disk_random(random) % DISK_LUCK_COUNT);
	land_names(disk, luck == DISK_ALL ? DISK_ALL : of_names, random,
		   &names);
	if (names.count)
		qsort(names.list, names.count, sizeof(*names.list), by_path);
	for (size_t i = 0; i < names.count; i++) {
		const struct name *name = &names.list[i];
		SCOPED(free_pointer)
		char *path = xasprintf("%s/%s", dir, name->path);
		if (name->object == SIZE_MAX)
			mkdir(path, 0700);
		else
			write_object(&disk->objects[name->object], luck, random,
				     path);
	}
	clear_names(&names);
}
