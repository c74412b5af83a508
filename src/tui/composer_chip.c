/*
 * composer_chip.c - large pastes as a word.
 *
 * A chip is its label standing in the text, and a row that says what the label
 * stands for.  A label that somebody has edited is a text like any other; one
 * that is whole goes away whole.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mneme/attach.h"
#include "tui/composer_private.h"

enum { CHIP_LINES = 8, CHIP_BYTES = 1000, LABEL_MAX = 64 };

static bool
ends_with_label(struct slice text, const struct chip *chip)
{
	return slice_ends(text, chip->label);
}

const struct chip *
composer_chip_before(const struct composer *c)
{
	struct slice text = slice_make(c->text.data, c->caret);

	for (size_t i = 0; c->caret > 0 && i < c->chip_count; i++)
		if (ends_with_label(text, &c->chips[i]))
			return &c->chips[i];
	return NULL;
}

const struct chip *
composer_chip_at(const struct composer *c, size_t at)
{
	struct slice text = composer_text(c);
	struct slice rest = slice_make(text.data + at, text.len - at);

	for (size_t i = 0; i < c->chip_count; i++)
		if (slice_starts(rest, c->chips[i].label))
			return &c->chips[i];
	return NULL;
}

bool
composer_next_chip(const struct composer *c, size_t from, size_t *at,
		   size_t *len)
{
	struct slice text = composer_text(c);

	if (c->chip_count == 0)
		return false;
	for (size_t i = from; i < text.len; i++) {
		const struct chip *chip =
			text.data[i] == '[' ? composer_chip_at(c, i) : NULL;

		if (!chip)
			continue;
		*at = i;
		*len = strlen(chip->label);
		return true;
	}
	return false;
}

bool
composer_full(const struct composer *c, struct buf *out)
{
	struct slice text = composer_text(c);
	size_t from = 0, at, len;

	while (composer_next_chip(c, from, &at, &len)) {
		const struct chip *chip = composer_chip_at(c, at);

		buf_add(out, text.data + from, at - from);
		if (chip)
			buf_add(out, chip->text, chip->len);
		from = at + len;
	}
	buf_add(out, text.data + from, text.len - from);
	return !out->over;
}

static size_t
count_lines(struct slice text)
{
	size_t n = 1;

	for (size_t i = 0; i + 1 < text.len; i++)
		n += text.data[i] == '\n';
	return n;
}

static size_t
full_length(const struct composer *c)
{
	struct buf all = {.max = COMPOSER_MAX};
	size_t n = composer_full(c, &all) ? all.len : COMPOSER_MAX;

	buf_clear(&all);
	return n;
}

/* False when the text is not one for a chip. */
static bool
add_chip(struct composer *c, struct slice text, char label[LABEL_MAX])
{
	size_t lines = count_lines(text);

	if (lines < CHIP_LINES && text.len < CHIP_BYTES)
		return false;
	snprintf(label, LABEL_MAX, "[paste %zu: %zu %s]", c->chip_count + 1,
		 lines, plural(lines, "line", "lines"));
	c->chips = grow(c->chips, &c->chip_cap, c->chip_count + 1,
			sizeof(*c->chips));
	c->chips[c->chip_count++] =
		(struct chip){xstrdup(label), slice_dup(text), text.len};
	return true;
}

enum composer_outcome
composer_paste(struct composer *c, struct slice text)
{
	SCOPED(buf_clear) struct buf named = {.max = COMPOSER_MAX};
	char label[LABEL_MAX];

	if (text.len == 0)
		return COMPOSER_IGNORED;
	if (attach_dropped(text, &named))
		text = buf_slice(&named);
	if (full_length(c) + text.len > COMPOSER_MAX)
		return COMPOSER_FULL;
	if (add_chip(c, text, label))
		text = slice_of(label);
	composer_snapshot(c, false);
	return composer_replace(c, c->caret, c->caret, text) ? COMPOSER_CHANGED
							     : COMPOSER_FULL;
}

static void
drop(struct chip **chips, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		free((*chips)[i].label);
		free((*chips)[i].text);
	}
	free(*chips);
	*chips = NULL;
	*count = 0;
}

void
composer_drop_chips(struct composer *c)
{
	drop(&c->chips, &c->chip_count);
	c->chip_cap = 0;
}

void
composer_send_chips(struct composer *c)
{
	drop(&c->sent_chips, &c->sent_count);
	c->sent_chips = TAKE(c->chips);
	c->sent_count = c->chip_count;
	c->chip_count = c->chip_cap = 0;
}

void
composer_unsend_chips(struct composer *c)
{
	composer_drop_chips(c);
	c->chips = TAKE(c->sent_chips);
	c->chip_count = c->chip_cap = c->sent_count;
	c->sent_count = 0;
}
