// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/bot.c: what QEMU's usb-storage and usb-bot do wrong.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/usb_machine.h"
#include "tests/fake/watched.h"

/* A register access for QEMU's sake is in vain there. */
static void real_controllers_are_not_looked_at(void **state)
{
	struct block_device *bd;
	unsigned before;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH)->patient = true;
	device_scan_rest();
	bd = usb_disk("disk");
	assert_int_equal(block_open(bd), 0);
	fake_usb.hc.real = true;
	before = fake_usb.looks;
	assert_int_equal(watched_use(bd, 7, 1, usb_buf), 0);
	assert_int_equal(fake_usb.looks, before);
	block_close(bd);
}

/* QEMU has put a command that writes away. */
static void writes_need_no_extra_access(void **state)
{
	struct block_device *bd;
	unsigned before;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	device_scan_rest();
	bd = usb_disk("disk");
	assert_int_equal(block_open(bd), 0);
	before = fake_usb.looks;
	assert_int_equal(block_write(bd, 90, 1, usb_buf), 0);
	assert_int_equal(fake_usb.looks, before);
	assert_int_equal(watched_use(bd, 7, 1, usb_buf), 0);
	assert_int_equal(fake_usb.looks, before + 1);
	block_close(bd);
}

/* Two disks of a device that hides the sense data of the second one. */
static struct block_device *qemus_second(uint8_t type)
{
	usb_plug_stick(0, 2, USB_HIGH)->hides_sense = true;
	usb_add_unit(0, 1, type)->removable = type != 0;
	device_scan_rest();
	return usb_disk(type ? "cdrom" : "disk1");
}

static void qemus_second_disk_may_have_been_reset(void **state)
{
	struct block_device *bd = qemus_second(0);

	(void)state;
	fake_unit_sense(usb_unit(0, 1), 2, 6, 0x29, 0);
	assert_int_equal(watched_read(bd, 7, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 7 * 512, 512);
	fake_unit_sense(usb_unit(0, 1), UINT32_MAX, 3, 0x11, 0);
	assert_int_equal(watched_use(bd, 7, 1, usb_buf), ERR_IO);
	assert_non_null(strstr(reason(), "code 25/00"));
	block_close(bd);
}

static void qemus_second_drive_may_be_empty(void **state)
{
	struct block_device *bd = qemus_second(SCSI_TYPE_CDROM);
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		fake_unit_sense(usb_unit(0, 1), UINT32_MAX, 2, 0x3a, 0);
		assert_int_equal(block_open(bd), ERR_NOMEDIUM);
		/* A new disc is reported twice. */
		fake_unit_sense(usb_unit(0, 1), 2, 6, 0x28, 0);
		assert_int_equal(watched_read(bd, 7, 1, usb_buf), 0);
		assert_memory_equal(usb_buf, usb_data + 7 * 2048, 2048);
		block_close(bd);
	}
}

static void qemus_second_disc_may_be_changed(void **state)
{
	struct block_device *bd = qemus_second(SCSI_TYPE_CDROM);

	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(usb_unit(0, 1), 1, 6, 0x28, 0);
	assert_int_equal(watched_use(bd, 7, 1, usb_buf), ERR_IO);
	assert_non_null(strstr(reason(), "the medium was changed or removed"));
	block_close(bd);
}

/* Each of them after a command that has passed. */
static void qemus_second_disc_may_be_changed_often(void **state)
{
	struct block_device *bd = qemus_second(SCSI_TYPE_CDROM);
	unsigned i;

	(void)state;
	for (i = 0; i < 10; i++) {
		fake_unit_sense(usb_unit(0, 1), 1, 6, 0x28, 0);
		assert_int_equal(watched_read(bd, 7, 1, usb_buf), 0);
		block_close(bd);
	}
}

static void the_first_disk_is_believed(void **state)
{
	struct block_device *bd;

	(void)state;
	qemus_second(0);
	bd = usb_disk("disk");
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(usb_unit(0, 0), 1, 5, 0x25, 0);
	assert_int_equal(watched_use(bd, 7, 1, usb_buf), ERR_IO);
	assert_non_null(strstr(reason(), "code 25/00"));
	block_close(bd);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, usb_plug, usb_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(real_controllers_are_not_looked_at),
		TEST(writes_need_no_extra_access),
		TEST(qemus_second_disk_may_have_been_reset),
		TEST(qemus_second_drive_may_be_empty),
		TEST(qemus_second_disc_may_be_changed),
		TEST(qemus_second_disc_may_be_changed_often),
		TEST(the_first_disk_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
