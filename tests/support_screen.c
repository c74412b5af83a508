/*
 * support_screen.c - the interpreter of tests/screens/.
 *
 * Time is the loop's: `wait` turns it until what is waited for is so, and
 * gives up after LONGEST with the screen as it then is.
 */
#include "support_screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/error.h"
#include "mneme/fetch.h"
#include "mneme/file.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "mneme/utf8.h"
#include "support_model.h"
#include "support_paper.h"
#include "support_store.h"
#include "support_stub.h"
#include "support_terminal.h"
#include "tui/app.h"
#include "tui/blit.h"
#include "tui/caps.h"
#include "tui/chat_view.h"
#include "tui/find_view.h"
#include "tui/keys.h"
#include "tui/live.h"

enum { LONGEST = 60, SCRIPT_MAX = 1 << 20 };

struct play {
	const char *path;
	int line;
	struct scratch *scratch;
	struct buf config_text;
	char *config_path;
	struct stub *stub;
	char *model; /* folder of the sentence model, or NULL */
	struct loop *loop;
	struct fetch *fetch;
	struct llm *llm;
	struct memory_service *memory;
	struct config *config;
	struct chat chat;
	struct tui tui;
	struct app *app; /* NULL: not started */
	struct profile profile;
	struct conversation conversation; /* being stored */
	struct arena arena;
	struct buf written; /* the script with what the screen is */
	struct buf sent;    /* to the terminal, beside the screen */
	int rows, columns;
	struct caps caps;
	struct blit blit; /* what the frames would send to a terminal ... */
	struct terminal terminal; /* ... which reads it */
	struct live live;         /* with `inline`: likewise */
	struct paper_check check;
	struct buf kept;
};

#define FAIL(p, ...) \
	do { \
		char why_[4096]; \
		snprintf(why_, sizeof(why_), __VA_ARGS__); \
		fail_msg("%s:%d: %s", (p)->path, (p)->line, why_); \
	} while (0)

static void
must(struct play *p, bool good, const struct error *err)
{
	if (!good)
		FAIL(p, "%s", err->text);
}

/* ---- the program around the screen ---- */

static void
load_config(struct play *p)
{
	static const char *const environment[] = {"HOME=/nonexistent", NULL};
	const struct config_sources sources = {.file = p->config_path,
					       .data_dir = p->scratch->dir,
					       .environment = environment};
	struct error err = {0};

	must(p,
	     file_write(p->config_path, buf_slice(&p->config_text), 0600, &err),
	     &err);
	p->config = config_load(&sources, &err);
	must(p, p->config != NULL, &err);
}

/* Everything has its vectors before the screen is there. */
static void
embed_all(struct play *p, const struct memory_settings *settings)
{
	struct error err = {0};
	SCOPED(memory_close)
	struct memory_engine *engine =
		memory_open(p->scratch->store, settings, &err);
	size_t left = 1;

	must(p, engine != NULL, &err);
	while (left > 0)
		must(p,
		     memory_embed(engine, p->profile.id, 100, &left, &err) &&
			     memory_by_meaning(engine, &err),
		     &err);
}

static void
open_engine(struct play *p)
{
	const struct llm_settings settings = {
		.provider = llm_provider_find(slice_of("openai")),
		.base_url = p->stub ? p->stub->base : NULL,
		.key = "k",
		.model = "stub-model",
		.retries = 1,
	};
	const struct memory_settings memory = {.language = "english",
					       .model = p->model};
	const struct fetch_settings wire = {.connect_timeout = 5000000,
					    .idle_timeout = 60000000};
	struct error err = {0};

	p->loop = loop_create(&err);
	must(p, p->loop != NULL, &err);
	if (p->model)
		embed_all(p, &memory);
	p->memory =
		memory_service_start(p->loop, p->scratch->store, &memory, &err);
	must(p, p->memory != NULL, &err);
	if (p->stub) {
		p->fetch = fetch_create(p->loop, &wire);
		p->llm = llm_create(p->loop, p->fetch, &settings, &err);
		must(p, p->llm != NULL, &err);
	}
	int64_t context = config_int(p->config, CONFIG_LLM_CONTEXT_TOKENS);
	p->chat = (struct chat){.loop = p->loop,
				.store = p->scratch->store,
				.memory = p->memory,
				.llm = p->llm,
				.system = slice_of("Be brief."),
				.memory_tokens = 500,
				.context_tokens =
					context > 0 ? (size_t)context : 8192,
				.context_known = context > 0,
				.recall_count = 5};
}

static void
shown(void *arg, const struct grid *grid)
{
	struct play *p = arg;
	SCOPED(buf_clear) struct buf out = {.max = SCRIPT_MAX};

	if (p->terminal.grid.rows != grid->rows ||
	    p->terminal.grid.columns != grid->columns)
		terminal_size(&p->terminal, grid->rows, grid->columns);
	blit_frame(&p->blit, grid, &out);
	terminal_read(&p->terminal, buf_slice(&out));
	terminal_expect(&p->terminal, grid);
}

static int
normal_begin(void *arg)
{
	struct play *p = arg;

	return paper_begin(&p->check, p->rows, p->columns);
}

static void
normal_append(void *arg, const struct grid *lines)
{
	struct play *p = arg;

	paper_append(&p->check, lines);
}

static void
normal_live(void *arg, const struct grid *grid)
{
	struct play *p = arg;

	paper_live(&p->check, grid);
}

static const struct app_normal normal = {normal_begin, normal_append,
					 normal_live};

static bool
sent(void *arg, struct slice bytes)
{
	struct play *p = arg;

	return buf_add_slice(&p->sent, bytes);
}

static void
start(struct play *p)
{
	struct error err = {0};

	if (p->app)
		return;
	load_config(p);
	open_engine(p);
	p->tui.chat = &p->chat;
	p->tui.config = p->config;
	p->tui.profile = p->profile;
	p->app = xcalloc(1, sizeof(*p->app));
	must(p, app_init(p->app, &p->tui, &err), &err);
	if (!p->caps.text[CAP_MOVE])
		must(p, caps_load(&p->caps, "xterm-256color", 1, &err), &err);
	blit_init(&p->blit, &p->caps, p->app->pool);
	grid_init(&p->terminal.grid, p->app->pool);
	p->terminal.style = (struct style){0};
	p->app->show = shown;
	p->app->send = sent;
	p->app->arg = p;
	if (p->tui.inline_screen) {
		p->app->normal = &normal;
		live_init(&p->live, &p->caps, p->app->pool);
		buf_init(&p->kept, SCRIPT_MAX);
		p->check = (struct paper_check){.live = &p->live,
						.kept = &p->kept};
		grid_init(&p->check.part, p->app->pool);
		paper_init(&p->check.paper, p->app->pool, p->rows, p->columns);
	}
	app_resize(p->app, p->rows, p->columns);
	app_draw(p->app);
}

static void
stop(struct play *p)
{
	int64_t late = clock_monotonic() + LONGEST * CLOCK_SECOND;

	if (!p->app)
		return;
	app_quit(p->app);
	while (!p->app->over && clock_monotonic() < late)
		loop_turn(p->loop, true);
	if (!p->app->over)
		FAIL(p, "the screen does not end");
	blit_drop(&p->blit);
	grid_drop(&p->terminal.grid);
	if (p->tui.inline_screen) {
		paper_drop(&p->check.paper);
		grid_drop(&p->check.part);
		live_drop(&p->live);
		buf_clear(&p->kept);
	}
	app_drop(p->app);
	free(p->app);
	p->app = NULL;
	llm_destroy(&p->llm);
	fetch_destroy(&p->fetch);
	memory_service_stop(&p->memory);
	loop_destroy(&p->loop);
	config_destroy(&p->config);
}

/* ---- what is stored before ---- */

static struct slice
unescape(struct play *p, struct slice text)
{
	char *out = arena_alloc(&p->arena, text.len + 1, 1), *to = out;

	for (size_t i = 0; i < text.len; i++) {
		bool escape = text.data[i] == '\\' && i + 1 < text.len;
		char c = escape ? text.data[++i] : text.data[i];

		if (escape && c == 'n')
			c = '\n';
		else if (escape && c == 'e')
			c = '\033';
		else if (escape && c == 't')
			c = '\t';
		*to++ = c;
	}
	return slice_make(out, (size_t)(to - out));
}

static bool
put_profile(struct store_txn *txn, void *arg, struct error *err)
{
	struct play *p = arg;

	return record_profile_ensure(txn, (struct slice){0}, &p->arena,
				     &p->profile, err);
}

struct put {
	struct play *p;
	enum message_role role;
	struct slice text;
};

static bool
put_conversation(struct store_txn *txn, void *arg, struct error *err)
{
	struct put *put = arg;
	struct play *p = put->p;

	p->conversation = (struct conversation){.profile = p->profile.id,
						.title = put->text};
	return record_conversation_create(txn, &p->conversation, err);
}

static bool
put_message(struct store_txn *txn, void *arg, struct error *err)
{
	struct put *put = arg;
	struct message m = {
		.profile = put->p->profile.id,
		.conversation = put->p->conversation.id,
		.role = put->role,
		.content = put->text,
		.finish_reason =
			slice_of(put->role == MESSAGE_ASSISTANT ? "stop" : ""),
		.model = slice_of(put->role == MESSAGE_ASSISTANT ? "stub-model"
								 : "")};

	return record_message_append(txn, &m, 0, err);
}

static bool
put_memory(struct store_txn *txn, void *arg, struct error *err)
{
	struct put *put = arg;
	struct memory m = {.profile = put->p->profile.id,
			   .type = MEMORY_FACT,
			   .confidence = 1,
			   .importance = .8};

	return memory_from_text(put->text, &put->p->arena, &m, err) &&
	       memory_save(txn, &m, err);
}

static void
store(struct play *p, store_change_fn *change, enum message_role role,
      struct slice text)
{
	struct put put = {p, role, text};
	struct error err = {0};

	must(p, store_write(p->scratch->store, change, &put, &err), &err);
}

/* ---- keys ---- */

static void
press(struct play *p, const struct key_event *event)
{
	start(p);
	app_keys_begin(p->app);
	app_key(p->app, event);
	app_keys_end(p->app);
}

static void
press_named(struct play *p, struct slice name)
{
	struct key_event event = {.kind = KEY_PRESS};

	if (!key_parse(name, &event.key, &event.modifiers))
		FAIL(p, "%.*s is no key", SLICE_ARG(name));
	if (event.key < KEY_NONE && event.modifiers == 0) {
		event.kind = KEY_TEXT;
		event.text = name;
	}
	press(p, &event);
}

static void
type(struct play *p, struct slice text)
{
	while (text.len > 0) {
		uint32_t cp;
		size_t n = utf8_decode(text, &cp);
		struct key_event event = {.kind = KEY_TEXT,
					  .key = KEY_NONE,
					  .text = slice_make(text.data, n)};

		press(p, &event);
		text = slice_make(text.data + n, text.len - n);
	}
}

static void
paste(struct play *p, struct slice text)
{
	struct key_event event = {.kind = KEY_PASTE_BEGIN};

	press(p, &event);
	event.kind = KEY_PASTE;
	event.text = text;
	press(p, &event);
	event = (struct key_event){.kind = KEY_PASTE_END};
	press(p, &event);
}

/* ---- waiting and looking ---- */

static bool
is_time(struct slice s)
{
	static const char form[] = " 00:00";

	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (i >= s.len ||
		    (form[i] == '0' ? s.data[i] < '0' || s.data[i] > '9'
				    : s.data[i] != form[i]))
			return false;
	return true;
}

/* Ids and dates are another each time: their letters and digits become x. */
static void
mask(struct slice line, struct buf *out)
{
	for (size_t i = 0; i < line.len;) {
		size_t n = i;

		while (n < line.len &&
		       ((line.data[n] >= '0' && line.data[n] <= '9') ||
			(line.data[n] >= 'a' && line.data[n] <= 'z')))
			n++;
		if (n - i == ID_TEXT)
			buf_addf(out, "%.*s", ID_TEXT,
				 "xxxxxxxxxxxxxxxxxxxxx"
				 "xxxxxxxxxxxxxxxxxxxxx");
		else if (n - i == 4 && line.len - n >= 6 && n > 3 &&
			 line.data[n] == '-' && line.data[n + 3] == '-' &&
			 line.data[i] == '2')
			buf_adds(out, "yyyy-mm-dd");
		else
			buf_add(out, line.data + i, MAX(n - i, 1));
		if (n - i == 4 && out->len >= 10 &&
		    slice_ends(buf_slice(out), "yyyy-mm-dd"))
			n += 6;
		if (slice_ends(buf_slice(out), "yyyy-mm-dd") &&
		    is_time(slice_make(line.data + n, line.len - n))) {
			buf_adds(out, " hh:mm");
			n += 6;
		}
		i = MAX(n, i + 1);
	}
}

static void
dump(struct play *p, struct buf *out)
{
	const struct grid *g = &p->app->grid;
	SCOPED(buf_clear) struct buf text = {.max = SCRIPT_MAX};
	struct slice rest, line;

	if (g->caret_shown)
		buf_addf(out, "| cursor %d %d\n", g->caret_row + 1,
			 g->caret_column + 1);
	else
		buf_adds(out, "| no cursor\n");
	grid_dump(g, &text);
	rest = buf_slice(&text);
	while (slice_line(&rest, &line)) {
		buf_addc(out, '|');
		mask(line, out);
		buf_addc(out, '\n');
	}
}

static char
look(const struct cell *c)
{
	static const struct {
		uint16_t bit;
		char letter;
	} looks[] = {{STYLE_REVERSE, 'r'},   {STYLE_BOLD, 'b'},
		     {STYLE_UNDERLINE, 'u'}, {STYLE_ITALIC, 'i'},
		     {STYLE_STRIKE, 'x'},    {STYLE_DIM, 'd'}};

	for (size_t i = 0; i < COUNT(looks); i++)
		if (c->style.attributes & looks[i].bit)
			return looks[i].letter;
	return c->style.fg || c->style.bg ? '#' : '.';
}

static void
dump_styles(struct play *p, struct buf *out)
{
	const struct grid *g = &p->app->grid;

	for (int row = 0; row < g->rows; row++) {
		buf_addc(out, '|');
		for (int column = 0; column < g->columns; column++)
			buf_addc(out, look(grid_cell(g, row, column)));
		buf_addc(out, '\n');
	}
}

/* The normal screen and all that left it. */
static void
dump_paper(struct play *p, struct buf *out)
{
	SCOPED(buf_clear) struct buf text = {.max = SCRIPT_MAX};
	struct slice rest, line;

	paper_dump(&p->check.paper, &text);
	rest = buf_slice(&text);
	while (slice_line(&rest, &line)) {
		buf_addc(out, '|');
		mask(line, out);
		buf_addc(out, '\n');
	}
}

static bool
stands(struct play *p, struct slice text)
{
	SCOPED(buf_clear) struct buf all = {.max = SCRIPT_MAX};

	grid_dump(&p->app->grid, &all);
	if (p->tui.inline_screen)
		paper_dump(&p->check.paper, &all);
	return slice_find(buf_slice(&all), text) < all.len;
}

static bool
reached(struct play *p, struct slice what, struct slice text)
{
	if (slice_is(what, "text"))
		return stands(p, text);
	if (slice_is(what, "gone"))
		return !stands(p, text);
	if (slice_is(what, "idle"))
		return list_empty(&p->app->running) && !p->app->dirty;
	FAIL(p, "wait %.*s?", SLICE_ARG(what));
	return true;
}

static void
give_up(void *arg)
{
	*(bool *)arg = true;
}

static void
wait_for(struct play *p, struct slice operand)
{
	struct slice text = operand, what;
	struct loop_timer *timer;
	bool late = false;

	start(p);
	slice_split(&text, ' ', &what);
	timer = loop_timer(p->loop, give_up, &late);
	loop_timer_set(timer, LONGEST * CLOCK_SECOND);
	while (!reached(p, what, text) && !late)
		loop_turn(p->loop, true);
	loop_timer_drop(&timer);
	if (late) {
		SCOPED(buf_clear) struct buf now = {.max = SCRIPT_MAX};

		dump(p, &now);
		FAIL(p, "waited in vain for %.*s; the screen is\n%s",
		     SLICE_ARG(operand), buf_text(&now));
	}
}

/* The lines of *rest that begin with |, taken off it. */
static struct slice
expected(struct play *p, struct slice *rest)
{
	const char *from = rest->data;
	struct slice line;

	while (rest->len > 0 && *rest->data == '|') {
		slice_line(rest, &line);
		p->line++;
	}
	return slice_make(from, (size_t)(rest->data - from));
}

static void
compare(struct play *p, struct slice *rest,
	void (*make)(struct play *p, struct buf *out))
{
	SCOPED(buf_clear) struct buf now = {.max = SCRIPT_MAX};
	struct slice wanted;

	start(p);
	if (p->app->dirty)
		app_draw(p->app);
	make(p, &now);
	wanted = expected(p, rest);
	buf_add_slice(&p->written, buf_slice(&now));
	if (!getenv("MNEME_WRITE_SCREENS") &&
	    !slice_equal(wanted, buf_slice(&now))) {
		print_message("%s:%d: expected\n%.*s\nbut it is\n%s\n", p->path,
			      p->line, SLICE_ARG(wanted), buf_text(&now));
		FAIL(p, "another screen");
	}
}

/* Bytes as lines that begin with |, ESC as \\e. */
static void
compare_bytes(struct play *p, struct slice bytes, struct slice *rest)
{
	SCOPED(buf_clear) struct buf now = {.max = SCRIPT_MAX};
	struct slice wanted, line;

	while (slice_line(&bytes, &line)) {
		buf_addc(&now, '|');
		for (size_t i = 0; i < line.len; i++)
			if (line.data[i] == '\033')
				buf_adds(&now, "\\e");
			else
				buf_addc(&now, line.data[i]);
		buf_addc(&now, '\n');
	}
	wanted = expected(p, rest);
	buf_add_slice(&p->written, buf_slice(&now));
	if (!getenv("MNEME_WRITE_SCREENS") &&
	    !slice_equal(wanted, buf_slice(&now)))
		FAIL(p, "expected\n%.*s\nbut it is\n%s", SLICE_ARG(wanted),
		     buf_text(&now));
}

static void
compare_sent(struct play *p, struct slice *rest)
{
	compare_bytes(p, buf_slice(&p->sent), rest);
	buf_reset(&p->sent);
}

/* What stays in the terminal when the screen is left. */
static void
compare_last(struct play *p, struct slice *rest)
{
	SCOPED(buf_clear) struct buf out = {.max = SCRIPT_MAX};

	chat_view_last(p->app->stack[0], &out);
	compare_bytes(p, buf_slice(&out), rest);
}

static void
compare_file(struct play *p, struct slice name, struct slice *rest)
{
	SCOPED(buf_clear) struct buf bytes = {.max = SCRIPT_MAX};
	SCOPED(buf_clear) struct buf masked = {.max = SCRIPT_MAX};
	SCOPED(free_pointer) char *path = slice_dup(name);
	struct error err = {0};
	struct slice text, line;

	must(p, file_read(path, &bytes, &err), &err);
	text = buf_slice(&bytes);
	while (slice_line(&text, &line)) {
		mask(line, &masked);
		buf_addc(&masked, '\n');
	}
	compare_bytes(p, buf_slice(&masked), rest);
}

/* ---- the script ---- */

static void
resize(struct play *p)
{
	if (p->tui.inline_screen)
		paper_size(&p->check.paper, p->rows, p->columns);
	app_resize(p->app, p->rows, p->columns);
}

static void
set_size(struct play *p, struct slice operand)
{
	struct slice rows = operand, columns;
	int64_t r, c;

	slice_split(&rows, ' ', &columns);
	if (!slice_number(columns, &c) || !slice_number(rows, &r))
		FAIL(p, "size COLUMNS ROWS");
	p->rows = (int)r;
	p->columns = (int)c;
	if (p->app) {
		resize(p);
		app_draw(p->app);
	}
}

static void
restart(struct play *p)
{
	stop(p);
	scratch_reopen(p->scratch);
	start(p);
}

/* Actions that leave the screen, or reach beyond it. */
static bool
reaches_out(enum action action)
{
	static const enum action out[] = {
		ACTION_QUIT,    ACTION_DELETE_OR_QUIT, ACTION_INTERRUPT,
		ACTION_COPY,    ACTION_EXPORT,         ACTION_PALETTE,
		ACTION_EDITOR,  ACTION_SUSPEND,        ACTION_ROW_COPY,
		ACTION_PROFILE, ACTION_ROW_SAVE,       ACTION_ROW_PIPE,
	};

	for (size_t i = 0; i < COUNT(out); i++)
		if (out[i] == action)
			return true;
	return false;
}

static unsigned
below(uint64_t *state, unsigned n)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(*state >> 33) % n;
}

static void
random_event(struct play *p, uint64_t *state)
{
	static const char *const texts[] = {"a",
					    "word ",
					    "中",
					    "\xF0\x9F\x91"
					    "\xA9\xF0\x9F\x8F\xBD",
					    "e\xCC\x81",
					    "@s",
					    "?"};
	const struct binding *b =
		&p->app->keymap
			 .at[below(state, (unsigned)p->app->keymap.count)];
	struct key_event event = {
		.kind = KEY_PRESS, .key = b->key, .modifiers = b->modifiers};

	switch (below(state, 8)) {
	case 0:
		p->rows = 1 + (int)below(state, 40);
		p->columns = 1 + (int)below(state, 130);
		/* What is drawn leaves a tiny normal screen before it can be
		 * taken away. */
		if (p->tui.inline_screen) {
			p->rows += 20;
			p->columns += 50;
		}
		resize(p);
		return;
	case 1:
	case 2:
	case 3:
		type(p, slice_of(texts[below(state, COUNT(texts))]));
		return;
	case 4:
		paste(p, slice_of("p\nq\nr\ns\nt\nu\nv\nw\nx"));
		return;
	default:
		if (b->key < KEY_NONE && b->modifiers == 0)
			return; /* a letter: text, above */
		if (!reaches_out(b->action))
			press(p, &event);
	}
}

/* Each frame is compared with what a terminal then shows: shown(). */
static void
random_events(struct play *p, struct slice operand)
{
	struct slice count = operand, seed;
	int64_t n, start_at;

	start(p);
	for (int i = 0; p->tui.inline_screen && i < 100; i++)
		paper_append(&p->check, &p->check.part);
	slice_split(&count, ' ', &seed);
	if (!slice_number(seed, &start_at) || !slice_number(count, &n))
		FAIL(p, "random SEED COUNT");
	for (uint64_t state = (uint64_t)start_at; n > 0; n--) {
		random_event(p, &state);
		if (p->app->quitting)
			FAIL(p, "it quits with %d to go", (int)n);
		loop_turn(p->loop, false);
	}
}

/* So many messages, by turns. */
static void
put_many(struct play *p, struct slice count)
{
	int n = atoi(count.data);

	for (int i = 0; i < n; i++) {
		char text[32];

		snprintf(text, sizeof(text), "message %d", i + 1);
		store(p, put_message, i % 2 ? MESSAGE_ASSISTANT : MESSAGE_USER,
		      slice_of(text));
	}
}

static bool
no_reload(void *arg, const char *model, struct error *err)
{
	(void)arg;
	(void)model;
	return error_set(err, ERROR_SETUP, "a script has no other model");
}

/* What is said before the start. */
/* A file that is a PNG as far as its first bytes go. */
static void
make_image(struct play *p, struct slice name)
{
	static const char magic[] = "\x89PNG\r\n\x1A\n";
	SCOPED(buf_clear) struct buf bytes = {.max = 1 << 20};
	struct error err = {0};
	char rest[1024] = {0};

	buf_add(&bytes, magic, sizeof(magic) - 1);
	for (int i = 0; i < 312; i++)
		buf_add(&bytes, rest, sizeof(rest));
	must(p,
	     file_write(arena_text(&p->arena, name), buf_slice(&bytes), 0600,
			&err),
	     &err);
}

static void
use_slow_model(struct play *p)
{
	struct error err = {0};

	p->model = path_join(p->scratch->folder, "model");
	must(p, file_make_dir(p->model, 0700, &err), &err);
	tiny_model(p->model);
	find_patience(0);
}

static bool
before(struct play *p, struct slice word, struct slice operand)
{
	struct slice text = unescape(p, operand);

	if (slice_is(word, "stub"))
		p->stub = stub_start(arena_text(&p->arena, text));
	else if (slice_is(word, "set"))
		buf_addf(&p->config_text, "%.*s=%.*s\n",
			 (int)(strchr(text.data, ' ') - text.data), text.data,
			 (int)(text.data + text.len - strchr(text.data, ' ') -
			       1),
			 strchr(text.data, ' ') + 1);
	else if (slice_is(word, "slow-model"))
		use_slow_model(p);
	else if (slice_is(word, "incognito"))
		p->tui.incognito = true;
	else if (slice_is(word, "inline"))
		p->tui.inline_screen = true;
	else if (slice_is(word, "no-memory"))
		p->tui.no_memory = true;
	else if (slice_is(word, "conversation"))
		store(p, put_conversation, MESSAGE_USER, text);
	else if (slice_is(word, "user"))
		store(p, put_message, MESSAGE_USER, text);
	else if (slice_is(word, "assistant"))
		store(p, put_message, MESSAGE_ASSISTANT, text);
	else if (slice_is(word, "can-set-up"))
		p->tui.reload = no_reload;
	else if (slice_is(word, "many"))
		put_many(p, text);
	else if (slice_is(word, "memory"))
		store(p, put_memory, MESSAGE_USER, text);
	else if (slice_is(word, "open"))
		p->tui.conversation = p->conversation.id;
	else
		return false;
	return true;
}

static void
step(struct play *p, struct slice word, struct slice operand,
     struct slice *rest)
{
	struct slice name;

	if (slice_is(word, "size"))
		set_size(p, operand);
	else if (slice_is(word, "type"))
		type(p, operand);
	else if (slice_is(word, "paste"))
		paste(p, unescape(p, operand));
	else if (slice_is(word, "key"))
		while (operand.len > 0 && slice_split(&operand, ' ', &name))
			press_named(p, name);
	else if (slice_is(word, "wait"))
		wait_for(p, operand);
	else if (slice_is(word, "restart"))
		restart(p);
	else if (slice_is(word, "random"))
		random_events(p, operand);
	else if (slice_is(word, "screen"))
		compare(p, rest, dump);
	else if (slice_is(word, "styles"))
		compare(p, rest, dump_styles);
	else if (slice_is(word, "paper"))
		compare(p, rest, dump_paper);
	else if (slice_is(word, "finish"))
		chat_view_finish(p->app->stack[0]);
	else if (slice_is(word, "sent"))
		compare_sent(p, rest);
	else if (slice_is(word, "last"))
		compare_last(p, rest);
	else if (slice_is(word, "image"))
		make_image(p, operand);
	else if (slice_is(word, "file"))
		compare_file(p, operand, rest);
	else if (!before(p, word, operand))
		FAIL(p, "%.*s: no such step", SLICE_ARG(word));
}

static void
play(struct play *p, struct slice script)
{
	struct slice line;

	while (slice_line(&script, &line)) {
		struct slice operand = line, word;

		p->line++;
		buf_addf(&p->written, "%.*s\n", SLICE_ARG(line));
		if (line.len == 0 || *line.data == '#')
			continue;
		slice_split(&operand, ' ', &word);
		step(p, word, operand, &script);
	}
}

/* A test touches nobody's clipboard and home. */
static void
leave_desktop(const char *home)
{
	setenv("HOME", home, 1);
	unsetenv("TMUX");
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
	unsetenv("WSL_DISTRO_NAME");
}

void
screen_script(const char *path)
{
	struct play p = {.path = path, .rows = 24, .columns = 80};
	SCOPED(buf_clear) struct buf script = {.max = SCRIPT_MAX};
	struct error err = {0};
	void *scratch = NULL;
	char *here;

	buf_init(&p.config_text, SCRIPT_MAX);
	buf_init(&p.written, SCRIPT_MAX);
	scratch_make(&scratch);
	p.scratch = scratch;
	find_patience(FIND_PATIENCE);
	p.config_path = path_join(p.scratch->folder, "config");
	buf_init(&p.sent, SCRIPT_MAX);
	here = getcwd(NULL, 0);
	assert_return_code(chdir(p.scratch->folder), 0);
	leave_desktop(p.scratch->folder);
	must(&p, store_write(p.scratch->store, put_profile, &p, &err), &err);
	must(&p, file_read(path, &script, &err), &err);
	play(&p, buf_slice(&script));
	stop(&p);
	if (getenv("MNEME_WRITE_SCREENS"))
		must(&p, file_write(path, buf_slice(&p.written), 0644, &err),
		     &err);
	stub_stop(&p.stub);
	caps_unload(&p.caps);
	assert_return_code(chdir(here), 0);
	free(here);
	scratch_drop(&scratch);
	free(p.config_path);
	buf_clear(&p.sent);
	free(p.model);
	buf_clear(&p.config_text);
	buf_clear(&p.written);
	arena_clear(&p.arena);
}
