/* test_actions.c - the table of actions, its keys, and names that nearly fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "tui/action.h"
#include "tui/fuzzy.h"
#include "tui/keys.h"

static void
each_action_has_a_name_of_its_own_and_keys_that_exist(void **state)
{
	(void)state;
	for (size_t i = 1; i < ACTION_COUNT; i++) {
		struct slice rest = slice_of(action_rows[i].keys), name;
		enum action found;
		uint32_t key;
		unsigned modifiers;
		size_t skip = strlen("browse:");

		assert_true(action_find(slice_of(action_rows[i].name), &found));
		if (found != i)
			fail_msg("two actions %s", action_rows[i].name);
		assert_true(strlen(action_rows[i].help) > 5);
		while (rest.len > 0 && slice_split(&rest, ' ', &name)) {
			if (slice_starts(name, "browse:"))
				name = slice_make(name.data + skip,
						  name.len - skip);
			if (!key_parse(name, &key, &modifiers))
				fail_msg("%s: %.*s is no key",
					 action_rows[i].name, SLICE_ARG(name));
		}
	}
}

static void
no_key_means_two_things_in_one_context(void **state)
{
	struct keymap map;
	struct error err;

	(void)state;
	assert_true(keymap_init(&map, slice_of(""), &err));
	for (size_t i = 0; i < map.count; i++)
		for (size_t j = 0; j < i; j++)
			if (map.at[i].key == map.at[j].key &&
			    map.at[i].modifiers == map.at[j].modifiers &&
			    map.at[i].context == map.at[j].context)
				fail_msg("%s and %s have one key",
					 action_rows[map.at[i].action].name,
					 action_rows[map.at[j].action].name);
	keymap_drop(&map);
}

static void
names_of_keys_come_back_as_they_are_spelled(void **state)
{
	static const char *const names[] = {
		"a",   "C-a",    "M-a", "C-M-a", "S-Enter",
		"Esc", "Space",  "F1",  "F12",   "M-<",
		"C-/", "PageUp", "?",   "D-Tab", "C-S-F5"};
	char spelled[KEY_NAME_MAX];
	uint32_t key;
	unsigned modifiers;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_true(key_parse(slice_of(names[i]), &key, &modifiers));
		assert_string_equal(key_spell(key, modifiers, spelled),
				    names[i]);
	}
	assert_false(key_parse(slice_of("F13"), &key, &modifiers));
	assert_false(key_parse(slice_of("ab"), &key, &modifiers));
	assert_false(key_parse(slice_of(""), &key, &modifiers));
	assert_false(key_parse(slice_of("C-"), &key, &modifiers));
}

static enum action
pressed(const struct keymap *map, enum context context, const char *name)
{
	const enum context contexts[] = {context, CONTEXT_ANYWHERE};
	struct key_event event = {.kind = KEY_PRESS};

	assert_true(key_parse(slice_of(name), &event.key, &event.modifiers));
	return keymap_find(map, contexts, &event);
}

static void
keys_are_what_the_person_makes_them(void **state)
{
	struct keymap map;
	struct error err;

	(void)state;
	assert_true(keymap_init(
		&map, slice_of("help=C-a F5, quit=none ,send = C-s,"), &err));
	assert_int_equal(pressed(&map, CONTEXT_EDIT, "C-a"), ACTION_HELP);
	assert_int_equal(pressed(&map, CONTEXT_EDIT, "F5"), ACTION_HELP);
	assert_int_equal(pressed(&map, CONTEXT_EDIT, "F1"), ACTION_NONE);
	assert_int_equal(pressed(&map, CONTEXT_EDIT, "C-q"), ACTION_NONE);
	assert_int_equal(pressed(&map, CONTEXT_EDIT, "C-s"), ACTION_SEND);
	assert_int_equal(pressed(&map, CONTEXT_LIST, "C-s"), ACTION_NONE);
	assert_int_equal(pressed(&map, CONTEXT_EDIT, "Home"),
			 ACTION_LINE_START);
	keymap_drop(&map);
}

static void
a_wrong_key_setting_is_named(void **state)
{
	static const struct {
		const char *setting, *why;
	} cases[] = {
		{"fly=C-f", "MNEME_KEYS: fly: there is no such action"},
		{"help=C-", "MNEME_KEYS: help: C- is no key"},
		{"help=F1 F99", "MNEME_KEYS: help: F99 is no key"},
		{"help", "MNEME_KEYS: help: say NAME=KEY or NAME=none"},
	};
	struct keymap map;
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(
			keymap_init(&map, slice_of(cases[i].setting), &err));
		assert_int_equal(err.code, ERROR_USAGE);
		assert_string_equal(err.text, cases[i].why);
	}
}

static void
a_slash_begins_a_command_but_not_a_path(void **state)
{
	enum action action;
	struct slice operand;
	bool known;

	(void)state;
	assert_true(action_slash(slice_of("/help"), &known, &action, &operand));
	assert_true(known);
	assert_int_equal(action, ACTION_HELP);
	assert_true(action_slash(slice_of("/new  a b "), &known, &action,
				 &operand));
	assert_true(slice_is(operand, "a b"));
	assert_true(action_slash(slice_of("/fly"), &known, &action, &operand));
	assert_false(known);
	/* What is only a key is no command. */
	assert_true(action_slash(slice_of("/kill-line"), &known, &action,
				 &operand));
	assert_false(known);
	assert_false(action_slash(slice_of("/etc/fstab"), &known, &action,
				  &operand));
	assert_false(action_slash(slice_of("/"), &known, &action, &operand));
	assert_false(action_slash(slice_of("a /b"), &known, &action, &operand));
}

static void
words_that_stand_come_before_letters_that_are_apart(void **state)
{
	static const char *const order[] = {"new talk", "a renewed hope",
					    "night and wine"};
	int last = 1000;

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++) {
		int score = fuzzy_score(slice_of(order[i]), slice_of("NEW"));

		if (i == 2) /* n, e, w stand there, apart: "n...e" needs w */
			assert_int_equal(score, -1);
		else
			assert_in_range(score, 0, last);
		last = score;
	}
	assert_int_equal(fuzzy_score(slice_of("anything"), slice_of("")), 0);
	assert_true(fuzzy_score(slice_of("memory list"), slice_of("ls mem")) >
		    0);
	assert_int_equal(
		fuzzy_score(slice_of("memory list"), slice_of("ls xem")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_action_has_a_name_of_its_own_and_keys_that_exist),
		cmocka_unit_test(no_key_means_two_things_in_one_context),
		cmocka_unit_test(names_of_keys_come_back_as_they_are_spelled),
		cmocka_unit_test(keys_are_what_the_person_makes_them),
		cmocka_unit_test(a_wrong_key_setting_is_named),
		cmocka_unit_test(a_slash_begins_a_command_but_not_a_path),
		cmocka_unit_test(
			words_that_stand_come_before_letters_that_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
