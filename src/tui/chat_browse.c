/*
 * chat_browse.c - a message is chosen, and what can be done with one.
 *
 * Without a chosen one an action means the last message that it fits.
 */
#include <stdlib.h>

#include "mneme/error.h"
#include "tui/chat_private.h"
#include "tui/item_draw.h"
#include "tui/used_view.h"

static bool
is_message(const struct item *item)
{
	return item->state != ITEM_NOTE;
}

/* The next message from `from` on, by -1 or 1; SIZE_MAX: none. */
static size_t
next_message(const struct talk *talk, size_t from, int by)
{
	for (size_t i = from; i < talk->count; i += (size_t)by)
		if (is_message(talk->items[i]))
			return i;
	return SIZE_MAX;
}

static void
choose(struct chat_view *v, size_t i)
{
	if (i == SIZE_MAX)
		return;
	v->transcript.chosen = i + 1;
	transcript_reveal(&v->transcript, i);
}

void
chat_browse(struct chat_view *v)
{
	size_t last = next_message(v->talk, v->talk->count - 1, -1);

	if (v->talk->count == 0 || last == SIZE_MAX) {
		app_say(v->view.app, "nothing was said here yet");
		return;
	}
	v->view.contexts[0] = CONTEXT_BROWSE;
	choose(v, last);
}

void
chat_write(struct chat_view *v)
{
	v->view.contexts[0] = CONTEXT_EDIT;
	v->transcript.chosen = 0;
	app_dirty(v->view.app);
}

bool
chat_browses(const struct chat_view *v)
{
	return v->view.contexts[0] == CONTEXT_BROWSE;
}

/* Behind the chosen item, or the last one where none is, or no more: an answer
 * that said nothing goes again. */
static size_t
chosen_end(const struct chat_view *v)
{
	size_t chosen = v->transcript.chosen, count = v->talk->count;

	return chat_browses(v) && chosen > 0 && chosen <= count ? chosen
								: count;
}

static void
step(struct chat_view *v, int by)
{
	size_t at;

	if (by < 0 && chosen_end(v) <= 1 &&
	    !transcript_load_older(&v->transcript))
		return;
	at = chosen_end(v) - 1;
	if (by > 0 && at + 1 >= v->talk->count) {
		transcript_bottom(&v->transcript);
		return;
	}
	choose(v, next_message(v->talk, at + (size_t)by, by));
}

/* ---- what is done with it ---- */

/* The chosen item, or the last one of `who` (any: MESSAGE_ROLE_COUNT). */
static size_t
target(const struct chat_view *v, enum message_role who)
{
	const struct talk *talk = v->talk;

	if (chat_browses(v) && v->transcript.chosen == chosen_end(v))
		return v->transcript.chosen - 1;
	for (size_t i = talk->count; i-- > 0;)
		if (is_message(talk->items[i]) &&
		    (who == MESSAGE_ROLE_COUNT || talk->items[i]->who == who))
			return i;
	return SIZE_MAX;
}

/* The last message there that has other branches. */
static size_t
branched(struct chat_view *v, struct error *err)
{
	struct talk *talk = v->talk;

	if (chat_browses(v))
		return target(v, MESSAGE_ROLE_COUNT);
	for (size_t i = talk->count; i-- > 0;) {
		if (!talk_count_branches(talk, i, i + 1, err))
			return SIZE_MAX;
		if (talk->items[i]->branches > 1)
			return i;
	}
	return SIZE_MAX;
}

/* Bring a question back into the composer; sending it asks it instead. */
static bool
edit_message(struct chat_view *v, size_t i, struct error *err)
{
	const struct item *item = v->talk->items[i];

	while (i > 0 && (item->who != MESSAGE_USER || !is_message(item)))
		item = v->talk->items[--i];
	if (item->who != MESSAGE_USER)
		return error_set(err, ERROR_INVALID,
				 "only a question can be changed");
	if (!v->changing)
		v->set_aside = slice_dup(composer_text(v->composer));
	v->changing = true;
	v->changed_seq = item->seq;
	v->changed = item;
	composer_set(v->composer, buf_slice(&item->text));
	chat_find_images(v);
	chat_write(v);
	app_say(v->view.app, "Enter asks this instead; Esc leaves it");
	return true;
}

void
chat_keep_message(struct chat_view *v)
{
	if (!v->changing)
		return;
	v->changing = false;
	composer_set(v->composer, slice_of(v->set_aside));
	chat_find_images(v);
	free(v->set_aside);
	v->set_aside = NULL;
	app_dirty(v->view.app);
}

static bool
on_message(struct chat_view *v, enum action action, struct error *err)
{
	enum message_role who = MESSAGE_ROLE_COUNT;
	size_t i;

	if (v->talk->turn)
		return error_set(err, ERROR_BUSY,
				 "an answer is coming; Esc stops it");
	if (action == ACTION_EDIT_MESSAGE)
		who = MESSAGE_USER;
	else if (action == ACTION_CONTINUE)
		who = MESSAGE_ASSISTANT;
	i = action == ACTION_BRANCH_BACK || action == ACTION_BRANCH_ON
		    ? branched(v, err)
		    : target(v, who);
	if (i == SIZE_MAX)
		return err->code ? false
				 : error_set(err, ERROR_NOT_FOUND,
					     "there is nothing here for that");
	switch (action) {
	case ACTION_EDIT_MESSAGE:
		return edit_message(v, i, err);
	case ACTION_BRANCH_BACK:
	case ACTION_BRANCH_ON:
		return talk_branch(v->talk, i,
				   action == ACTION_BRANCH_ON ? 1 : -1, err);
	case ACTION_FORK:
		return talk_fork(v->talk, i, err);
	case ACTION_CONTINUE:
		chat_write(v);
		return talk_continue(v->talk, i, err);
	default:
		chat_write(v);
		return talk_regenerate(v->talk, i, err);
	}
}

/* The answer chosen, or the last one that rests on something. */
static void
show_used(struct chat_view *v)
{
	const struct talk *talk = v->talk;
	size_t i = chosen_end(v);

	while (i > 0 && talk->items[i - 1]->memory_count == 0)
		i--;
	if (i == 0)
		app_say(v->view.app, "no answer here rests on a memory");
	else if (talk->incognito)
		app_say(v->view.app, "of an incognito answer nothing is kept");
	else
		used_open(v->view.app, talk->items[i - 1]->seq);
}

/* The chosen question, or the last one that is long.  In the normal screen it
 * cannot grow: then it is looked at on the other one. */
static void
unfold(struct chat_view *v)
{
	const struct talk *talk = v->talk;

	for (size_t i = chosen_end(v); i > 0; i--) {
		struct item *item = talk->items[i - 1];

		transcript_height(&v->transcript, i - 1);
		if (!item_folds(item))
			continue;
		item->unfolded = !item->unfolded;
		if (v->view.app->normal || chat_browses(v)) {
			v->view.contexts[0] = CONTEXT_BROWSE;
			choose(v, i - 1);
		}
		app_dirty(v->view.app);
		return;
	}
	app_say(v->view.app, "no message of yours is folded here");
}

bool
chat_message_act(struct chat_view *v, enum action action)
{
	struct error err = {0};

	switch (action) {
	case ACTION_BROWSE:
		chat_browse(v);
		return true;
	case ACTION_WRITE:
		chat_write(v);
		return true;
	case ACTION_MESSAGE_BACK:
		step(v, -1);
		return true;
	case ACTION_MESSAGE_ON:
		step(v, 1);
		return true;
	case ACTION_USED:
		show_used(v);
		return true;
	case ACTION_UNFOLD:
		unfold(v);
		return true;
	case ACTION_REGENERATE:
	case ACTION_EDIT_MESSAGE:
	case ACTION_CONTINUE:
	case ACTION_FORK:
	case ACTION_BRANCH_BACK:
	case ACTION_BRANCH_ON:
		if (!on_message(v, action, &err))
			app_fail(v->view.app, &err);
		else if (v->talk->turn)
			transcript_bottom(&v->transcript);
		return true;
	default:
		return false;
	}
}
