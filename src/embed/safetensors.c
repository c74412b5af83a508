/*
 * The header is parsed as JSON, then the tensors are sorted by where they
 * begin and must follow one another from the first to the last byte of data:
 * so no two overlap, none reaches outside, and no byte is hidden.
 */
#include "embed/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/json.h"

static const struct {
	const char *name;
	unsigned bytes;
} types[] = {
	{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
	{"I32", 4}, {"I16", 2}, {"I8", 1},  {"U8", 1},   {"BOOL", 1},
};

static unsigned
type_bytes(struct slice name)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (slice_is(name, types[i].name))
			return types[i].bytes;
	return 0;
}

static bool
whole(const json_t *value, uint64_t *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*out = (uint64_t)json_integer_value(value);
	return true;
}

/* Reads the shape and gives the bytes that it needs. */
static bool
read_shape(struct tensor *t, const json_t *shape, uint64_t *bytes)
{
	size_t rank = json_array_size(shape);

	if (!json_is_array(shape) || rank > SAFETENSORS_RANK_MAX)
		return false;
	t->rank = (unsigned)rank;
	for (size_t i = 0; i < rank; i++)
		if (!whole(json_array_get(shape, i), &t->shape[i]) ||
		    __builtin_mul_overflow(*bytes, t->shape[i], bytes))
			return false;
	return true;
}

static bool
read_tensor(struct tensor *t, const char *name, const json_t *row,
	    struct slice data, struct error *err)
{
	struct slice type = json_text(row, "dtype");
	const json_t *range = json_object_get(row, "data_offsets");
	uint64_t bytes = type_bytes(type);
	uint64_t begin, end;

	if (!bytes)
		return error_set(err, ERROR_INVALID,
				 "tensor %.100s has the unknown type \"%.*s\"",
				 name, (int)MIN(type.len, 20),
				 type.data ? type.data : "");
	memcpy(t->type, type.data, type.len);
	if (!read_shape(t, json_object_get(row, "shape"), &bytes))
		return error_set(err, ERROR_INVALID,
				 "tensor %.100s has an impossible shape", name);
	if (json_array_size(range) != 2 ||
	    !whole(json_array_get(range, 0), &begin) ||
	    !whole(json_array_get(range, 1), &end) || begin > end ||
	    end > data.len)
		return error_set(err, ERROR_INVALID,
				 "tensor %.100s lies outside the file's "
				 "%zu %s of data",
				 name, data.len,
				 plural(data.len, "byte", "bytes"));
	if (end - begin != bytes)
		return error_set(err, ERROR_INVALID,
				 "tensor %.100s needs %llu %s and has %llu",
				 name, (unsigned long long)bytes,
				 plural(bytes, "byte", "bytes"),
				 (unsigned long long)(end - begin));
	t->name = xstrdup(name);
	t->data = (const unsigned char *)data.data + begin;
	t->bytes = bytes;
	return true;
}

static int
by_place(const void *a, const void *b)
{
	const struct tensor *x = a, *y = b;

	if (x->data != y->data)
		return x->data < y->data ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool
check_cover(const struct safetensors *st, struct slice data, struct error *err)
{
	const unsigned char *at = (const unsigned char *)data.data;
	const unsigned char *end = at + data.len;

	for (size_t i = 0; i < st->count; i++) {
		const struct tensor *t = &st->tensors[i];
		if (t->data != at)
			return error_set(
				err, ERROR_INVALID, "tensor %.100s %s", t->name,
				t->data < at ? "overlaps the one before"
					     : "leaves a hole before it");
		at += t->bytes;
	}
	if (at != end)
		return error_set(err, ERROR_INVALID,
				 "%zu %s behind the last tensor",
				 (size_t)(end - at),
				 plural((uint64_t)(end - at), "byte", "bytes"));
	return true;
}

static bool
read_tensors(struct safetensors *st, struct slice data, struct error *err)
{
	SCOPED(json_drop) json_t *header = json_read(st->header, err);
	const char *name;
	json_t *row;

	if (!header)
		return false;
	if (!json_is_object(header))
		return error_set(err, ERROR_INVALID,
				 "the header is not a JSON object");
	if (json_object_size(header) > SAFETENSORS_COUNT_MAX)
		return error_set(
			err, ERROR_LIMIT, "%zu tensors, at most %d are read",
			json_object_size(header), SAFETENSORS_COUNT_MAX);
	st->tensors =
		xcalloc(json_object_size(header) + 1, sizeof(*st->tensors));
	json_object_foreach(header, name, row)
	{
		if (strcmp(name, "__metadata__") == 0)
			continue;
		if (!read_tensor(&st->tensors[st->count], name, row, data, err))
			return false;
		st->count++;
	}
	qsort(st->tensors, st->count, sizeof(*st->tensors), by_place);
	return check_cover(st, data, err);
}

bool
safetensors_parse(struct slice bytes, struct safetensors *st, struct error *err)
{
	uint64_t length = 0;

	if (!st->mapped)
		*st = (struct safetensors){.file = bytes};
	if (bytes.len < 8)
		return error_set(err, ERROR_INVALID,
				 "%zu %s, too short for a header", bytes.len,
				 plural(bytes.len, "byte", "bytes"));
	for (unsigned i = 0; i < 8; i++)
		length |= (uint64_t)(unsigned char)bytes.data[i] << 8 * i;
	if (length > SAFETENSORS_HEADER_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a header of %llu bytes, at most %d are read",
				 (unsigned long long)length,
				 SAFETENSORS_HEADER_MAX);
	if (length > bytes.len - 8)
		return error_set(err, ERROR_INVALID,
				 "cut short: a header of %llu %s in a file "
				 "of %zu",
				 (unsigned long long)length,
				 plural(length, "byte", "bytes"), bytes.len);
	st->header = slice_make(bytes.data + 8, length);
	if (read_tensors(
		    st,
		    slice_make(bytes.data + 8 + length, bytes.len - 8 - length),
		    err))
		return true;
	safetensors_close(st);
	return false;
}

/* Put the file's name before the reason. */
static bool
blame(const char *path, struct error *err)
{
	struct error why;

	if (!err)
		return false;
	why = *err;
	return error_set(err, why.code, "%.400s: %.500s", path, why.text);
}

bool
safetensors_open(const char *path, struct safetensors *st, struct error *err)
{
	SCOPED(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat file;
	void *map;

	*st = (struct safetensors){0};
	if (fd < 0 || fstat(fd, &file) != 0)
		return error_set(err,
				 errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO,
				 "cannot open %s: %s", path, strerror(errno));
	if (!S_ISREG(file.st_mode))
		return error_set(err, ERROR_INVALID, "%s is not a regular file",
				 path);
	if (file.st_size < 8)
		return error_set(
			err, ERROR_INVALID,
			"%s: %lld %s, too short for a header", path,
			(long long)file.st_size,
			plural((uint64_t)file.st_size, "byte", "bytes"));
	map = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return error_set(err, ERROR_IO, "cannot map %s: %s", path,
				 strerror(errno));
	st->file = slice_make(map, (size_t)file.st_size);
	st->mapped = true;
	return safetensors_parse(st->file, st, err) || blame(path, err);
}

void
safetensors_close(struct safetensors *st)
{
	for (size_t i = 0; i < st->count; i++)
		free(st->tensors[i].name);
	free(st->tensors);
	if (st->mapped)
		munmap((void *)(uintptr_t)st->file.data, st->file.len);
	*st = (struct safetensors){0};
}

const struct tensor *
safetensors_find(const struct safetensors *st, const char *name)
{
	for (size_t i = 0; i < st->count; i++)
		if (strcmp(st->tensors[i].name, name) == 0)
			return &st->tensors[i];
	return NULL;
}
