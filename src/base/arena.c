#include "mneme/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Blocks double, so an arena of n bytes costs about log n allocations.  The
 * newest block is first and is the only one that still hands out. */
struct arena_block {
	struct arena_block *next;
	size_t cap;
	size_t len;
	alignas(max_align_t) char data[];
};

enum { BLOCK_FIRST = 1024, BLOCK_MOST = 1 << 20 };

static struct arena_block *
add_block(struct arena *a, size_t need)
{
	size_t cap = a->blocks ? MIN(a->blocks->cap * 2, (size_t)BLOCK_MOST)
			       : BLOCK_FIRST;

	cap = MAX(cap, need);
	struct arena_block *b = xrealloc(NULL, 1, sizeof(*b) + cap);
	*b = (struct arena_block){.next = a->blocks, .cap = cap};
	a->blocks = b;
	return b;
}

void *
arena_alloc(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		abort();
	bytes = (bytes + alignof(max_align_t) - 1) &
		~(alignof(max_align_t) - 1);

	struct arena_block *b = a->blocks;
	if (!b || b->cap - b->len < bytes)
		b = add_block(a, bytes);
	void *p = b->data + b->len;
	b->len += bytes;
	a->used += bytes;
	return memset(p, 0, bytes);
}

char *
arena_text(struct arena *a, struct slice s)
{
	char *text = arena_alloc(a, s.len + 1, 1);

	if (s.len)
		memcpy(text, s.data, s.len);
	return text;
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	return slice_make(arena_text(a, s), s.len);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);

	char *text = arena_alloc(a, (size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return text;
}

static void
free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;
		free(b);
		b = next;
	}
}

void
arena_reserve(struct arena *a, size_t bytes)
{
	if (!a->blocks)
		add_block(a, bytes);
}

void
arena_reset(struct arena *a)
{
	if (!a->blocks)
		return;
	free_blocks(a->blocks->next);
	a->blocks->next = NULL;
	a->blocks->len = 0;
	a->used = 0;
}

void
arena_clear(struct arena *a)
{
	free_blocks(a->blocks);
	*a = (struct arena){0};
}

struct arena
arena_take(struct arena *a)
{
	struct arena taken = *a;

	*a = (struct arena){0};
	return taken;
}
