// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/scsi.c: scan, transfers, their cost.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/scsi/cdb.h"
#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/scsi.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/virtio_scsi.h"
#include "tests/fake/watched.h"

static void attaching_does_no_io(void **state)
{
	uint32_t cells;

	(void)state;
	assert_int_equal(fake_virtio.resets, 0);
	assert_int_equal(
		tree_get_u32(scsi_card.node, "#address-cells", 0, &cells), 0);
	assert_int_equal(cells, 2);
	assert_int_equal(tree_get_u32(scsi_card.node, "#size-cells", 0, &cells),
			 0);
	assert_int_equal(cells, 0);
}

static void disks_are_found_where_qemus_boot_list_has_them(void **state)
{
	(void)state;
	scsi_card_add_disk(0, 0);
	scsi_card_add_disk(1, 0);
	scsi_card_add_disk(2, 3);
	scsi_card_add_disk(2, 0x4000 | 300);
	device_scan_all();
	assert_non_null(tree_find("/scsi@2/disk@100000000000000"));
	assert_non_null(tree_find("/scsi@2/disk@101000000000000"));
	assert_non_null(tree_find("/scsi@2/disk@102000300000000"));
	assert_non_null(tree_find("/scsi@2/disk@102412C00000000"));
	assert_ptr_equal(tree_find("disk"),
			 tree_find("/scsi@2/disk@100000000000000"));
	assert_string_equal(fake_printed, "");
}

/* LUNs above 255 have the flat form. [QEMU hw/scsi/virtio-scsi.c] */
static void the_last_target_and_the_last_lun_are_found(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 255);
	scsi_card_add_disk(0, 0x4000 | 256);
	scsi_card_add_disk(255, 0x4000 | 16383);
	bd = scsi_card_open_disk("/scsi@2/disk@1ff7fff00000000");
	assert_int_equal(watched_read(bd, 4, 10, scsi_card.buf), 0);
	assert_memory_equal(scsi_card.buf, scsi_card.data + 4 * 512, 10 * 512);
	assert_non_null(tree_find("/scsi@2/disk@10000ff00000000"));
	assert_non_null(tree_find("/scsi@2/disk@100410000000000"));
	assert_string_equal(fake_printed, "");
}

static void a_target_may_have_255_luns(void **state)
{
	const struct node *child;
	unsigned i, n = 0;

	(void)state;
	for (i = 0; i < 255; i++)
		scsi_card_add_disk(7, i);
	device_scan_all();
	for (child = scsi_card.node->child; child; child = child->next)
		n++;
	assert_int_equal(n, 255);
	assert_int_equal(block_open(block_of(device_of(
				 tree_find("/scsi@2/disk@10700fe00000000")))),
			 0);
}

static void empty_targets_are_asked_in_few_notifications(void **state)
{
	(void)state;
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 256);
	assert_int_equal(fake_virtio.notified[2], 8);
	assert_int_equal(fake_virtio.notified[0] + fake_virtio.notified[1], 0);
}

static void only_the_targets_of_the_device_are_asked(void **state)
{
	(void)state;
	scsi_card_set_limits(0xffff, 7);
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 8);
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 8);
}

static void more_targets_than_there_can_be_are_not_asked(void **state)
{
	(void)state;
	scsi_card_set_limits(0xffff, 0xffff);
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 256);
}

static void blocks_are_read_and_written(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	assert_int_equal(watched_read(bd, 4, 1000, scsi_card.buf), 0);
	assert_memory_equal(scsi_card.buf, scsi_card.data + 4 * 512,
			    1000 * 512);
	memset(scsi_card.buf, 0x99, 512);
	assert_int_equal(block_write(bd, 60, 1, scsi_card.buf), 0);
	assert_memory_equal(scsi_card.data + 60 * 512, scsi_card.buf, 512);
}

static void a_mebibyte_is_one_command_with_one_notification(void **state)
{
	struct block_device *bd;
	unsigned before;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	before = fake_virtio.notified[2];
	assert_int_equal(watched_read(bd, 0, 2048, scsi_card.buf), 0);
	assert_int_equal(fake_virtio.notified[2] - before, 1);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 1);
}

static unsigned hypercalls(void)
{
	return fake_virtio.notified[2] + fake_dma_calls();
}

static void expect_hypercalls(struct block_device *bd, unsigned blocks,
			      unsigned n)
{
	unsigned calls = hypercalls(), reads = fake_scsi_served[SCSI_READ_10];

	assert_int_equal(watched_use(bd, 0, blocks, scsi_card.buf), 0);
	assert_int_equal(hypercalls() - calls, n);
	assert_int_equal(fake_scsi_served[SCSI_READ_10] - reads, 1);
}

static void a_read_costs_one_hypercall(void **state)
{
	struct block_device *bd;

	(void)state;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	expect_hypercalls(bd, 8, 1);
	expect_hypercalls(bd, 2048, 1);
}

/* The notification; TCEs for the data, but not for command and response. */
static void a_read_through_a_window_costs_three_hypercalls(void **state)
{
	struct block_device *bd;

	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	expect_hypercalls(bd, 8, 3);
	expect_hypercalls(bd, 2048, 3);
}

static void a_transfer_limit_of_0_sectors_is_none(void **state)
{
	unsigned i;

	(void)state;
	scsi_card_set_limits(0, 255);
	for (i = 0; i < 100; i++)
		scsi_card_add_disk(0, i);
	(void)scsi_card_open_disk("disk");
	assert_non_null(tree_find("/scsi@2/disk@100006300000000"));
}

static void the_devices_transfer_limit_splits_reads(void **state)
{
	struct block_device *bd;
	unsigned before;

	(void)state;
	scsi_card_set_limits(256, 0);
	scsi_card_add_disk(0, 0);
	bd = scsi_card_open_disk("disk");
	before = fake_virtio.notified[2];
	assert_int_equal(watched_read(bd, 0, 2048, scsi_card.buf), 0);
	assert_memory_equal(scsi_card.buf, scsi_card.data,
			    sizeof(scsi_card.data));
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 8);
	assert_int_equal(fake_virtio.notified[2] - before, 1);
}

#define MODERN(test)                                                           \
	cmocka_unit_test_setup_teardown(test, scsi_card_plug_modern,           \
					scsi_card_unplug)
#define LEGACY(test)                                                           \
	cmocka_unit_test_setup_teardown(test, scsi_card_plug_legacy,           \
					scsi_card_unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(attaching_does_no_io),
		MODERN(disks_are_found_where_qemus_boot_list_has_them),
		LEGACY(disks_are_found_where_qemus_boot_list_has_them),
		MODERN(the_last_target_and_the_last_lun_are_found),
		LEGACY(the_last_target_and_the_last_lun_are_found),
		MODERN(a_target_may_have_255_luns),
		MODERN(empty_targets_are_asked_in_few_notifications),
		MODERN(only_the_targets_of_the_device_are_asked),
		LEGACY(only_the_targets_of_the_device_are_asked),
		MODERN(more_targets_than_there_can_be_are_not_asked),
		MODERN(blocks_are_read_and_written),
		LEGACY(blocks_are_read_and_written),
		MODERN(a_mebibyte_is_one_command_with_one_notification),
		MODERN(a_read_costs_one_hypercall),
		LEGACY(a_read_costs_one_hypercall),
		MODERN(a_read_through_a_window_costs_three_hypercalls),
		MODERN(a_transfer_limit_of_0_sectors_is_none),
		MODERN(the_devices_transfer_limit_splits_reads),
		LEGACY(the_devices_transfer_limit_splits_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
