// SPDX-License-Identifier: BSD-2-Clause
/* Tests of boot/command_net.c: ping at the prompt. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "boot/command.h"
#include "lib/reason.h"
#include "tests/fake/net_world.h"

static int ping(const char *args, bool can_go)
{
	const struct prompt_ops ops = { .can_go = can_go };
	char text[100];

	strcpy(text, args);
	return command_ping(&ops, text);
}

static void a_card_pings_the_host_that_follows(void **state)
{
	(void)state;
	assert_int_equal(ping("net:10.0.2.2", false), COMMAND_OK);
	assert_int_equal(ping("/ethernet@1:10.0.2.2", false), COMMAND_OK);
	assert_true(fake_log_has("  Ping 10.0.2.2: success, "));
}

/* The ping itself has said why. */
static void a_failure_is_printed_once(void **state)
{
	(void)state;
	world.pings_lost = true;
	assert_int_equal(ping("net:10.0.2.2", false), COMMAND_QUIET);
}

static void what_is_no_card_is_refused(void **state)
{
	(void)state;
	assert_int_equal(ping("nothing:10.0.2.2", false), ERR_NOENT);
	assert_int_equal(ping("/chosen", false), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "ping: /chosen is no network card"));
	assert_int_equal(world.opens, 0);
}

static void a_client_that_waits_keeps_the_card(void **state)
{
	(void)state;
	assert_int_equal(ping("net:10.0.2.2", true), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "a client has the network"));
	assert_int_equal(world.opens, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_card_pings_the_host_that_follows),
		T(a_failure_is_printed_once),
		T(what_is_no_card_is_refused),
		T(a_client_that_waits_keeps_the_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
