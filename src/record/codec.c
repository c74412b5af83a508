/*
 * codec.c - fields to bytes and back.
 *
 * Reading is total: lengths are checked against what is left before anything
 * is made, counts against the bytes that their elements need at least, and a
 * row must be used up exactly.
 */
#include "record/codec.h"

#include "mneme/error.h"
#include "mneme/record.h"
#include "mneme/utf8.h"

#include <math.h>
#include <string.h>

enum { ROW_COPY_MAX = 1024 };

static void
fail(struct codec *c, enum error_code code, const char *why)
{
	if (!c->failed)
		error_set(c->err, code, "%s", why);
	c->failed = true;
	c->in.len = 0;
}

static void
damaged(struct codec *c)
{
	fail(c, ERROR_IO, "a record of the store is damaged");
}

static bool
take(struct codec *c, void *out, size_t len)
{
	if (c->failed || c->in.len < len) {
		memset(out, 0, len);
		damaged(c);
		return false;
	}
	memcpy(out, c->in.data, len);
	c->in = slice_make(c->in.data + len, c->in.len - len);
	return true;
}

void
code_raw(struct codec *c, void *bytes, size_t len)
{
	if (c->out)
		buf_add(c->out, bytes, len);
	else
		take(c, bytes, len);
}

static void
write_u64(struct codec *c, uint64_t n)
{
	char bytes[10];
	size_t len = 0;

	for (; n > 0x7f; n >>= 7)
		bytes[len++] = (char)(0x80 | (n & 0x7f));
	bytes[len++] = (char)n;
	buf_add(c->out, bytes, len);
}

static uint64_t
read_u64(struct codec *c)
{
	uint64_t n = 0;
	uint8_t byte;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (!take(c, &byte, 1))
			return 0;
		if (shift == 63 && byte > 1)
			break;
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return n;
	}
	damaged(c);
	return 0;
}

void
code_u64(struct codec *c, uint64_t *n)
{
	if (c->out)
		write_u64(c, *n);
	else
		*n = read_u64(c);
}

void
code_u32(struct codec *c, uint32_t *n)
{
	uint64_t wide = *n;

	code_u64(c, &wide);
	if (wide > UINT32_MAX) {
		damaged(c);
		wide = 0;
	}
	*n = (uint32_t)wide;
}

void
code_i64(struct codec *c, int64_t *n)
{
	uint64_t bits = (uint64_t)*n;
	uint64_t zigzag = (bits << 1) ^ (*n < 0 ? UINT64_MAX : 0);

	code_u64(c, &zigzag);
	if (!c->out)
		*n = (int64_t)((zigzag >> 1) ^ (zigzag & 1 ? UINT64_MAX : 0));
}

unsigned
code_enum(struct codec *c, unsigned value, unsigned count)
{
	uint64_t n = value;

	code_u64(c, &n);
	if (n < count)
		return (unsigned)n;
	if (c->out)
		fail(c, ERROR_INVALID, "a value that no record can have");
	else
		damaged(c);
	return 0;
}

unsigned
code_version(struct codec *c, unsigned newest)
{
	uint64_t version = newest;

	code_u64(c, &version);
	if (version > newest)
		fail(c, ERROR_SETUP,
		     "a newer mneme wrote this store: "
		     "use that one");
	if (version == 0)
		damaged(c);
	return c->failed ? newest : (unsigned)version;
}

void
code_bool(struct codec *c, bool *b)
{
	*b = code_enum(c, *b, 2);
}

void
code_double(struct codec *c, double *d)
{
	uint64_t bits;
	uint8_t bytes[8];

	memcpy(&bits, d, sizeof(bits));
	store_key_u64(bits, bytes);
	code_raw(c, bytes, sizeof(bytes));
	bits = store_key_read_u64(bytes);
	memcpy(d, &bits, sizeof(bits));
	if (isfinite(*d))
		return;
	*d = 0;
	if (c->out)
		fail(c, ERROR_INVALID, "a number that is none");
	else
		damaged(c);
}

void
code_id(struct codec *c, struct id *id)
{
	code_raw(c, id->bytes, sizeof(id->bytes));
}

void
code_blob(struct codec *c, struct slice *s, size_t max)
{
	uint64_t len = s->len;

	if (c->out && len > max) {
		if (!c->failed)
			error_set(c->err, ERROR_LIMIT,
				  "%zu bytes, at most %zu fit", s->len, max);
		c->failed = true;
		return;
	}
	code_u64(c, &len);
	if (c->out) {
		buf_add(c->out, s->data, s->len);
		return;
	}
	*s = (struct slice){0};
	if (len > max || len > c->in.len) {
		damaged(c);
		return;
	}
	if (len == 0)
		return;
	*s = slice_make(c->in.data, (size_t)len);
	c->in = slice_make(c->in.data + len, c->in.len - (size_t)len);
}

void
code_text(struct codec *c, struct slice *s, size_t max)
{
	if (c->out && s->len <= max && !utf8_valid(*s))
		fail(c, ERROR_INVALID, "text that is not UTF-8");
	code_blob(c, s, max);
}

size_t
code_count(struct codec *c, size_t n, const void **array, size_t size)
{
	uint64_t count = n;

	if (c->out && n > RECORD_LIST_MAX) {
		fail(c, ERROR_LIMIT, "too many parts in one record");
		return 0;
	}
	code_u64(c, &count);
	if (c->out)
		return n;
	*array = NULL;
	if (count > RECORD_LIST_MAX || count > c->in.len) {
		damaged(c);
		return 0;
	}
	if (count > 0)
		*array = arena_alloc(c->arena, (size_t)count, size);
	return (size_t)count;
}

bool
row_put(struct store_txn *txn, enum store_table table, struct slice key,
	fields_fn *fields, const void *record, size_t size, struct error *err)
{
	/* A field function may write; when writing it only reads, but what
	 * the caller gave is const. */
	_Alignas(max_align_t) char copy[ROW_COPY_MAX];
	struct buf out = {0};
	struct codec c = {.out = &out, .err = err};
	bool good = false;

	if (size > sizeof(copy))
		return error_set(err, ERROR_INVALID, "a record too large");
	memcpy(copy, record, size);
	buf_init(&out, STORE_VALUE_MAX);
	fields(&c, copy);
	if (!c.failed && out.over)
		fail(&c, ERROR_LIMIT, "a record of over 64 MiB");
	if (!c.failed)
		good = store_put(txn, table, key, buf_slice(&out), err);
	buf_clear(&out);
	return good;
}

bool
row_read(struct slice value, fields_fn *fields, void *record,
	 struct arena *arena, struct error *err)
{
	struct codec c = {.arena = arena, .err = err};

	if (value.len > 0)
		c.in = arena_copy(arena, value);
	fields(&c, record);
	if (!c.failed && c.in.len > 0)
		damaged(&c);
	return !c.failed;
}

bool
row_get(struct store_txn *txn, enum store_table table, struct slice key,
	fields_fn *fields, void *record, struct arena *arena, bool *found,
	struct error *err)
{
	struct slice value;

	if (!store_get(txn, table, key, &value, err))
		return false;
	*found = value.data != NULL;
	return !*found || row_read(value, fields, record, arena, err);
}
