// SPDX-License-Identifier: BSD-2-Clause
// Time and waits, on a clock of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/err.h"
#include "tests/fake/timebase.h"

static int asked;

static bool done_at_third(void *arg)
{
	assert_ptr_equal(arg, &asked);
	return ++asked == 3;
}

static bool never(void *arg)
{
	(void)arg;
	asked++;
	return false;
}

/* Done, but only when the clock has already run out. */
static bool done_late(void *arg)
{
	(void)arg;
	fake_clock_advance(1000000);
	return true;
}

static void start(uint32_t hz)
{
	fake_clock_step(0);
	fake_clock_set(5000);
	deadline_init(hz);
	asked = 0;
}

static void milliseconds_count_from_the_start(void **state)
{
	(void)state;
	start(0);
	assert_int_equal(deadline_ms(), 0);
	fake_clock_advance(511999);
	assert_int_equal(deadline_ms(), 0);
	fake_clock_advance(1);
	assert_int_equal(deadline_ms(), 1);
	fake_clock_advance(512000000ull * 3600);
	assert_int_equal(deadline_ms(), 3600001);
}

static void milliseconds_do_not_overflow_within_centuries(void **state)
{
	(void)state;
	start(512000000);
	fake_clock_set(5000 + 512000000ull * 86400 * 36525);
	assert_int_equal(deadline_ms(), 86400000ull * 36525);
}

static void the_frequency_can_be_corrected(void **state)
{
	(void)state;
	start(0);
	deadline_set_hz(1000000);
	fake_clock_advance(5000);
	assert_int_equal(deadline_ms(), 5);
	deadline_set_hz(0);
	assert_int_equal(deadline_ms(), 5);
}

static void a_deadline_passes_at_its_time_and_not_before(void **state)
{
	struct deadline d;

	(void)state;
	start(1000000);
	deadline_start(&d, 7);
	fake_clock_advance(6999);
	assert_false(deadline_passed(&d));
	fake_clock_advance(1);
	assert_true(deadline_passed(&d));
}

static void the_longest_deadline_does_not_overflow(void **state)
{
	struct deadline d;

	(void)state;
	start(0);
	deadline_start(&d, UINT32_MAX);
	assert_false(deadline_passed(&d));
	assert_int_equal((d.end - d.start) / 512000, UINT32_MAX);
}

static void a_wait_ends_when_it_is_done(void **state)
{
	(void)state;
	start(1000000);
	assert_int_equal(deadline_wait(done_at_third, &asked, 1), 0);
	assert_int_equal(asked, 3);
}

static void a_wait_ends_when_the_time_is_over(void **state)
{
	(void)state;
	start(1000000);
	fake_clock_step(100);
	assert_int_equal(deadline_wait(never, NULL, 1), ERR_TIMEOUT);
	assert_in_range(asked, 5, 12);
}

static void an_answer_that_comes_late_still_counts(void **state)
{
	(void)state;
	start(1000000);
	assert_int_equal(deadline_wait(done_late, NULL, 1), 0);
}

static void a_wait_of_no_time_asks_once(void **state)
{
	(void)state;
	start(1000000);
	assert_int_equal(deadline_wait(never, NULL, 0), ERR_TIMEOUT);
	assert_int_equal(asked, 1);
}

static void ticks_spent_in_waits_are_summed(void **state)
{
	struct deadline d;

	(void)state;
	start(1000000);
	fake_clock_advance(12345); /* work, not waiting */
	deadline_start(&d, 10);
	fake_clock_advance(300);
	deadline_stop(&d);
	assert_int_equal(deadline_waited(), 300);
	deadline_start(&d, 10);
	fake_clock_advance(50);
	deadline_stop(&d);
	assert_int_equal(deadline_waited(), 350);
	deadline_init(0);
	assert_int_equal(deadline_waited(), 0);
}

static void a_delay_takes_its_time_and_is_counted(void **state)
{
	(void)state;
	start(1000000);
	fake_clock_step(10);
	deadline_delay(2);
	assert_in_range(deadline_ms(), 2, 3);
	assert_in_range(deadline_waited(), 2000, 2100);
}

/* Sleeping: how often, how long, and that the clock goes on. */
static unsigned slept;
static uint64_t longest;

static void sleep_for(uint64_t ticks)
{
	slept++;
	longest = ticks > longest ? ticks : longest;
	fake_clock_advance(ticks);
}

/* One tick is a microsecond, and each look at the clock takes one. */
static void sleepy(void)
{
	start(1000000);
	fake_clock_step(1);
	slept = 0;
	longest = 0;
	deadline_set_idle(sleep_for);
}

static void waits_below_a_millisecond_never_sleep(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	deadline_start(&d, 10);
	fake_clock_advance(DEADLINE_SPIN_US - 10);
	deadline_idle(&d);
	assert_int_equal(slept, 0);
	fake_clock_advance(10);
	deadline_idle(&d);
	assert_int_equal(slept, 1);
	assert_int_equal(deadline_wait(never, NULL, 1), ERR_TIMEOUT);
	assert_int_equal(slept, 1);
}

static void a_wait_sleeps_in_slices_and_ends_in_time(void **state)
{
	(void)state;
	sleepy();
	assert_int_equal(deadline_wait(never, NULL, 50), ERR_TIMEOUT);
	assert_in_range(deadline_ms(), 50, 51);
	assert_in_range(slept, 45, 50);
	assert_int_equal(longest, DEADLINE_SLICE_US);
	assert_in_range(deadline_waited(), 50000, 50100);
}

static void the_last_slice_ends_with_the_wait(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	deadline_start(&d, 3);
	fake_clock_advance(2700);
	deadline_idle(&d);
	assert_int_equal(slept, 1);
	assert_in_range(longest, 280, 300);
	assert_true(deadline_passed(&d));
	/* Nothing is left to sleep for. */
	deadline_idle(&d);
	assert_int_equal(slept, 1);
}

static void a_delay_sleeps(void **state)
{
	(void)state;
	sleepy();
	deadline_delay(20);
	assert_in_range(deadline_ms(), 20, 21);
	assert_in_range(slept, 15, 20);
}

static void a_wait_without_end_never_passes(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	deadline_forever(&d);
	fake_clock_advance(1000000ull * 86400 * 36525);
	assert_false(deadline_passed(&d));
}

/* For a key: who types does not notice, and the host has ten times less. */
static void a_wait_without_end_sleeps_in_longer_slices(void **state)
{
	struct deadline d;

	(void)state;
	sleepy();
	deadline_forever(&d);
	deadline_idle(&d);
	assert_int_equal(slept, 0);
	fake_clock_advance(DEADLINE_SPIN_US);
	deadline_idle(&d);
	assert_int_equal(slept, 1);
	assert_int_equal(longest, 10000);
}

static void what_cannot_sleep_spins(void **state)
{
	(void)state;
	sleepy();
	deadline_set_idle(NULL);
	assert_int_equal(deadline_wait(never, NULL, 5), ERR_TIMEOUT);
	assert_int_equal(slept, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(milliseconds_count_from_the_start),
		cmocka_unit_test(milliseconds_do_not_overflow_within_centuries),
		cmocka_unit_test(the_frequency_can_be_corrected),
		cmocka_unit_test(a_deadline_passes_at_its_time_and_not_before),
		cmocka_unit_test(the_longest_deadline_does_not_overflow),
		cmocka_unit_test(a_wait_ends_when_it_is_done),
		cmocka_unit_test(a_wait_ends_when_the_time_is_over),
		cmocka_unit_test(an_answer_that_comes_late_still_counts),
		cmocka_unit_test(a_wait_of_no_time_asks_once),
		cmocka_unit_test(ticks_spent_in_waits_are_summed),
		cmocka_unit_test(a_delay_takes_its_time_and_is_counted),
		cmocka_unit_test(waits_below_a_millisecond_never_sleep),
		cmocka_unit_test(a_wait_sleeps_in_slices_and_ends_in_time),
		cmocka_unit_test(the_last_slice_ends_with_the_wait),
		cmocka_unit_test(a_delay_sleeps),
		cmocka_unit_test(a_wait_without_end_never_passes),
		cmocka_unit_test(a_wait_without_end_sleeps_in_longer_slices),
		cmocka_unit_test(what_cannot_sleep_spins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
