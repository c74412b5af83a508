/*
 * An exchange is taken from the server's spares, so that a request allocates
 * nothing once the server is warm: its arena keeps a block, its bufs their
 * memory.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "http/inner.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/printer.h"

enum { FIELDS_OUT_MAX = 64 << 10, KEEP_MAX = 8 << 10 };

struct block *
block_take(struct http_server *server, size_t cap)
{
	struct block *block = server->blocks;

	if (cap == BLOCK_FIRST && block) {
		server->blocks = block->next;
		server->block_count--;
	} else {
		block = xrealloc(NULL, 1, sizeof(*block) + cap);
		block->cap = cap;
	}
	block->next = NULL;
	block->len = 0;
	return block;
}

void
block_give(struct http_server *server, struct block **block)
{
	struct block *b = *block;

	*block = NULL;
	if (!b)
		return;
	if (b->cap != BLOCK_FIRST || server->block_count == SPARES) {
		free(b);
		return;
	}
	b->next = server->blocks;
	server->blocks = b;
	server->block_count++;
}

static void
make_id(struct http_server *server, char *out)
{
	static const char digits[] = "0123456789abcdef";

	/* splitmix64: one to one, so ids repeat no sooner than counters. */
	uint64_t z = server->id_seed +
		     ++server->id_count * UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	z ^= z >> 31;
	for (int i = 0; i < 16; i++, z >>= 4)
		out[i] = digits[z & 15];
	out[16] = '\0';
}

struct exchange *
exchange_take(struct connection *c)
{
	struct http_server *server = c->server;
	struct exchange *x = server->exchanges;

	if (x) {
		server->exchanges = x->next;
		server->exchange_count--;
		x->next = NULL;
	} else {
		x = xcalloc(1, sizeof(*x));
		buf_init(&x->body, HTTP_BODY_MAX);
		buf_init(&x->fields, FIELDS_OUT_MAX);
	}
	x->server = server;
	x->connection = c;
	x->public.body_max = HTTP_BODY_MAX;
	x->public.local = c->local;
	x->public.secure = c->tls != NULL;
	x->public.began = loop_now(server->loop);
	memcpy(x->public.address, c->address, sizeof(c->address));
	make_id(server, x->public.id);
	c->exchange = x;
	server->stats.exchanges++;
	return x;
}

static void
release(struct exchange *x)
{
	struct http_server *server = x->server;
	struct arena arena = x->public.arena;
	struct buf body = x->body, fields = x->fields;

	list_unlink(&x->lost);
	block_give(server, &x->head);
	if (arena.used > KEEP_MAX)
		arena_clear(&arena);
	else
		arena_reset(&arena);
	if (body.cap > KEEP_MAX)
		buf_clear(&body);
	if (fields.cap > KEEP_MAX)
		buf_clear(&fields);
	if (server->exchange_count == SPARES || server->destroyed) {
		arena_clear(&arena);
		buf_clear(&body);
		buf_clear(&fields);
		free(x);
		return;
	}
	buf_reset(&body);
	buf_reset(&fields);
	*x = (struct exchange){.body = body,
			       .fields = fields,
			       .public.arena = arena,
			       .next = server->exchanges};
	server->exchanges = x;
	server->exchange_count++;
}

void
exchange_free_spares(struct http_server *server)
{
	while (server->exchanges) {
		struct exchange *x = server->exchanges;
		server->exchanges = x->next;
		arena_clear(&x->public.arena);
		buf_clear(&x->body);
		buf_clear(&x->fields);
		free(x);
	}
	while (server->blocks) {
		struct block *block = server->blocks;
		server->blocks = block->next;
		free(block);
	}
	server->exchange_count = server->block_count = 0;
}

/* The last byte is out, or nobody is there to get it. */
void
exchange_over(struct exchange *x)
{
	struct http_server *server = x->server;
	struct connection *c = x->connection;

	if (!c || c->broken)
		x->public.gone = true;
	if (!x->public.status)
		x->public.status = 499;
	if (x->stream)
		server->stats.streams--;
	server->stats.exchanges--;
	if (server->handler.finished)
		server->handler.finished(server->handler.arg, &x->public);
	if (c) {
		c->exchange = NULL;
		if (!x->head && c->in) {
			/* What follows this request comes to the front. */
			c->in->len -= c->used;
			memmove(c->in->data, c->in->data + c->used, c->in->len);
		}
		c->used = 0;
	}
	release(x);
	if (c)
		connection_next(c);
	server_free_when_done(server);
}

void
exchange_tell_stopping(struct exchange *x)
{
	if (x->ended || x->told >= TOLD_STOPPING)
		return;
	x->told = TOLD_STOPPING;
	if (x->events.stopping)
		x->events.stopping(x->events.arg);
}

static void
tell_gone(struct exchange *x)
{
	if (x->ended || x->told == TOLD_GONE)
		return;
	x->told = TOLD_GONE;
	if (x->events.gone)
		x->events.gone(x->events.arg);
}

/* Its connection goes away. */
void
exchange_lose(struct exchange *x)
{
	bool owners = x->connection->state == ANSWERING && !x->ended;

	x->public.gone = true;
	x->connection->exchange = NULL;
	if (!x->head && x->connection->in) {
		x->head = x->connection->in;
		x->connection->in = NULL;
	}
	x->connection = NULL;
	if (!owners) {
		exchange_over(x);
		return;
	}
	x->server->owed++;
	tell_gone(x);
}

void
exchange_lose_later(struct exchange *x)
{
	list_unlink(&x->lost);
	list_insert(&x->server->lost, &x->lost);
	loop_timer_set(x->server->sweep, 0);
}

void
exchange_tell_lost(struct http_server *server)
{
	while (!list_empty(&server->lost)) {
		struct exchange *x =
			HOLDER(server->lost.next, struct exchange, lost);
		list_unlink(&x->lost);
		if (x->connection && !x->connection->eof)
			exchange_tell_stopping(x);
		else
			tell_gone(x);
	}
}

/* Everything that waited is with the kernel. */
void
exchange_flushed(struct exchange *x)
{
	if (x->ended && !x->in_head)
		exchange_over(x);
}

void
http_watch(struct http_exchange *public,
	   const struct http_stream_events *events)
{
	struct exchange *x = HOLDER(public, struct exchange, public);

	assert(!x->begun);
	x->events = *events;
	if (!x->connection || x->connection->eof)
		exchange_lose_later(x);
}

struct slice
http_field(const struct http_exchange *x, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < x->field_count; i++)
		if (x->fields[i].name.len == len &&
		    memcmp(x->fields[i].name.data, name, len) == 0)
			return x->fields[i].value;
	return (struct slice){0};
}
