/*
 * chat_private.h - what the files of the chat share: chat_view.c draws and has
 * the keys, chat_compose.c what is being written, chat_turns.c what is sent.
 */
#ifndef TUI_CHAT_PRIVATE_H
#define TUI_CHAT_PRIVATE_H

#include "tui/app.h"
#include "tui/chat_view.h"
#include "tui/complete.h"
#include "tui/composer.h"
#include "tui/draft.h"
#include "tui/transcript.h"

enum { QUEUE_MAX = 16, HISTORY_LOADED = 200 };

/* What waits to be sent. */
struct queued {
	char *text; /* owned */
	struct attached attached;
};

/* The images that the text names: which words, and a line of them all. */
struct chat_images {
	struct {
		size_t at, len;
	} words[ATTACH_MAX];
	size_t count;
	struct buf line;
};

/* How the rows under the transcript are shared out. */
struct chat_rows {
	int lines; /* of the composer */
	int queue, offered, rule;
};

struct chat_view {
	struct view view; /* first */
	struct talk *talk;
	struct id person; /* whose history the composer has */
	struct transcript transcript;
	struct composer *composer;
	struct draft *draft;
	struct loop_timer *second; /* while a retry is counted down */
	struct queued queue[QUEUE_MAX];
	size_t queued;
	char *sent; /* what went out for what was written last */
	struct complete complete;
	struct chat_images images;
	char *editing;        /* path of the file that an editor has; owned */
	bool changing;        /* the composer has a question that was asked */
	uint64_t changed_seq; /* that one ... */
	const struct item *changed; /* ... where nothing is stored */
	char *set_aside; /* what stood in the composer before; owned */
	bool remembers;  /* the composer has its history */
	bool asked_to_quit;
	struct chat_live *live; /* NULL: never in the normal screen */
};

/* ---- chat_view.c ---- */

struct chat_rows chat_share(struct chat_view *v, int rows, int columns);
int chat_rows_sum(const struct chat_rows *share);
/* What is under the transcript, into an area of so many rows. */
void chat_draw_lower(struct chat_view *v, const struct area *area,
		     const struct chat_rows *share);

/* ---- chat_live.c ---- */

void chat_live_drop(struct chat_live **live);

/* ---- chat_compose.c ---- */

/* The composer's text is another one. */
void chat_text_changed(struct chat_view *v);
void chat_load_draft(struct chat_view *v);

/* What was sent before, into the composer's history, once. */
void chat_load_history(struct chat_view *v);

/* ---- chat_images.c ---- */

/* Find them in the composer's text, which is another one. */
void chat_find_images(struct chat_view *v);
/* The image's word that begins at or after `from`. */
bool chat_next_image(const struct chat_view *v, size_t from, size_t *at,
		     size_t *len);
void chat_draw_images(const struct chat_view *v, const struct area *area,
		      int row);

/* ---- chat_compose.c ---- */

/* Write the text in an editor. */
void chat_open_editor(struct chat_view *v);

/* An action on the text; false: not one. */
bool chat_edit(struct chat_view *v, enum action action);

/* ---- chat_browse.c ---- */

/* Choose a message; go back to writing. */
void chat_browse(struct chat_view *v);
void chat_write(struct chat_view *v);
bool chat_browses(const struct chat_view *v);

/* What becomes of what is said here, in a sentence for an empty talk. */
const char *chat_promise(const struct chat_view *v);

/* Leave a question that was to be changed as it is. */
void chat_keep_message(struct chat_view *v);

/* An action on a message; false: not one. */
bool chat_message_act(struct chat_view *v, enum action action);

/* ---- chat_turns.c ---- */

extern const struct talk_listener chat_listener; /* its arg is not set */
void chat_send(struct chat_view *v);
void chat_ticked(void *arg); /* of v->second */

/* Put everything that waits back into the composer. */
void chat_unqueue(struct chat_view *v);

#endif
