// SPDX-License-Identifier: BSD-2-Clause
// A window on a volume.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/window.h"
#include "tests/fake/block.h"
#include "tests/fake/heap.h"

/* The fake device takes 64 blocks in one request. */
#define BLOCK 4096u
#define DISK (64 * BLOCK)

static uint8_t pattern[DISK];
static struct fake_block disk;
static struct volume vol;
static struct window window;

static void prepare(void)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
	fake_block_init(&disk, pattern, sizeof(pattern), BLOCK);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	window = (struct window){ .vol = &vol };
}

static void finish(void)
{
	window_free(&window);
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void expect(uint64_t offset, size_t len)
{
	const uint8_t *data = NULL;

	assert_int_equal(window_get(&window, offset, len, &data), 0);
	assert_memory_equal(data, pattern + offset, len);
}

static void what_follows_is_read_in_the_same_request(void **state)
{
	(void)state;
	prepare();
	for (size_t offset = 5120; offset < 4096 + WINDOW_SIZE; offset += 256)
		expect(offset, 256);
	assert_int_equal(disk.reads, 1);
	assert_int_equal(disk.blocks_read, WINDOW_SIZE / BLOCK);
	expect(4096, 1);
	assert_int_equal(disk.reads, 1);
	expect(4095, 1);
	assert_int_equal(disk.reads, 2);
	finish();
}

static void a_whole_window_at_any_byte_is_one_request(void **state)
{
	(void)state;
	prepare();
	expect(4095, WINDOW_SIZE);
	assert_int_equal(disk.reads, 1);
	expect(4096 + 1, WINDOW_SIZE - 1);
	assert_int_equal(disk.reads, 1);
	finish();
}

static void the_window_ends_with_the_volume(void **state)
{
	const uint8_t *data;

	(void)state;
	prepare();
	expect(DISK - 1, 1);
	assert_int_equal(disk.blocks_read, 1);
	expect(DISK - 9000, 9000);
	assert_int_equal(window_get(&window, DISK - 1, 2, &data), ERR_RANGE);
	assert_int_equal(window_get(&window, DISK, 1, &data), ERR_RANGE);
	assert_int_equal(window_get(&window, UINT64_MAX, 2, &data), ERR_RANGE);
	assert_int_equal(disk.reads, 2);
	finish();
}

static void a_bad_block_that_nobody_wants_is_no_error(void **state)
{
	const uint8_t *data;

	(void)state;
	prepare();
	disk.bad_first = disk.bad_last = 3;
	expect(BLOCK, 2 * BLOCK);
	assert_int_equal(window_get(&window, 3 * BLOCK - 1, 2, &data), ERR_IO);
	assert_non_null(strstr(reason(), "bad block"));
	expect(BLOCK, 1);
	finish();
}

static void nothing_stays_after_an_error(void **state)
{
	const uint8_t *data;

	(void)state;
	prepare();
	expect(0, 1);
	disk.bad_first = 0;
	disk.bad_last = 63;
	assert_int_equal(window_get(&window, 100 * KiB, 1, &data), ERR_IO);
	assert_int_equal(window_get(&window, 0, 1, &data), ERR_IO);
	finish();
}

static void no_memory_is_told_and_a_freed_window_works_again(void **state)
{
	const uint8_t *data;

	(void)state;
	prepare();
	fake_heap_fail_after(0);
	assert_int_equal(window_get(&window, 0, 1, &data), ERR_NOMEM);
	fake_heap_fail_after(-1);
	expect(0, 1);
	window_free(&window);
	window_free(&window);
	expect(1, 1);
	assert_int_equal(disk.reads, 2);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_follows_is_read_in_the_same_request),
		cmocka_unit_test(a_whole_window_at_any_byte_is_one_request),
		cmocka_unit_test(the_window_ends_with_the_volume),
		cmocka_unit_test(a_bad_block_that_nobody_wants_is_no_error),
		cmocka_unit_test(nothing_stays_after_an_error),
		cmocka_unit_test(
			no_memory_is_told_and_a_freed_window_works_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
