/* mneme recall and remember: memory without a model. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "mneme/clock.h"
#include "mneme/file.h"
#include "mneme/filter.h"
#include "mneme/json.h"
#include "mneme/store.h"
#include "mneme/utf8.h"

enum { BATCH_MAX = 64 << 20 };

static bool
ensure_as_of(const char *text, int64_t *at, struct error *err)
{
	return !text || clock_parse_then(slice_of(text), clock_now(), at, err);
}

static int
by_size(const void *a, const void *b)
{
	const struct memory_term *x = a, *y = b;
	double more = fabs(y->value) - fabs(x->value);

	return more > 0 ? 1 : more < 0 ? -1 : strcmp(x->name, y->name);
}

void
cli_show_terms(struct cli *cli, const struct memory_term *terms, size_t count,
	       double score)
{
	struct memory_term sorted[MEMORY_TERMS_MAX];

	memcpy(sorted, terms, count * sizeof(terms[0]));
	qsort(sorted, count, sizeof(sorted[0]), by_size);
	for (size_t i = 0; i < count; i++)
		buf_addf(&cli->out, "      %+8.3f  %-10s  %s\n",
			 sorted[i].value, sorted[i].name,
			 memory_term_says(&sorted[i]));
	buf_addf(&cli->out, "      %8.3f  in all", score);
}

static void
explain(struct cli *cli, const struct memory_result *r)
{
	cli_show_terms(cli, r->terms, r->term_count, r->score);
	if (r->pieces >= -1 && r->cosine >= -1)
		buf_addf(&cli->out,
			 "; word pieces alike %.2f, meaning alike %.2f",
			 r->pieces, r->cosine);
	else if (r->kind == USED_MESSAGE)
		buf_adds(&cli->out, "; not embedded yet: by words only");
	buf_addc(&cli->out, '\n');
}

/* ---- what was found ---- */

enum { SHOWN = 400 /* bytes of a text */ };

struct marking {
	struct buf *out;
	struct slice text;
	size_t at; /* what stands in `out` */
};

static void
mark(size_t from, size_t len, void *arg)
{
	struct marking *m = arg;

	buf_add(m->out, m->text.data + m->at, from - m->at);
	buf_adds(m->out, "\033[1m");
	buf_add(m->out, m->text.data + from, len);
	buf_adds(m->out, "\033[22m");
	m->at = from + len;
}

/* The words of the question bold, where there are colours; they are looked for
 * in what is shown, which has no escape sequence of its own any more. */
static void
show_found(struct cli *cli, struct slice query, struct slice text)
{
	SCOPED(buf_clear) struct buf shown = {.max = 4 * SHOWN};
	SCOPED(buf_clear) struct buf marked = {.max = 64 * SHOWN};
	struct error err;

	if (!cli_colours(cli) || !cli->memory) {
		cli_show_line(cli, text, SHOWN);
		return;
	}
	filter_line(utf8_cut(text, SHOWN), &shown);
	if (utf8_cut(text, SHOWN).len < text.len)
		buf_adds(&shown, "...");
	struct marking m = {.out = &marked, .text = buf_slice(&shown)};
	if (!memory_hits(cli->memory, cli->profile.id, query, m.text, mark, &m,
			 &err)) {
		buf_reset(&marked);
		m.at = 0;
	}
	buf_add(&marked, m.text.data + m.at, m.text.len - m.at);
	buf_add_slice(&cli->out, buf_slice(&marked));
}

static void
show_result(struct cli *cli, struct slice query, const struct memory_result *r,
	    size_t place)
{
	struct clock_civil d = clock_civil(r->created_at, true);
	char id[ID_TEXT + 1];

	buf_addf(&cli->out, "%2zu. %04d-%02d-%02d  ", place, d.year, d.month,
		 d.day);
	if (r->speaker.len) {
		cli_show_line(cli, r->speaker, 40);
		buf_adds(&cli->out, ": ");
	} else if (r->kind == USED_MEMORY) {
		buf_adds(&cli->out, "(memory) ");
	}
	/* Of a long text the part that was found. */
	bool part = r->excerpt.len && r->excerpt.len < r->text.len;
	if (part && r->excerpt.data > r->text.data)
		buf_adds(&cli->out, "... ");
	show_found(cli, query, part ? r->excerpt : r->text);
	buf_addf(&cli->out, "\n      %s", id_format(r->id, id));
	if (r->title.len) {
		buf_adds(&cli->out, "  in \"");
		cli_show_line(cli, r->title, 60);
		buf_addc(&cli->out, '"');
	}
	buf_addc(&cli->out, '\n');
	if (cli->options.explain)
		explain(cli, r);
}

static void
explain_question(struct cli *cli, struct slice query,
		 const struct memory_results *results)
{
	if (results->read_as.len && !slice_equal(query, results->read_as)) {
		buf_adds(&cli->out, "Looked for by its meaning as: ");
		cli_show_line(cli, results->read_as, 400);
		buf_addc(&cli->out, '\n');
	}
	buf_addf(&cli->out,
		 "Fits by %.2f; from %.2f on it is called an "
		 "answer.\n\n",
		 results->fit, results->fit_from);
}

static void
show_results(struct cli *cli, struct slice query,
	     const struct memory_results *results)
{
	if (cli->options.explain && results->count)
		explain_question(cli, query, results);
	for (size_t i = 0; i < results->count; i++)
		show_result(cli, query, &results->items[i], i + 1);
	if (results->count == 0)
		buf_adds(&cli->out, "Nothing is remembered about that.\n");
	else if (!results->answerable)
		buf_adds(&cli->out, "Perhaps nothing of this answers it.\n");
}

void
cli_show_results(struct cli *cli, struct slice query,
		 const struct memory_results *results)
{
	if (cli->options.json || cli->options.batch)
		memory_print_results(&cli->printer, query, results);
	else
		show_results(cli, query, results);
}

static bool
recall_one(struct cli *cli, struct memory_query *q, struct error *err)
{
	struct memory_results results;

	if (!memory_recall(cli->memory, q, &cli->arena, &results, err))
		return false;
	cli_show_results(cli, q->text, &results);
	return true;
}

static bool
batch_query(struct cli *cli, const json_t *line, struct memory_query *q,
	    struct error *err)
{
	const json_t *k = json_object_get(line, "k");
	struct slice as_of = json_text(line, "as_of");
	struct slice where = json_text(line, "conversation");
	struct conversation c;

	q->text = json_text(line, "query");
	if (!q->text.data)
		return error_set(err, ERROR_INVALID, "\"query\" is missing");
	if (k && (!json_is_integer(k) || json_integer_value(k) < 1 ||
		  json_integer_value(k) > MEMORY_RESULTS_MAX))
		return error_set(err, ERROR_INVALID,
				 "\"k\" is a whole number from 1 to %d",
				 MEMORY_RESULTS_MAX);
	if (k)
		q->k = (size_t)json_integer_value(k);
	if (as_of.data && !clock_parse_then(as_of, clock_now(), &q->as_of, err))
		return false;
	if (!where.data)
		return true;
	SCOPED(free_pointer) char *word = slice_dup(where);
	if (!cli_find_conversation(cli, word, &c, err))
		return false;
	q->conversation = c.id;
	return true;
}

static bool
recall_line(struct cli *cli, struct slice line, const struct memory_query *base,
	    struct error *err)
{
	SCOPED(json_drop) json_t *json = json_read(line, err);
	struct memory_query q = *base;

	if (!json)
		return false;
	if (!batch_query(cli, json, &q, err) || !recall_one(cli, &q, err))
		return false;
	buf_addc(&cli->out, '\n');
	if (!file_write_all(STDOUT_FILENO, buf_slice(&cli->out), err))
		return false;
	buf_reset(&cli->out);
	printer_init(&cli->printer, PRINTER_JSON, &cli->out);
	arena_reset(&cli->arena);
	return true;
}

static bool
recall_batch(struct cli *cli, const struct memory_query *base,
	     struct error *err)
{
	SCOPED(buf_clear) struct buf in;
	const char *path = cli->options.batch;
	struct slice rest, line;

	buf_init(&in, BATCH_MAX);
	if (strcmp(path, "-") == 0
		    ? !file_drain(STDIN_FILENO, "standard input", &in, err)
		    : !file_read(path, &in, err))
		return false;
	printer_init(&cli->printer, PRINTER_JSON, &cli->out);
	rest = buf_slice(&in);
	for (size_t n = 1; slice_line(&rest, &line); n++) {
		struct error why = {0};
		if (slice_trim(line).len == 0)
			continue;
		if (!recall_line(cli, line, base, &why))
			return error_set(err, why.code, "%s:%zu: %s", path, n,
					 why.text);
	}
	return true;
}

/* What other commands left without vectors gets them now, within reason. */
static bool
embed_tail(struct cli *cli, struct error *err)
{
	enum { TAIL = 64 };
	struct error why = {0};
	size_t left;

	if (!memory_embed(cli->memory, cli->profile.id, TAIL, &left, err))
		return false;
	if (left)
		fprintf(stderr,
			"mneme: %zu %s found by words only so far; the next "
			"recall goes on embedding\n",
			left, plural(left, "turn is", "turns are"));
	if (!memory_by_meaning(cli->memory, &why))
		fprintf(stderr,
			"mneme: searching by words only: %s (mneme model "
			"pull fetches one)\n",
			why.text);
	return true;
}

bool
cli_recall_ready(struct cli *cli, struct slice query, struct error *err)
{
	if (query.len == 0)
		return error_set(err, ERROR_USAGE, "usage: mneme %s QUERY...",
				 cli->command->name);
	if (!utf8_valid(query))
		return error_set(err, ERROR_INVALID,
				 "the query is not UTF-8 (byte %zu)",
				 utf8_valid_length(query));
	return cli_memory(cli, err) && embed_tail(cli, err);
}

bool
cli_recall(struct cli *cli, struct error *err)
{
	const struct cli_options *o = &cli->options;
	struct memory_query q = {.profile = cli->profile.id, .k = 10};
	struct conversation c;
	int64_t k = 10;

	if (o->count &&
	    !cli_number("count", o->count, 1, MEMORY_RESULTS_MAX, &k, err))
		return false;
	q.k = (size_t)k;
	if (!ensure_as_of(o->as_of, &q.as_of, err))
		return false;
	if (o->conversation) {
		if (!cli_find_conversation(cli, o->conversation, &c, err))
			return false;
		q.conversation = c.id;
	}
	if (o->batch)
		return cli_memory(cli, err) && embed_tail(cli, err) &&
		       recall_batch(cli, &q, err);
	q.text = cli_joined(cli, 0);
	return cli_recall_ready(cli, q.text, err) && recall_one(cli, &q, err);
}

static bool
save_memory(struct store_txn *txn, void *arg, struct error *err)
{
	return memory_save(txn, arg, err);
}

/* The words, or standard input where there are none. */
static bool
read_remembered(struct cli *cli, struct slice *text, struct error *err)
{
	SCOPED(buf_clear) struct buf piped;

	buf_init(&piped, CLI_STDIN_MAX);
	*text = cli_joined(cli, 0);
	if (text->len)
		return true;
	if (isatty(STDIN_FILENO))
		return error_set(err, ERROR_USAGE,
				 "usage: mneme remember TEXT..., or its text "
				 "on standard input");
	if (!file_drain(STDIN_FILENO, "standard input", &piped, err))
		return false;
	*text = slice_trim(arena_copy(&cli->arena, buf_slice(&piped)));
	return text->len || error_set(err, ERROR_USAGE,
				      "nothing to remember: standard input "
				      "is empty");
}

/* What held until then, when it is new. */
static bool
show_replaced(struct cli *cli, const struct memory *m, struct error *err)
{
	const struct memory_filter same = {.profile = m->profile,
					   .type = MEMORY_TYPE_COUNT,
					   .state = MEMORY_SUPERSEDED,
					   .key = m->key};
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	struct memory *old;
	size_t n;

	if (!txn || !memory_list(txn, &same, NULL, MEMORY_LIST_MAX, &cli->arena,
				 &old, &n, err))
		return false;
	for (size_t i = 0; i < n && m->version == 1; i++) {
		if (!id_equal(old[i].superseded_by, m->id))
			continue;
		buf_adds(&cli->out, "  in place of: ");
		cli_show_line(cli, old[i].value, 400);
		buf_addc(&cli->out, '\n');
	}
	return true;
}

bool
cli_remember(struct cli *cli, struct error *err)
{
	struct memory m = {.profile = cli->profile.id,
			   .type = MEMORY_FACT,
			   .key = slice_of(cli->options.key),
			   .confidence = 1,
			   .importance = .8};
	const char *type = cli->options.type;
	char id[ID_TEXT + 1];
	size_t left;

	if (type && !cli_memory_type(type, &m.type, err))
		return false;
	const char *secret;
	struct slice text;
	if (!read_remembered(cli, &text, err))
		return false;
	text = memory_redacted(text, &cli->arena, &secret);
	if (secret)
		fprintf(stderr, "mneme: a secret (%s) was left out\n", secret);
	if (!memory_from_text(text, &cli->arena, &m, err) ||
	    !store_write(cli->store, save_memory, &m, err))
		return false;
	/* So that it is found by its meaning at once; it is stored anyway. */
	if (cli_memory(cli, NULL))
		memory_embed(cli->memory, cli->profile.id, 4, &left, NULL);
	if (cli->options.json) {
		memory_print(&cli->printer, &m);
		return true;
	}
	buf_addf(&cli->out, "Remembered (%s): ", id_format(m.id, id));
	cli_show_line(cli, m.value, 400);
	buf_addc(&cli->out, '\n');
	return show_replaced(cli, &m, err);
}
