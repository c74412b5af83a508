/*
 * openapi.c - the table of routes as an OpenAPI 3.1 document, made once.
 */
#include <stdlib.h>

#include "api/private.h"
#include "api/schemas.h"

static const char *
media_type(const struct route *r)
{
	return r->type ? r->type : "application/json";
}

/* ---- parameters */

static void
path_parameters(struct printer *p, const struct route *r)
{
	for (const char *at = strchr(r->path, '{'); at; at = strchr(at, '{')) {
		size_t len = strcspn(++at, "}");

		printer_map(p);
		printer_add_string(p, "name", slice_make(at, len));
		printer_add_word(p, "in", "path");
		printer_add_bool(p, "required", true);
		printer_key(p, "schema");
		printer_map(p);
		printer_add_word(p, "type", "string");
		printer_add_int(p, "minLength", 1);
		printer_add_int(p, "maxLength", 256);
		printer_end(p);
		printer_end(p);
	}
}

static void
query_parameters(struct printer *p, const struct route *r)
{
	for (size_t i = 0; r->query && i < r->query->count; i++) {
		const struct schema_field *f = &r->query->fields[i];

		printer_map(p);
		printer_add_word(p, "name", f->name);
		printer_add_word(p, "in", "query");
		printer_add_bool(p, "required", f->flags & FIELD_NEEDED);
		if (f->help)
			printer_add_word(p, "description", f->help);
		printer_key(p, "schema");
		schema_print_field(p, f);
		printer_end(p);
	}
}

static void
parameters(struct printer *p, const struct route *r)
{
	printer_key(p, "parameters");
	printer_list(p);
	path_parameters(p, r);
	query_parameters(p, r);
	printer_end(p);
}

/* Headers are told in words: a generator's odd values would not reach us. */
static void
description(struct printer *p, const struct route *r)
{
	SCOPED(buf_clear) struct buf out;

	buf_init(&out, 4096);
	buf_addf(&out, "%s.", r->summary);
	if (r->flags & ROUTE_ONCE)
		buf_adds(&out, " With an Idempotency-Key header a request that "
			       "is sent again is not done again.");
	if (r->flags & ROUTE_PAGED)
		buf_adds(&out, " A Link header with rel=\"next\" leads to the "
			       "next page.");
	if (r->handle == message_resume)
		buf_adds(&out, " The header Last-Event-ID names the event that "
			       "was seen last.");
	if (r->handle == openai_chat)
		buf_adds(&out, " X-Mneme-Memory: off keeps memory out; "
			       "X-Mneme-Conversation names the conversation "
			       "that it is stored in.");
	printer_add_word(p, "description", buf_text(&out));
}

/* ---- bodies */

static void
body_of_type(struct printer *p, const char *type, const struct schema *schema)
{
	printer_key(p, type);
	printer_map(p);
	printer_key(p, "schema");
	schema_print_reference(p, schema);
	printer_key(p, "example");
	schema_print_example(p, schema);
	printer_end(p);
}

static void
request_body_of(struct printer *p, const struct route *r)
{
	if (!r->body)
		return;
	printer_key(p, "requestBody");
	printer_map(p);
	printer_add_bool(p, "required", schema_needs(r->body));
	printer_key(p, "content");
	printer_map(p);
	body_of_type(p, "application/json", r->body);
	if (r->flags & ROUTE_FORM) {
		body_of_type(p, "application/x-www-form-urlencoded", r->body);
		body_of_type(p, "multipart/form-data", r->body);
	}
	printer_end(p);
	printer_end(p);
}

/* ---- answers */

static void
answer_schema(struct printer *p, const struct route *r)
{
	if (r->handle == memories_list) {
		printer_map(p);
		printer_key(p, "oneOf");
		printer_list(p);
		printer_map(p);
		printer_add_word(p, "type", "array");
		printer_key(p, "items");
		schema_print_reference(p, r->answer);
		printer_end(p);
		printer_map(p);
		printer_add_word(p, "type", "object");
		printer_add_word(p, "description", "With q: what was found");
		printer_key(p, "required");
		printer_list(p);
		printer_string(p, slice_of("query"));
		printer_string(p, slice_of("results"));
		printer_string(p, slice_of("answerable"));
		printer_end(p);
		printer_end(p);
		printer_end(p);
		printer_end(p);
		return;
	}
	if (!(r->flags & ROUTE_LIST)) {
		schema_print_reference(p, r->answer);
		return;
	}
	printer_map(p);
	printer_add_word(p, "type", "array");
	printer_key(p, "items");
	schema_print_reference(p, r->answer);
	printer_end(p);
}

static void
events_answer(struct printer *p)
{
	static const char *const parts[] = {"id", "event", "data"};

	printer_key(p, "text/event-stream");
	printer_map(p);
	printer_key(p, "schema");
	printer_map(p);
	printer_add_word(p, "type", "object");
	printer_add_word(p, "description",
			 "Lines \"data: {json}\": start, memories, chunk, then "
			 "complete or "
			 "error, then [DONE]");
	printer_key(p, "properties");
	printer_map(p);
	for (size_t i = 0; i < COUNT(parts); i++) {
		printer_key(p, parts[i]);
		printer_map(p);
		printer_add_word(p, "type", "string");
		printer_end(p);
	}
	printer_end(p);
	printer_key(p, "required");
	printer_list(p);
	printer_string(p, slice_of("data"));
	printer_end(p);
	printer_end(p);
	printer_end(p);
}

static void
good_content(struct printer *p, const struct route *r)
{
	bool events = r->handle == message_resume;
	bool plain_text = (r->flags & ROUTE_TEXT) && !events;

	if (!r->answer && !plain_text && !events)
		return;
	printer_key(p, "content");
	printer_map(p);
	if (plain_text) {
		printer_key(p, media_type(r));
		printer_map(p);
		printer_key(p, "schema");
		printer_map(p);
		if (r->handle == api_openapi)
			printer_add_word(p, "type", "object");
		else
			printer_add_word(p, "type", "string");
		printer_end(p);
		printer_end(p);
	} else if (!events) {
		printer_key(p, "application/json");
		printer_map(p);
		printer_key(p, "schema");
		answer_schema(p, r);
		printer_key(p, "example");
		if (r->flags & ROUTE_LIST)
			printer_list(p);
		schema_print_example(p, r->answer);
		if (r->flags & ROUTE_LIST)
			printer_end(p);
		printer_end(p);
	}
	if ((r->flags & ROUTE_EVENTS) && !plain_text)
		events_answer(p);
	printer_end(p);
}

static void
good_answer(struct printer *p, const struct route *r, int status)
{
	SCOPED(free_pointer) char *number = xasprintf("%d", status);

	printer_key(p, number);
	printer_map(p);
	printer_add_word(p, "description", http_reason(status));
	good_content(p, r);
	printer_end(p);
}

static void
bad_answer(struct printer *p, const char *status, bool openai)
{
	printer_key(p, status);
	printer_map(p);
	printer_key(p, "$ref");
	SCOPED(free_pointer)
	char *where = xasprintf("#/components/responses/%s%s",
				openai ? "OpenAI" : "", status);
	printer_string(p, slice_of(where));
	printer_end(p);
}

static const char *const bad_statuses[] = {
	"400", "401", "403", "404", "408", "409", "413", "414",
	"415", "422", "429", "431", "500", "502", "503", "504",
};

/* Which of them the route may give. */
static bool
may_give(const struct route *r, const char *status)
{
	bool openai = r->flags & ROUTE_OPENAI;
	bool model = r->limit == LIMIT_CHAT || r->handle == openai_models ||
		     r->handle == openai_model;
	int n = atoi(status);

	switch (n) {
	case 401:
		return r->access != ANYONE || r->limit == LIMIT_LOGIN;
	case 403:
		return r->access == WRITER || r->access == SIGNED_IN;
	case 404:
		return strchr(r->path, '{') || openai ||
		       r->handle == message_send_anywhere ||
		       r->handle == memories_list ||
		       r->handle == auth_google_route;
	case 409:
		return r->method != HTTP_GET || (r->flags & ROUTE_EVENTS);
	case 413:
	case 415:
		return r->body != NULL;
	case 422:
		return !openai;
	case 502:
	case 504:
		return model || r->handle == auth_google_route;
	default:
		return true;
	}
}

static void
answers(struct printer *p, const struct route *r)
{
	printer_key(p, "responses");
	printer_map(p);
	good_answer(p, r, r->status);
	if (r->handle == message_cancel)
		good_answer(p, r, 200);
	if (r->handle == message_send || r->handle == message_send_anywhere)
		good_answer(p, r, 200);
	for (size_t i = 0; i < COUNT(bad_statuses); i++)
		if (may_give(r, bad_statuses[i]))
			bad_answer(p, bad_statuses[i], r->flags & ROUTE_OPENAI);
	printer_end(p);
}

/* ---- operations */

static void
operation(struct printer *p, const struct route *r)
{
	SCOPED(buf_clear) struct buf name;

	buf_init(&name, 256);
	buf_adds(&name, r->method == HTTP_GET     ? "get"
			: r->method == HTTP_POST  ? "post"
			: r->method == HTTP_PUT   ? "put"
			: r->method == HTTP_PATCH ? "patch"
						  : "delete");
	printer_key(p, buf_text(&name));
	for (const char *at = r->path; *at; at++)
		buf_addc(&name, strchr("/{}.", *at) ? '_' : *at);
	printer_map(p);
	printer_add_word(p, "operationId", buf_text(&name));
	printer_key(p, "tags");
	printer_list(p);
	printer_string(p, slice_of(r->tag));
	printer_end(p);
	printer_add_word(p, "summary", r->summary);
	description(p, r);
	parameters(p, r);
	request_body_of(p, r);
	answers(p, r);
	printer_key(p, "security");
	printer_list(p);
	if (r->access != ANYONE) {
		printer_map(p);
		printer_key(p, "bearer");
		printer_list(p);
		printer_end(p);
		printer_end(p);
	}
	printer_end(p);
	printer_end(p);
}

static bool
path_seen(size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(routes[i].path, routes[at].path) == 0)
			return true;
	return false;
}

static void
paths(struct printer *p)
{
	printer_key(p, "paths");
	printer_map(p);
	for (size_t i = 0; i < route_count; i++) {
		if (path_seen(i))
			continue;
		printer_key(p, routes[i].path);
		printer_map(p);
		for (size_t k = i; k < route_count; k++)
			if (strcmp(routes[k].path, routes[i].path) == 0)
				operation(p, &routes[k]);
		printer_end(p);
	}
	printer_end(p);
}

/* ---- components */

static void
bad_component(struct printer *p, const char *status, bool openai)
{
	SCOPED(free_pointer)
	char *name = xasprintf("%s%s", openai ? "OpenAI" : "", status);
	int n = atoi(status);

	printer_key(p, name);
	printer_map(p);
	printer_add_word(p, "description", http_reason(n));
	printer_key(p, "content");
	printer_map(p);
	if (openai)
		body_of_type(p, "application/json", &schema_openai_error);
	/* What cannot be framed or is too large never reaches a route. */
	body_of_type(p, "application/problem+json", &schema_problem);
	printer_end(p);
	printer_end(p);
}

static void
components(struct printer *p)
{
	printer_key(p, "components");
	printer_map(p);
	printer_key(p, "securitySchemes");
	printer_map(p);
	printer_key(p, "bearer");
	printer_map(p);
	printer_add_word(p, "type", "http");
	printer_add_word(p, "scheme", "bearer");
	printer_add_word(p, "description",
			 "An access token, or an API key (mk_...)");
	printer_end(p);
	printer_end(p);
	printer_key(p, "responses");
	printer_map(p);
	for (size_t i = 0; i < COUNT(bad_statuses); i++) {
		bad_component(p, bad_statuses[i], false);
		bad_component(p, bad_statuses[i], true);
	}
	printer_end(p);
	printer_key(p, "schemas");
	printer_map(p);
	for (size_t i = 0; i < schema_count; i++) {
		printer_key(p, schemas[i]->name);
		schema_print(p, schemas[i]);
	}
	printer_key(p, "Anything");
	schema_print_anything(p);
	printer_end(p);
	printer_end(p);
}

void
api_describe(struct buf *out)
{
	struct printer p;

	printer_init(&p, PRINTER_JSON, out);
	printer_map(&p);
	printer_add_word(&p, "openapi", "3.1.0");
	printer_key(&p, "info");
	printer_map(&p);
	printer_add_word(&p, "title", "mneme");
	printer_add_word(&p, "version", MNEME_VERSION);
	printer_add_word(&p, "summary", "A chat that remembers, for programs");
	printer_add_word(
		&p, "description",
		"Conversations with a language model that knows what was said "
		"before. Sign in for a token, or make an API key; send either "
		"as "
		"Authorization: Bearer. Errors are problem documents (RFC "
		"9457); "
		"below /v1 they have OpenAI's shape.");
	printer_end(&p);
	paths(&p);
	components(&p);
	printer_end(&p);
}

void
api_openapi(struct call *call)
{
	struct buf *out = &call->api->openapi;

	if (out->len == 0)
		api_describe(out);
	answer_bytes(call, 200, "application/json", buf_slice(out));
}
