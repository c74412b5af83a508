/*
 * Answers.  The head is put together in the server's scratch and goes out with
 * the body in one call.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "http/answer.h"
#include "http/inner.h"
#include "mneme/clock.h"
#include "mneme/printer.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{206, "Partial Content"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{411, "Length Required"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{421, "Misdirected Request"},
	{422, "Unprocessable Content"},
	{426, "Upgrade Required"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{499, "Client Closed Request"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
	{505, "HTTP Version Not Supported"},
	{507, "Insufficient Storage"},
};

const char *
http_reason(int status)
{
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

/* ---- fields of the owner's */

void
http_add(struct http_exchange *public, const char *name, struct slice value)
{
	struct exchange *x = HOLDER(public, struct exchange, public);

	assert(head_is_token(slice_of(name)) && !x->begun);
	buf_adds(&x->fields, name);
	buf_adds(&x->fields, ": ");
	size_t from = x->fields.len;
	buf_add_slice(&x->fields, value);
	for (size_t i = from; i < x->fields.len; i++) {
		uint8_t c = (uint8_t)x->fields.data[i];
		if (c < ' ' || c == 0x7F)
			x->fields.data[i] = ' ';
	}
	buf_adds(&x->fields, "\r\n");
}

void
http_addf(struct http_exchange *x, const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	http_add(x, name, slice_of(text));
}

/* ---- the head */

static void
add_number(struct buf *out, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	buf_add(out, digits + at, sizeof(digits) - at);
}

/* "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", made once a second. */
static void
add_date(struct http_server *server, struct buf *out)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed",
				       "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr",
					 "May", "Jun", "Jul", "Aug",
					 "Sep", "Oct", "Nov", "Dec"};
	int64_t now = clock_now();

	if (now / CLOCK_SECOND != server->date_second) {
		struct clock_civil t = clock_civil(now, false);
		server->date_second = now / CLOCK_SECOND;
		snprintf(server->date, sizeof(server->date),
			 "Date: %s, %02u %s %04u %02u:%02u:%02u GMT\r\n",
			 days[t.weekday % 7], (unsigned)t.day % 100,
			 months[(t.month - 1) % 12], (unsigned)t.year % 10000,
			 (unsigned)t.hour % 100, (unsigned)t.minute % 100,
			 (unsigned)t.second % 100);
	}
	buf_adds(out, server->date);
}

/* The body of the request has not come whole, and will not be looked at: read
 * on over it when it is short, else close. */
static void
give_up_body(struct exchange *x)
{
	struct connection *c = x->connection;

	if (x->body_whole)
		return;
	if (x->chunked_in || x->length > SKIP_MAX || x->waits_for_continue) {
		c->close = c->linger = true;
		return;
	}
	c->body_left = x->length;
}

void
answer_head(struct exchange *x, int status, const char *type, int64_t length)
{
	struct connection *c = x->connection;
	struct buf *out = &x->server->scratch;

	give_up_body(x);
	c->close |= x->server->stopping || (length < 0 && !x->minor);
	x->chunked = length < 0 && x->minor;
	buf_reset(out);
	buf_adds(out, "HTTP/1.1 ");
	add_number(out, (uint64_t)status);
	buf_addc(out, ' ');
	buf_adds(out, http_reason(status));
	buf_adds(out, "\r\n");
	add_date(x->server, out);
	if (type) {
		buf_adds(out, "Content-Type: ");
		buf_adds(out, type);
		buf_adds(out, "\r\n");
	}
	if (length >= 0 && status != 204 && status != 304) {
		buf_adds(out, "Content-Length: ");
		add_number(out, (uint64_t)length);
		buf_adds(out, "\r\n");
	} else if (x->chunked) {
		buf_adds(out, "Transfer-Encoding: chunked\r\n");
	}
	buf_adds(out, "X-Request-Id: ");
	buf_adds(out, x->public.id);
	buf_adds(out, "\r\n");
	buf_add(out, x->fields.data, x->fields.len);
	buf_adds(out, c->close ? "Connection: close\r\n\r\n" : "\r\n");
}

void
http_answer(struct http_exchange *public, int status, const char *type,
	    struct slice body)
{
	struct exchange *x = HOLDER(public, struct exchange, public);
	struct connection *c = x->connection;

	assert(!x->begun);
	x->begun = x->ended = true;
	public->status = status;
	if (!c) {
		x->server->owed--;
		exchange_over(x);
		return;
	}
	if (status == 204 || status == 304)
		body = (struct slice){0};
	answer_head(x, status, type, (int64_t)body.len);
	if (public->method == HTTP_HEAD)
		body.len = 0;
	struct iovec iov[] = {
		{x->server->scratch.data, x->server->scratch.len},
		{(char *)body.data, body.len},
	};
	public->bytes_out = body.len;
	transfer_send(c, iov, body.len ? 2 : 1, OUT_MAX);
	if (!transfer_waiting(c) || c->broken)
		exchange_flushed(x);
}

static void
send_problem(struct http_exchange *x, int status, const char *code,
	     const char *detail)
{
	SCOPED(buf_clear) struct buf body;
	struct printer p;

	buf_init(&body, 16 << 10);
	printer_init(&p, PRINTER_JSON, &body);
	printer_map(&p);
	printer_add_word(&p, "type", "about:blank");
	printer_add_word(&p, "title", http_reason(status));
	printer_add_int(&p, "status", status);
	printer_add_word(&p, "detail", detail);
	printer_add_word(&p, "code", code);
	printer_add_word(&p, "request_id", x->id);
	printer_end(&p);
	http_answer(x, status, "application/problem+json", buf_slice(&body));
}

void
http_problem(struct http_exchange *x, int status, const char *code,
	     const char *fmt, ...)
{
	char detail[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	send_problem(x, status, code, detail);
}

void
answer_refusal(struct exchange *x, int status, const char *code,
	       const char *fmt, ...)
{
	const struct http_handler *handler = &x->server->handler;
	char why[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (handler->refused)
		handler->refused(handler->arg, &x->public, status, code, why);
	else
		send_problem(&x->public, status, code, why);
}
