// SPDX-License-Identifier: BSD-2-Clause
// Disk, partition or file, as arguments name it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/disk_target.h"
#include "tests/fake/block_disk.h"
#include "tests/fake/block_iso.h"
#include "tests/fake/heap.h"

static struct fake_block disk;
static struct disk_target target;

static void expect_volume(const char *args, uint64_t start, uint64_t size)
{
	assert_int_equal(disk_target_open(&disk.bd, args, &target), 0);
	assert_false(target.is_file);
	assert_int_equal(target.vol.start, start);
	assert_int_equal(disk_target_size(&target), size);
	disk_target_close(&target);
}

static void expect_file(const char *args, const char *text)
{
	char buf[100];

	assert_int_equal(disk_target_open(&disk.bd, args, &target), 0);
	assert_true(target.is_file);
	assert_int_equal(disk_target_size(&target), strlen(text));
	assert_int_equal(disk_target_read(&target, 0, buf, strlen(text)), 0);
	assert_memory_equal(buf, text, strlen(text));
	disk_target_close(&target);
}

static void expect_error(const char *args, int err, const char *why)
{
	assert_int_equal(disk_target_open(&disk.bd, args, &target), err);
	assert_non_null(strstr(reason(), why));
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

static void the_whole_disk_is_opened_without_a_request(void **state)
{
	static const char *const args[] = { "", "0", ",", "0,", ":", "0:" };

	(void)state;
	disk_with_nothing(&disk);
	for (unsigned i = 0; i < 6; i++)
		expect_volume(args[i], 0, disk.size);
	assert_int_equal(disk.reads, 0);
	finish();
}

static void a_partition_is_opened_by_number_or_letter(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	expect_volume("1", 64 * 512, 32 * 512);
	expect_volume("a", 64 * 512, 32 * 512);
	expect_volume("2,", DISK_ISO_LBA * 512, ISO_IMAGE_SIZE);
	finish();
}

static void an_absent_partition_is_not_opened(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	expect_error("3", ERR_NOENT, "no partition 3");
	expect_error("3,\\x", ERR_NOENT, "no partition 3");
	finish();
	disk_with_nothing(&disk);
	expect_error("1", ERR_FORMAT, "no partition table");
	finish();
}

static void a_file_is_opened_on_a_partition(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	expect_file("2,\\boot\\core.elf", "core");
	expect_file("2,/boot/core.elf:", "core");
	expect_error("2,\\boot\\none", ERR_NOENT, "\"none\"");
	expect_error("1,\\boot\\core.elf", ERR_FORMAT,
		     "no file system: only zeros; nothing is installed on it");
	memcpy(disk.data + (size_t)64 * 512, "XFSB", 4);
	expect_error("1,\\boot\\core.elf", ERR_FORMAT,
		     "XFS cannot be read here; boot the PReP partition");
	/* It may also be the one that was meant. */
	expect_error(
		"\\none", ERR_NOENT,
		"no partition contains \"\\none\"; 1 has XFS, which cannot be "
		"read here");
	finish();
}

static void a_file_is_opened_on_the_whole_disk(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	expect_file("\\boot\\core.elf", "core");
	expect_file("0,\\boot\\core.elf", "core");
	expect_file("boot/core.elf", "core");
	expect_error("\\none", ERR_NOENT, "\"none\"");
	finish();
}

static void freebsd_leaves_the_partition_empty(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	expect_file(",\\boot\\core.elf", "core");
	finish();
	disk_with_mbr(&disk);
	expect_file(",\\boot\\core.elf", "core");
	expect_file("\\boot\\core.elf", "core");
	expect_error(",\\none", ERR_NOENT, "no partition contains \"\\none\"");
	expect_error("0,\\boot\\core.elf", ERR_FORMAT, "file system");
	finish();
}

static void an_active_partition_goes_first(void **state)
{
	(void)state;
	disk_with_two_isos(&disk);
	expect_file(",\\which", "second");
	finish();
}

/* The flags of "WHICH", after ".", ".." and "BOOT" in the root directory. */
static uint8_t *which_flags(uint64_t lba)
{
	uint8_t *rec = disk.data + lba * 512 + (size_t)iso_extent(0) * 2048;

	for (int i = 0; i < 3; i++)
		rec += *rec;
	return rec + 25;
}

static void a_file_that_cannot_be_read_hides_no_other(void **state)
{
	(void)state;
	disk_with_two_isos(&disk);
	*which_flags(DISK_ISO_LBA + ISO_IMAGE_SIZE / 512) = 0x80;
	expect_file("\\which", "first");
	*which_flags(DISK_ISO_LBA) = 0x80;
	expect_error("\\which", ERR_NOTSUP,
		     "partition 3: \"which\": more than one extent");
	finish();
}

static void suse_kiwi_names_partition_1_of_a_disc_without_any(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	expect_file("1,\\boot\\core.elf", "core");
	expect_error("2,\\boot\\core.elf", ERR_FORMAT, "no partition table");
	finish();
}

static void nothing_anywhere_gives_the_whole_disks_reason(void **state)
{
	(void)state;
	disk_with_nothing(&disk);
	expect_error(",\\x", ERR_FORMAT, "no file system: only zeros");
	disk.data[7] = 1;
	expect_error(",\\x", ERR_FORMAT, "unknown file system");
	disk.data[7] = 0;
	expect_error("x1,\\x", ERR_INVAL, "\"x1\"");
	disk.bad_first = disk.bad_last = 64;
	expect_error("\\x", ERR_IO, "block 64");
	finish();
}

static void a_directory_is_a_target(void **state)
{
	(void)state;
	disk_with_iso(&disk);
	assert_int_equal(disk_target_open(&disk.bd, "\\boot", &target), 0);
	assert_true(target.file.is_directory);
	disk_target_close(&target);
	assert_int_equal(disk_target_open(&disk.bd, "\\", &target), 0);
	assert_true(target.is_file && target.file.is_directory);
	disk_target_close(&target);
	finish();
}

static void reads_stay_inside(void **state)
{
	char buf[512];

	(void)state;
	disk_with_mbr(&disk);
	assert_int_equal(disk_target_open(&disk.bd, "1", &target), 0);
	assert_int_equal(disk_target_read(&target, 32 * 512 - 1, buf, 2),
			 ERR_RANGE);
	assert_int_equal(disk_target_read(&target, 32 * 512 - 1, buf, 1), 0);
	disk_target_close(&target);
	finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	disk_with_mbr(&disk);
	expect_file("2,\\boot\\core.elf", "core");
	for (long n = 0;; n++) {
		fake_heap_fail_after(n);
		int err = disk_target_open(&disk.bd, ",\\boot\\core.elf",
					   &target);

		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	fake_heap_fail_after(-1);
	disk_target_close(&target);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_disk_is_opened_without_a_request),
		cmocka_unit_test(a_partition_is_opened_by_number_or_letter),
		cmocka_unit_test(an_absent_partition_is_not_opened),
		cmocka_unit_test(a_file_is_opened_on_a_partition),
		cmocka_unit_test(a_file_is_opened_on_the_whole_disk),
		cmocka_unit_test(freebsd_leaves_the_partition_empty),
		cmocka_unit_test(an_active_partition_goes_first),
		cmocka_unit_test(
			suse_kiwi_names_partition_1_of_a_disc_without_any),
		cmocka_unit_test(a_file_that_cannot_be_read_hides_no_other),
		cmocka_unit_test(nothing_anywhere_gives_the_whole_disks_reason),
		cmocka_unit_test(a_directory_is_a_target),
		cmocka_unit_test(reads_stay_inside),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
