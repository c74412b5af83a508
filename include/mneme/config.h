/*
 * config.h - the settings: one table, and where each value comes from.
 *
 * Later sources win: the default, the config file, .env, the profile, the
 * environment, the command line.  An empty value means "not set".  A value
 * that does not fit its row is an error that says where it stands and why;
 * secrets are never shown in one.  A config belongs to one thread; once
 * loaded, others may read it while nobody sets anything.
 */
#ifndef MNEME_CONFIG_H
#define MNEME_CONFIG_H

#include "mneme/base.h"

struct buf;
struct config;
struct error;

enum config_option {
	CONFIG_SECRET_KEY,
	CONFIG_HOST,
	CONFIG_PORT,
	CONFIG_DEBUG,
	CONFIG_CORS_ORIGINS,
	CONFIG_ACCESS_TOKEN_EXPIRE_MINUTES,
	CONFIG_FIREBASE_PROJECT_ID,
	CONFIG_FIREBASE_AUTH_EMULATOR_HOST,
	CONFIG_FIREBASE_SERVICE_ACCOUNT_JSON,
	CONFIG_FIREBASE_SERVICE_ACCOUNT_PATH,
	CONFIG_FIREBASE_API_KEY,
	CONFIG_FIREBASE_CERTS_URL,
	CONFIG_GOOGLE_CLIENT_ID,
	CONFIG_GOOGLE_CLIENT_SECRET,
	CONFIG_GOOGLE_URL,
	CONFIG_RATE_LOGIN,
	CONFIG_RATE_REQUESTS,
	CONFIG_RATE_CHAT,
	CONFIG_STREAM_GRACE,
	CONFIG_PEER_CONNECTIONS,
	CONFIG_TRUST_PROXY,
	CONFIG_LLM_PROVIDER,
	CONFIG_LLM_MODEL,
	CONFIG_LLM_BASE_URL,
	CONFIG_LLM_API_KEY,
	CONFIG_LLM_TEMPERATURE,
	CONFIG_LLM_MAX_TOKENS,
	CONFIG_LLM_CONTEXT_TOKENS,
	CONFIG_LLM_CONNECT_TIMEOUT,
	CONFIG_LLM_IDLE_TIMEOUT,
	CONFIG_OPENROUTER_API_KEY,
	CONFIG_OPENAI_API_KEY,
	CONFIG_GEMINI_API_KEY,
	CONFIG_GEMINI_BASE_URL,
	CONFIG_FALLBACK_MODELS,
	CONFIG_RETRIES,
	CONFIG_SYSTEM_PROMPT,
	CONFIG_EMBEDDING_MODEL,
	CONFIG_MODEL_BASE_URL,
	CONFIG_LANGUAGE,
	CONFIG_MEMORY_TOKENS,
	CONFIG_PROFILE,
	CONFIG_THEME,
	CONFIG_AMBIGUOUS_WIDTH,
	CONFIG_MOUSE,
	CONFIG_KEYS,
	CONFIG_EDITOR,
	CONFIG_LOG_LEVEL,
	CONFIG_LOG_FORMAT,
	CONFIG_MONGODB_URL,
	CONFIG_REDIS_URL,
	CONFIG_OPTION_COUNT
};

enum config_kind {
	CONFIG_STRING,  /* low to high: bytes */
	CONFIG_INTEGER, /* low to high, both included */
	CONFIG_REAL,
	CONFIG_BOOLEAN, /* true false yes no on off 1 0 */
	CONFIG_CHOICE,  /* one of `choices` */
	CONFIG_LIST,    /* comma between items; low to high: bytes */
	CONFIG_PATH,
	CONFIG_URL,    /* http:// or https:// */
	CONFIG_SECRET, /* low to high: bytes; also NAME_CMD and NAME_FILE */
	CONFIG_KIND_COUNT
};

enum config_scope { CONFIG_GLOBAL, CONFIG_PER_PROFILE };

enum config_category {
	CONFIG_SERVER,
	CONFIG_SIGN_IN,
	CONFIG_MODEL,
	CONFIG_MEMORY,
	CONFIG_SCREEN,
	CONFIG_PROGRAM,
	CONFIG_UNUSED /* read for the sake of old files */
};

/* The Snowball stemmers of libstemmer. */
#define CONFIG_LANGUAGES \
	"arabic armenian basque catalan danish dutch english finnish french " \
	"german greek hindi hungarian indonesian irish italian lithuanian " \
	"nepali norwegian porter portuguese romanian russian serbian spanish " \
	"swedish tamil turkish yiddish"

struct config_row {
	const char *name; /* in the environment and the file */
	enum config_kind kind;
	enum config_scope scope;
	enum config_category category;
	const char *value; /* the default; NULL: not set */
	double low, high;
	const char *choices; /* space between words */
	const char *help;    /* one sentence, no full stop */
};

extern const struct config_row config_rows[CONFIG_OPTION_COUNT];

/* By its exact name; NAME_CMD and NAME_FILE find the secret NAME. */
bool config_option_find(struct slice name, enum config_option *option);

/* Would this value do?  ERROR_USAGE with "NAME: value: why". */
bool config_check(enum config_option option, struct slice value,
		  struct error *err);

/* ---- where values come from */

enum config_origin {
	CONFIG_FROM_DEFAULT,
	CONFIG_FROM_FILE,
	CONFIG_FROM_DOTENV,
	CONFIG_FROM_PROFILE,
	CONFIG_FROM_ENVIRONMENT,
	CONFIG_FROM_FLAG,
	CONFIG_ORIGIN_COUNT
};

extern const char *const config_origins[CONFIG_ORIGIN_COUNT];

struct config_sources {
	const char *file;     /* --config; it must exist.  NULL: the usual */
	const char *data_dir; /* --data-dir, or NULL */
	const char *dotenv;   /* read too when it exists, or NULL */
	const char *const *environment; /* "NAME=value", NULL at the end */
};

enum { CONFIG_FILE_MAX = 1 << 20, CONFIG_LINE_MAX = 64 << 10 };

/* ERROR_USAGE: a file or the environment is wrong, "path:line: KEY: value:
 * why".  ERROR_SETUP: a file with secrets that others can read, or no home. */
struct config *config_load(const struct config_sources *sources,
			   struct error *err);
void config_destroy(struct config **config);

/* A copy of one's own, for one profile. */
struct config *config_copy(const struct config *config);

/* From the command line, and from the profile (ERROR_USAGE for an option that
 * is not for profiles). */
bool config_set(struct config *config, enum config_option option,
		const char *value, struct error *err);
bool config_overlay(struct config *config, enum config_option option,
		    const char *value, struct error *err);
/* Back to its default, where it is from a source that `from` wins over. */
void config_unset(struct config *config, enum config_option option,
		  enum config_origin from);

/* What the user should be told, though it is no error; NULL past the last. */
const char *config_notice(const struct config *config, size_t index);

/* ---- values.  Texts live as long as the config, or until the option is set
 * again.  Not set, and no default: false, 0, NULL. */

bool config_is_set(const struct config *config, enum config_option option);
const char *config_text(const struct config *config, enum config_option option);
int64_t config_int(const struct config *config, enum config_option option);
double config_real(const struct config *config, enum config_option option);
bool config_bool(const struct config *config, enum config_option option);
enum config_origin config_origin(const struct config *config,
				 enum config_option option);

/* The command that texts are written with: as it is set, else as other programs
 * are told by VISUAL and EDITOR, else vi. */
const char *config_editor(const struct config *config);

/* Step through a list: start with *rest = slice_of(config_text()).  Items are
 * trimmed, empty ones left out. */
bool config_item(struct slice *rest, struct slice *item);

/* Add the secret to `out`; nothing when it is not set.  A NAME_CMD runs each
 * time, for at most half a minute, and its first line counts; a NAME_FILE must
 * be closed to others. */
bool config_secret(const struct config *config, enum config_option option,
		   struct buf *out, struct error *err);

/* ---- files.  Paths live as long as the config; NULL with ERROR_SETUP when
 * there is no home to put them in.  The folders may not exist yet. */

const char *config_file(const struct config *config, struct error *err);
const char *config_data_dir(const struct config *config, struct error *err);
/* What it is without --data-dir; NULL: there is no home. */
const char *config_usual_data_dir(const struct config *config);
const char *config_state_dir(const struct config *config, struct error *err);

/* Set one key of a config file, or take it out (NULL); the other lines stay as
 * they are.  The file, and its folder, are made when missing; it is replaced at
 * once.  A file that holds a secret becomes 0600. */
bool config_write(const char *path, const char *key, const char *value,
		  struct error *err);

#endif
