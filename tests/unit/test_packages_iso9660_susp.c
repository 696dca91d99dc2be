// SPDX-License-Identifier: BSD-2-Clause
// Rock Ridge entries in hostile system use areas.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/iso9660_susp.h"
#include "tests/fake/block.h"

static struct fake_block disk;
static struct volume vol;
static uint8_t scratch[2048];
static struct iso9660_susp susp;
static struct iso9660_rock rock;
static char target[64];
static const char *const name = rock.name;

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
	rc = iso9660_susp_read(&susp, copy, len, &rock);
	free(copy);
	return rc < 0 ? rc : (int)strlen(name);
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

/* A large directory, each record of it with areas all over the volume. */
static void a_file_system_has_only_so_many_areas_read(void **state)
{
	uint8_t area[28];
	unsigned i;

	(void)state;
	prepare();
	put_ce(area, 1, 0, 28);
	put_ce(disk.data + 2048, 2, 0, 28);
	put_ce(disk.data + 4096, 1, 0, 28);
	/* Eight reads each. */
	for (i = 0; i < 4096; i++) {
		assert_int_equal(get_name(area, 28), 0);
		susp.held = 0;
	}
	assert_int_equal(get_name(area, 28), ERR_FORMAT);
	assert_string_equal(reason(), "malformed directory");
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

/* The target of a link, in `target`. */
static int get_link(const void *area, size_t len, size_t size)
{
	uint8_t *copy = malloc(len ? len : 1);
	char *text = malloc(size);
	int rc;

	memcpy(copy, area, len);
	rc = iso9660_susp_link(&susp, copy, len, text, size);
	if (rc == 0)
		strcpy(target, text);
	free(text);
	free(copy);
	return rc;
}

static void the_target_of_a_link_is_made_of_components(void **state)
{
	(void)state;
	prepare();
	assert_int_equal(get_name("SL\5\1\0", 5), 0);
	assert_true(rock.is_link);
	assert_int_equal(get_link("SL\17\1\0\10\0\0\1a\0\3bcd", 15, 64), 0);
	assert_string_equal(target, "/a/bcd");
	assert_int_equal(get_link("SL\16\1\0\4\0\2\0\4\0\0\1a", 14, 64), 0);
	assert_string_equal(target, ".././../a");
	assert_int_equal(get_link("SL\7\1\0\10\0", 7, 64), 0);
	assert_string_equal(target, "/");
	assert_int_equal(get_link("SL\5\1\0", 5, 64), 0);
	assert_string_equal(target, "");
	assert_int_equal(get_link("NM\6\1\0x", 6, 64), 0);
	assert_string_equal(target, "");
	fake_block_free(&disk);
}

/* RRIP 4.1.3.1: a component may go on in the next one, of the next entry. */
static void components_and_entries_of_a_link_may_be_continued(void **state)
{
	uint8_t area[64] = "SL\11\1\1\1\2ab"
			   "SL\14\1\1\0\2cd\1\1e";

	(void)state;
	prepare();
	put_ce(area + 21, 3, 100, 36);
	memcpy(disk.data + 3 * 2048 + 100, "SL\10\1\1\1\1f", 8);
	put_ce(disk.data + 3 * 2048 + 108, 4, 2035, 13);
	memcpy(disk.data + 4 * 2048 + 2035, "SL\15\1\0\0\1g\0\3hij", 13);
	assert_int_equal(get_link(area, 49, 64), 0);
	assert_string_equal(target, "abcd/efg/hij");
	/* The last entry is not there. */
	assert_int_equal(get_link(area, 21, 64), ERR_NOTSUP);
	assert_string_equal(reason(), "malformed symbolic link");
	put_ce(disk.data + 3 * 2048 + 108, 4, 2035, 14);
	assert_int_equal(get_link(area, 49, 64), ERR_NOTSUP);
	disk.bad_first = disk.bad_last = 3;
	susp.held = 0;
	assert_int_equal(get_link(area, 49, 64), ERR_IO);
	fake_block_free(&disk);
}

static void components_of_a_link_that_make_no_sense_are_refused(void **state)
{
	static const uint8_t flags[] = { 0x10, 0x20, 0x40, 0x80, 0x06, 0x0c };

	(void)state;
	prepare();
	for (size_t i = 0; i < sizeof(flags); i++) {
		uint8_t area[] = "SL\11\1\0\0\2ab";

		area[5] = flags[i];
		assert_int_equal(get_link(area, 9, 64), ERR_NOTSUP);
	}
	/* It is longer than its entry. */
	assert_int_equal(get_link("SL\11\1\0\0\3abc", 10, 64), ERR_NOTSUP);
	fake_block_free(&disk);
}

static void the_target_of_a_link_must_fit(void **state)
{
	static const char area[] = "SL\15\1\0\0\2ab\0\2cd";

	(void)state;
	prepare();
	assert_int_equal(get_link(area, 13, 6), 0);
	assert_string_equal(target, "ab/cd");
	for (size_t size = 1; size < 6; size++)
		assert_int_equal(get_link(area, 13, size), ERR_NOSPACE);
	fake_block_free(&disk);
}

static void a_directory_may_be_in_another_place(void **state)
{
	(void)state;
	prepare();
	assert_int_equal(get_name("RE\4\1NM\6\1\0x", 10), 1);
	assert_true(rock.hidden && !rock.moved);
	assert_int_equal(get_name("CL\14\1\2\1\0\0\0\0\1\2", 12), 0);
	assert_true(rock.moved && !rock.hidden);
	assert_int_equal(rock.child, 0x102);
	assert_int_equal(get_name("CL\13\1\2\1\0\0\0\0\1", 11), 0);
	assert_false(rock.moved || rock.is_link);
	fake_block_free(&disk);
}

/* Many records have their entries in one block. */
static void a_block_of_continuations_is_read_once(void **state)
{
	uint8_t area[28];

	(void)state;
	prepare();
	put_ce(area, 3, 100, 6);
	memcpy(disk.data + 3 * 2048 + 100, "NM\6\1\0x", 6);
	for (int i = 0; i < 3; i++)
		assert_int_equal(get_name(area, 28), 1);
	assert_int_equal(disk.reads, 1);
	put_ce(area, 4, 100, 6);
	assert_int_equal(get_name(area, 28), 0);
	assert_int_equal(disk.reads, 2);
	fake_block_free(&disk);
}

static void every_bit_of_a_link_may_be_wrong(void **state)
{
	uint8_t area[46] = "SL\11\1\1\1\2abSL\11\1\1\0\2cd";
	unsigned found = 0;

	(void)state;
	prepare();
	put_ce(area + 18, 3, 100, 10);
	memcpy(disk.data + 3 * 2048 + 100, "SL\12\1\0\4\0\0\1x", 10);
	for (size_t i = 0; i < sizeof(area) * 8; i++) {
		area[i / 8] ^= (uint8_t)(1 << i % 8);
		found += get_link(area, sizeof(area), 16) == 0;
		area[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len <= sizeof(area); len++)
		found += get_link(area, len, 16) == 0;
	assert_true(found > 100);
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
		cmocka_unit_test(a_file_system_has_only_so_many_areas_read),
		cmocka_unit_test(
			continuations_that_loop_or_leave_the_block_end),
		cmocka_unit_test(an_unreadable_continuation_is_an_error),
		cmocka_unit_test(a_name_stops_at_255_bytes_and_at_a_nul),
		cmocka_unit_test(the_target_of_a_link_is_made_of_components),
		cmocka_unit_test(
			components_and_entries_of_a_link_may_be_continued),
		cmocka_unit_test(
			components_of_a_link_that_make_no_sense_are_refused),
		cmocka_unit_test(the_target_of_a_link_must_fit),
		cmocka_unit_test(a_directory_may_be_in_another_place),
		cmocka_unit_test(a_block_of_continuations_is_read_once),
		cmocka_unit_test(every_bit_of_a_link_may_be_wrong),
		cmocka_unit_test(every_bit_of_an_area_may_be_wrong),
		cmocka_unit_test(rock_ridge_is_announced_by_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
