// SPDX-License-Identifier: BSD-2-Clause
// Boot sectors of FAT, and of what is not FAT.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/fat_boot.h"

static struct fat_boot boot;
static struct fat_layout layout;

/* What mkfs.fat writes for 16 MiB with FAT16, but for its code. */
static void prepare(void)
{
	boot = (struct fat_boot){
		.jump = { 0xeb, 0x3c, 0x90 },
		.sector_size = le16_make(512),
		.cluster_sectors = 4,
		.reserved = le16_make(4),
		.copies = 2,
		.root_records = le16_make(512),
		.sectors16 = le16_make(32768),
		.media = 0xf8,
		.table_sectors16 = le16_make(32),
		.u.tail.signature = 0x29,
		.magic = le16_make(0xaa55),
	};
	memcpy(boot.u.tail.label, "NO NAME    ", 11);
	memcpy(boot.u.tail.type, "FAT16   ", 8);
}

/* The same for 256 MiB with FAT32. */
static void prepare_32(void)
{
	prepare();
	boot.reserved = le16_make(32);
	boot.root_records = boot.sectors16 = boot.table_sectors16 =
		le16_make(0);
	boot.sectors32 = le32_make(524288);
	boot.u.fat32.table_sectors = le32_make(1020);
	boot.u.fat32.mirror = boot.u.fat32.version = le16_make(0);
	boot.u.fat32.root = le32_make(2);
	boot.u.fat32.tail.signature = 0x29;
	memcpy(boot.u.fat32.tail.label, "BOOT       ", 11);
}

static void expect_error(const char *text)
{
	assert_int_equal(fat_boot_read(&boot, &layout), ERR_NOTSUP);
	assert_string_equal(reason(), text);
}

static void expect_none(void)
{
	assert_int_equal(fat_boot_read(&boot, &layout), ERR_FORMAT);
	assert_string_equal(reason(), "no boot sector of FAT");
	prepare();
}

static void the_parts_of_fat16_follow_one_another(void **state)
{
	(void)state;
	prepare();
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.bits, 16);
	assert_int_equal(layout.cluster_size, 2048);
	assert_int_equal(layout.table, 4 * 512);
	assert_int_equal(layout.table_size, 32 * 512);
	assert_int_equal(layout.root_start, 68 * 512);
	assert_int_equal(layout.root_size, 512 * 32);
	assert_int_equal(layout.data, 100 * 512);
	/* The last three sectors of 32668 would be a cluster, and have none. */
	assert_int_equal(layout.last, 8167 + 1);
	assert_int_equal(layout.root, 0);
	assert_memory_equal(layout.label, "           ", 11);
}

static void the_root_of_fat32_is_a_cluster(void **state)
{
	(void)state;
	prepare_32();
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.bits, 32);
	assert_int_equal(layout.table, 32 * 512);
	assert_int_equal(layout.data, (32 + 2 * 1020) * 512);
	assert_int_equal(layout.root, 2);
	assert_int_equal(layout.last, (524288 - 32 - 2 * 1020) / 4 + 1);
	assert_memory_equal(layout.label, "BOOT       ", 11);
}

static unsigned bits_of(uint32_t clusters)
{
	prepare();
	boot.cluster_sectors = 1;
	boot.table_sectors16 = le16_make(256);
	boot.sectors16 = le16_make(0);
	boot.sectors32 = le32_make(4 + 512 + 32 + clusters);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	return layout.bits;
}

static void the_number_of_clusters_says_12_or_16(void **state)
{
	(void)state;
	assert_int_equal(bits_of(1), 12);
	assert_int_equal(layout.last, 2);
	assert_int_equal(bits_of(4084), 12);
	assert_int_equal(layout.last, 4085);
	assert_int_equal(bits_of(4085), 16);
	assert_int_equal(layout.last, 4086);
	/* A table of 16 bits is none of 32; fff7 is a mark. */
	assert_int_equal(bits_of(65525), 16);
	assert_int_equal(layout.last, 0xfff6);
	assert_int_equal(bits_of(1000000), 16);
	assert_int_equal(layout.last, 0xfff6);
}

static void fat32_may_have_few_clusters(void **state)
{
	(void)state;
	prepare_32();
	boot.sectors32 = le32_make(32 + 2 * 1020 + 4);
	memcpy(boot.u.fat32.tail.type, "FAT12   ", 8);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.bits, 32);
	assert_int_equal(layout.last, 2);
	boot.sectors32 = le32_make(32 + 2 * 1020 + 3);
	expect_error("FAT: no clusters in 2075 sectors");
}

static void clusters_without_a_link_do_not_count(void **state)
{
	(void)state;
	prepare_32();
	boot.u.fat32.table_sectors = le32_make(1);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.last, 512 / 4 - 1);
	prepare();
	boot.table_sectors16 = le16_make(1);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.last, 512 / 2 - 1);
	boot.sectors16 = le16_make(4000);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.bits, 12);
	assert_int_equal(layout.last, 512 * 2 / 3 - 1);
}

static void sizes_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	prepare();
	boot.sectors16 = le16_make(100);
	expect_error("FAT: no clusters in 100 sectors");
	prepare();
	boot.sectors16 = le16_make(0);
	expect_error("FAT: no clusters in 0 sectors");
	prepare();
	boot.table_sectors16 = le16_make(0xffff);
	expect_error("FAT: no clusters in 32768 sectors");
	prepare_32();
	boot.u.fat32.table_sectors = le32_make(0xffffffff);
	boot.sectors32 = le32_make(0xffffffff);
	expect_error("FAT: no clusters in 4294967295 sectors");
	prepare_32();
	boot.u.fat32.table_sectors = le32_make(0);
	expect_error("FAT: no clusters in 524288 sectors");
	/* Twice this is 2^32 + 2 sectors, which must not become 2. */
	prepare_32();
	boot.u.fat32.table_sectors = le32_make(0x80000001);
	expect_error("FAT: no clusters in 524288 sectors");
}

static void the_largest_numbers_do_not_overflow(void **state)
{
	(void)state;
	prepare_32();
	boot.sector_size = le16_make(4096);
	boot.cluster_sectors = 16;
	boot.u.fat32.table_sectors = le32_make(0x7ffffff0);
	boot.reserved = le16_make(1);
	boot.sectors32 = le32_make(0xffffffff);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.data, 0xffffffe1ull * 4096);
	assert_int_equal(layout.cluster_size, 65536);
	boot.cluster_sectors = 1;
	boot.copies = 1;
	boot.u.fat32.table_sectors = le32_make(0x80000);
	boot.sectors32 = le32_make(0x20000000);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	/* Its table has links for more than 28 bits can number. */
	assert_int_equal(layout.last, 0x0ffffff6);
}

static void only_one_table_of_fat32_may_be_maintained(void **state)
{
	(void)state;
	prepare_32();
	boot.u.fat32.mirror = le16_make(0x0f);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.table, 32 * 512);
	boot.u.fat32.mirror = le16_make(0x81);
	assert_int_equal(fat_boot_read(&boot, &layout), 0);
	assert_int_equal(layout.table, (32 + 1020) * 512);
	boot.u.fat32.mirror = le16_make(0x8f);
	expect_error("FAT: uses table 16 of 2");
}

static void other_numbers_are_no_fat(void **state)
{
	static const uint16_t sizes[] = { 0, 1, 256, 513, 8192, 0xffff };
	static const uint8_t clusters[] = { 0, 3, 6, 127, 255 };

	(void)state;
	prepare();
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		boot.sector_size = le16_make(sizes[i]);
		expect_none();
	}
	for (unsigned i = 0; i < ARRAY_SIZE(clusters); i++) {
		boot.cluster_sectors = clusters[i];
		expect_none();
	}
	boot.reserved = le16_make(0);
	expect_none();
	boot.copies = 0;
	expect_none();
	boot.copies = 5;
	expect_none();
	boot.media = 0xf7;
	expect_none();
	boot.magic = le16_make(0x55aa);
	expect_none();
}

/* Windows and GRUB write these first sectors, with 55 aa at the end. */
static void other_boot_sectors_are_no_fat(void **state)
{
	static const uint8_t exfat[] = "\xeb\x76\x90"
				       "EXFAT   ";
	static const uint8_t ntfs[] = "\xeb\x52\x90NTFS    \0\2\x08\0\0\0\0\0"
				      "\0\0\xf8\0";
	static const uint8_t mbr[] = "\xeb\x63\x90\x10\x8e\xd0\xbc\0\xb0\xb8\0"
				     "\0\x8e\xd8\x8e\xc0\xfb\xbe\0\x7c\xbf\0";

	(void)state;
	boot = (struct fat_boot){ .magic = le16_make(0xaa55) };
	expect_none();
	memset(&boot, 0, sizeof(boot));
	boot.magic = le16_make(0xaa55);
	memcpy(&boot, exfat, sizeof(exfat) - 1);
	expect_none();
	memcpy(&boot, ntfs, sizeof(ntfs) - 1);
	expect_none();
	memcpy(&boot, mbr, sizeof(mbr) - 1);
	expect_none();
}

static void any_boot_sector_gives_a_layout_that_is_sound(void **state)
{
	unsigned seed = 7, sound = 0;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t *raw = (uint8_t *)&boot;

		if (i & 1)
			prepare();
		else
			prepare_32();
		for (int n = rand() % 4; n >= 0; n--)
			raw[11 + rand() % 37] = (uint8_t)rand();
		if (fat_boot_read(&boot, &layout))
			continue;
		sound++;
		assert_true(layout.last >= 2 && layout.last < 0x0ffffff7);
		assert_true((uint64_t)(layout.last + 1) * layout.bits <=
			    layout.table_size * 8);
		assert_true(layout.root_start + layout.root_size <=
			    layout.data);
		assert_true(layout.table + layout.table_size <=
			    layout.root_start);
		assert_true(layout.cluster_size >= 512 &&
			    layout.cluster_size <= 524288);
		assert_true(layout.bits == 32 || !layout.root);
	}
	assert_in_range(sound, 10000, 90000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_of_fat16_follow_one_another),
		cmocka_unit_test(the_root_of_fat32_is_a_cluster),
		cmocka_unit_test(the_number_of_clusters_says_12_or_16),
		cmocka_unit_test(fat32_may_have_few_clusters),
		cmocka_unit_test(clusters_without_a_link_do_not_count),
		cmocka_unit_test(sizes_that_do_not_fit_are_refused),
		cmocka_unit_test(the_largest_numbers_do_not_overflow),
		cmocka_unit_test(only_one_table_of_fat32_may_be_maintained),
		cmocka_unit_test(other_numbers_are_no_fat),
		cmocka_unit_test(other_boot_sectors_are_no_fat),
		cmocka_unit_test(any_boot_sector_gives_a_layout_that_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
