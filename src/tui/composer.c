/*
 * composer.c - what the editing actions do, one table.
 */
#include "tui/composer.h"

#include <stdlib.h>

#include "tui/composer_private.h"
#include "tui/grapheme.h"
#include "tui/keys.h"

typedef bool edit_fn(struct composer *c);

static struct slice
before(const struct composer *c)
{
	return slice_make(c->text.data, c->caret);
}

static struct slice
after(const struct composer *c)
{
	return slice_make(buf_text(&c->text) + c->caret,
			  c->text.len - c->caret);
}

static bool
move_to(struct composer *c, size_t at)
{
	bool moved = at != c->caret;

	c->caret = at;
	return moved;
}

static size_t
line_start(const struct composer *c)
{
	size_t at = c->caret;

	while (at > 0 && c->text.data[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_end(const struct composer *c)
{
	size_t at = c->caret;

	while (at < c->text.len && c->text.data[at] != '\n')
		at++;
	return at;
}

/* Bytes over 7F are letters: good enough to stop at what one can see. */
static bool
in_word(char c)
{
	return (c & 0x80) || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static size_t
word_forward(const struct composer *c)
{
	size_t at = c->caret;

	while (at < c->text.len && !in_word(c->text.data[at]))
		at++;
	while (at < c->text.len && in_word(c->text.data[at]))
		at++;
	return at;
}

static size_t
word_back(const struct composer *c)
{
	size_t at = c->caret;

	while (at > 0 && !in_word(c->text.data[at - 1]))
		at--;
	while (at > 0 && in_word(c->text.data[at - 1]))
		at--;
	return at;
}

static size_t
one_forward(const struct composer *c)
{
	int width;

	return c->caret + grapheme_next(after(c), false, &width);
}

static size_t
one_back(const struct composer *c)
{
	return c->caret - grapheme_previous(before(c));
}

static bool
go_line_start(struct composer *c)
{
	return move_to(c, line_start(c));
}

static bool
go_line_end(struct composer *c)
{
	return move_to(c, line_end(c));
}

static bool
go_forward(struct composer *c)
{
	return move_to(c, one_forward(c));
}

static bool
go_back(struct composer *c)
{
	return move_to(c, one_back(c));
}

static bool
go_word_forward(struct composer *c)
{
	return move_to(c, word_forward(c));
}

static bool
go_word_back(struct composer *c)
{
	return move_to(c, word_back(c));
}

static bool
go_start(struct composer *c)
{
	return move_to(c, 0);
}

static bool
go_end(struct composer *c)
{
	return move_to(c, c->text.len);
}

static bool
go_up(struct composer *c)
{
	return composer_vertical(c, -1) || composer_history_move(c, -1);
}

static bool
go_down(struct composer *c)
{
	return composer_vertical(c, 1) || composer_history_move(c, 1);
}

static bool
history_back(struct composer *c)
{
	return composer_history_move(c, -1);
}

static bool
history_forward(struct composer *c)
{
	return composer_history_move(c, 1);
}

static bool
delete_range(struct composer *c, size_t from, size_t to)
{
	if (from == to)
		return false;
	composer_snapshot(c, false);
	return composer_replace(c, from, to, slice_of(""));
}

static bool
delete_back(struct composer *c)
{
	const struct chip *chip = composer_chip_before(c);

	if (chip)
		return delete_range(c, c->caret - strlen(chip->label),
				    c->caret);
	return delete_range(c, one_back(c), c->caret);
}

static bool
delete_forward(struct composer *c)
{
	const struct chip *chip = composer_chip_at(c, c->caret);

	if (chip)
		return delete_range(c, c->caret,
				    c->caret + strlen(chip->label));
	return delete_range(c, c->caret, one_forward(c));
}

/* Kills in a row make one text, each at the end that it was killed from. */
static bool
kill_range(struct composer *c, size_t from, size_t to)
{
	struct buf joined = {.max = COMPOSER_MAX};
	struct slice cut = slice_make(buf_text(&c->text) + from, to - from);
	bool backward = from < c->caret;

	if (from == to)
		return false;
	if (c->killing && !backward)
		buf_add_slice(&joined, buf_slice(&c->killed));
	buf_add_slice(&joined, cut);
	if (c->killing && backward)
		buf_add_slice(&joined, buf_slice(&c->killed));
	buf_clear(&c->killed);
	c->killed = joined;
	delete_range(c, from, to);
	c->killing = true;
	return true;
}

void
composer_clear(struct composer *c)
{
	c->caret = c->text.len;
	kill_range(c, 0, c->text.len);
	c->killing = false;
}

static bool
kill_line(struct composer *c)
{
	size_t end = line_end(c);

	if (end == c->caret && end < c->text.len)
		end++;
	return kill_range(c, c->caret, end);
}

static bool
kill_line_back(struct composer *c)
{
	return kill_range(c, line_start(c), c->caret);
}

static bool
kill_word(struct composer *c)
{
	return kill_range(c, c->caret, word_forward(c));
}

static bool
kill_word_back(struct composer *c)
{
	return kill_range(c, word_back(c), c->caret);
}

/* C-w: back to white space, as readline has it. */
static bool
rub_word(struct composer *c)
{
	size_t at = c->caret;

	while (at > 0 && strchr(" \t\n", c->text.data[at - 1]))
		at--;
	while (at > 0 && !strchr(" \t\n", c->text.data[at - 1]))
		at--;
	return kill_range(c, at, c->caret);
}

static bool
yank(struct composer *c)
{
	if (c->killed.len == 0)
		return false;
	composer_snapshot(c, false);
	return composer_replace(c, c->caret, c->caret, buf_slice(&c->killed));
}

static bool
transpose(struct composer *c)
{
	struct buf swapped = {.max = 1024};
	size_t middle, from, to;
	bool done;

	if (c->caret == c->text.len || c->text.data[c->caret] == '\n')
		go_back(c);
	middle = c->caret;
	from = one_back(c);
	to = one_forward(c);
	if (from == middle || middle == to)
		return false;
	buf_add(&swapped, c->text.data + middle, to - middle);
	buf_add(&swapped, c->text.data + from, middle - from);
	composer_snapshot(c, false);
	done = !swapped.over &&
	       composer_replace(c, from, to, buf_slice(&swapped));
	buf_clear(&swapped);
	return done;
}

static bool
new_line(struct composer *c)
{
	composer_snapshot(c, false);
	return composer_replace(c, c->caret, c->caret, slice_of("\n"));
}

static const struct {
	enum action action;
	edit_fn *edit;
	bool kills; /* and may join the kill before */
} edits[] = {
	{ACTION_NEW_LINE, new_line, false},
	{ACTION_LINE_START, go_line_start, false},
	{ACTION_LINE_END, go_line_end, false},
	{ACTION_BACK, go_back, false},
	{ACTION_FORWARD, go_forward, false},
	{ACTION_WORD_BACK, go_word_back, false},
	{ACTION_WORD_FORWARD, go_word_forward, false},
	{ACTION_TEXT_START, go_start, false},
	{ACTION_TEXT_END, go_end, false},
	{ACTION_UP, go_up, false},
	{ACTION_DOWN, go_down, false},
	{ACTION_HISTORY_BACK, history_back, false},
	{ACTION_HISTORY_FORWARD, history_forward, false},
	{ACTION_DELETE_BACK, delete_back, false},
	{ACTION_DELETE_FORWARD, delete_forward, false},
	{ACTION_DELETE_OR_QUIT, delete_forward, false},
	{ACTION_KILL_LINE, kill_line, true},
	{ACTION_KILL_LINE_BACK, kill_line_back, true},
	{ACTION_RUB_WORD, rub_word, true},
	{ACTION_KILL_WORD, kill_word, true},
	{ACTION_KILL_WORD_BACK, kill_word_back, true},
	{ACTION_YANK, yank, false},
	{ACTION_TRANSPOSE, transpose, false},
	{ACTION_UNDO, composer_undo, false},
};

enum composer_outcome
composer_act(struct composer *c, enum action action)
{
	if (action == ACTION_SEND)
		return slice_trim(composer_text(c)).len > 0 ? COMPOSER_SEND
							    : COMPOSER_IGNORED;
	for (size_t i = 0; i < COUNT(edits); i++) {
		bool changed;

		if (edits[i].action != action)
			continue;
		c->typing = false;
		if (!edits[i].kills)
			c->killing = false;
		changed = edits[i].edit(c);
		return changed ? COMPOSER_CHANGED : COMPOSER_IGNORED;
	}
	return COMPOSER_IGNORED;
}

static enum composer_outcome
insert(struct composer *c, struct slice text)
{
	struct buf clean = {.max = COMPOSER_MAX};
	enum composer_outcome outcome = COMPOSER_IGNORED;

	buf_add_slice(&clean, text);
	if (clean.len > 0) {
		composer_snapshot(c, true);
		outcome = composer_replace(c, c->caret, c->caret,
					   buf_slice(&clean))
				  ? COMPOSER_CHANGED
				  : COMPOSER_FULL;
	}
	buf_clear(&clean);
	c->killing = false;
	return outcome;
}

static enum composer_outcome
paste_end(struct composer *c)
{
	enum composer_outcome outcome;

	filter_finish(&c->paste, &c->pasted);
	outcome = c->pasted.over ? COMPOSER_FULL
				 : composer_paste(c, buf_slice(&c->pasted));
	buf_clear(&c->pasted);
	c->killing = false;
	return outcome;
}

enum composer_outcome
composer_key(struct composer *c, const struct key_event *event)
{
	switch (event->kind) {
	case KEY_TEXT:
		return insert(c, event->text);
	case KEY_PASTE_BEGIN:
		filter_init(&c->paste);
		buf_clear(&c->pasted);
		c->typing = false;
		return COMPOSER_IGNORED;
	case KEY_PASTE:
		filter_feed(&c->paste, event->text, &c->pasted);
		return COMPOSER_IGNORED;
	case KEY_PASTE_END:
		return paste_end(c);
	default:
		return COMPOSER_IGNORED;
	}
}
