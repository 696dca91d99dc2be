// SPDX-License-Identifier: BSD-2-Clause
/* Tests of drivers/waits.c, with devices that take their time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/waits.h"
#include "tests/fake/timebase.h"
#include "tests/fake/worker.h"

static struct worker one, two;
static struct job jobs[3];

static int setup(void **state)
{
	worker_setup(state);
	one = two = (struct worker){ 0 };
	worker_plug(&one, 1, NULL);
	worker_plug(&two, 1, NULL);
	waits_forget();
	return 0;
}

static void start(struct job *job, struct worker *w, uint32_t takes)
{
	*job = (struct job){ .takes = takes };
	job->rq.timeout_ms = 10000;
	job_add(w, job);
}

/* A wait of `ms` that is no request's. */
static void wait_ms(uint32_t ms)
{
	deadline_delay(ms);
}

static void nobody_was_waited_for_at_first(void **state)
{
	uint64_t ticks = 1;

	(void)state;
	assert_null(waits_longest(&ticks));
	assert_int_equal(ticks, 0);
}

static void of_several_devices_the_slowest_is_named(void **state)
{
	uint64_t ticks;

	(void)state;
	start(&jobs[0], &one, 300);
	start(&jobs[1], &two, 2000);
	jobs_finish();
	assert_ptr_equal(waits_longest(&ticks), two.dev);
	assert_in_range(deadline_ms_of(ticks), 1690, 1710);
}

static void many_short_waits_add_up(void **state)
{
	uint64_t ticks;

	(void)state;
	start(&jobs[0], &two, 150);
	jobs_finish();
	for (unsigned i = 0; i < 2; i++) {
		start(&jobs[i], &one, 100);
		jobs_finish();
	}
	assert_ptr_equal(waits_longest(&ticks), one.dev);
	assert_in_range(deadline_ms_of(ticks), 195, 210);
}

static void a_pair_takes_the_waits_between(void **state)
{
	uint64_t begin, ticks;

	(void)state;
	wait_ms(500);
	begin = waits_begin();
	wait_ms(30);
	waits_end(one.dev, begin);
	wait_ms(500);
	assert_ptr_equal(waits_longest(&ticks), one.dev);
	assert_in_range(deadline_ms_of(ticks), 30, 31);
}

static void a_nested_pair_is_not_counted_twice(void **state)
{
	uint64_t outer, inner, ticks;

	(void)state;
	outer = waits_begin();
	wait_ms(10);
	inner = waits_begin();
	wait_ms(100);
	waits_end(two.dev, inner);
	inner = waits_begin();
	wait_ms(500);
	waits_end(NULL, inner);
	waits_end(one.dev, outer);
	assert_ptr_equal(waits_longest(&ticks), two.dev);
	two.dev->waited = 0;
	assert_ptr_equal(waits_longest(&ticks), one.dev);
	assert_in_range(deadline_ms_of(ticks), 10, 11);
}

static void forgotten_waits_do_not_count(void **state)
{
	uint64_t ticks;

	(void)state;
	start(&jobs[0], &two, 2000);
	jobs_finish();
	waits_forget();
	assert_null(waits_longest(&ticks));
	start(&jobs[1], &one, 20);
	jobs_finish();
	assert_ptr_equal(waits_longest(&ticks), one.dev);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, worker_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nobody_was_waited_for_at_first),
		T(of_several_devices_the_slowest_is_named),
		T(many_short_waits_add_up),
		T(a_pair_takes_the_waits_between),
		T(a_nested_pair_is_not_counted_twice),
		T(forgotten_waits_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
