/*
 * status.h - the line at the foot of the screen: what is happening, and where
 * one is: profile, model, tokens, cost, memory.
 */
#ifndef TUI_STATUS_H
#define TUI_STATUS_H

struct app;
struct area;

void status_draw(struct app *app, const struct area *area);

#endif
