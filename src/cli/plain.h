/* plain.h - the chat line by line. */
#ifndef CLI_PLAIN_H
#define CLI_PLAIN_H

#include "cli.h"

bool plain_chat(struct cli *cli, struct error *err);

#endif
