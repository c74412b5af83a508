/*
 * request.c - queries, JSON bodies and forms, each checked against its table.
 *
 * Queries and forms become the same objects that JSON gives, so that handlers
 * and checks know one shape.
 */
#include "api/private.h"

static void
tell_faults(struct call *call, const struct schema_faults *faults,
	    struct slice list)
{
	if (call->route->flags & ROUTE_OPENAI) {
		answer_problem(call, 400, "invalid_request", "%s",
			       faults->first);
		return;
	}
	if (faults->too_large) {
		answer_problem(call, 413, "too_large", "%s", faults->first);
		return;
	}
	answer_faults(call, faults->first, list);
}

static bool
check_object(struct call *call, const struct schema *schema, json_t *object,
	     struct schema_faults *faults, struct buf *list, struct printer *p)
{
	bool good;

	faults->printer = p;
	good = schema_check(schema, object, faults);
	printer_end(p);
	if (!good)
		tell_faults(call, faults, buf_slice(list));
	return good;
}

enum { FAULTS_BYTES = 32 << 10 };

/* ---- pairs of texts */

struct texts {
	struct call *call;
	const struct schema *schema;
	json_t *object;
	struct schema_faults faults;
	struct buf list;
	struct printer p;
};

static void
texts_init(struct texts *t, struct call *call, const struct schema *schema)
{
	*t = (struct texts){.call = call, .schema = schema};
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
	const char *key = arena_text(t->call->arena, name);
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
		schema_fault(&t->faults, key, "is not of its kind: %.60s",
			     arena_text(t->call->arena, value));
	/* Its place is taken: it is not missing as well. */
	if (!json)
		json_object_set_new(t->object, key, json_null());
}

/* False after answering: the call is gone then. */
static bool
texts_end(struct texts *t, json_t **out)
{
	bool good = t->faults.count == 0;
	json_t *object = t->object;

	if (good)
		good = check_object(t->call, t->schema, object, &t->faults,
				    &t->list, &t->p);
	else {
		printer_end(&t->p);
		tell_faults(t->call, &t->faults, buf_slice(&t->list));
	}
	buf_clear(&t->list);
	if (good)
		*out = object;
	else
		json_decref(object);
	return good;
}

static void
texts_drop(struct texts *t)
{
	json_drop(&t->object);
	buf_clear(&t->list);
}

bool
request_query(struct call *call)
{
	static const struct schema none = {.name = "NoQuery"};
	const struct route *route = call->route;
	const struct schema *schema = route->query ? route->query : &none;
	struct slice rest = call->x->query;
	struct http_pair pair;
	struct error err = {0};
	struct texts t;

	if (rest.len == 0 && !route->query)
		return true;
	if (rest.len == 0) {
		bool needed = false;
		for (size_t i = 0; i < schema->count; i++)
			needed |= schema->fields[i].flags & FIELD_NEEDED;
		if (!needed)
			return true;
	}
	texts_init(&t, call, schema);
	while (http_pair_next(&rest, call->arena, &pair, &err))
		texts_add(&t, pair.name, pair.value);
	if (err.code) {
		texts_drop(&t);
		answer_problem(call, 400, "bad_query", "%s", err.text);
		return false;
	}
	return texts_end(&t, &call->query);
}

/* ---- bodies */

static bool
read_form(struct call *call)
{
	struct slice rest = call->x->body;
	struct http_pair pair;
	struct error err = {0};
	struct texts t;

	texts_init(&t, call, call->route->body);
	while (http_pair_next(&rest, call->arena, &pair, &err))
		texts_add(&t, pair.name, pair.value);
	if (err.code) {
		texts_drop(&t);
		answer_problem(call, 400, "bad_form", "%s", err.text);
		return false;
	}
	return texts_end(&t, &call->body);
}

static bool
read_multipart(struct call *call)
{
	struct http_part *parts;
	struct error err = {0};
	struct texts t;
	size_t n;

	if (!http_multipart(http_field(call->x, "content-type"), call->x->body,
			    call->arena, &parts, &n, &err)) {
		answer_problem(call, 400, "bad_form", "%s", err.text);
		return false;
	}
	texts_init(&t, call, call->route->body);
	for (size_t i = 0; i < n; i++)
		texts_add(&t, parts[i].name, parts[i].value);
	return texts_end(&t, &call->body);
}

static bool
read_json(struct call *call)
{
	SCOPED(buf_clear) struct buf list;
	struct schema_faults faults = {0};
	struct error err = {0};
	struct printer p;

	buf_init(&list, FAULTS_BYTES);
	call->body = json_read(call->x->body, &err);
	if (!call->body) {
		answer_problem(call, 400, "bad_json", "%s", err.text);
		return false;
	}
	if (!json_is_object(call->body)) {
		answer_invalid(call, "", "the body is not an object");
		return false;
	}
	printer_init(&p, PRINTER_JSON, &list);
	printer_list(&p);
	return check_object(call, call->route->body, call->body, &faults, &list,
			    &p);
}

bool
request_body(struct call *call)
{
	struct slice type = http_field(call->x, "content-type");

	if (!call->route->body)
		return true;
	if (type.len == 0 || http_type_is(type, "application/json"))
		return read_json(call);
	if (call->route->flags & ROUTE_FORM) {
		if (http_type_is(type, "application/x-www-form-urlencoded"))
			return read_form(call);
		if (http_type_is(type, "multipart/form-data"))
			return read_multipart(call);
	}
	answer_problem(call, 415, "unsupported_media_type",
		       "send the body with Content-Type: application/json%s",
		       call->route->flags & ROUTE_FORM ? ", or as a form" : "");
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
