/*
 * talk_private.h - what talk.c and the turns of talk_turn.c share.
 */
#ifndef TUI_TALK_PRIVATE_H
#define TUI_TALK_PRIVATE_H

#include "tui/talk.h"

struct item *item_make(struct talk *talk, enum item_state state,
		       enum message_role who);
void item_destroy(struct item **item);

/* Replace an owned text with a copy that may be shown on one line. */
void item_keep(struct slice *at, struct slice text);

void talk_add(struct talk *talk, struct item *item);
void talk_changed(struct talk *talk);
void talk_destroy(struct talk *talk);

#endif
