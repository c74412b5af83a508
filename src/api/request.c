/*
 * request.c - queries, JSON bodies and forms, each checked against its table.
 *
 * Queries and forms become the same objects that JSON gives, so that handlers
 * and checks know one shape.  Nothing here belongs to the loop: a body may be
 * read on the pool, and what is wrong with it is kept to be answered later.
 */
#include <stdarg.h>
#include <stdio.h>

#include "api/private.h"

enum { FAULTS_BYTES = 32 << 10 };

/* ---- refusals */

bool
reading_refuse(struct reading *r, int status, const char *code, const char *fmt,
	       ...)
{
	char detail[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	r->refusal = (struct refusal){
		.status = status,
		.code = code,
		.detail = arena_text(r->arena, slice_of(detail)),
	};
	return false;
}

/* 422 with what is wrong, field by field. */
static bool
refuse_faults(struct reading *r, const struct schema_faults *faults,
	      const struct buf *list)
{
	if (r->route->flags & ROUTE_OPENAI)
		return reading_refuse(r, 400, "invalid_request", "%s",
				      faults->first);
	if (faults->too_large)
		return reading_refuse(r, 413, "too_large", "%s", faults->first);
	reading_refuse(r, 422, "invalid", "%s", faults->first);
	r->refusal.faults = arena_copy(r->arena, buf_slice(list));
	return false;
}

bool
reading_invalid(struct reading *r, const char *field, const char *fmt, ...)
{
	SCOPED(buf_clear) struct buf list;
	char message[256];
	struct printer p;
	va_list ap;

	buf_init(&list, FAULTS_BYTES);
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (r->route->flags & ROUTE_OPENAI)
		return reading_refuse(r, 400, "invalid_request", "%s%s%s",
				      field, *field ? ": " : "", message);
	reading_refuse(r, 422, "invalid", "%s", message);
	printer_init(&p, PRINTER_JSON, &list);
	printer_list(&p);
	printer_map(&p);
	printer_add_word(&p, "field", field);
	printer_add_word(&p, "message", message);
	printer_end(&p);
	printer_end(&p);
	r->refusal.faults = arena_copy(r->arena, buf_slice(&list));
	return false;
}

/* ---- pairs of texts */

struct texts {
	struct reading *reading;
	const struct schema *schema;
	json_t *object;
	struct schema_faults faults;
	struct buf list;
	struct printer p;
};

static void
texts_init(struct texts *t, struct reading *r, const struct schema *schema)
{
	*t = (struct texts){.reading = r, .schema = schema};
	t->object = json_object();
	buf_init(&t->list, FAULTS_BYTES);
	printer_init(&t->p, PRINTER_JSON, &t->list);
	printer_list(&t->p);
	t->faults.printer = &t->p;
}

static void
texts_add(struct texts *t, struct slice name, struct slice value)
{
	const struct schema_field *field = schema_field(t->schema, name);
	struct arena *arena = t->reading->arena;
	const char *key = arena_text(arena, name);
	json_t *json;

	if (!field) {
		json_object_set_new(t->object, key, json_true());
		return;
	}
	if (json_object_get(t->object, key)) {
		schema_fault(&t->faults, key, "is given twice");
		return;
	}
	json = schema_value(field, value);
	if (json)
		json_object_set_new(t->object, key, json);
	else
		schema_fault(&t->faults, key, "is not %s: %.60s",
			     schema_kind_word(field), arena_text(arena, value));
	/* Its place is taken: it is not missing as well. */
	if (!json)
		json_object_set_new(t->object, key, json_null());
}

static void
texts_drop(struct texts *t)
{
	json_drop(&t->object);
	buf_clear(&t->list);
}

static bool
texts_end(struct texts *t)
{
	struct reading *r = t->reading;
	bool good = t->faults.count == 0 &&
		    schema_check(t->schema, t->object, &t->faults);

	printer_end(&t->p);
	if (good)
		r->object = json_incref(t->object);
	else
		refuse_faults(r, &t->faults, &t->list);
	texts_drop(t);
	return good;
}

/* "a=b&c=d" */
static bool
read_pairs(struct reading *r, const struct schema *schema, const char *code)
{
	struct slice rest = r->text;
	struct http_pair pair;
	struct error err = {0};
	struct texts t;

	texts_init(&t, r, schema);
	while (http_pair_next(&rest, r->arena, &pair, &err))
		texts_add(&t, pair.name, pair.value);
	if (!err.code)
		return texts_end(&t);
	texts_drop(&t);
	return reading_refuse(r, 400, code, "in the %s: %s",
			      strcmp(code, "bad_form") == 0 ? "form" : "query",
			      err.text);
}

bool
request_read_query(struct reading *r)
{
	static const struct schema none = {.name = "NoQuery"};
	const struct schema *schema = r->route->query ? r->route->query : &none;

	return (r->text.len == 0 && !schema_needs(schema)) ||
	       read_pairs(r, schema, "bad_query");
}

bool
request_query(struct call *call)
{
	struct reading r = {.route = call->route,
			    .arena = call->arena,
			    .text = call->x->query};
	bool good = request_read_query(&r);

	if (good)
		call->query = r.object;
	else
		answer_fault(call, &r.refusal);
	return good;
}

/* ---- bodies */

static bool
read_multipart(struct reading *r)
{
	struct http_part *parts;
	struct error err = {0};
	struct texts t;
	size_t n;

	if (!http_multipart(r->type, r->text, r->arena, &parts, &n, &err))
		return reading_refuse(r, 400, "bad_form", "%s", err.text);
	texts_init(&t, r, r->route->body);
	for (size_t i = 0; i < n; i++)
		texts_add(&t, parts[i].name, parts[i].value);
	return texts_end(&t);
}

static bool
read_json(struct reading *r)
{
	SCOPED(json_drop) json_t *json = NULL;
	SCOPED(buf_clear) struct buf list;
	struct schema_faults faults = {0};
	struct error err = {0};
	struct printer p;
	bool good;

	buf_init(&list, FAULTS_BYTES);
	json = json_read(r->text, &err);
	if (!json)
		return reading_refuse(r, 400, "bad_json", "%s", err.text);
	if (!json_is_object(json))
		return reading_invalid(r, "", "the body is not an object");
	printer_init(&p, PRINTER_JSON, &list);
	printer_list(&p);
	faults.printer = &p;
	good = schema_check(r->route->body, json, &faults);
	printer_end(&p);
	if (!good)
		return refuse_faults(r, &faults, &list);
	r->object = TAKE(json);
	return true;
}

static bool
read_any(struct reading *r)
{
	bool form = r->route->flags & ROUTE_FORM;

	/* No body at all says as much as one without fields. */
	if (r->text.len == 0 && r->type.len == 0 &&
	    !schema_needs(r->route->body)) {
		r->object = json_object();
		return true;
	}
	if (r->type.len == 0 || http_type_is(r->type, "application/json"))
		return r->text.len ? read_json(r)
				   : reading_refuse(r, 400, "bad_json",
						    "the body is empty; send "
						    "a JSON object");
	if (form && http_type_is(r->type, "application/x-www-form-urlencoded"))
		return read_pairs(r, r->route->body, "bad_form");
	if (form && http_type_is(r->type, "multipart/form-data"))
		return read_multipart(r);
	return reading_refuse(
		r, 415, "unsupported_media_type",
		"send the body with Content-Type: application/json%s",
		form ? ", or as a form" : "");
}

bool
request_read_body(struct reading *r)
{
	if (read_any(r) && (!r->route->unpack || r->route->unpack(r)))
		return true;
	json_drop(&r->object);
	arena_clear(&r->keep);
	return false;
}

/* ---- values */

struct slice
call_text(const json_t *object, const char *name)
{
	return object ? json_text(object, name) : (struct slice){0};
}

int64_t
call_int(const json_t *object, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? (int64_t)json_number_value(value)
				     : otherwise;
}

double
call_real(const json_t *object, const char *name, double otherwise)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : otherwise;
}

bool
call_bool(const json_t *object, const char *name, bool otherwise)
{
	const json_t *value = json_object_get(object, name);

	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

bool
call_id(struct call *call, size_t n, struct id *id)
{
	if (id_parse(call->params[n], id))
		return true;
	answer_not_found(call, "there is nothing with that id");
	return false;
}
