/* test_plain.c - the slash commands of the chat line by line, beside those of
 * the screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/plain.h"
#include "tui/action.h"

static const struct plain_command *
find_command(const char *name)
{
	for (size_t i = 0; i < plain_command_count; i++)
		if (strcmp(plain_commands[i].name, name) == 0)
			return &plain_commands[i];
	return NULL;
}

static const struct plain_absent *
find_absent(const char *name)
{
	for (size_t i = 0; i < plain_absent_count; i++)
		if (strcmp(plain_absent[i].name, name) == 0)
			return &plain_absent[i];
	return NULL;
}

static void
what_the_screen_names_is_here_or_is_said_not_to_be(void **state)
{
	size_t named = 0;

	(void)state;
	for (size_t i = 1; i < ACTION_COUNT; i++) {
		const char *name = action_rows[i].name;

		if (action_rows[i].quiet)
			continue;
		named++;
		if (!find_command(name) == !find_absent(name))
			fail_msg("/%s: %s", name,
				 find_command(name)
					 ? "both a command and absent"
					 : "no line mode's command, and no "
					   "word of why");
	}
	assert_true(named > 20);
}

static void
what_only_a_screen_has_is_an_action_of_it(void **state)
{
	enum action action;

	(void)state;
	for (size_t i = 0; i < plain_absent_count; i++) {
		const struct plain_absent *a = &plain_absent[i];

		if (!action_find(slice_of(a->name), &action) ||
		    action_rows[action].quiet)
			fail_msg("/%s is nothing of the screen's", a->name);
		assert_true(slice_ends(slice_of(a->why), "."));
	}
}

static void
each_command_has_a_name_of_its_own_and_a_phrase(void **state)
{
	(void)state;
	for (size_t i = 0; i < plain_command_count; i++) {
		const struct plain_command *c = &plain_commands[i];

		assert_ptr_equal(find_command(c->name), c);
		assert_non_null(c->run);
		if (strlen(c->help) < 5 || slice_ends(slice_of(c->help), "."))
			fail_msg("/%s: \"%s\"", c->name, c->help);
	}
}

static void
what_takes_an_operand_on_the_screen_takes_one_here(void **state)
{
	enum action action;

	(void)state;
	for (size_t i = 0; i < plain_command_count; i++) {
		const struct plain_command *c = &plain_commands[i];

		if (action_find(slice_of(c->name), &action) &&
		    action_rows[action].operand && !*c->operand)
			fail_msg("/%s takes %s on the screen", c->name,
				 action_rows[action].operand);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_the_screen_names_is_here_or_is_said_not_to_be),
		cmocka_unit_test(what_only_a_screen_has_is_an_action_of_it),
		cmocka_unit_test(
			each_command_has_a_name_of_its_own_and_a_phrase),
		cmocka_unit_test(
			what_takes_an_operand_on_the_screen_takes_one_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
