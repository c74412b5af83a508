/*
 * Does a text fit its row?  Numbers are read here rather than by the C library,
 * which follows the locale: "0.7" must be that in Germany too.
 */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "config/private.h"
#include "mneme/error.h"
#include "mneme/utf8.h"

static bool
fail(struct error *err, const char *why)
{
	return error_set(err, ERROR_USAGE, "%s", why);
}

bool
value_real(struct slice text, double *value)
{
	double whole = 0, scale = 1;
	size_t digits = 0;
	bool minus = slice_starts(text, "-"), point = false;

	for (size_t i = minus; i < text.len; i++) {
		char c = text.data[i];
		if (c == '.' && !point && digits) {
			point = true;
			continue;
		}
		if (c < '0' || c > '9' || ++digits > 15)
			return false;
		whole = whole * 10 + (c - '0');
		if (point)
			scale *= 10;
	}
	*value = (minus ? -whole : whole) / scale;
	return digits > 0 && text.data[text.len - 1] != '.';
}

bool
value_bool(struct slice text, bool *value)
{
	static const char *const words[] = {"false", "true", "no", "yes",
					    "off",   "on",   "0",  "1"};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (text.len == strlen(words[i]) &&
		    strncasecmp(text.data, words[i], text.len) == 0) {
			*value = i % 2;
			return true;
		}
	}
	return false;
}

static bool
integer_fits(const struct config_row *row, struct slice value,
	     struct error *err)
{
	int64_t number;

	if (!slice_number(value, &number))
		return fail(err, "not a whole number");
	if ((double)number >= row->low && (double)number <= row->high)
		return true;
	return error_set(err, ERROR_USAGE, "not from %.0f to %.0f", row->low,
			 row->high);
}

static bool
real_fits(const struct config_row *row, struct slice value, struct error *err)
{
	double number;

	if (!value_real(value, &number))
		return fail(err, "not a number");
	if (number >= row->low && number <= row->high)
		return true;
	return error_set(err, ERROR_USAGE, "not from %g to %g", row->low,
			 row->high);
}

static bool
choice_fits(const struct config_row *row, struct slice value, struct error *err)
{
	struct slice rest = slice_of(row->choices), word;

	while (slice_split(&rest, ' ', &word)) {
		if (slice_equal(word, value))
			return true;
	}
	return error_set(err, ERROR_USAGE, "not one of: %s", row->choices);
}

static bool
length_fits(const struct config_row *row, struct slice value, struct error *err)
{
	if (value.len == 0 && row->low > 0)
		return fail(err, "is empty");
	if ((double)value.len < row->low)
		return error_set(err, ERROR_USAGE, "shorter than %.0f bytes",
				 row->low);
	if ((double)value.len > row->high)
		return error_set(err, ERROR_USAGE, "longer than %.0f bytes",
				 row->high);
	return true;
}

static bool
printable(struct slice value, struct error *err)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return fail(err, "it has control characters");
	}
	return utf8_valid(value) || fail(err, "not UTF-8");
}

bool
value_fits(enum config_option option, struct slice value, struct error *err)
{
	const struct config_row *row = &config_rows[option];
	bool flag;

	if (!printable(value, err))
		return false;
	switch (row->kind) {
	case CONFIG_INTEGER:
		return integer_fits(row, value, err);
	case CONFIG_REAL:
		return real_fits(row, value, err);
	case CONFIG_BOOLEAN:
		return value_bool(value, &flag) ||
		       fail(err, "neither true nor false");
	case CONFIG_CHOICE:
		return choice_fits(row, value, err);
	case CONFIG_URL:
		if (!slice_starts(value, "http://") &&
		    !slice_starts(value, "https://"))
			return fail(err, "not an http:// or https:// address");
		return length_fits(row, value, err);
	case CONFIG_STRING:
	case CONFIG_LIST:
	case CONFIG_PATH:
	case CONFIG_SECRET:
	case CONFIG_KIND_COUNT:
		break;
	}
	return length_fits(row, value, err);
}

const char *
value_shown(enum config_option option, struct slice value, char out[SHOWN_MAX])
{
	struct slice cut = utf8_cut(value, SHOWN_MAX - 8);

	if (config_rows[option].kind == CONFIG_SECRET)
		return "(hidden)";
	if (!utf8_valid(cut))
		return "(not text)";
	snprintf(out, SHOWN_MAX, "%.*s%s", SLICE_ARG(cut),
		 cut.len < value.len ? "..." : "");
	for (char *c = out; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
	return out;
}

bool
config_check(enum config_option option, struct slice value, struct error *err)
{
	char shown[SHOWN_MAX];
	struct error why;

	if (value_fits(option, value, &why))
		return true;
	return error_set(err, ERROR_USAGE, "%s: %s%s%s",
			 config_rows[option].name,
			 value_shown(option, value, shown),
			 value.len ? ": " : "", why.text);
}
