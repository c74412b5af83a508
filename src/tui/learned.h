/*
 * learned.h - what was just learned stands in the chat as a line, and can be
 * taken back.
 */
#ifndef TUI_LEARNED_H
#define TUI_LEARNED_H

struct app;
struct chat_result;
struct talk;

/* Listen to the engine's learner; again after it has been another one. */
void learned_listen(struct app *app);
void learned_drop(struct app *app);

/* What a turn kept at once, as it was asked to: a line under it. */
void learned_by_turn(struct talk *talk, const struct chat_result *result);

/* Take the last one back that has not been. */
void learned_undo(struct app *app);

#endif
