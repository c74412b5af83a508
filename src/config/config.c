/*
 * A config is an array of settings, one an option; a setting without a value
 * is its row's default, so that loading nothing costs nothing.  Texts live in
 * one arena.
 */
#include "mneme/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/private.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { SECRET_TIME = 30000 }; /* ms; a person may have to unlock a ring */

void
notice_add(struct config *config, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	config->notices = grow(config->notices, &config->notice_cap,
			       config->notice_count + 1, sizeof(char *));
	config->notices[config->notice_count++] =
		arena_text(&config->arena, slice_of(text));
}

const char *
config_notice(const struct config *config, size_t index)
{
	return index < config->notice_count ? config->notices[index] : NULL;
}

/* "path:line: KEY: value: why", with as much of it as there is. */
static bool
refuse(const struct place *place, struct slice name, const char *value,
       const char *why, struct error *err)
{
	char at[16] = "";

	if (place->line)
		snprintf(at, sizeof(at), ":%u", place->line);
	return error_set(err, ERROR_USAGE, "%.500s%s%s%.*s: %s%s%s",
			 place->path, at, *place->path ? ": " : "",
			 SLICE_ARG(name), value, *value ? ": " : "", why);
}

/* Is the option set already, in the same source? */
static bool
set_twice(const struct setting *setting, const struct place *place,
	  char why[64])
{
	if (!setting->value || setting->origin != place->origin)
		return false;
	if (place->origin == CONFIG_FROM_FLAG ||
	    place->origin == CONFIG_FROM_PROFILE)
		return false;
	if (setting->line)
		snprintf(why, 64, "set already on line %u", setting->line);
	else
		snprintf(why, 64, "set in two ways");
	return true;
}

bool
setting_put(struct config *config, const struct place *place, struct slice name,
	    struct slice value, struct error *err)
{
	enum config_option option;
	enum secret_form form;
	char shown[SHOWN_MAX], why[64];
	struct error reason;

	if (!find_form(name, &option, &form))
		return refuse(place, name, "", "unknown key", err);
	if (!value.len)
		return true;
	struct setting *setting = &config->settings[option];
	if (set_twice(setting, place, why))
		return refuse(place, name, "", why, err);
	if (form == FORM_VALUE && !value_fits(option, value, &reason))
		return refuse(place, name, value_shown(option, value, shown),
			      reason.text, err);
	if (memchr(value.data, '\0', value.len))
		return refuse(place, name, "", "it has a NUL", err);
	if (config_rows[option].category == CONFIG_UNUSED)
		notice_add(config, "%s: %s", config_rows[option].name,
			   config_rows[option].help);
	if (setting->value && setting->origin > place->origin)
		return true;
	*setting = (struct setting){
		.value = arena_text(&config->arena, value),
		.origin = place->origin,
		.form = form,
		.line = place->line,
	};
	return true;
}

void
config_destroy(struct config **config)
{
	struct config *c = *config;

	if (!c)
		return;
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++)
		if (config_rows[i].kind == CONFIG_SECRET &&
		    c->settings[i].value)
			explicit_bzero((char *)c->settings[i].value,
				       strlen(c->settings[i].value));
	arena_clear(&c->arena);
	free(c->notices);
	free(c->file);
	free(c->data_dir);
	free(c->usual_data_dir);
	free(c->state_dir);
	free(c);
	*config = NULL;
}

static char *
copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

struct config *
config_copy(const struct config *config)
{
	struct config *copy = xcalloc(1, sizeof(*copy));

	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		copy->settings[i] = config->settings[i];
		if (copy->settings[i].value)
			copy->settings[i].value =
				arena_text(&copy->arena,
					   slice_of(copy->settings[i].value));
	}
	for (size_t i = 0; i < config->notice_count; i++)
		notice_add(copy, "%s", config->notices[i]);
	copy->file = copy_text(config->file);
	copy->data_dir = copy_text(config->data_dir);
	copy->usual_data_dir = copy_text(config->usual_data_dir);
	copy->state_dir = copy_text(config->state_dir);
	return copy;
}

bool
config_set(struct config *config, enum config_option option, const char *value,
	   struct error *err)
{
	const struct place place = {CONFIG_FROM_FLAG, "", 0};

	return setting_put(config, &place, slice_of(config_rows[option].name),
			   slice_of(value), err);
}

bool
config_overlay(struct config *config, enum config_option option,
	       const char *value, struct error *err)
{
	const struct place place = {CONFIG_FROM_PROFILE, "profile", 0};
	struct slice name = slice_of(config_rows[option].name);

	if (config_rows[option].scope != CONFIG_PER_PROFILE)
		return refuse(&place, name, "", "cannot be set for a profile",
			      err);
	return setting_put(config, &place, name, slice_of(value), err);
}

void
config_unset(struct config *config, enum config_option option,
	     enum config_origin from)
{
	struct setting *setting = &config->settings[option];

	if (setting->origin < from)
		*setting = (struct setting){0};
}

bool
config_is_set(const struct config *config, enum config_option option)
{
	return config->settings[option].value || config_rows[option].value;
}

static const char *
text_of(const struct config *config, enum config_option option)
{
	const char *value = config->settings[option].value;

	return value ? value : config_rows[option].value;
}

const char *
config_text(const struct config *config, enum config_option option)
{
	assert(config_rows[option].kind != CONFIG_SECRET);
	return text_of(config, option);
}

int64_t
config_int(const struct config *config, enum config_option option)
{
	int64_t number = 0;

	slice_number(slice_of(config_text(config, option)), &number);
	return number;
}

double
config_real(const struct config *config, enum config_option option)
{
	const char *text = config_text(config, option);
	double number = 0;

	if (text)
		value_real(slice_of(text), &number);
	return number;
}

bool
config_bool(const struct config *config, enum config_option option)
{
	const char *text = config_text(config, option);
	bool flag = false;

	if (text)
		value_bool(slice_of(text), &flag);
	return flag;
}

enum config_origin
config_origin(const struct config *config, enum config_option option)
{
	return config->settings[option].origin;
}

bool
config_item(struct slice *rest, struct slice *item)
{
	while (slice_split(rest, ',', item)) {
		*item = slice_trim(*item);
		if (item->len)
			return true;
	}
	return false;
}

/* The secret that a command prints or a file holds, checked late. */
static bool
fetch_secret(const struct setting *setting, const char *name, struct buf *out,
	     struct error *err)
{
	if (setting->form == FORM_CMD)
		return command_first_line(setting->value, name, SECRET_TIME,
					  out, err);
	return file_read_secret(setting->value, out, err);
}

bool
config_secret(const struct config *config, enum config_option option,
	      struct buf *out, struct error *err)
{
	const struct setting *setting = &config->settings[option];
	const char *name = config_rows[option].name;
	SCOPED(buf_clear) struct buf found;
	struct error why;

	assert(config_rows[option].kind == CONFIG_SECRET);
	buf_init(&found, CONFIG_LINE_MAX);
	if (!setting->value)
		return true;
	if (setting->form == FORM_VALUE)
		buf_adds(&found, setting->value);
	else if (!fetch_secret(setting, name, &found, &why))
		return error_set(err, why.code, "%s: %.900s", name, why.text);
	struct slice secret = slice_trim(buf_slice(&found));
	if (!value_fits(option, secret, &why))
		return error_set(err, ERROR_SETUP, "%s: %s", name, why.text);
	return buf_add_slice(out, secret) ||
	       error_set(err, ERROR_LIMIT, "%s: too long", name);
}

const char *
config_editor(const struct config *config)
{
	const char *names[] = {config_text(config, CONFIG_EDITOR),
			       getenv("VISUAL"), getenv("EDITOR")};

	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i] && *names[i])
			return names[i];
	return "vi";
}
