/*
 * Segments are foreign bytes.  Opening checks what costs little: header,
 * sizes, and every document's session.  The rest is checked where it is used,
 * each time, so that opening does not touch pages which no query needs.
 */
#include <assert.h>
#include <stdlib.h>

#include "index/mapped.h"
#include "index/part.h"
#include "mneme/buf.h"
#include "mneme/error.h"

static_assert(sizeof(struct segment_header) == 64, "as in the file");
static_assert(sizeof(struct segment_term) == 24, "as in the file");
static_assert(sizeof(struct part_session) == 24, "as in the file");

/* FNV-1a: against torn and foreign files, not against an adversary. */
uint64_t
part_check(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h;
}

void
part_clear(struct part *part)
{
	free(part->dead);
	free(part->number);
	*part = (struct part){0};
}

bool
part_kill(struct part *part, uint32_t document)
{
	if (part->dead[document])
		return false;
	part->dead[document] = 1;
	part->dead_count++;
	return true;
}

static bool
check_header(const struct segment_header *h, size_t size, struct error *err)
{
	if (memcmp(h->magic, "mnemewrd", 8) != 0)
		return error_set(err, ERROR_INVALID, "not an index file");
	if (h->version != SEGMENT_VERSION)
		return error_set(err, ERROR_INVALID, "index file of version %u",
				 h->version);
	if (h->check != part_check(h, offsetof(struct segment_header, check)))
		return error_set(err, ERROR_INVALID, "damaged header");
	if (h->documents > PART_DOCUMENTS_MAX || h->sessions > h->documents ||
	    h->text > UINT32_MAX || h->postings > UINT64_C(1) << 40)
		return error_set(err, ERROR_INVALID, "impossible counts");

	uint64_t need = sizeof(*h) +
			(uint64_t)h->documents * (8 + 8 + 4 * 4 + INDEX_KEY) +
			(uint64_t)h->sessions * sizeof(struct part_session) +
			(uint64_t)h->terms * sizeof(struct segment_term) +
			h->text + h->postings;
	if (h->size != need || size != need)
		return error_set(err, ERROR_INVALID,
				 "%zu bytes where %llu belong", size,
				 (unsigned long long)need);
	return true;
}

bool
segment_read(struct segment *segment, struct slice image, struct error *err)
{
	struct part *part = &segment->part;
	const char *at = image.data;

	if (image.len < sizeof(*segment->header))
		return error_set(err, ERROR_INVALID, "too short");
	segment->header = (const void *)at;
	if (!check_header(segment->header, image.len, err))
		return false;
	at += sizeof(*segment->header);
	part->documents = segment->header->documents;
	part->sessions = segment->header->sessions;
	size_t n = part->documents;
	part->seq = (const void *)at;
	at += n * sizeof(*part->seq);
	part->marks = (const void *)at;
	at += n * sizeof(*part->marks);
	part->table = (const void *)at;
	at += part->sessions * sizeof(*part->table);
	segment->terms = (const void *)at;
	at += segment->header->terms * sizeof(*segment->terms);
	part->session = (const void *)at;
	part->words = part->session + n;
	part->flags = part->words + n;
	segment->order = part->flags + n;
	part->keys = (const void *)(segment->order + n);
	segment->text = (const char *)part->keys + n * INDEX_KEY;
	segment->postings = segment->text + segment->header->text;

	for (size_t i = 0; i < n; i++)
		if (part->session[i] >= part->sessions)
			return error_set(err, ERROR_INVALID,
					 "a document without a session");
	part->dead = xcalloc(n ? n : 1, 1);
	return true;
}

bool
segment_map(struct segment *segment, const char *path, uint64_t stamp,
	    struct error *err)
{
	struct error why = {0};

	if (!mapped_open(path, sizeof(*segment->header), &segment->mapping,
			 err))
		return false;
	if (!segment_read(segment, segment->mapping, &why))
		return error_set(err, why.code, "%s: %s", path, why.text);
	if (segment->header->stamp != stamp)
		return error_set(err, ERROR_INVALID, "%s: not its name", path);
	mapped_rest(segment->mapping);
	return true;
}

void
segment_close(struct segment **segment)
{
	if (!*segment)
		return;
	mapped_close(&(*segment)->mapping);
	part_clear(&(*segment)->part);
	free(*segment);
	*segment = NULL;
}

bool
segment_term(const struct segment *segment, uint32_t i, struct slice *stem,
	     struct slice *postings)
{
	const struct segment_term *t = &segment->terms[i];
	const struct segment_header *h = segment->header;

	if (t->text > h->text || t->text_len > h->text - t->text ||
	    t->text_len > INDEX_WORD_MAX || t->at > h->postings ||
	    t->size > h->postings - t->at)
		return false;
	*stem = slice_make(segment->text + t->text, t->text_len);
	*postings = slice_make(segment->postings + t->at, t->size);
	return true;
}

bool
segment_find(const struct segment *segment, struct slice stem,
	     struct slice *postings, uint32_t *documents)
{
	uint32_t low = 0, high = segment->header->terms;

	*postings = (struct slice){0};
	*documents = 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct slice here, found;
		if (!segment_term(segment, middle, &here, &found))
			return false;
		int order = slice_compare(here, stem);
		if (order == 0) {
			*postings = found;
			*documents = segment->terms[middle].documents;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return true;
}

bool
segment_key(const struct segment *segment, const uint8_t *key,
	    uint32_t *document)
{
	return mapped_find_key(segment->part.keys, segment->order,
			       segment->part.documents, key, document);
}

static inline bool
take_varint(struct slice *from, uint32_t *value)
{
	uint32_t v = 0;

	for (unsigned shift = 0; from->len && shift < 35; shift += 7) {
		uint8_t byte = (uint8_t)*from->data++;
		from->len--;
		if (shift == 28 && byte > 15)
			return false;
		v |= (uint32_t)(byte & 127) << shift;
		if (byte < 128) {
			*value = v;
			return true;
		}
	}
	return false;
}

bool
posting_next(struct slice *postings, uint32_t documents, struct posting *p,
	     bool *bad)
{
	uint32_t distance, times;

	if (!postings->len)
		return false;
	uint32_t next = p->document + 1; /* from UINT32_MAX: 0 */
	if (!take_varint(postings, &distance) ||
	    !take_varint(postings, &times) || !distance || !times ||
	    next > documents || distance > documents - next) {
		*bad = true;
		return false;
	}
	p->document = next + distance - 1;
	p->times = times;
	return true;
}

void
posting_add(struct buf *out, uint32_t distance, uint32_t times)
{
	uint32_t values[] = {distance, times};

	for (size_t i = 0; i < COUNT(values); i++) {
		uint32_t v = values[i];
		for (; v > 127; v >>= 7)
			buf_addc(out, (char)(v | 128));
		buf_addc(out, (char)v);
	}
}
