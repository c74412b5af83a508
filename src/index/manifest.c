#include "index/manifest.h"

#include <assert.h>
#include <stdlib.h>

#include "index/part.h"
#include "mneme/error.h"

enum { MANIFEST_VERSION = 1 };

struct manifest_header {
	char magic[8];
	uint32_t version, segments;
	uint64_t sequence;
	char language[INDEX_LANGUAGE_MAX + 1];
	uint64_t removed;
};

static_assert(sizeof(struct manifest_header) == 64, "as in the file");

/* header, stamps, removed, check of all before. */
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
	if (check != part_check(bytes.data, bytes.len) ||
	    h.segments > MANIFEST_SEGMENTS_MAX || h.removed > MANIFEST_MAX ||
	    bytes.len != sizeof(h) + h.segments * sizeof(uint64_t) +
				 h.removed * sizeof(*manifest->removed) ||
	    memchr(h.language, '\0', sizeof(h.language)) == NULL)
		return error_set(err, ERROR_INVALID, "damaged");

	const char *at = bytes.data + sizeof(h);
	manifest->sequence = h.sequence;
	manifest->segments = h.segments;
	memcpy(manifest->language, h.language, sizeof(h.language));
	memcpy(manifest->stamps, at, h.segments * sizeof(uint64_t));
	at += h.segments * sizeof(uint64_t);
	manifest->removed_count = manifest->removed_cap = (size_t)h.removed;
	manifest->removed =
		xcalloc((size_t)h.removed + 1, sizeof(*manifest->removed));
	memcpy(manifest->removed, at,
	       (size_t)h.removed * sizeof(*manifest->removed));
	return true;
}

bool
manifest_write(const struct manifest *manifest, struct buf *out)
{
	struct manifest_header h = {.magic = "mnemewix",
				    .version = MANIFEST_VERSION,
				    .segments = manifest->segments,
				    .sequence = manifest->sequence,
				    .removed = manifest->removed_count};

	memcpy(h.language, manifest->language, sizeof(h.language));
	buf_add(out, &h, sizeof(h));
	buf_add(out, manifest->stamps, h.segments * sizeof(uint64_t));
	if (h.removed)
		buf_add(out, manifest->removed,
			manifest->removed_count * sizeof(*manifest->removed));
	uint64_t check = part_check(out->data, out->len);
	return buf_add(out, &check, sizeof(check));
}

void
manifest_clear(struct manifest *manifest)
{
	free(manifest->removed);
	*manifest = (struct manifest){0};
}
