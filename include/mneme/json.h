/*
 * json.h - reading foreign JSON: jansson, with ceilings.
 *
 * Duplicate keys, wrong UTF-8, NUL in strings and nesting over 32 levels are
 * refused.  The tree is jansson's (<jansson.h>); these are the checks and
 * look-ups that callers need around it.
 */
#ifndef MNEME_JSON_H
#define MNEME_JSON_H

#include <jansson.h>

#include "mneme/base.h"

struct error;

enum { JSON_DEPTH_MAX = 32 };

/* The caller owns the tree: SCOPED(json_drop). */
json_t *json_read(struct slice text, struct error *err);
void json_drop(json_t **json);

/* A string as bytes; .data NULL when it is none. */
struct slice json_slice(const json_t *value);

/* A member of an object as bytes; .data NULL when it is missing, null, or not
 * a string. */
struct slice json_text(const json_t *object, const char *key);

#endif
