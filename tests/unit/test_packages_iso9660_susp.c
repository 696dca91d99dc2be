// SPDX-License-Identifier: BSD-2-Clause
// Rock Ridge names in hostile system use areas.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "packages/iso9660_susp.h"
#include "tests/fake/block.h"

static struct fake_block disk;
static struct volume vol;
static uint8_t scratch[2048];
static struct iso9660_susp susp;
static char name[ISO9660_NAME_MAX + 1];

static void prepare(void)
{
	fake_block_init(&disk, NULL, 16384, 2048);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	susp = (struct iso9660_susp){ .vol = &vol,
				      .block_size = 2048,
				      .scratch = scratch };
}

/* A copy of the exact length, so that ASan sees each byte too many. */
static int get_name(const void *area, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	int rc;

	memcpy(copy, area, len);
	rc = iso9660_susp_name(&susp, copy, len, name);
	free(copy);
	return rc;
}

static void put_ce(uint8_t *p, uint32_t block, uint32_t offset, uint32_t len)
{
	memcpy(p, "CE\34\1", 4);
	le32_store(p + 4, block);
	le32_store(p + 12, offset);
	le32_store(p + 20, len);
}

static void a_name_is_found_among_other_entries(void **state)
{
	(void)state;
	prepare();
	assert_int_equal(get_name("PX\6\1ab"
				  "NM\12\1\0hello"
				  "TF\5\1c",
				  21),
			 5);
	assert_string_equal(name, "hello");
	fake_block_free(&disk);
}

static void an_area_without_a_name_gives_none(void **state)
{
	(void)state;
	prepare();
	assert_int_equal(get_name("", 0), 0);
	assert_int_equal(get_name("PX\6\1ab", 6), 0);
	assert_int_equal(get_name("NM\5\1\2", 5), 0);
	assert_int_equal(get_name("NM\5\1\4", 5), 0);
	assert_int_equal(get_name("NM\4\1", 4), 0);
	assert_int_equal(get_name("ST\4\1NM\6\1\0x", 10), 0);
	fake_block_free(&disk);
}

static void bytes_before_the_entries_are_skipped(void **state)
{
	(void)state;
	prepare();
	susp.skip = 3;
	assert_int_equal(get_name("zzzNM\6\1\0x", 9), 1);
	assert_string_equal(name, "x");
	assert_int_equal(get_name("zz", 2), 0);
	fake_block_free(&disk);
}

static void a_name_goes_on_in_continuation_areas(void **state)
{
	uint8_t area[64] = "NM\7\1\1ab";

	(void)state;
	prepare();
	put_ce(area + 7, 3, 100, 35);
	memcpy(disk.data + 3 * 2048 + 100, "NM\7\1\1cd", 7);
	put_ce(disk.data + 3 * 2048 + 107, 4, 2041, 7);
	memcpy(disk.data + 4 * 2048 + 2041, "NM\7\1\0ef", 7);
	assert_int_equal(get_name(area, 35), 6);
	assert_string_equal(name, "abcdef");
	fake_block_free(&disk);
}

static void continuations_that_loop_or_leave_the_block_end(void **state)
{
	uint8_t area[64] = { 0 };

	(void)state;
	prepare();
	put_ce(area, 3, 0, 35);
	put_ce(disk.data + 3 * 2048, 3, 0, 35);
	memcpy(disk.data + 3 * 2048 + 28, "NM\7\1\1ab", 7);
	assert_true(get_name(area, 28) > 0);
	assert_true(disk.reads < 20);
	put_ce(area, 3, 2040, 9);
	assert_int_equal(get_name(area, 28), 0);
	put_ce(area, 3, 0xffffffff, 2);
	assert_int_equal(get_name(area, 28), 0);
	put_ce(area, 0xffffffff, 0, 20);
	assert_int_equal(get_name(area, 28), 0);
	fake_block_free(&disk);
}

static void an_unreadable_continuation_is_an_error(void **state)
{
	uint8_t area[64] = { 0 };

	(void)state;
	prepare();
	put_ce(area, 3, 0, 35);
	disk.bad_first = disk.bad_last = 3;
	assert_int_equal(get_name(area, 28), ERR_IO);
	fake_block_free(&disk);
}

static void a_name_stops_at_255_bytes_and_at_a_nul(void **state)
{
	uint8_t area[600];
	size_t len = 0;

	(void)state;
	prepare();
	for (int i = 0; i < 4; i++) {
		memset(area + len, 'x', 105);
		memcpy(area + len, "NM\151\1\1", 5);
		len += 105;
	}
	assert_int_equal(get_name(area, len), 255);
	assert_int_equal(strlen(name), 255);
	assert_int_equal(get_name("NM\10\1\0a\0b", 8), 1);
	assert_string_equal(name, "a");
	fake_block_free(&disk);
}

static void every_bit_of_an_area_may_be_wrong(void **state)
{
	uint8_t area[35] = "NM\7\1\1ab";
	unsigned found = 0;

	(void)state;
	prepare();
	put_ce(area + 7, 3, 100, 35);
	memcpy(disk.data + 3 * 2048 + 100, "NM\7\1\0cd", 7);
	for (size_t i = 0; i < sizeof(area) * 8; i++) {
		area[i / 8] ^= (uint8_t)(1 << i % 8);
		found += get_name(area, sizeof(area)) > 0;
		area[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len <= sizeof(area); len++)
		found += get_name(area, len) > 0;
	assert_true(found > 100);
	fake_block_free(&disk);
}

static void rock_ridge_is_announced_by_the_root(void **state)
{
	static const uint8_t plain[] = "SP\7\1\xbe\xef\5";
	static const uint8_t xa[] = "0123456789abcdeSP\7\1\xbe\xef\0";
	uint8_t skip = 99;

	(void)state;
	assert_true(iso9660_susp_detect(plain, 7, &skip));
	assert_int_equal(skip, 5);
	assert_true(iso9660_susp_detect(xa, 22, &skip));
	assert_int_equal(skip, 0);
	assert_false(iso9660_susp_detect(plain, 6, &skip));
	assert_false(iso9660_susp_detect(xa, 21, &skip));
	assert_false(iso9660_susp_detect((const uint8_t *)"SP\7\1\xbe\xee\0", 7,
					 &skip));
	assert_false(iso9660_susp_detect((const uint8_t *)"SP\6\1\xbe\xef\0", 7,
					 &skip));
	assert_false(iso9660_susp_detect((const uint8_t *)"", 0, &skip));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_among_other_entries),
		cmocka_unit_test(an_area_without_a_name_gives_none),
		cmocka_unit_test(bytes_before_the_entries_are_skipped),
		cmocka_unit_test(a_name_goes_on_in_continuation_areas),
		cmocka_unit_test(
			continuations_that_loop_or_leave_the_block_end),
		cmocka_unit_test(an_unreadable_continuation_is_an_error),
		cmocka_unit_test(a_name_stops_at_255_bytes_and_at_a_nul),
		cmocka_unit_test(every_bit_of_an_area_may_be_wrong),
		cmocka_unit_test(rock_ridge_is_announced_by_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
