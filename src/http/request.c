/*
 * From the bytes of a connection to an exchange, and on with its body.
 *
 * When the whole request is in the block, the slices point there and what
 * follows it stays behind it.  When the body is still to come, the exchange
 * keeps the block for its head, and the connection takes a new one.
 */
#include <assert.h>

#include "http/answer.h"
#include "http/inner.h"
#include "mneme/loop.h"

static bool
begin_with(struct exchange *x, const struct head *head)
{
	struct http_exchange *public = &x->public;
	size_t bytes = head->field_count * sizeof(head->fields[0]);

	public->method = head->method;
	public->method_text = head->method_text;
	public->target = head->target;
	public->path = head->path;
	public->query = head->query;
	public->field_count = head->field_count;
	x->minor = head->minor;
	/* Room for what an owner usually needs, in one piece. */
	arena_reserve(&public->arena, ARENA_FIRST);
	if (bytes) {
		void *fields = arena_alloc(&public->arena, bytes, 1);
		public->fields = memcpy(fields, head->fields, bytes);
	}
	return head->close;
}

/* The client's name for the request, when it is a harmless one. */
static void
adopt_id(struct http_exchange *public)
{
	struct slice id = http_field(public, "x-request-id");

	if (!id.len || id.len > HTTP_ID_MAX)
		return;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.data[i];
		bool plain = (c >= '0' && c <= '9') ||
			     ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
			     c == '-' || c == '_' || c == '.';
		if (!plain)
			return;
	}
	memcpy(public->id, id.data, id.len);
	public->id[id.len] = '\0';
}

/* Through a proxy on this machine nobody is local.  Whether its word for the
 * address is taken is a setting. */
static void
look_behind_proxy(struct exchange *x)
{
	struct http_exchange *public = &x->public;
	struct slice last = {0}, item, list = {0};

	if (!public->local)
		return;
	for (size_t i = 0; i < public->field_count; i++) {
		struct slice name = public->fields[i].name;
		if (slice_is(name, "x-forwarded-for"))
			list = public->fields[i].value;
		if (slice_starts(name, "x-forwarded-") ||
		    slice_is(name, "forwarded") || slice_is(name, "x-real-ip"))
		public->local = false;
	}
	if (!x->server->settings.trust_local_forwarded || !list.data)
		return;
	while (slice_split(&list, ',', &item))
		last = slice_trim(item);
	if (!last.len || last.len >= HTTP_ADDRESS_MAX)
		return;
	memcpy(public->address, last.data, last.len);
	public->address[last.len] = '\0';
}

void
request_refuse(struct connection *c, int status, const char *code,
	       const char *why)
{
	struct exchange *x = exchange_take(c);

	x->minor = 1;
	x->body_whole = true;
	c->used = c->in ? c->in->len : 0;
	c->close = c->linger = true;
	c->state = ANSWERING;
	wait_for(c, WAIT_NOTHING);
	answer_refusal(x, status, code, "%s", why);
}

/* As above, with what is known of the request. */
static void
refuse_head(struct connection *c, const struct head *head,
	    const struct head_trouble *trouble)
{
	struct exchange *x = exchange_take(c);

	c->server->stats.bad_requests++;
	if (head) {
		begin_with(x, head);
		adopt_id(&x->public);
	}
	x->minor = 1;
	x->body_whole = true;
	c->used = c->in->len;
	c->close = c->linger = true;
	c->state = ANSWERING;
	wait_for(c, WAIT_NOTHING);
	answer_refusal(x, trouble->status, trouble->code, "%s", trouble->why);
}

static void
give_to_owner(struct connection *c)
{
	struct http_server *server = c->server;

	c->state = ANSWERING;
	wait_for(c, WAIT_NOTHING);
	server->handler.request(server->handler.arg, &c->exchange->public);
}

/* What the head function says; false when it has answered. */
static bool
ask_owner(struct connection *c, struct exchange *x)
{
	struct http_server *server = c->server;

	c->state = ANSWERING;
	if (server->handler.head) {
		x->in_head = true;
		server->handler.head(server->handler.arg, &x->public);
		x->in_head = false;
	}
	if (!x->begun && x->length > x->public.body_max)
		answer_refusal(x, 413, "body_too_large",
			       "the body of %zu bytes is over the %zu that are "
			       "taken here",
			       x->length, x->public.body_max);
	else if (x->ended && (!transfer_waiting(c) || c->broken))
		exchange_over(x);
	else if (!x->begun)
		return true;
	return false;
}

/* The body is still to come: the head keeps its block. */
static void
await_body(struct connection *c, struct exchange *x)
{
	static const struct iovec go_on = {
		(char *)"HTTP/1.1 100 Continue\r\n\r\n", 25};
	struct block *head = c->in;
	size_t rest = head->len - c->used;

	c->in = block_take(
		c->server,
		MAX(rest, (size_t)(x->chunked_in ? 16 << 10 : BLOCK_FIRST)));
	memcpy(c->in->data, head->data + c->used, rest);
	c->in->len = rest;
	c->used = 0;
	x->head = head;
	x->body.max = x->public.body_max;
	c->body_left = x->length;
	c->chunked = (struct chunked){0};
	c->window_seen = 0;
	c->state = READING_BODY;
	wait_for(c, WAIT_BODY);
	if (x->waits_for_continue && !rest) {
		transfer_send(c, &go_on, 1, OUT_MAX);
		if (c->waits_for != WAIT_BODY)
			wait_for(c, WAIT_BODY);
	}
}

static void
begin(struct connection *c, size_t end)
{
	struct http_server *server = c->server;
	struct head *head = &server->head;
	struct head_trouble trouble;

	if (!head_parse(c->in->data + c->scan.begin, end - c->scan.begin, head,
			&trouble)) {
		refuse_head(c, head, &trouble);
		return;
	}
	struct exchange *x = exchange_take(c);
	c->close |= begin_with(x, head);
	adopt_id(&x->public);
	look_behind_proxy(x);
	x->length = head->length > 0 ? (size_t)head->length : 0;
	x->chunked_in = head->chunked;
	x->body_whole = !head->chunked && x->length <= c->in->len - end;
	x->waits_for_continue = head->expect && !x->body_whole;
	c->used = end + (x->body_whole ? x->length : 0);
	c->body_left = 0;
	if (!ask_owner(c, x))
		return;
	if (!x->body_whole) {
		await_body(c, x);
		return;
	}
	x->public.body = slice_make(c->in->data + end, x->length);
	give_to_owner(c);
}

/* Returns whether there is more to do at once. */
static bool
run_head(struct connection *c)
{
	struct head_trouble trouble;
	size_t end = 0;

	if (!c->in || !c->in->len)
		return false;
	switch (head_scan(&c->scan, slice_make(c->in->data, c->in->len), &end,
			  &trouble)) {
	case HEAD_MORE:
		if (c->waits_for != WAIT_HEAD)
			wait_for(c, WAIT_HEAD);
		return false;
	case HEAD_BAD:
		refuse_head(c, NULL, &trouble);
		return true;
	default:
		begin(c, end);
		return true;
	}
}

static void
drop_input(struct connection *c, size_t n)
{
	c->in->len -= n;
	memmove(c->in->data, c->in->data + n, c->in->len);
}

static bool
body_too_long(struct connection *c)
{
	struct exchange *x = c->exchange;

	c->state = ANSWERING;
	c->close = c->linger = true;
	x->body_whole = true; /* as far as anybody looks */
	answer_refusal(x, 413, "body_too_large",
		       "the body is over the %zu bytes that are taken here",
		       x->public.body_max);
	return true;
}

static bool
body_is_bad(struct connection *c)
{
	struct exchange *x = c->exchange;

	c->server->stats.bad_requests++;
	c->state = ANSWERING;
	c->close = c->linger = true;
	x->body_whole = true;
	answer_refusal(x, 400, "bad_request",
		       "the body's chunks are malformed");
	return true;
}

static bool
run_chunks(struct connection *c)
{
	struct exchange *x = c->exchange;
	struct slice rest = slice_make(c->in->data, c->in->len), piece;
	enum chunked_found found;

	while ((found = chunked_next(&c->chunked, &rest, &piece)) ==
	       CHUNKED_DATA)
		if (!buf_add_slice(&x->body, piece))
			return body_too_long(c);
	if (found == CHUNKED_BAD)
		return body_is_bad(c);
	drop_input(c, c->in->len - rest.len);
	if (found == CHUNKED_MORE)
		return false;
	x->body_whole = true;
	x->public.body = buf_slice(&x->body);
	give_to_owner(c);
	return true;
}

static bool
run_body(struct connection *c)
{
	struct exchange *x = c->exchange;

	if (x->chunked_in)
		return c->in && run_chunks(c);
	if (c->in && c->in->len) {
		size_t n = MIN(c->body_left, c->in->len);
		buf_add(&x->body, c->in->data, n);
		drop_input(c, n);
		c->body_left -= n;
	}
	if (c->body_left)
		return false;
	x->body_whole = true;
	x->public.body = buf_slice(&x->body);
	give_to_owner(c);
	return true;
}

static bool
run_skip(struct connection *c)
{
	if (c->in && c->in->len) {
		size_t n = MIN(c->body_left, c->in->len);
		drop_input(c, n);
		c->body_left -= n;
	}
	if (c->body_left)
		return false;
	connection_next(c);
	return true;
}

void
request_run(struct connection *c)
{
	bool more = true;

	while (more && !c->broken) {
		switch (c->state) {
		case READING_HEAD:
			more = run_head(c);
			break;
		case READING_BODY:
			more = run_body(c);
			break;
		case SKIPPING:
			more = run_skip(c);
			break;
		default:
			return;
		}
	}
}
