/* ask.h - one turn on stdout, for `ask` and the line mode of the chat. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli.h"

bool ask_turn(struct cli *cli, struct slice content, struct error *err);

#endif
