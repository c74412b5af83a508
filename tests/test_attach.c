/* What a file is, which words name one, and what is too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/attach.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/record.h"

#define IN(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static void
an_image_is_known_by_its_bytes(void **state)
{
	static const struct {
		struct slice bytes;
		const char *type;
	} cases[] = {
		{IN("\x89PNG\r\n\x1A\nrest"), "image/png"},
		{IN("\x89PNG\n\x1A\nrest"), NULL},
		{IN("\x89PNG"), NULL},
		{IN("\xFF\xD8\xFF\xE0"), "image/jpeg"},
		{IN("\xFF\xD8"), NULL},
		{IN("GIF87a"), "image/gif"},
		{IN("GIF89a;"), "image/gif"},
		{IN("GIF88a;"), NULL},
		{IN("RIFF\x04\0\0\0WEBPVP8 "), "image/webp"},
		{IN("RIFF\x04\0\0\0WAVEfmt "), NULL},
		{IN("FORM\x04\0\0\0WEBPVP8 "), NULL},
		{IN("RIFF\x04\0\0\0WEB"), NULL},
		{IN("<svg/>"), NULL},
		{IN(""), NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *type = attach_image_type(cases[i].bytes);

		if (type != cases[i].type &&
		    (!type || !cases[i].type || strcmp(type, cases[i].type)))
			fail_msg("case %zu: %s", i, type ? type : "none");
	}
}

static void
ceilings_name_the_file(void **state)
{
	struct attached a = {0};
	struct error err = {0};
	size_t large = RECORD_ATTACHMENT_MAX;
	char *bytes = calloc(1, large + 1);

	(void)state;
	assert_false(attached_add(&a, slice_of("x/big.png"),
				  slice_make(bytes, large + 1), &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	assert_non_null(strstr(err.text, "big.png has 8388609 bytes"));
	for (int i = 0; i < 2; i++)
		assert_true(attached_add(&a, slice_of("x/big.png"),
					 slice_make(bytes, large), &err));
	assert_true(slice_is(a.at[1].name, "big.png"));
	assert_false(attached_add(&a, slice_of("one"), slice_of("b"), &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	attached_clear(&a);
	for (int i = 0; i < ATTACH_MAX; i++)
		assert_true(attached_add(&a, slice_of("n\xFF"), slice_of("b"),
					 &err));
	assert_true(slice_is(a.at[0].name, "n\xEF\xBF\xBD"));
	assert_false(attached_add(&a, slice_of("n"), slice_of("b"), &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	attached_clear(&a);
	free(bytes);
}

static void
words_with_an_at_name_files(void **state)
{
	static const struct {
		const char *text, *out;
		size_t images;
	} cases[] = {
		{"look at @cat.png", "look at @cat.png", 1},
		{"@cat.png @cat.png", "@cat.png @cat.png", 2},
		{"a@cat.png is no file", "a@cat.png is no file", 0},
		{"@\"my cat.png\" here", "@\"my cat.png\" here", 1},
		{"@\"my cat.png here", "@\"my cat.png here", 0},
		{"@none.png @ada @", "@none.png @ada @", 0},
		{"see @notes", "see @notes\n\nFile notes:\n```\nwords\n```", 0},
		{"@\"\"", "@\"\"", 0},
	};
	char folder[] = "/tmp/mneme-attach-XXXXXX";
	struct error err = {0};
	char was[4096];

	(void)state;
	assert_non_null(getcwd(was, sizeof(was)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_true(file_write("cat.png", slice_of("GIF89a"), 0600, &err));
	assert_true(file_write("my cat.png", slice_of("GIF89a"), 0600, &err));
	assert_true(file_write("notes", slice_of("words\n"), 0600, &err));
	assert_true(file_write("bad", slice_of("\xFF"), 0600, &err));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attached a = {0};
		struct buf out = {.max = 4096};

		assert_true(
			attach_named(slice_of(cases[i].text), &out, &a, &err));
		assert_string_equal(buf_text(&out), cases[i].out);
		assert_int_equal(a.count, cases[i].images);
		attached_clear(&a);
		buf_clear(&out);
	}
	struct attached a = {0};
	struct buf out = {.max = 4096};
	assert_false(attach_named(slice_of("@bad"), &out, &a, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	assert_non_null(strstr(err.text, "bad is neither an image"));
	buf_clear(&out);
	unlink("cat.png");
	unlink("my cat.png");
	unlink("notes");
	unlink("bad");
	assert_int_equal(chdir(was), 0);
	rmdir(folder);
}

/* The folder in place of each %s; %% is %. */
static void
fill(char out[256], const char *text, const char *folder)
{
	struct buf all = {.max = 255};

	for (; *text; text++) {
		if (*text != '%')
			buf_addc(&all, *text);
		else if (*++text == 's')
			buf_adds(&all, folder);
		else
			buf_addc(&all, '%');
	}
	strcpy(out, buf_text(&all));
	buf_clear(&all);
}

static void
a_dropped_image_is_named(void **state)
{
	static const struct {
		const char *pasted; /* %s: the folder */
		const char *out;    /* NULL: it is a text as any other */
	} cases[] = {
		{"%s/cat.png", "@%s/cat.png "},
		{"%s/cat.png \n", "@%s/cat.png "},
		{"'%s/my cat.png'", "@\"%s/my cat.png\" "},
		{"\"%s/my cat.png\"", "@\"%s/my cat.png\" "},
		{"%s/my\\ cat.png", "@\"%s/my cat.png\" "},
		{"file://%s/my%%20cat.png", "@\"%s/my cat.png\" "},
		{"file://localhost%s/cat.png", "@%s/cat.png "},
		{"file://%s/cat%%00.png", NULL},
		{"file://", NULL},
		{"'%s/cat.png", NULL},
		{"%s/notes", NULL},
		{"%s/none.png", NULL},
		{"see %s/cat.png", NULL},
		{"%s/cat.png\n%s/cat.png", NULL},
		{"cat.png", NULL},
		{"'", NULL},
		{"\\", NULL},
		{" ", NULL},
	};
	char folder[] = "/tmp/mneme-attach-XXXXXX";
	char pasted[256], wanted[256];
	struct error err = {0};

	(void)state;
	assert_non_null(mkdtemp(folder));
	SCOPED(free_pointer) char *cat = path_join(folder, "cat.png");
	SCOPED(free_pointer) char *mine = path_join(folder, "my cat.png");
	SCOPED(free_pointer) char *notes = path_join(folder, "notes");
	assert_true(file_write(cat, slice_of("GIF89a"), 0600, &err));
	assert_true(file_write(mine, slice_of("GIF89a"), 0600, &err));
	assert_true(file_write(notes, slice_of("words\n"), 0600, &err));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = {.max = 4096};

		fill(pasted, cases[i].pasted, folder);
		if (cases[i].out)
			fill(wanted, cases[i].out, folder);
		if (attach_dropped(slice_of(pasted), &out) !=
			    (cases[i].out != NULL) ||
		    (cases[i].out && strcmp(buf_text(&out), wanted) != 0))
			fail_msg("%s: %s", pasted, buf_text(&out));
		buf_clear(&out);
	}
	unlink(cat);
	unlink(mine);
	unlink(notes);
	rmdir(folder);
}

static void
sizes_are_told_as_people_read_them(void **state)
{
	static const struct {
		uint64_t size;
		const char *text;
	} cases[] = {
		{0, "a · image/png · 0 B"},
		{1023, "a · image/png · 1023 B"},
		{319488, "a · image/png · 312 KiB"},
		{3 << 19, "a · image/png · 1.5 MiB"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = {.max = 4096};

		attach_describe(slice_of("a"), slice_of("image/png"),
				cases[i].size, &out);
		assert_string_equal(buf_text(&out), cases[i].text);
		buf_clear(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_known_by_its_bytes),
		cmocka_unit_test(ceilings_name_the_file),
		cmocka_unit_test(words_with_an_at_name_files),
		cmocka_unit_test(a_dropped_image_is_named),
		cmocka_unit_test(sizes_are_told_as_people_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
