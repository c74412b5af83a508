#include "mneme/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#undef error_set /* the analyzer's, where it is defined here */

const struct error_kind error_kinds[] = {
	/*                    slug          HTTP  exit */
	[ERROR_NONE] = {"none", 200, 0},
	[ERROR_USAGE] = {"usage", 400, 2},
	[ERROR_INVALID] = {"invalid", 422, 1},
	[ERROR_SETUP] = {"setup", 503, 4},
	[ERROR_AUTH] = {"auth", 401, 4},
	[ERROR_NOT_FOUND] = {"not_found", 404, 1},
	[ERROR_CONFLICT] = {"conflict", 409, 1},
	[ERROR_LIMIT] = {"limit", 413, 5},
	[ERROR_BUSY] = {"busy", 429, 1},
	[ERROR_IO] = {"io", 500, 1},
	[ERROR_UPSTREAM] = {"upstream", 502, 3},
	[ERROR_CANCELLED] = {"cancelled", 499, 130},
};

static_assert(COUNT(error_kinds) == ERROR_CODE_COUNT, "describe every code");

bool
error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
	if (!err)
		return false;

	/* The old text may be an argument: "%s: %s", path, err->text. */
	char text[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err->code = code;
	memcpy(err->text, text, sizeof(text));
	return false;
}
