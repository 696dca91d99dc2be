// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/ping.c: hosts that answer, and that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/netboot.h"
#include "tests/fake/net_world.h"
static void a_host_that_answers_is_a_success(void **state)
{
	(void)state;
	assert_int_equal(netboot_ping(fake_network.dev, "10.0.2.2"), 0);
	assert_true(fake_log_has("  Ping 10.0.2.2: success, "));
	assert_int_equal(world.pings, 1);
}

static void one_that_does_not_ends_after_ten_seconds(void **state)
{
	uint64_t begun = deadline_ms();

	(void)state;
	world.pings_lost = true;
	assert_int_equal(netboot_ping(fake_network.dev, "10.0.2.2"),
			 ERR_TIMEOUT);
	assert_true(fake_log_has("  Ping 10.0.2.2: failed: no answer for 10 "
				 "s\r\n"));
	assert_int_equal(world.pings, 10);
	assert_in_range(deadline_ms() - begun, 10000, 10300);
}

static void addresses_and_a_timeout_may_be_given(void **state)
{
	uint64_t begun = deadline_ms();

	(void)state;
	world.no_dhcp = world.pings_lost = true;
	assert_int_equal(netboot_ping(fake_network.dev,
				      "10.0.2.2,10.0.2.77,10.0.2.3,2"),
			 ERR_TIMEOUT);
	assert_int_equal(net_addr_number(&world.own), 0x0a00024d);
	assert_int_equal(net_addr_number(&world.router), 0x0a000203);
	assert_in_range(deadline_ms() - begun, 2000, 2100);
}

static void a_keyword_may_precede_the_host(void **state)
{
	(void)state;
	assert_int_equal(netboot_ping(fake_network.dev, "bootp,10.0.2.2"), 0);
	assert_true(fake_log_has("via BOOTP"));
}

static void a_name_is_looked_up(void **state)
{
	(void)state;
	world.name = "server";
	assert_int_equal(netboot_ping(fake_network.dev, "server"), 0);
}

static void wrong_arguments_are_refused(void **state)
{
	(void)state;
	assert_int_equal(netboot_ping(fake_network.dev, ""), ERR_INVAL);
	assert_int_equal(netboot_ping(fake_network.dev, "dhcp,"), ERR_INVAL);
	assert_string_equal(reason(), "ping: which host?");
	assert_true(fake_log_has("ping: which host?\r\n"));
	assert_int_equal(netboot_ping(fake_network.dev, "10.0.2.2,,,x"),
			 ERR_INVAL);
	assert_true(fake_log_has("ping: \"x\" is no timeout\r\n"));
	assert_int_equal(world.opens, 0);
}

static void esc_ends_it(void **state)
{
	(void)state;
	world.pings_lost = true;
	world.turns_to_key = 100;
	assert_int_equal(netboot_ping(fake_network.dev, "10.0.2.2"), ERR_ABORT);
	assert_true(fake_log_has("failed: aborted by the user\r\n"));
}

static void esc_before_the_first_request_is_told(void **state)
{
	(void)state;
	world.no_arp = true;
	world.turns_to_key = 100;
	assert_int_equal(netboot_ping(fake_network.dev, "10.0.2.2"), ERR_ABORT);
	assert_true(fake_log_has("  Ping: aborted by the user\r\n"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_host_that_answers_is_a_success),
		T(one_that_does_not_ends_after_ten_seconds),
		T(addresses_and_a_timeout_may_be_given),
		T(a_keyword_may_precede_the_host),
		T(a_name_is_looked_up),
		T(wrong_arguments_are_refused),
		T(esc_ends_it),
		T(esc_before_the_first_request_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
