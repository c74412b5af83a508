/*
 * status.c - facts by how much they matter: those that do not fit beside what
 * is happening are left out, the least first.
 */
#include "tui/status.h"

#include <stdio.h>

#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/filter.h"
#include "mneme/loop.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/chat_view.h"
#include "tui/grapheme.h"
#include "tui/talk.h"

/* In the order that they stand in; `worth` says who stays. */
enum fact {
	FACT_PROFILE,
	FACT_MODEL,
	FACT_TOKENS,
	FACT_COST,
	FACT_MEMORY,
	FACT_COUNT
};

static const int worth[FACT_COUNT] = {
	[FACT_PROFILE] = 1, [FACT_COST] = 2,   [FACT_TOKENS] = 3,
	[FACT_MODEL] = 4,   [FACT_MEMORY] = 5,
};

/* What a title needs to be known by. */
enum { TITLE_COLUMNS = 24 };

struct facts {
	char text[FACT_COUNT][96];
	bool loud; /* the memory fact must not be overlooked */
};

static void
count_tokens(const struct app *app, const struct talk *talk, char *out,
	     size_t size)
{
	int64_t n = MAX(talk->usage.prompt_tokens, 0) +
		    MAX(talk->usage.completion_tokens, 0);
	size_t window = app->tui->chat->context_tokens;

	if (n == 0)
		return;
	if (n < 1000)
		snprintf(out, size, "%d", (int)n);
	else
		snprintf(out, size, "%.1fk", (double)n / 1000);
	if (window > 0)
		snprintf(out + strlen(out), size - strlen(out), " %d%%",
			 (int)MIN(100 * n / (int64_t)window, 999));
}

static void
gather(const struct app *app, const struct talk *talk, struct facts *f)
{
	*f = (struct facts){.loud = false};
	snprintf(f->text[FACT_PROFILE], sizeof(f->text[0]), "%.*s",
		 SLICE_ARG(app->profile.name));
	snprintf(f->text[FACT_MODEL], sizeof(f->text[0]), "%s",
		 talk_model(talk));
	count_tokens(app, talk, f->text[FACT_TOKENS], sizeof(f->text[0]));
	if (talk->cost >= 0)
		snprintf(f->text[FACT_COST], sizeof(f->text[0]), "$%.4f",
			 talk->cost);
	f->loud = talk->incognito ||
		  talk->conversation.memory_mode != MEMORY_FULL ||
		  app->tui->no_memory;
	snprintf(f->text[FACT_MEMORY], sizeof(f->text[0]), "%s%s",
		 talk->incognito ? "INCOGNITO" : "memory ",
		 talk->incognito ? ""
		 : app->tui->no_memory
			 ? "off"
			 : memory_mode_names[talk->conversation.memory_mode]);
}

static int
columns_of(const char *text)
{
	return *text ? grapheme_columns(slice_of(text), false) + 3 : 0;
}

/* Leave out facts until they take at most `room` columns; returns how many. */
static int
fit(struct facts *f, int room)
{
	int columns = -1, last = f->loud ? FACT_COUNT - 1 : FACT_COUNT;

	for (int i = 0; i < FACT_COUNT; i++)
		columns += columns_of(f->text[i]);
	for (int least = 1; least <= last && columns > room; least++) {
		for (int i = 0; i < FACT_COUNT; i++) {
			if (worth[i] != least)
				continue;
			columns -= columns_of(f->text[i]);
			*f->text[i] = '\0';
		}
	}
	return columns;
}

/* What single keys do with the chosen message. */
static void
browse_keys(const struct app *app, char *out, size_t size)
{
	static const struct {
		enum action action;
		const char *does;
	} told[] = {
		{ACTION_EDIT_MESSAGE, "edits"}, {ACTION_REGENERATE, "again"},
		{ACTION_FORK, "forks"},         {ACTION_USED, "memories"},
		{ACTION_COPY, "copies"},        {ACTION_HELP, "all keys"},
		{ACTION_WRITE, "back"},
	};
	SCOPED(buf_clear) struct buf text = {.max = 1024};

	for (size_t i = 0; i < COUNT(told); i++) {
		size_t before = text.len;

		if (i)
			buf_adds(&text, "  ");
		size_t key = text.len;
		keymap_spell_in(&app->keymap, told[i].action, CONTEXT_BROWSE,
				&text);
		if (text.len == key)
			text.len = before;
		else
			buf_addf(&text, " %s", told[i].does);
	}
	snprintf(out, size, "%s", buf_text(&text));
}

/* What is happening, what keys do, or the conversation's title. */
static enum role
left_text(const struct app *app, const struct view *chat, char *out,
	  size_t size)
{
	const struct talk *talk = chat_view_talk(chat);
	size_t queued = chat_view_queued(chat);
	int64_t left = talk->retry_at - loop_now(app->loop);

	if (*app->note) {
		snprintf(out, size, "%s", app->note);
		return app->note_role;
	}
	if (talk->retry_at)
		snprintf(out, size, "again in %d s: %s",
			 (int)MAX((left + CLOCK_SECOND - 1) / CLOCK_SECOND, 0),
			 talk->activity);
	else if (talk->activity)
		snprintf(out, size, "%s%s", talk->activity,
			 talk->stopping ? "" : " · Esc stops");
	else if (chat->contexts[0] == CONTEXT_BROWSE)
		browse_keys(app, out, size);
	else
		snprintf(out, size, "%s",
			 talk->title ? talk->title : "new conversation");
	if (queued)
		snprintf(out + strlen(out), size - strlen(out), " · %zu wait",
			 queued);
	return talk->activity ? ROLE_BUSY : ROLE_STATUS;
}

void
status_draw(struct app *app, const struct area *area)
{
	const struct view *chat = app->stack[0];
	const struct talk *talk = chat_view_talk(chat);
	struct style base = app_style(app, ROLE_STATUS);
	char left[APP_NOTE_MAX + 64];
	struct facts facts;
	struct area start;
	enum role role = left_text(app, chat, left, sizeof(left));
	int wanted = grapheme_columns(slice_of(left), false), columns, column;

	/* A title is worth less than the facts: it may end early. */
	if (role == ROLE_STATUS && !*app->note &&
	    chat->contexts[0] != CONTEXT_BROWSE)
		wanted = MIN(wanted, TITLE_COLUMNS);
	gather(app, talk, &facts);
	area_fill(area, 0, 0, area->columns, base);
	/* A note is read now or never: only what is loud stays beside it. */
	int kept = *app->note ? 0 : area->columns / 3;
	columns = fit(&facts, MAX(area->columns - wanted - 3, kept));
	start = area_part(area, 0, 0, 1, area->columns - columns - 2);
	area_text(&start, 0, 1, slice_of(left),
		  role == ROLE_STATUS ? base : app_style(app, role));
	column = area->columns - columns - 1;
	for (int i = 0; i < FACT_COUNT; i++) {
		bool loud = i == FACT_MEMORY && facts.loud;

		if (!*facts.text[i])
			continue;
		column = area_text(area, 0, column, slice_of(" "), base);
		column = area_text(area, 0, column, slice_of(facts.text[i]),
				   loud ? app_style(app, ROLE_WARNING) : base);
		column = area_text(area, 0, column,
				   slice_of(i + 1 < FACT_COUNT ? " ·" : " "),
				   base);
	}
}
