/*
 * conversation_view.h - the conversations: beside the chat where there is
 * room, else in its place.
 */
#ifndef TUI_CONVERSATION_VIEW_H
#define TUI_CONVERSATION_VIEW_H

struct app;

/* Opens the list, or gives it the keys, or closes it. */
void conversations_open(struct app *app);

#endif
