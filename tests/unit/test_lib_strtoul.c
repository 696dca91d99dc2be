// SPDX-License-Identifier: BSD-2-Clause
// strtoul of the firmware.
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fake/string_rename.h"

#include "lib/strtoul.c"

static void strtoul_reads_the_bases_that_c_has(void **state)
{
	char *end;

	(void)state;
	assert_int_equal(strtoul(" \t42x", &end, 10), 42);
	assert_int_equal(*end, 'x');
	assert_int_equal(strtoul("0x1Fg", &end, 0), 0x1f);
	assert_int_equal(*end, 'g');
	assert_int_equal(strtoul("0x1F", NULL, 16), 0x1f);
	assert_int_equal(strtoul("017", NULL, 0), 15);
	assert_int_equal(strtoul("19", NULL, 0), 19);
	assert_int_equal(strtoul("0xg", &end, 0), 0);
	assert_int_equal(*end, 'x');
	assert_int_equal(strtoul("+7", NULL, 8), 7);
	assert_true(strtoul("-1", NULL, 10) == ULONG_MAX);
	assert_true(strtoul("zz", NULL, 36) == 35 * 36 + 35);
}

static void strtoul_tells_what_is_no_number(void **state)
{
	const char *text = "  -x";
	char *end;

	(void)state;
	assert_int_equal(strtoul(text, &end, 10), 0);
	assert_ptr_equal(end, text);
	assert_true(strtoul("18446744073709551615", NULL, 10) == ULONG_MAX);
	assert_true(strtoul("18446744073709551616", &end, 10) == ULONG_MAX);
	assert_int_equal(*end, '\0');
	assert_true(strtoul("-18446744073709551616", NULL, 10) == ULONG_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strtoul_reads_the_bases_that_c_has),
		cmocka_unit_test(strtoul_tells_what_is_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
