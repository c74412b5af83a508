/* schema_print.c - the tables as OpenAPI 3.1 has them (JSON Schema 2020-12). */
#include <stdio.h>

#include "api/schema.h"
#include "mneme/printer.h"

void
schema_print_reference(struct printer *p, const struct schema *schema)
{
	SCOPED(free_pointer)
	char *where = xasprintf("#/components/schemas/%s", schema->name);

	printer_map(p);
	printer_add_word(p, "$ref", where);
	printer_end(p);
}

static void
type(struct printer *p, const struct schema_field *f, const char *name)
{
	printer_key(p, "type");
	if (!(f->flags & FIELD_NULL)) {
		printer_string(p, slice_of(name));
		return;
	}
	printer_list(p);
	printer_string(p, slice_of(name));
	printer_string(p, slice_of("null"));
	printer_end(p);
}

static void
bounds(struct printer *p, const struct schema_field *f, const char *least,
       const char *most)
{
	if (f->high <= 0)
		return;
	printer_add_real(p, least, f->low);
	printer_add_real(p, most, f->high);
}

static void
print_choices(struct printer *p, const struct schema_field *f)
{
	struct slice rest = slice_of(f->choices), one;

	printer_key(p, "enum");
	printer_list(p);
	while (slice_split(&rest, ' ', &one))
		printer_string(p, one);
	if (f->flags & FIELD_NULL)
		printer_null(p);
	printer_end(p);
}

/* How PNG, JPEG, GIF and WebP begin, in groups of three bytes; then any, and
 * an end whose last bits say nothing. */
static const char image_pattern[] =
	"^(iVBORw0KGg[o-r][A-Za-z0-9+/]|/9j/|R0lGOD[dl]h|UklGR[g-v]"
	"[A-Za-z0-9+/]{4}[BFJNRVZdhlptx159]XRUJQ)([A-Za-z0-9+/]{4})*"
	"([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

static void
print_string(struct printer *p, const struct schema_field *f)
{
	type(p, f, "string");
	if (f->choices)
		print_choices(p, f);
	else if (!(f->flags & FIELD_LARGE)) /* which is 413, not 422 */
		bounds(p, f, "minLength", "maxLength");
	if (f->flags & FIELD_SECRET)
		printer_add_word(p, "format", "password");
	if (f->flags & FIELD_EMAIL)
		printer_add_word(p, "format", "email");
	else if (f->flags & FIELD_TIME)
		printer_add_word(p, "format", "date-time");
	else if (f->flags & FIELD_NAME)
		printer_add_word(p, "pattern", "^[^\\u0000-\\u001f\\u007f@]*$");
	else if (f->flags & FIELD_VISIBLE)
		printer_add_word(p, "pattern", "^[!-~]*$");
	else if (f->flags & FIELD_CURSOR)
		printer_add_word(p, "pattern", "^[A-Za-z0-9_-]{32}$");
	else if (f->flags & FIELD_ID)
		printer_add_word(p, "pattern", "^[0-9a-hjkmnp-tv-z]{26}$");
	else if (f->flags & FIELD_IMAGE)
		printer_add_word(p, "pattern", image_pattern);
	else if (f->flags & FIELD_FILLED)
		printer_add_word(
			p, "pattern",
			"^[^\\u0000]*[^ \\t\\r\\n\\v\\f\\u0000][^\\u0000]*$");
	else if (!f->choices)
		printer_add_word(p, "pattern", "^[^\\u0000]*$");
}

static void
print_items(struct printer *p, const struct schema_field *f)
{
	type(p, f, "array");
	bounds(p, f, "minItems", "maxItems");
	printer_key(p, "items");
	if (f->of) {
		schema_print_reference(p, f->of);
		return;
	}
	printer_map(p);
	if (!(f->flags & FIELD_ANYTHING))
		printer_add_word(p, "type",
				 f->flags & FIELD_NUMBERS ? "number"
							  : "string");
	printer_end(p);
}

/* More members, of any JSON: but no NUL anywhere. */
static void
print_open(struct printer *p)
{
	printer_key(p, "propertyNames");
	printer_map(p);
	printer_add_word(p, "pattern", "^[^\\u0000]*$");
	printer_end(p);
	printer_key(p, "additionalProperties");
	printer_map(p);
	printer_add_word(p, "$ref", "#/components/schemas/Anything");
	printer_end(p);
}

static void
print_object(struct printer *p, const struct schema_field *f)
{
	if (!f->of) {
		type(p, f, "object");
		print_open(p);
		return;
	}
	printer_key(p, "anyOf");
	printer_list(p);
	schema_print_reference(p, f->of);
	if (f->flags & FIELD_NULL) {
		printer_map(p);
		printer_add_word(p, "type", "null");
		printer_end(p);
	}
	printer_end(p);
}

static void
one_of_type(struct printer *p, const char *name, const char *format)
{
	printer_map(p);
	printer_add_word(p, "type", name);
	if (format)
		printer_add_word(p, "format", format);
	printer_end(p);
}

static void
print_as_of(struct printer *p)
{
	printer_key(p, "anyOf");
	printer_list(p);
	one_of_type(p, "string", "date-time");
	one_of_type(p, "string", "date");
	printer_map(p);
	printer_add_word(p, "const", "yesterday");
	printer_end(p);
	printer_end(p);
}

/* Of anything: what it may be after all. */
static void
print_any(struct printer *p, const struct schema_field *f)
{
	const struct schema_field one = {
		.kind = SCHEMA_STRING, .low = 1, .high = f->high};
	const struct schema_field many = {
		.kind = SCHEMA_LIST, .low = 1, .high = 256};

	if (!(f->flags & (FIELD_TEXTS | FIELD_CONTENT)))
		return;
	printer_key(p, "anyOf");
	printer_list(p);
	if (f->flags & FIELD_CONTENT) {
		const struct schema_field words = {.kind = SCHEMA_STRING};

		schema_print_field(p, &words);
		printer_map(p);
		printer_add_word(p, "type", "array");
		printer_key(p, "items");
		printer_map(p);
		printer_add_word(p, "$ref", "#/components/schemas/Anything");
		printer_end(p);
		printer_end(p);
		one_of_type(p, "null", NULL);
	} else {
		schema_print_field(p, &one);
		printer_map(p);
		type(p, &many, "array");
		bounds(p, &many, "minItems", "maxItems");
		printer_key(p, "items");
		schema_print_field(p, &one);
		printer_end(p);
	}
	printer_end(p);
}

void
schema_print_field(struct printer *p, const struct schema_field *f)
{
	printer_map(p);
	switch (f->kind) {
	case SCHEMA_STRING:
		if (f->flags & FIELD_AS_OF)
			print_as_of(p);
		else
			print_string(p, f);
		break;
	case SCHEMA_INTEGER:
		type(p, f, "integer");
		bounds(p, f, "minimum", "maximum");
		break;
	case SCHEMA_NUMBER:
		type(p, f, "number");
		bounds(p, f, "minimum", "maximum");
		break;
	case SCHEMA_BOOLEAN:
		type(p, f, "boolean");
		break;
	case SCHEMA_OBJECT:
		print_object(p, f);
		break;
	case SCHEMA_LIST:
		print_items(p, f);
		break;
	case SCHEMA_ANY:
		print_any(p, f);
		break;
	}
	if (f->help)
		printer_add_word(p, "description", f->help);
	if (f->example) {
		printer_key(p, "examples");
		printer_list(p);
		printer_json(p, slice_of(f->example));
		printer_end(p);
	}
	printer_end(p);
}

void
schema_print_anything(struct printer *p)
{
	static const char *const plain[] = {"null", "boolean", "number"};

	printer_map(p);
	printer_add_word(p, "description", "Any JSON without NUL");
	printer_key(p, "anyOf");
	printer_list(p);
	for (size_t i = 0; i < COUNT(plain); i++)
		one_of_type(p, plain[i], NULL);
	printer_map(p);
	printer_add_word(p, "type", "string");
	printer_add_word(p, "pattern", "^[^\\u0000]*$");
	printer_end(p);
	printer_map(p);
	printer_add_word(p, "type", "array");
	printer_key(p, "items");
	printer_map(p);
	printer_add_word(p, "$ref", "#/components/schemas/Anything");
	printer_end(p);
	printer_end(p);
	printer_map(p);
	printer_add_word(p, "type", "object");
	print_open(p);
	printer_end(p);
	printer_end(p);
	printer_end(p);
}

void
schema_print(struct printer *p, const struct schema *schema)
{
	size_t needed = 0;

	printer_map(p);
	printer_add_word(p, "type", "object");
	if (schema->help)
		printer_add_word(p, "description", schema->help);
	printer_key(p, "properties");
	printer_map(p);
	for (size_t i = 0; i < schema->count; i++) {
		printer_key(p, schema->fields[i].name);
		schema_print_field(p, &schema->fields[i]);
		needed += schema->fields[i].flags & FIELD_NEEDED;
	}
	printer_end(p);
	if (needed) {
		printer_key(p, "required");
		printer_list(p);
		for (size_t i = 0; i < schema->count; i++)
			if (schema->fields[i].flags & FIELD_NEEDED)
				printer_string(
					p, slice_of(schema->fields[i].name));
		printer_end(p);
	}
	if (schema->either[0]) {
		printer_key(p, "anyOf");
		printer_list(p);
		for (int i = 0; i < 2; i++) {
			printer_map(p);
			printer_key(p, "required");
			printer_list(p);
			printer_string(p, slice_of(schema->either[i]));
			printer_end(p);
			printer_end(p);
		}
		printer_end(p);
	}
	if (schema->open) {
		print_open(p);
	} else {
		printer_add_bool(p, "additionalProperties", false);
	}
	printer_end(p);
}

void
schema_print_example(struct printer *p, const struct schema *schema)
{
	printer_map(p);
	for (size_t i = 0; i < schema->count; i++) {
		const struct schema_field *f = &schema->fields[i];

		if (f->example) {
			printer_key(p, f->name);
			printer_json(p, slice_of(f->example));
		} else if (f->of && f->kind == SCHEMA_OBJECT) {
			printer_key(p, f->name);
			schema_print_example(p, f->of);
		} else if (f->of) {
			printer_key(p, f->name);
			printer_list(p);
			schema_print_example(p, f->of);
			printer_end(p);
		}
	}
	printer_end(p);
}
