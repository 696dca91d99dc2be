// SPDX-License-Identifier: BSD-2-Clause
// Measuring: the hook.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/measure.h"

static void what_is_measured_is_told_as_it_is(void **state)
{
	(void)state;
	measure_set_hook(fake_measure);
	measure(MEASURE_SCRIPT, "nvramrc", "boot disk", 9);
	measure(MEASURE_ARGS, "bootargs", "quiet", 5);
	measure_set_hook(NULL);
	fake_measured(MEASURE_SCRIPT, "nvramrc", "boot disk", 9);
	fake_measured(MEASURE_ARGS, "bootargs", "quiet", 5);
	assert_int_equal(fake_measured_all(), 14);
	fake_measure_reset();
}

static void nothing_is_not_told(void **state)
{
	(void)state;
	measure_set_hook(fake_measure);
	measure(MEASURE_ARGS, "bootargs", "", 0);
	measure_set_hook(NULL);
	assert_int_equal(fake_measured_all(), 0);
}

static void without_a_hook_nobody_is_told(void **state)
{
	(void)state;
	measure(MEASURE_ARGS, "bootargs", "quiet", 5);
	assert_int_equal(fake_measured_all(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_measured_is_told_as_it_is),
		cmocka_unit_test(nothing_is_not_told),
		cmocka_unit_test(without_a_hook_nobody_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
