/* mneme model: the sentence model that finds by meaning. */
#include "mneme/embed.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/digest.h"
#include "mneme/fetch.h"
#include "mneme/file.h"
#include "mneme/loop.h"
#include "mneme/memory.h"
#include "setup.h"

enum { BAR = 30, MODELS_MAX = 256 };

static const char *
models_dir(struct cli *cli, struct error *err)
{
	const char *dir = setup_data_dir(cli, err);

	return dir ? arena_printf(&cli->arena, "%s/models", dir) : NULL;
}

/* The models of the usual data folder are there for every other one too; NULL:
 * this is the usual one. */
static const char *
usual_models_dir(struct cli *cli, const char *dir)
{
	const char *usual = config_usual_data_dir(cli->config);

	if (!usual || !dir)
		return NULL;
	usual = arena_printf(&cli->arena, "%s/models", usual);
	return strcmp(usual, dir) == 0 ? NULL : usual;
}

static bool
holds_model(struct cli *cli, const char *folder)
{
	return file_exists(arena_printf(&cli->arena, "%s/config.json", folder));
}

/* A path has a slash, a name has none. */
static const char *
folder_of(struct cli *cli, const char *name, struct error *err)
{
	const char *dir = models_dir(cli, err), *usual;

	if (!dir || strchr(name, '/'))
		return dir ? name : NULL;
	const char *folder = arena_printf(&cli->arena, "%s/%s", dir, name);
	if (holds_model(cli, folder) || !(usual = usual_models_dir(cli, dir)))
		return folder;
	const char *there = arena_printf(&cli->arena, "%s/%s", usual, name);
	return holds_model(cli, there) ? there : folder;
}

const char *
setup_model_folder(struct cli *cli, struct error *err)
{
	const char *name = setting_text(cli, "EMBEDDING_MODEL");

	return name && *name ? folder_of(cli, name, err) : NULL;
}

/* ---- list ---- */

static void
text_row(struct cli *cli, const char *name, bool used,
	 const struct embed_model *model, const char *why)
{
	char hex[DIGEST_HEX + 1];

	buf_addf(&cli->out, "%c ", used ? '*' : ' ');
	cli_show_line(cli, slice_of(name), 80);
	if (model) {
		const struct embed_info *info = embed_info(model);
		digest_hex(info->fingerprint, hex);
		buf_addf(&cli->out, "  %u dimensions, %u layers, %.12s",
			 info->dimensions, info->layers, hex);
	} else {
		buf_adds(&cli->out, "  ");
		cli_show_line(cli, slice_of(why), 400);
	}
	buf_addc(&cli->out, '\n');
}

static void
json_row(struct cli *cli, const char *name, const char *path, bool used,
	 const struct embed_model *model, const char *why)
{
	struct printer *p = &cli->printer;
	char hex[DIGEST_HEX + 1];

	printer_map(p);
	printer_add_word(p, "name", name);
	printer_key(p, "path");
	if (path)
		printer_string(p, slice_of(path));
	else
		printer_null(p);
	printer_add_bool(p, "in_use", used);
	if (model) {
		const struct embed_info *info = embed_info(model);
		printer_add_int(p, "dimensions", info->dimensions);
		printer_add_int(p, "layers", info->layers);
		printer_add_word(p, "fingerprint",
				 digest_hex(info->fingerprint, hex));
	} else {
		printer_add_word(p, "error", why);
	}
	printer_end(p);
}

static void
show_model(struct cli *cli, const char *name, const char *path, bool used)
{
	struct error why = {0};
	SCOPED(embed_close) struct embed_model *model = embed_open(path, &why);

	if (cli->options.json)
		json_row(cli, name, path, used, model, why.text);
	else
		text_row(cli, name, used, model, why.text);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
is_among(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Add those of a folder to the `n` that are known. */
static size_t
add_installed(struct cli *cli, const char *dir, const char **names, size_t n)
{
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *e;

	if (!d)
		return n;
	while (n < MODELS_MAX && (e = readdir(d))) {
		const char *name = arena_text(&cli->arena, slice_of(e->d_name));

		if (name[0] != '.' && !is_among(names, n, name) &&
		    holds_model(cli,
				arena_printf(&cli->arena, "%s/%s", dir, name)))
			names[n++] = name;
	}
	closedir(d);
	return n;
}

static size_t
installed(struct cli *cli, const char *dir, const char **names)
{
	size_t n = add_installed(cli, dir, names, 0);

	n = add_installed(cli, usual_models_dir(cli, dir), names, n);
	qsort(names, n, sizeof(*names), by_name);
	return n;
}

static void
show_published(struct cli *cli, const struct embed_published *what, bool used)
{
	const char *why = arena_printf(
		&cli->arena, "not here (%llu MB; %s); mneme model pull %s",
		(unsigned long long)(what->bytes / 1000000), what->about,
		what->name);

	if (cli->options.json)
		json_row(cli, what->name, NULL, used, NULL, why);
	else
		text_row(cli, what->name, used, NULL, why);
}

bool
cli_model_list(struct cli *cli, struct error *err)
{
	const char *dir = models_dir(cli, err);
	const char *in_use = setting_text(cli, "EMBEDDING_MODEL");
	const char *names[MODELS_MAX];
	bool seen = !in_use || !*in_use;

	if (!dir)
		return false;
	size_t n = installed(cli, dir, names);
	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++) {
		bool used = !seen && strcmp(names[i], in_use) == 0;
		seen = seen || used;
		show_model(cli, names[i], folder_of(cli, names[i], err), used);
	}
	for (size_t i = 0; i < embed_published_count; i++) {
		const char *name = embed_published[i].name;
		bool used = !seen && strcmp(name, in_use) == 0;
		if (is_among(names, n, name))
			continue;
		seen = seen || used;
		show_published(cli, &embed_published[i], used);
	}
	if (!seen)
		show_model(cli, in_use, folder_of(cli, in_use, err), true);
	if (cli->options.json)
		printer_end(&cli->printer);
	return true;
}

/* The first search is not to wait for it. */
static bool
prepare(struct cli *cli, const char *folder, struct error *err)
{
	const char *data = setup_data_dir(cli, err);
	bool tell = isatty(STDERR_FILENO) && !cli->options.json;

	if (tell)
		fputs("preparing it for its first search ...", stderr);
	bool good = data && memory_prepare_model(folder, data, err);
	if (tell)
		fputs("\r\x1b[K", stderr);
	return good;
}

/* ---- use ---- */

bool
cli_model_use(struct cli *cli, struct error *err)
{
	const char *name = cli->words[0];
	const char *folder = folder_of(cli, name, err);
	char path[PATH_MAX];

	if (!folder)
		return false;
	if (strchr(name, '/')) {
		if (!realpath(name, path))
			return error_set(err, ERROR_NOT_FOUND,
					 "there is no folder %.400s", name);
		name = folder = path;
	} else if (!file_exists(folder)) {
		return error_set(err, ERROR_NOT_FOUND,
				 "no model %.200s in %.400s; give a folder's "
				 "path, or: mneme model pull %.200s",
				 name, models_dir(cli, err), name);
	}
	SCOPED(embed_close) struct embed_model *model = embed_open(folder, err);
	if (!model || !prepare(cli, folder, err) ||
	    !setup_write_setting(cli, "EMBEDDING_MODEL", name, err))
		return false;
	if (getenv("EMBEDDING_MODEL"))
		fprintf(stderr, "mneme: EMBEDDING_MODEL in the environment "
				"still says otherwise\n");
	if (cli->options.json)
		json_row(cli, name, folder, true, model, NULL);
	else
		text_row(cli, name, true, model, NULL);
	return true;
}

/* ---- pull ---- */

struct pulling {
	struct loop *loop;
	struct error err;
	bool good, bar;
	int64_t started, shown;
	uint64_t first; /* bytes that were there */
	bool any;
};

static void
draw(const struct pulling *p, uint64_t bytes, uint64_t all, int64_t now)
{
	char bar[BAR + 1];
	size_t full = (size_t)(bytes * BAR / all);
	double seconds = (double)(now - p->started) / CLOCK_SECOND;
	double rate = seconds > .5 ? (double)(bytes - p->first) / seconds : 0;

	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	fprintf(stderr, "\r[%s] %3d %%  %.1f of %.1f MB  %.1f MB/s \x1b[K", bar,
		(int)(bytes * 100 / all), (double)bytes / 1e6,
		(double)all / 1e6, rate / 1e6);
}

static void
on_progress(void *arg, uint64_t bytes, uint64_t all)
{
	struct pulling *p = arg;
	int64_t now = clock_monotonic();

	if (!p->any)
		p->first = bytes;
	p->any = true;
	if (!p->bar || (now - p->shown < CLOCK_SECOND / 10 && bytes < all))
		return;
	p->shown = now;
	draw(p, bytes, all, now);
}

static void
on_end(void *arg, const struct error *err)
{
	struct pulling *p = arg;

	p->good = !err;
	if (err)
		p->err = *err;
	loop_stop(p->loop);
}

static void
on_interrupt(void *arg, int signo)
{
	struct pulling *p = arg;

	(void)signo;
	p->good = false;
	error_set(&p->err, ERROR_CANCELLED,
		  "stopped; what arrived is kept, the same command goes on");
	loop_stop(p->loop);
}

static bool
pull(struct cli *cli, const struct embed_published *what, const char *dir,
     struct error *err)
{
	SCOPED(loop_destroy) struct loop *loop = loop_create(err);
	struct pulling p = {.loop = loop,
			    .bar = isatty(STDERR_FILENO) && !cli->options.json,
			    .started = clock_monotonic()};
	const struct embed_pull_events events = {on_progress, on_end, &p};
	const struct fetch_settings wire = {
		.connect_timeout =
			setting_int(cli, "LLM_CONNECT_TIMEOUT") * CLOCK_SECOND,
		.idle_timeout =
			setting_int(cli, "LLM_IDLE_TIMEOUT") * CLOCK_SECOND};

	if (!loop)
		return false;
	SCOPED(loop_signal_drop)
	struct loop_signal *signal =
		loop_signal(loop, SIGINT, on_interrupt, &p, err);
	SCOPED(fetch_destroy) struct fetch *fetch = fetch_create(loop, &wire);
	SCOPED(embed_pull_drop)
	struct embed_pull *pull = embed_pull_start(
		loop, fetch, what, setting_text(cli, "MNEME_MODEL_BASE_URL"),
		dir, &events, err);
	if (!signal || !pull)
		return false;
	loop_run(loop);
	if (p.bar)
		fputc('\n', stderr);
	return p.good || error_set(err, p.err.code, "%s", p.err.text);
}

bool
cli_model_pull(struct cli *cli, struct error *err)
{
	const char *name =
		cli->word_count ? cli->words[0] : embed_published[0].name;
	const struct embed_published *what = embed_published_find(name);
	const char *dir = models_dir(cli, err);

	if (!dir)
		return false;
	if (!what)
		return error_set(err, ERROR_NOT_FOUND,
				 "no model %.200s is known; there is %s; any "
				 "other: fetch its folder yourself, then mneme "
				 "model use PATH",
				 name, embed_published[0].name);
	const char *folder = folder_of(cli, name, err);
	struct error why = {0};
	SCOPED(embed_close)
	struct embed_model *model = embed_open(folder, &why);
	if (!model) {
		if (!pull(cli, what, dir, err))
			return false;
		model = embed_open(folder, err);
	}
	if (!model || !prepare(cli, folder, err))
		return false;
	const char *in_use = setting_text(cli, "EMBEDDING_MODEL");
	bool used = in_use && strcmp(in_use, name) == 0;
	if (cli->options.json)
		json_row(cli, name, folder, used, model, NULL);
	else
		text_row(cli, name, used, model, NULL);
	return true;
}
