// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/block.c: devices that start, fail, come back.
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

static void the_device_starts_once(void **state)
{
	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	assert_int_equal(block_open(&queue_disk.bd), 0);
	assert_int_equal(watched_read(&queue_disk.bd, 0, 1, buf), 0);
	assert_int_equal(queue_disk.starts, 1);
}

static void a_failed_start_is_tried_again(void **state)
{
	(void)state;
	queue_disk.start_error = ERR_NOMEDIUM;
	assert_int_equal(block_open(&queue_disk.bd), ERR_NOMEDIUM);
	queue_disk.start_error = 0;
	assert_int_equal(block_open(&queue_disk.bd), 0);
}

static void odd_block_sizes_are_refused_with_a_reason(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 256, 513, 1536, 8192 };
	unsigned i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		queue_disk.block_size = sizes[i];
		assert_int_equal(block_open(&queue_disk.bd), ERR_FORMAT);
	}
	queue_disk.block_size = 513;
	assert_int_equal(block_open(&queue_disk.bd), ERR_FORMAT);
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
		queue_disk.block_size = size;
		device_stop(queue_disk.dev);
		assert_int_equal(block_open(&queue_disk.bd), 0);
		assert_int_equal(watched_read(&queue_disk.bd, 3, 2, buf), 0);
		assert_memory_equal(buf, queue_disk.data + 3 * size, 2 * size);
	}
}

/* Somebody has it open, and it was reset. */
static void reset_while_open(void)
{
	assert_int_equal(block_open(&queue_disk.bd), 0);
	device_stop(queue_disk.dev);
}

static void a_device_that_comes_back_with_other_blocks_is_refused(void **state)
{
	uint32_t medium;

	(void)state;
	reset_while_open();
	medium = queue_disk.bd.medium;
	queue_disk.block_size = 4096;
	assert_int_equal(block_read(&queue_disk.bd, 0, 1, buf), ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: block size "
				      "changed from 512 to 4096");
	assert_int_equal(block_write(&queue_disk.bd, 50, 1, buf), ERR_IO);
	assert_int_equal(block_flush(&queue_disk.bd), ERR_IO);
	assert_int_equal(queue_disk.submitted, 0);
	assert_int_equal(queue_disk.bd.block_size, 512);
	assert_int_equal(block_check_medium(&queue_disk.bd, medium), 0);
	/* It may come back as it was, or be opened as it is. */
	queue_disk.block_size = 512;
	assert_int_equal(block_use(&queue_disk.bd), 0);
	device_stop(queue_disk.dev);
	queue_disk.block_size = 4096;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	assert_int_equal(queue_disk.bd.block_size, 4096);
	assert_int_equal(block_check_medium(&queue_disk.bd, medium), ERR_IO);
	assert_string_equal(
		reason(),
		"fake-disk /disk@1: the medium was changed or removed");
}

static void a_device_that_comes_back_smaller_is_refused(void **state)
{
	uint32_t medium;

	(void)state;
	reset_while_open();
	medium = queue_disk.bd.medium;
	queue_disk.blocks = QUEUE_DISK_BLOCKS + 5;
	assert_int_equal(block_use(&queue_disk.bd), 0);
	assert_int_equal(block_check_medium(&queue_disk.bd, medium), 0);
	assert_int_equal(queue_disk.bd.blocks, QUEUE_DISK_BLOCKS + 5);
	device_stop(queue_disk.dev);
	queue_disk.blocks = QUEUE_DISK_BLOCKS;
	assert_int_equal(block_read(&queue_disk.bd, 0, 1, buf), ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: capacity changed "
				      "from 4101 to 4096 blocks");
	/* A disc never grows. */
	queue_disk.bd.removable = true;
	queue_disk.blocks = QUEUE_DISK_BLOCKS + 6;
	assert_int_equal(block_read(&queue_disk.bd, 0, 1, buf), ERR_IO);
}

static void a_medium_that_is_gone_is_not_used_until_it_is_opened(void **state)
{
	uint32_t medium;

	(void)state;
	/* No instance has one yet. */
	queue_disk.start_error = ERR_NOMEDIUM;
	assert_int_equal(block_use(&queue_disk.bd), ERR_NOMEDIUM);
	queue_disk.start_error = 0;
	reset_while_open();
	medium = queue_disk.bd.medium;
	queue_disk.start_error = ERR_NOMEDIUM;
	assert_int_equal(block_read(&queue_disk.bd, 0, 1, buf), ERR_NOMEDIUM);
	/* Another one, of the same size. */
	queue_disk.start_error = 0;
	assert_int_equal(block_read(&queue_disk.bd, 0, 1, buf), ERR_IO);
	assert_string_equal(
		reason(),
		"fake-disk /disk@1: the medium was changed or removed");
	assert_int_equal(block_open(&queue_disk.bd), 0);
	assert_int_equal(block_read(&queue_disk.bd, 0, 1, buf), 0);
	assert_int_equal(block_check_medium(&queue_disk.bd, medium), ERR_IO);
}

static void a_start_that_fails_changes_nothing(void **state)
{
	(void)state;
	reset_while_open();
	queue_disk.block_size = 513;
	queue_disk.blocks = 7;
	assert_int_equal(block_open(&queue_disk.bd), ERR_FORMAT);
	assert_int_equal(queue_disk.bd.block_size, 512);
	assert_int_equal(queue_disk.bd.blocks, QUEUE_DISK_BLOCKS);
	assert_int_equal(queue_disk.bd.max_blocks, 100);
}

static void a_device_is_not_started_within_a_transfer(void **state)
{
	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.fails_later = true;
	queue_disk.block_size = 4096;
	/* Eight requests of 100 blocks, and one more. */
	assert_int_equal(block_read(&queue_disk.bd, 0, 801, buf), ERR_IO);
	assert_string_equal(reason(),
			    "fake-disk /disk@1: read of block 800 "
			    "failed: the device was reset in the meantime");
	assert_int_equal(queue_disk.starts, 1);
}

static void after_quiesce_nothing_reaches_the_device(void **state)
{
	(void)state;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	device_quiesce_all(NULL);
	assert_int_equal(block_open(&queue_disk.bd), ERR_NODEV);
	assert_int_equal(watched_read(&queue_disk.bd, 0, 1, buf), ERR_NODEV);
	assert_int_equal(block_write(&queue_disk.bd, 100, 1, buf), ERR_NODEV);
	assert_int_equal(watched_read_bytes(&queue_disk.bd, 0, buf, 1),
			 ERR_NODEV);
	assert_int_equal(block_flush(&queue_disk.bd), ERR_NODEV);
	assert_int_equal(queue_disk.submitted, 0);
}

static void no_memory_at_start_is_an_error(void **state)
{
	long n;

	(void)state;
	for (n = 0;; n++) {
		int err;

		fake_heap_fail_after(n);
		err = block_open(&queue_disk.bd);
		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
		assert_string_equal(reason(), "fake-disk /disk@1: no memory "
					      "for requests");
	}
	assert_int_equal(n, 2);
	fake_heap_fail_after(-1);
	assert_int_equal(block_open(&queue_disk.bd), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_device_starts_once),
		TEST(a_failed_start_is_tried_again),
		TEST(odd_block_sizes_are_refused_with_a_reason),
		TEST(every_power_of_two_from_512_to_4096_works),
		TEST(a_device_that_comes_back_with_other_blocks_is_refused),
		TEST(a_device_that_comes_back_smaller_is_refused),
		TEST(a_medium_that_is_gone_is_not_used_until_it_is_opened),
		TEST(a_start_that_fails_changes_nothing),
		TEST(a_device_is_not_started_within_a_transfer),
		TEST(after_quiesce_nothing_reaches_the_device),
		TEST(no_memory_at_start_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
