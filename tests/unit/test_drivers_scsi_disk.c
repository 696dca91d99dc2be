// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/scsi/disk.c: capacity, transfers, sense, lost commands.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/scsi/cdb.h"
#include "lib/reason.h"
#include "tests/fake/block_read.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include <cmocka.h>
#include "tests/fake/heap.h"
#include "tests/fake/scsi.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"

TABLE_LINK(drivers, driver_scsi_disk);

#define LUN 0x8000000000000000ULL

static struct device *controller;
static struct fake_unit *unit;
static struct block_device *bd;
static uint8_t data[1 << 20], buf[1 << 20];

static void plug(uint8_t type)
{
	unsigned i;

	fake_scsi_start();
	unit = fake_scsi_plug_unit("v-scsi@1", LUN, type);
	controller = fake_scsi_host.host.dev;
	unit->removable = type == SCSI_TYPE_CDROM;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i / 512 * 5 + i);
	unit->data = data;
	unit->len = sizeof(data);
	unit->blocks = sizeof(data) / 512;
	device_scan_all();
	bd = block_of(device_of(controller->node->child));
	memset(fake_scsi_served, 0, sizeof(fake_scsi_served));
	fake_scsi_host.starts = fake_scsi_host.stops = fake_scsi_host.kicks = 0;
}

static int plug_disk(void **state)
{
	(void)state;
	plug(SCSI_TYPE_DISK);
	return 0;
}

static int plug_cd(void **state)
{
	(void)state;
	plug(SCSI_TYPE_CDROM);
	unit->block_size = 2048;
	unit->blocks = sizeof(data) / 2048;
	return 0;
}

static int unplug(void **state)
{
	(void)state;
	tree_remove_node(controller->node);
	tree_free();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void opening_asks_for_the_capacity(void **state)
{
	(void)state;
	fake_unit_sense(unit, 1, 6, 0x29, 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->block_size, 512);
	assert_int_equal(bd->blocks, 2048);
	assert_int_equal(bd->max_blocks, 128);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(fake_scsi_served[SCSI_READ_CAPACITY_10], 2);
	assert_int_equal(fake_scsi_served[SCSI_TEST_UNIT_READY], 0);
}

static void a_closed_disk_leaves_its_host_stopped(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(controller->users, 1);
	block_close(bd);
	assert_int_equal(controller->users, 0);
	assert_false(device_is_up(controller));
}

static void a_disk_that_is_lost_holds_its_host_once(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_scsi_host.silent = true;
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_TIMEOUT);
	fake_scsi_host.silent = false;
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	assert_int_equal(controller->users, 1);
	block_close(bd);
	assert_int_equal(controller->users, 0);
}

/* An exception: what they point to may be in use for something else. */
static void requests_of_who_is_gone_are_forgotten(void **state)
{
	struct block_request *reqs = calloc(8, sizeof(*reqs));
	unsigned i;

	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_scsi_host.answers = 1;
	for (i = 0; i < 8; i++) {
		reqs[i] = (struct block_request){ .op = BLOCK_READ,
						  .count = 1,
						  .buf = buf };
		reqs[i].rq.timeout_ms = BLOCK_TIMEOUT_MS;
		request_add(bd->queue, &reqs[i].rq);
	}
	/* One has ended, the others are in flight. */
	request_wait();
	assert_int_equal(reqs[0].rq.status, 0);
	assert_int_equal(reqs[7].rq.status, REQUEST_PENDING);
	assert_int_equal(fake_scsi_host.n, 7);
	free(reqs);
	device_abandon_all();
	fake_scsi_host.silent = false;
	assert_int_equal(fake_scsi_host.stops, 1);
	assert_int_equal(controller->users, 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_read(bd, 0, 2000, buf), 0);
	assert_memory_equal(buf, data, 2000 * 512);
	block_close(bd);
	assert_int_equal(controller->users, 0);
}

static void a_disk_whose_host_does_not_start_is_not_open(void **state)
{
	(void)state;
	fake_scsi_host.start_error = ERR_NOMEM;
	assert_int_equal(block_open(bd), ERR_NOMEM);
	assert_int_equal(controller->users, 0);
	assert_int_equal(fake_scsi_served[SCSI_READ_CAPACITY_10], 0);
	fake_scsi_host.start_error = 0;
	assert_int_equal(block_open(bd), 0);
}

static void blocks_are_read_and_written(void **state)
{
	(void)state;
	assert_int_equal(block_read(bd, 3, 300, buf), 0);
	assert_memory_equal(buf, data + 3 * 512, 300 * 512);
	memset(buf, 0x77, 200 * 512);
	assert_int_equal(block_write(bd, 50, 200, buf), 0);
	assert_memory_equal(data + 50 * 512, buf, 200 * 512);
}

static void the_chunks_of_a_read_are_in_flight_together(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_scsi_host.kicks = 0;
	assert_int_equal(block_read(bd, 0, 1024, buf), 0);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 8);
	assert_int_equal(fake_scsi_host.most, 8);
	assert_int_equal(fake_scsi_host.kicks, 1);
}

static void disks_beyond_32_bits_are_addressed(void **state)
{
	(void)state;
	unit->blocks = 1ULL << 33;
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(bd->blocks, 1ULL << 33);
	assert_int_equal(fake_scsi_served[SCSI_SERVICE_ACTION_IN_16], 1);
	assert_int_equal(block_read(bd, (1ULL << 33) - 1, 1, buf), 0);
	assert_int_equal(fake_scsi_served[SCSI_READ_16], 1);
	assert_int_equal(block_read(bd, 1, 1, buf), 0);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 1);
}

static void a_capacity_of_2_to_the_64_is_refused(void **state)
{
	(void)state;
	/* The fake says one less, in 64 bits. */
	unit->blocks = 0;
	assert_int_equal(block_open(bd), ERR_FORMAT);
	assert_non_null(strstr(reason(), "capacity of 2^64 blocks"));
}

static void odd_block_sizes_are_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 513, 520, 8192 };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		unit->block_size = sizes[i];
		assert_int_equal(block_open(bd), ERR_FORMAT);
	}
	assert_non_null(strstr(reason(), "scsi-disk /v-scsi@1/disk@8000000000"
					 "000000: block size 8192 is not"));
}

static void a_disk_of_4096_byte_blocks_works(void **state)
{
	(void)state;
	unit->block_size = 4096;
	unit->blocks = sizeof(data) / 4096;
	assert_int_equal(block_read(bd, 5, 20, buf), 0);
	assert_memory_equal(buf, data + 5 * 4096, 20 * 4096);
}

static void a_cd_is_read_and_not_written(void **state)
{
	(void)state;
	assert_int_equal(block_read(bd, 16, 1, buf), 0);
	assert_memory_equal(buf, data + 16 * 2048, 2048);
	assert_int_equal(block_write(bd, 100, 1, buf), ERR_PERM);
	assert_int_equal(fake_scsi_served[SCSI_WRITE_10], 0);
	assert_int_equal(block_flush(bd), 0);
	assert_int_equal(fake_scsi_served[SCSI_SYNCHRONIZE_CACHE_10], 0);
}

static void an_empty_drawer_is_no_medium_until_it_is_filled(void **state)
{
	(void)state;
	fake_unit_sense(unit, 1, 2, 0x3a, 2);
	assert_int_equal(block_open(bd), ERR_NOMEDIUM);
	assert_int_equal(controller->users, 0);
	assert_non_null(strstr(reason(), "no medium"));
	assert_int_equal(block_open(bd), 0);
}

static void a_unit_attention_within_a_read_is_retried(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(unit, 3, 6, 0x2a, 9);
	assert_int_equal(block_read(bd, 0, 2048, buf), 0);
	assert_memory_equal(buf, data, sizeof(data));
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 16 + 3);
}

static void a_retry_that_meets_a_full_queue_comes_later(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	/* Two chunks; the first one's retry is refused once. */
	fake_scsi_host.pace = TIMEBASE_DEFAULT_HZ / 100;
	fake_scsi_host.busy_at = 3;
	fake_unit_sense(unit, 1, 6, 0x2a, 9);
	assert_int_equal(block_read(bd, 0, 256, buf), 0);
	assert_int_equal(fake_scsi_host.busy_at, 0);
	assert_memory_equal(buf, data, 256 * 512);
}

static void a_busy_unit_is_waited_for(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_status(unit, 2 * REQUEST_RETRIES, SCSI_TASK_SET_FULL);
	before = deadline_ms();
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	assert_memory_equal(buf, data, 512);
	assert_int_equal(fake_scsi_served[SCSI_READ_10],
			 1 + 2 * REQUEST_RETRIES);
	assert_in_range(deadline_ms() - before, 900, 2000);
}

static void a_unit_that_stays_busy_fails_with_that_reason(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_status(unit, 1000000, SCSI_TASK_SET_FULL);
	before = deadline_ms();
	assert_int_equal(block_read(bd, 0, 1024, buf), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "read of block 0 failed: SCSI status "
					 "0x28 (task set full)"));
	assert_in_range(deadline_ms() - before, BLOCK_TIMEOUT_MS,
			BLOCK_TIMEOUT_MS + 200);
	/* Eight requests, with pauses of 100 ms at last. */
	assert_in_range(fake_scsi_served[SCSI_READ_10], 8 * 100, 8 * 170);
	/* The controller's other units go on. */
	assert_int_equal(fake_scsi_host.stops, 0);
	unit->fail_times = 0;
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
}

static void a_busy_unit_that_falls_silent_is_lost(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_status(unit, 1, SCSI_BUSY);
	fake_scsi_host.pace = 14ULL * TIMEBASE_DEFAULT_HZ;
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_TIMEOUT);
	assert_non_null(strstr(reason(), "no response in 15 s; device reset"));
	assert_int_equal(fake_scsi_host.stops, 1);
}

static void a_reserved_unit_is_told(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_status(unit, 1, SCSI_RESERVATION_CONFLICT);
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "SCSI status 0x18 (reservation "
					 "conflict: another host"));
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 1);
}

static void a_medium_error_names_the_block(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(unit, 1, 3, 0x11, 0);
	assert_int_equal(block_read(bd, 77, 1, buf), ERR_IO);
	assert_string_equal(reason(), "scsi-disk /v-scsi@1/"
				      "disk@8000000000000000: read of block 77 "
				      "failed: sense key 3 (medium error), "
				      "code 11/00 (unrecovered read error)");
}

static void of_two_failures_the_first_ones_sense_is_told(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(unit, 1, 3, 0x11, 0);
	unit->shorter = 16;
	assert_int_equal(block_read(bd, 0, 256, buf), ERR_IO);
	assert_non_null(strstr(reason(), "read of block 0 failed: sense key 3 "
					 "(medium error)"));
}

static void endless_unit_attentions_end_a_read(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(unit, 1000, 6, 0x29, 0);
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 1 + REQUEST_RETRIES);
}

static void a_write_protected_medium_refuses_writes(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_unit_sense(unit, 1, 7, 0x27, 0);
	assert_int_equal(block_write(bd, 100, 1, buf), ERR_IO);
}

static void a_short_read_is_an_error(void **state)
{
	(void)state;
	unit->shorter = 16;
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "16 bytes of 512 are missing"));
}

static void a_disk_without_a_cache_is_flushed_all_the_same(void **state)
{
	(void)state;
	assert_int_equal(block_flush(bd), 0);
	assert_int_equal(fake_scsi_served[SCSI_SYNCHRONIZE_CACHE_10], 1);
	fake_unit_sense(unit, 1, 5, 0x20, 0);
	assert_int_equal(block_flush(bd), 0);
	fake_unit_sense(unit, 1, 4, 0x44, 0);
	assert_int_equal(block_flush(bd), ERR_IO);
}

static void a_lost_read_resets_the_controller_and_comes_back(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_scsi_host.silent = true;
	assert_int_equal(block_read(bd, 0, 1024, buf), ERR_TIMEOUT);
	assert_int_equal(fake_scsi_host.stops, 1);
	fake_scsi_host.silent = false;
	assert_int_equal(block_read(bd, 0, 8, buf), 0);
	assert_memory_equal(buf, data, 8 * 512);
}

static void a_unit_that_went_away_says_so(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	unit->lun = 1;
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	device_stop(bd->as.dev);
	assert_int_equal(block_use(bd), ERR_IO);
	assert_non_null(strstr(reason(), "the device is gone"));
}

static void another_disks_reset_is_survived(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	device_stop(controller);
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
	assert_int_equal(fake_scsi_host.starts, 2);
}

static void a_unit_of_other_blocks_after_a_reset_is_refused(void **state)
{
	uint32_t medium;

	(void)state;
	assert_int_equal(block_open(bd), 0);
	medium = bd->medium;
	device_stop(controller);
	unit->block_size = 4096;
	unit->blocks = sizeof(data) / 4096;
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "size changed from 512 to 4096"));
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 0);
	assert_int_equal(block_open(bd), 0);
	assert_int_equal(block_check_medium(bd, medium), ERR_IO);
	assert_int_equal(block_read(bd, 1, 1, buf), 0);
	assert_memory_equal(buf, data + 4096, 4096);
}

static void a_host_that_goes_after_a_response_ends_the_read(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	fake_scsi_host.goes = true;
	assert_int_equal(block_read(bd, 0, 2048, buf), ERR_IO);
	assert_non_null(strstr(reason(), "read of block 1024 failed: the "
					 "device was reset in the meantime"));
	assert_int_equal(fake_scsi_host.starts, 1);
	/* A retry finds no host. */
	fake_scsi_host.goes = false;
	assert_int_equal(block_use(bd), 0);
	fake_scsi_host.goes = true;
	fake_unit_sense(unit, 1, 6, 0x2a, 9);
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_IO);
	assert_non_null(strstr(reason(), "was reset in the meantime"));
	fake_scsi_host.goes = false;
	assert_int_equal(block_read(bd, 0, 1, buf), 0);
}

static void after_quiesce_nothing_is_sent(void **state)
{
	(void)state;
	assert_int_equal(block_open(bd), 0);
	device_quiesce_all(NULL);
	assert_int_equal(block_read(bd, 0, 1, buf), ERR_NODEV);
	assert_int_equal(fake_scsi_served[SCSI_READ_10], 0);
}

#define DISK(test) cmocka_unit_test_setup_teardown(test, plug_disk, unplug)
#define CD(test) cmocka_unit_test_setup_teardown(test, plug_cd, unplug)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK(opening_asks_for_the_capacity),
		DISK(a_closed_disk_leaves_its_host_stopped),
		DISK(a_disk_that_is_lost_holds_its_host_once),
		DISK(requests_of_who_is_gone_are_forgotten),
		DISK(a_disk_whose_host_does_not_start_is_not_open),
		DISK(blocks_are_read_and_written),
		DISK(the_chunks_of_a_read_are_in_flight_together),
		DISK(disks_beyond_32_bits_are_addressed),
		DISK(a_capacity_of_2_to_the_64_is_refused),
		DISK(odd_block_sizes_are_refused),
		DISK(a_disk_of_4096_byte_blocks_works),
		CD(a_cd_is_read_and_not_written),
		CD(an_empty_drawer_is_no_medium_until_it_is_filled),
		DISK(a_unit_attention_within_a_read_is_retried),
		DISK(a_retry_that_meets_a_full_queue_comes_later),
		DISK(a_busy_unit_is_waited_for),
		DISK(a_unit_that_stays_busy_fails_with_that_reason),
		DISK(a_busy_unit_that_falls_silent_is_lost),
		DISK(a_reserved_unit_is_told),
		DISK(a_medium_error_names_the_block),
		DISK(of_two_failures_the_first_ones_sense_is_told),
		DISK(endless_unit_attentions_end_a_read),
		DISK(a_write_protected_medium_refuses_writes),
		DISK(a_short_read_is_an_error),
		DISK(a_disk_without_a_cache_is_flushed_all_the_same),
		DISK(a_lost_read_resets_the_controller_and_comes_back),
		DISK(a_unit_that_went_away_says_so),
		DISK(another_disks_reset_is_survived),
		DISK(a_unit_of_other_blocks_after_a_reset_is_refused),
		DISK(a_host_that_goes_after_a_response_ends_the_read),
		DISK(after_quiesce_nothing_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
