/*
 * complete.c - candidates for the word before the caret, best first.
 *
 * A folder is read once for each change of the word; what cannot be read
 * offers nothing.
 */
#include "tui/complete.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tui/app.h"

enum { ENTRIES_MAX = 10000, WORD_MAX = 1024 };

void
complete_clear(struct complete *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->at[i].text);
	c->count = c->chosen = c->first = 0;
}

static void
add(struct complete *c, char *text, const char *note, bool open)
{
	if (c->count == COMPLETE_MAX) {
		free(text);
		return;
	}
	c->at[c->count++] = (struct candidate){text, note, open};
}

static int
by_name(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return strcmp(x->text, y->text);
}

static void
add_commands(struct complete *c, struct slice word)
{
	struct slice name = slice_make(word.data + 1, word.len - 1);

	for (size_t i = 1; i < ACTION_COUNT; i++) {
		const struct action_row *row = &action_rows[i];

		if (row->quiet || slice_of(row->name).len < name.len ||
		    strncmp(row->name, name.data, name.len) != 0)
			continue;
		add(c, xasprintf("/%s", row->name), row->help,
		    row->operand != NULL);
	}
}

static bool
is_folder(const char *folder, const char *name)
{
	SCOPED(free_pointer) char *path = xasprintf("%s/%s", folder, name);
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What names a file, with quotes where it has blanks; a folder may go on. */
static char *
file_word(struct slice prefix, const char *name, bool open, bool quoted)
{
	quoted = quoted || strpbrk(name, " \t");
	return xasprintf("@%s%.*s%s%s", quoted ? "\"" : "", SLICE_ARG(prefix),
			 name,
			 open     ? "/"
			 : quoted ? "\""
				  : "");
}

/* The names in `folder` that begin with `name`. */
static void
add_names(struct complete *c, const char *folder, struct slice prefix,
	  struct slice name, bool quoted)
{
	DIR *dir = opendir(*folder ? folder : ".");
	struct dirent *entry;

	if (!dir)
		return;
	for (int i = 0; i < ENTRIES_MAX && (entry = readdir(dir)); i++) {
		bool open;

		if (strncmp(entry->d_name, name.data, name.len) != 0 ||
		    (entry->d_name[0] == '.' && name.len == 0) ||
		    strpbrk(entry->d_name, "\"\n"))
			continue;
		open = is_folder(*folder ? folder : ".", entry->d_name);
		add(c, file_word(prefix, entry->d_name, open, quoted), NULL,
		    open);
	}
	closedir(dir);
	qsort(c->at, c->count, sizeof(c->at[0]), by_name);
}

static void
add_files(struct complete *c, struct slice word)
{
	bool quoted = word.len > 1 && word.data[1] == '"';
	struct slice path =
		slice_make(word.data + 1 + quoted, word.len - 1 - quoted);
	size_t cut = path.len;
	SCOPED(free_pointer) char *folder = NULL;
	const char *home = getenv("HOME");

	while (cut > 0 && path.data[cut - 1] != '/')
		cut--;
	if (slice_starts(path, "~/") && home)
		folder =
			xasprintf("%s/%.*s", home, (int)cut - 2, path.data + 2);
	else
		folder = slice_dup(slice_make(path.data, cut));
	add_names(c, folder, slice_make(path.data, cut),
		  slice_make(path.data + cut, path.len - cut), quoted);
}

/* Where the word before the caret begins; one in quotes has blanks. */
static size_t
word_start(struct slice text, size_t caret)
{
	size_t from = caret;

	while (from > 0 && !strchr(" \t\n", text.data[from - 1]))
		from--;
	for (size_t i = caret; i-- > 1 && text.data[i] != '\n';) {
		if (text.data[i] != '"')
			continue;
		return text.data[i - 1] == '@' &&
				       (i == 1 ||
					strchr(" \t\n", text.data[i - 2]))
			       ? i - 1
			       : from;
	}
	return from;
}

void
complete_update(struct complete *c, struct slice text, size_t caret)
{
	size_t from = word_start(text, caret);
	struct slice word;

	if (c->dismissed && from == c->from && caret == c->to)
		return;
	complete_clear(c);
	c->from = from;
	c->to = caret;
	c->dismissed = false;
	word = slice_make(text.data + from, caret - from);
	if (word.len == 0 || word.len > WORD_MAX)
		return;
	if (*word.data == '/' && from == 0)
		add_commands(c, word);
	else if (*word.data == '@')
		add_files(c, word);
	/* What is written out needs no help. */
	if (c->count == 1 && slice_is(word, c->at[0].text) && !c->at[0].open)
		complete_clear(c);
}

int
complete_rows(const struct complete *c)
{
	return c->dismissed ? 0 : (int)MIN(c->count, COMPLETE_SHOWN);
}

void
complete_draw(struct complete *c, struct app *app, const struct area *area)
{
	size_t rows = (size_t)MAX(area->rows, 0);

	if (c->chosen < c->first)
		c->first = c->chosen;
	if (rows > 0 && c->chosen >= c->first + rows)
		c->first = c->chosen - rows + 1;
	for (size_t i = 0; i < rows && c->first + i < c->count; i++) {
		const struct candidate *at = &c->at[c->first + i];
		bool chosen = c->first + i == c->chosen;
		enum role role = chosen ? ROLE_SELECTED : ROLE_TEXT;
		int column;

		area_fill(area, (int)i, 0, area->columns, app_style(app, role));
		column = area_text(area, (int)i, 2, slice_of(at->text),
				   app_style(app, role));
		if (at->note)
			area_text(area, (int)i, MAX(column + 2, 18),
				  slice_of(at->note),
				  app_style(app, chosen ? ROLE_SELECTED
							: ROLE_QUIET));
	}
}
