/*
 * setup.h - the settings as commands ask for them, by name.
 */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli.h"

/* The value, from flag, environment, file or default; NULL when there is
 * none.  Borrowed for the run. */
const char *setting_text(struct cli *cli, const char *name);
int64_t setting_int(struct cli *cli, const char *name);

/* A secret; *found is false when it is not set. */
bool setting_secret(struct cli *cli, const char *name, struct buf *out,
		    bool *found, struct error *err);

bool setup_config(struct cli *cli, struct error *err);
void setup_drop_config(struct cli *cli);
const char *setup_data_dir(struct cli *cli, struct error *err);
/* EMBEDDING_MODEL's folder: a path, or a name among the models of the data's
 * folder, or of the usual one; NULL when it is not set.  In the arena. */
const char *setup_model_folder(struct cli *cli, struct error *err);
/* NULL for `value`: it is given no more. */
bool setup_write_setting(struct cli *cli, const char *key, const char *value,
			 struct error *err);

#endif
