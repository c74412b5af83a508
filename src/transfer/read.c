/*
 * One line of an import file: checked member by member, then stored.
 *
 * Here are conversations, what must stay forgotten, and what all kinds share.
 */
#include <stdio.h>

#include "inner.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/error.h"

bool
member_text(const struct reading *r, const char *key, bool wanted, size_t max,
	    struct slice *out, struct error *err)
{
	const json_t *value = json_object_get(r->line, key);

	*out = (struct slice){0};
	if (!value || json_is_null(value))
		return !wanted ||
		       error_set(err, ERROR_INVALID, "\"%s\" is missing", key);
	if (!json_is_string(value))
		return error_set(err, ERROR_INVALID, "\"%s\" is no string",
				 key);
	*out = json_text(r->line, key);
	if (wanted && out->len == 0)
		return error_set(err, ERROR_INVALID, "\"%s\" is empty", key);
	return out->len <= max ||
	       error_set(err, ERROR_LIMIT,
			 "\"%s\" has %zu bytes; at most %zu fit", key, out->len,
			 max);
}

bool
member_time(const struct reading *r, const char *key, int64_t *out,
	    struct error *err)
{
	struct slice value;

	*out = 0;
	if (!member_text(r, key, false, 64, &value, err))
		return false;
	if (value.len == 0 || clock_parse(value, out))
		return true;
	return error_set(err, ERROR_INVALID, "\"%s\" is no RFC 3339 time: %.*s",
			 key, SLICE_ARG(value));
}

bool
member_flag(const struct reading *r, const char *key)
{
	return json_is_true(json_object_get(r->line, key));
}

bool
member_part(const struct reading *r, const char *key, double fallback,
	    double *out, struct error *err)
{
	const json_t *value = json_object_get(r->line, key);

	*out = value && !json_is_null(value) ? json_number_value(value)
					     : fallback;
	if (value && !json_is_null(value) && !json_is_number(value))
		return error_set(err, ERROR_INVALID, "\"%s\" is no number",
				 key);
	return (*out >= 0 && *out <= 1) ||
	       error_set(err, ERROR_INVALID, "\"%s\" is not from 0 to 1", key);
}

bool
known(struct reading *r, bool same, const char *what, struct slice id,
      struct error *err)
{
	r->outcome = LINE_KNOWN;
	return same || error_set(err, ERROR_CONFLICT,
				 "%s \"%.*s\" is known with other content",
				 what, (int)MIN(id.len, (size_t)60), id.data);
}

struct id
found_id(bool found, struct id there, struct slice text)
{
	struct id ours = {{0}};

	if (found)
		return there;
	id_parse(text, &ours);
	return ours;
}

bool
find_conversation(struct reading *r, struct slice id, struct conversation *c,
		  bool *found, struct error *err)
{
	struct id own;

	if (!record_conversation_by_external(r->txn, r->profile, id, r->arena,
					     c, found, err))
		return false;
	if (*found || !id_parse(id, &own))
		return true;
	return record_conversation_get(r->txn, r->profile, own, r->arena, c,
				       found, err);
}

/* ---- conversations ---- */

static bool
memory_mode(const struct reading *r, enum memory_mode *mode, struct error *err)
{
	struct slice name;

	if (!member_text(r, "memory_mode", false, 16, &name, err))
		return false;
	*mode = MEMORY_FULL;
	for (int i = 0; name.len && i < MEMORY_MODE_COUNT; i++) {
		if (slice_is(name, memory_mode_names[i])) {
			*mode = (enum memory_mode)i;
			return true;
		}
	}
	return name.len == 0 || error_set(err, ERROR_INVALID,
					  "\"memory_mode\" is full, read or "
					  "off");
}

static bool
forked_from(struct reading *r, struct conversation *c, struct error *err)
{
	struct conversation from = {0};
	struct slice id;
	bool found = false;

	if (!member_text(r, "forked_from", false, RECORD_EXTERNAL_MAX, &id,
			 err) ||
	    (id.len && !find_conversation(r, id, &from, &found, err)))
		return false;
	c->forked_from = found_id(found, from.id, id);
	return true;
}

static bool
read_conversation(struct reading *r, struct error *err)
{
	struct conversation c = {.profile = r->profile}, old;
	bool found;

	if (!member_text(r, "id", true, RECORD_EXTERNAL_MAX, &c.external_id,
			 err) ||
	    !member_text(r, "title", false, RECORD_TITLE_MAX, &c.title, err) ||
	    !member_time(r, "created_at", &c.created_at, err) ||
	    !memory_mode(r, &c.memory_mode, err) ||
	    !find_conversation(r, c.external_id, &old, &found, err))
		return false;
	if (found)
		return known(r,
			     r->foreign || slice_equal(c.title, old.title) ||
				     c.title.len == 0,
			     "conversation", c.external_id, err);
	if (!forked_from(r, &c, err))
		return false;
	c.archived = member_flag(r, "archived");
	c.pinned = member_flag(r, "pinned");
	c.updated_at = c.created_at;
	r->outcome = LINE_ADDED;
	return record_conversation_create(r->txn, &c, err);
}

/* ---- what must stay forgotten ---- */

static bool
hex_member(const struct reading *r, const char *key,
	   uint8_t out[RECORD_FINGERPRINT], struct error *err)
{
	struct slice text;

	if (!member_text(r, key, true, (size_t)2 * RECORD_FINGERPRINT, &text,
			 err))
		return false;
	for (size_t i = 0; i < RECORD_FINGERPRINT; i++) {
		unsigned byte;
		char pair[3] = {0};

		if (2 * i + 2 > text.len)
			return error_set(err, ERROR_INVALID,
					 "\"%s\" is no fingerprint", key);
		memcpy(pair, text.data + 2 * i, 2);
		if (strspn(pair, "0123456789abcdef") != 2 ||
		    sscanf(pair, "%2x", &byte) != 1)
			return error_set(err, ERROR_INVALID,
					 "\"%s\" is no fingerprint", key);
		out[i] = (uint8_t)byte;
	}
	return true;
}

static bool
read_forgotten(struct reading *r, struct error *err)
{
	uint8_t print[RECORD_FINGERPRINT], key[RECORD_FINGERPRINT];
	bool there;

	if (!hex_member(r, "fingerprint", print, err) ||
	    !hex_member(r, "key", key, err) ||
	    !record_forgotten_has(r->txn, r->profile, print, &there, err))
		return false;
	r->outcome = there ? LINE_KNOWN : LINE_ADDED;
	return there ||
	       record_forget_fingerprint(r->txn, r->profile, key, print, err);
}

/* ---- any ---- */

static const struct {
	const char *type;
	bool (*read)(struct reading *r, struct error *err);
	bool (*references)(struct reading *r, struct error *err);
} kinds[] = {
	{"conversation", read_conversation, NULL},
	{"message", read_message, read_message_references},
	{"memory", read_memory, read_memory_references},
	{"forgotten", read_forgotten, NULL},
};

bool
read_line(struct reading *r, struct error *err)
{
	struct slice type;

	if (!json_is_object(r->line))
		return error_set(err, ERROR_INVALID, "not a JSON object");
	if (!member_text(r, "type", true, 32, &type, err))
		return false;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (slice_is(type, kinds[i].type))
			return kinds[i].read(r, err);
	return error_set(err, ERROR_INVALID,
			 "\"type\" is conversation, message, memory or "
			 "forgotten");
}

bool
read_references(struct reading *r, struct error *err)
{
	struct slice type = json_text(r->line, "type");

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i].references && slice_is(type, kinds[i].type))
			return kinds[i].references(r, err);
	return true;
}
