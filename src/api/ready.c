/*
 * ready.c - whether the server can do its work: what it stores is stored, there
 * is room for more, the model opens.
 *
 * Opening the model is left to the pool, and once it did, not done again until
 * its weights are others.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "api/operations.h"
#include "mneme/config.h"
#include "mneme/embed.h"
#include "mneme/log.h"
#include "mneme/store.h"
#include "mneme/work.h"

enum { DISK_LEAST = 64 << 20 /* bytes free, to be ready */ };

struct readiness {
	struct model_seen seen;
	bool there, opens;
	struct error err;
};

static bool
touch_store(struct store_txn *txn, void *arg, struct error *err)
{
	uint64_t count;

	(void)arg;
	return store_count(txn, STORE_META, &count, err);
}

static void
print_check(struct printer *p, const char *name, bool good, const char *said,
	    bool *all)
{
	printer_add_word(p, name, said);
	*all = *all && good;
}

static void
print_model(struct call *call, struct printer *p, bool *all)
{
	const struct readiness *r = call->data;
	/* The one that is used unless another is set may be missing. */
	bool wanted =
		config_origin(call->api->settings.config,
			      CONFIG_EMBEDDING_MODEL) != CONFIG_FROM_DEFAULT;

	print_check(p, "model", r->opens || (!r->there && !wanted),
		    r->opens   ? "usable"
		    : r->there ? "broken"
		    : wanted   ? "missing"
			       : "none: searching by words",
		    all);
}

/* The writer has had its turn: it lives, and nobody holds the store. */
static void
answer(void *arg, const struct error *failure)
{
	struct call *call = arg;
	struct api *api = call->api;
	struct printer *p = answer_begin(call);
	struct statvfs disk;
	bool all = true;

	printer_map(p);
	printer_key(p, "checks");
	printer_map(p);
	bool writable = !failure && access(store_dir(api->store), W_OK) == 0;
	print_check(p, "store", writable, writable ? "writable" : "unwritable",
		    &all);
	bool room = statvfs(store_dir(api->store), &disk) == 0 &&
		    !(disk.f_flag & ST_RDONLY) &&
		    disk.f_bavail >= DISK_LEAST / disk.f_frsize;
	print_check(p, "disk", room, room ? "enough" : "full", &all);
	print_model(call, p, &all);
	bool ending = api->server && http_server_stopping(api->server);
	print_check(p, "server", !ending, ending ? "stopping" : "serving",
		    &all);
	printer_end(p);
	printer_add_word(p, "status", all ? "ready" : "unready");
	printer_end(p);
	if (failure)
		log_error("api", "not ready: %s", failure->text);
	answer_send(call, all ? 200 : 503);
}

static void
check_store(struct call *call)
{
	struct error err = {0};

	if (!store_submit(call->api->store, call->api->loop, touch_store, call,
			  answer, &err))
		answer(call, &err);
}

/* On the pool. */
static void
open_model(void *arg)
{
	struct call *call = arg;
	struct readiness *r = call->data;
	struct embed_model *model =
		embed_open(call->api->settings.embedding_model, &r->err);

	r->opens = model != NULL;
	embed_close(&model);
}

static void
model_opened(void *arg, bool cancelled)
{
	struct call *call = arg;
	struct readiness *r = call->data;

	if (r->opens)
		call->api->model_seen = r->seen;
	else if (!cancelled)
		log_error("api", "not ready: %s", r->err.text);
	check_store(call);
}

/* The weights as they lie there now; false: the folder is not there. */
static bool
look_at_model(const char *folder, struct model_seen *seen)
{
	SCOPED(free_pointer) char *path = NULL;
	struct stat st;

	if (!folder || access(folder, R_OK | X_OK) != 0)
		return false;
	path = xasprintf("%s/model.safetensors", folder);
	if (stat(path, &st) == 0)
		*seen = (struct model_seen){st.st_ino, st.st_size,
					    st.st_mtim.tv_sec,
					    st.st_mtim.tv_nsec};
	return true;
}

void
api_ready(struct call *call)
{
	struct api *api = call->api;
	struct readiness *r = arena_alloc(call->arena, 1, sizeof(*r));
	const struct model_seen *seen = &api->model_seen;

	call->data = r;
	r->there = look_at_model(api->settings.embedding_model, &r->seen);
	r->opens = r->seen.inode && seen->inode == r->seen.inode &&
		   seen->bytes == r->seen.bytes && seen->s == r->seen.s &&
		   seen->ns == r->seen.ns;
	if (!r->there || r->opens || !api->settings.work) {
		check_store(call);
		return;
	}
	if (!work_submit(api->settings.work, open_model, model_opened, call,
			 &r->err))
		answer_error(call, &r->err);
}
