/* mneme serve: the engine over HTTP, until a signal. */
#include <signal.h>
#include <stdio.h>

#include "engine.h"
#include "mneme/api.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/fetch.h"
#include "mneme/http.h"
#include "mneme/loop.h"
#include "mneme/work.h"
#include "setup.h"

struct serving {
	struct cli *cli;
	struct engine engine;
	struct fetch *fetch; /* where the engine has none */
	struct work *work;
	struct api *api;
	struct http_server *server;
	struct loop_signal *interrupt, *terminate;
};

static void
stopped(void *arg)
{
	struct serving *s = arg;

	loop_stop(s->engine.loop);
}

static void
on_signal(void *arg, int signo)
{
	struct serving *s = arg;

	(void)signo;
	http_server_stop(s->server, 5 * CLOCK_SECOND, stopped, s);
}

static bool
open_api(struct serving *s, const char *host, struct error *err)
{
	struct cli *cli = s->cli;
	struct fetch *fetch = s->engine.fetch;
	const struct fetch_settings wire = {
		.connect_timeout = 10 * CLOCK_SECOND,
		.idle_timeout = 30 * CLOCK_SECOND,
	};

	if (!fetch)
		fetch = s->fetch = fetch_create(s->engine.loop, &wire);
	s->work = work_create(s->engine.loop, 2, 64);
	const struct api_settings settings = {
		.config = cli->config,
		.chat = &s->engine.chat,
		.fetch = fetch,
		.work = s->work,
		.embedding_model = setup_model_folder(cli, NULL),
		.local = http_host_is_local(host),
	};
	s->api = api_create(&settings, err);
	return s->api != NULL;
}

static bool
serve(struct serving *s, struct error *err)
{
	struct cli *cli = s->cli;
	const char *host = cli->options.host ? cli->options.host
					     : setting_text(cli, "HOST");
	int64_t port = setting_int(cli, "PORT");
	unsigned bound;

	if (cli->options.port &&
	    !cli_number("port", cli->options.port, 0, 65535, &port, err))
		return false;
	if (!http_host_is_local(host) &&
	    !config_is_set(cli->config, CONFIG_SECRET_KEY))
		return error_set(err, ERROR_SETUP,
				 "to listen beyond this machine set SECRET_KEY "
				 "to 32 or more random bytes");
	if (!engine_open(&s->engine, cli, cli->options.model, err) ||
	    !open_api(s, host, err))
		return false;
	const struct http_settings wire = {0};
	s->server =
		http_server_create(s->engine.loop, &wire, api_handler(s->api));
	if (!http_listen(s->server, host, (unsigned)port, NULL, &bound, err))
		return false;
	s->interrupt = loop_signal(s->engine.loop, SIGINT, on_signal, s, err);
	s->terminate = loop_signal(s->engine.loop, SIGTERM, on_signal, s, err);
	if (!s->interrupt || !s->terminate)
		return false;
	printf("mneme: listening on http://%s:%u\n", host, bound);
	fflush(stdout);
	loop_run(s->engine.loop);
	return true;
}

bool
cli_serve(struct cli *cli, struct error *err)
{
	struct serving s = {.cli = cli};
	bool good = serve(&s, err);

	loop_signal_drop(&s.interrupt);
	loop_signal_drop(&s.terminate);
	api_destroy(&s.api);
	http_server_destroy(&s.server);
	if (s.work)
		work_destroy(&s.work);
	fetch_destroy(&s.fetch);
	engine_close(&s.engine);
	return good;
}
