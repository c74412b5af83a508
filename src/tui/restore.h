/*
 * restore.h - the terminal is put back whatever ends the process.
 */
#ifndef TUI_RESTORE_H
#define TUI_RESTORE_H

#include <termios.h>

#include "mneme/base.h"

/* From now on, until restore_disarm(), a signal that kills writes `bytes` to
 * `fd` and sets its modes to `saved` before it does so.  Both are copied;
 * bytes beyond a ceiling are left out whole. */
void restore_arm(int fd, struct slice bytes, const struct termios *saved);
void restore_disarm(void);

#endif
