#include "index/manifest.h"

#include <assert.h>
#include <stdlib.h>

#include "index/part.h"
#include "mneme/error.h"

enum { MANIFEST_VERSION = 2 };

struct manifest_header {
	char magic[8];
	uint32_t version, segments, vector_segments, zero;
	uint64_t sequence;
	char language[INDEX_LANGUAGE_MAX + 1];
	uint64_t removed, vector_removed;
};

static_assert(sizeof(struct manifest_header) == 80, "as in the file");

static bool
check_header(const struct manifest_header *h, size_t len, struct error *err)
{
	if (h->segments > MANIFEST_SEGMENTS_MAX ||
	    h->vector_segments > MANIFEST_SEGMENTS_MAX ||
	    h->removed > MANIFEST_MAX || h->vector_removed > MANIFEST_MAX ||
	    len != sizeof(*h) +
			    ((uint64_t)h->segments + h->vector_segments) *
				    sizeof(uint64_t) +
			    (h->removed + h->vector_removed) *
				    sizeof(struct manifest_removed) ||
	    memchr(h->language, '\0', sizeof(h->language)) == NULL)
		return error_set(err, ERROR_INVALID, "damaged");
	return true;
}

static const char *
take_stamps(const char *at, uint64_t *stamps, uint32_t n)
{
	memcpy(stamps, at, n * sizeof(*stamps));
	return at + n * sizeof(*stamps);
}

static const char *
take_removed(const char *at, struct manifest_removed **removed, size_t n)
{
	*removed = xcalloc(n + 1, sizeof(**removed));
	memcpy(*removed, at, n * sizeof(**removed));
	return at + n * sizeof(**removed);
}

/* header, stamps, removed, those of vectors, check of all before. */
bool
manifest_read(struct manifest *manifest, struct slice bytes, struct error *err)
{
	struct manifest_header h;
	uint64_t check;

	if (bytes.len < sizeof(h) + sizeof(check))
		return error_set(err, ERROR_INVALID, "too short");
	memcpy(&h, bytes.data, sizeof(h));
	if (memcmp(h.magic, "mnemewix", 8) != 0)
		return error_set(err, ERROR_INVALID, "not an index");
	if (h.version != MANIFEST_VERSION)
		return error_set(err, ERROR_INVALID, "index of version %u",
				 h.version);
	bytes.len -= sizeof(check);
	memcpy(&check, bytes.data + bytes.len, sizeof(check));
	if (check != part_check(bytes.data, bytes.len))
		return error_set(err, ERROR_INVALID, "damaged");
	if (!check_header(&h, bytes.len, err))
		return false;

	const char *at = bytes.data + sizeof(h);
	manifest->sequence = h.sequence;
	manifest->segments = h.segments;
	manifest->vector_segments = h.vector_segments;
	memcpy(manifest->language, h.language, sizeof(h.language));
	manifest->removed_count = manifest->removed_cap = (size_t)h.removed;
	manifest->vector_removed_count = manifest->vector_removed_cap =
		(size_t)h.vector_removed;
	at = take_stamps(at, manifest->stamps, h.segments);
	at = take_removed(at, &manifest->removed, manifest->removed_count);
	at = take_stamps(at, manifest->vector_stamps, h.vector_segments);
	take_removed(at, &manifest->vector_removed,
		     manifest->vector_removed_count);
	return true;
}

static void
put_removed(struct buf *out, const struct manifest_removed *removed, size_t n)
{
	if (n)
		buf_add(out, removed, n * sizeof(*removed));
}

bool
manifest_write(const struct manifest *manifest, struct buf *out)
{
	struct manifest_header h = {
		.magic = "mnemewix",
		.version = MANIFEST_VERSION,
		.segments = manifest->segments,
		.vector_segments = manifest->vector_segments,
		.sequence = manifest->sequence,
		.removed = manifest->removed_count,
		.vector_removed = manifest->vector_removed_count};

	memcpy(h.language, manifest->language, sizeof(h.language));
	buf_add(out, &h, sizeof(h));
	buf_add(out, manifest->stamps, h.segments * sizeof(uint64_t));
	put_removed(out, manifest->removed, manifest->removed_count);
	buf_add(out, manifest->vector_stamps,
		h.vector_segments * sizeof(uint64_t));
	put_removed(out, manifest->vector_removed,
		    manifest->vector_removed_count);
	uint64_t check = part_check(out->data, out->len);
	return buf_add(out, &check, sizeof(check));
}

void
manifest_clear(struct manifest *manifest)
{
	free(manifest->removed);
	free(manifest->vector_removed);
	*manifest = (struct manifest){0};
}
