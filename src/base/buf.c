#include "mneme/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void
buf_clear(struct buf *b)
{
	free(b->data);
	*b = (struct buf){.max = b->max};
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->over = false;
	if (b->data)
		b->data[0] = '\0';
}

char *
buf_room(struct buf *b, size_t len)
{
	if (len > b->max || b->len > b->max - len) {
		b->over = true;
		return NULL;
	}
	if (b->len + len + 1 > b->cap) {
		size_t want =
			MAX(b->len + len + 1, MAX(b->cap * 2, (size_t)64));
		b->data = grow(b->data, &b->cap, MIN(want, b->max + 1), 1);
		b->data[b->len] = '\0';
	}
	return b->data + b->len;
}

bool
buf_add(struct buf *b, const void *data, size_t len)
{
	char *room = buf_room(b, len);

	if (!room)
		return false;
	if (len)
		memcpy(room, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return true;
}

bool
buf_add_slice(struct buf *b, struct slice s)
{
	return buf_add(b, s.data, s.len);
}

bool
buf_adds(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

bool
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

bool
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);

	char *room = buf_room(b, (size_t)n);
	if (!room)
		return false;
	va_start(ap, fmt);
	vsnprintf(room, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return true;
}

void
buf_drop(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (len == 0)
		return;
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

struct slice
buf_slice(const struct buf *b)
{
	return (struct slice){buf_text(b), b->len};
}

const char *
buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *
buf_take(struct buf *b)
{
	char *data = b->data ? b->data : xcalloc(1, 1);

	*b = (struct buf){.max = b->max};
	return data;
}
