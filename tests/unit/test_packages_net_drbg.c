// SPDX-License-Identifier: BSD-2-Clause
// Unpredictable numbers: each source changes them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/drbg.h"
#include "tests/fake/hcall.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tree/prop.h"

#define MAC "\x52\x54\x00\x12\x34\x56"

struct numbers {
	uint8_t bytes[32];
};

static struct node *chosen;
static uint64_t random_word;

static int64_t hypervisor_random(struct hcall *h)
{
	h->reg[0] = random_word++;
	return H_SUCCESS;
}

static struct numbers seeded(uint64_t time, const void *mac)
{
	struct numbers n;

	fake_clock_set(time);
	drbg_seed(mac, 6);
	drbg_bytes(n.bytes, sizeof(n.bytes));
	return n;
}

/* What a machine that has just started gets. */
static struct numbers start(uint64_t time, const void *mac)
{
	fake_drbg_reset();
	return seeded(time, mac);
}

static bool differ(const struct numbers *a, const struct numbers *b)
{
	return memcmp(a, b, sizeof(*a)) != 0;
}

static int set_up(void **state)
{
	(void)state;
	fake_hcall_reset();
	fake_clock_step(0);
	assert_int_equal(tree_init(), 0);
	chosen = tree_add_node(tree_root(), "chosen", TREE_QEMU);
	assert_non_null(chosen);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tree_free();
	return 0;
}

static void the_same_sources_give_the_same_numbers(void **state)
{
	struct numbers a = start(1, MAC), b = start(1, MAC);

	(void)state;
	assert_false(differ(&a, &b));
}

static void the_seed_of_the_hypervisor_counts_and_stays(void **state)
{
	struct numbers a = start(1, MAC), b;
	const void *left;
	uint32_t len;

	(void)state;
	assert_int_equal(tree_setprop(chosen, "rng-seed", "0123456789", 10,
				      TREE_QEMU),
			 0);
	b = start(1, MAC);
	assert_true(differ(&a, &b));
	left = tree_getprop(chosen, "rng-seed", &len);
	assert_int_equal(len, 10);
	assert_memory_equal(left, "0123456789", 10);
}

static void random_numbers_of_the_hypervisor_count(void **state)
{
	struct numbers a = start(1, MAC), b, c;

	(void)state;
	fake_hcall_set(H_RANDOM, hypervisor_random);
	b = start(1, MAC);
	c = start(1, MAC);
	assert_true(differ(&a, &b));
	assert_true(differ(&b, &c));
	assert_int_equal(fake_hcall_count(H_RANDOM), 1 + 2 * 4);
}

static void time_and_mac_count(void **state)
{
	struct numbers a = start(1, MAC), b = start(1, "abcdef");
	struct numbers c = start(2, MAC);

	(void)state;
	assert_true(differ(&a, &b));
	assert_true(differ(&a, &c));
}

static void a_second_load_goes_on_from_the_first(void **state)
{
	struct numbers a = start(1, MAC), b = seeded(1, MAC);

	(void)state;
	assert_true(differ(&a, &b));
}

static void numbers_of_a_hundred_boots_differ(void **state)
{
	uint32_t seen[100];

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(tree_set_u32(chosen, "rng-seed", i), 0);
		start(1, MAC);
		seen[i] = drbg_u32();
		for (uint32_t j = 0; j < i; j++)
			assert_int_not_equal(seen[i], seen[j]);
	}
}

/* HMAC-DRBG of SP 800-90A with the label, eight zeros and the MAC. */
static void the_generator_is_that_of_the_standard(void **state)
{
	static const uint8_t expected[16] = { 0x7a, 0x3b, 0x70, 0x5c,
					      0x44, 0x5a, 0x40, 0x99,
					      0x08, 0x3c, 0x58, 0xe7,
					      0xb4, 0x92, 0x80, 0xc8 };
	struct numbers n = start(0, MAC);

	(void)state;
	assert_memory_equal(n.bytes, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_same_sources_give_the_same_numbers, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			the_seed_of_the_hypervisor_counts_and_stays, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			random_numbers_of_the_hypervisor_count, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(time_and_mac_count, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			a_second_load_goes_on_from_the_first, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			numbers_of_a_hundred_boots_differ, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_generator_is_that_of_the_standard, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
