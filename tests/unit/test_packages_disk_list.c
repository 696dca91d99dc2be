// SPDX-License-Identifier: BSD-2-Clause
// The listing of disks and directories.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/disk_list.h"
#include "packages/partition.h"
#include "tests/fake/block_disk.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"

static struct fake_block disk;

static int list(const char *args)
{
	fake_log_start();
	return disk_list(&disk.bd, args);
}

static void expect(const char *args, const char *text)
{
	assert_int_equal(list(args), 0);
	assert_string_equal(fake_printed, text);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void an_mbr_is_listed_with_types_and_sizes(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	expect("", "  1:         16 KiB  MBR type 41, PReP boot, active; only "
		   "zeros\r\n"
		   "  2:        512 KiB  MBR type 96, ISO 9660; ISO 9660\r\n");
	finish();
}

static void a_gpt_is_listed_with_guids(void **state)
{
	static const struct table_gpt gpt;

	(void)state;
	disk_with_nothing(&disk);
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, partition_guid_prep, 64, 95);
	expect("0", "  1:         16 KiB  GPT type "
		    "9e1a2d38-c612-4316-aa26-8b49521e5a8b, PReP boot; only "
		    "zeros\r\n");
	finish();
}

static void what_is_inside_a_partition_is_said(void **state)
{
	static const struct table_gpt gpt;

	(void)state;
	disk_with_nothing(&disk);
	table_gpt(&disk, &gpt);
	table_gpt_entry(&disk, &gpt, 0, partition_guid_prep, 64, 95);
	table_gpt_entry(&disk, &gpt, 1, partition_guid_prep, 96, 127);
	table_mbr(&disk, 0, 1, 0, 0x83, 64, 32);
	memcpy(disk.data + (size_t)64 * 512,
	       "\x7f"
	       "ELF",
	       4);
	memcpy(disk.data + (size_t)96 * 512, "XFSB", 4);
	assert_int_equal(list(""), 0);
	assert_true(fake_log_has("PReP boot; ELF program"));
	assert_true(fake_log_has("PReP boot; XFS"));
	assert_true(fake_log_has("     (beside a hybrid MBR, whose entries are "
				 "not used)"));
	/* What cannot be read has no contents, and the list goes on. */
	disk.bad_first = disk.bad_last = 96;
	assert_int_equal(list(""), 0);
	assert_true(fake_log_has("PReP boot; ELF program"));
	assert_true(fake_log_has("PReP boot\r\n"));
	finish();
}

static void directories_and_files_are_listed(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	expect("\\boot", "         4 core.elf\r\n");
	expect("", "      4096 boot\\\r\n         5 WHICH\r\n");
	expect("\\which", "         5 \\which\r\n");
	finish();
	disk_with_mbr(&disk);
	expect("2", "      4096 boot\\\r\n         5 WHICH\r\n");
	expect("2,\\boot", "         4 core.elf\r\n");
	finish();
}

static void a_hybrid_disc_shows_its_partitions_and_its_files(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	table_mbr(&disk, 0, 0, 0x80, 0x96, 0, 4);
	assert_int_equal(list(""), 0);
	assert_true(fake_log_has("MBR type 96, ISO 9660"));
	assert_true(fake_log_has("boot\\"));
	finish();
}

static void names_with_escape_sequences_are_made_harmless(void **state)
{
	(void)state;
	disk_with_bad_name(&disk);
	assert_int_equal(list(""), 0);
	assert_true(fake_log_has("\\x1b[2Jx"));
	assert_null(strchr(fake_printed, '\033'));
	finish();
}

static void links_are_marked_and_followed(void **state)
{
	(void)state;
	disk_with_bad_name(&disk);
	expect("", "         1 \\x1b[2Jx\r\n         0 link@\r\n");
	expect("\\link", "         1 \\link\r\n");
	finish();
}

static void collect(void *arg, const char *name, uint64_t size,
		    enum file_kind kind)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s%s %u,", name,
		kind == FILE_DIRECTORY ? "\\" : "", (unsigned)size);
}

static void expect_files(const char *args, const char *want)
{
	char text[256] = "";

	assert_int_equal(disk_each_file(&disk.bd, args, collect, text), 0);
	assert_string_equal(text, want);
}

static void files_of_a_directory_are_handed_over(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	expect_files("", "boot\\ 4096,WHICH 5,");
	expect_files("\\boot", "core.elf 4,");
	/* A file has none. */
	expect_files("\\which", "");
	finish();
	disk_with_mbr(&disk);
	expect_files("2", "boot\\ 4096,WHICH 5,");
	expect_files("2,", "boot\\ 4096,WHICH 5,");
	expect_files("2,\\boot", "core.elf 4,");
	assert_int_equal(disk_each_file(&disk.bd, "1", collect, NULL),
			 ERR_FORMAT);
	assert_int_equal(disk_each_file(&disk.bd, "9", collect, NULL),
			 ERR_NOENT);
	finish();
}

static void a_broken_table_is_told_before_what_the_disk_holds(void **state)
{
	static const struct table_gpt gpt;

	(void)state;
	disk_with_nothing(&disk);
	table_gpt(&disk, &gpt);
	/* "GPT without a protective MBR" fits it, too, but is wrong. */
	disk.data[512 + 16] ^= 1;
	disk.data[disk.size - 512] ^= 1;
	assert_int_equal(list(""), ERR_CHECKSUM);
	assert_non_null(strstr(reason(), "GPT: header checksum is "));
	finish();
	disk_with_nothing(&disk);
	assert_int_equal(list(""), ERR_FORMAT);
	assert_non_null(strstr(reason(), "no partition table: only zeros"));
	finish();
}

static void what_cannot_be_listed_gives_a_reason(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	assert_int_equal(list(""), ERR_FORMAT);
	assert_int_equal(list("1"), ERR_FORMAT);
	assert_int_equal(list("\\x"), ERR_FORMAT);
	disk.bad_last = UINT64_MAX;
	disk.bad_first = 0;
	assert_int_equal(list(""), ERR_IO);
	assert_non_null(strstr(reason(), "block 0"));
	finish();
	disk_with_mbr(&disk);
	assert_int_equal(list("1"), ERR_FORMAT);
	assert_int_equal(list("9"), ERR_NOENT);
	assert_string_equal(fake_printed, "");
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_mbr_is_listed_with_types_and_sizes),
		cmocka_unit_test(a_gpt_is_listed_with_guids),
		cmocka_unit_test(what_is_inside_a_partition_is_said),
		cmocka_unit_test(directories_and_files_are_listed),
		cmocka_unit_test(
			a_hybrid_disc_shows_its_partitions_and_its_files),
		cmocka_unit_test(names_with_escape_sequences_are_made_harmless),
		cmocka_unit_test(links_are_marked_and_followed),
		cmocka_unit_test(files_of_a_directory_are_handed_over),
		cmocka_unit_test(
			a_broken_table_is_told_before_what_the_disk_holds),
		cmocka_unit_test(what_cannot_be_listed_gives_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
