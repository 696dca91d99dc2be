// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/blk.c: geometry, limits, requests, flushes.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/device.h"
#include "lib/reason.h"
#include "tree/path.h"
#include <cmocka.h>

#include "tests/fake/virtio.h"
#include "tests/fake/virtio_blk.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fake/watched.h"

static uint8_t buf[BLK_DISK_SECTORS * 512];

static int plug_modern(void **state)
{
	(void)state;
	blk_disk_plug(true);
	watch_memory((uintptr_t)buf, sizeof(buf));
	return 0;
}

static int plug_legacy(void **state)
{
	(void)state;
	blk_disk_plug(false);
	watch_memory((uintptr_t)buf, sizeof(buf));
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	blk_disk_unplug();
	return 0;
}

static void attaching_and_scanning_do_not_touch_the_device(void **state)
{
	(void)state;
	assert_string_equal(tree_get_str(blk_disk.node, "device_type"),
			    "block");
	assert_null(tree_find("disk"));
	device_scan_all();
	assert_ptr_equal(tree_find("disk"), blk_disk.node);
	assert_int_equal(fake_virtio.resets, 0);
	assert_false(fake_virtio.enabled);
}

static void blocks_are_read(void **state)
{
	(void)state;
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_int_equal(blk_disk.bd->blocks, BLK_DISK_SECTORS);
	assert_int_equal(blk_disk.bd->block_size, 512);
	assert_false(blk_disk.bd->read_only);
	assert_int_equal(watched_read(blk_disk.bd, 7, 100, buf + 1), 0);
	assert_memory_equal(buf + 1, blk_disk.data + 7 * 512, 100 * 512);
}

static void blocks_are_written(void **state)
{
	(void)state;
	memset(buf, 0x55, 64 * 512);
	assert_int_equal(block_write(blk_disk.bd, 100, 64, buf), 0);
	assert_memory_equal(blk_disk.data + 100 * 512, buf, 64 * 512);
}

static void a_mebibyte_is_one_request_with_one_notification(void **state)
{
	(void)state;
	assert_int_equal(watched_read(blk_disk.bd, 64, 2048, buf), 0);
	assert_int_equal(fake_virtio.requests, 1);
	assert_int_equal(fake_virtio.notified[0], 1);
	assert_int_equal(blk_disk.data_bufs, 1);
	assert_memory_equal(buf, blk_disk.data + 64 * 512, MiB);
}

static void a_device_of_4096_byte_blocks_counts_in_sectors(void **state)
{
	(void)state;
	blk_disk_config(0, 0, 4096);
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_int_equal(blk_disk.bd->blocks, BLK_DISK_SECTORS / 8);
	assert_int_equal(watched_read(blk_disk.bd, 3, 2, buf), 0);
	assert_memory_equal(buf, blk_disk.data + 3 * 4096, 2 * 4096);
}

static void block_size_513_is_refused(void **state)
{
	(void)state;
	blk_disk_config(0, 0, 513);
	assert_int_equal(block_open(blk_disk.bd), ERR_FORMAT);
	assert_string_equal(reason(), "virtio-blk /scsi@1: block size 513 is "
				      "not a multiple of 512");
	assert_int_equal(fake_virtio.status, 0);
}

/* QEMU's logical_block_size goes up to 2 MiB. */
static void large_block_sizes_are_refused_with_a_reason(void **state)
{
	uint32_t size;

	(void)state;
	for (size = 8 * KiB; size <= 2 * MiB; size *= 2) {
		char text[80];

		blk_disk_config(0, 0, size);
		assert_int_equal(block_open(blk_disk.bd), ERR_FORMAT);
		snprintf(text, sizeof(text),
			 "block size %u is not a power of "
			 "two from 512 to 4096",
			 size);
		assert_non_null(strstr(reason(), text));
	}
	assert_int_equal(fake_virtio.requests, 0);
}

static void block_size_counts_only_with_its_feature(void **state)
{
	(void)state;
	fake_virtio.features &= ~(uint64_t)BLK_F_BLK_SIZE;
	blk_disk_config(0, 0, 4096);
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_int_equal(blk_disk.bd->block_size, 512);
}

static void a_read_only_device_says_so(void **state)
{
	(void)state;
	fake_virtio.features |= BLK_F_RO;
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_true(blk_disk.bd->read_only);
	assert_int_equal(block_write(blk_disk.bd, 100, 1, buf), ERR_PERM);
	assert_int_equal(fake_virtio.requests, 0);
}

static void limits_on_buffers_split_data_and_requests(void **state)
{
	(void)state;
	fake_virtio.features |= BLK_F_SIZE_MAX | BLK_F_SEG_MAX;
	blk_disk_config(4096, 4, 512);
	assert_int_equal(watched_read(blk_disk.bd, 0, 100, buf), 0);
	assert_int_equal(blk_disk.bd->max_blocks, 32);
	assert_int_equal(fake_virtio.requests, 4);
	assert_int_equal(fake_virtio.notified[0], 1);
	assert_memory_equal(buf, blk_disk.data, 100 * 512);
}

static void a_buffer_limit_need_not_be_a_multiple_of_a_block(void **state)
{
	(void)state;
	fake_virtio.features |= BLK_F_SIZE_MAX | BLK_F_SEG_MAX;
	blk_disk_config(1000, 3, 512);
	assert_int_equal(watched_read(blk_disk.bd, 1, 9, buf), 0);
	assert_int_equal(blk_disk.bd->max_blocks, 5);
	assert_memory_equal(buf, blk_disk.data + 512, 9 * 512);
}

static void limits_that_allow_nothing_are_refused(void **state)
{
	(void)state;
	fake_virtio.features |= BLK_F_SIZE_MAX | BLK_F_SEG_MAX;
	blk_disk_config(511, 1, 512);
	assert_int_equal(block_open(blk_disk.bd), ERR_FORMAT);
	assert_string_equal(reason(), "virtio-blk /scsi@1: requests cannot "
				      "hold a block of 512 bytes");
	blk_disk_config(UINT32_MAX, UINT32_MAX, 512);
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_int_equal(blk_disk.bd->max_blocks, BLOCK_REQUEST_MAX / 512);
}

static void a_limit_of_0_as_qemu_storage_daemon_has_it_is_none(void **state)
{
	static const uint32_t seg_max[] = { 0, 126 };
	unsigned i;

	(void)state;
	fake_virtio.features |= BLK_F_SIZE_MAX | BLK_F_SEG_MAX;
	for (i = 0; i < ARRAY_SIZE(seg_max); i++) {
		blk_disk_config(0, seg_max[i], 512);
		device_stop(blk_disk.dev);
		assert_int_equal(watched_read(blk_disk.bd, 64, 2048, buf), 0);
		assert_int_equal(fake_virtio.requests, i + 1);
		assert_int_equal(blk_disk.data_bufs, 1);
		assert_memory_equal(buf, blk_disk.data + 64 * 512, MiB);
	}
}

static void no_segments_of_a_limited_size_are_one(void **state)
{
	(void)state;
	fake_virtio.features |= BLK_F_SIZE_MAX | BLK_F_SEG_MAX;
	blk_disk_config(2048, 0, 512);
	assert_int_equal(watched_read(blk_disk.bd, 1, 9, buf), 0);
	assert_int_equal(blk_disk.bd->max_blocks, 4);
	assert_memory_equal(buf, blk_disk.data + 512, 9 * 512);
}

static void a_flush_goes_to_a_device_that_has_a_cache(void **state)
{
	(void)state;
	assert_int_equal(block_flush(blk_disk.bd), 0);
	assert_int_equal(blk_disk.flushes, 1);
}

static void nothing_is_active_but_while_it_is_open(void **state)
{
	(void)state;
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_true(fake_virtio.enabled);
	assert_int_equal(watched_use(blk_disk.bd, 0, 4, buf), 0);
	block_close(blk_disk.bd);
	assert_false(fake_virtio.enabled);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_int_equal(watched_use(blk_disk.bd, 0, 4, buf), 0);
	block_close(blk_disk.bd);
}

static void what_was_written_is_flushed_at_close(void **state)
{
	(void)state;
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_int_equal(block_write(blk_disk.bd, 40, 1, buf), 0);
	assert_int_equal(blk_disk.flushes, 0);
	block_close(blk_disk.bd);
	assert_int_equal(blk_disk.flushes, 1);
}

static void a_flush_without_the_feature_is_done_at_once(void **state)
{
	(void)state;
	fake_virtio.features &= ~(uint64_t)BLK_F_FLUSH;
	assert_int_equal(block_flush(blk_disk.bd), 0);
	assert_int_equal(fake_virtio.requests, 0);
}

static void big_reads_fit_through_a_small_window(void **state)
{
	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	assert_int_equal(block_open(blk_disk.bd), 0);
	fake_dma_limit(100000);
	assert_int_equal(watched_read(blk_disk.bd, 0, 2048, buf), 0);
	assert_memory_equal(buf, blk_disk.data, MiB);
	assert_int_equal(fake_dma_live(), 1);
}

static unsigned hypercalls(void)
{
	return fake_virtio.notified[0] + fake_dma_calls();
}

static void expect_hypercalls(unsigned blocks, unsigned n)
{
	unsigned calls = hypercalls(), requests = fake_virtio.requests;

	assert_int_equal(watched_use(blk_disk.bd, 0, blocks, buf), 0);
	assert_int_equal(hypercalls() - calls, n);
	assert_int_equal(fake_virtio.requests - requests, 1);
}

static void a_read_costs_one_hypercall(void **state)
{
	(void)state;
	assert_int_equal(block_open(blk_disk.bd), 0);
	expect_hypercalls(8, 1);
	expect_hypercalls(2048, 1);
}

/* The notification; TCEs for the data, but not for header and status. */
static void a_read_through_a_window_costs_three_hypercalls(void **state)
{
	(void)state;
	fake_virtio.features |= VIRTIO_F_ACCESS_PLATFORM;
	assert_int_equal(block_open(blk_disk.bd), 0);
	expect_hypercalls(8, 3);
	expect_hypercalls(2048, 3);
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
		MODERN(large_block_sizes_are_refused_with_a_reason),
		MODERN(block_size_counts_only_with_its_feature),
		MODERN(a_read_only_device_says_so),
		MODERN(limits_on_buffers_split_data_and_requests),
		MODERN(a_buffer_limit_need_not_be_a_multiple_of_a_block),
		MODERN(limits_that_allow_nothing_are_refused),
		MODERN(a_limit_of_0_as_qemu_storage_daemon_has_it_is_none),
		MODERN(no_segments_of_a_limited_size_are_one),
		MODERN(a_flush_goes_to_a_device_that_has_a_cache),
		MODERN(nothing_is_active_but_while_it_is_open),
		MODERN(what_was_written_is_flushed_at_close),
		MODERN(a_flush_without_the_feature_is_done_at_once),
		MODERN(big_reads_fit_through_a_small_window),
		MODERN(a_read_costs_one_hypercall),
		LEGACY(a_read_costs_one_hypercall),
		MODERN(a_read_through_a_window_costs_three_hypercalls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
