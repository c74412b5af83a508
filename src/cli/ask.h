/* ask.h - one turn on stdout, for `ask` and the line mode of the chat. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli.h"
#include "mneme/attach.h"

bool ask_turn(struct cli *cli, struct slice content,
	      const struct attached *attached, struct error *err);

#endif
