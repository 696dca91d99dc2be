// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/net.c.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/usb_machine.h"

TABLE_LINK(drivers, driver_usb_net);

/* As QEMU's usb-net: the first configuration. [hw/usb/dev-network.c] */
static const uint8_t rndis_config[] = {
	9, 2,	 67,   0,  2,  2,  7,  0xc0, 50, /* configuration */
	9, 4,	 0,    0,  1,  2,  2,  0xff, 0,	 /* RNDIS control */
	5, 0x24, 0,    16, 1,			 /* CDC 1.10 */
	5, 0x24, 1,    0,  1,			 /* no call management */
	4, 0x24, 2,    0,			 /* ACM */
	5, 0x24, 6,    0,  1,			 /* union */
	7, 5,	 0x81, 3,  16, 0,  32,		 /* status */
	9, 4,	 1,    0,  2,  10, 0,  0,    0,	 /* data */
	7, 5,	 0x82, 2,  64, 0,  0,		 /* bulk in */
	7, 5,	 2,    2,  64, 0,  0,		 /* bulk out */
};

static const uint8_t ecm_config[] = {
	9, 2, 25,   0, 1,  1, 7,  0xc0, 50, /* configuration */
	9, 4, 0,    0, 1,  2, 6,  0,	0,  /* Ethernet control */
	7, 5, 0x81, 3, 16, 0, 32,	    /* status */
};

static void plug(const uint8_t *config, size_t len)
{
	struct fake_stick *stick = usb_plug_stick(0, 2, USB_FULL);

	assert_int_equal(config[2], len);
	stick->fd.config = config;
	stick->fd.config_len = len;
	device_scan_rest();
}

/* Boots that do not want it say nothing of it. */
static void expect_named(void)
{
	assert_string_equal(fake_printed, "");
	assert_non_null(tree_find("/usb@3/ethernet@2"));
	assert_null(tree_find("net"));
	device_explain();
	assert_string_equal(fake_printed,
			    "usb-net /usb@3/ethernet@2: USB network cards are "
			    "not supported; use virtio-net-pci or e1000\r\n");
}

static void qemus_card_is_named_when_it_is_wanted(void **state)
{
	(void)state;
	plug(rndis_config, sizeof(rndis_config));
	expect_named();
}

static void cards_of_the_standard_class_are_too(void **state)
{
	(void)state;
	plug(ecm_config, sizeof(ecm_config));
	expect_named();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, usb_plug, usb_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(qemus_card_is_named_when_it_is_wanted),
		TEST(cards_of_the_standard_class_are_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
