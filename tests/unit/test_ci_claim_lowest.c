// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/claim.c: the lowest free place. */
/* Tests of ci/claim.c: the lowest and the highest free place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ci/claim.h"
#include "tests/fake/blocks.h"

static int start(void **state)
{
	(void)state;
	fake_blocks_reset();
	return claim_init(256 * MiB);
}

static int stop(void **state)
{
	(void)state;
	fake_blocks_reset();
	return 0;
}

static void assert_lowest(uint64_t low, uint64_t high, uint64_t size,
			  uint64_t align, uint64_t want)
{
	uint64_t addr;

	assert_int_equal(claim_lowest(low, high, size, align, &addr), 0);
	assert_int_equal(addr, want);
	assert_true(claim_is_free(addr, size));
}

static void assert_no_place(uint64_t low, uint64_t high, uint64_t size,
			    uint64_t align)
{
	uint64_t addr;

	assert_int_equal(claim_lowest(low, high, size, align, &addr),
			 ERR_NOMEM);
}

static void free_memory_is_found_from_below(void **state)
{
	(void)state;
	assert_lowest(0, 256 * MiB, 1, 1, 0);
	assert_lowest(0, 256 * MiB, 256 * MiB, 256 * MiB, 0);
	assert_lowest(4 * MiB, 4 * GiB, 252 * MiB, MiB, 4 * MiB);
	assert_lowest(4 * MiB + 1, 4 * GiB, 1, 1, 4 * MiB + 1);
	assert_lowest(4 * MiB + 1, 4 * GiB, 1, MiB, 5 * MiB);
}

static void the_first_hole_that_fits_is_taken(void **state)
{
	(void)state;
	assert_int_equal(claim_exact(0, 0x4000), 0);
	assert_int_equal(claim_exact(6 * MiB, 1), 0);
	assert_int_equal(claim_exact(9 * MiB + 1, 1), 0);
	assert_lowest(0, 256 * MiB, 0x1000, 0x1000, 0x4000);
	assert_lowest(4 * MiB, 256 * MiB, 2 * MiB, 64 * KiB, 4 * MiB);
	assert_lowest(4 * MiB, 256 * MiB, 2 * MiB + 1, 1, 6 * MiB + 1);
	assert_lowest(4 * MiB, 256 * MiB, 3 * MiB, 1, 6 * MiB + 1);
	/* With its alignment it fits no more. */
	assert_lowest(4 * MiB, 256 * MiB, 3 * MiB, 64 * KiB,
		      9 * MiB + 64 * KiB);
	assert_lowest(6 * MiB, 256 * MiB, 1, 1, 6 * MiB + 1);
	assert_lowest(9 * MiB + 2, 256 * MiB, 1, 1, 9 * MiB + 2);
}

static void a_place_is_inside_its_bounds_and_memory(void **state)
{
	(void)state;
	assert_lowest(MiB, 2 * MiB, MiB, 1, MiB);
	assert_no_place(MiB, 2 * MiB, MiB + 1, 1);
	assert_no_place(MiB + 1, 2 * MiB, MiB, 1);
	assert_no_place(MiB + 1, 2 * MiB, 1, 2 * MiB);
	assert_no_place(2 * MiB, MiB, 1, 1);
	assert_no_place(MiB, MiB, 1, 1);
	assert_lowest(0, UINT64_MAX, 256 * MiB, 1, 0);
	assert_no_place(0, UINT64_MAX, 256 * MiB + 1, 1);
	assert_no_place(256 * MiB, UINT64_MAX, 1, 1);
	assert_no_place(UINT64_MAX, UINT64_MAX, 1, 1);
	assert_int_equal(claim_exact(0, 256 * MiB), 0);
	assert_no_place(0, UINT64_MAX, 1, 1);
}

/* Sums of these would wrap. */
static void huge_sizes_and_alignments_have_no_place(void **state)
{
	(void)state;
	assert_no_place(1, UINT64_MAX, UINT64_MAX, 1);
	assert_no_place(1, UINT64_MAX, 1, 1ull << 63);
	assert_int_equal(claim_init(UINT64_MAX), 0);
	assert_no_place(1, UINT64_MAX, UINT64_MAX, 1);
	assert_lowest(1, UINT64_MAX, 1, 1ull << 63, 1ull << 63);
	assert_no_place((1ull << 63) + 1, UINT64_MAX, 1, 1ull << 63);
}

static void wrong_searches_are_refused(void **state)
{
	uint64_t addr;

	(void)state;
	assert_int_equal(claim_lowest(0, MiB, 0, 1, &addr), ERR_INVAL);
	assert_int_equal(claim_lowest(0, MiB, 1, 0, &addr), ERR_INVAL);
	assert_int_equal(claim_lowest(0, MiB, 1, 3, &addr), ERR_INVAL);
}

static void assert_highest(uint64_t low, uint64_t high, uint64_t size,
			   uint64_t align, uint64_t want)
{
	uint64_t addr;

	assert_int_equal(claim_highest(low, high, size, align, &addr), 0);
	assert_int_equal(addr, want);
	assert_true(claim_is_free(addr, size));
}

static void free_memory_is_found_from_above(void **state)
{
	uint64_t addr;

	(void)state;
	assert_highest(0, 4 * GiB, 1, 1, 256 * MiB - 1);
	assert_highest(0, 4 * GiB, 4097, 4096, 256 * MiB - 8192);
	assert_highest(0, 100 * MiB, MiB, MiB, 99 * MiB);
	assert_int_equal(claim_exact(200 * MiB, MiB), 0);
	assert_highest(0, 4 * GiB, 56 * MiB, 1, 144 * MiB);
	assert_highest(0, 201 * MiB, 1, 1, 200 * MiB - 1);
	assert_int_equal(claim_highest(200 * MiB, 201 * MiB, 1, 1, &addr),
			 ERR_NOMEM);
	assert_int_equal(claim_highest(0, 4 * GiB, 201 * MiB, 1, &addr),
			 ERR_NOMEM);
	/* Address 0 is nobody's. */
	assert_int_equal(claim_highest(0, MiB, MiB, 1, &addr), ERR_NOMEM);
	assert_int_equal(claim_highest(0, MiB, 0, 1, &addr), ERR_INVAL);
	assert_int_equal(claim_highest(0, MiB, 1, 3, &addr), ERR_INVAL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(free_memory_is_found_from_below),
		T(the_first_hole_that_fits_is_taken),
		T(a_place_is_inside_its_bounds_and_memory),
		T(huge_sizes_and_alignments_have_no_place),
		T(wrong_searches_are_refused),
		T(free_memory_is_found_from_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
