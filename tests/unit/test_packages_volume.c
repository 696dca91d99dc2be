// SPDX-License-Identifier: BSD-2-Clause
// Stretches of a block device.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/volume.h"
#include "tests/fake/block.h"

static uint8_t pattern[16 * 512];

static void prepare(struct fake_block *fake, uint32_t block_size)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i ^ i >> 8);
	fake_block_init(fake, pattern, sizeof(pattern), block_size);
}

static void the_whole_disk_has_all_bytes(void **state)
{
	struct fake_block fake;
	struct volume vol;
	uint8_t buf[600];

	(void)state;
	prepare(&fake, 512);
	assert_int_equal(volume_whole(&fake.bd, &vol), 0);
	assert_int_equal(vol.start, 0);
	assert_int_equal(vol.size, sizeof(pattern));
	assert_int_equal(volume_read(&vol, 1000, buf, sizeof(buf)), 0);
	assert_memory_equal(buf, pattern + 1000, sizeof(buf));
	fake_block_free(&fake);
}

static void a_slice_is_counted_in_device_blocks(void **state)
{
	struct fake_block fake;
	struct volume vol;
	uint8_t buf[3];

	(void)state;
	prepare(&fake, 1024);
	assert_int_equal(volume_slice(&fake.bd, 2, 3, &vol), 0);
	assert_int_equal(vol.start, 2048);
	assert_int_equal(vol.size, 3072);
	assert_int_equal(volume_read(&vol, 5, buf, 3), 0);
	assert_memory_equal(buf, pattern + 2053, 3);
	fake_block_free(&fake);
}

static void a_slice_is_cut_at_the_end_of_the_disk(void **state)
{
	struct fake_block fake;
	struct volume vol;

	(void)state;
	prepare(&fake, 512);
	assert_int_equal(volume_slice(&fake.bd, 15, UINT64_MAX, &vol), 0);
	assert_int_equal(vol.size, 512);
	assert_int_equal(volume_slice(&fake.bd, 16, 1, &vol), ERR_RANGE);
	assert_int_equal(volume_slice(&fake.bd, UINT64_MAX, 1, &vol),
			 ERR_RANGE);
	fake_block_free(&fake);
}

static void reads_past_the_end_touch_no_device(void **state)
{
	struct fake_block fake;
	struct volume vol;
	uint8_t buf[2];

	(void)state;
	prepare(&fake, 512);
	assert_int_equal(volume_slice(&fake.bd, 1, 1, &vol), 0);
	assert_int_equal(volume_read(&vol, 511, buf, 2), ERR_RANGE);
	assert_int_equal(volume_read(&vol, 513, buf, 0), ERR_RANGE);
	assert_int_equal(volume_read(&vol, UINT64_MAX, buf, 2), ERR_RANGE);
	assert_int_equal(fake.reads, 0);
	assert_int_equal(volume_read(&vol, 512, buf, 0), 0);
	fake_block_free(&fake);
}

static void a_capacity_beyond_all_bytes_does_not_wrap(void **state)
{
	struct fake_block fake;
	struct volume vol;

	(void)state;
	prepare(&fake, 4096);
	fake.blocks = UINT64_MAX;
	assert_int_equal(volume_whole(&fake.bd, &vol), 0);
	assert_true(vol.size <= INT64_MAX);
	assert_int_equal(vol.size % 4096, 0);
	fake_block_free(&fake);
}

static void a_device_that_does_not_start_has_no_volume(void **state)
{
	struct fake_block fake;
	struct volume vol;

	(void)state;
	prepare(&fake, 512);
	fake.start_error = ERR_NOMEDIUM;
	assert_int_equal(volume_whole(&fake.bd, &vol), ERR_NOMEDIUM);
	assert_int_equal(volume_slice(&fake.bd, 0, 1, &vol), ERR_NOMEDIUM);
	fake_block_free(&fake);
}

/* Somebody else opens the device, which has other blocks now. */
static void reopen_with_blocks_of(struct fake_block *fake, uint32_t size)
{
	fake->block_size = size;
	device_stop(fake->dev);
	assert_int_equal(block_open(&fake->bd), 0);
}

static void a_volume_of_other_blocks_is_not_used(void **state)
{
	struct fake_block fake;
	struct volume vol;
	uint8_t buf[512];

	(void)state;
	prepare(&fake, 512);
	assert_int_equal(volume_slice(&fake.bd, 2, 3, &vol), 0);
	reopen_with_blocks_of(&fake, 4096);
	assert_int_equal(volume_read(&vol, 0, buf, 512), ERR_IO);
	assert_non_null(strstr(reason(), "medium was changed"));
	assert_int_equal(volume_write(&vol, 0, buf, 512), ERR_IO);
	assert_int_equal(fake.reads + fake.writes, 0);
	fake_block_free(&fake);
}

static void whole_blocks_within_a_volume_are_written(void **state)
{
	struct fake_block fake;
	struct volume vol;
	uint8_t buf[1024];

	(void)state;
	fake_block_init(&fake, NULL, 100 * 512, 512);
	memset(buf, 0x5a, sizeof(buf));
	assert_int_equal(volume_slice(&fake.bd, 40, 3, &vol), 0);
	assert_int_equal(volume_write(&vol, 512, buf, 1024), 0);
	assert_memory_equal(fake.data + 41 * 512, buf, 1024);
	assert_int_equal(volume_write(&vol, 1, buf, 512), ERR_INVAL);
	assert_int_equal(volume_write(&vol, 0, buf, 511), ERR_INVAL);
	assert_non_null(strstr(reason(), "whole blocks of 512 bytes"));
	assert_int_equal(volume_write(&vol, 1024, buf, 1024), ERR_RANGE);
	assert_int_equal(volume_write(&vol, UINT64_MAX - 511, buf, 512),
			 ERR_RANGE);
	assert_int_equal(fake.writes, 1);
	fake_block_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_disk_has_all_bytes),
		cmocka_unit_test(a_slice_is_counted_in_device_blocks),
		cmocka_unit_test(a_slice_is_cut_at_the_end_of_the_disk),
		cmocka_unit_test(reads_past_the_end_touch_no_device),
		cmocka_unit_test(a_capacity_beyond_all_bytes_does_not_wrap),
		cmocka_unit_test(a_device_that_does_not_start_has_no_volume),
		cmocka_unit_test(a_volume_of_other_blocks_is_not_used),
		cmocka_unit_test(whole_blocks_within_a_volume_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
