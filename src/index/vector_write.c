/*
 * Writing vectors.  Which segments become one: as with words, those behind
 * some place, with the tail; but a large one is left as it is, because its
 * bytes are many.  One with many removed rows is written again by itself, with
 * any when nothing that was removed may stay.
 *
 * A segment's file has a name that nothing knows until the manifest does, and
 * is streamed: its parts are read column by column from those that it is made
 * of.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "index/inner.h"
#include "index/mapped.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum {
	MERGE_RATIO = 4,      /* a segment under this many times what follows */
	DEAD_RATIO = 4,       /* or with over a 4th removed is written again */
	ROWS_LARGE = 1 << 15, /* are merged no more */
	PIECE = 1 << 20
};

/* ---- one file ---- */

struct writer {
	int fd;
	char *bytes;
	size_t used;
	uint64_t total;
	bool good;
	struct error why;
};

static void
writer_flush(struct writer *w)
{
	if (w->good && w->used)
		w->good = file_write_all(w->fd, slice_make(w->bytes, w->used),
					 &w->why);
	w->used = 0;
}

static void
put(struct writer *w, const void *bytes, size_t len)
{
	if (len > PIECE - w->used)
		writer_flush(w);
	w->total += len;
	if (len <= PIECE) {
		memcpy(w->bytes + w->used, bytes, len);
		w->used += len;
	} else if (w->good) {
		w->good =
			file_write_all(w->fd, slice_make(bytes, len), &w->why);
	}
}

static void
align(struct writer *w)
{
	static const char zeros[VECTOR_ALIGN];

	put(w, zeros, (VECTOR_ALIGN - w->total % VECTOR_ALIGN) % VECTOR_ALIGN);
}

struct source {
	struct vector_part *const *parts;
	size_t count;
	struct vector_header header;
	struct vector_count *counts;
};

/* The column at `offset` of struct vector_part, `size` bytes a row. */
static void
put_rows(struct writer *w, const struct source *s, size_t offset, size_t size)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct vector_part *p = s->parts[i];
		const char *column;
		memcpy(&column, (const char *)p + offset, sizeof(column));
		for (uint32_t row = 0; row < p->rows; row++)
			if (!p->dead[row])
				put(w, column + row * size, size);
	}
	align(w);
}

static void
put_tokens(struct writer *w, const struct source *s, size_t offset, size_t size)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct vector_part *p = s->parts[i];
		const char *column;
		memcpy(&column, (const char *)p + offset, sizeof(column));
		for (uint32_t row = 0; row < p->rows; row++) {
			size_t from = p->start[row];
			size_t n = p->start[row + 1] - from;
			if (!p->dead[row] && n && size)
				put(w, column + from * size, n * size);
		}
	}
	align(w);
}

static void
put_start(struct writer *w, const struct source *s)
{
	uint32_t at = 0;

	put(w, &at, sizeof(at));
	for (size_t i = 0; i < s->count; i++) {
		const struct vector_part *p = s->parts[i];
		for (uint32_t row = 0; row < p->rows; row++) {
			if (p->dead[row])
				continue;
			at += p->start[row + 1] - p->start[row];
			put(w, &at, sizeof(at));
		}
	}
	align(w);
}

static void
put_order(struct writer *w, const struct source *s)
{
	SCOPED(free_pointer)
	uint8_t *keys = xcalloc((size_t)s->header.rows + 1, INDEX_KEY);
	SCOPED(free_pointer)
	uint32_t *order = xcalloc((size_t)s->header.rows + 1, sizeof(*order));
	uint32_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct vector_part *p = s->parts[i];
		for (uint32_t row = 0; row < p->rows; row++) {
			if (!p->dead[row])
				memcpy(keys + (size_t)n++ * INDEX_KEY,
				       p->keys + (size_t)row * INDEX_KEY,
				       INDEX_KEY);
		}
	}
	mapped_order_keys(keys, n, order);
	put(w, order, n * sizeof(*order));
	align(w);
}

/* Rows, pieces, and how many rows have each; false when damaged. */
static bool
measure(struct source *s)
{
	SCOPED(free_pointer)
	uint32_t *rows_with = xcalloc(VECTOR_PIECES_MAX, sizeof(*rows_with));
	uint32_t pieces[INDEX_TOKENS_MAX];
	uint64_t tokens = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct vector_part *p = s->parts[i];
		for (uint32_t row = 0; row < p->rows; row++) {
			uint32_t from = p->start[row];
			size_t n = p->start[row + 1] - from;
			if (p->dead[row])
				continue;
			s->header.rows++;
			tokens += n;
			n = vector_distinct(p->pieces + from, n, pieces);
			if (n && pieces[n - 1] >= VECTOR_PIECES_MAX)
				return false;
			for (size_t k = 0; k < n; k++)
				rows_with[pieces[k]]++;
		}
	}
	s->header.tokens = (uint32_t)tokens;
	s->counts = xcalloc(VECTOR_PIECES_MAX, sizeof(*s->counts));
	for (uint32_t i = 0; i < VECTOR_PIECES_MAX; i++)
		if (rows_with[i])
			s->counts[s->header.counts++] =
				(struct vector_count){i, rows_with[i]};
	return tokens <= UINT32_MAX;
}

static void
put_all(struct writer *w, const struct source *s)
{
	const struct vector_header *h = &s->header;

#define COLUMN(name) offsetof(struct vector_part, name)
	put(w, h, sizeof(*h));
	align(w);
	put_rows(w, s, COLUMN(marks), sizeof(uint64_t));
	put_rows(w, s, COLUMN(factors), sizeof(float));
	put_order(w, s);
	put_start(w, s);
	put_rows(w, s, COLUMN(keys), INDEX_KEY);
	put_rows(w, s, COLUMN(bytes), vector_stride(h->dimensions));
	put_rows(w, s, COLUMN(exact), h->dimensions * sizeof(float));
	put_tokens(w, s, COLUMN(pieces), sizeof(uint32_t));
	put_tokens(w, s, COLUMN(token_factors), sizeof(float));
	put_tokens(w, s, COLUMN(tokens), vector_stride(h->token_dimensions));
	put(w, s->counts, h->counts * sizeof(*s->counts));
	align(w);
	writer_flush(w);
#undef COLUMN
}

static bool
write_file(struct source *s, const char *path, struct error *err)
{
	SCOPED(close_fd)
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	SCOPED(free_pointer) char *bytes = xcalloc(1, PIECE);
	struct writer w = {.fd = fd, .bytes = bytes, .good = true};
	struct vector_layout layout;

	if (fd < 0)
		return error_set(err, ERROR_IO, "cannot write %s: %s", path,
				 strerror(errno));
	vector_layout(&s->header, &layout);
	s->header.size = layout.end;
	s->header.check =
		part_check(&s->header, offsetof(struct vector_header, check));
	put_all(&w, s);
	if (w.good && fsync(fd) != 0)
		w.good = error_set(&w.why, ERROR_IO, "%s", strerror(errno));
	if (w.good)
		return true;
	unlink(path);
	return error_set(err, w.why.code, "%s: %s", path, w.why.text);
}

/* One segment of these parts; *written stays NULL when no row is left. */
static bool
write_segment(struct index *ix, struct vector_part *const *parts, size_t count,
	      struct vector_segment **written, struct error *err)
{
	const struct vectors *v = &ix->vectors;
	SCOPED(vector_close) struct vector_segment *segment = NULL;
	struct source s = {.parts = parts, .count = count};
	const uint8_t *fingerprint =
		v->used ? v->model.fingerprint
			: v->segments[0]->header->fingerprint;
	char name[32];

	memcpy(s.header.magic, "mnemevec", 8);
	s.header.version = VECTOR_VERSION;
	s.header.dimensions = (uint32_t)parts[0]->dimensions;
	s.header.token_dimensions = (uint32_t)parts[0]->token_dimensions;
	memcpy(s.header.fingerprint, fingerprint, INDEX_FINGERPRINT);
	random_bytes(&s.header.stamp, sizeof(s.header.stamp));
	bool whole = measure(&s);
	SCOPED(free_pointer) struct vector_count *counts = s.counts;
	if (!whole)
		return error_set(err, ERROR_CONFLICT,
				 "the vectors are damaged");
	if (!s.header.rows)
		return true;
	snprintf(name, sizeof(name), "vectors-%016llx",
		 (unsigned long long)s.header.stamp);
	SCOPED(free_pointer) char *path = path_join(ix->dir, name);
	if (!write_file(&s, path, err))
		return false;
	segment = xcalloc(1, sizeof(*segment));
	(void)counts;
	if (!vector_map(segment, path, s.header.stamp, err))
		return false;
	*written = TAKE(segment);
	return true;
}

/* ---- all of them ---- */

/* The segments from here on are merged with the tail. */
static size_t
merge_from(const struct vectors *v)
{
	size_t from = v->count;
	uint64_t n = v->tail.part.rows - v->tail.part.dead_count;

	if (v->count >= MANIFEST_SEGMENTS_MAX - 1)
		return 0;
	if (!n)
		return from;
	while (from && v->segments[from - 1]->part.rows < ROWS_LARGE &&
	       n * MERGE_RATIO >= v->segments[from - 1]->part.rows)
		n += v->segments[--from]->part.rows;
	return from;
}

/* Rows whose document is gone, or another. */
static void
kill_orphans(struct index *ix)
{
	struct vectors *v = &ix->vectors;
	uint8_t *used[MANIFEST_SEGMENTS_MAX + 1] = {NULL};
	size_t parts = vectors_parts(v);

	vectors_place(ix);
	for (size_t i = 0; i < parts; i++)
		used[i] = xcalloc((size_t)vectors_part(v, i)->rows + 1, 1);
	for (size_t i = 0; i < v->placed; i++)
		if (v->places[i].part)
			used[v->places[i].part - 1][v->places[i].row] = 1;
	for (size_t i = 0; i < parts; i++) {
		struct vector_part *part = vectors_part(v, i);
		for (uint32_t row = 0; used[i] && row < part->rows; row++)
			if (!used[i][row])
				vector_kill(part, row);
		free(used[i]);
	}
	free(v->rows_with);
	v->rows_with = NULL;
}

static void
describe(const struct vector_segment *s, uint32_t number, struct manifest *m)
{
	m->vector_stamps[m->vector_segments++] = s->header->stamp;
	for (uint32_t row = 0; s->part.dead_count && row < s->part.rows;
	     row++) {
		if (!s->part.dead[row])
			continue;
		m->vector_removed =
			grow(m->vector_removed, &m->vector_removed_cap,
			     m->vector_removed_count + 1,
			     sizeof(*m->vector_removed));
		m->vector_removed[m->vector_removed_count++] =
			(struct manifest_removed){number, row};
	}
}

static bool
is_worn(const struct vector_segment *s, enum index_flush how)
{
	if (how == INDEX_PURGE)
		return s->part.dead_count > 0;
	return (uint64_t)s->part.dead_count * DEAD_RATIO > s->part.rows;
}

static bool
write_rest(struct index *ix, size_t from, struct vector_segment **written,
	   struct error *err)
{
	struct vectors *v = &ix->vectors;
	struct vector_part *parts[MANIFEST_SEGMENTS_MAX + 1];
	size_t n = 0;

	for (size_t i = from; i < v->count; i++)
		parts[n++] = &v->segments[i]->part;
	if (v->tail.part.rows > v->tail.part.dead_count)
		parts[n++] = &v->tail.part;
	return !n || write_segment(ix, parts, n, written, err);
}

bool
vectors_write(struct index *ix, enum index_flush how,
	      struct vector_segment **next, size_t *count, struct manifest *m,
	      struct error *err)
{
	struct vectors *v = &ix->vectors;
	size_t from;

	*count = 0;
	if (how == INDEX_PURGE)
		kill_orphans(ix);
	from = merge_from(v);
	for (size_t i = 0; i < from; i++) {
		struct vector_segment *s = v->segments[i];
		struct vector_part *part = &s->part;
		if (is_worn(s, how)) {
			s = NULL;
			if (!write_segment(ix, &part, 1, &s, err))
				return false;
		}
		if (s)
			next[(*count)++] = s;
	}
	struct vector_segment *rest = NULL;
	if (!write_rest(ix, from, &rest, err))
		return false;
	if (rest)
		next[(*count)++] = rest;
	for (size_t i = 0; i < *count; i++)
		describe(next[i], (uint32_t)i, m);
	return true;
}

static bool
is_among(struct vector_segment *const *list, size_t count,
	 const struct vector_segment *s)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == s)
			return true;
	return false;
}

void
vectors_adopt(struct index *ix, struct vector_segment **next, size_t count)
{
	struct vectors *v = &ix->vectors;

	for (size_t i = 0; i < v->count; i++)
		if (!is_among(next, count, v->segments[i]))
			vector_close(&v->segments[i]);
	memcpy(v->segments, next, count * sizeof(struct vector_segment *));
	v->count = count;
	vector_tail_clear(&v->tail);
	vectors_unplace(ix);
	v->trouble[0] = '\0';
}

void
vectors_give_up(struct index *ix, struct vector_segment **next, size_t count)
{
	struct vectors *v = &ix->vectors;

	for (size_t i = 0; i < count; i++)
		if (!is_among(v->segments, v->count, next[i]))
			vector_close(&next[i]);
}
