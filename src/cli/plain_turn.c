/*
 * plain_turn.c - what is asked, again, otherwise, on; and what an answer is
 * followed by.
 *
 * Of an incognito conversation the lines are kept here, and told to the model
 * with each question.
 */
#include <signal.h>
#include <stdlib.h>

#include "ask.h"
#include "mneme/filter.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "plain_line.h"
#include "plain_private.h"

enum { SHOWN = 300 };

/* ---- incognito ---- */

static struct plain_said *
add_said(struct plain *p, bool user, struct slice text)
{
	struct plain_said *said;

	p->said = grow(p->said, &p->said_cap, p->said_count + 1,
		       sizeof(struct plain_said *));
	said = xcalloc(1, sizeof(*said));
	said->user = user;
	said->text = slice_dup(text);
	p->said[p->said_count++] = said;
	return said;
}

static size_t
tell(void *arg, const struct chat *chat, struct slice block,
     struct arena *arena, const struct llm_message **messages)
{
	const struct plain *p = arg;
	struct chat_line *lines =
		arena_alloc(arena, p->said_count, sizeof(*lines));

	for (size_t i = 0; i < p->said_count; i++)
		lines[i] = (struct chat_line){p->said[i]->user,
					      slice_of(p->said[i]->text),
					      &p->said[i]->attached};
	return chat_tell(chat, lines, p->said_count, block, arena, messages);
}

/* ---- what follows an answer ---- */

static void
keep_lesson(struct plain *p, const struct memory_learned *what)
{
	struct chat_lesson *at = p->taught;

	if (p->taught_count == PLAIN_TAUGHT_MAX) {
		p->taught_count--;
		memmove(&at[0], &at[1], p->taught_count * sizeof(at[0]));
	}
	at[p->taught_count++] = chat_lesson(what);
}

static void
add_value(struct slice value, struct buf *out)
{
	struct slice shown = utf8_cut(value, SHOWN);

	filter_line(shown, out);
	buf_adds(out, shown.len < value.len ? "..." : "");
}

static void
tell_learned(const struct chat_result *r)
{
	SCOPED(buf_clear) struct buf text;

	buf_init(&text, 4096);
	for (size_t i = 0; i < r->learned_count && r->model.len; i++) {
		buf_reset(&text);
		add_value(r->learned[i].memory.value, &text);
		fprintf(stderr, "Remembered: %s\n", buf_text(&text));
	}
	if (r->learned_count)
		fprintf(stderr, "/unlearn takes %s back\n",
			r->learned_count > 1 ? "the last of these" : "it");
}

static void
answered(void *arg, const struct chat_result *r)
{
	struct plain *p = arg;

	for (size_t i = 0; i < r->learned_count; i++)
		keep_lesson(p, &r->learned[i]);
	if (p->cli->options.incognito)
		add_said(p, false, r->content);
	if (!p->attended)
		return;
	if (r->memory_count && r->model.len)
		fprintf(stderr, "%zu %s\n", r->memory_count,
			r->memory_count == 1 ? "memory" : "memories");
	tell_learned(r);
}

/* Of an incognito answer what came is kept as of any other. */
static void
failed(void *arg, struct slice so_far)
{
	struct plain *p = arg;

	if (p->cli->options.incognito && so_far.len)
		add_said(p, false, so_far);
}

/* ---- a turn ---- */

/* The next line goes where this one went, whatever others do meanwhile.  A
 * turn of which nothing was stored changes nothing. */
static void
stay(struct plain *p)
{
	struct cli *cli = p->cli;
	char id[ID_TEXT + 1];
	struct conversation c;
	struct error err;

	if (!cli->options.incognito && !id_none(cli->asked_in) &&
	    cli_find_conversation(cli, id_format(cli->asked_in, id), &c, &err))
		plain_go_on_with(p, c.id);
}

/* What can be done about it. */
static const char *
advice(const struct plain *p, const struct error *err)
{
	switch (err->code) {
	case ERROR_CANCELLED:
		if (p->cli->options.incognito)
			return "/regenerate answers again";
		return "/continue goes on, /regenerate answers again";
	case ERROR_AUTH:
		return "check the key: /setup";
	case ERROR_BUSY:
		return "wait a little; /regenerate asks again, /model NAME "
		       "asks another model";
	case ERROR_LIMIT:
		return "/new begins a conversation; what was said here is "
		       "still remembered";
	case ERROR_NOT_FOUND:
		return "/new begins a conversation";
	case ERROR_SETUP:
		return "/setup sets a model up, /doctor says what is missing";
	default:
		return p->unsent || err->code == ERROR_UPSTREAM
			       ? "/regenerate asks again"
			       : NULL;
	}
}

static bool
turn(struct plain *p, struct ask *ask, struct error *err)
{
	struct error why = {0};
	const char *hint;
	bool good;

	ask->mode = p->mode;
	ask->answered = answered;
	ask->failed = failed;
	ask->arg = p;
	if (p->cli->options.incognito)
		ask->tell = tell;
	if (p->attended)
		ask->engine = &p->desk.engine;
	if (p->attended && !desk_take(&p->desk, p->cli->profile.id, &why))
		fprintf(stderr, "mneme: %s\n", why.text);
	if (!ask->regenerate) {
		free(p->unsent);
		p->unsent = slice_dup(ask->content);
	}
	good = ask_turn(p->cli, ask, &why);
	if (good || ask->kept) {
		free(p->unsent);
		p->unsent = NULL;
	}
	stay(p);
	if (ask->signal && ask->signal != SIGINT)
		p->leaves = true;
	if (good)
		return true;
	hint = p->attended && !p->leaves ? advice(p, &why) : NULL;
	return error_set(err, why.code, "%s%s%s", why.text, hint ? "; " : "",
			 hint ? hint : "");
}

/* `attached` is handed over: what is incognito keeps it. */
static bool
turn_incognito(struct plain *p, struct slice text, struct attached *attached,
	       struct error *err)
{
	size_t at = p->said_count;
	struct plain_said *said = add_said(p, true, text);
	struct ask ask = {.content = slice_of(said->text),
			  .attached = &said->attached};
	bool good;

	said->attached = attached_take(attached);
	good = turn(p, &ask, err);
	if (!good && p->said_count == at + 1)
		plain_drop_said(p, at);
	return good;
}

bool
plain_say(struct plain *p, struct slice text, struct error *err)
{
	SCOPED(attached_clear) struct attached attached = {0};
	SCOPED(buf_clear) struct buf all;
	struct ask ask = {.attached = &attached};

	buf_init(&all, CHAT_MESSAGE_MAX);
	if (text.len > CHAT_MESSAGE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a line of %zu bytes; at most %d fit",
				 text.len, CHAT_MESSAGE_MAX);
	if (!attach_named(text, &all, &attached, err))
		return false;
	if (p->cli->options.incognito)
		return turn_incognito(p, buf_slice(&all), &attached, err);
	ask.content = buf_slice(&all);
	return turn(p, &ask, err);
}

/* ---- again ---- */

/* Ask what an incognito question says once more, in its place. */
static bool
again_incognito(struct plain *p, size_t at, struct slice text,
		struct attached *attached, struct error *err)
{
	SCOPED(free_pointer) char *words = slice_dup(text);

	plain_drop_said(p, at);
	return turn_incognito(p, slice_of(words), attached, err);
}

bool
plain_regenerate(struct plain *p, struct slice number, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	struct ask ask = {.regenerate = true};
	size_t i;

	if (number.len == 0 && p->unsent) {
		SCOPED(free_pointer) char *words = TAKE(p->unsent);

		return plain_say(p, slice_of(words), err);
	}
	if (!plain_read_path(p, &path, err) ||
	    !plain_choose(&path, number, true, &i, err))
		return false;
	if (p->cli->options.incognito) {
		SCOPED(attached_clear)
		struct attached attached = attached_take(&p->said[i]->attached);

		return again_incognito(p, i, path.at[i].text, &attached, err);
	}
	ask.parent = path.at[i].m.seq;
	ask.content = path.at[i].m.content;
	return turn(p, &ask, err);
}

bool
plain_continue(struct plain *p, struct slice nothing, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	struct ask ask = {.regenerate = true};
	size_t last, question;

	(void)nothing;
	if (!plain_read_path(p, &path, err))
		return false;
	last = path.count - 1;
	if (path.at[last].user)
		return error_set(err, ERROR_INVALID,
				 "nothing of an answer came; /regenerate asks "
				 "again");
	if (path.at[last].m.seq == 0 || path.at[last].m.model.len == 0)
		return error_set(err, ERROR_INVALID,
				 "only a stored answer of a model can go on");
	if (chat_answer_whole(&path.at[last].m))
		return error_set(err, ERROR_INVALID,
				 "that answer is whole: nothing is left to "
				 "go on with");
	if (!plain_choose(&path, (struct slice){0}, true, &question, err))
		return false;
	ask.parent = path.at[question].m.seq;
	ask.content = path.at[question].m.content;
	ask.begun = path.at[last].m.content;
	return turn(p, &ask, err);
}

/* ---- instead ---- */

/* The new words, owned: the operand, or the old ones, changed. */
static char *
new_words(struct plain *p, struct slice operand, struct slice old,
	  struct error *err)
{
	SCOPED(free_pointer) char *was = slice_dup(old);
	SCOPED(free_pointer) char *line = NULL;

	if (operand.len)
		return slice_dup(operand);
	if (!p->attended) {
		error_set(err, ERROR_USAGE,
			  "/edit [N] TEXT: no text was given");
		return NULL;
	}
	line = plain_line_read("edit> ", was);
	if (line)
		plain_line_remember(line);
	if (line && slice_trim(slice_of(line)).len)
		return slice_dup(slice_trim(slice_of(line)));
	error_set(err, ERROR_CANCELLED, "nothing was changed");
	return NULL;
}

/* Ask them in the place of path->at[i]. */
static bool
ask_instead(struct plain *p, const struct plain_path *path, size_t i,
	    struct slice words, struct error *err)
{
	SCOPED(attached_clear) struct attached attached = {0};
	SCOPED(buf_clear) struct buf all;
	const struct plain_item *item = &path->at[i];
	struct ask ask = {.attached = &attached};

	buf_init(&all, CHAT_MESSAGE_MAX);
	if (!attach_named(words, &all, &attached, err))
		return false;
	if (p->cli->options.incognito)
		return attached_keep(&p->said[i]->attached, item->text, words,
				     &attached, err) &&
		       again_incognito(p, i, buf_slice(&all), &attached, err);
	if (!attached_keep_stored(p->cli->store, p->cli->profile.id,
				  item->m.seq, words, &attached, err))
		return false;
	ask.content = buf_slice(&all);
	ask.parent = item->m.parent ? item->m.parent : MESSAGE_NO_PARENT;
	return turn(p, &ask, err);
}

bool
plain_edit(struct plain *p, struct slice operand, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	SCOPED(free_pointer) char *words = NULL;
	struct slice number = plain_number(&operand);
	size_t i;

	if (!plain_read_path(p, &path, err) ||
	    !plain_choose(&path, number, true, &i, err))
		return false;
	words = new_words(p, operand, path.at[i].text, err);
	return words && ask_instead(p, &path, i, slice_of(words), err);
}

/* ---- what was learned ---- */

static void
learned(void *arg, const struct memory_learned *what)
{
	struct plain *p = arg;
	SCOPED(buf_clear) struct buf line = {.max = 4096};

	if (!id_equal(what->memory.profile, p->cli->profile.id))
		return;
	keep_lesson(p, what);
	buf_addf(&line, "%s: ", chat_how_words[what->how]);
	add_value(what->memory.value, &line);
	buf_adds(&line, " (/unlearn takes it back)");
	if (!plain_line_interject(buf_slice(&line)) &&
	    p->learned.len + line.len < p->learned.max)
		buf_addf(&p->learned, "%s\n", buf_text(&line));
}

void
plain_listen(struct plain *p)
{
	const struct chat_learner_events events = {.learned = learned,
						   .arg = p};

	if (p->desk.engine.chat.learner)
		chat_learner_tell(p->desk.engine.chat.learner, &events);
}

bool
plain_unlearn(struct plain *p, struct slice nothing, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct cli *cli = p->cli;
	struct chat_lesson *lesson;
	struct memory m;
	bool found;

	(void)nothing;
	if (p->taught_count == 0) {
		buf_adds(&cli->out, "nothing was learned since the start\n");
		return true;
	}
	lesson = &p->taught[--p->taught_count];
	if (!store_write(cli->store, chat_unlearn, lesson, err))
		return false;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn || !record_memory_get(txn, lesson->profile, lesson->id, &arena,
				       &m, &found, err))
		return false;
	buf_adds(&cli->out, "taken back");
	if (found) {
		buf_adds(&cli->out, ": ");
		cli_show_line(cli, m.value, SHOWN);
	}
	buf_addc(&cli->out, '\n');
	return true;
}
