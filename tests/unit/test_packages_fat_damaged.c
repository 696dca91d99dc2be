// SPDX-License-Identifier: BSD-2-Clause
// FAT file systems that are damaged, or made to do harm.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/reason.h"
#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/fat_image.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"

TABLE_LINK(filesystems, filesystem_fat);

#define FILE_SIZE 5000u /* ten clusters */

static struct fat_image image;
static struct fake_block disk;
static struct volume vol;
static uint32_t directory, contiguous, pieces;

static const unsigned kinds[] = { 12, 16, 32 };
static const uint32_t bad[] = { 0xff7, 0xfff7, 0x0ffffff7 };

static void prepare(unsigned bits)
{
	image = (struct fat_image){ .bits = bits };
	fat_image_make(&image);
	fat_image_record(&image, FAT_IMAGE_ROOT, "LABEL      ", 8, 0, 0);
	fat_image_long(&image, FAT_IMAGE_ROOT, "ADIREC~1   ",
		       "a directory with a long name");
	directory = fat_image_file(&image, FAT_IMAGE_ROOT, "ADIREC~1   ", NULL);
	fat_image_record(&image, directory, ".          ", 0x10, directory, 0);
	fat_image_record(&image, directory, "..         ", 0x10, 0, 0);
	fat_image_long(&image, directory, "ALONGF~1   ", "a long file name");
	fat_image_file(&image, directory, "ALONGF~1   ", "text");
	contiguous = fat_image_fill(&image, "BIG     BIN", FILE_SIZE, 1);
	pieces = fat_image_fill(&image, "PIECES  BIN", FILE_SIZE, 2);
	fake_block_init(&disk, image.data, image.size, 512);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
}

static void finish(void)
{
	fake_block_free(&disk);
	fat_image_free(&image);
	assert_int_equal(fake_heap_live(), 0);
}

static void set_link(uint32_t cluster, uint32_t link)
{
	fat_image_link(&image, cluster, link);
	memcpy(disk.data, image.data, image.size);
}

static int read_all(const char *path)
{
	static uint8_t buf[FILE_SIZE];
	struct file file;
	int err = file_open(&vol, path, &file);

	if (err < 0)
		return err;
	err = file_read(&file, 0, buf, MIN(file.size, sizeof(buf)));
	file_close(&file);
	return err;
}

/* file_open() fails by ERR_NOTSUP, file_read() by ERR_FORMAT. */
static void expect_damage(const char *path, const char *text)
{
	int err = read_all(path);

	assert_true(err == ERR_NOTSUP || err == ERR_FORMAT);
	if (!strstr(reason(), text))
		fail_msg("\"%s\" is not in \"%s\"", text, reason());
}

static void a_chain_that_is_too_short_says_where_it_ends(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		set_link(contiguous + 3, 0xffffffff);
		expect_damage("big.bin", "damaged: ends after 2048 bytes");
		set_link(pieces, 0xffffffff);
		expect_damage("pieces.bin", "damaged: ends after 512 bytes");
		finish();
	}
}

static void any_mark_from_f8_on_ends_a_chain(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		for (uint32_t mark = bad[i] + 1; mark <= bad[i] + 8; mark++) {
			set_link(contiguous + 9, mark);
			assert_int_equal(read_all("big.bin"), 0);
			set_link(contiguous + 8, mark);
			expect_damage("big.bin", "ends after 4608 bytes");
			set_link(contiguous + 8, contiguous + 9);
		}
		finish();
	}
}

static void a_bad_cluster_in_a_chain_is_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		set_link(contiguous + 3, bad[i]);
		expect_damage("big.bin", " leads to a bad one");
		finish();
	}
}

static void a_cluster_that_does_not_exist_is_named(void **state)
{
	char text[80];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		uint32_t wrong[] = { 0, 1, 0, bad[i] - 1 };

		prepare(kinds[i]);
		wrong[2] = image.clusters + 2;
		for (unsigned n = 0; n < 4; n++) {
			set_link(pieces + 6, wrong[n]);
			snprintf(text, sizeof(text),
				 "damaged: FAT has clusters 2 to %u, but not "
				 "%u",
				 image.clusters + 1, wrong[n]);
			expect_damage("pieces.bin", text);
		}
		finish();
	}
}

static void the_last_cluster_may_be_used(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		set_link(pieces, image.clusters);
		set_link(image.clusters, image.clusters + 1);
		set_link(image.clusters + 1, pieces + 2);
		assert_int_equal(read_all("pieces.bin"), 0);
		set_link(image.clusters + 1, image.clusters + 2);
		expect_damage("pieces.bin", "but not");
		finish();
	}
}

static void a_loop_is_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		set_link(contiguous, contiguous);
		expect_damage("big.bin", "damaged: its clusters are a loop");
		set_link(contiguous, contiguous + 1);
		set_link(contiguous + 1, contiguous);
		expect_damage("big.bin", "damaged: its clusters are a loop");
		set_link(contiguous + 1, contiguous + 2);
		set_link(contiguous + 2, contiguous + 1);
		expect_damage("big.bin", "damaged: its clusters are a loop");
		set_link(pieces + 2, pieces);
		expect_damage("pieces.bin", "damaged: its clusters are a loop");
		finish();
	}
}

static void a_directory_that_is_a_loop_is_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		set_link(directory, directory);
		assert_int_equal(read_all("adirec~1/alongf~1"), 0);
		/* The records go on to the end of the cluster. */
		for (uint8_t *p = image.data +
				  fat_image_cluster(&image, directory),
			     *end = p + 512;
		     p < end; p += 32)
			*p = *p ? *p : 0xe5;
		set_link(directory, directory);
		assert_int_equal(read_all("adirec~1/alongf~1"), ERR_NOTSUP);
		expect_damage("adirec~1/x", "damaged: its clusters are a loop");
		set_link(directory, bad[i]);
		expect_damage("adirec~1/x", "bad one");
		set_link(directory, 0xffffffff);
		assert_int_equal(read_all("adirec~1/x"), ERR_NOENT);
		finish();
	}
}

static void a_directory_is_at_most_2_mib_long(void **state)
{
	uint32_t first;

	(void)state;
	image = (struct fat_image){ .bits = 32, .clusters = 5000 };
	fat_image_make(&image);
	first = fat_image_chain(&image, 4097, 1);
	memset(image.data + fat_image_cluster(&image, first), 0xe5,
	       (size_t)4097 * 512);
	fat_image_record(&image, FAT_IMAGE_ROOT, "LONG       ", 0x10, first, 0);
	fake_block_init(&disk, image.data, image.size, 512);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	expect_damage("long/x", "a directory of more than 2097152 bytes");
	set_link(first + 4095, 0xffffffff);
	assert_int_equal(read_all("long/x"), ERR_NOENT);
	finish();
}

static void records_with_a_wrong_first_cluster_are_refused(void **state)
{
	static const uint32_t wrong[] = { 0, 1, 0xffff };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		for (unsigned n = 0; n < 3; n++) {
			char name[] = "FILE0      ", path[] = "file0";

			name[4] = path[4] = (char)('0' + n);
			fat_image_record(&image, FAT_IMAGE_ROOT, name, 0x20,
					 wrong[n], 1);
			memcpy(disk.data, image.data, image.size);
			expect_damage(path, "damaged: FAT has clusters 2 to ");
		}
		finish();
	}
}

static void the_upper_half_of_a_cluster_counts_only_in_fat32(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct fat_record *record;

		prepare(kinds[i]);
		record = fat_image_record(&image, FAT_IMAGE_ROOT, "FILE       ",
					  0x20, contiguous, 1);
		record->cluster_high = le16_make(1);
		memcpy(disk.data, image.data, image.size);
		assert_int_equal(read_all("file"),
				 kinds[i] == 32 ? ERR_NOTSUP : 0);
		finish();
	}
}

static void a_root_of_fat32_that_does_not_exist_is_named(void **state)
{
	static const uint32_t wrong[] = { 0, 1, 0xffffffff, 66 };
	char label[16];

	(void)state;
	prepare(32);
	for (unsigned i = 0; i < 4; i++) {
		le32_store(disk.data + 44, wrong[i]);
		expect_damage("big.bin", "but not");
		assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
		assert_string_equal(label, "BOOT SECTOR");
	}
	finish();
}

static unsigned listed;

static void list_entry(void *arg, const char *name, uint64_t size,
		       enum file_kind kind)
{
	(void)arg;
	(void)size;
	(void)kind;
	assert_true(strlen(name) < FAT_NAME_SIZE);
	listed++;
}

/* Opens, reads and lists whatever a damaged file system lets it. */
static unsigned use_all(void)
{
	static const char *const paths[] = {
		"", "a directory with a long name",
		"a directory with a long name/a long file name", "big.bin",
		"pieces.bin"
	};
	unsigned done = 0;
	char label[16];

	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		static uint8_t buf[2 * FILE_SIZE];
		struct file file;

		if (file_open(&vol, paths[i], &file))
			continue;
		done++;
		done += file_read(&file, 0, buf, MIN(file.size, sizeof(buf))) ==
			0;
		if (file.is_directory)
			done += file.fs->list(&file, list_entry, NULL) == 0;
		file_close(&file);
	}
	done += volume_label(&vol, label, sizeof(label)) == 0;
	return done;
}

/* Changes bytes in [at, at + size), up to four, `rounds` times. */
static void mutate(unsigned seed, size_t at, size_t size, unsigned rounds)
{
	unsigned whole, damaged = 0;

	srand(seed);
	whole = use_all();
	for (unsigned n = 0; n < rounds; n++) {
		unsigned done;

		for (int i = rand() % 4; i >= 0; i--)
			disk.data[at + (unsigned)rand() % size] =
				(uint8_t)(rand() % 3 ? rand()
						     : rand() % 2 * 0xff);
		done = use_all();
		damaged += done != whole;
		memcpy(disk.data + at, image.data + at, size);
	}
	assert_in_range(damaged, rounds / 50, rounds);
	assert_int_equal(use_all(), whole);
}

#define MUTATIONS 800

static void any_bytes_of_the_boot_sector_may_be_wrong(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		print_message("seed %u\n", 100 + i);
		mutate(100 + i, 11, 53, MUTATIONS);
		finish();
	}
}

static void any_links_may_be_wrong(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		print_message("seed %u\n", 200 + i);
		mutate(200 + i, image.table, (size_t)image.free * kinds[i] / 8,
		       MUTATIONS);
		finish();
	}
}

static size_t root_at(void)
{
	return image.bits == 32 ? fat_image_cluster(&image, image.root_cluster)
				: image.root;
}

static void any_bytes_of_records_may_be_wrong(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		print_message("seed %u\n", 300 + i);
		/* Label, three slots, directory, two files. */
		mutate(300 + i, root_at() + (size_t)4 * 32, 3 * 32, MUTATIONS);
		finish();
	}
}

static void any_bytes_of_slots_may_be_wrong(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i]);
		print_message("seed %u\n", 400 + i);
		mutate(400 + i, root_at() + 32, 3 * 32, MUTATIONS);
		finish();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_that_is_too_short_says_where_it_ends),
		cmocka_unit_test(any_mark_from_f8_on_ends_a_chain),
		cmocka_unit_test(a_bad_cluster_in_a_chain_is_named),
		cmocka_unit_test(a_cluster_that_does_not_exist_is_named),
		cmocka_unit_test(the_last_cluster_may_be_used),
		cmocka_unit_test(a_loop_is_named),
		cmocka_unit_test(a_directory_that_is_a_loop_is_named),
		cmocka_unit_test(a_directory_is_at_most_2_mib_long),
		cmocka_unit_test(
			records_with_a_wrong_first_cluster_are_refused),
		cmocka_unit_test(
			the_upper_half_of_a_cluster_counts_only_in_fat32),
		cmocka_unit_test(a_root_of_fat32_that_does_not_exist_is_named),
		cmocka_unit_test(any_bytes_of_the_boot_sector_may_be_wrong),
		cmocka_unit_test(any_links_may_be_wrong),
		cmocka_unit_test(any_bytes_of_records_may_be_wrong),
		cmocka_unit_test(any_bytes_of_slots_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
