/*
 * support_screen.h - the screen without a terminal: scripts of keys and of a
 * stub model's words, and the cells that they must give.
 */
#ifndef SUPPORT_SCREEN_H
#define SUPPORT_SCREEN_H

/* Run one script; tests/screens/README says what it may hold.  With
 * MNEME_WRITE_SCREENS in the environment the screens it expects are written
 * anew instead. */
void screen_script(const char *path);

#endif
