// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/usb/storage.c: honest devices, their nodes and transfers.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/usb_machine.h"
#include "tests/fake/watched.h"

static uint32_t cell(const struct node *node, const char *name)
{
	uint32_t val = 0;

	assert_int_equal(tree_get_u32(node, name, 0, &val), 0);
	return val;
}

static void attaching_does_nothing_to_the_controller(void **state)
{
	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	device_scan_all();
	assert_int_equal(fake_usb.starts, 0);
	assert_null(usb_controller->node->child);
}

static void a_stick_becomes_a_storage_node_with_a_disk(void **state)
{
	const struct node *storage, *disk;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	device_scan_rest();
	storage = tree_find("/usb@3/storage@2");
	assert_non_null(storage);
	assert_int_equal(cell(storage, "reg"), 2);
	assert_int_equal(cell(storage, "#address-cells"), 2);
	assert_int_equal(cell(storage, "#size-cells"), 0);
	disk = tree_find("/usb@3/storage@2/disk@102000000000000");
	assert_non_null(disk);
	assert_ptr_equal(storage->child, disk);
	assert_null(disk->next);
	assert_string_equal(tree_get_str(disk, "device_type"), "block");
	assert_int_equal(cell(disk, "reg"), 0x01020000);
	assert_ptr_equal(tree_find("disk"), disk);
	/* QEMU's path of a redirected stick. */
	assert_ptr_equal(tree_find("/usb@3/storage@2/disk"), disk);
	assert_string_equal(fake_printed, "");
	/* Nobody has it open. */
	assert_false(fake_usb.running);
}

static void unit_addresses_have_the_ports_of_qemu(void **state)
{
	(void)state;
	usb_plug_stick(0, 6, USB_HIGH);
	fake_usb.unit[6] = 2;
	device_scan_rest();
	assert_non_null(tree_find("/usb@3/storage@2/disk@102000000000000"));
}

static void a_scan_takes_two_commands(void **state)
{
	struct fake_stick *stick = usb_plug_stick(0, 2, USB_HIGH);

	(void)state;
	device_scan_rest();
	assert_int_equal(stick->max_luns, 1);
	assert_int_equal(stick->commands[SCSI_INQUIRY], 1);
	assert_int_equal(stick->commands[SCSI_REPORT_LUNS], 0);
	assert_int_equal(stick->fd.resets - fake_usb.starts, 1);
}

static void each_lun_gets_its_node(void **state)
{
	struct fake_stick *stick = usb_plug_stick(0, 2, USB_SUPER);

	(void)state;
	usb_add_unit(0, 1, SCSI_TYPE_CDROM)->removable = true;
	usb_add_unit(0, 2, 0);
	usb_add_unit(0, 3, SCSI_TYPE_CDROM)->removable = true;
	device_scan_rest();
	assert_ptr_equal(tree_find("disk"),
			 tree_find("/usb@3/storage@2/disk@102000000000000"));
	assert_ptr_equal(tree_find("cdrom"),
			 tree_find("/usb@3/storage@2/disk@102000100000000"));
	assert_ptr_equal(tree_find("disk1"),
			 tree_find("/usb@3/storage@2/disk@102000200000000"));
	assert_ptr_equal(tree_find("cdrom1"),
			 tree_find("/usb@3/storage@2/disk@102000300000000"));
	assert_int_equal(stick->max_luns, 1);
	assert_int_equal(stick->commands[SCSI_INQUIRY], 4);
	assert_int_equal(watched_read(usb_disk("cdrom1"), 5, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 5 * 2048, 2048);
	block_close(usb_disk("cdrom1"));
}

static void sixteen_luns_are_found(void **state)
{
	unsigned lun;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	for (lun = 1; lun < 16; lun++)
		usb_add_unit(0, lun, 0);
	device_scan_rest();
	assert_non_null(tree_find("/usb@3/storage@2/disk@102000f00000000"));
	assert_non_null(tree_find("disk15"));
}

static void aliases_follow_the_ports(void **state)
{
	(void)state;
	usb_plug_stick(0, 4, USB_HIGH);
	usb_plug_stick(1, 1, USB_SUPER);
	usb_plug_stick(2, 7, USB_FULL);
	device_scan_rest();
	assert_ptr_equal(tree_find("disk"), tree_find("/usb@3/storage@1/disk"));
	assert_ptr_equal(tree_find("disk1"),
			 tree_find("/usb@3/storage@4/disk"));
	assert_ptr_equal(tree_find("disk2"),
			 tree_find("/usb@3/storage@7/disk"));
}

static void blocks_are_read(void **state)
{
	struct block_device *bd = usb_open_disk();

	(void)state;
	assert_int_equal(bd->block_size, 512);
	assert_int_equal(bd->blocks, sizeof(usb_data) / 512);
	assert_int_equal(watched_use(bd, 7, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 7 * 512, 512);
	assert_int_equal(watched_use(bd, 0, bd->blocks, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data, sizeof(usb_data));
	block_close(bd);
	assert_false(fake_usb.running);
	assert_string_equal(fake_printed, "");
}

static void a_disk_that_was_closed_is_brought_up_again(void **state)
{
	struct block_device *bd = usb_open_disk();

	(void)state;
	block_close(bd);
	assert_int_equal(usb_stick[0].fd.addresses, 2);
	assert_int_equal(watched_read(bd, 7, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 7 * 512, 512);
	assert_int_equal(usb_stick[0].fd.addresses, 3);
	/* The number of its LUNs is known. */
	assert_int_equal(usb_stick[0].max_luns, 1);
	block_close(bd);
}

/* As GRUB's save_env does. */
static void blocks_are_written_and_flushed(void **state)
{
	struct block_device *bd = usb_open_disk();

	(void)state;
	memset(usb_buf, 0x5a, 1024);
	assert_int_equal(block_write(bd, 90, 2, usb_buf), 0);
	assert_memory_equal(usb_data + 90 * 512, usb_buf, 1024);
	assert_int_equal(usb_data[92 * 512], (uint8_t)(92 * 11));
	assert_int_equal(block_flush(bd), 0);
	assert_int_equal(usb_stick[0].commands[SCSI_SYNCHRONIZE_CACHE_10], 1);
	block_close(bd);
}

static void write_protection_is_told(void **state)
{
	struct block_device *bd = usb_open_disk();

	(void)state;
	fake_unit_sense(usb_unit(0, 0), 1, 7, 0x27, 0);
	assert_int_equal(block_write(bd, 90, 2, usb_buf), ERR_IO);
	assert_non_null(strstr(reason(), "sense key 7 (data protect)"));
	block_close(bd);
}

static void a_disk_without_a_cache_need_not_be_flushed(void **state)
{
	struct block_device *bd = usb_open_disk();

	(void)state;
	assert_int_equal(block_write(bd, 90, 1, usb_buf), 0);
	fake_unit_sense(usb_unit(0, 0), 1, 5, 0x20, 0);
	assert_int_equal(block_flush(bd), 0);
	block_close(bd);
}

/* Reads all of a disk. Returns the longest data of its commands. */
static uint32_t longest(unsigned i)
{
	struct block_device *bd = usb_disk(i ? "disk1" : "disk");

	memset(usb_buf, 0, sizeof(usb_buf));
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(watched_use(bd, 0, bd->blocks, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data, sizeof(usb_data));
	block_close(bd);
	return usb_stick[i].longest;
}

static void commands_are_as_long_as_those_of_linux(void **state)
{
	(void)state;
	usb_plug_stick(0, 1, USB_HIGH);
	usb_plug_stick(1, 2, USB_SUPER);
	device_scan_rest();
	assert_int_equal(longest(0), 120 * KiB);
	assert_int_equal(longest(1), MiB);
	/* And within what the controller takes. */
	fake_usb.max_bulk = 20 * KiB;
	usb_stick[0].longest = usb_stick[1].longest = 0;
	assert_int_equal(longest(0), 20 * KiB);
	assert_int_equal(longest(1), 20 * KiB);
}

static void a_full_dma_window_makes_commands_shorter(void **state)
{
	(void)state;
	fake_usb.window = true;
	usb_plug_stick(0, 1, USB_HIGH);
	device_scan_rest();
	fake_dma_limit(20 * KiB);
	assert_int_equal(longest(0), 15 * KiB);
	assert_true(fake_dma_used_window());
	assert_string_equal(fake_printed, "");
}

static void a_removable_disk_need_not_have_a_medium(void **state)
{
	struct block_device *bd;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	usb_unit(0, 0)->removable = true;
	device_scan_rest();
	bd = usb_disk("disk");
	assert_true(bd->removable);
	fake_unit_sense(usb_unit(0, 0), 2, 2, 0x3a, 0);
	assert_int_equal(block_open(bd), ERR_NOMEDIUM);
	assert_non_null(strstr(reason(), ": no medium"));
	assert_false(fake_usb.running);
	assert_int_equal(block_open(bd), ERR_NOMEDIUM);
	assert_int_equal(watched_read(bd, 7, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 7 * 512, 512);
	block_close(bd);
	/* An empty drive violates nothing. */
	assert_int_equal(usb_stick[0].fd.resets - fake_usb.starts,
			 usb_stick[0].fd.addresses);
}

static void a_changed_medium_is_noticed(void **state)
{
	struct block_device *bd;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	usb_unit(0, 0)->removable = true;
	device_scan_rest();
	bd = usb_disk("disk");
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(usb_unit(0, 0), 1, 6, 0x28, 0);
	assert_int_equal(watched_use(bd, 7, 1, usb_buf), ERR_IO);
	assert_non_null(strstr(reason(), "the medium was changed or removed"));
	block_close(bd);
}

/* Every disk reports the reset of its port. */
static void the_first_unit_attention_is_nothing(void **state)
{
	struct block_device *bd;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	fake_unit_sense(usb_unit(0, 0), 1, 6, 0x29, 0);
	device_scan_rest();
	bd = usb_disk("disk");
	fake_unit_sense(usb_unit(0, 0), 1, 6, 0x29, 0);
	assert_int_equal(watched_read(bd, 7, 1, usb_buf), 0);
	block_close(bd);
}

static void a_disk_that_spins_up_is_waited_for(void **state)
{
	struct block_device *bd;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	device_scan_rest();
	bd = usb_disk("disk");
	fake_unit_sense(usb_unit(0, 0), 100, 2, 0x04, 1);
	assert_int_equal(watched_read(bd, 7, 1, usb_buf), 0);
	block_close(bd);
}

static void a_disk_that_spins_up_for_ever_is_not(void **state)
{
	struct block_device *bd;
	uint64_t before;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	device_scan_rest();
	bd = usb_disk("disk");
	fake_unit_sense(usb_unit(0, 0), UINT32_MAX, 2, 0x04, 1);
	before = deadline_ms();
	assert_int_equal(block_open(bd), ERR_TIMEOUT);
	assert_in_range(deadline_ms() - before, 15000, 16000);
	assert_non_null(strstr(reason(), "code 04/01"));
}

static void two_disks_of_one_device_are_used_together(void **state)
{
	struct block_device *a, *b;

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH);
	usb_add_unit(0, 1, SCSI_TYPE_CDROM);
	device_scan_rest();
	a = usb_disk("disk");
	b = usb_disk("cdrom");
	assert_int_equal(block_open(a), 0);
	assert_int_equal(block_open(b), 0);
	assert_int_equal(watched_use(a, 3, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 3 * 512, 512);
	block_close(a);
	assert_int_equal(watched_use(b, 3, 1, usb_buf), 0);
	assert_memory_equal(usb_buf, usb_data + 3 * 2048, 2048);
	block_close(b);
	assert_false(fake_usb.running);
}

static void after_quiesce_nothing_can_be_read(void **state)
{
	struct block_device *bd = usb_open_disk();

	(void)state;
	device_quiesce_all(NULL);
	assert_false(fake_usb.running);
	assert_int_equal(watched_read(bd, 0, 1, usb_buf), ERR_NODEV);
}

static void a_device_without_bulk_endpoints_is_named(void **state)
{
	/* As QEMU's, but for interrupt endpoints. */
	static uint8_t config[32] = {
		9,    2, 32, 0, 1, 1, 0, 0xc0, 0, 9, 4, 0,    0, 2, 8, 6,
		0x50, 0, 7,  5, 2, 3, 8, 0,    7, 7, 5, 0x81, 2, 0, 2, 0,
	};

	(void)state;
	usb_plug_stick(0, 2, USB_HIGH)->fd.config = config;
	device_scan_rest();
	assert_string_equal(fake_printed,
			    "usb-storage /usb@3/storage@2: it lacks bulk "
			    "endpoints\r\n");
	assert_null(tree_find("disk"));
}

static void running_out_of_memory_leaks_nothing(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < 60; n++) {
		usb_plug_stick(0, 2, USB_HIGH);
		usb_add_unit(0, 1, SCSI_TYPE_CDROM);
		fake_heap_fail_after(n);
		device_scan_rest();
		usb_unplug(NULL);
		usb_plug(NULL);
	}
	assert_false(fake_heap_failed());
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, usb_plug, usb_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attaching_does_nothing_to_the_controller),
		TEST(a_stick_becomes_a_storage_node_with_a_disk),
		TEST(unit_addresses_have_the_ports_of_qemu),
		TEST(a_scan_takes_two_commands),
		TEST(each_lun_gets_its_node),
		TEST(sixteen_luns_are_found),
		TEST(aliases_follow_the_ports),
		TEST(blocks_are_read),
		TEST(a_disk_that_was_closed_is_brought_up_again),
		TEST(blocks_are_written_and_flushed),
		TEST(write_protection_is_told),
		TEST(a_disk_without_a_cache_need_not_be_flushed),
		TEST(commands_are_as_long_as_those_of_linux),
		TEST(a_full_dma_window_makes_commands_shorter),
		TEST(a_removable_disk_need_not_have_a_medium),
		TEST(a_changed_medium_is_noticed),
		TEST(the_first_unit_attention_is_nothing),
		TEST(a_disk_that_spins_up_is_waited_for),
		TEST(a_disk_that_spins_up_for_ever_is_not),
		TEST(two_disks_of_one_device_are_used_together),
		TEST(after_quiesce_nothing_can_be_read),
		TEST(a_device_without_bulk_endpoints_is_named),
		TEST(running_out_of_memory_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
