// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/wait.c: turns, ESC, deadlines, the link. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/network.h"
#include "lib/reason.h"
#include "packages/net/wait.h"
#include "tests/fake/net_world.h"
static struct net_wait waiting;

static void begin(uint32_t ms)
{
	assert_int_equal(netstack_open(&fake_network.nd), 0);
	net_wait_begin(&waiting, &fake_network.nd, ms);
}

static void end(void)
{
	net_wait_end(&waiting);
	netstack_close();
}

static int turns(unsigned n)
{
	int rc = 0;

	while (n-- && !rc)
		rc = net_wait_turn(&waiting);
	return rc;
}

static void a_wait_ends_in_time_with_a_reason(void **state)
{
	(void)state;
	begin(2000);
	assert_int_equal(turns(199), 0);
	assert_int_equal(turns(2), ERR_TIMEOUT);
	assert_string_equal(reason(), "no answer for 2 s");
	end();
}

static void what_comes_makes_it_wait_as_long_again(void **state)
{
	(void)state;
	begin(2000);
	assert_int_equal(turns(150), 0);
	net_wait_again(&waiting);
	assert_int_equal(turns(150), 0);
	assert_int_equal(turns(100), ERR_TIMEOUT);
	end();
}

static void esc_aborts_within_a_tenth_of_a_second(void **state)
{
	(void)state;
	begin(2000);
	assert_int_equal(turns(15), 0);
	world.key = true;
	assert_int_equal(turns(11), ERR_ABORT);
	assert_string_equal(reason(), "aborted by the user");
	end();
}

static void a_link_that_goes_down_ends_it(void **state)
{
	(void)state;
	begin(20000);
	assert_int_equal(turns(15), 0);
	fake_network.down = true;
	assert_int_equal(turns(11), ERR_IO);
	assert_string_equal(reason(), "the link went down");
	fake_network.down = false;
	end();
}

static unsigned sleeps;

static void count_sleep(uint64_t ticks)
{
	(void)ticks;
	sleeps++;
}

/* QEMU's answer is late on a busy host; each sleep would add to it. */
static void it_does_not_sleep_just_after_progress(void **state)
{
	(void)state;
	begin(2000);
	sleeps = 0;
	deadline_set_idle(count_sleep);
	assert_int_equal(turns(1), 0);
	assert_int_equal(sleeps, 0);
	assert_int_equal(turns(5), 0);
	assert_true(sleeps >= 3);
	sleeps = 0;
	net_wait_again(&waiting);
	assert_int_equal(turns(1), 0);
	assert_int_equal(sleeps, 0);
	deadline_set_idle(NULL);
	end();
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_wait_ends_in_time_with_a_reason),
		T(what_comes_makes_it_wait_as_long_again),
		T(esc_aborts_within_a_tenth_of_a_second),
		T(a_link_that_goes_down_ends_it),
		T(it_does_not_sleep_just_after_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
