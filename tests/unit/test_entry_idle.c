// SPDX-License-Identifier: BSD-2-Clause
/* Tests of entry/idle.c: what is done to sleep, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "entry/exception.h"
#include "entry/idle.h"
#include "entry/image.h"
#include "tests/fake/hcall.h"

/* A letter for each step, and what the decrementer was set to. */
static char steps[8];
static uint32_t decrementer[2];
static size_t set;
static bool vectors_ours;

static void step(char letter)
{
	size_t len = strlen(steps);

	assert_true(len + 1 < sizeof(steps));
	steps[len] = letter;
}

void machine_set_decrementer(uint32_t ticks)
{
	assert_true(set < ARRAY_SIZE(decrementer));
	decrementer[set++] = ticks;
	step('d');
}

void machine_disable_interrupts(void)
{
	step('o');
}

bool exception_interruptible(void)
{
	return vectors_ours;
}

static int64_t cede(struct hcall *h)
{
	(void)h;
	step('c');
	return H_SUCCESS;
}

static void sleep_once(uint64_t ticks)
{
	memset(steps, 0, sizeof(steps));
	set = 0;
	fake_hcall_reset();
	fake_hcall_set(H_CEDE, cede);
	idle_for(ticks);
}

/* Interrupts are off before the decrementer is touched again. */
static void the_decrementer_ends_a_sleep_and_is_far_behind_it(void **state)
{
	(void)state;
	vectors_ours = true;
	sleep_once(5120000);
	assert_string_equal(steps, "dcod");
	assert_int_equal(decrementer[0], 5120000);
	assert_int_equal(decrementer[1], 0x7fffffff);
}

/* A negative number would interrupt at once, others would lose bits. */
static void a_sleep_is_not_longer_than_the_decrementer_goes(void **state)
{
	static const uint64_t longs[] = { 0x7fffffff, 0x80000000, 0x100000005,
					  UINT64_MAX };

	(void)state;
	vectors_ours = true;
	for (size_t i = 0; i < ARRAY_SIZE(longs); i++) {
		sleep_once(longs[i]);
		assert_int_equal(decrementer[0], 0x7fffffff);
	}
	sleep_once(0);
	assert_int_equal(decrementer[0], 0);
}

/* Its own decrementer and interrupts stay as it has them. */
static void nothing_is_done_while_the_vectors_are_a_client_s(void **state)
{
	(void)state;
	vectors_ours = false;
	sleep_once(1000);
	assert_string_equal(steps, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_decrementer_ends_a_sleep_and_is_far_behind_it),
		cmocka_unit_test(
			a_sleep_is_not_longer_than_the_decrementer_goes),
		cmocka_unit_test(
			nothing_is_done_while_the_vectors_are_a_client_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
