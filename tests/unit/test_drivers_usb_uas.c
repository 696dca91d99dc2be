// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/uas.c.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/usb_machine.h"

TABLE_LINK(drivers, driver_usb_uas);

/* As QEMU's usb-uas at high speed. [hw/usb/dev-uas.c] */
static const uint8_t uas_config[] = {
	9, 2,	 62,   0, 1, 1, 0,    0xc0, 0,	     /* configuration */
	9, 4,	 0,    0, 4, 8, 6,    0x62, 0,	     /* interface */
	7, 5,	 1,    2, 0, 2, 0,		     /* command */
	4, 0x24, 1,    0,			     /* its pipe */
	7, 5,	 0x82, 2, 0, 2, 0,		     /* status */
	4, 0x24, 2,    0, 7, 5, 0x83, 2,    0, 2, 0, /* data in */
	4, 0x24, 3,    0, 7, 5, 4,    2,    0, 2, 0, /* data out */
	4, 0x24, 4,    0,
};

/* BOT as alternate setting 0, UAS as 1: a real disk. */
static const uint8_t both_config[] = {
	9, 2,	 85,   0, 1, 1, 0,    0xc0, 0,	     /* configuration */
	9, 4,	 0,    0, 2, 8, 6,    0x50, 0,	     /* BOT */
	7, 5,	 2,    2, 0, 2, 0,		     /* bulk out */
	7, 5,	 0x81, 2, 0, 2, 0,		     /* bulk in */
	9, 4,	 0,    1, 4, 8, 6,    0x62, 0,	     /* UAS */
	7, 5,	 2,    2, 0, 2, 0,		     /* command */
	4, 0x24, 1,    0,			     /* its pipe */
	7, 5,	 0x81, 2, 0, 2, 0,		     /* status */
	4, 0x24, 2,    0, 7, 5, 0x83, 2,    0, 2, 0, /* data in */
	4, 0x24, 3,    0, 7, 5, 4,    2,    0, 2, 0, /* data out */
	4, 0x24, 4,    0,
};

static void plug(const uint8_t *config, size_t len)
{
	struct fake_stick *stick = usb_plug_stick(0, 2, USB_HIGH);

	assert_int_equal(config[2], len);
	stick->fd.config = config;
	stick->fd.config_len = len;
	device_scan_rest();
}

static void whoever_boots_from_it_learns_what_to_use_instead(void **state)
{
	(void)state;
	plug(uas_config, sizeof(uas_config));
	assert_non_null(tree_find("/usb@3/storage@2"));
	assert_string_equal(fake_printed, "");
	device_explain();
	assert_string_equal(fake_printed,
			    "usb-uas /usb@3/storage@2: UAS is not supported; "
			    "use usb-storage or usb-bot\r\n");
	assert_null(tree_find("disk"));
}

static void a_disk_that_has_both_is_used(void **state)
{
	(void)state;
	plug(both_config, sizeof(both_config));
	assert_string_equal(fake_printed, "");
	assert_int_equal(block_open(usb_disk("disk")), 0);
	block_close(usb_disk("disk"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, usb_plug, usb_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_boots_from_it_learns_what_to_use_instead),
		TEST(a_disk_that_has_both_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
