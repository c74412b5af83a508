/*
 * schema.h - what requests and answers look like: tables from which requests
 * are checked, and OpenAPI's schemas written.
 *
 * A schema is an object with named fields.  A request is checked whole, and
 * every field that is wrong is named; a field that no row knows is wrong,
 * unless the schema is open.
 */
#ifndef API_SCHEMA_H
#define API_SCHEMA_H

#include <jansson.h>

#include "mneme/base.h"

struct buf;
struct printer;

enum schema_kind {
	SCHEMA_STRING,  /* low to high: bytes */
	SCHEMA_INTEGER, /* low to high */
	SCHEMA_NUMBER,  /* low to high */
	SCHEMA_BOOLEAN,
	SCHEMA_OBJECT, /* of `of`, or of anything */
	SCHEMA_LIST,   /* of `of`, or of strings */
	SCHEMA_ANY
};

enum schema_flag {
	FIELD_NEEDED = 1,
	FIELD_NULL = 2,   /* null is as good as nothing */
	FIELD_FILLED = 4, /* not only white space */
	FIELD_ID = 8,
	FIELD_TIME = 16,
	FIELD_EMAIL = 32,
	FIELD_SECRET = 64,    /* a password */
	FIELD_NUMBERS = 128,  /* a list of numbers */
	FIELD_ANYTHING = 256, /* a list of anything */
	FIELD_NAME = 32768,   /* a person's: no @, nothing that does not show */
	FIELD_CURSOR = 2048,
	FIELD_AS_OF = 4096,     /* a time, a date or "yesterday" */
	FIELD_TEXTS = 8192,     /* of any: a text or a list of texts */
	FIELD_CONTENT = 16384,  /* of any: a text, a list or null */
	FIELD_IMAGE = 65536,    /* its bytes as base 64 */
	FIELD_VISIBLE = 131072, /* of ASCII's visible characters */
	FIELD_LARGE = 1024,     /* over `high` is 413, not 422 */
	FIELD_CHARS = 512       /* low and high count characters, not bytes */
};

struct schema;

struct schema_field {
	const char *name;
	enum schema_kind kind;
	unsigned flags;
	double low, high;    /* both 0: no bounds */
	const char *choices; /* blanks between words; NULL: any */
	const struct schema *of;
	const char *help;
	const char *example; /* as JSON; NULL: none */
};

struct schema {
	const char *name; /* of the component: "Message" */
	const char *help;
	const struct schema_field *fields;
	size_t count;
	bool open;             /* more fields may come */
	const char *either[2]; /* one of these two is needed; or NULL */
};

/* Cursors are that many characters of base 64. */
enum { SCHEMA_CURSOR_CHARS = 32 };

/* What is wrong with a request, field by field, for a problem document. */
struct schema_faults {
	struct printer *printer; /* inside a list; gets {"field","message"} */
	size_t count;
	bool too_large;
	char first[256]; /* the first one as a sentence */
};

void schema_fault(struct schema_faults *faults, const char *field,
		  const char *fmt, ...) PRINTF(3, 4);
/* Adds a fault for all that is wrong; true: nothing is. */
bool schema_check(const struct schema *schema, const json_t *object,
		  struct schema_faults *faults);

/* Is there a field that must come? */
bool schema_needs(const struct schema *schema);

/* What it takes: "an integer". */
const char *schema_kind_word(const struct schema_field *field);

/* The value of a query's or form's text by the field's kind; NULL when it is
 * none of that kind. */
json_t *schema_value(const struct schema_field *field, struct slice text);
const struct schema_field *schema_field(const struct schema *schema,
					struct slice name);

/* The schema as OpenAPI 3.1 has it, its fields' own schemas by reference. */
void schema_print(struct printer *p, const struct schema *schema);
void schema_print_field(struct printer *p, const struct schema_field *field);
void schema_print_reference(struct printer *p, const struct schema *schema);

/* The component "Anything", which open schemas refer to. */
void schema_print_anything(struct printer *p);

/* An example, put together from the fields'. */
void schema_print_example(struct printer *p, const struct schema *schema);

#endif
