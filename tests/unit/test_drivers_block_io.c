// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/block_io.c: splitting, batches, bounds, lost requests.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/block_read.h"
#include "tests/fake/heap.h"
#include "tests/fake/queue_disk.h"
#include "tests/fake/timebase.h"
#include "tests/fake/watched.h"

static uint8_t buf[QUEUE_DISK_BLOCKS * 512];

static int setup(void **state)
{
	(void)state;
	queue_disk_plug();
	memset(buf, 0xee, sizeof(buf));
	watch_memory((uintptr_t)buf, sizeof(buf));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	queue_disk_unplug();
	return 0;
}

static void a_read_of_the_largest_size_is_one_request(void **state)
{
	(void)state;
	queue_disk.max_blocks = 2048;
	assert_int_equal(watched_read(&queue_disk.bd, 8, 2048, buf), 0);
	assert_int_equal(queue_disk.submitted, 1);
	assert_int_equal(queue_disk.kicks, 1);
	assert_memory_equal(buf, queue_disk.data + 8 * 512, 2048 * 512);
}

static void a_split_read_is_in_flight_together_with_one_kick(void **state)
{
	(void)state;
	assert_int_equal(watched_read(&queue_disk.bd, 5, 750, buf), 0);
	assert_int_equal(queue_disk.submitted, 8);
	assert_int_equal(queue_disk.kicks, 1);
	assert_memory_equal(buf, queue_disk.data + 5 * 512, 750 * 512);
	assert_int_equal(buf[750 * 512], 0xee);
}

static void a_big_read_is_cut_to_what_a_slow_disk_ends_in_time(void **state)
{
	static uint8_t big[40 * MiB];

	(void)state;
	queue_disk.max_blocks = UINT32_MAX / 512;
	queue_disk.blocks = sizeof(big) / 512;
	assert_int_equal(block_read(&queue_disk.bd, 0, queue_disk.blocks, big),
			 0);
	assert_int_equal(queue_disk.largest, 4 * MiB / 512);
	assert_int_equal(queue_disk.submitted, 10);
	assert_int_equal(queue_disk.most_in_flight, 8 * MiB);
	assert_int_equal(queue_disk.kicks, 5);
}

static void a_short_queue_only_makes_more_batches(void **state)
{
	(void)state;
	queue_disk.room = 3;
	assert_int_equal(watched_read(&queue_disk.bd, 0, 1000, buf), 0);
	assert_int_equal(queue_disk.submitted, 10);
	assert_int_equal(queue_disk.kicks, 4);
	assert_memory_equal(buf, queue_disk.data, 1000 * 512);
}

static void a_full_window_makes_smaller_requests(void **state)
{
	(void)state;
	queue_disk.fits = 30;
	assert_int_equal(watched_read(&queue_disk.bd, 0, 100, buf), 0);
	assert_int_equal(queue_disk.largest, 25);
	assert_memory_equal(buf, queue_disk.data, 100 * 512);
}

static void a_window_too_full_for_a_block_is_an_error(void **state)
{
	(void)state;
	queue_disk.submit_error = ERR_NOSPACE;
	assert_int_equal(watched_read(&queue_disk.bd, 0, 100, buf),
			 ERR_NOSPACE);
	/* To a client, busy would mean that nobody has typed. */
	queue_disk.submit_error = ERR_BUSY;
	assert_int_equal(watched_read(&queue_disk.bd, 0, 100, buf), ERR_IO);
}

/* One request after the other; the next one goes out as soon as one ends. */
static void the_flight_is_refilled_as_requests_end(void **state)
{
	unsigned i;

	(void)state;
	queue_disk.pace = TIMEBASE_DEFAULT_HZ;
	assert_int_equal(watched_read(&queue_disk.bd, 0, 2000, buf), 0);
	assert_memory_equal(buf, queue_disk.data, 2000 * 512);
	assert_int_equal(queue_disk.answered, 20);
	for (i = 0; i < 20; i++)
		assert_int_equal(queue_disk.submitted_at[i],
				 MIN(BLOCK_FLIGHT + i, 20));
	assert_int_equal(queue_disk.most, BLOCK_FLIGHT);
	assert_int_equal(queue_disk.kicks, 1 + 20 - BLOCK_FLIGHT);
}

/* Requests of a size that 8 MiB are no multiple of. */
static void no_more_bytes_are_in_flight_than_allowed(void **state)
{
	static uint8_t big[40 * MiB];

	(void)state;
	queue_disk.max_blocks = 3 * MiB / 512;
	queue_disk.blocks = sizeof(big) / 512;
	queue_disk.pace = TIMEBASE_DEFAULT_HZ;
	assert_int_equal(block_read(&queue_disk.bd, 0, queue_disk.blocks, big),
			 0);
	assert_int_equal(queue_disk.submitted, 14);
	assert_in_range(queue_disk.most_in_flight, 6 * MiB, BLOCK_FLIGHT_BYTES);
}

/* The DMA window holds only so much at a time: the others wait for it. */
static void a_window_that_others_fill_makes_no_smaller_requests(void **state)
{
	(void)state;
	queue_disk.window = 250 * 512;
	assert_int_equal(watched_read(&queue_disk.bd, 7, 2000, buf), 0);
	assert_int_equal(queue_disk.submitted, 20);
	assert_int_equal(queue_disk.most_in_flight, 200 * 512);
	assert_memory_equal(buf, queue_disk.data + 7 * 512, 2000 * 512);
}

/* The free part of the window keeps changing, as others use it, too. */
static uint32_t mood;

static uint32_t next_mood(uint32_t range)
{
	mood = mood * 1664525 + 1013904223;
	return (mood >> 16) % range;
}

static int refuse_by_mood(const struct block_request *req)
{
	if (req->count > 1 && req->count > next_mood(200))
		return ERR_NOSPACE;
	return next_mood(8) ? 0 : ERR_BUSY;
}

static void a_window_that_changes_loses_and_misplaces_nothing(void **state)
{
	uint8_t *disk = queue_disk.data + 100 * 512;
	uint32_t seed, refused = 0;

	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.refuse = refuse_by_mood;
	for (seed = 0; seed < 200; seed++) {
		uint32_t count = 1 + seed * 13;
		int err;

		mood = seed;
		queue_disk.backwards = seed & 1;
		queue_disk.room = 1 + seed % 9;
		memset(buf, 0xee, sizeof(buf));
		err = watched_read(&queue_disk.bd, 100, count, buf);
		/* Busy with nothing in flight. */
		refused += err == ERR_IO;
		if (err == 0)
			assert_memory_equal(buf, disk, count * 512);
		assert_int_equal(buf[count * 512], 0xee);
		memset(buf, (int)seed, count * 512);
		if (block_write(&queue_disk.bd, 100, count, buf) == 0)
			assert_memory_equal(buf, disk, count * 512);
	}
	assert_in_range(refused, 1, 199);
}

static void after_a_failure_no_more_requests_go_out(void **state)
{
	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.pace = TIMEBASE_DEFAULT_HZ;
	queue_disk.bad[0] = 300;
	assert_int_equal(watched_read(&queue_disk.bd, 0, 2000, buf), ERR_IO);
	/* Three others had ended, but all that went out is waited for. */
	assert_int_equal(queue_disk.submitted, BLOCK_FLIGHT + 3);
	assert_int_equal(queue_disk.answered, BLOCK_FLIGHT + 3);
	assert_string_equal(reason(), "fake-disk /disk@1: read of block 300 "
				      "failed: bad block 300");
}

static void a_lost_request_ends_the_whole_flight(void **state)
{
	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.silent = true;
	assert_int_equal(watched_read(&queue_disk.bd, 100, 2000, buf),
			 ERR_TIMEOUT);
	assert_int_equal(queue_disk.submitted, BLOCK_FLIGHT);
	assert_int_equal(queue_disk.stops, 1);
	assert_string_equal(reason(), "fake-disk /disk@1: read of block 100 "
				      "failed: no response in 15 s; device "
				      "reset");
}

static void reads_past_the_end_fail_silently(void **state)
{
	(void)state;
	assert_int_equal(watched_read(&queue_disk.bd, QUEUE_DISK_BLOCKS, 1,
				      buf),
			 ERR_RANGE);
	assert_int_equal(watched_read(&queue_disk.bd, QUEUE_DISK_BLOCKS - 1, 2,
				      buf),
			 ERR_RANGE);
	assert_int_equal(watched_read(&queue_disk.bd, UINT64_MAX, 2, buf),
			 ERR_RANGE);
	assert_int_equal(watched_read(&queue_disk.bd, 1, UINT64_MAX, buf),
			 ERR_RANGE);
	assert_int_equal(queue_disk.submitted, 0);
	assert_string_equal(fake_printed, "");
	assert_int_equal(
		watched_read(&queue_disk.bd, QUEUE_DISK_BLOCKS - 1, 1, buf), 0);
	assert_int_equal(
		watched_read(&queue_disk.bd, QUEUE_DISK_BLOCKS, 0, buf), 0);
}

static void a_slow_disk_that_goes_on_is_waited_for(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	/* Eight requests, each a while after the one before. */
	queue_disk.pace = (BLOCK_TIMEOUT_MS - 1000) / 1000 *
			  (uint64_t)TIMEBASE_DEFAULT_HZ;
	before = deadline_ms();
	assert_int_equal(watched_read(&queue_disk.bd, 0, 800, buf), 0);
	assert_memory_equal(buf, queue_disk.data, 800 * 512);
	assert_true(deadline_ms() - before > 7 * BLOCK_TIMEOUT_MS);
	assert_int_equal(queue_disk.stops, 0);
	/* And one that stops is not, however far it came. */
	queue_disk.pace = (BLOCK_TIMEOUT_MS + 1000) / 1000 *
			  (uint64_t)TIMEBASE_DEFAULT_HZ;
	before = deadline_ms();
	assert_int_equal(watched_read(&queue_disk.bd, 0, 800, buf),
			 ERR_TIMEOUT);
	assert_int_equal(queue_disk.stops, 1);
	assert_in_range(deadline_ms() - before, BLOCK_TIMEOUT_MS,
			BLOCK_TIMEOUT_MS + 1000);
}

static void who_is_curious_may_wait_for_less(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.silent = true;
	block_set_timeout(2000);
	before = deadline_ms();
	assert_int_equal(watched_read(&queue_disk.bd, 0, 1, buf), ERR_TIMEOUT);
	block_set_timeout(0);
	assert_in_range(deadline_ms() - before, 2000, 2100);
	assert_int_equal(block_timeout(), BLOCK_TIMEOUT_MS);
}

static void an_error_names_device_block_and_cause(void **state)
{
	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.answer = ERR_IO;
	reason_clear();
	assert_int_equal(watched_read(&queue_disk.bd, 2048, 1, buf), ERR_IO);
	assert_string_equal(reason(),
			    "fake-disk /disk@1: read of block 2048 failed: ");
	assert_string_equal(fake_printed, "");
}

static void of_two_failures_the_first_in_order_is_told(void **state)
{
	unsigned i;

	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.bad[0] = 200;
	queue_disk.bad[1] = 500;
	for (i = 0; i < 2; i++) {
		queue_disk.backwards = i;
		assert_int_equal(watched_read(&queue_disk.bd, 0, 750, buf),
				 ERR_IO);
		assert_string_equal(reason(),
				    "fake-disk /disk@1: read of block 200 "
				    "failed: bad block 200");
	}
}

static void a_lost_request_resets_the_device_before_we_go_on(void **state)
{
	uint64_t before, waited;

	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.silent = true;
	before = deadline_ms();
	waited = deadline_waited();
	assert_int_equal(watched_read(&queue_disk.bd, 0, 1, buf), ERR_TIMEOUT);
	assert_in_range(deadline_ms() - before, BLOCK_TIMEOUT_MS,
			BLOCK_TIMEOUT_MS + 100);
	/* The benchmark subtracts it: none of it was work. */
	assert_true(deadline_waited() - waited >=
		    (uint64_t)BLOCK_TIMEOUT_MS * TIMEBASE_DEFAULT_HZ / 1000);
	assert_int_equal(queue_disk.stops, 1);
	assert_string_equal(reason(), "fake-disk /disk@1: read of block 0 "
				      "failed: no response in 15 s; device "
				      "reset");
	/* And it is started anew. */
	assert_int_equal(watched_read(&queue_disk.bd, 0, 1, buf), 0);
	assert_int_equal(queue_disk.starts, 2);
}

static void writes_reach_the_disk(void **state)
{
	(void)state;
	memset(buf, 0x42, 300 * 512);
	assert_int_equal(block_write(&queue_disk.bd, 40, 300, buf), 0);
	assert_memory_equal(queue_disk.data + 40 * 512, buf, 300 * 512);
	assert_int_equal(queue_disk.data[340 * 512],
			 (uint8_t)(340 * 7 + 340 * 512));
}

static void protected_blocks_are_refused_with_one_printed_reason(void **state)
{
	(void)state;
	assert_int_equal(block_write(&queue_disk.bd, 33, 2, buf), ERR_PERM);
	assert_int_equal(queue_disk.submitted, 0);
	assert_string_equal(fake_printed,
			    "fake-disk /disk@1: write of block 33 "
			    "failed: blocks below 34 are protected\r\n");
	assert_int_equal(block_write(&queue_disk.bd, 34, 2, buf), 0);
}

static void read_only_devices_refuse_writes(void **state)
{
	(void)state;
	queue_disk.bd.read_only = true;
	assert_int_equal(block_write(&queue_disk.bd, 100, 1, buf), ERR_PERM);
	assert_true(fake_log_has("the device is read-only"));
	assert_int_equal(queue_disk.submitted, 0);
}

/* Of a block that it has: its users see no difference to a failure. */
static void what_the_device_refuses_is_an_io_error(void **state)
{
	static const int refusals[] = { ERR_PERM, ERR_NODEV,  ERR_INVAL,
					ERR_IO,	  ERR_NOTSUP, ERR_RANGE };
	struct block_device *bd = &queue_disk.bd;

	(void)state;
	assert_int_equal(block_open(bd), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(refusals); i++) {
		queue_disk.answer = refusals[i];
		assert_int_equal(block_write(bd, 100, 1, buf), ERR_IO);
		assert_non_null(strstr(reason(), "write of block 100 failed"));
		assert_int_equal(watched_read(bd, 3, 1, buf), ERR_IO);
	}
	queue_disk.answer = ERR_TIMEOUT;
	assert_int_equal(watched_read(bd, 3, 1, buf), ERR_TIMEOUT);
	queue_disk.answer = ERR_NOMEDIUM;
	assert_int_equal(watched_read(bd, 3, 1, buf), ERR_NOMEDIUM);
}

static void bytes_are_read_at_any_offset_and_length(void **state)
{
	static const struct {
		uint64_t offset;
		size_t len;
	} cases[] = {
		{ 0, 512 },   { 1, 511 }, { 1, 510 },	  { 511, 2 },
		{ 100, 1 },   { 0, 1 },	  { 0, 513 },	  { 300, 5000 },
		{ 512, 100 }, { 700, 0 }, { 1024, 1024 }, { 13, 1000000 },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(buf, 0xee, sizeof(buf));
		assert_int_equal(watched_read_bytes(&queue_disk.bd,
						    cases[i].offset, buf + 3,
						    cases[i].len),
				 0);
		assert_memory_equal(buf + 3, queue_disk.data + cases[i].offset,
				    cases[i].len);
		assert_int_equal(buf[2], 0xee);
		assert_int_equal(buf[3 + cases[i].len], 0xee);
	}
}

static void whole_blocks_are_not_bounced(void **state)
{
	(void)state;
	assert_int_equal(watched_read_bytes(&queue_disk.bd, 512, buf, 512 * 50),
			 0);
	assert_int_equal(queue_disk.submitted, 1);
	assert_int_equal(queue_disk.largest, 50);
}

static void bytes_past_the_end_are_an_error(void **state)
{
	uint64_t end = sizeof(queue_disk.data);

	(void)state;
	assert_int_equal(watched_read_bytes(&queue_disk.bd, end, buf, 1),
			 ERR_RANGE);
	assert_int_equal(watched_read_bytes(&queue_disk.bd, end - 1, buf, 2),
			 ERR_RANGE);
	assert_int_equal(watched_read_bytes(&queue_disk.bd, UINT64_MAX, buf, 2),
			 ERR_RANGE);
	assert_int_equal(watched_read_bytes(&queue_disk.bd, end - 1, buf, 1),
			 0);
}

static void a_flush_is_one_request(void **state)
{
	(void)state;
	assert_int_equal(block_flush(&queue_disk.bd), 0);
	assert_int_equal(queue_disk.submitted, 1);
	queue_disk.answer = ERR_IO;
	assert_int_equal(block_flush(&queue_disk.bd), ERR_IO);
}

static void reading_needs_no_memory(void **state)
{
	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	fake_heap_fail_after(0);
	assert_int_equal(watched_read_bytes(&queue_disk.bd, 3, buf, 4000), 0);
	assert_false(fake_heap_failed());
	fake_heap_fail_after(-1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_read_of_the_largest_size_is_one_request),
		TEST(a_split_read_is_in_flight_together_with_one_kick),
		TEST(a_big_read_is_cut_to_what_a_slow_disk_ends_in_time),
		TEST(a_short_queue_only_makes_more_batches),
		TEST(a_full_window_makes_smaller_requests),
		TEST(a_window_too_full_for_a_block_is_an_error),
		TEST(the_flight_is_refilled_as_requests_end),
		TEST(no_more_bytes_are_in_flight_than_allowed),
		TEST(a_window_that_others_fill_makes_no_smaller_requests),
		TEST(a_window_that_changes_loses_and_misplaces_nothing),
		TEST(after_a_failure_no_more_requests_go_out),
		TEST(a_lost_request_ends_the_whole_flight),
		TEST(reads_past_the_end_fail_silently),
		TEST(a_slow_disk_that_goes_on_is_waited_for),
		TEST(who_is_curious_may_wait_for_less),
		TEST(an_error_names_device_block_and_cause),
		TEST(of_two_failures_the_first_in_order_is_told),
		TEST(a_lost_request_resets_the_device_before_we_go_on),
		TEST(writes_reach_the_disk),
		TEST(protected_blocks_are_refused_with_one_printed_reason),
		TEST(read_only_devices_refuse_writes),
		TEST(what_the_device_refuses_is_an_io_error),
		TEST(bytes_are_read_at_any_offset_and_length),
		TEST(whole_blocks_are_not_bounced),
		TEST(bytes_past_the_end_are_an_error),
		TEST(a_flush_is_one_request),
		TEST(reading_needs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
