// SPDX-License-Identifier: BSD-2-Clause
// What a disk boots when nobody names a file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/disk_boot.h"
#include "packages/partition.h"
#include "tests/fake/block_disk.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"

static const struct table_gpt gpt;
static struct fake_block disk;
static struct disk_boot boot;

static void listen(void)
{
	fake_log_start();
}

static struct disk_search search;

/* What comes next in the search: where it is, with which arguments. */
static void expect_next(const char *where, const char *client_args)
{
	struct disk_args args;
	char text[300];

	memset(&boot, 'x', sizeof(boot));
	assert_int_equal(disk_boot_next(&search, &boot), 0);
	args = disk_boot_args(&boot);
	disk_args_text(&args, text, sizeof(text));
	assert_string_equal(text, where);
	assert_string_equal(boot.client_args, client_args);
}

/* What comes first. */
static void expect(const char *where, const char *client_args)
{
	listen();
	search = (struct disk_search){ .bd = &disk.bd };
	expect_next(where, client_args);
}

static void expect_end(int err, const char *why)
{
	assert_int_equal(disk_boot_next(&search, &boot), err);
	if (!strstr(reason(), why))
		print_message("%s\n", reason());
	assert_non_null(strstr(reason(), why));
}

static void expect_none(int err, const char *why)
{
	listen();
	search = (struct disk_search){ .bd = &disk.bd };
	expect_end(err, why);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void a_prep_partition_is_booted_raw_with_a_bare_bootpath(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 0, 0, 0x83, 200, 10);
	table_mbr(&disk, 0, 1, 0x80, 0x41, 64, 32);
	expect("2", "");
	assert_string_equal(fake_printed, "");
	finish();
}

static void an_active_prep_partition_goes_first_but_need_not_be(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 0, 0, 0x41, 64, 32);
	expect("1", "");
	table_mbr(&disk, 0, 2, 0x80, 0x41, 96, 32);
	expect("3", "");
	finish();
}

static void every_mbr_prep_partition_has_its_turn(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 0, 0, 0x41, 64, 32);
	table_mbr(&disk, 0, 1, 0x80, 0x41, 96, 32);
	table_mbr(&disk, 0, 2, 0, 0x05, 300, 300);
	table_mbr(&disk, 0, 3, 0x80, 0x83, 128, 32);
	table_mbr(&disk, 300, 0, 0x80, 0x41, 1, 32);
	table_mbr(&disk, 300, 1, 0, 0x05, 100, 100);
	table_mbr(&disk, 400, 0, 0, 0x41, 1, 32);
	expect("2", "");
	expect_next("5", "");
	expect_next("1", "");
	expect_next("6", "");
	expect_end(DISK_BOOT_END, "");
	expect_end(DISK_BOOT_END, "");
	finish();
}

static void every_gpt_prep_partition_has_its_turn(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, partition_guid_prep, 64, 95);
	table_gpt_entry(&disk, &gpt, 1, NULL, 200, 300);
	table_gpt_entry(&disk, &gpt, 7, partition_guid_prep, 96, 99);
	disk.data[512 + 60] ^= 1;
	expect("1", "");
	expect_next("8", "");
	expect_end(DISK_BOOT_END, "");
	/* The warning of the backup comes once. */
	assert_true(fake_log_has("using the backup"));
	assert_int_equal(fake_log_lines(), 1);
	finish();
}

/* A hybrid disc, whose partition 1 is all of it. */
static void a_search_goes_on_behind_each_bootinfo(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:&partition;,\\boot\\core.elf");
	table_mbr(&disk, 0, 0, 0, 0x96, 0, 1024);
	table_mbr(&disk, 0, 1, 0, 0x41, 64, 32);
	expect("\\boot\\core.elf", "");
	expect_next("2", "");
	expect_next("1,\\boot\\core.elf", "");
	expect_end(DISK_BOOT_END, "");
	finish();
}

/* A hostile table; reading it again for each of them would take hours. */
static void a_search_ends(void **state)
{
	const struct table_gpt many = { .count = 256 };

	(void)state;
	disk_with_nothing(&disk);
	table_gpt(&disk, &many);
	for (unsigned i = 0; i < 256; i++)
		table_gpt_entry(&disk, &many, i, partition_guid_prep, 200, 210);
	expect("1", "");
	for (unsigned i = 1; i < DISK_BOOT_MAX; i++)
		assert_int_equal(disk_boot_next(&search, &boot), 0);
	assert_int_equal(boot.partition, 128);
	expect_end(ERR_NOENT, "none of the first 128 programs loaded");
	finish();
}

static void what_fails_between_two_programs_is_told(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "load something");
	table_mbr(&disk, 0, 0, 0x80, 0x41, 64, 32);
	expect("1", "");
	expect_end(ERR_NOENT, "\\ppc\\bootinfo.txt: no \"&device;:\" in");
	disk.bad_first = disk.bad_last = UINT64_MAX;
	expect("1", "");
	disk.bad_first = disk.bad_last = 0;
	expect_end(ERR_IO, "read of block 0 failed");
	finish();
}

static void a_logical_prep_partition_is_found(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 0, 0, 0x05, 100, 100);
	table_mbr(&disk, 100, 0, 0x80, 0x41, 1, 32);
	expect("5", "");
	finish();
}

static void
a_broken_chain_behind_the_prep_partition_does_not_matter(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 0, 0, 0x41, 64, 32);
	table_mbr(&disk, 0, 1, 0, 0x05, 100, 100);
	expect("1", "");
	finish();
}

static void a_gpt_prep_partition_is_found(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, NULL, 200, 300);
	table_gpt_entry(&disk, &gpt, 1, partition_guid_prep, 64, 95);
	expect("2", "");
	assert_string_equal(fake_printed, "");
	finish();
}

static void a_backup_gpt_is_used_with_one_warning(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, NULL, 200, 300);
	table_gpt_entry(&disk, &gpt, 1, partition_guid_prep, 64, 95);
	disk.data[512 + 60] ^= 1;
	expect("2", "");
	assert_true(fake_log_has("/fake/disk@0: GPT: "));
	assert_true(fake_log_has("using the backup"));
	assert_int_equal(fake_log_lines(), 1);
	finish();
}

static void a_disc_boots_what_its_bootinfo_names(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:\\boot\\core.elf -s verbose");
	expect("\\boot\\core.elf", "-s verbose");
	finish();
}

static void bootinfo_of_the_whole_disc_goes_before_prep(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:\\boot\\core.elf");
	table_mbr(&disk, 0, 0, 0x80, 0x41, 64, 32);
	expect("\\boot\\core.elf", "");
	finish();
}

static void bootinfo_of_partition_1_goes_behind_mbr_prep(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	disk_put_bootinfo(&disk, DISK_ISO_LBA,
			  "boot &device;:&partition;,\\boot\\core.elf");
	table_mbr(&disk, 0, 0, 0, 0x96, DISK_ISO_LBA, 1024);
	expect("1,\\boot\\core.elf", "");
	table_mbr(&disk, 0, 1, 0, 0x41, 64, 32);
	expect("2", "");
	finish();
}

static void bootinfo_of_partition_1_goes_before_gpt_prep(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	disk_put_bootinfo(&disk, DISK_ISO_LBA,
			  "boot &device;:1,\\boot\\core.elf");
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, NULL, DISK_ISO_LBA,
			DISK_ISO_LBA + 1023);
	table_gpt_entry(&disk, &gpt, 1, partition_guid_prep, 64, 95);
	expect("1,\\boot\\core.elf", "");
	finish();
}

static void a_bad_bootinfo_is_told_when_nothing_else_boots(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "load something");
	expect_none(ERR_NOENT, "\\ppc\\bootinfo.txt: no \"&device;:\" in");
	table_mbr(&disk, 0, 0, 0x80, 0x41, 64, 32);
	expect("1", "");
	finish();
}

static void disks_that_do_not_boot_say_what_they_have(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	expect_none(ERR_NOENT,
		    "no PReP partition (no partition table: only zeros; "
		    "nothing is installed on it)");
	table_mbr(&disk, 0, 0, 0, 0x83, 64, 32);
	table_mbr(&disk, 0, 1, 0, 0x82, 96, 32);
	expect_none(ERR_NOENT,
		    "no PReP partition (MBR has types 83 Linux, 82 Linux swap; "
		    "no GPT)");
	table_mbr(&disk, 0, 1, 0, 0, 0, 0);
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, NULL, 200, 300);
	expect_none(ERR_NOENT, "no PReP partition (GPT has types "
			       "656d6f73-7420-7079-6527-732067756964)");
	memset(disk.data + 512, 0, 512);
	memset(disk.data + disk.size - 512, 0, 512);
	expect_none(ERR_NOENT, "GPT: no header; backup: no header");
	finish();
}

/* The program is at block 512 for blocks of 512 bytes, 64 for those of 4096. */
static void a_record_for_other_blocks_is_told(void **state)
{
	(void)state;
	fake_block_init(&disk, NULL, 2 * MiB, 4096);
	table_mbr(&disk, 0, 0, 0x80, 0x41, 512, 64);
	memcpy(disk.data + (size_t)512 * 512,
	       "\x7f"
	       "ELF",
	       4);
	expect_none(ERR_NOENT, "the MBR was written for blocks of 512 bytes, "
			       "this device has 4096");
	disk.data[512 * 512] = 0;
	expect_none(ERR_NOENT, "the partition table is empty");
	finish();
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 1, 0x80, 0x41, 64, 8);
	memcpy(disk.data + (size_t)64 * 4096,
	       "\x7f"
	       "ELF",
	       4);
	expect("2", "");
	expect_end(ERR_NOENT, "the MBR was written for blocks of 4096 bytes, "
			      "this device has 512");
	finish();
}

static void a_disc_without_bootinfo_says_so(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	expect_none(ERR_NOENT, "(no partition table: ISO 9660; to boot one of "
			       "its files, name it); \\ppc\\bootinfo.txt: "
			       "no file or directory \"ppc\"");
	finish();
}

static void a_damaged_file_system_is_told(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	disk.data[(size_t)iso_extent(0) * 2048] = 1;
	expect_none(ERR_NOENT,
		    "\\ppc\\bootinfo.txt: \"ppc\": malformed directory");
	finish();
}

static void an_unreadable_block_is_told_but_stops_no_prep(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 0, 0x80, 0x41, 100, 32);
	disk.bad_first = disk.bad_last = 64;
	expect("1", "");
	disk.bad_first = disk.bad_last = 0;
	expect_none(ERR_IO, "read of block 0 failed");
	disk.bad_last = UINT64_MAX;
	expect_none(ERR_IO, "read of block 64 failed");
	finish();
}

static void an_empty_drive_says_so(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	disk.start_error = ERR_NOMEDIUM;
	expect_none(ERR_NOMEDIUM, "does not start");
	finish();
}

static void a_huge_bootinfo_is_refused(void **state)
{
	static char big[4000];

	(void)state;
	memset(big, ' ', sizeof(big) - 1);
	disk_with_bootinfo(&disk, big);
	disk_set_bootinfo_size(&disk, 300 * 1024);
	expect_none(ERR_NOENT, "too large (307200 bytes)");
	finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:\\boot\\core.elf");
	expect("\\boot\\core.elf", "");
	for (long n = 0;; n++) {
		fake_heap_fail_after(n);
		search = (struct disk_search){ .bd = &disk.bd };
		int err = disk_boot_next(&search, &boot);

		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	fake_heap_fail_after(-1);
	finish();
}

static void a_script_that_names_no_partition_is_told(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:xy,\\ppc");
	expect_none(ERR_NOENT,
		    "\\ppc\\bootinfo.txt: \"xy\" is not a partition");
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_prep_partition_is_booted_raw_with_a_bare_bootpath),
		cmocka_unit_test(
			an_active_prep_partition_goes_first_but_need_not_be),
		cmocka_unit_test(every_mbr_prep_partition_has_its_turn),
		cmocka_unit_test(every_gpt_prep_partition_has_its_turn),
		cmocka_unit_test(a_search_goes_on_behind_each_bootinfo),
		cmocka_unit_test(a_search_ends),
		cmocka_unit_test(what_fails_between_two_programs_is_told),
		cmocka_unit_test(a_logical_prep_partition_is_found),
		cmocka_unit_test(
			a_broken_chain_behind_the_prep_partition_does_not_matter),
		cmocka_unit_test(a_gpt_prep_partition_is_found),
		cmocka_unit_test(a_backup_gpt_is_used_with_one_warning),
		cmocka_unit_test(a_disc_boots_what_its_bootinfo_names),
		cmocka_unit_test(bootinfo_of_the_whole_disc_goes_before_prep),
		cmocka_unit_test(bootinfo_of_partition_1_goes_behind_mbr_prep),
		cmocka_unit_test(bootinfo_of_partition_1_goes_before_gpt_prep),
		cmocka_unit_test(
			a_bad_bootinfo_is_told_when_nothing_else_boots),
		cmocka_unit_test(disks_that_do_not_boot_say_what_they_have),
		cmocka_unit_test(a_record_for_other_blocks_is_told),
		cmocka_unit_test(a_disc_without_bootinfo_says_so),
		cmocka_unit_test(a_damaged_file_system_is_told),
		cmocka_unit_test(an_unreadable_block_is_told_but_stops_no_prep),
		cmocka_unit_test(an_empty_drive_says_so),
		cmocka_unit_test(a_huge_bootinfo_is_refused),
		cmocka_unit_test(a_script_that_names_no_partition_is_told),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
