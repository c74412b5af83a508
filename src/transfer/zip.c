/*
 * The zip file that a data export comes in, by libzip, which is loaded when
 * one is there.  Of its files only conversations.json is read (or the several
 * conversations-N.json that large ones are cut into), under a ceiling, so that
 * a small file cannot unpack into all of memory.
 */
#include <stdlib.h>
#include <zip.h>

#include "inner.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/plugin.h"

enum { PIECE = 1 << 16, FILES_MAX = 100000 };

static struct {
	zip_source_t *(*source_buffer_create)(const void *, zip_uint64_t, int,
					      zip_error_t *);
	void (*source_free)(zip_source_t *);
	zip_t *(*open_from_source)(zip_source_t *, int, zip_error_t *);
	void (*discard)(zip_t *);
	zip_int64_t (*get_num_entries)(zip_t *, zip_flags_t);
	const char *(*get_name)(zip_t *, zip_uint64_t, zip_flags_t);
	zip_file_t *(*fopen_index)(zip_t *, zip_uint64_t, zip_flags_t);
	zip_int64_t (*fread)(zip_file_t *, void *, zip_uint64_t);
	int (*fclose)(zip_file_t *);
	const char *(*strerror)(zip_t *);
	void (*error_init)(zip_error_t *);
	const char *(*error_strerror)(zip_error_t *);
	void (*error_fini)(zip_error_t *);
} lib;

#define SYMBOL(field) \
	{ \
		"zip_" #field, (void **)&lib.field \
	}

static bool
load(struct error *err)
{
	static bool loaded;
	const struct plugin_symbol symbols[] = {
		SYMBOL(source_buffer_create),
		SYMBOL(source_free),
		SYMBOL(open_from_source),
		SYMBOL(discard),
		SYMBOL(get_num_entries),
		SYMBOL(get_name),
		SYMBOL(fopen_index),
		SYMBOL(fread),
		SYMBOL(fclose),
		SYMBOL(strerror),
		SYMBOL(error_init),
		SYMBOL(error_strerror),
		SYMBOL(error_fini),
	};

	loaded = loaded ||
		 plugin_library("libzip.so.4", symbols, COUNT(symbols), err);
	return loaded;
}

static void
drop(zip_t **zip)
{
	if (*zip)
		lib.discard(*zip);
}

static zip_t *
open_zip(struct slice bytes, struct error *err)
{
	zip_error_t why;
	zip_source_t *source;
	zip_t *zip = NULL;

	lib.error_init(&why);
	source = lib.source_buffer_create(bytes.data, bytes.len, 0, &why);
	if (source)
		zip = lib.open_from_source(source, ZIP_RDONLY, &why);
	if (source && !zip)
		lib.source_free(source);
	if (!zip)
		error_set(err, ERROR_INVALID, "the zip file is damaged: %s",
			  lib.error_strerror(&why));
	lib.error_fini(&why);
	return zip;
}

/* "conversations.json", "conversations-003.json", in any folder. */
static bool
is_wanted(const char *path)
{
	const char *name = path ? strrchr(path, '/') : NULL;
	struct slice base = slice_of(name ? name + 1 : path);

	return slice_starts(base, "conversations") && slice_ends(base, ".json");
}

static bool
unpack(zip_t *zip, zip_uint64_t at, struct buf *out, struct error *err)
{
	zip_file_t *file = lib.fopen_index(zip, at, 0);
	zip_int64_t n = 1;

	if (!file)
		return error_set(err, ERROR_INVALID,
				 "cannot unpack from the zip file: %s",
				 lib.strerror(zip));
	while (n > 0 && !out->over) {
		char *room = buf_room(out, PIECE);

		n = room ? lib.fread(file, room, PIECE) : 0;
		if (!room)
			out->over = true;
		if (n > 0)
			out->len += (size_t)n;
	}
	lib.fclose(file);
	if (out->over)
		return error_set(err, ERROR_LIMIT,
				 "unpacked it has over %d bytes",
				 TRANSFER_IMPORT_MAX);
	return n == 0 ||
	       error_set(err, ERROR_INVALID, "the zip file is damaged inside");
}

bool
zip_each(struct slice bytes, zip_file_fn *each, void *arg, struct error *err)
{
	SCOPED(drop) zip_t *zip = load(err) ? open_zip(bytes, err) : NULL;
	zip_int64_t n = zip ? lib.get_num_entries(zip, 0) : 0;
	size_t found = 0;

	if (!zip)
		return false;
	for (zip_int64_t i = 0; i < n && i < FILES_MAX; i++) {
		const char *name = lib.get_name(zip, (zip_uint64_t)i, 0);
		SCOPED(buf_clear) struct buf out;

		buf_init(&out, TRANSFER_IMPORT_MAX);
		if (!is_wanted(name))
			continue;
		found++;
		if (!unpack(zip, (zip_uint64_t)i, &out, err) ||
		    !each(arg, name, buf_slice(&out), err))
			return false;
	}
	return found > 0 || error_set(err, ERROR_INVALID,
				      "there is no conversations.json in the "
				      "zip file");
}
