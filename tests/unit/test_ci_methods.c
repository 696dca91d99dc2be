// SPDX-License-Identifier: BSD-2-Clause
/* Tests of ci/methods.c: methods of /, /rtas, /memory@0, /mmu and /rtc. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ci/call.h"
#include "ci/claim.h"
#include "ci/methods.h"
#include "hcall/rtas.h"
#include "tree/path.h"
#include "tests/fake/machine.h"

static cell_t opened(const char *path)
{
	cell_t handle = CI("open", fake_str(path));

	assert_int_not_equal(handle, 0);
	return handle;
}

static void linux_instantiates_rtas(void **state)
{
	cell_t rtas = opened("/rtas");
	uint32_t value;

	(void)state;
	CI_N("call-method", 2, fake_str("instantiate-rtas"), rtas, 0x8000);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 0x8000);
	assert_memory_equal(fake_memory + 0x8000, rtas_blob, RTAS_BLOB_SIZE);
	assert_int_equal(fake_code_written, RTAS_BLOB_SIZE);
	assert_int_equal(fake_memory[0x8000 + RTAS_BLOB_SIZE], 0xee);
	assert_int_equal(tree_get_u32(tree_find("/rtas"), "slof,rtas-base", 0,
				      &value),
			 0);
	assert_int_equal(value, 0x8000);
	assert_int_equal(tree_get_u32(tree_find("/rtas"), "slof,rtas-size", 0,
				      &value),
			 0);
	assert_int_equal(value, 64);
}

/* All of rtas-size must be there, not just the code. */
static void rtas_needs_memory_for_all_of_its_size(void **state)
{
	static const cell_t bad[] = {
		0,	     FAKE_MEMORY - 63, FAKE_WINDOW - 63,
		FAKE_WINDOW, FAKE_MEMORY,      0xffffffff
	};
	cell_t rtas = opened("/rtas");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CI_N("call-method", 2, fake_str("instantiate-rtas"), rtas,
		     bad[i]);
		assert_int_not_equal(fake_ret[0], 0);
		assert_int_equal(fake_ret[1], 0);
	}
	assert_int_equal(fake_memory[0], 0xee);
	assert_int_equal(fake_memory[FAKE_WINDOW - 63], 0xee);
	CI_N("call-method", 2, fake_str("instantiate-rtas"), rtas,
	     FAKE_MEMORY - 64);
	assert_int_equal(fake_ret[0], 0);
}

static void rtas_without_a_size_needs_its_code(void **state)
{
	cell_t rtas = opened("/rtas");

	(void)state;
	tree_delprop(tree_find("/rtas"), "rtas-size");
	CI_N("call-method", 2, fake_str("instantiate-rtas"), rtas,
	     FAKE_MEMORY - RTAS_BLOB_SIZE);
	assert_int_equal(fake_ret[0], 0);
	CI_N("call-method", 2, fake_str("instantiate-rtas"), rtas,
	     FAKE_MEMORY - RTAS_BLOB_SIZE + 1);
	assert_int_not_equal(fake_ret[0], 0);
	fake_blocks_fail_after(0);
	tree_delprop(tree_find("/rtas"), "slof,rtas-base");
	CI_N("call-method", 2, fake_str("instantiate-rtas"), rtas, 0x8000);
	assert_int_not_equal(fake_ret[0], 0);
}

/* ( addr len align -- base ): the cells come top first. */
static void freebsd_claims_by_the_memory_node(void **state)
{
	cell_t memory = opened("/memory");

	(void)state;
	CI_N("call-method", 2, fake_str("claim"), memory, 0, 0x1000, 0x8000);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 0x8000);
	assert_false(claim_is_free(0x8000, 0x1000));
	CI_N("call-method", 2, fake_str("claim"), memory, 0x1000, 0x2000, 0);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], FAKE_MEMORY - 0x2000);
}

/* Its loader claims 512 KiB pieces around what it has already. */
static void freebsd_may_claim_memory_twice(void **state)
{
	cell_t memory = opened("/memory");

	(void)state;
	for (int i = 0; i < 2; i++) {
		CI_N("call-method", 2, fake_str("claim"), memory, 0, 0x80000,
		     0x10000);
		assert_int_equal(fake_ret[0], 0);
		assert_int_equal(fake_ret[1], 0x10000);
	}
}

static void freebsd_claim_failures_are_not_minus_one(void **state)
{
	static const cell_t bad[][3] = {
		{ 0, 0x1000, FAKE_MEMORY }, { 0, 0, 0x8000 },
		{ 0, 0x1000, FAKE_WINDOW }, { 0, 2, FAKE_MEMORY - 1 },
		{ 0, 0xffffffff, 0 },	    { 16, FAKE_MEMORY, 0 },
		{ 0x90000000, 1, 0 },
	};
	cell_t memory = opened("/memory");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CI_N("call-method", 2, fake_str("claim"), memory, bad[i][0],
		     bad[i][1], bad[i][2]);
		assert_int_not_equal(fake_ret[0], 0);
		assert_int_not_equal(fake_ret[0], CELL_FAIL);
		assert_int_equal(fake_ret[1], 0);
	}
	assert_string_equal(fake_printed, "");
}

static void memory_release_frees(void **state)
{
	cell_t memory = opened("/memory");

	(void)state;
	CI("claim", 0x8000, 0x2000, 0);
	CI_N("call-method", 1, fake_str("release"), memory, 0x1000, 0x8000);
	assert_int_equal(fake_ret[0], 0);
	assert_true(claim_is_free(0x8000, 0x1000));
	assert_false(claim_is_free(0x9000, 1));
}

static void mmu_methods_succeed_and_do_nothing(void **state)
{
	cell_t mmu = opened("/mmu");

	(void)state;
	CI_N("call-method", 1, fake_str("map"), mmu, 0x10, 0x1000, 0x8000,
	     0x8000);
	assert_int_equal(fake_ret[0], 0);
	CI_N("call-method", 1, fake_str("unmap"), mmu, 0x1000, 0x8000);
	assert_int_equal(fake_ret[0], 0);
	CI_N("call-method", 2, fake_str("claim"), mmu, 0, 0x1000, 0x8000);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], 0x8000);
	CI_N("call-method", 1, fake_str("release"), mmu, 0x1000, 0x8000);
	assert_int_equal(fake_ret[0], 0);
	assert_true(claim_is_free(0x8000, 0x1000));
}

/* ( virt -- false | phys mode true ) */
static void mmu_translates_to_the_same_address(void **state)
{
	(void)state;
	CI_N("call-method", 4, fake_str("translate"), opened("/mmu"), 0x8123);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], CELL_TRUE);
	assert_int_equal(fake_ret[3], 0x8123);
}

/* In memory: year, month, day, hour, minute, second. */
static void grub_reads_the_time(void **state)
{
	static const uint32_t now[8] = { 2024, 6, 7, 12, 34, 56, 789 };

	(void)state;
	memcpy(fake_rtas_results, now, sizeof(now));
	CI_N("call-method", 7, fake_str("get-time"), opened("rtc"));
	assert_int_equal(fake_ret[0], 0);
	for (int i = 0; i < 6; i++)
		assert_int_equal(fake_ret[1 + i], now[i]);
}

static void grub_sets_the_time(void **state)
{
	static const uint32_t then[7] = { 2024, 6, 7, 12, 34, 56, 0 };

	(void)state;
	CI_N("call-method", 1, fake_str("set-time"), opened("rtc"), 2024, 6, 7,
	     12, 34, 56);
	assert_int_equal(fake_ret[0], 0);
	assert_memory_equal(fake_rtas_args, then, sizeof(then));
}

static void a_broken_clock_gives_zeroes(void **state)
{
	cell_t rtc = opened("rtc");

	(void)state;
	fake_rtas_results[0] = 1999;
	fake_rtas_status = -1;
	CI_N("call-method", 7, fake_str("get-time"), rtc);
	assert_int_not_equal(fake_ret[0], 0);
	for (int i = 1; i < 7; i++)
		assert_int_equal(fake_ret[i], 0);
	CI_N("call-method", 1, fake_str("set-time"), rtc, 1, 2, 3, 4, 5, 6);
	assert_int_not_equal(fake_ret[0], 0);
}

/* err? behind a catch-result of 0: Linux goes on without. */
static void linux_sees_refused_vectors_as_not_negotiated(void **state)
{
	cell_t root = opened("/");

	(void)state;
	CI_N("call-method", 2, fake_str("ibm,client-architecture-support"),
	     root, FAKE_MEMORY);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], CELL_TRUE);
	/* And where the hypervisor does not know the call. */
	CI_N("call-method", 2, fake_str("ibm,client-architecture-support"),
	     root, 0x8000);
	assert_int_equal(fake_ret[0], 0);
	assert_int_equal(fake_ret[1], CELL_TRUE);
}

static void nodes_that_are_missing_are_left_out(void **state)
{
	(void)state;
	tree_remove_node(tree_find("/rtc"));
	tree_remove_node(tree_find("/cpus"));
	assert_int_equal(ci_methods_register(), 0);
}

static void registering_without_memory_fails(void **state)
{
	(void)state;
	for (long n = 0; n < 6; n++) {
		fake_blocks_fail_after(n);
		assert_int_equal(ci_methods_register(), ERR_NOMEM);
	}
	fake_blocks_fail_after(6);
	assert_int_equal(ci_methods_register(), 0);
}

#define T(name)                                                                \
	cmocka_unit_test_setup_teardown(name, fake_machine_start,              \
					fake_machine_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(linux_instantiates_rtas),
		T(rtas_needs_memory_for_all_of_its_size),
		T(rtas_without_a_size_needs_its_code),
		T(freebsd_claims_by_the_memory_node),
		T(freebsd_may_claim_memory_twice),
		T(freebsd_claim_failures_are_not_minus_one),
		T(memory_release_frees),
		T(mmu_methods_succeed_and_do_nothing),
		T(mmu_translates_to_the_same_address),
		T(grub_reads_the_time),
		T(grub_sets_the_time),
		T(a_broken_clock_gives_zeroes),
		T(linux_sees_refused_vectors_as_not_negotiated),
		T(nodes_that_are_missing_are_left_out),
		T(registering_without_memory_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
