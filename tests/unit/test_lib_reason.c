// SPDX-License-Identifier: BSD-2-Clause
// The reason behind a failure.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/err.h"
#include "lib/reason.h"

static void fail_returns_the_code_and_keeps_the_text(void **state)
{
	(void)state;
	assert_int_equal(reason_fail(ERR_IO, "disk %d: %s", 3, "broken"),
			 ERR_IO);
	assert_string_equal(reason(), "disk 3: broken");
	assert_int_equal(reason_code(), ERR_IO);
}

static void a_reason_may_be_built_from_the_one_before(void **state)
{
	(void)state;
	reason_fail(ERR_IO, "inner");
	assert_int_equal(reason_fail(ERR_FORMAT, "outer: %s", reason()),
			 ERR_FORMAT);
	assert_string_equal(reason(), "outer: inner");
}

static void an_overlong_reason_is_cut_and_terminated(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++)
		reason_fail(ERR_IO, "%s0123456789%s", i ? reason() : "",
			    i ? reason() : "");
	assert_true(strlen(reason()) < 4096);
	assert_memory_equal(reason(), "0123456789", 10);
	reason_fail(ERR_IO, "short");
	assert_string_equal(reason(), "short");
}

static void a_cleared_reason_is_empty(void **state)
{
	(void)state;
	reason_fail(ERR_IO, "x");
	reason_clear();
	assert_string_equal(reason(), "");
	assert_int_equal(reason_code(), 0);
}

static void a_kept_reason_comes_back_with_its_code(void **state)
{
	struct reason_kept kept;

	(void)state;
	reason_fail(ERR_TIMEOUT, "first");
	reason_keep(&kept);
	reason_fail(ERR_IO, "clean-up");
	reason_put_back(&kept);
	assert_string_equal(reason(), "first");
	assert_int_equal(reason_code(), ERR_TIMEOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fail_returns_the_code_and_keeps_the_text),
		cmocka_unit_test(a_reason_may_be_built_from_the_one_before),
		cmocka_unit_test(an_overlong_reason_is_cut_and_terminated),
		cmocka_unit_test(a_cleared_reason_is_empty),
		cmocka_unit_test(a_kept_reason_comes_back_with_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
