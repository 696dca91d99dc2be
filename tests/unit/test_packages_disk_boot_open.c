// SPDX-License-Identifier: BSD-2-Clause
// What a disk boots, opened.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/disk_boot.h"
#include "tests/fake/block_disk.h"
#include "tests/fake/heap.h"
#include "tests/fake/measure.h"

static struct fake_block disk;
static struct disk_boot boot;

/* The first that the disk boots. */
static void find(void)
{
	struct disk_search search = { .bd = &disk.bd };

	assert_int_equal(disk_boot_next(&search, &boot), 0);
}

static void finish(void)
{
	fake_block_free(&disk);
	assert_int_equal(fake_heap_live(), 0);
}

/* Opens it; one byte of it, at `offset`, is asked for. */
static void expect_image(uint64_t size, uint64_t offset, uint8_t byte)
{
	struct disk_target target;
	struct image img;
	uint8_t got;

	assert_int_equal(disk_boot_open(&disk.bd, &boot, &target, &img), 0);
	assert_int_equal(img.size, size);
	assert_int_equal(image_read(&img, offset, &got, 1), 0);
	assert_int_equal(got, byte);
	assert_int_equal(image_read(&img, size, &got, 1), ERR_RANGE);
	disk_target_close(&target);
}

static void a_prep_partition_is_opened_without_another_look(void **state)
{
	unsigned reads;

	(void)state;
	disk_with_nothing(&disk);
	table_mbr(&disk, 0, 1, 0x80, 0x41, 64, 32);
	disk.data[65 * 512] = 0x42;
	find();
	assert_true(boot.is_prep);
	reads = disk.reads;
	expect_image(32 * 512, 512, 0x42);
	assert_int_equal(disk.reads, reads + 1);
	/* It is the partition that was found, whatever the table says now. */
	table_mbr(&disk, 0, 1, 0x80, 0x41, 128, 1);
	expect_image(32 * 512, 512, 0x42);
	finish();
}

static void a_file_of_bootinfo_is_opened_by_its_path(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:\\boot\\core.elf");
	find();
	assert_false(boot.is_prep);
	expect_image(strlen("core"), 1, 'o');
	finish();
}

static void expect_no_image(int err, const char *why)
{
	struct disk_target target;
	struct image img;

	assert_int_equal(disk_boot_open(&disk.bd, &boot, &target, &img), err);
	assert_non_null(strstr(reason(), why));
	disk_target_close(&target);
}

static void what_is_missing_or_a_directory_is_not_opened(void **state)
{
	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:\\ppc\\none");
	find();
	expect_no_image(ERR_NOENT, "\"none\"");
	fake_block_free(&disk);
	disk_with_bootinfo(&disk, "boot &device;:\\ppc");
	find();
	expect_no_image(ERR_NOENT, "\"\\ppc\" is a directory");
	fake_block_free(&disk);
	disk_with_bootinfo(&disk, "boot &device;:9,\\ppc");
	find();
	expect_no_image(ERR_FORMAT, "");
	finish();
}

static void the_script_that_is_followed_is_measured(void **state)
{
	static const char text[] = "<chrp-boot><boot-script>boot &device;:xy"
				   "</boot-script></chrp-boot>";

	(void)state;
	disk_with_bootinfo(&disk, "boot &device;:xy");
	fake_measure_start();
	find();
	measure_enter();
	fake_measured(MEASURE_TEXT, "bootinfo.txt", text, strlen(text));
	fake_measured_end();
	fake_measure_stop();
	finish();
}

static void a_script_that_is_not_followed_is_not_measured(void **state)
{
	struct disk_search search;

	(void)state;
	disk_with_bootinfo(&disk, "frob the device");
	search = (struct disk_search){ .bd = &disk.bd };
	fake_measure_start();
	assert_int_equal(disk_boot_next(&search, &boot), ERR_NOENT);
	assert_int_equal(fake_measured_waits(), 0);
	fake_measure_stop();
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_prep_partition_is_opened_without_another_look),
		cmocka_unit_test(a_file_of_bootinfo_is_opened_by_its_path),
		cmocka_unit_test(what_is_missing_or_a_directory_is_not_opened),
		cmocka_unit_test(the_script_that_is_followed_is_measured),
		cmocka_unit_test(a_script_that_is_not_followed_is_not_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
