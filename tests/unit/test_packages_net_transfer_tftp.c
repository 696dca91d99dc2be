// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/transfer_tftp.c: TFTP over a socket, its errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/net/transfer.h"
#include "tests/fake/net_world.h"
static struct transfer t;
static const struct world_file files[] = { { "a", "text", 0 }, { 0 } };

static int begin(void)
{
	world.files = files;
	memset(&t, 0, sizeof(t));
	assert_int_equal(netstack_open(&fake_network.nd), 0);
	t.config.nd = &fake_network.nd;
	assert_int_equal(url_parse("tftp://10.0.2.2/a", &t.config.url), 0);
	return transfer_open(&t);
}

static void each_error_of_a_server_has_its_code(void **state)
{
	static const char *const codes[] = {
		"E3003", "E3009", "E3010", "E3003",
		"E3011", "E3012", "E3003", "E3013",
	};

	(void)state;
	world.tftp_text = "go \x1b[2J away";
	for (unsigned i = 1; i < ARRAY_SIZE(codes); i++) {
		fake_log_clear();
		world.tftp_error = i;
		assert_true(begin() < 0);
		assert_true(fake_log_has(codes[i]));
		assert_true(fake_log_has("go \\x1b[2J away"));
		netstack_close();
	}
	world.tftp_error = 77;
	assert_true(begin() < 0);
	assert_true(fake_log_has("E3003"));
	netstack_close();
}

static void a_port_that_is_closed_is_e3005(void **state)
{
	uint64_t begun = deadline_ms();

	(void)state;
	world.refused = true;
	assert_int_equal(begin(), ERR_NODEV);
	assert_true(fake_log_has("E3005: (net) ICMP ERROR: 10.0.2.2 says: "
				 "unreachable (ICMP type 3, code 3)"));
	assert_true(deadline_ms() - begun < 100);
	netstack_close();
}

static void blocks_fit_the_mtu_and_the_arguments(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	assert_int_equal(t.tftp.config.block_size, 1428);
	transfer_close(&t);
	netstack_close();
	world.mtu = 600;
	assert_int_equal(begin(), 0);
	assert_int_equal(t.tftp.config.block_size, 600 - 32);
	transfer_close(&t);
	netstack_close();
}

static void a_transfer_that_is_closed_early_tells_the_server(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	transfer_close(&t);
	assert_int_equal(world.sockets, 0);
	/* Twice does no harm: a reader that failed closes it, too. */
	transfer_close(&t);
	netstack_close();
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_error_of_a_server_has_its_code),
		T(a_port_that_is_closed_is_e3005),
		T(blocks_fit_the_mtu_and_the_arguments),
		T(a_transfer_that_is_closed_early_tells_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
