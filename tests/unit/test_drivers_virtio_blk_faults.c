// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/virtio/blk.c: devices that fail, lie, fall silent.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/device.h"
#include "lib/deadline.h"
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

static void the_devices_status_is_told(void **state)
{
	(void)state;
	blk_disk.status = 1;
	assert_int_equal(watched_read(blk_disk.bd, 2048, 1, buf), ERR_IO);
	assert_string_equal(reason(), "virtio-blk /scsi@1: read of block 2048 "
				      "failed: device status 1 (I/O error)");
	blk_disk.status = 2;
	assert_int_equal(block_flush(blk_disk.bd), ERR_IO);
	assert_non_null(strstr(reason(), "device status 2 (not supported)"));
	/* It goes on working. */
	blk_disk.status = 0;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), 0);
	assert_int_equal(fake_virtio.resets, 1);
}

static void of_two_failures_the_first_ones_status_is_told(void **state)
{
	(void)state;
	fake_virtio.features |= BLK_F_SIZE_MAX;
	blk_disk_config(4096, 0, 512);
	blk_disk.status = 1;
	blk_disk.status_behind = 2;
	assert_int_equal(watched_read(blk_disk.bd, 0, 24, buf), ERR_IO);
	assert_int_equal(fake_virtio.requests, 3);
	assert_string_equal(reason(), "virtio-blk /scsi@1: read of block 0 "
				      "failed: device status 1 (I/O error)");
}

static uint32_t serve_and_run_away(unsigned queue, struct fake_buf *bufs,
				   unsigned n)
{
	uint32_t len = blk_disk_serve(queue, bufs, n);

	fake_virtio_run_away(queue);
	return len;
}

static void a_broken_ring_is_told_though_the_reset_fails(void **state)
{
	(void)state;
	assert_int_equal(block_open(blk_disk.bd), 0);
	fake_virtio.handle = serve_and_run_away;
	fake_virtio.lie = FAKE_NO_RESET;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "violates the virtio protocol"));
	fake_virtio.lie = FAKE_HONEST;
}

static void a_status_that_was_never_written_is_an_error(void **state)
{
	(void)state;
	blk_disk.no_status = true;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "the device wrote no status"));
}

static void a_short_response_is_an_error(void **state)
{
	(void)state;
	blk_disk.shorter = 2;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), ERR_IO);
	assert_non_null(
		strstr(reason(), "the device returned 511 of 512 bytes"));
}

static void a_legacy_devices_length_is_not_trusted(void **state)
{
	(void)state;
	blk_disk.shorter = 513;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), 0);
}

static void a_device_that_breaks_the_protocol_is_reset(void **state)
{
	static const enum fake_lie lies[] = { FAKE_WRONG_ID, FAKE_OTHER_ID,
					      FAKE_LONG, FAKE_INDEX };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		fake_virtio.lie = lies[i];
		assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), ERR_IO);
		assert_non_null(strstr(reason(), "violates the virtio"));
		assert_int_equal(fake_virtio.status, 0);
		assert_int_equal(fake_dma_live(), 0);
		fake_virtio.lie = FAKE_HONEST;
		assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), 0);
	}
}

/* It has responded once; now it breaks its ring and has larger blocks. */
static void grow_blocks(void)
{
	fake_dma_between = NULL;
	fake_virtio_run_away(0);
	blk_disk_config(0, 0, 4096);
}

static void blocks_that_grow_within_a_read_write_past_no_buffer(void **state)
{
	uint8_t *small = malloc(1535);

	(void)state;
	assert_int_equal(block_open(blk_disk.bd), 0);
	fake_dma_between = grow_blocks;
	/* A byte of block 0, blocks 1 and 2, 510 bytes of block 3. */
	assert_int_equal(block_read_bytes(blk_disk.bd, 511, small, 1535),
			 ERR_IO);
	assert_null(fake_dma_between);
	assert_string_equal(reason(),
			    "virtio-blk /scsi@1: read of block 1 failed: the "
			    "device was reset in the meantime");
	assert_int_equal(block_read_bytes(blk_disk.bd, 511, small, 1535),
			 ERR_IO);
	assert_string_equal(reason(), "virtio-blk /scsi@1: block size "
				      "changed from 512 to 4096");
	assert_int_equal(fake_virtio.requests, 1);
	/* The next open gets a disk of larger blocks. */
	assert_int_equal(block_open(blk_disk.bd), 0);
	assert_int_equal(block_read_bytes(blk_disk.bd, 511, small, 1535), 0);
	assert_memory_equal(small, blk_disk.data + 511, 1535);
	free(small);
}

static void a_silent_device_is_reset_and_comes_back(void **state)
{
	(void)state;
	assert_int_equal(block_open(blk_disk.bd), 0);
	fake_virtio.lie = FAKE_SILENT;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), ERR_TIMEOUT);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), 0);
}

static jmp_buf exception;

static void raise_exception(uint64_t ticks)
{
	(void)ticks;
	longjmp(exception, 1);
}

/* In the middle of a wait for a device. */
static void cut_off_in_wait(void)
{
	deadline_set_idle(raise_exception);
	if (!setjmp(exception))
		request_wait();
	deadline_set_idle(NULL);
}

/* An exception: what they point to may be in use for something else. */
static void requests_of_who_is_gone_are_forgotten(void **state)
{
	struct block_request *req = calloc(1, sizeof(*req));
	struct block_device *bd = blk_disk.bd;

	(void)state;
	assert_int_equal(block_open(bd), 0);
	*req = (struct block_request){
		.rq.timeout_ms = 1000, .op = BLOCK_READ, .count = 1, .buf = buf
	};
	fake_virtio.lie = FAKE_SILENT;
	watch_begin("what is cut off");
	watch_allow(buf, 512);
	request_add(bd->queue, &req->rq);
	cut_off_in_wait();
	assert_int_equal(req->rq.status, REQUEST_PENDING);
	/* The ring with the headers, the data. */
	assert_int_equal(fake_dma_live(), 2);
	free(req);
	device_abandon_all();
	watch_end();
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	fake_virtio.lie = FAKE_HONEST;
	assert_int_equal(watched_read(bd, 0, 1, buf), 0);
	block_close(bd);
	assert_false(fake_virtio.enabled);
}

static void a_device_without_registers_says_why_it_does_not_open(void **state)
{
	(void)state;
	memset(fake_virtio.pci_config, 0, sizeof(fake_virtio.pci_config));
	assert_int_equal(block_open(blk_disk.bd), ERR_NOTSUP);
	assert_string_equal(reason(), "virtio-blk /scsi@1: neither modern nor "
				      "legacy virtio registers");
}

static void quiesce_resets_and_ends_all_requests(void **state)
{
	(void)state;
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), 0);
	device_quiesce_all(NULL);
	assert_int_equal(fake_virtio.status, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(watched_read(blk_disk.bd, 0, 1, buf), ERR_NODEV);
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
		MODERN(the_devices_status_is_told),
		MODERN(of_two_failures_the_first_ones_status_is_told),
		MODERN(a_broken_ring_is_told_though_the_reset_fails),
		MODERN(a_status_that_was_never_written_is_an_error),
		MODERN(a_short_response_is_an_error),
		LEGACY(a_legacy_devices_length_is_not_trusted),
		MODERN(a_device_that_breaks_the_protocol_is_reset),
		LEGACY(a_device_that_breaks_the_protocol_is_reset),
		MODERN(blocks_that_grow_within_a_read_write_past_no_buffer),
		LEGACY(blocks_that_grow_within_a_read_write_past_no_buffer),
		MODERN(a_silent_device_is_reset_and_comes_back),
		LEGACY(a_silent_device_is_reset_and_comes_back),
		MODERN(requests_of_who_is_gone_are_forgotten),
		MODERN(a_device_without_registers_says_why_it_does_not_open),
		MODERN(quiesce_resets_and_ends_all_requests),
		LEGACY(quiesce_resets_and_ends_all_requests),
		MODERN(a_device_that_was_never_opened_is_quiesced_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
