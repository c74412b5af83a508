/* setup.h - the parts of the set-up that single commands need. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli.h"

bool setup_write_setting(struct cli *cli, const char *key, const char *value,
			 struct error *err);

#endif
