/*
 * base.h - the few words that every file uses.
 *
 * Ownership: a destructor takes `struct x **`, accepts NULL and leaves NULL,
 * which is the signature that SCOPED wants.  A slice is borrowed; the header
 * that hands it out says until when.
 */
#ifndef MNEME_BASE_H
#define MNEME_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* The struct that holds `member`, from a pointer to the member. */
#define HOLDER(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Run `destroy(&variable)` when the variable leaves its block. */
#define SCOPED(destroy) __attribute__((cleanup(destroy)))

/* Hand a scoped pointer over to the caller. */
#define TAKE(p) \
	__extension__({ \
		__typeof__(p) p_ = (p); \
		(p) = NULL; \
		p_; \
	})

/* Bytes that belong to someone else. */
struct slice {
	const char *data;
	size_t len;
};

/* For printf's "%.*s". */
#define SLICE_ARG(s) (int)(s).len, (s).data ? (s).data : ""

static inline struct slice
slice_of(const char *text)
{
	return (struct slice){text, text ? strlen(text) : 0};
}

static inline struct slice
slice_make(const void *data, size_t len)
{
	return (struct slice){data, len};
}

static inline bool
slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}

/* Equal bytes; empty slices are equal whatever they point to. */
bool slice_equal(struct slice a, struct slice b);

/* As memcmp, the shorter first when one begins the other. */
int slice_compare(struct slice a, struct slice b);

bool slice_starts(struct slice s, const char *prefix);
bool slice_ends(struct slice s, const char *suffix);

/* Where `needle` first stands in `s`, or s.len. */
size_t slice_find(struct slice s, struct slice needle);

/* Without ASCII white space at both ends. */
struct slice slice_trim(struct slice s);

/* Take the part before the first `separator` off *rest (all of it when there
 * is none); false once nothing is left.  "a,,b," gives "a", "", "b", "". */
bool slice_split(struct slice *rest, char separator, struct slice *part);

/* The next line of *rest, without its LF or CR LF. */
bool slice_line(struct slice *rest, struct slice *line);

/* A byte of a word: an ASCII letter or digit, or part of a longer character. */
static inline bool
is_word_byte(char c)
{
	return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') ||
	       (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Take the next run of such bytes off *rest, after the first one those in
 * `inner` too; false when there is none. */
bool slice_word(struct slice *rest, const char *inner, struct slice *word);

/* Whether it is one of `list`, whose order is that of the bytes. */
bool slice_listed(struct slice s, const char *const *list, size_t count);

/* A whole slice of decimal digits that fits, nothing else. */
bool slice_number(struct slice s, int64_t *value);

/* The value of a hexadecimal digit of either case, or -1. */
int hex_digit(char c);

/* Memory runs out only when a ceiling is missing: these abort instead of
 * failing.  Release with free(). */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *text);
/* The word for so many: "%zu %s", n, plural(n, "byte", "bytes"). */
static inline const char *
plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

char *slice_dup(struct slice s); /* NUL-terminated copy */
char *xasprintf(const char *fmt, ...) PRINTF(1, 2);

/* free(*p) for SCOPED(free_pointer) on any `char *` or `void *`. */
void free_pointer(void *p);

/* close(*fd) when it is not negative; for SCOPED. */
void close_fd(int *fd);

/* Make room for `need` elements of `size` bytes; returns the array, perhaps
 * moved.  *cap counts elements. */
void *grow(void *array, size_t *cap, size_t need, size_t size);

#endif
