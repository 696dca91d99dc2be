// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/block.c: splitting, batches, bounds, lost requests.
// LINK: drivers/block.c lib/deadline.c lib/err.c lib/fmt.c lib/log.c
// LINK: lib/reason.c tests/fake/heap.c tests/fake/timebase.c
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "drivers/device.h"
#include "lib/log.h"
#include "lib/reason.h"
/* cmocka has a macro of the name fail. */
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"
#include "tests/fake/watched.h"

#define BLOCKS 4096u

/* A disk in memory that answers at poll() what was submitted. */
static struct disk {
	uint8_t data[BLOCKS * 512];
	struct block_request *queue[64];
	unsigned n, room;
	unsigned submitted, kicks, resets, starts, largest;
	int start_error, submit_error, answer;
	uint32_t max_blocks;
	uint32_t fits;		  /* blocks that the DMA window takes; 0: any */
	bool silent, fails_later; /* once it has answered */
	uint64_t bad[2];	  /* requests at these blocks fail; 0: none */
	bool backwards;		  /* answers the last request first */
	uint32_t block_size;
	uint64_t blocks; /* 0: as the data has */
} disk;

static struct block_device bd;
static struct device dev;
static const struct driver drv = { .name = "fake-disk" };
static char text[1024];
static size_t text_len;
static uint8_t buf[BLOCKS * 512];

const char *device_path(const struct device *d)
{
	assert_ptr_equal(d, &dev);
	return "/disk@1";
}

static void capture(struct log_sink *sink, const char *piece, size_t len)
{
	(void)sink;
	assert_true(len < sizeof(text) - text_len);
	memcpy(text + text_len, piece, len);
	text_len += len;
	text[text_len] = '\0';
}
static struct log_sink sink = { .write = capture };

static int disk_start(struct block_device *b)
{
	disk.starts++;
	b->block_size = disk.block_size;
	b->blocks = sizeof(disk.data) / 512;
	if (b->block_size)
		b->blocks = sizeof(disk.data) / b->block_size;
	if (disk.blocks)
		b->blocks = disk.blocks;
	b->max_blocks = disk.max_blocks;
	return disk.start_error;
}

static int disk_submit(struct block_device *b, struct block_request *req)
{
	if (disk.submit_error)
		return disk.submit_error;
	if (disk.n == disk.room)
		return ERR_BUSY;
	if (disk.fits && req->count > disk.fits)
		return ERR_NOSPACE;
	assert_true(req->op == BLOCK_FLUSH || req->count <= b->max_blocks);
	disk.largest = MAX(disk.largest, req->count);
	disk.queue[disk.n++] = req;
	disk.submitted++;
	return 0;
}

static void disk_kick(struct block_device *b)
{
	(void)b;
	disk.kicks++;
}

static void serve(struct block_device *b, struct block_request *req)
{
	size_t at = (size_t)req->lba * b->block_size;
	size_t len = (size_t)req->count * b->block_size;

	if (req->op == BLOCK_READ)
		memcpy(req->buf, disk.data + at, len);
	if (req->op == BLOCK_WRITE)
		memcpy(disk.data + at, req->buf, len);
}

static int answer_to(const struct block_request *req)
{
	if (req->lba && (req->lba == disk.bad[0] || req->lba == disk.bad[1]))
		return (fail)(ERR_IO, "bad block %llu",
			      (unsigned long long)req->lba);
	return disk.answer;
}

static void disk_poll(struct block_device *b)
{
	unsigned i;

	if (disk.silent)
		return;
	for (i = 0; i < disk.n; i++) {
		struct block_request *req =
			disk.queue[disk.backwards ? disk.n - 1 - i : i];
		int answer = answer_to(req);

		if (answer == 0)
			serve(b, req);
		block_done(req, answer);
	}
	if (disk.fails_later && disk.n)
		b->started = false;
	disk.n = 0;
}

static void disk_reset(struct block_device *b)
{
	unsigned i;

	(void)b;
	disk.resets++;
	for (i = 0; i < disk.n; i++)
		block_done(disk.queue[i], ERR_TIMEOUT);
	disk.n = 0;
	disk.silent = false;
}

static void disk_stop(struct block_device *b)
{
	(void)b;
}

static const struct block_ops ops = {
	.start = disk_start,
	.submit = disk_submit,
	.kick = disk_kick,
	.poll = disk_poll,
	.reset = disk_reset,
	.stop = disk_stop,
};

static int setup(void **state)
{
	unsigned i;

	(void)state;
	memset(&disk, 0, sizeof(disk));
	for (i = 0; i < sizeof(disk.data); i++)
		disk.data[i] = (uint8_t)(i / 512 * 7 + i);
	disk.room = 64;
	disk.block_size = 512;
	dev.driver = &drv;
	bd = (struct block_device){ .dev = &dev, .ops = &ops };
	disk.max_blocks = 100;
	memset(buf, 0xee, sizeof(buf));
	watch_memory((uintptr_t)buf, sizeof(buf));
	log_reset();
	log_add_sink(&sink);
	text_len = 0;
	text[0] = '\0';
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	block_release(&bd);
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}

static void the_device_starts_once(void **state)
{
	(void)state;
	assert_int_equal(block_open(&bd), 0);
	assert_int_equal(block_open(&bd), 0);
	assert_int_equal(watched_read(&bd, 0, 1, buf), 0);
	assert_int_equal(disk.starts, 1);
}

static void a_failed_start_is_tried_again(void **state)
{
	(void)state;
	disk.start_error = ERR_NOMEDIUM;
	assert_int_equal(block_open(&bd), ERR_NOMEDIUM);
	disk.start_error = 0;
	assert_int_equal(block_open(&bd), 0);
}

static void odd_block_sizes_are_refused_with_a_reason(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 256, 513, 1536, 8192 };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		disk.block_size = sizes[i];
		assert_int_equal(block_open(&bd), ERR_FORMAT);
	}
	disk.block_size = 513;
	assert_int_equal(block_open(&bd), ERR_FORMAT);
	assert_string_equal(
		reason(),
		"fake-disk /disk@1: block size 513 is not a power of two "
		"from 512 to 4096");
}

static void every_power_of_two_from_512_to_4096_works(void **state)
{
	uint32_t size;

	(void)state;
	for (size = 512; size <= 4096; size *= 2) {
		disk.block_size = size;
		bd.started = false;
		assert_int_equal(block_open(&bd), 0);
		assert_int_equal(watched_read(&bd, 3, 2, buf), 0);
		assert_memory_equal(buf, disk.data + 3 * size, 2 * size);
	}
}

static void a_read_of_the_largest_size_is_one_request(void **state)
{
	(void)state;
	disk.max_blocks = 2048;
	assert_int_equal(watched_read(&bd, 8, 2048, buf), 0);
	assert_int_equal(disk.submitted, 1);
	assert_int_equal(disk.kicks, 1);
	assert_memory_equal(buf, disk.data + 8 * 512, 2048 * 512);
}

static void a_split_read_is_in_flight_together_with_one_kick(void **state)
{
	(void)state;
	assert_int_equal(watched_read(&bd, 5, 750, buf), 0);
	assert_int_equal(disk.submitted, 8);
	assert_int_equal(disk.kicks, 1);
	assert_memory_equal(buf, disk.data + 5 * 512, 750 * 512);
	assert_int_equal(buf[750 * 512], 0xee);
}

static void a_short_queue_only_makes_more_batches(void **state)
{
	(void)state;
	disk.room = 3;
	assert_int_equal(watched_read(&bd, 0, 1000, buf), 0);
	assert_int_equal(disk.submitted, 10);
	assert_int_equal(disk.kicks, 4);
	assert_memory_equal(buf, disk.data, 1000 * 512);
}

static void a_full_window_makes_smaller_requests(void **state)
{
	(void)state;
	disk.fits = 30;
	assert_int_equal(watched_read(&bd, 0, 100, buf), 0);
	assert_int_equal(disk.largest, 25);
	assert_memory_equal(buf, disk.data, 100 * 512);
}

static void a_window_with_room_for_nothing_is_an_error(void **state)
{
	(void)state;
	disk.submit_error = ERR_NOSPACE;
	assert_int_equal(watched_read(&bd, 0, 100, buf), ERR_NOSPACE);
	disk.submit_error = ERR_BUSY;
	assert_int_equal(watched_read(&bd, 0, 100, buf), ERR_BUSY);
}

static void reads_past_the_end_fail_silently(void **state)
{
	(void)state;
	assert_int_equal(watched_read(&bd, BLOCKS, 1, buf), ERR_RANGE);
	assert_int_equal(watched_read(&bd, BLOCKS - 1, 2, buf), ERR_RANGE);
	assert_int_equal(watched_read(&bd, UINT64_MAX, 2, buf), ERR_RANGE);
	assert_int_equal(watched_read(&bd, 1, UINT64_MAX, buf), ERR_RANGE);
	assert_int_equal(disk.submitted, 0);
	assert_string_equal(text, "");
	assert_int_equal(watched_read(&bd, BLOCKS - 1, 1, buf), 0);
	assert_int_equal(watched_read(&bd, BLOCKS, 0, buf), 0);
}

static void an_error_names_device_block_and_cause(void **state)
{
	(void)state;
	assert_int_equal(block_open(&bd), 0);
	disk.answer = ERR_IO;
	reason_clear();
	assert_int_equal(watched_read(&bd, 2048, 1, buf), ERR_IO);
	assert_string_equal(reason(),
			    "fake-disk /disk@1: read of block 2048 failed: ");
	assert_string_equal(text, "");
}

static void of_two_failures_the_first_in_order_is_told(void **state)
{
	unsigned i;

	(void)state;
	assert_int_equal(block_open(&bd), 0);
	disk.bad[0] = 200;
	disk.bad[1] = 500;
	for (i = 0; i < 2; i++) {
		disk.backwards = i;
		assert_int_equal(watched_read(&bd, 0, 750, buf), ERR_IO);
		assert_string_equal(reason(),
				    "fake-disk /disk@1: read of block 200 "
				    "failed: bad block 200");
	}
}

static void a_lost_request_resets_the_device_before_we_go_on(void **state)
{
	uint64_t before, waited;

	(void)state;
	assert_int_equal(block_open(&bd), 0);
	disk.silent = true;
	before = deadline_ms();
	waited = deadline_waited();
	assert_int_equal(watched_read(&bd, 0, 1, buf), ERR_TIMEOUT);
	assert_in_range(deadline_ms() - before, BLOCK_TIMEOUT_MS,
			BLOCK_TIMEOUT_MS + 100);
	/* The benchmark subtracts it: none of it was work. */
	assert_true(deadline_waited() - waited >=
		    (uint64_t)BLOCK_TIMEOUT_MS * TIMEBASE_DEFAULT_HZ / 1000);
	assert_int_equal(disk.resets, 1);
	assert_string_equal(reason(), "fake-disk /disk@1: read of block 0 "
				      "failed: no answer in 15 s; device "
				      "reset");
	/* And it is started anew. */
	assert_int_equal(watched_read(&bd, 0, 1, buf), 0);
	assert_int_equal(disk.starts, 2);
}

/* Somebody has it open, and it was reset. */
static void reset_while_open(void)
{
	assert_int_equal(block_open(&bd), 0);
	bd.started = false;
}

static void a_device_that_comes_back_with_other_blocks_is_refused(void **state)
{
	uint32_t medium;

	(void)state;
	reset_while_open();
	medium = bd.medium;
	disk.block_size = 4096;
	assert_int_equal(block_read(&bd, 0, 1, buf), ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: its block size "
				      "changed from 512 to 4096");
	assert_int_equal(block_write(&bd, 50, 1, buf), ERR_IO);
	assert_int_equal(block_flush(&bd), ERR_IO);
	assert_int_equal(disk.submitted, 0);
	assert_int_equal(bd.block_size, 512);
	assert_int_equal(block_check_medium(&bd, medium), 0);
	/* It may come back as it was, or be opened as it is. */
	disk.block_size = 512;
	assert_int_equal(block_use(&bd), 0);
	bd.started = false;
	disk.block_size = 4096;
	assert_int_equal(block_open(&bd), 0);
	assert_int_equal(bd.block_size, 4096);
	assert_int_equal(block_check_medium(&bd, medium), ERR_IO);
	assert_string_equal(reason(),
			    "fake-disk /disk@1: its medium was changed");
}

static void a_device_that_comes_back_smaller_is_refused(void **state)
{
	uint32_t medium;

	(void)state;
	reset_while_open();
	medium = bd.medium;
	disk.blocks = BLOCKS + 5;
	assert_int_equal(block_use(&bd), 0);
	assert_int_equal(block_check_medium(&bd, medium), 0);
	assert_int_equal(bd.blocks, BLOCKS + 5);
	bd.started = false;
	disk.blocks = BLOCKS;
	assert_int_equal(block_read(&bd, 0, 1, buf), ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: its capacity changed "
				      "from 4101 to 4096 blocks");
	/* A disc never grows. */
	bd.removable = true;
	disk.blocks = BLOCKS + 6;
	assert_int_equal(block_read(&bd, 0, 1, buf), ERR_IO);
}

static void a_medium_that_is_gone_is_not_used_until_it_is_opened(void **state)
{
	uint32_t medium;

	(void)state;
	/* Nobody has had one yet. */
	disk.start_error = ERR_NOMEDIUM;
	assert_int_equal(block_use(&bd), ERR_NOMEDIUM);
	disk.start_error = 0;
	reset_while_open();
	medium = bd.medium;
	disk.start_error = ERR_NOMEDIUM;
	assert_int_equal(block_read(&bd, 0, 1, buf), ERR_NOMEDIUM);
	/* Another one, of the same size. */
	disk.start_error = 0;
	assert_int_equal(block_read(&bd, 0, 1, buf), ERR_IO);
	assert_string_equal(reason(),
			    "fake-disk /disk@1: its medium was changed");
	assert_int_equal(block_open(&bd), 0);
	assert_int_equal(block_read(&bd, 0, 1, buf), 0);
	assert_int_equal(block_check_medium(&bd, medium), ERR_IO);
}

static void a_start_that_fails_changes_nothing(void **state)
{
	(void)state;
	reset_while_open();
	disk.block_size = 513;
	disk.blocks = 7;
	assert_int_equal(block_open(&bd), ERR_FORMAT);
	assert_int_equal(bd.block_size, 512);
	assert_int_equal(bd.blocks, BLOCKS);
	assert_int_equal(bd.max_blocks, 100);
}

static void a_device_is_not_started_within_a_transfer(void **state)
{
	(void)state;
	assert_int_equal(block_open(&bd), 0);
	disk.fails_later = true;
	disk.block_size = 4096;
	/* Eight requests of 100 blocks, and one more. */
	assert_int_equal(block_read(&bd, 0, 801, buf), ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: read of block 800 "
				      "failed: the device was reset meanwhile");
	assert_int_equal(disk.starts, 1);
}

static void writes_reach_the_disk(void **state)
{
	(void)state;
	memset(buf, 0x42, 300 * 512);
	assert_int_equal(block_write(&bd, 40, 300, buf), 0);
	assert_memory_equal(disk.data + 40 * 512, buf, 300 * 512);
	assert_int_equal(disk.data[340 * 512], (uint8_t)(340 * 7 + 340 * 512));
}

static void protected_blocks_are_refused_with_one_printed_reason(void **state)
{
	(void)state;
	assert_int_equal(block_write(&bd, 33, 2, buf), ERR_PERM);
	assert_int_equal(disk.submitted, 0);
	assert_string_equal(text, "fake-disk /disk@1: write of block 33 "
				  "failed: blocks below 34 are protected\r\n");
	assert_int_equal(block_write(&bd, 34, 2, buf), 0);
}

static void read_only_devices_refuse_writes(void **state)
{
	(void)state;
	bd.read_only = true;
	assert_int_equal(block_write(&bd, 100, 1, buf), ERR_PERM);
	assert_non_null(strstr(text, "the device is read-only"));
	assert_int_equal(disk.submitted, 0);
}

static void a_write_protected_medium_is_printed_too(void **state)
{
	(void)state;
	assert_int_equal(block_open(&bd), 0);
	disk.answer = ERR_PERM;
	assert_int_equal(block_write(&bd, 100, 1, buf), ERR_PERM);
	assert_non_null(strstr(text, "write of block 100 failed"));
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
		assert_int_equal(watched_read_bytes(&bd, cases[i].offset,
						    buf + 3, cases[i].len),
				 0);
		assert_memory_equal(buf + 3, disk.data + cases[i].offset,
				    cases[i].len);
		assert_int_equal(buf[2], 0xee);
		assert_int_equal(buf[3 + cases[i].len], 0xee);
	}
}

static void whole_blocks_are_not_bounced(void **state)
{
	(void)state;
	assert_int_equal(watched_read_bytes(&bd, 512, buf, 512 * 50), 0);
	assert_int_equal(disk.submitted, 1);
	assert_int_equal(disk.largest, 50);
}

static void bytes_past_the_end_are_an_error(void **state)
{
	uint64_t end = sizeof(disk.data);

	(void)state;
	assert_int_equal(watched_read_bytes(&bd, end, buf, 1), ERR_RANGE);
	assert_int_equal(watched_read_bytes(&bd, end - 1, buf, 2), ERR_RANGE);
	assert_int_equal(watched_read_bytes(&bd, UINT64_MAX, buf, 2),
			 ERR_RANGE);
	assert_int_equal(watched_read_bytes(&bd, end - 1, buf, 1), 0);
}

static void a_flush_is_one_request(void **state)
{
	(void)state;
	assert_int_equal(block_flush(&bd), 0);
	assert_int_equal(disk.submitted, 1);
	disk.answer = ERR_IO;
	assert_int_equal(block_flush(&bd), ERR_IO);
}

static void after_quiesce_nothing_reaches_the_device(void **state)
{
	(void)state;
	assert_int_equal(block_open(&bd), 0);
	bd.quiesced = true;
	assert_int_equal(block_open(&bd), ERR_NODEV);
	assert_int_equal(watched_read(&bd, 0, 1, buf), ERR_NODEV);
	assert_int_equal(block_write(&bd, 100, 1, buf), ERR_NODEV);
	assert_int_equal(watched_read_bytes(&bd, 0, buf, 1), ERR_NODEV);
	assert_int_equal(block_flush(&bd), ERR_NODEV);
	assert_int_equal(disk.submitted, 0);
}

static void no_memory_at_start_is_an_error(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	assert_int_equal(block_open(&bd), ERR_NOMEM);
	fake_heap_fail_after(-1);
	assert_int_equal(block_open(&bd), 0);
}

static void reading_needs_no_memory(void **state)
{
	(void)state;
	assert_int_equal(block_open(&bd), 0);
	fake_heap_fail_after(0);
	assert_int_equal(watched_read_bytes(&bd, 3, buf, 4000), 0);
	assert_false(fake_heap_failed());
	fake_heap_fail_after(-1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_device_starts_once),
		TEST(a_failed_start_is_tried_again),
		TEST(odd_block_sizes_are_refused_with_a_reason),
		TEST(every_power_of_two_from_512_to_4096_works),
		TEST(a_read_of_the_largest_size_is_one_request),
		TEST(a_split_read_is_in_flight_together_with_one_kick),
		TEST(a_short_queue_only_makes_more_batches),
		TEST(a_full_window_makes_smaller_requests),
		TEST(a_window_with_room_for_nothing_is_an_error),
		TEST(reads_past_the_end_fail_silently),
		TEST(an_error_names_device_block_and_cause),
		TEST(of_two_failures_the_first_in_order_is_told),
		TEST(a_lost_request_resets_the_device_before_we_go_on),
		TEST(a_device_that_comes_back_with_other_blocks_is_refused),
		TEST(a_device_that_comes_back_smaller_is_refused),
		TEST(a_medium_that_is_gone_is_not_used_until_it_is_opened),
		TEST(a_start_that_fails_changes_nothing),
		TEST(a_device_is_not_started_within_a_transfer),
		TEST(writes_reach_the_disk),
		TEST(protected_blocks_are_refused_with_one_printed_reason),
		TEST(read_only_devices_refuse_writes),
		TEST(a_write_protected_medium_is_printed_too),
		TEST(bytes_are_read_at_any_offset_and_length),
		TEST(whole_blocks_are_not_bounced),
		TEST(bytes_past_the_end_are_an_error),
		TEST(a_flush_is_one_request),
		TEST(after_quiesce_nothing_reaches_the_device),
		TEST(no_memory_at_start_is_an_error),
		TEST(reading_needs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
