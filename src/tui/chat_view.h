/*
 * chat_view.h - the chat: a transcript over a composer.
 */
#ifndef TUI_CHAT_VIEW_H
#define TUI_CHAT_VIEW_H

#include "mneme/id.h"
#include "tui/view.h"

struct buf;
struct error;
struct talk;
struct transcript;

struct view *chat_view_open(struct app *app, struct id conversation,
			    struct error *err);

/* Show another conversation; what is being written stays with the one that it
 * was written in. */
bool chat_view_show(struct view *view, struct id conversation, uint64_t seq,
		    struct error *err);

/* For what looks for something in it. */
struct transcript *chat_view_transcript(struct view *view);

/* The last question and its answer as plain lines, added to `out`, of a long
 * one its beginning; nothing of an incognito talk. */
void chat_view_last(struct view *view, struct buf *out);

/* In the normal screen: what is finished goes up for good, the rest is drawn
 * below.  False: what is to be seen needs the whole screen. */
bool chat_view_live(struct view *view);

/* All that is stored goes up, nothing is left below. */
void chat_view_finish(struct view *view);

/* The theme is another one. */
void chat_view_restyle(struct view *view);

/* The conversation that is shown. */
struct talk *chat_view_talk(const struct view *view);
size_t chat_view_queued(const struct view *view);

/* Store what is written; then done(arg). */
void chat_view_leave(struct view *view, void (*done)(void *arg), void *arg);

#endif
