// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/message.c: codes and texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/message.h"
#include "tests/fake/net_world.h"
static void a_message_has_slofs_code_and_our_reason(void **state)
{
	(void)state;
	assert_int_equal(net_fail(NET_E3009, ERR_NOENT, "kernel: \"no\""),
			 ERR_NOENT);
	assert_string_equal(fake_printed, "\r\nE3009: (net) file not found: "
					  "kernel: \"no\"\r\n");
	assert_string_equal(reason(), "file not found: kernel: \"no\"");
}

static void the_reason_may_be_the_last_one(void **state)
{
	(void)state;
	reason_fail(ERR_IO, "the link went down");
	assert_int_equal(net_fail(NET_E3018, ERR_IO, reason()), ERR_IO);
	assert_true(fake_log_has("E3018: (net) file exceeds maximum TFTP "
				 "transfer size: the link went down\r\n"));
}

static void a_servers_control_characters_are_shown(void **state)
{
	(void)state;
	net_fail(NET_E3003, ERR_IO, "\x1b[2J");
	assert_true(fake_log_has("\\x1b[2J"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_message_has_slofs_code_and_our_reason),
		T(the_reason_may_be_the_last_one),
		T(a_servers_control_characters_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
