// SPDX-License-Identifier: BSD-2-Clause
// Partition types in words, and a line on a whole table.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packages/partition_describe.h"
#include "tests/fake/block_table.h"

/* On disk; UEFI 2.10, table 5.7, and appendix A for the order of bytes. */
static const uint8_t efi_system[16] = { 0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8,
					0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0,
					0xc9, 0x3e, 0xc9, 0x3b };
/* util-linux, include/pt-gpt-partnames.h: 0fc63daf-8483-... */
static const uint8_t linux_data[16] = { 0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84,
					0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69,
					0xd8, 0x47, 0x7d, 0xe4 };
static const uint8_t unknown[16] = { 0x04, 0x03, 0x02, 0x01, 0x06, 0x05,
				     0x08, 0x07, 0x09, 0x0a, 0x0b, 0x0c,
				     0x0d, 0x0e, 0x0f, 0x10 };

static const struct table_gpt gpt;
static struct fake_block disk;

static void prepare(void)
{
	fake_block_init(&disk, NULL, (size_t)300 * 512, 512);
}

static void expect_text(const char *text)
{
	char buf[PARTITION_TEXT_MIN];

	partition_describe(&disk.bd, buf, sizeof(buf));
	assert_string_equal(buf, text);
	fake_block_free(&disk);
}

static void an_mbr_is_described_by_its_types(void **state)
{
	(void)state;
	prepare();
	table_mbr(&disk, 0, 0, 0, 0x83, 10, 10);
	table_mbr(&disk, 0, 1, 0, 0x82, 20, 10);
	expect_text("MBR has types 83 Linux, 82 Linux swap; no GPT");
	prepare();
	table_mbr(&disk, 0, 0, 0, 0x5c, 10, 10);
	expect_text("MBR has types 5c; no GPT");
}

static void a_gpt_is_described_by_names_or_guids(void **state)
{
	(void)state;
	prepare();
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, efi_system, 40, 49);
	table_gpt_entry(&disk, &gpt, 2, linux_data, 50, 59);
	expect_text("GPT has types EFI system, Linux data");
	prepare();
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, unknown, 40, 49);
	expect_text("GPT has types 01020304-0506-0708-090a-0b0c0d0e0f10");
}

static void the_prep_guid_has_its_name(void **state)
{
	struct partition part = { .scheme = PARTITION_GPT };

	(void)state;
	memcpy(part.guid, partition_guid_prep, sizeof(part.guid));
	assert_string_equal(partition_type_name(&part), "PReP boot");
	part.guid[15] ^= 1;
	assert_null(partition_type_name(&part));
}

static void the_types_of_an_mbr_have_names(void **state)
{
	static const struct {
		uint8_t type;
		const char *name;
	} types[] = {
		{ 0x06, "FAT16" },	{ 0x07, "NTFS or exFAT" },
		{ 0x0b, "FAT32" },	{ 0x41, "PReP boot" },
		{ 0x82, "Linux swap" }, { 0x83, "Linux" },
		{ 0x8e, "Linux LVM" },	{ 0xa5, "FreeBSD" },
		{ 0xaf, "Apple HFS" },	{ 0xfd, "Linux RAID" },
	};
	struct partition part = { .scheme = PARTITION_MBR };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		part.mbr_type = types[i].type;
		assert_string_equal(partition_type_name(&part), types[i].name);
	}
	part.mbr_type = 0x5c;
	assert_null(partition_type_name(&part));
}

static void a_hybrid_record_is_mentioned(void **state)
{
	(void)state;
	prepare();
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, efi_system, 40, 49);
	table_mbr(&disk, 0, 2, 0, 0x0b, 40, 10);
	expect_text("GPT beside a hybrid MBR has types EFI system");
}

/* An image builder gave this type to the partition of the boot program. */
static void bios_boot_is_told_not_to_be_prep(void **state)
{
	static const uint8_t bios_boot[16] = { 0x48, 0x61, 0x68, 0x21,
					       0x49, 0x64, 0x6f, 0x6e,
					       0x74, 0x4e, 0x65, 0x65,
					       0x64, 0x45, 0x46, 0x49 };

	(void)state;
	prepare();
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 3, bios_boot, 40, 49);
	table_gpt_entry(&disk, &gpt, 4, linux_data, 50, 59);
	expect_text("GPT has types BIOS boot, Linux data; partition 4 is BIOS "
		    "boot, PReP is 9e1a2d38-c612-4316-aa26-8b49521e5a8b");
}

static void a_disk_without_a_table_is_described_by_its_contents(void **state)
{
	(void)state;
	prepare();
	memcpy(disk.data + 512, "LABELONE", 8);
	expect_text("no partition table: LVM physical volume; boot from the "
		    "disk with the PReP partition");
	prepare();
	disk.data[7] = 1;
	expect_text("no partition table");
}

static void types_without_room_are_counted(void **state)
{
	unsigned i;

	(void)state;
	prepare();
	table_gpt(&disk, &gpt);
	for (i = 0; i < 128; i++)
		table_gpt_entry(&disk, &gpt, i, unknown, 40, 49);
	expect_text("GPT has types 01020304-0506-0708-090a-0b0c0d0e0f10, ... "
		    "and 127 more");
	prepare();
	table_mbr(&disk, 0, 0, 0, 0x05, 100, 150);
	for (i = 0; i < 60; i++) {
		table_mbr(&disk, 100 + i, 0, 0, 0x83, 1, 10);
		table_mbr(&disk, 100 + i, 1, 0, 0x05, i + 1, 10);
	}
	table_mbr(&disk, 159, 1, 0, 0, 0, 0);
	expect_text("MBR has types 83 Linux, 83 Linux, 83 Linux, 83 Linux, 83 "
		    "Linux, ... and 55 more; no GPT");
}

static void empty_disks_and_tables_are_described(void **state)
{
	(void)state;
	prepare();
	expect_text("no partition table: only zeros; nothing is installed on "
		    "it");
	prepare();
	table_mbr(&disk, 0, 0, 0, 0, 0, 0);
	expect_text("the partition table is empty");
	prepare();
	table_gpt(&disk, &gpt);
	expect_text("the partition table is empty");
	fake_block_init(&disk, NULL, 0, 512);
	expect_text("no partition table");
}

static void an_unreadable_table_is_described_by_the_error(void **state)
{
	char buf[PARTITION_TEXT_MIN];

	(void)state;
	prepare();
	disk.bad_first = disk.bad_last = 0;
	partition_describe(&disk.bd, buf, sizeof(buf));
	assert_non_null(strstr(buf, "read of block 0 failed"));
	fake_block_free(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_mbr_is_described_by_its_types),
		cmocka_unit_test(a_gpt_is_described_by_names_or_guids),
		cmocka_unit_test(the_prep_guid_has_its_name),
		cmocka_unit_test(the_types_of_an_mbr_have_names),
		cmocka_unit_test(a_hybrid_record_is_mentioned),
		cmocka_unit_test(bios_boot_is_told_not_to_be_prep),
		cmocka_unit_test(
			a_disk_without_a_table_is_described_by_its_contents),
		cmocka_unit_test(types_without_room_are_counted),
		cmocka_unit_test(empty_disks_and_tables_are_described),
		cmocka_unit_test(an_unreadable_table_is_described_by_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
