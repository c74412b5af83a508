/*
 * printer.h - structured output, written once for people and programs.
 *
 * The caller describes maps, lists and values; the printer writes them as JSON
 * (RFC 8259, UTF-8, no white space) or as lines of text ("key: value", blocks
 * apart by an empty line).  Wrong nesting is a bug and asserted.  Wrong UTF-8
 * comes out as U+FFFD.
 */
#ifndef MNEME_PRINTER_H
#define MNEME_PRINTER_H

#include "mneme/base.h"

struct buf;
struct id;

enum printer_format { PRINTER_TEXT, PRINTER_JSON };
enum { PRINTER_DEPTH = 32 };

struct printer {
	struct buf *out;
	enum printer_format format;
	unsigned depth;
	struct {
		bool list;
		bool any; /* something was printed at this level */
	} level[PRINTER_DEPTH];
	bool keyed; /* a key waits for its value */
};

void printer_init(struct printer *p, enum printer_format format,
		  struct buf *out);

void printer_map(struct printer *p);
void printer_list(struct printer *p);
void printer_end(struct printer *p); /* of the innermost map or list */
void printer_key(struct printer *p, const char *key);

void printer_string(struct printer *p, struct slice value);
void printer_int(struct printer *p, int64_t value);
void printer_real(struct printer *p,
		  double value); /* shortest that reads back */
void printer_bool(struct printer *p, bool value);
void printer_null(struct printer *p);
void printer_id(struct printer *p, struct id id);
void printer_time(struct printer *p, int64_t at);        /* RFC 3339 */
void printer_json(struct printer *p, struct slice json); /* as it is */

/* A member of a map: its key and its value. */
void printer_add_string(struct printer *p, const char *key, struct slice value);
void printer_add_word(struct printer *p, const char *key, const char *value);
void printer_add_int(struct printer *p, const char *key, int64_t value);
void printer_add_real(struct printer *p, const char *key, double value);
void printer_add_bool(struct printer *p, const char *key, bool value);
void printer_add_id(struct printer *p, const char *key, struct id id);
void printer_add_time(struct printer *p, const char *key, int64_t at);
/* Nothing when it is empty. */
void printer_add_string_if(struct printer *p, const char *key,
			   struct slice value);
/* null when it is empty, or 0. */
void printer_add_string_or_null(struct printer *p, const char *key,
				struct slice value);
void printer_add_time_or_null(struct printer *p, const char *key, int64_t at);

/* Add `s` as a JSON string with its quotes. */
bool json_quote(struct slice s, struct buf *out);

#endif
