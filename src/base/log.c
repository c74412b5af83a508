#include "mneme/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/printer.h"

static atomic_int output = STDERR_FILENO;
static atomic_int threshold = LOG_WARN;
static atomic_bool as_json;

static const char *const level_name[] = {
	[LOG_ERROR] = "ERROR",
	[LOG_WARN] = "WARN",
	[LOG_INFO] = "INFO",
	[LOG_DEBUG] = "DEBUG",
};

static void
close_output(void)
{
	int fd = atomic_exchange(&output, STDERR_FILENO);

	if (fd != STDERR_FILENO)
		close(fd);
}

bool
log_open(const char *path, enum log_level level, bool json)
{
	int fd = STDERR_FILENO;

	if (path)
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
			  0600);
	if (fd < 0)
		return false;
	close_output();
	output = fd;
	threshold = (int)level;
	as_json = json;
	return true;
}

enum log_level
log_level(void)
{
	return (enum log_level)threshold;
}

static void
add_escaped(struct buf *line, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x20 || c == 0x7F)
			buf_addf(line, "\\x%02x", c);
		else
			buf_addc(line, *text);
	}
}

static void
add_json(struct buf *line, const char *time, enum log_level level,
	 const char *module, struct slice members, const char *text)
{
	buf_addf(line,
		 "{\"time\":\"%s\",\"level\":\"%s\",\"module\":\"%s\","
		 "\"text\":",
		 time, level_name[level], module);
	json_quote(slice_of(text), line);
	if (members.len > 2) {
		buf_addc(line, ',');
		buf_add(line, members.data + 1, members.len - 2);
	}
	buf_adds(line, "}");
}

static void
write_record(enum log_level level, const char *module, struct slice members,
	     const char *text)
{
	char time[CLOCK_TEXT];
	SCOPED(buf_clear) struct buf line;

	clock_format(clock_now(), time);
	buf_init(&line, 32768);
	if (as_json) {
		add_json(&line, time, level, module, members, text);
	} else {
		buf_addf(&line, "%s %s %s: ", time, level_name[level], module);
		add_escaped(&line, text);
	}
	buf_addc(&line, '\n');
	/* One write a record: appends of several processes do not mix.  There
	 * is nobody to tell when it fails. */
	ssize_t n = write(output, line.data, line.len);
	(void)n;
}

void
log_write(enum log_level level, const char *module, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	if (level > log_level())
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	write_record(level, module, (struct slice){0}, text);
}

void
log_write_with(enum log_level level, const char *module, struct slice members,
	       const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	if (level > log_level())
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	write_record(level, module, members, text);
}
