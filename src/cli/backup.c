/* mneme backup and restore: the whole store as one file. */
#include "cli.h"
#include "mneme/file.h"
#include "mneme/store.h"

static bool
tell(struct cli *cli, const char *done, const char *path, struct error *err)
{
	struct printer *p = &cli->printer;
	struct store_info info;

	if (!store_info(cli->store, &info, err))
		return false;
	if (!cli->options.json) {
		buf_addf(&cli->out, "%s ", done);
		cli_show_line(cli, slice_of(path), 400);
		buf_addc(&cli->out, '\n');
		return true;
	}
	printer_map(p);
	printer_add_string(p, "path", slice_of(path));
	printer_add_int(p, "generation", info.generation);
	printer_add_int(p, "schema", info.schema);
	printer_end(p);
	return true;
}

bool
cli_backup(struct cli *cli, struct error *err)
{
	return store_backup(cli->store, cli->words[0], err) &&
	       tell(cli, "The store was copied to", cli->words[0], err);
}

/* The indexes of the store that was there are none of what is there now. */
bool
cli_restore(struct cli *cli, struct error *err)
{
	return cli_memory(cli, err) &&
	       store_restore(cli->store, cli->words[0], err) &&
	       memory_index_forget(cli->memory, err) &&
	       tell(cli, "The store is that of", cli->words[0], err);
}
