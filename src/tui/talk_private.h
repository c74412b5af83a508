/*
 * talk_private.h - what talk.c and the turns of talk_turn.c share.
 */
#ifndef TUI_TALK_PRIVATE_H
#define TUI_TALK_PRIVATE_H

#include "mneme/chat.h"
#include "tui/talk.h"

struct item *item_make(struct talk *talk, enum item_state state,
		       enum message_role who);
void item_destroy(struct item **item);

/* Replace an owned text with a copy that may be shown on one line. */
void item_keep(struct slice *at, struct slice text);

/* A line for one of the files that are attached. */
void item_add_file(struct item *item, struct slice name,
		   struct slice media_type, uint64_t size);

/* ---- talk_images.c ---- */

/* The question's images beside it: their lines, and in an incognito talk their
 * bytes. */
void talk_show_images(struct talk *talk, struct item *item,
		      const struct chat_request *request);

/* Add what was attached to the question items[i], and is still meant by the
 * new text: what that names, or what none named. */
bool talk_keep_images(struct talk *talk, size_t i, struct slice text,
		      struct attached *attached, struct error *err);

void talk_add(struct talk *talk, struct item *item);
void talk_changed(struct talk *talk);
void talk_destroy(struct talk *talk);

#endif
