// SPDX-License-Identifier: BSD-2-Clause
// Tests of drivers/block_io.c: devices that need aligned buffers.
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/block.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/block_read.h"
#include "tests/fake/heap.h"
#include "tests/fake/queue_disk.h"
#include "tests/fake/watched.h"

/* The fake disk asserts that each buffer is aligned. */
#define ALIGN 512u
#define MAX_BLOCKS 20u

static _Alignas(4096) uint8_t memory[64 * KiB];

/* Around MAX_BLOCKS and its multiples. */
static const unsigned counts[] = { 1, 2, 3, 7, 18, 19, 20, 21, 22, 39, 40, 41 };

static int setup(void **state)
{
	(void)state;
	queue_disk_plug();
	queue_disk.max_blocks = MAX_BLOCKS;
	assert_int_equal(block_open(&queue_disk.bd), 0);
	queue_disk.bd.align = ALIGN;
	watch_memory((uintptr_t)memory, sizeof(memory));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	block_close(&queue_disk.bd);
	queue_disk_unplug();
	return 0;
}

static void assert_only_written(const uint8_t *buf, size_t len)
{
	const uint8_t *p;

	for (p = memory; p < buf; p++)
		assert_int_equal(*p, 0xee);
	for (p = buf + len; p < memory + sizeof(memory); p++)
		assert_int_equal(*p, 0xee);
}

static void check_read(uint64_t lba, unsigned count, unsigned skew)
{
	uint8_t *buf = memory + 4096 + skew;

	memset(memory, 0xee, sizeof(memory));
	assert_int_equal(watched_use(&queue_disk.bd, lba, count, buf), 0);
	assert_memory_equal(buf, queue_disk.data + lba * 512, count * 512);
	assert_only_written(buf, count * 512);
}

static void a_read_to_any_address_is_right(void **state)
{
	unsigned skew, i;

	(void)state;
	for (skew = 0; skew < ALIGN; skew++) {
		for (i = 0; i < ARRAY_SIZE(counts); i++)
			check_read(skew, counts[i], skew);
	}
}

static void every_alignment_of_a_device_works(void **state)
{
	unsigned skew, i;

	(void)state;
	for (queue_disk.bd.align = 0; queue_disk.bd.align <= ALIGN;
	     queue_disk.bd.align = MAX(1u, 2 * queue_disk.bd.align)) {
		for (skew = 0; skew < 17; skew++) {
			for (i = 0; i < ARRAY_SIZE(counts); i++)
				check_read(5, counts[i], skew);
		}
	}
}

static void a_read_at_the_end_of_the_device_is_right(void **state)
{
	unsigned skew, i;

	(void)state;
	for (skew = 1; skew < ALIGN; skew += 5) {
		for (i = 0; i < ARRAY_SIZE(counts); i++)
			check_read(QUEUE_DISK_BLOCKS - counts[i], counts[i],
				   skew);
	}
}

static void a_read_past_the_end_touches_nothing(void **state)
{
	(void)state;
	memset(memory, 0xee, sizeof(memory));
	assert_int_equal(watched_use(&queue_disk.bd, QUEUE_DISK_BLOCKS - 1, 2,
				     memory + 1),
			 ERR_RANGE);
	assert_int_equal(queue_disk.submitted, 0);
	assert_only_written(memory, 0);
}

static void check_bytes(uint64_t offset, size_t len, unsigned skew)
{
	uint8_t *buf = memory + 64 + skew;

	memset(memory, 0xee, sizeof(memory));
	assert_int_equal(watched_read_bytes(&queue_disk.bd, offset, buf, len),
			 0);
	assert_memory_equal(buf, queue_disk.data + offset, len);
	assert_only_written(buf, len);
}

static void bytes_at_any_offset_reach_any_address(void **state)
{
	static const unsigned offsets[] = { 0, 1, 511, 512, 700 };
	static const unsigned lens[] = { 1, 511, 512, 513, 1024, 12345 };
	unsigned skew, i, j;

	(void)state;
	for (skew = 0; skew < 9; skew++) {
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			for (j = 0; j < ARRAY_SIZE(lens); j++)
				check_bytes(offsets[i], lens[j], skew);
		}
	}
}

static void a_misaligned_read_costs_one_request_more(void **state)
{
	(void)state;
	check_read(0, MAX_BLOCKS, 0);
	assert_int_equal(queue_disk.submitted, 1);
	check_read(0, MAX_BLOCKS, 1);
	assert_int_equal(queue_disk.submitted, 1 + 2);
	check_read(0, 1, 1);
	assert_int_equal(queue_disk.submitted, 1 + 2 + 1);
}

static void a_misaligned_read_needs_no_memory(void **state)
{
	(void)state;
	fake_heap_fail_after(0);
	check_read(0, 100, 3);
	assert_false(fake_heap_failed());
	fake_heap_fail_after(-1);
}

static void a_failure_names_its_block(void **state)
{
	(void)state;
	queue_disk.bad[0] = 108;
	assert_int_equal(watched_use(&queue_disk.bd, 100, 9, memory + 2),
			 ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: read of block 108 "
				      "failed: bad block 108");
	queue_disk.bad[0] = 120;
	assert_int_equal(watched_use(&queue_disk.bd, 100, 30, memory + 2),
			 ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: read of block 120 "
				      "failed: bad block 120");
}

static void a_write_from_any_address_is_right(void **state)
{
	unsigned skew, i;

	(void)state;
	for (skew = 0; skew < ALIGN; skew += 3) {
		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			size_t len = counts[i] * 512u;
			uint8_t *at = queue_disk.data + 100 * 512;

			memset(at, 0x11, len + 512);
			memset(memory + skew, (int)(skew + i), len);
			assert_int_equal(block_write(&queue_disk.bd, 100,
						     counts[i], memory + skew),
					 0);
			assert_memory_equal(at, memory + skew, len);
			assert_int_equal(at[len], 0x11);
			assert_int_equal(queue_disk.data[100 * 512 - 1],
					 (uint8_t)(99 * 7 + 100 * 512 - 1));
		}
	}
}

static void a_failed_write_ends_at_its_block(void **state)
{
	(void)state;
	queue_disk.bad[0] = 102;
	assert_int_equal(block_write(&queue_disk.bd, 100, 9, memory + 1),
			 ERR_IO);
	assert_string_equal(reason(), "fake-disk /disk@1: write of block 102 "
				      "failed: bad block 102");
	assert_int_equal(queue_disk.submitted, 3);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_read_to_any_address_is_right),
		TEST(every_alignment_of_a_device_works),
		TEST(a_read_at_the_end_of_the_device_is_right),
		TEST(a_read_past_the_end_touches_nothing),
		TEST(bytes_at_any_offset_reach_any_address),
		TEST(a_misaligned_read_costs_one_request_more),
		TEST(a_misaligned_read_needs_no_memory),
		TEST(a_failure_names_its_block),
		TEST(a_write_from_any_address_is_right),
		TEST(a_failed_write_ends_at_its_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
