// SPDX-License-Identifier: BSD-2-Clause
/* Tests of entry/cache.h: which lines a flush touches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "entry/cache.h"

/* The end of the memory that real mode reaches. */
#define TOP (512 * MiB)

static void memory_of_no_bytes_has_no_line(void **state)
{
	(void)state;
	assert_int_equal(cache_lines(0, 0), 0);
	assert_int_equal(cache_lines(TOP, 0), 0);
	assert_int_equal(cache_lines(127, 0), 0);
}

static void every_byte_lies_in_a_line(void **state)
{
	(void)state;
	for (uint64_t addr = 4096; addr < 4096 + 300; addr++) {
		for (uint64_t size = 1; size < 400; size++) {
			uint64_t first = cache_first_line(addr);
			uint64_t end = first + cache_lines(addr, size) * 128;

			assert_int_equal(first % 128, 0);
			assert_true(first <= addr && addr - first < 128);
			assert_true(end >= addr + size);
			assert_true(end - (addr + size) < 128);
		}
	}
}

/* What lies behind it is no memory. */
static void no_line_begins_behind_the_end_of_memory(void **state)
{
	(void)state;
	for (uint64_t size = 1; size < 1000; size++) {
		uint64_t first = cache_first_line(TOP - size);

		assert_int_equal(first + cache_lines(TOP - size, size) * 128,
				 TOP);
	}
}

static void an_unaligned_start_costs_no_line_behind_the_end(void **state)
{
	(void)state;
	assert_int_equal(cache_first_line(0x1001), 0x1000);
	assert_int_equal(cache_lines(0x1001, 127), 1);
	assert_int_equal(cache_lines(0x1001, 128), 2);
	assert_int_equal(cache_lines(0x107f, 1), 1);
	assert_int_equal(cache_lines(0x107f, 2), 2);
}

static void the_whole_address_space_does_not_wrap(void **state)
{
	(void)state;
	assert_int_equal(cache_lines(0, UINT64_MAX), UINT64_C(1) << 57);
	assert_int_equal(cache_lines(UINT64_MAX - 127, 128), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_of_no_bytes_has_no_line),
		cmocka_unit_test(every_byte_lies_in_a_line),
		cmocka_unit_test(no_line_begins_behind_the_end_of_memory),
		cmocka_unit_test(
			an_unaligned_start_costs_no_line_behind_the_end),
		cmocka_unit_test(the_whole_address_space_does_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
