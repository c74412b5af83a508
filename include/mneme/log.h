/*
 * log.h - what the program did, for who runs it: one line a record.
 *
 * Control characters in a record are escaped, so a log line is a line.
 * Secrets and message texts are never logged.  Callable from any thread.
 * Before log_open() records of level WARN and above go to stderr.
 */
#ifndef MNEME_LOG_H
#define MNEME_LOG_H

#include "mneme/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Append to `path` (0600, made when missing), or to stderr when NULL.  False,
 * with errno, when it cannot be opened: records go on as before. */
bool log_open(const char *path, enum log_level level, bool json);
enum log_level log_level(void);

/* "2026-01-02T03:04:05.678Z WARN module: text". */
void log_write(enum log_level level, const char *module, const char *fmt, ...)
	PRINTF(3, 4);

/* With members of a JSON object for logs in JSON, "{...}" with its braces; in
 * text only the text is written. */
void log_write_with(enum log_level level, const char *module,
		    struct slice members, const char *fmt, ...) PRINTF(4, 5);

#define log_error(module, ...) log_write(LOG_ERROR, module, __VA_ARGS__)
#define log_warn(module, ...) log_write(LOG_WARN, module, __VA_ARGS__)
#define log_info(module, ...) log_write(LOG_INFO, module, __VA_ARGS__)
#define log_debug(module, ...) \
	do { \
		if (log_level() >= LOG_DEBUG) \
			log_write(LOG_DEBUG, module, __VA_ARGS__); \
	} while (0)

#endif
