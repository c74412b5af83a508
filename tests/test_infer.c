/* Inferences are read strictly, and name what they rest on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/memory.h"

/* Best first; in the block the older one is line 1. */
static struct memory_result items[] = {
	{.kind = USED_MEMORY,
	 .text = {"I love hiking", 13},
	 .created_at = INT64_C(1683633600) * 1000000},
	{.kind = USED_MEMORY,
	 .text = {"I hate crowds", 13},
	 .created_at = INT64_C(1683547200) * 1000000},
};
static const struct memory_results used = {.items = items, .count = 2};

static void
an_inference_names_lines_of_the_block(void **state)
{
	struct memory_inference got;

	(void)state;
	assert_true(memory_infer_read(
		slice_of("Go to the hills.\n\n"
			 "[inferred from 2, 1; confidence 0.7]\n"),
		&used, &got));
	assert_int_equal(got.count, 2);
	assert_ptr_equal(got.rests_on[0], &items[0]);
	assert_ptr_equal(got.rests_on[1], &items[1]);
	assert_true(got.confidence > .69 && got.confidence < .71);
}

static void
the_numbers_are_those_of_the_block(void **state)
{
	SCOPED(buf_clear) struct buf block;
	struct error err;
	bool in[2];

	(void)state;
	buf_init(&block, 10000);
	assert_true(memory_block(&used, 2000, &block, in, &err));
	assert_non_null(strstr(block.data,
			       "\n1. [2023-05-08] remembered: I hate crowds\n"
			       "2. [2023-05-09] remembered: I love hiking\n"));
}

static void
anything_else_is_no_inference(void **state)
{
	static const char *const answers[] = {
		"",
		"[inferred from ]",
		"[inferred from 3; confidence 0.7]",
		"[inferred from 0; confidence 0.7]",
		"[inferred from 1]",
		"[inferred from 1; confidence 7]",
		"[inferred from 1; confidence -1]",
		"[inferred from 1; confidence high]",
		"[inferred from 1; confidence nan]",
		"[inferred from 99999999999999999999; confidence 1]",
		"[inferred from 1; confidence 0.5] and more",
		"[inferred from 1; confidence 0.5]\nmore",
		"It is inferred from 1; confidence 0.5",
		"[inferred from 1, x; confidence 0.5]",
	};
	struct memory_inference got;

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++)
		if (memory_infer_read(slice_of(answers[i]), &used, &got))
			fail_msg("\"%s\"", answers[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inference_names_lines_of_the_block),
		cmocka_unit_test(the_numbers_are_those_of_the_block),
		cmocka_unit_test(anything_else_is_no_inference),
	};
	return cmocka_run_group_tests_name("infer", tests, NULL, NULL);
}
