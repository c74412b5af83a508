/*
 * cli.h - what the commands share: the parsed words, the settings, the open
 * store, and where output goes.
 *
 * Commands and options are rows of two tables (commands.c, options.c); the
 * parser, --help, completions and the man page come from them.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/printer.h"
#include "mneme/record.h"

struct config;
struct loop;
struct store;
struct store_txn;

enum { CLI_FILES_MAX = 32, CLI_STDIN_MAX = 64 << 20 };

/* Every option's value; a zero means that it was not given. */
struct cli_options {
	const char *profile, *config, *data_dir, *model, *color;
	const char *conversation, *system, *type, *key, *as_of, *batch;
	const char *value, *importance, *format;
	const char *host, *port, *unix_path, *tls_cert, *tls_key;
	const char *email, *password_hash, *scope;
	const char *since, *until, *source, *residue;
	const char *files[CLI_FILES_MAX];
	size_t file_count;
	const char *temperature, *max_tokens, *count;
	bool json, no_memory, incognito, verbose, version, help;
	bool plain, inline_screen, raw, code, explain, yes, off, messages;
	bool archived, prompt, learn, with_forgotten, all, pinned, check,
		openapi;
	bool test;
};

struct cli {
	struct cli_options options;
	char **words; /* after the command's name */
	size_t word_count;
	const struct command *command;
	struct config *config;
	struct store *store;
	struct memory_engine *memory;
	struct profile profile;
	struct id asked_in; /* the conversation of the last ask_turn() */
	struct arena arena;
	struct buf out; /* stdout, written at the end */
	struct printer printer;
};

typedef bool command_fn(struct cli *cli, struct error *err);

enum command_need {
	NEED_CONFIG = 1,
	NEED_STORE = 2,  /* and the profile ... */
	NEED_NOBODY = 4, /* ... but it may be missing */
};

struct command {
	const char *name;     /* "memory list": one or two words */
	const char *operands; /* "QUERY", "[TEXT...]" */
	unsigned needs;
	size_t least, most; /* operands */
	command_fn *run;
	const char *summary; /* one sentence */
};

extern const struct command commands[];
extern const size_t command_count;

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_FILES };

struct option_row {
	const char *name; /* without "--" */
	char letter;      /* 0: none */
	enum option_kind kind;
	size_t where;         /* offset in struct cli_options */
	const char *value;    /* "NAME" in help */
	const char *commands; /* "*" or a list of command names, by commas */
	const char *summary;
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* Parse argv into cli: ERROR_USAGE names the word. */
bool cli_parse(struct cli *cli, int argc, char **argv, struct error *err);
bool option_fits(const struct option_row *row, const struct command *command);

/* Numbers from options: ERROR_USAGE names the option and the range. */
bool cli_number(const char *option, const char *text, int64_t low, int64_t high,
		int64_t *value, struct error *err);
bool cli_real(const char *option, const char *text, double low, double high,
	      double *value, struct error *err);

/* A memory's type by its name; ERROR_USAGE lists them. */
bool cli_memory_type(const char *text, enum memory_type *type,
		     struct error *err);

/* The first word of a command's name; rest is the second, or empty. */
struct slice command_group(const struct command *command, struct slice *rest);

/* The name nearest to a word, of those offered; name.len 0: none is near. */
struct nearest {
	struct slice word, name;
	size_t bound;
};
void nearest_start(struct nearest *n, struct slice word);
void nearest_offer(struct nearest *n, struct slice name);

void cli_help(const struct command *command, struct buf *out);
/* Help for the commands whose names begin with that word; false: there are
 * none. */
bool cli_help_group(struct slice group, struct buf *out);
bool cli_completion(const char *shell, struct buf *out, struct error *err);

/* setup.c: open what the command needs. */
bool cli_open(struct cli *cli, struct error *err);
void cli_close(struct cli *cli);
bool cli_memory(struct cli *cli, struct error *err);

/* A query is good, the memory open, and what lacks a vector has one. */
bool cli_recall_ready(struct cli *cli, struct slice query, struct error *err);
void cli_show_results(struct cli *cli, struct slice query,
		      const struct memory_results *results);

/* Learn from every job that is due, with the model where there is one. */
bool cli_learn(struct cli *cli, size_t *learned, struct error *err);

/* The words from `from` on, joined by spaces; in the arena. */
struct slice cli_joined(struct cli *cli, size_t from);

/* Text of other people for a terminal or a line of text output: filtered when
 * stdout is one.  JSON goes out as it is. */
void cli_show(struct cli *cli, struct slice text);
void cli_show_line(struct cli *cli, struct slice text, size_t width);

/* May what goes to stdout have colours? */
bool cli_colours(const struct cli *cli);

/* A line of standard input, on a terminal asked for and not shown; `what` it
 * is, for errors. */
bool cli_read_hidden(const char *question, const char *what, char *line,
		     size_t size, struct error *err);

/* A line of a list. */
void cli_conversation_line(struct cli *cli, const struct conversation *c);
void cli_memory_line(struct cli *cli, const struct memory *m, int key_width);

/* Each term of a score with what it says, the greatest first; the last line is
 * open. */
void cli_show_terms(struct cli *cli, const struct memory_term *terms,
		    size_t count, double score);

/* Ask on a terminal; without one only --yes will do (ERROR_USAGE). */
bool cli_confirm(struct cli *cli, const char *question, struct error *err);
/* The member "error" of the map that is open. */
void cli_print_error(struct printer *p, const struct error *err);

bool cli_on_terminal(void); /* somebody can be asked */

/* Write out what has gathered, before a question or a long step. */
bool cli_flush(struct cli *cli, struct error *err);

/* After a delete: its bytes leave the files; where they could not, it says so
 * and a job stays. */
bool cli_purge(struct cli *cli, struct id profile, struct error *err);

bool cli_find_conversation(struct cli *cli, const char *word,
			   struct conversation *out, struct error *err);
/* By an id, a prefix of one, an external id, or a key that only it has. */
bool cli_memory_named(struct cli *cli, struct store_txn *txn, const char *word,
		      struct memory *out, bool *found, struct error *err);
bool cli_find_memory(struct cli *cli, const char *word, struct memory *out,
		     struct error *err);

/* The profile of that name; ERROR_NOT_FOUND. */
bool cli_profile_find(struct cli *cli, const char *name, struct profile *out,
		      struct error *err);

command_fn cli_ask, cli_recall, cli_remember, cli_chat;
command_fn cli_memory_list, cli_memory_show, cli_memory_forget;
command_fn cli_memory_edit, cli_memory_pin, cli_memory_restore,
	cli_memory_history, cli_memory_stats, cli_memory_tidy;
command_fn cli_conversation_list, cli_conversation_show,
	cli_conversation_search, cli_conversation_delete,
	cli_conversation_rename, cli_conversation_archive, cli_conversation_pin,
	cli_conversation_memory, cli_conversation_fork;
command_fn cli_profile_list, cli_profile_add, cli_profile_use,
	cli_profile_rename, cli_profile_delete;
command_fn cli_profile_show, cli_profile_set, cli_profile_unset;
command_fn cli_profile_passwd, cli_profile_key, cli_profile_google;
command_fn cli_model_list, cli_model_pull, cli_model_use;
command_fn cli_import, cli_export, cli_backup, cli_restore;
command_fn cli_check, cli_serve;
command_fn cli_config_get, cli_config_set, cli_config_list, cli_config_path,
	cli_config_unset;
command_fn cli_completion_command, cli_help_command, cli_doctor;

#endif
