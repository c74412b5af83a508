/*
 * mneme serve: the engine over HTTP until a signal ends it.
 *
 * SIGTERM and SIGINT drain: no new connections, answers finish, streams get an
 * error event; a second one cuts.  SIGHUP reads the certificate again.  What
 * has to be set up first is refused before anything listens, with exit 4.
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"
#include "engine.h"
#include "mneme/api.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/embed.h"
#include "mneme/http.h"
#include "mneme/log.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/work.h"
#include "setup.h"

enum {
	POOL_THREADS = 2,
	POOL_WAITING = 64,
	STOP_GRACE = 10,     /* seconds */
	GIVEN_BACK = 3 << 20 /* bytes: what is larger goes to the kernel when
				it is freed; LMDB takes 2 MiB for each change
				of a group */
};

struct serving {
	struct cli *cli;
	struct engine engine;
	struct work *work;
	struct api *api;
	struct http_server *server;
	struct http_tls *tls;
	struct loop_signal *signals[3];
	struct store_notice *notice;
	bool stopping;
};

/* ---- where it listens */

struct place {
	const char *host; /* NULL: only the socket file */
	const char *path; /* of the socket file, or NULL */
	unsigned port;
	const char *certificate, *key;
	bool local;
};

static bool
find_place(struct cli *cli, struct place *place, struct error *err)
{
	const struct cli_options *o = &cli->options;
	int64_t port = config_int(cli->config, CONFIG_PORT);

	if (o->port && !cli_number("port", o->port, 0, 65535, &port, err))
		return false;
	if (!o->tls_cert != !o->tls_key)
		return error_set(err, ERROR_USAGE,
				 "--tls-cert and --tls-key belong together");
	*place = (struct place){
		.host = o->host ? o->host
				: config_text(cli->config, CONFIG_HOST),
		.path = o->unix_path,
		.port = (unsigned)port,
		.certificate = o->tls_cert,
		.key = o->tls_key,
	};
	/* A socket file is in place of an address, unless one is named. */
	if (place->path && !o->host && !o->port)
		place->host = NULL;
	place->local = !place->host || http_host_is_local(place->host);
	return true;
}

/* What makes others able to reach it has to be wanted. */
static bool
may_listen(struct cli *cli, const struct place *place, struct error *err)
{
	if (place->local || config_is_set(cli->config, CONFIG_SECRET_KEY))
		return true;
	return error_set(err, ERROR_SETUP,
			 "%s can be reached from other machines: set "
			 "SECRET_KEY first (mneme config set SECRET_KEY "
			 "\"$(openssl rand -hex 32)\"), or listen on 127.0.0.1",
			 place->host);
}

/* On stdout, at once: who starts a server waits for it. */
static void say(const char *fmt, ...) PRINTF(1, 2);

static void
say(const char *fmt, ...)
{
	va_list ap;

	fputs("mneme: listening on ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static bool
listen_there(struct serving *s, const struct place *place, struct error *err)
{
	unsigned port = 0;

	if (place->path && !http_listen_unix(s->server, place->path, err))
		return false;
	if (place->path)
		say("%s", place->path);
	if (!place->host)
		return true;
	if (!http_listen(s->server, place->host, place->port, s->tls, &port,
			 err))
		return false;
	bool six = strchr(place->host, ':') != NULL;
	say("%s://%s%s%s:%u", s->tls ? "https" : "http", six ? "[" : "",
	    place->host, six ? "]" : "", port);
	return true;
}

/* ---- the service manager's protocol: sd_notify(3) */

static void
tell_manager(const char *what)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t len = path ? strlen(path) : 0;

	if (!len || len >= sizeof(at.sun_path))
		return;
	memcpy(at.sun_path, path, len);
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	SCOPED(close_fd)
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, what, strlen(what), MSG_NOSIGNAL, (const void *)&at,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

/* ---- signals */

static void
stopped(void *arg)
{
	struct serving *s = arg;

	loop_stop(s->engine.loop);
}

static void
on_end(void *arg, int signo)
{
	struct serving *s = arg;
	int64_t grace = s->stopping ? 0 : STOP_GRACE * CLOCK_SECOND;

	if (!s->stopping) {
		tell_manager("STOPPING=1");
		log_info("serve", "signal %d: stopping", signo);
	}
	s->stopping = true;
	http_server_stop(s->server, grace, stopped, s);
}

static void
on_hangup(void *arg, int signo)
{
	struct serving *s = arg;
	struct error err = {0};

	(void)signo;
	if (s->tls && !http_tls_reload(s->tls, &err))
		log_error("serve", "the old certificate stays: %s", err.text);
	else if (s->tls)
		log_info("serve", "the certificate was read again");
}

static bool
take_signals(struct serving *s, struct error *err)
{
	static const struct {
		int signo;
		loop_signal_fn *fn;
	} wanted[] = {
		{SIGTERM, on_end},
		{SIGINT, on_end},
		{SIGHUP, on_hangup},
	};

	for (size_t i = 0; i < COUNT(wanted); i++) {
		s->signals[i] = loop_signal(s->engine.loop, wanted[i].signo,
					    wanted[i].fn, s, err);
		if (!s->signals[i])
			return false;
	}
	return true;
}

/* ---- put together */

static bool
start_log(struct cli *cli, struct error *err)
{
	static const char *const names[] = {
		[LOG_ERROR] = "error",
		[LOG_WARN] = "warn",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};
	const char *wanted = config_text(cli->config, CONFIG_LOG_LEVEL);
	const char *format = config_text(cli->config, CONFIG_LOG_FORMAT);
	enum log_level level = LOG_WARN;

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i], wanted) == 0)
			level = (enum log_level)i;
	if (config_bool(cli->config, CONFIG_DEBUG))
		level = LOG_DEBUG;
	else if (cli->options.verbose)
		level = MAX(level, LOG_INFO);
	return log_open(NULL, level, strcmp(format, "json") == 0) ||
	       error_set(err, ERROR_IO, "cannot write a log");
}

/* As many descriptors as are allowed: a stream may need two. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Left to itself malloc keeps what bodies of many MiB took, for the next ones:
 * hundreds of MiB after a burst. */
static void
give_memory_back(void)
{
	mallopt(M_MMAP_THRESHOLD, GIVEN_BACK);
	mallopt(M_TRIM_THRESHOLD, 2 * GIVEN_BACK);
}

static void
not_learned(void *arg, const struct error *err)
{
	(void)arg;
	log_warn("learner", "%s", err->text);
}

/* Another process has stored something: a turn to be learned from, perhaps, or
 * what somebody set. */
static void
on_notice(void *arg)
{
	struct serving *s = arg;

	voices_check(s->engine.voices);
	if (s->engine.chat.learner && !s->stopping)
		chat_learner_wake(s->engine.chat.learner);
}

/* Without it the server goes on: it looks with each turn of its own. */
static void
listen_to_others(struct serving *s)
{
	struct error err = {0};

	s->notice = store_notice(s->engine.chat.store, s->engine.loop,
				 on_notice, s, &err);
	if (!s->notice)
		log_warn("serve", "%s", err.text);
}

static bool
open_all(struct serving *s, const struct place *place, struct error *err)
{
	struct cli *cli = s->cli;
	const struct http_settings settings = {
		.peer_max = (size_t)config_int(cli->config,
					       CONFIG_PEER_CONNECTIONS),
		.trust_local_forwarded =
			config_bool(cli->config, CONFIG_TRUST_PROXY),
	};
	const struct chat_learner_events learning = {.failed = not_learned};

	raise_descriptors();
	give_memory_back();
	if (place->certificate &&
	    !(s->tls = http_tls_open(place->certificate, place->key, err)))
		return false;
	if (!engine_open(&s->engine, cli, (struct id){{0}}, cli->options.model,
			 err))
		return false;
	if (!cli->options.check)
		s->engine.chat.learner = chat_learner_start(
			&s->engine.chat, (struct id){{0}}, &learning);
	if (!cli->options.check)
		listen_to_others(s);
	if (!cli->options.check)
		engine_purge(&s->engine);
	s->work = work_create(s->engine.loop, POOL_THREADS, POOL_WAITING);
	const struct api_settings api = {
		.config = cli->config,
		.chat = &s->engine.chat,
		.fetch = s->engine.fetch,
		.work = s->work,
		.embedding_model = setup_model_folder(cli, NULL),
		.local = place->local,
	};
	s->api = api_create(&api, err);
	if (!s->api)
		return false;
	s->server = http_server_create(s->engine.loop, &settings,
				       api_handler(s->api));
	api_watch(s->api, s->server);
	return true;
}

static void
close_all(struct serving *s)
{
	for (size_t i = 0; i < COUNT(s->signals); i++)
		loop_signal_drop(&s->signals[i]);
	store_notice_drop(&s->notice);
	if (s->api)
		api_watch(s->api, NULL);
	http_server_destroy(&s->server);
	work_destroy(&s->work);
	api_destroy(&s->api);
	http_tls_close(&s->tls);
	chat_learner_stop(&s->engine.chat.learner);
	engine_close(&s->engine);
}

/* A server may be running with these settings: any port of the address will
 * do, and a socket file is only looked at. */
static bool
check_place(struct serving *s, const struct place *place, struct error *err)
{
	if (place->path && !http_unix_fits(place->path, err))
		return false;
	return !place->host ||
	       http_listen(s->server, place->host, 0, s->tls, NULL, err);
}

/* The one that is used unless another is set may be missing. */
static bool
check_model(struct cli *cli, struct error *err)
{
	SCOPED(embed_close) struct embed_model *model = NULL;

	if (config_origin(cli->config, CONFIG_EMBEDDING_MODEL) ==
	    CONFIG_FROM_DEFAULT)
		return true;
	model = embed_open(setup_model_folder(cli, NULL), err);
	if (!model)
		err->code = ERROR_SETUP;
	return model != NULL;
}

bool
cli_serve(struct cli *cli, struct error *err)
{
	struct serving s = {.cli = cli};
	struct place place = {0};

	if (cli->options.openapi) {
		api_describe(&cli->out);
		buf_addc(&cli->out, '\n');
		return true;
	}
	if (!find_place(cli, &place, err) || !may_listen(cli, &place, err))
		return false;
	bool good = start_log(cli, err) && open_all(&s, &place, err);
	/* Who reads that it listens may end it at once. */
	if (cli->options.check)
		good = good && check_place(&s, &place, err) &&
		       check_model(cli, err);
	else
		good = good && take_signals(&s, err) &&
		       listen_there(&s, &place, err);
	if (!good && err->code == ERROR_CONFLICT)
		err->code = ERROR_SETUP; /* it refuses to start */
	if (good && cli->options.check) {
		buf_adds(&cli->out, "the configuration is good\n");
	} else if (good) {
		tell_manager("READY=1");
		loop_run(s.engine.loop);
		log_info("serve", "stopped");
	}
	close_all(&s);
	return good;
}
