/*
 * schema.c - requests against their tables.
 *
 * JSON's own rules (depth, doubled names, UTF-8) were checked when it was
 * read; here it is about what the fields hold.
 */
#include "api/schema.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/auth.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/id.h"
#include "mneme/json.h"
#include "mneme/printer.h"

enum { FAULTS_MAX = 20, PATH_TEXT = 192, MESSAGE_TEXT = 256 };

void
schema_fault(struct schema_faults *faults, const char *field, const char *fmt,
	     ...)
{
	char message[MESSAGE_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (faults->count++ == 0)
		snprintf(faults->first, sizeof(faults->first), "%.100s: %.150s",
			 field, message);
	if (faults->count > FAULTS_MAX || !faults->printer)
		return;
	printer_map(faults->printer);
	printer_add_word(faults->printer, "field", field);
	printer_add_word(faults->printer, "message", message);
	printer_end(faults->printer);
}

static bool
bounded(const struct schema_field *f)
{
	return f->high > 0 && f->low <= f->high;
}

static bool
is_choice(const struct schema_field *f, struct slice value)
{
	struct slice rest = slice_of(f->choices), one;

	while (slice_split(&rest, ' ', &one))
		if (slice_equal(one, value))
			return true;
	return false;
}

static bool
has_letters(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr(" \t\r\n\v\f", s.data[i]))
			return true;
	return false;
}

static size_t
length_of(const struct schema_field *f, struct slice s)
{
	size_t n = 0;

	if (!(f->flags & FIELD_CHARS))
		return s.len;
	for (size_t i = 0; i < s.len; i++)
		n += ((uint8_t)s.data[i] & 0xC0) != 0x80;
	return n;
}

static bool
is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((uint8_t)s.data[i] < ' ' || s.data[i] == 0x7f ||
		    s.data[i] == '@')
			return false;
	return true;
}

static bool
is_visible(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] <= ' ' || s.data[i] >= 0x7f)
			return false;
	return true;
}

static bool
is_cursor(struct slice s)
{
	bool good = s.len == SCHEMA_CURSOR_CHARS;

	for (size_t i = 0; good && i < s.len; i++) {
		char c = s.data[i];

		good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		       (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
	}
	return good;
}

static void
check_string(const struct schema_field *f, const char *path,
	     const json_t *value, struct schema_faults *faults)
{
	struct slice s = json_slice(value);
	size_t len = length_of(f, s);
	struct error err;
	int64_t at;
	struct id id;

	faults->too_large |= (f->flags & FIELD_LARGE) && (double)len > f->high;
	if (bounded(f) && ((double)len < f->low || (double)len > f->high))
		schema_fault(faults, path, "has %zu %s, not %.0f to %.0f", len,
			     f->flags & FIELD_CHARS
				     ? plural(len, "character", "characters")
				     : plural(len, "byte", "bytes"),
			     f->low, f->high);
	else if (f->choices && !is_choice(f, s))
		schema_fault(faults, path, "is none of: %s", f->choices);
	else if ((f->flags & FIELD_FILLED) && !has_letters(s))
		schema_fault(faults, path, "is empty");
	else if ((f->flags & FIELD_NAME) && !is_name(s))
		schema_fault(faults, path, "holds an @ or a control character");
	else if ((f->flags & FIELD_VISIBLE) && !is_visible(s))
		schema_fault(faults, path,
			     "has blanks, or characters beyond ASCII");
	else if ((f->flags & FIELD_EMAIL) && !auth_email_fits(s, &err))
		schema_fault(faults, path, "%s", err.text);
	else if ((f->flags & FIELD_TIME) && !clock_parse(s, &at))
		schema_fault(faults, path, "is no RFC 3339 time");
	else if ((f->flags & FIELD_CURSOR) && !is_cursor(s))
		schema_fault(faults, path, "is not one that was given out");
	else if ((f->flags & FIELD_AS_OF) &&
		 !clock_parse_as_of(s, clock_now(), &at, &err))
		schema_fault(faults, path, "%s", err.text);
	else if ((f->flags & FIELD_ID) && !id_parse(s, &id))
		schema_fault(faults, path, "is no id");
}

static void
check_number(const struct schema_field *f, const char *path,
	     const json_t *value, struct schema_faults *faults)
{
	double n = json_number_value(value);

	if (!isfinite(n) || (bounded(f) && (n < f->low || n > f->high)))
		schema_fault(faults, path, "is not from %.15g to %.15g", f->low,
			     f->high);
}

static void check_object(const struct schema *schema, const char *path,
			 const json_t *object, struct schema_faults *faults);

static void
check_list(const struct schema_field *f, const char *path, const json_t *value,
	   struct schema_faults *faults)
{
	size_t n = json_array_size(value);
	char item[PATH_TEXT];

	if (bounded(f) && ((double)n < f->low || (double)n > f->high)) {
		schema_fault(faults, path, "has %zu %s, not %.0f to %.0f", n,
			     plural(n, "item", "items"), f->low, f->high);
		return;
	}
	for (size_t i = 0; i < n && faults->count < FAULTS_MAX; i++) {
		const json_t *one = json_array_get(value, i);

		snprintf(item, sizeof(item), "%s[%zu]", path, i);
		if (f->flags & FIELD_ANYTHING)
			continue;
		if (f->of                        ? !json_is_object(one)
		    : (f->flags & FIELD_NUMBERS) ? !json_is_number(one)
						 : !json_is_string(one))
			schema_fault(faults, item, "is not %s",
				     f->of                      ? "an object"
				     : f->flags & FIELD_NUMBERS ? "a number"
								: "a string");
		else if (f->of)
			check_object(f->of, item, one, faults);
	}
}

static bool
kind_fits(const struct schema_field *f, const json_t *value)
{
	switch (f->kind) {
	case SCHEMA_STRING:
		return json_is_string(value);
	case SCHEMA_INTEGER:
		return json_is_integer(value) ||
		       (json_is_real(value) &&
			json_real_value(value) ==
				floor(json_real_value(value)) &&
			fabs(json_real_value(value)) < 1e15);
	case SCHEMA_NUMBER:
		return json_is_number(value);
	case SCHEMA_BOOLEAN:
		return json_is_boolean(value);
	case SCHEMA_OBJECT:
		return json_is_object(value);
	case SCHEMA_LIST:
		return json_is_array(value);
	case SCHEMA_ANY:
		break;
	}
	return true;
}

static const char *const kind_words[] = {
	[SCHEMA_STRING] = "a string",  [SCHEMA_INTEGER] = "an integer",
	[SCHEMA_NUMBER] = "a number",  [SCHEMA_BOOLEAN] = "true or false",
	[SCHEMA_OBJECT] = "an object", [SCHEMA_LIST] = "a list",
	[SCHEMA_ANY] = "anything",
};

const char *
schema_kind_word(const struct schema_field *field)
{
	return kind_words[field->kind];
}

/* A text, or a list of texts. */
static void
check_texts(const struct schema_field *f, const char *path, const json_t *value,
	    struct schema_faults *faults)
{
	if (json_is_string(value))
		check_string(f, path, value, faults);
	else if (json_is_array(value))
		check_list(&(struct schema_field){.kind = SCHEMA_LIST}, path,
			   value, faults);
	else
		schema_fault(faults, path, "is no text and no list of texts");
}

static void
check_field(const struct schema_field *f, const char *path, const json_t *value,
	    struct schema_faults *faults)
{
	if (f->flags & FIELD_TEXTS) {
		check_texts(f, path, value, faults);
		return;
	}
	if (f->flags & FIELD_CONTENT) {
		if (!json_is_string(value) && !json_is_array(value) &&
		    !json_is_null(value))
			schema_fault(faults, path,
				     "is no text and no list of parts");
		return;
	}
	if (json_is_null(value)) {
		if (!(f->flags & FIELD_NULL))
			schema_fault(faults, path, "is null, not %s",
				     kind_words[f->kind]);
		return;
	}
	if (!kind_fits(f, value)) {
		schema_fault(faults, path, "is not %s", kind_words[f->kind]);
		return;
	}
	if (f->kind == SCHEMA_STRING)
		check_string(f, path, value, faults);
	else if (f->kind == SCHEMA_INTEGER || f->kind == SCHEMA_NUMBER)
		check_number(f, path, value, faults);
	else if (f->kind == SCHEMA_OBJECT && f->of)
		check_object(f->of, path, value, faults);
	else if (f->kind == SCHEMA_LIST)
		check_list(f, path, value, faults);
}

const struct schema_field *
schema_field(const struct schema *schema, struct slice name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (slice_is(name, schema->fields[i].name))
			return &schema->fields[i];
	return NULL;
}

bool
schema_needs(const struct schema *schema)
{
	bool needs = schema->either[0] != NULL;

	for (size_t i = 0; i < schema->count; i++)
		needs |= schema->fields[i].flags & FIELD_NEEDED;
	return needs;
}

/* A foreign name in a message: short, and one line. */
static void
name_path(char out[PATH_TEXT], const char *path, const char *name)
{
	snprintf(out, PATH_TEXT, "%.100s%s%.80s", path, *path ? "." : "", name);
	for (char *at = out; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

static void
check_object(const struct schema *schema, const char *path,
	     const json_t *object, struct schema_faults *faults)
{
	char inner[PATH_TEXT];
	const char *name;
	json_t *value;

	for (size_t i = 0; i < schema->count; i++) {
		const struct schema_field *f = &schema->fields[i];

		value = json_object_get(object, f->name);
		name_path(inner, path, f->name);
		if (value)
			check_field(f, inner, value, faults);
		else if (f->flags & FIELD_NEEDED)
			schema_fault(faults, inner, "is missing");
	}
	if (schema->either[0] && !json_object_get(object, schema->either[0]) &&
	    !json_object_get(object, schema->either[1])) {
		name_path(inner, path, schema->either[0]);
		schema_fault(faults, inner, "is missing, and %s too",
			     schema->either[1]);
	}
	if (schema->open)
		return;
	json_object_foreach((json_t *)object, name, value)
	{
		if (schema_field(schema, slice_of(name)))
			continue;
		name_path(inner, path, name);
		schema_fault(faults, inner, "is not known here");
	}
}

bool
schema_check(const struct schema *schema, const json_t *object,
	     struct schema_faults *faults)
{
	size_t before = faults->count;

	check_object(schema, "", object, faults);
	return faults->count == before;
}

json_t *
schema_value(const struct schema_field *field, struct slice text)
{
	int64_t n;
	char *end;

	switch (field->kind) {
	case SCHEMA_STRING:
	case SCHEMA_ANY:
		return json_stringn(text.len ? text.data : "", text.len);
	case SCHEMA_INTEGER:
		return slice_number(text, &n) ? json_integer(n) : NULL;
	case SCHEMA_NUMBER: {
		SCOPED(free_pointer) char *copy = slice_dup(text);
		double value = strtod(copy, &end);

		return text.len && !*end && isfinite(value) &&
				       !strpbrk(copy, "xX \t")
			       ? json_real(value)
			       : NULL;
	}
	case SCHEMA_BOOLEAN:
		if (slice_is(text, "true") || slice_is(text, "1"))
			return json_true();
		return slice_is(text, "false") || slice_is(text, "0")
			       ? json_false()
			       : NULL;
	case SCHEMA_OBJECT:
	case SCHEMA_LIST:
		break;
	}
	return NULL;
}
