// SPDX-License-Identifier: BSD-2-Clause
/* Tests of packages/net/obp_tftp.c: instances of cards. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/instance.h"
#include "packages/net/netboot.h"
#include "tests/fake/net_world.h"
#include "tests/fake/table.h"

TABLE_LINK(packages, package_obp_tftp);
static struct instance *card(const char *args)
{
	struct instance *inst = instance_open_node(fake_network.node, args);

	assert_non_null(inst);
	return inst;
}

static void a_client_sends_and_receives_frames(void **state)
{
	uint8_t frame[100] = "\xff\xff\xff\xff\xff\xff\x52\x54\x00\x12\x34\x56";
	struct instance *inst = card("");

	(void)state;
	assert_int_equal(instance_write(inst, frame, 64), 64);
	assert_memory_equal(fake_network_out()->bytes, frame, 64);
	assert_int_equal(instance_read(inst, frame, sizeof(frame)), ERR_AGAIN);
	fake_network_put_for(FAKE_NETWORK_MAC, 80);
	assert_int_equal(instance_read(inst, frame, sizeof(frame)), 80);
	instance_close(inst);
}

/* Its arguments are no addresses; opening sends nothing. */
static void grub_opens_a_card_with_1_1_1_1(void **state)
{
	struct instance *inst = card("1.1.1.1,dummy,1.1.1.1,1.1.1.1,,,");

	(void)state;
	assert_int_equal(fake_network.n_out, 0);
	instance_close(inst);
}

static void load_loads_what_the_arguments_name(void **state)
{
	static const struct world_file files[] = { { "f", "file", 0 }, { 0 } };
	struct instance *inst = card("10.0.2.2,f");
	char buf[10];

	(void)state;
	world.files = files;
	assert_int_equal(inst->ops.load(inst, buf, sizeof(buf)), 4);
	assert_memory_equal(buf, "file", 4);
	instance_close(inst);
}

static void ping_pings_what_the_arguments_name(void **state)
{
	struct instance *inst = card("10.0.2.2");
	const struct method *ping = instance_method(inst, "ping");

	(void)state;
	assert_non_null(ping);
	assert_int_equal(ping->call(inst, NULL, NULL), 0);
	world.pings_lost = true;
	assert_int_equal(ping->call(inst, NULL, NULL), ERR_TIMEOUT);
	instance_close(inst);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_sends_and_receives_frames),
		T(grub_opens_a_card_with_1_1_1_1),
		T(load_loads_what_the_arguments_name),
		T(ping_pings_what_the_arguments_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
