/*
 * attach.h - what goes along with a question: images, beside its text.
 *
 * What a file is, its bytes say and not its name.  An image is kept with the
 * message and sent to the model; a text becomes part of the question's own.
 */
#ifndef MNEME_ATTACH_H
#define MNEME_ATTACH_H

#include "mneme/arena.h"
#include "mneme/id.h"

struct buf;
struct error;
struct store;

enum {
	ATTACH_MAX = 16,             /* images of one question */
	ATTACH_BYTES_MAX = 16 << 20, /* of theirs, and of one request's */
};

struct attachment {
	struct slice name; /* a file's, without its folder */
	struct slice bytes;
};

/* "image/png" of PNG, JPEG, GIF and WebP; NULL: it is none of these. */
const char *attach_image_type(struct slice bytes);

/* What is put together before a question is asked.  A zeroed one is empty; the
 * bytes are its own. */
struct attached {
	struct attachment at[ATTACH_MAX];
	size_t count;
	size_t bytes;
	struct arena arena;
};
void attached_clear(struct attached *a);
/* Exchange: `from` is empty afterwards. */
struct attached attached_take(struct attached *from);

/* Add an image; `path` may have folders.  ERROR_LIMIT names what is too
 * large. */
bool attached_add(struct attached *a, struct slice path, struct slice bytes,
		  struct error *err);

/* Add what was attached to a question that said `was`, and is still meant now
 * that it says `now`: what that names, or what none named. */
bool attached_keep(const struct attached *old, struct slice was,
		   struct slice now, struct attached *attached,
		   struct error *err);
/* The same for the stored question `seq`. */
bool attached_keep_stored(struct store *store, struct id profile, uint64_t seq,
			  struct slice now, struct attached *attached,
			  struct error *err);

/* What is in a file, to be added as an image or as text: *image says which.
 * Neither is ERROR_INVALID. */
bool attach_read(const char *path, struct buf *bytes, bool *image,
		 struct error *err);
bool attach_kind(const char *name, struct slice bytes, bool *image,
		 struct error *err);

/* The media type of a file that is an image, and its size, by its first bytes;
 * NULL: it is none. */
const char *attach_peek(const char *path, uint64_t *size);

/* The text with the text files added that it names by @path; images among
 * them are attached.  A name that is no file stays a word. */
bool attach_named(struct slice text, struct buf *out, struct attached *a,
		  struct error *err);

/* The next word of *rest that is @path, and the file's path, to be freed; NULL
 * where there is no such file.  False at the end. */
bool attach_next(struct slice *rest, struct slice *word, char **path);

/* What a terminal pastes when a file is dropped on it: an absolute path, bare,
 * in quotes, with backslashes, or a file: URL.  Where that is an image `out`
 * gets the word that names it; false: it is something else. */
bool attach_dropped(struct slice pasted, struct buf *out);

/* "photo.png · image/png · 312 KiB", for people. */
void attach_describe(struct slice name, struct slice media_type, uint64_t size,
		     struct buf *out);

#endif
