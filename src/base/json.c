#include "mneme/json.h"

#include "mneme/error.h"

/* Nesting, counted before jansson recurses into it. */
static bool
shallow(struct slice text)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
			continue;
		}
		if (c == '"')
			quoted = true;
		else if ((c == '{' || c == '[') && ++depth > JSON_DEPTH_MAX)
			return false;
		else if ((c == '}' || c == ']') && depth)
			depth--;
	}
	return true;
}

json_t *
json_read(struct slice text, struct error *err)
{
	json_error_t why;

	if (!shallow(text)) {
		error_set(err, ERROR_INVALID,
			  "JSON is nested more than %d levels deep",
			  JSON_DEPTH_MAX);
		return NULL;
	}
	json_t *json = json_loadb(text.data ? text.data : "", text.len,
				  JSON_REJECT_DUPLICATES, &why);
	if (!json)
		error_set(err, ERROR_INVALID,
			  "not JSON: %s (line %d, column %d)", why.text,
			  why.line, why.column);
	return json;
}

void
json_drop(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}

struct slice
json_slice(const json_t *value)
{
	if (!json_is_string(value))
		return (struct slice){0};
	return slice_make(json_string_value(value), json_string_length(value));
}

struct slice
json_text(const json_t *object, const char *key)
{
	return json_slice(json_object_get(object, key));
}
