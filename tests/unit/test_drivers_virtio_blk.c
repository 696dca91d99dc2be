// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/blk.c: geometry, requests, lying devices.
// LINK: drivers/virtio/blk.c drivers/virtio/core.c drivers/virtio/ring.c
// LINK: drivers/virtio/pci.c drivers/virtio/pci_legacy.c
// LINK: drivers/virtio/pci_modern.c drivers/block.c drivers/device.c
// LINK: lib/deadline.c lib/err.c lib/fmt.c lib/log.c lib/reason.c
// LINK: tree/alias.c tree/names.c tree/node.c tree/path.c tree/phandle.c
// LINK: tree/prop.c tests/fake/heap.c tests/fake/timebase.c
// LINK: tests/fake/virtio.c tests/fake/virtio_dma.c
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/device.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
/* cmocka has a macro of the name fail. */
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"
#include "tests/fake/virtio.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/watched.h"

#define F_SIZE_MAX (1 << 1)
#define F_SEG_MAX (1 << 2)
#define F_RO (1 << 5)
#define F_BLK_SIZE (1 << 6)
#define F_FLUSH (1 << 9)

#define SECTORS 8192u

static uint8_t disk[SECTORS * 512];
static uint8_t buf[SECTORS * 512];
static struct device *dev;
static struct block_device *bd;
static struct node *root_bus;

/* What the device saw and what it shall answer. */
static unsigned data_bufs, flushes;
static uint8_t status, status_behind; /* of sector 0, of all others */
static uint32_t shorter;	      /* bytes less than the truth */
static bool no_status;

/* The header, then data in or out, then the status. [virtio 1.2, 5.2.6] */
static uint32_t serve(unsigned queue, struct fake_buf *bufs, unsigned n)
{
	uint32_t type = fake_get32(bufs[0].ptr);
	uint64_t at = fake_get64(bufs[0].ptr + 8) * 512;
	uint32_t written = 1;
	unsigned i;

	assert_int_equal(queue, 0);
	assert_int_equal(bufs[0].len, 16);
	assert_int_equal(fake_get32(bufs[0].ptr + 4), 0);
	assert_int_equal(bufs[n - 1].len, 1);
	assert_true(bufs[n - 1].device_writes);
	flushes += type == 4;
	data_bufs = n - 2;
	for (i = 1; i + 1 < n; i++) {
		assert_true(at + bufs[i].len <= sizeof(disk));
		assert_int_equal(bufs[i].device_writes, type == 0);
		if (type == 0)
			memcpy(bufs[i].ptr, disk + at, bufs[i].len);
		else
			memcpy(disk + at, bufs[i].ptr, bufs[i].len);
		at += bufs[i].len;
		written += type == 0 ? bufs[i].len : 0;
	}
	if (!no_status)
		*bufs[n - 1].ptr = fake_get64(bufs[0].ptr + 8) && status_behind
					   ? status_behind
					   : status;
	return written - shorter;
}

static void set_config(uint32_t size_max, uint32_t seg_max, uint32_t blk_size)
{
	fake_put64(fake_virtio.config, SECTORS);
	fake_put32(fake_virtio.config + 8, size_max);
	fake_put32(fake_virtio.config + 12, seg_max);
	fake_put32(fake_virtio.config + 20, blk_size);
}

static void plug(bool modern)
{
	unsigned i;

	for (i = 0; i < sizeof(disk); i++)
		disk[i] = (uint8_t)(i / 512 * 3 + i);
	data_bufs = flushes = status = status_behind = shorter = 0;
	no_status = false;
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	log_reset();
	device_reset_all();
	fake_virtio_reset(modern);
	watch_memory((uintptr_t)buf, sizeof(buf));
	fake_virtio_fn.device = modern ? 0x1042 : 0x1001;
	fake_virtio.features |= F_BLK_SIZE | F_FLUSH;
	fake_virtio.handle = serve;
	set_config(0, 0, 512);
	assert_int_equal(tree_init(), 0);
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	root_bus = tree_add_node(tree_root(), "scsi@1", TREE_QEMU);
	dev = device_add(root_bus, BUS_PCI, &fake_virtio_fn, NULL);
	assert_non_null(dev);
	bd = dev->block;
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

static int unplug(void **state)
{
	(void)state;
	if (root_bus->device)
		device_remove(root_bus);
	tree_free();
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void attaching_and_scanning_do_not_touch_the_device(void **state)
{
	(void)state;
	assert_string_equal(tree_get_str(root_bus, "device_type"), "block");
	assert_null(tree_find("disk"));
	device_scan_all();
	assert_ptr_equal(tree_find("disk"), root_bus);
	assert_int_equal(fake_virtio.resets, 0);
	assert_false(fake_virtio.enabled);
}

static void blocks_are_read(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->blocks, SECTORS);
	assert_int_equal(bd->block_size, 512);
	assert_false(bd->read_only);
	assert_int_equal(watched_read(bd, 7, 100, buf + 1), 0);
	assert_memory_equal(buf + 1, disk + 7 * 512, 100 * 512);
}

static void blocks_are_written(void **state)
{
	(void)state;
	memset(buf, 0x55, 64 * 512);
	assert_int_equal(block_write(bd, 100, 64, buf), 0);
	assert_memory_equal(disk + 100 * 512, buf, 64 * 512);
}

static void a_mebibyte_is_one_request_with_one_notification(void **state)
{
	(void)state;
	assert_int_equal(watched_read(bd, 64, 2048, buf), 0);
	assert_int_equal(fake_virtio.requests, 1);
	assert_int_equal(fake_virtio.notified[0], 1);
	assert_int_equal(data_bufs, 1);
	assert_memory_equal(buf, disk + 64 * 512, MiB);
}

static void a_device_of_4096_byte_blocks_counts_in_sectors(void **state)
{
	(void)state;
	set_config(0, 0, 4096);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->blocks, SECTORS / 8);
	assert_int_equal(watched_read(bd, 3, 2, buf), 0);
	assert_memory_equal(buf, disk + 3 * 4096, 2 * 4096);
}

static void block_size_513_is_refused(void **state)
{
	(void)state;
	set_config(0, 0, 513);
	assert_int_equal(block_open(bd), ERR_FORMAT);
	assert_string_equal(reason(), "virtio-blk /scsi@1: block size 513 is "
				      "not a multiple of 512");
	assert_int_equal(fake_virtio.status, 0);
}

static void block_size_counts_only_with_its_feature(void **state)
{
	(void)state;
	fake_virtio.features &= ~(uint64_t)F_BLK_SIZE;
	set_config(0, 0, 4096);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->block_size, 512);
}

static void a_read_only_device_says_so(void **state)
{
	(void)state;
	fake_virtio.features |= F_RO;
	assert_int_equal(block_open(bd), 0);
	assert_true(bd->read_only);
	assert_int_equal(block_write(bd, 100, 1, buf), ERR_PERM);
	assert_int_equal(fake_virtio.requests, 0);
}

static void limits_on_buffers_split_data_and_requests(void **state)
{
	(void)state;
	fake_virtio.features |= F_SIZE_MAX | F_SEG_MAX;
	set_config(4096, 4, 512);
	assert_int_equal(watched_read(bd, 0, 100, buf), 0);
	assert_int_equal(bd->max_blocks, 32);
	assert_int_equal(fake_virtio.requests, 4);
	assert_int_equal(fake_virtio.notified[0], 1);
	assert_memory_equal(buf, disk, 100 * 512);
}

static void a_buffer_limit_need_not_be_a_multiple_of_a_block(void **state)
{
	(void)state;
	fake_virtio.features |= F_SIZE_MAX | F_SEG_MAX;
	set_config(1000, 3, 512);
	assert_int_equal(watched_read(bd, 1, 9, buf), 0);
	assert_int_equal(bd->max_blocks, 5);
	assert_memory_equal(buf, disk + 512, 9 * 512);
}

static void limits_that_allow_nothing_are_refused(void **state)
{
	(void)state;
	fake_virtio.features |= F_SIZE_MAX | F_SEG_MAX;
	set_config(511, 1, 512);
	assert_int_equal(block_open(bd), ERR_FORMAT);
	assert_string_equal(reason(), "virtio-blk /scsi@1: its requests cannot "
				      "hold a block of 512 bytes");
	set_config(UINT32_MAX, UINT32_MAX, 512);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->max_blocks, BLOCK_REQUEST_MAX / 512);
}

static void a_limit_of_0_as_qemu_storage_daemon_has_it_is_none(void **state)
{
	static const uint32_t seg_max[] = { 0, 126 };
	unsigned i;

	(void)state;
	fake_virtio.features |= F_SIZE_MAX | F_SEG_MAX;
	for (i = 0; i < ARRAY_SIZE(seg_max); i++) {
		set_config(0, seg_max[i], 512);
		bd->started = false;
		assert_int_equal(watched_read(bd, 64, 2048, buf), 0);
		assert_int_equal(fake_virtio.requests, i + 1);
		assert_int_equal(data_bufs, 1);
		assert_memory_equal(buf, disk + 64 * 512, MiB);
	}
}

static void no_pieces_of_a_limited_size_are_one(void **state)
{
	(void)state;
	fake_virtio.features |= F_SIZE_MAX | F_SEG_MAX;
	set_config(2048, 0, 512);
	assert_int_equal(watched_read(bd, 1, 9, buf), 0);
	assert_int_equal(bd->max_blocks, 4);
	assert_memory_equal(buf, disk + 512, 9 * 512);
}

static void a_flush_goes_to_a_device_that_has_a_cache(void **state)
{
	(void)state;
	assert_int_equal(block_flush(bd), 0);
	assert_int_equal(flushes, 1);
}

static void nothing_is_active_but_while_it_is_open(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_true(fake_virtio.enabled);
	assert_int_equal(watched_use(bd, 0, 4, buf), 0);
	block_close(bd);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(watched_use(bd, 0, 4, buf), 0);
	block_close(bd);
}

static void what_was_written_is_flushed_at_close(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_write(bd, 40, 1, buf), 0);
	assert_int_equal(flushes, 0);
	block_close(bd);
	assert_int_equal(flushes, 1);
}

static void a_flush_without_the_feature_is_done_at_once(void **state)
{
	(void)state;
	fake_virtio.features &= ~(uint64_t)F_FLUSH;
	assert_int_equal(block_flush(bd), 0);
	assert_int_equal(fake_virtio.requests, 0);
}

static void the_devices_status_is_told(void **state)
{
	(void)state;
	status = 1;
	assert_int_equal(watched_read(bd, 2048, 1, buf), ERR_IO);
	assert_string_equal(reason(), "virtio-blk /scsi@1: read of block 2048 "
				      "failed: device status 1 (I/O error)");
	status = 2;
	assert_int_equal(block_flush(bd), ERR_IO);
	assert_non_null(strstr(reason(), "device status 2 (not supported)"));
	/* It goes on working. */
	status = 0;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
	assert_int_equal(fake_virtio.resets, 1);
}

static void of_two_failures_the_first_ones_status_is_told(void **state)
{
	(void)state;
	fake_virtio.features |= F_SIZE_MAX;
	set_config(4096, 0, 512);
	status = 1;
	status_behind = 2;
	assert_int_equal(watched_read(bd, 0, 24, buf), ERR_IO);
	assert_int_equal(fake_virtio.requests, 3);
	assert_string_equal(reason(), "virtio-blk /scsi@1: read of block 0 "
				      "failed: device status 1 (I/O error)");
}

static uint32_t serve_and_run_away(unsigned queue, struct fake_buf *bufs,
				   unsigned n)
{
	uint32_t len = serve(queue, bufs, n);

	fake_virtio_run_away(queue);
	return len;
}

static void a_broken_ring_is_told_though_the_reset_fails(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_virtio.handle = serve_and_run_away;
	fake_virtio.lie = FAKE_NO_RESET;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "violates the virtio protocol"));
	fake_virtio.lie = FAKE_HONEST;
}

static void a_status_that_was_never_written_is_an_error(void **state)
{
	(void)state;
	no_status = true;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "no status written"));
}

static void a_short_answer_is_an_error(void **state)
{
	(void)state;
	shorter = 2;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "the device sent 511 bytes of 512"));
}

static void a_legacy_devices_length_is_not_trusted(void **state)
{
	(void)state;
	shorter = 513;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
}

static void a_device_that_breaks_the_protocol_is_reset(void **state)
{
	static const enum fake_lie lies[] = { FAKE_WRONG_ID, FAKE_OTHER_ID,
					      FAKE_LONG, FAKE_INDEX };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		fake_virtio.lie = lies[i];
		assert_int_equal(watched_read(bd, 0, 1, buf), ERR_IO);
		assert_non_null(strstr(reason(), "violates the virtio"));
		assert_int_equal(fake_virtio.status, 0);
		assert_int_equal(fake_dma_live(), 0);
		fake_virtio.lie = FAKE_HONEST;
		assert_int_equal(watched_read(bd, 0, 1, buf), 0);
	}
}

/* It has answered once; now it breaks its ring and has larger blocks. */
static void grow_blocks(void)
{
	fake_dma_between = NULL;
	fake_virtio_run_away(0);
	set_config(0, 0, 4096);
}

static void blocks_that_grow_within_a_read_write_past_no_buffer(void **state)
{
	uint8_t *small = malloc(1535);

	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_dma_between = grow_blocks;
	/* A byte of block 0, blocks 1 and 2, 510 bytes of block 3. */
	assert_int_equal(block_read_bytes(bd, 511, small, 1535), ERR_IO);
	assert_null(fake_dma_between);
	assert_string_equal(reason(),
			    "virtio-blk /scsi@1: read of block 1 failed: the "
			    "device was reset meanwhile");
	assert_int_equal(block_read_bytes(bd, 511, small, 1535), ERR_IO);
	assert_string_equal(reason(), "virtio-blk /scsi@1: its block size "
				      "changed from 512 to 4096");
	assert_int_equal(fake_virtio.requests, 1);
	/* Whoever opens it now has a disk of larger blocks. */
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_read_bytes(bd, 511, small, 1535), 0);
	assert_memory_equal(small, disk + 511, 1535);
	free(small);
}

static void a_silent_device_is_reset_and_comes_back(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_TIMEOUT);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
}

static void a_device_without_registers_says_why_it_does_not_open(void **state)
{
	(void)state;
	memset(fake_virtio.pci_config, 0, sizeof(fake_virtio.pci_config));
	assert_int_equal(block_open(bd), ERR_NOTSUP);
	assert_string_equal(reason(), "virtio-blk /scsi@1: neither modern nor "
				      "legacy virtio registers");
}

static void big_reads_fit_through_a_small_window(void **state)
{
	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	assert_int_equal(block_open(bd), 0);
	fake_dma_limit(100000);
	assert_int_equal(watched_read(bd, 0, 2048, buf), 0);
	assert_memory_equal(buf, disk, MiB);
	assert_int_equal(fake_dma_live(), 1);
}

static void quiesce_resets_and_ends_all_requests(void **state)
{
	(void)state;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(watched_read(bd, 0, 1, buf), ERR_NODEV);
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.resets, 2);
}

static void a_device_that_was_never_opened_is_quiesced_untouched(void **state)
{
	(void)state;
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.resets, 0);
}

#define MODERN(test) cmocka_unit_test_setup_teardown(test, plug_modern, unplug)
#define LEGACY(test) cmocka_unit_test_setup_teardown(test, plug_legacy, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODERN(attaching_and_scanning_do_not_touch_the_device),
		LEGACY(attaching_and_scanning_do_not_touch_the_device),
		MODERN(blocks_are_read),
		LEGACY(blocks_are_read),
		MODERN(blocks_are_written),
		LEGACY(blocks_are_written),
		MODERN(a_mebibyte_is_one_request_with_one_notification),
		LEGACY(a_mebibyte_is_one_request_with_one_notification),
		MODERN(a_device_of_4096_byte_blocks_counts_in_sectors),
		LEGACY(a_device_of_4096_byte_blocks_counts_in_sectors),
		MODERN(block_size_513_is_refused),
		MODERN(block_size_counts_only_with_its_feature),
		MODERN(a_read_only_device_says_so),
		MODERN(limits_on_buffers_split_data_and_requests),
		MODERN(a_buffer_limit_need_not_be_a_multiple_of_a_block),
		MODERN(limits_that_allow_nothing_are_refused),
		MODERN(a_limit_of_0_as_qemu_storage_daemon_has_it_is_none),
		MODERN(no_pieces_of_a_limited_size_are_one),
		MODERN(a_flush_goes_to_a_device_that_has_a_cache),
		MODERN(nothing_is_active_but_while_it_is_open),
		MODERN(what_was_written_is_flushed_at_close),
		MODERN(a_flush_without_the_feature_is_done_at_once),
		MODERN(the_devices_status_is_told),
		MODERN(of_two_failures_the_first_ones_status_is_told),
		MODERN(a_broken_ring_is_told_though_the_reset_fails),
		MODERN(a_status_that_was_never_written_is_an_error),
		MODERN(a_short_answer_is_an_error),
		LEGACY(a_legacy_devices_length_is_not_trusted),
		MODERN(a_device_that_breaks_the_protocol_is_reset),
		LEGACY(a_device_that_breaks_the_protocol_is_reset),
		MODERN(blocks_that_grow_within_a_read_write_past_no_buffer),
		LEGACY(blocks_that_grow_within_a_read_write_past_no_buffer),
		MODERN(a_silent_device_is_reset_and_comes_back),
		LEGACY(a_silent_device_is_reset_and_comes_back),
		MODERN(a_device_without_registers_says_why_it_does_not_open),
		MODERN(big_reads_fit_through_a_small_window),
		MODERN(quiesce_resets_and_ends_all_requests),
		LEGACY(quiesce_resets_and_ends_all_requests),
		MODERN(a_device_that_was_never_opened_is_quiesced_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
