// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/storage.c: the two paths of a disk behind a hub.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/usb/core.h"
#include "lib/endian.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/usb_machine.h"
#include "tests/fake/watched.h"

/* As QEMU's usb-hub: full speed, eight ports. [hw/usb/dev-hub.c] */
static const uint8_t hub_descriptor[18] = {
	18, 1, 0x10, 1, 9, 0, 0, 8, 0x09, 0x04, 0xaa, 0x55, 1, 1, 0, 0, 0, 1,
};

static const uint8_t hub_config[] = {
	9, 2, 25,   0, 1, 1, 0,	  0xe0, 0, /* configuration */
	9, 4, 0,    0, 1, 9, 0,	  0,	0, /* interface */
	7, 5, 0x81, 3, 2, 0, 255,	   /* status changes */
};

static struct fake_usb_device hub, inner;

/* [USB 2.0, 11.24.2] */
static long hub_control(struct fake_usb_device *fd,
			const struct usb_setup *setup, uint8_t *data,
			uint32_t len)
{
	static const uint8_t about[9] = { 9, 0x29, 8 };
	unsigned feature = le16_get(setup->value);
	struct fake_usb_device *at = fd->behind[le16_get(setup->index) % 16];

	if (!(setup->type & USB_TYPE_CLASS))
		return FAKE_USB_PASS;
	if (setup->request == USB_GET_DESCRIPTOR) {
		memcpy(data, about, MIN(len, sizeof(about)));
		return MIN(len, sizeof(about));
	}
	if (setup->request == USB_GET_STATUS) {
		le32_store(data,
			   !at ? 0
			       : USB_STATUS_CONNECTION | USB_STATUS_C_RESET |
					   (at->enabled ? USB_STATUS_ENABLE
							: 0));
		return 4;
	}
	if (setup->request == USB_SET_FEATURE && feature == USB_PORT_RESET) {
		at->enabled = true;
		at->addressed = false;
		at->configuration = 0;
		at->resets++;
		if (at->reset)
			at->reset(at);
	}
	return 0;
}

static void make_hub(struct fake_usb_device *fd)
{
	*fd = (struct fake_usb_device){
		.speed = USB_FULL,
		.descriptor = hub_descriptor,
		.config = hub_config,
		.config_len = sizeof(hub_config),
		.control = hub_control,
	};
}

/* A stick at port 2 of a hub at port 4. */
static int plug(void **state)
{
	int rc = usb_plug(state);

	make_hub(&hub);
	usb_plug_stick(0, 4, USB_FULL);
	hub.behind[2] = &usb_stick[0].fd;
	fake_usb.port[4] = &hub;
	return rc;
}

static void expect_disk(const char *path, const char *also)
{
	char buf[128];

	assert_non_null(tree_find("disk"));
	tree_path(tree_find("disk"), buf, sizeof(buf));
	assert_string_equal(buf, path);
	assert_ptr_equal(tree_find(path), tree_find("disk"));
	assert_ptr_equal(tree_find(also), tree_find("disk"));
}

/* [QEMU hw/ppc/spapr.c, spapr_get_fw_dev_path; SLOF dev-storage.fs] */
static void qemus_and_slofs_paths_find_the_disk(void **state)
{
	(void)state;
	device_scan_rest();
	expect_disk("/usb@3/hub@4/storage@2/disk@104000000000000",
		    "/usb@3/hub@4/storage@2/disk@102000000000000");
	assert_null(tree_find("/usb@3/hub@4/storage@2/disk@101000000000000"));
	assert_string_equal(fake_printed, "");
}

static void each_lun_has_two_paths(void **state)
{
	(void)state;
	usb_add_unit(0, 1, 0);
	device_scan_rest();
	assert_ptr_equal(
		tree_find("/usb@3/hub@4/storage@2/disk@104000100000000"),
		tree_find("/usb@3/hub@4/storage@2/disk@102000100000000"));
	assert_ptr_equal(
		tree_find("/usb@3/hub@4/storage@2/disk@102000100000000"),
		tree_find("disk1"));
}

static void behind_two_hubs_the_root_port_counts(void **state)
{
	(void)state;
	make_hub(&inner);
	inner.behind[3] = &usb_stick[0].fd;
	hub.behind[2] = &inner;
	device_scan_rest();
	expect_disk("/usb@3/hub@4/hub@2/storage@3/disk@104000000000000",
		    "/usb@3/hub@4/hub@2/storage@3/disk@103000000000000");
}

static void the_root_port_is_numbered_as_by_qemu(void **state)
{
	(void)state;
	fake_usb.unit[4] = 1;
	device_scan_rest();
	expect_disk("/usb@3/hub@1/storage@2/disk@101000000000000",
		    "/usb@3/hub@1/storage@2/disk@102000000000000");
}

static void the_disk_is_read(void **state)
{
	struct block_device *bd;

	(void)state;
	device_scan_rest();
	bd = usb_disk("disk");
	assert_int_equal(watched_read(bd, 7, 3, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 7 * 512, 3 * 512);
	block_close(bd);
	assert_false(fake_usb.running);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, plug, usb_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(qemus_and_slofs_paths_find_the_disk),
		TEST(each_lun_has_two_paths),
		TEST(behind_two_hubs_the_root_port_counts),
		TEST(the_root_port_is_numbered_as_by_qemu),
		TEST(the_disk_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
