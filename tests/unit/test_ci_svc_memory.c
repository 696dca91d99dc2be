// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/svc_memory.c: claim and release as clients call them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "ci/claim.h"
#include "tests/fake/machine.h"

#define FAIL CELL_FAIL

static void claim_without_alignment_is_exact(void **state)
{
	(void)state;
	assert_int_equal(CI("claim", 0x4001, 3, 0), 0x4001);
	assert_false(claim_is_free(0x4001, 1));
	assert_true(claim_is_free(0x4004, 1));
	assert_true(claim_is_free(0x4000, 1));
	assert_int_equal(CI("claim", 0x4000, 1, 0), 0x4000);
	assert_int_equal(CI("claim", 0x4003, 1, 0), FAIL);
}

/* The result says nothing then: 0 is where it is. */
static void yaboot_may_claim_address_zero(void **state)
{
	(void)state;
	assert_int_equal(CI("claim", 0, 0x100, 0), 0);
	assert_int_equal(CI("claim", 0, 1, 0), FAIL);
}

static void claim_with_alignment_ignores_the_address(void **state)
{
	cell_t base = CI("claim", 0x4000, 0x1000, 0x1000);

	(void)state;
	assert_int_equal(base, FAKE_MEMORY - 0x1000);
	assert_true(claim_is_free(0x4000, 0x1000));
	assert_int_equal(CI("claim", FAIL, 0x10000, 0x10000), 0xb0000);
}

/* Linux and yaboot probe in hundreds of steps. */
static void linux_sees_no_message_when_a_claim_fails(void **state)
{
	(void)state;
	assert_int_equal(CI("claim", 0x4000, 0, 0), FAIL);
	assert_int_equal(CI("claim", 0, 0, 16), FAIL);
	assert_int_equal(CI("claim", FAKE_MEMORY, 1, 0), FAIL);
	assert_int_equal(CI("claim", FAKE_MEMORY - 1, 2, 0), FAIL);
	assert_int_equal(CI("claim", 0xffffffff, 0xffffffff, 0), FAIL);
	assert_int_equal(CI("claim", 0, 0xffffffff, 0xffffffff), FAIL);
	assert_int_equal(CI("claim", 0, FAKE_MEMORY, 1), FAIL);
	assert_int_equal(CI("claim", FAKE_WINDOW, 16, 0), FAIL);
	assert_int_equal(CI("claim", FAKE_WINDOW - 1, 2, 0), FAIL);
	assert_string_equal(fake_printed, "");
	assert_string_equal(fake_console_out, "");
}

/* Cells have 32 bits: what lies on both sides of 4 GiB has no addresses. */
static void a_claim_ends_at_4_gib_even_with_more_memory(void **state)
{
	(void)state;
	assert_int_equal(claim_init(8 * GiB), 0);
	assert_int_equal(CI("claim", 0xfffff000, 0x1001, 0), FAIL);
	assert_int_equal(CI("claim", 0xffffffff, 2, 0), FAIL);
	assert_true(claim_is_free(0xfffff000, 0x2000));
	assert_int_equal(CI("claim", 0xfffff000, 0x1000, 0), 0xfffff000);
}

static void release_frees_any_part(void **state)
{
	(void)state;
	assert_int_equal(CI("claim", 0x10000, 0x10000, 0), 0x10000);
	assert_int_equal(CI_N("release", 0, 0x14000, 0x1001), 0);
	assert_true(claim_is_free(0x14000, 0x1001));
	assert_false(claim_is_free(0x15001, 1));
	assert_false(claim_is_free(0x13fff, 1));
	assert_int_equal(CI("claim", 0x14000, 0x1001, 0), 0x14000);
}

static void wild_releases_are_harmless(void **state)
{
	(void)state;
	assert_int_equal(CI_N("release", 0, 0, 0), 0);
	assert_int_equal(CI_N("release", 0, 0x4000, 0x1000), 0);
	assert_int_equal(CI_N("release", 0, 0xffffffff, 0xffffffff), 0);
	assert_int_equal(CI_N("release", 0, FAKE_MEMORY, 16), 0);
	assert_int_equal(CI("claim", 0x4000, 0x1000, 0), 0x4000);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(claim_without_alignment_is_exact),
		T(yaboot_may_claim_address_zero),
		T(claim_with_alignment_ignores_the_address),
		T(linux_sees_no_message_when_a_claim_fails),
		T(a_claim_ends_at_4_gib_even_with_more_memory),
		T(release_frees_any_part),
		T(wild_releases_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
