/*
 * Index files are foreign bytes: a manifest is read whole or refused, a
 * segment's stems, keys and postings stay within it, and what merges is a
 * segment again.  Checks in the header are made right first, so that the
 * fuzzer gets past them.
 */
#include <stdlib.h>

#include "index/manifest.h"
#include "index/merge.h"
#include "index/part.h"
#include "mneme/buf.h"
#include "mneme/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(const struct segment *s)
{
	for (uint32_t i = 0; i < s->header->terms; i++) {
		struct slice stem, postings, again;
		struct posting p = {.document = UINT32_MAX};
		uint32_t n;
		bool bad = false;
		if (!segment_term(s, i, &stem, &postings))
			continue;
		segment_find(s, stem, &again, &n);
		while (posting_next(&postings, s->part.documents, &p, &bad))
			if (p.document >= s->part.documents || !p.times)
				abort();
	}
	for (uint32_t i = 0; i < s->part.documents; i++) {
		uint32_t document;
		segment_key(s, s->part.keys + (size_t)i * INDEX_KEY, &document);
	}
}

static void
merge_twice(struct segment *s)
{
	struct segment *both[] = {s, s};
	struct segment *read = xcalloc(1, sizeof(*read));
	SCOPED(buf_clear) struct buf out;
	struct error err = {0};

	buf_init(&out, 64 << 20);
	if (s->part.documents)
		part_kill(&s->part, 0);
	if (merge(both, 2, NULL, 1, &out, &err)) {
		if (!segment_read(read, buf_slice(&out), &err))
			abort();
		walk(read);
	}
	segment_close(&read);
}

static void
try_segment(char *bytes, size_t size)
{
	struct segment *s = xcalloc(1, sizeof(*s));
	struct segment_header *h = (void *)bytes;
	struct error err = {0};

	if (size >= sizeof(*h)) {
		h->size = size;
		h->check =
			part_check(h, offsetof(struct segment_header, check));
	}
	if (segment_read(s, slice_make(bytes, size), &err)) {
		walk(s);
		merge_twice(s);
	}
	segment_close(&s);
}

static void
try_manifest(char *bytes, size_t size)
{
	SCOPED(manifest_clear) struct manifest m = {0};
	SCOPED(buf_clear) struct buf out;
	struct error err = {0};
	uint64_t check;

	if (size >= sizeof(check)) {
		size_t before = size - sizeof(check);
		check = part_check(bytes, before);
		memcpy(bytes + before, &check, sizeof(check));
	}
	buf_init(&out, MANIFEST_MAX);
	if (manifest_read(&m, slice_make(bytes, size), &err) &&
	    !manifest_write(&m, &out))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(free_pointer) char *copy = xcalloc(size ? size : 1, 1);

	if (size)
		memcpy(copy, data, size);
	try_segment(copy, size);
	if (size)
		memcpy(copy, data, size);
	try_manifest(copy, size);
	return 0;
}
