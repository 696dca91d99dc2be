// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/scsi.c: scan, commands, lying devices.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/scsi/cdb.h"
#include "lib/reason.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/watched.h"

TABLE_LINK(drivers, driver_virtio_scsi);
TABLE_LINK(drivers, driver_scsi_disk);

/* Unit addresses as QEMU's boot list has them. */
#define UNIT(target, lun) ((0x100ULL | (target)) << 48 | (uint64_t)(lun) << 32)

static struct node *node;
static uint8_t data[1 << 20], buf[1 << 20];

/* A false response of the device; 0: the true one. */
static uint8_t response, response_behind; /* to the first; to later ones */
static uint32_t sense_len_lie, residual_lie;

/* [virtio 1.2, 5.6.6.1]: 51 bytes, data out, 108 bytes, data in. */
static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	bool write = n == 3 && !bufs[1].device_writes;
	struct fake_buf *answer = &bufs[write ? 2 : 1];
	struct fake_buf *payload = n == 3 ? &bufs[write ? 1 : 2] : NULL;
	struct fake_result res;
	uint32_t len = payload ? payload->len : 0;

	assert_int_equal(queue, 2);
	assert_int_equal(bufs[0].len, 51);
	assert_int_equal(answer->len, 108);
	assert_int_equal(bufs[0].ptr[0], 1);
	res = fake_scsi_serve(be64_load(bufs[0].ptr), bufs[0].ptr + 19,
			      payload ? payload->ptr : NULL, len, write);
	fake_put32(answer->ptr, sense_len_lie ? sense_len_lie : res.sense_len);
	fake_put32(answer->ptr + 4, residual_lie ? residual_lie : res.residual);
	answer->ptr[10] = res.status;
	answer->ptr[11] = res.absent ? 3 : response;
	if (response_behind)
		response = response_behind;
	memcpy(answer->ptr + 12, res.sense, 96);
	return 108 + (write ? 0 : len - res.residual);
}

static uint64_t entry_of(uint64_t lun)
{
	return (lun >> 32 & 0xffff) << 48;
}

static void set_limits(uint32_t max_sectors, uint16_t max_target)
{
	fake_put32(fake_virtio.config + 8, max_sectors);
	fake_put16(fake_virtio.config + 30, max_target);
}

static void plug(bool modern)
{
	unsigned i;

	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	fake_virtio_reset(modern);
	watch_memory((uintptr_t)buf, sizeof(buf));
	fake_virtio_fn.device = modern ? 0x1048 : 0x1004;
	fake_virtio.handle = serve;
	for (i = 0; i < 3; i++)
		fake_virtio.queue_size[i] = 256;
	set_limits(0xffff, 255);
	fake_scsi_reset();
	fake_lun_mask = 0xffffULL << 48;
	fake_lun_entry = entry_of;
	response = response_behind = 0;
	sense_len_lie = residual_lie = 0;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i / 512 * 9 + i);
	assert_int_equal(tree_init(), 0);
	device_init();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	node = tree_add_node(tree_root(), "scsi@2", TREE_QEMU);
	assert_non_null(device_add(NULL, &pci_bus, node, &fake_virtio_fn));
}

static int plug_modern(void **state)
{
	(void)state;
	plug(true);
	return 0;
}

static int plug_legacy(void **state)
{
	(void)state;
	plug(false);
	return 0;
}

/* As CAS takes a controller away. */
static int unplug(void **state)
{
	(void)state;
	tree_remove_node(node);
	tree_free();
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static struct fake_unit *add_disk(unsigned target, unsigned lun)
{
	struct fake_unit *unit = fake_unit_add(UNIT(target, lun), 0);

	unit->data = data;
	unit->len = sizeof(data);
	unit->blocks = sizeof(data) / 512;
	return unit;
}

static struct block_device *open_disk(const char *path)
{
	struct block_device *bd;

	device_scan_all();
	assert_non_null(tree_find(path));
	bd = block_of(device_of(tree_find(path)));
	assert_int_equal(block_open(bd), 0);
	return bd;
}

static void attaching_does_no_io(void **state)
{
	uint32_t cells;

	(void)state;
	assert_int_equal(fake_virtio.resets, 0);
	assert_int_equal(tree_get_u32(node, "#address-cells", 0, &cells), 0);
	assert_int_equal(cells, 2);
	assert_int_equal(tree_get_u32(node, "#size-cells", 0, &cells), 0);
	assert_int_equal(cells, 0);
}

static void disks_are_found_where_qemus_boot_list_has_them(void **state)
{
	(void)state;
	add_disk(0, 0);
	add_disk(1, 0);
	add_disk(2, 3);
	add_disk(2, 0x4000 | 300);
	device_scan_all();
	assert_non_null(tree_find("/scsi@2/disk@100000000000000"));
	assert_non_null(tree_find("/scsi@2/disk@101000000000000"));
	assert_non_null(tree_find("/scsi@2/disk@102000300000000"));
	assert_non_null(tree_find("/scsi@2/disk@102412C00000000"));
	assert_ptr_equal(tree_find("disk"),
			 tree_find("/scsi@2/disk@100000000000000"));
	assert_string_equal(fake_printed, "");
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
	set_limits(0xffff, 7);
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 8);
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 8);
}

static void more_targets_than_there_can_be_are_not_asked(void **state)
{
	(void)state;
	set_limits(0xffff, 0xffff);
	device_scan_all();
	assert_int_equal(fake_scsi_served[SCSI_REPORT_LUNS], 256);
}

static void blocks_are_read_and_written(void **state)
{
	struct block_device *bd;

	(void)state;
	add_disk(0, 0);
	bd = open_disk("disk");
	assert_int_equal(watched_read(bd, 4, 1000, buf), 0);
	assert_memory_equal(buf, data + 4 * 512, 1000 * 512);
	memset(buf, 0x99, 512);
	assert_int_equal(block_write(bd, 60, 1, buf), 0);
	assert_memory_equal(data + 60 * 512, buf, 512);
}

static void a_mebibyte_is_one_command_with_one_notification(void **state)
{
	struct block_device *bd;
	unsigned before;

	(void)state;
	add_disk(0, 0);
	bd = open_disk("disk");
	before = fake_virtio.notified[2];
	assert_int_equal(watched_read(bd, 0, 2048, buf), 0);
	assert_int_equal(fake_virtio.notified[2] - before, 1);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 1);
}

static void a_transfer_limit_of_0_sectors_is_none(void **state)
{
	unsigned i;

	(void)state;
	set_limits(0, 255);
	for (i = 0; i < 100; i++)
		add_disk(0, i);
	(void)open_disk("disk");
	assert_non_null(tree_find("/scsi@2/disk@100006300000000"));
}

static void the_devices_transfer_limit_splits_reads(void **state)
{
	struct block_device *bd;
	unsigned before;

	(void)state;
	set_limits(256, 0);
	add_disk(0, 0);
	bd = open_disk("disk");
	before = fake_virtio.notified[2];
	assert_int_equal(watched_read(bd, 0, 2048, buf), 0);
	assert_memory_equal(buf, data, sizeof(data));
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 8);
	assert_int_equal(fake_virtio.notified[2] - before, 1);
}

static void sense_data_reaches_the_reason(void **state)
{
	struct fake_unit *unit = add_disk(0, 0);
	struct block_device *bd;

	(void)state;
	bd = open_disk("disk");
	fake_unit_sense(unit, 1, 3, 0x11, 0);
	assert_int_equal(watched_read(bd, 9, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "sense key 3 (medium error)"));
}

static void false_lengths_are_cut(void **state)
{
	struct fake_unit *unit = add_disk(0, 0);
	struct block_device *bd;

	(void)state;
	bd = open_disk("disk");
	sense_len_lie = UINT32_MAX;
	fake_unit_sense(unit, 1, 2, 0x3a, 0);
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_NOMEDIUM);
	residual_lie = UINT32_MAX;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "512 bytes of 512 are missing"));
}

static void responses_of_the_transport_are_told(void **state)
{
	struct block_device *bd;

	(void)state;
	add_disk(0, 0);
	bd = open_disk("disk");
	response = 9;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 9 (failure)"));
	response = 13;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 13 (unknown)"));
	response = 0xff;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "wrote no response"));
	response = 5;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "busy"));
	response = 0;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
}

static void data_that_does_not_fit_is_an_error(void **state)
{
	struct block_device *bd;

	(void)state;
	add_disk(0, 0);
	bd = open_disk("disk");
	response = 1;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 1 (overrun)"));
}

static void of_two_failures_the_first_ones_response_is_told(void **state)
{
	struct block_device *bd;

	(void)state;
	set_limits(256, 0);
	add_disk(0, 0);
	bd = open_disk("disk");
	response = 9;
	response_behind = 7;
	assert_int_equal(watched_read(bd, 0, 512, buf), ERR_IO);
	assert_non_null(strstr(reason(), "virtio-scsi response 9"));
}

/* For a scan an absent target is no error, here it is one. */
static void a_unit_that_went_away_says_so(void **state)
{
	struct fake_unit *unit = add_disk(0, 0);
	struct block_device *bd;

	(void)state;
	bd = open_disk("disk");
	fake_unit_sense(unit, 1, 3, 0x11, 0);
	assert_int_equal(watched_read(bd, 9, 1, buf), ERR_IO);
	unit->lun = UNIT(1, 0);
	assert_int_equal(watched_use(bd, 9, 1, buf), ERR_NODEV);
	assert_string_equal(reason(),
			    "scsi-disk /scsi@2/disk@100000000000000: read of "
			    "block 9 failed: the device is gone");
}

static void a_device_that_breaks_the_protocol_is_reset(void **state)
{
	struct block_device *bd;

	(void)state;
	add_disk(0, 0);
	bd = open_disk("disk");
	fake_virtio.lie = FAKE_WRONG_ID;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
}

static void a_silent_device_is_reset_and_comes_back(void **state)
{
	struct block_device *bd;

	(void)state;
	add_disk(0, 0);
	bd = open_disk("disk");
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_TIMEOUT);
	assert_int_equal(fake_dma_live(), 0);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
}

static void a_controller_that_does_not_start_is_told_once(void **state)
{
	(void)state;
	fake_virtio.queue_size[2] = 0;
	device_scan_all();
	assert_string_equal(fake_printed, "virtio-scsi /scsi@2: queue 2 has 0 "
					  "entries\r\n");
	assert_null(node->child);
}

static void quiesce_resets_the_controller_and_ends_its_disks(void **state)
{
	struct block_device *bd;

	(void)state;
	add_disk(0, 0);
	bd = open_disk("disk");
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_NODEV);
}

#define MODERN(test) cmocka_unit_test_setup_teardown(test, plug_modern, unplug)
#define LEGACY(test) cmocka_unit_test_setup_teardown(test, plug_legacy, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(attaching_does_no_io),
		MODERN(disks_are_found_where_qemus_boot_list_has_them),
		LEGACY(disks_are_found_where_qemus_boot_list_has_them),
		MODERN(empty_targets_are_asked_in_few_notifications),
		MODERN(only_the_targets_of_the_device_are_asked),
		LEGACY(only_the_targets_of_the_device_are_asked),
		MODERN(more_targets_than_there_can_be_are_not_asked),
		MODERN(blocks_are_read_and_written),
		LEGACY(blocks_are_read_and_written),
		MODERN(a_mebibyte_is_one_command_with_one_notification),
		MODERN(a_transfer_limit_of_0_sectors_is_none),
		MODERN(the_devices_transfer_limit_splits_reads),
		LEGACY(the_devices_transfer_limit_splits_reads),
		MODERN(sense_data_reaches_the_reason),
		LEGACY(sense_data_reaches_the_reason),
		MODERN(false_lengths_are_cut),
		MODERN(responses_of_the_transport_are_told),
		MODERN(data_that_does_not_fit_is_an_error),
		MODERN(of_two_failures_the_first_ones_response_is_told),
		MODERN(a_unit_that_went_away_says_so),
		MODERN(a_device_that_breaks_the_protocol_is_reset),
		MODERN(a_silent_device_is_reset_and_comes_back),
		MODERN(a_controller_that_does_not_start_is_told_once),
		MODERN(quiesce_resets_the_controller_and_ends_its_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
