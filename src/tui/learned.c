/*
 * learned.c - what the learner and a turn tell, as notes; the last is taken
 * back on the writer's thread, and its note says so.
 */
#include "tui/learned.h"

#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "mneme/utf8.h"
#include "tui/app.h"
#include "tui/chat_view.h"
#include "tui/talk.h"

enum { KEPT = 32, SHOWN = 300 };

struct lesson {
	struct chat_lesson what; /* first */
	/* The note that says so, of so many in all, and where its end begins
	 * that tells how to take it back. */
	uint64_t note;
	size_t kept, place, all;
	bool within; /* in brackets */
};

struct learned {
	struct lesson at[KEPT]; /* oldest first */
	size_t count;
};

static struct lesson *
keep(struct learned *l, const struct memory_learned *what)
{
	if (l->count == KEPT) {
		l->count--;
		memmove(&l->at[0], &l->at[1], l->count * sizeof(l->at[0]));
	}
	l->at[l->count] = (struct lesson){
		.what = chat_lesson(what),
		.place = 0,
		.all = 1,
	};
	return &l->at[l->count++];
}

/* How a note ends of whose lessons the first `left` can be taken back. */
static void
add_end(const struct app *app, size_t left, size_t all, bool within,
	struct buf *out)
{
	if (within)
		buf_addc(out, '(');
	if (left < all)
		buf_adds(out, left > 0  ? "the last is taken back, "
			      : all > 1 ? "all taken back"
					: "taken back");
	if (left > 0)
		keymap_spell_first(&app->keymap, ACTION_UNLEARN, out);
	if (left > 0)
		buf_adds(out, left < all ? " takes back the one before"
			      : all > 1  ? " takes back the last of these"
					 : " takes it back");
	if (within)
		buf_addc(out, ')');
}

static void
add_value(struct slice value, struct buf *out)
{
	struct slice shown = utf8_cut(value, SHOWN);

	buf_addf(out, "%.*s%s", SLICE_ARG(shown),
		 shown.len < value.len ? "..." : "");
}

static void
learned(void *arg, const struct memory_learned *what)
{
	struct app *app = arg;
	SCOPED(buf_clear) struct buf text = {.max = 4096};

	app_changed(app);
	if (!id_equal(what->memory.profile, app->profile.id))
		return;
	struct lesson *lesson = keep(app->learned, what);
	buf_addf(&text, "%s: ", chat_how_words[what->how]);
	add_value(what->memory.value, &text);
	buf_addc(&text, ' ');
	lesson->within = true;
	lesson->kept = text.len;
	add_end(app, 1, 1, true, &text);
	lesson->note = talk_note(chat_view_talk(app->stack[0]), ROLE_QUIET,
				 buf_slice(&text));
}

void
learned_by_turn(struct talk *talk, const struct chat_result *r)
{
	struct app *app = talk->app;
	struct learned *l = app->learned;
	SCOPED(buf_clear) struct buf text = {.max = 16384};
	size_t n = MIN(r->learned_count, (size_t)KEPT);

	if (!l)
		return;
	for (size_t i = 0; i < r->learned_count; i++) {
		keep(l, &r->learned[i]);
		if (r->model.len == 0)
			continue; /* the answer says so itself */
		buf_adds(&text, "Remembered: ");
		add_value(r->learned[i].memory.value, &text);
		buf_adds(&text, "\n");
	}
	if (n == 0 || talk->closed)
		return;
	size_t kept = text.len;
	add_end(app, n, n, false, &text);
	uint64_t note = talk_note(talk, ROLE_QUIET, buf_slice(&text));
	for (size_t i = 0; i < n; i++) {
		struct lesson *lesson = &l->at[l->count - n + i];
		lesson->note = note;
		lesson->kept = kept;
		lesson->place = i;
		lesson->all = n;
	}
}

void
learned_listen(struct app *app)
{
	const struct chat_learner_events events = {.learned = learned,
						   .arg = app};

	if (!app->learned)
		app->learned = xcalloc(1, sizeof(*app->learned));
	if (app->tui->chat->learner)
		chat_learner_tell(app->tui->chat->learner, &events);
}

void
learned_drop(struct app *app)
{
	const struct chat_learner_events nobody = {0};

	if (app->learned && app->tui->chat->learner)
		chat_learner_tell(app->tui->chat->learner, &nobody);
	free(app->learned);
	app->learned = NULL;
}

/* ---- taking back ---- */

struct undo {
	struct lesson lesson; /* first */
	struct app *app;
};

/* The note tells no longer how; one that is out of reach gets another. */
static void
tell(struct app *app, const struct lesson *l)
{
	struct talk *talk = chat_view_talk(app->stack[0]);
	SCOPED(buf_clear) struct buf end = {.max = 1024};

	add_end(app, l->place, l->all, l->within, &end);
	if (!talk_note_ends(talk, l->note, l->kept, buf_slice(&end)) &&
	    app->normal)
		talk_note(talk, ROLE_QUIET, slice_of("Taken back."));
	app_say(app, "taken back");
}

static void
unlearned(void *arg, const struct error *err)
{
	struct undo *undo = arg;

	if (err)
		app_fail(undo->app, err);
	else
		tell(undo->app, &undo->lesson);
	app_changed(undo->app);
	free(undo);
}

void
learned_undo(struct app *app)
{
	struct learned *l = app->learned;
	struct undo *undo;
	struct error err = {0};

	if (!l || l->count == 0) {
		app_say(app, "nothing was learned since the start");
		return;
	}
	undo = xcalloc(1, sizeof(*undo));
	undo->app = app;
	undo->lesson = l->at[--l->count];
	if (store_submit(app->store, app->loop, chat_unlearn, undo, unlearned,
			 &err))
		return;
	app_fail(app, &err);
	free(undo);
}
