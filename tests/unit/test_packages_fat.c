// SPDX-License-Identifier: BSD-2-Clause
// Files on FAT12, FAT16 and FAT32, whole and damaged.
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

static struct fat_image image;
static struct fake_block disk;
static struct volume vol;

static const unsigned kinds[] = { 12, 16, 32 };

static void attach(uint32_t block_size)
{
	fake_block_init(&disk, image.data, image.size, block_size);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	disk.bd.max_blocks = BLOCK_REQUEST_MAX / block_size;
}

/* A file system with a few files. */
static void prepare(unsigned bits, uint32_t sector, uint32_t block_size)
{
	uint32_t ppc, boot;

	image = (struct fat_image){ .bits = bits, .sector = sector };
	fat_image_make(&image);
	fat_image_record(&image, FAT_IMAGE_ROOT, "MY DISK    ", 8, 0, 0);
	ppc = fat_image_file(&image, FAT_IMAGE_ROOT, "PPC        ", NULL);
	fat_image_record(&image, ppc, ".          ", 0x10, ppc, 0);
	fat_image_record(&image, ppc, "..         ", 0x10, 0, 0);
	fat_image_file(&image, ppc, "BOOTINFOTXT", "<chrp-boot>");
	fat_image_long(&image, FAT_IMAGE_ROOT, "BOOTDI~1   ", "Boot directory");
	boot = fat_image_file(&image, FAT_IMAGE_ROOT, "BOOTDI~1   ", NULL);
	fat_image_long(&image, boot, "VMLINU~1   ", "vmlinux-6.1.0-44-powerpc");
	fat_image_file(&image, boot, "VMLINU~1   ", "kernel");
	fat_image_fill(&image, "BIG     BIN", 5000, 1);
	fat_image_fill(&image, "PIECES  BIN", 5000, 2);
	fat_image_record(&image, FAT_IMAGE_ROOT, "EMPTY      ", 0x20, 0, 0);
	attach(block_size);
}

static void finish(void)
{
	fake_block_free(&disk);
	fat_image_free(&image);
	assert_int_equal(fake_heap_live(), 0);
}

static void expect(const char *path, const char *text)
{
	struct file file;
	char buf[64] = "";

	assert_int_equal(file_open(&vol, path, &file), 0);
	assert_false(file.is_directory);
	assert_int_equal(file.size, strlen(text));
	assert_int_equal(file_read(&file, 0, buf, strlen(text)), 0);
	assert_string_equal(buf, text);
	file_close(&file);
}

/* Reads a file of the pattern in pieces of that size. */
static int read_pattern(const char *path, uint32_t piece)
{
	struct file file;
	uint8_t *buf;
	int err = file_open(&vol, path, &file);

	if (err < 0)
		return err;
	buf = malloc(piece);
	assert_non_null(buf);
	for (uint32_t at = 0, n; err == 0 && at < file.size; at += n) {
		n = MIN(piece, (uint32_t)file.size - at);
		err = file_read(&file, at, buf, n);
		for (uint32_t i = 0; err == 0 && i < n; i++)
			assert_int_equal(buf[i], fat_image_byte(at + i));
	}
	free(buf);
	file_close(&file);
	return err;
}

static int open_error(const char *path)
{
	struct file file;
	int err = file_open(&vol, path, &file);

	if (err == 0)
		file_close(&file);
	return err;
}

static void expect_reason(int err, int expected, const char *text)
{
	assert_int_equal(err, expected);
	if (!strstr(reason(), text))
		fail_msg("\"%s\" is not in \"%s\"", text, reason());
}

static void files_are_found_and_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i], 512, 512);
		expect("\\ppc\\bootinfo.txt", "<chrp-boot>");
		expect("PPC/./BOOTINFO.TXT", "<chrp-boot>");
		expect("ppc/../boot directory/vmlinux-6.1.0-44-powerpc",
		       "kernel");
		expect("bootdi~1/vmlinu~1", "kernel");
		expect("empty", "");
		for (uint32_t piece = 1; piece < 6000; piece += 499) {
			assert_int_equal(read_pattern("big.bin", piece), 0);
			assert_int_equal(read_pattern("pieces.bin", piece), 0);
		}
		finish();
	}
}

static void sectors_need_not_be_the_devices(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		for (uint32_t s = 512; s <= 4096; s *= 2)
			for (uint32_t b = 512; b <= 4096; b *= 2) {
				prepare(kinds[i], s, b);
				expect("bootdi~1\\vmlinu~1", "kernel");
				assert_int_equal(
					read_pattern("pieces.bin", 700), 0);
				finish();
			}
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	prepare(16, 512, 512);
	expect_reason(open_error("\\ppc\\grub"), ERR_NOENT, "\"grub\"");
	expect_reason(open_error("ppc/bootinfo.txt/x"), ERR_NOENT,
		      "not in a directory");
	expect_reason(open_error("my disk"), ERR_NOENT, "\"my disk\"");
	expect_reason(open_error("ppc/my disk"), ERR_NOENT, "\"my disk\"");
	finish();
}

static void names_that_differ_in_case_are_told_apart(void **state)
{
	(void)state;
	image = (struct fat_image){ .bits = 12 };
	fat_image_make(&image);
	/* The 8.3 name of the first is what the last is called. */
	fat_image_long(&image, FAT_IMAGE_ROOT, "README     ", "something");
	fat_image_file(&image, FAT_IMAGE_ROOT, "README     ", "alias");
	fat_image_long(&image, FAT_IMAGE_ROOT, "READM~1    ", "ReadMe");
	fat_image_file(&image, FAT_IMAGE_ROOT, "READM~1    ", "mixed");
	fat_image_long(&image, FAT_IMAGE_ROOT, "READM~2    ", "readme");
	fat_image_file(&image, FAT_IMAGE_ROOT, "READM~2    ", "lower");
	attach(512);
	expect("ReadMe", "mixed");
	expect("readme", "lower");
	expect("readmE", "mixed");
	expect("README", "mixed");
	expect("readm~2", "lower");
	expect("SOMETHING", "alias");
	finish();
}

static void slots_at_a_directorys_end_name_nothing_elsewhere(void **state)
{
	uint32_t folder;

	(void)state;
	image = (struct fat_image){ .bits = 12 };
	fat_image_make(&image);
	fat_image_file(&image, FAT_IMAGE_ROOT, "FIRST      ", "text");
	folder = fat_image_file(&image, FAT_IMAGE_ROOT, "FOLDER     ", NULL);
	fat_image_file(&image, folder, "INNER      ", NULL);
	fat_image_long(&image, folder, "FIRST      ", "orphan");
	attach(512);
	expect("folder/inner/../../first", "text");
	assert_int_equal(open_error("folder/inner/../../orphan"), ERR_NOENT);
	finish();
}

/* What a listing saw. */
struct listing {
	unsigned count, directories;
	uint64_t bytes;
	char names[400];
};

static void list_entry(void *arg, const char *name, uint64_t size,
		       enum file_kind kind)
{
	struct listing *list = arg;

	list->count++;
	list->directories += kind == FILE_DIRECTORY;
	list->bytes += size;
	if (strlen(list->names) + strlen(name) + 2 < sizeof(list->names))
		strcat(strcat(list->names, name), "|");
}

static int list_error(const char *path, struct listing *list)
{
	struct file file;
	int err = file_open(&vol, path, &file);

	*list = (struct listing){ 0 };
	if (err < 0)
		return err;
	err = file.fs->list(&file, list_entry, list);
	file_close(&file);
	return err;
}

static void a_directory_lists_all_but_dots_label_and_deleted(void **state)
{
	struct listing list;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i], 512, 512);
		assert_int_equal(list_error("\\", &list), 0);
		assert_string_equal(
			list.names,
			"PPC|Boot directory|BIG.BIN|PIECES.BIN|EMPTY|");
		assert_int_equal(list.directories, 2);
		assert_int_equal(list.bytes, 10000);
		assert_int_equal(list_error("ppc", &list), 0);
		assert_string_equal(list.names, "BOOTINFO.TXT|");
		finish();
	}
}

static void directories_may_have_many_clusters(void **state)
{
	uint32_t first, cluster;
	struct listing list;
	char name[12];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		image = (struct fat_image){ .bits = kinds[i] };
		fat_image_make(&image);
		first = fat_image_chain(&image, 20, 2);
		fat_image_record(&image, FAT_IMAGE_ROOT, "MANY       ", 0x10,
				 first, 0);
		for (unsigned n = 0; n < 20 * 16; n++) {
			cluster = first + n / 16 * 2;
			snprintf(name, sizeof(name), "FILE%04u   ", n);
			fat_image_record(&image, cluster, name, 0x20, 0, 0);
		}
		attach(512);
		assert_int_equal(list_error("many", &list), 0);
		assert_int_equal(list.count, 20 * 16);
		expect("many/file0319", "");
		finish();
	}
}

static void a_directory_of_another_kind_is_no_root(void **state)
{
	(void)state;
	prepare(16, 512, 512);
	finish();
	image = (struct fat_image){ .bits = 16 };
	fat_image_make(&image);
	fat_image_record(&image, FAT_IMAGE_ROOT, "NOWHERE    ", 0x10, 0, 0);
	attach(512);
	expect_reason(open_error("nowhere/nowhere"), ERR_NOTSUP, "but not 0");
	finish();
}

static void the_roots_label_wins_over_the_boot_sectors(void **state)
{
	char label[16];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i], 512, 512);
		assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
		assert_string_equal(label, "MY DISK");
		finish();
		image = (struct fat_image){ .bits = kinds[i] };
		fat_image_make(&image);
		attach(512);
		assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
		assert_string_equal(label, "BOOT SECTOR");
		assert_int_equal(volume_label(&vol, label, 5), 0);
		assert_string_equal(label, "BOOT");
		memcpy(disk.data + (kinds[i] == 32 ? 71 : 43), "NO NAME    ",
		       11);
		assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
		assert_string_equal(label, "");
		finish();
	}
}

static void contiguous_clusters_are_one_request(void **state)
{
	unsigned before;
	struct file file;
	uint8_t buf[5000];

	(void)state;
	prepare(16, 512, 512);
	assert_int_equal(file_open(&vol, "big.bin", &file), 0);
	assert_int_equal(file_read(&file, 0, buf, 1024), 0);
	before = disk.reads;
	assert_int_equal(file_read(&file, 0, buf, 4608), 0);
	assert_int_equal(disk.reads - before, 1);
	file_close(&file);
	assert_int_equal(file_open(&vol, "pieces.bin", &file), 0);
	assert_int_equal(file_read(&file, 0, buf, 1024), 0);
	before = disk.reads;
	assert_int_equal(file_read(&file, 0, buf, 4608), 0);
	assert_int_equal(disk.reads - before, 9);
	file_close(&file);
	finish();
}

static void a_large_file_in_pieces_reads_its_table_once(void **state)
{
	(void)state;
	image = (struct fat_image){ .bits = 32, .clusters = 40000 };
	fat_image_make(&image);
	fat_image_fill(&image, "KERNEL     ", 39000 * 512, 1);
	attach(512);
	assert_int_equal(read_pattern("kernel", 4096), 0);
	/* 4875 pieces; 156,000 bytes of table; the directory; mounting. */
	assert_in_range(disk.reads, 4875, 4875 + 3 + 3);
	disk.reads = 0;
	assert_int_equal(read_pattern("kernel", 16 << 20), 0);
	/* A request has at most 4 MiB. */
	assert_in_range(disk.reads, 5, 5 + 3 + 3);
	finish();
}

static void a_file_in_fragments_goes_on_where_it_was(void **state)
{
	(void)state;
	image = (struct fat_image){ .bits = 32, .clusters = 60000 };
	fat_image_make(&image);
	fat_image_fill(&image, "KERNEL     ", 29000 * 512, 2);
	attach(512);
	assert_int_equal(read_pattern("kernel", 512), 0);
	assert_in_range(disk.reads, 29000, 29000 + 4 + 3);
	finish();
}

static void only_the_maintained_table_of_fat32_is_read(void **state)
{
	struct fat_boot *boot;
	uint32_t first;

	(void)state;
	prepare(32, 512, 512);
	first = image.free;
	finish();
	prepare(32, 512, 512);
	boot = (struct fat_boot *)disk.data;
	/* Break the first table. */
	memset(disk.data + image.table + 8, 0, first * 4 - 8);
	expect_reason(read_pattern("pieces.bin", 512), ERR_FORMAT, "damaged");
	boot->u.fat32.mirror = le16_make(0x81);
	assert_int_equal(read_pattern("pieces.bin", 512), 0);
	boot->u.fat32.mirror = le16_make(0x01);
	expect_reason(read_pattern("pieces.bin", 512), ERR_FORMAT, "damaged");
	boot->u.fat32.mirror = le16_make(0x82);
	expect_reason(open_error("ppc"), ERR_NOTSUP, "uses table 3 of 2");
	finish();
}

static void the_upper_bits_of_fat32_links_do_not_count(void **state)
{
	(void)state;
	prepare(32, 512, 512);
	for (uint32_t i = 2; i < image.free; i++)
		disk.data[image.table + i * 4 + 3] ^= 0xf0;
	assert_int_equal(read_pattern("pieces.bin", 512), 0);
	finish();
}

static void an_unreadable_sector_is_an_error(void **state)
{
	static const char *const paths[] = { "ppc\\bootinfo.txt", "big.bin" };
	unsigned failed = 0;

	(void)state;
	prepare(16, 512, 512);
	for (uint64_t block = 0; block < image.size / 512; block++) {
		disk.bad_first = disk.bad_last = block;
		for (unsigned i = 0; i < 2; i++) {
			struct file file;
			uint8_t buf[5000];
			int err = file_open(&vol, paths[i], &file);

			if (err == 0) {
				err = file_read(&file, 0, buf,
						(size_t)file.size);
				file_close(&file);
			}
			failed += err != 0;
			assert_true(err == 0 || err == ERR_IO);
		}
	}
	assert_in_range(failed, 10, 60);
	finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	long n;

	(void)state;
	prepare(12, 512, 512);
	for (n = 0;; n++) {
		fake_heap_fail_after(n);
		int err = read_pattern("pieces.bin", 512);

		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	fake_heap_fail_after(-1);
	assert_true(n >= 3);
	finish();
}

static void an_image_cut_anywhere_is_no_danger(void **state)
{
	unsigned opened = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		prepare(kinds[i], 512, 512);
		for (size_t size = MIN(image.size, 60000); size >= 512;
		     size -= 512) {
			fake_block_cut(&disk, size);
			assert_int_equal(volume_whole(&disk.bd, &vol), 0);
			opened += read_pattern("pieces.bin", 5000) == 0;
		}
		finish();
	}
	assert_in_range(opened, 60, 320);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_found_and_read),
		cmocka_unit_test(sectors_need_not_be_the_devices),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(names_that_differ_in_case_are_told_apart),
		cmocka_unit_test(
			slots_at_a_directorys_end_name_nothing_elsewhere),
		cmocka_unit_test(
			a_directory_lists_all_but_dots_label_and_deleted),
		cmocka_unit_test(directories_may_have_many_clusters),
		cmocka_unit_test(a_directory_of_another_kind_is_no_root),
		cmocka_unit_test(the_roots_label_wins_over_the_boot_sectors),
		cmocka_unit_test(contiguous_clusters_are_one_request),
		cmocka_unit_test(a_large_file_in_pieces_reads_its_table_once),
		cmocka_unit_test(a_file_in_fragments_goes_on_where_it_was),
		cmocka_unit_test(only_the_maintained_table_of_fat32_is_read),
		cmocka_unit_test(the_upper_bits_of_fat32_links_do_not_count),
		cmocka_unit_test(an_unreadable_sector_is_an_error),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
		cmocka_unit_test(an_image_cut_anywhere_is_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
