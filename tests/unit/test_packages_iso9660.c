// SPDX-License-Identifier: BSD-2-Clause
// ISO 9660 images, whole and broken.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/block_iso.h"
#include "tests/fake/heap.h"
#include "tests/fake/table.h"

TABLE_LINK(filesystems, filesystem_iso9660);

static const struct iso_node nodes[] = {
	{ .name = "" },
	{ .name = "PPC", .rock_name = "ppc" },
	{ .name = "BOOTINFO.TXT;1",
	  .rock_name = "bootinfo.txt",
	  .text = "<chrp-boot>",
	  .parent = 1 },
	{ .name = "BOOT", .rock_name = "boot" },
	{ .name = "GRUB", .rock_name = "grub", .parent = 3 },
	{ .name = "POWERPC.ELF;1",
	  .rock_name = "powerpc-ieee1275.elf",
	  .text = "ELF one",
	  .parent = 4,
	  .continued = true },
	{ .name = "VMLINUX.;1",
	  .rock_name = "vmlinux-6.1",
	  .text = "kernel",
	  .parent = 4 },
	{ .name = "README.;1", .rock_name = "ReadMe", .text = "upper" },
	{ .name = "READM000.;1", .rock_name = "readme", .text = "lower" },
	{ .name = NULL },
};

static uint8_t image[ISO_IMAGE_SIZE];
static struct fake_block disk;
static struct volume vol;

static void prepare(uint32_t block_size, bool rock_ridge)
{
	iso_make(image, nodes, rock_ridge);
	fake_block_init(&disk, image, sizeof(image), block_size);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
}

static void finish(void)
{
	fake_block_free(&disk);
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
	assert_int_equal(file_read(&file, 1, buf, 2), 0);
	assert_memory_equal(buf, text + 1, 2);
	file_close(&file);
}

static int open_error(const char *path)
{
	struct file file;
	int err = file_open(&vol, path, &file);

	if (err == 0)
		file_close(&file);
	return err;
}

static void level_1_names_match_in_any_case(void **state)
{
	(void)state;
	prepare(2048, false);
	expect("\\ppc\\bootinfo.txt", "<chrp-boot>");
	expect("PPC/BOOTINFO.TXT", "<chrp-boot>");
	expect("\\ppc\\bootinfo.txt;1", "<chrp-boot>");
	expect("boot/grub/vmlinux", "kernel");
	expect("boot/grub/vmlinux.", "kernel");
	assert_int_equal(open_error("boot/grub/powerpc-ieee1275.elf"),
			 ERR_NOENT);
	finish();
}

static void rock_ridge_names_match_and_so_do_level_1_names(void **state)
{
	(void)state;
	prepare(2048, true);
	expect("\\boot\\grub\\powerpc-ieee1275.elf", "ELF one");
	expect("\\boot\\grub\\powerpc.elf", "ELF one");
	expect("/boot//grub/vmlinux-6.1", "kernel");
	expect("/boot/grub/vmlinux", "kernel");
	finish();
}

static void an_exact_rock_ridge_name_wins_over_another_case(void **state)
{
	(void)state;
	prepare(2048, true);
	expect("ReadMe", "upper");
	expect("readme", "lower");
	expect("README", "upper");
	finish();
}

static void any_block_size_of_the_device_works(void **state)
{
	(void)state;
	for (uint32_t size = 512; size <= 4096; size *= 2) {
		prepare(size, true);
		expect("\\boot\\grub\\vmlinux", "kernel");
		finish();
	}
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	prepare(2048, true);
	assert_int_equal(open_error("\\boot\\nogrub\\core.elf"), ERR_NOENT);
	assert_non_null(strstr(reason(), "\"nogrub\""));
	assert_int_equal(open_error("readme/x"), ERR_NOENT);
	assert_non_null(strstr(reason(), "not in a directory"));
	assert_int_equal(open_error("readme/.."), ERR_NOENT);
	finish();
}

static void a_volume_has_a_name(void **state)
{
	char label[48], id[] = "Debian 12 ppc64el n  \x1b[2J      ";
	uint8_t *field;

	(void)state;
	prepare(2048, false);
	field = disk.data + (size_t)16 * 2048 + 40;
	memcpy(field, id, 32);
	assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
	assert_string_equal(label, "Debian 12 ppc64el n  \x1b[2J");
	assert_int_equal(volume_label(&vol, label, 7), 0);
	assert_string_equal(label, "Debian");
	memset(field, 'X', 32);
	assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
	assert_int_equal(strlen(label), 32);
	memset(field, ' ', 32);
	assert_int_equal(volume_label(&vol, label, sizeof(label)), 0);
	assert_string_equal(label, "");
	finish();
}

static void other_volumes_are_not_taken(void **state)
{
	(void)state;
	prepare(2048, false);
	disk.data[(size_t)16 * 2048 + 1] = 'X';
	assert_int_equal(open_error("ppc"), ERR_FORMAT);
	fake_block_cut(&disk, 4096);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	assert_int_equal(open_error("ppc"), ERR_FORMAT);
	finish();
}

static void other_descriptors_may_come_first(void **state)
{
	uint8_t *pvd;

	(void)state;
	prepare(2048, false);
	pvd = disk.data + (size_t)16 * 2048;
	memcpy(pvd + 2048, pvd, 2048);
	*pvd = 0;
	expect("\\ppc\\bootinfo.txt", "<chrp-boot>");
	for (int i = 0; i < 60; i++)
		memcpy(pvd + i * 2048L, pvd, 2048);
	assert_int_equal(open_error("ppc"), ERR_FORMAT);
	finish();
}

static void block_sizes_that_are_none_are_refused(void **state)
{
	static const uint16_t sizes[] = { 0, 256, 513, 4096, 0xffff };

	(void)state;
	prepare(2048, false);
	for (unsigned i = 0; i < 5; i++) {
		le16_store(disk.data + 16 * 2048L + 128, sizes[i]);
		assert_int_equal(open_error("ppc"), ERR_NOTSUP);
	}
	finish();
}

static void a_root_directory_past_the_end_is_told(void **state)
{
	(void)state;
	prepare(2048, false);
	le32_store(disk.data + 16 * 2048L + 156 + 2, 5000);
	assert_int_equal(open_error("ppc"), ERR_NOTSUP);
	assert_non_null(strstr(reason(),
			       " bytes at 10240000, but the volume ends "
			       "at"));
	finish();
}

static void directories_are_not_larger_than_16_mib(void **state)
{
	uint8_t *size;

	(void)state;
	prepare(2048, false);
	/* What is past the image is zeros. */
	disk.blocks = 32 * MiB / 512;
	device_stop(disk.dev);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	size = disk.data + 16 * 2048L + 156 + 10;
	le32_store(size, FILE_DIRECTORY_MAX);
	expect("\\ppc\\bootinfo.txt", "<chrp-boot>");
	le32_store(size, FILE_DIRECTORY_MAX + 1);
	assert_int_equal(open_error("ppc"), ERR_NOTSUP);
	assert_non_null(strstr(reason(), "malformed directory"));
	finish();
}

static void a_number_whose_big_endian_half_is_wrong_is_read(void **state)
{
	(void)state;
	prepare(2048, false);
	be32_store(disk.data + 16 * 2048L + 156 + 6, 0xdeadbeef);
	expect("\\ppc\\bootinfo.txt", "<chrp-boot>");
	finish();
}

static void a_copy_that_was_cut_says_so(void **state)
{
	(void)state;
	prepare(2048, true);
	fake_block_cut(&disk, (size_t)iso_extent(5) * 2048);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	assert_int_equal(open_error("\\boot\\grub\\powerpc.elf"), ERR_RANGE);
	assert_non_null(strstr(reason(), "the volume ends"));
	finish();
}

/* The record of the first entry behind "." and ".." of a directory. */
static uint8_t *first_record(unsigned directory)
{
	uint8_t *p = disk.data + (size_t)iso_extent(directory) * 2048;

	p += *p;
	return p + *p;
}

static void files_of_several_extents_are_refused(void **state)
{
	(void)state;
	prepare(2048, false);
	first_record(1)[25] = 0x80;
	assert_int_equal(open_error("\\ppc\\bootinfo.txt"), ERR_NOTSUP);
	first_record(1)[25] = 0;
	first_record(1)[26] = 1;
	assert_int_equal(open_error("\\ppc\\bootinfo.txt"), ERR_NOTSUP);
	first_record(1)[26] = 0;
	expect("\\ppc\\bootinfo.txt", "<chrp-boot>");
	finish();
}

static void associated_files_are_not_seen(void **state)
{
	(void)state;
	prepare(2048, false);
	first_record(1)[25] = 4;
	assert_int_equal(open_error("\\ppc\\bootinfo.txt"), ERR_NOENT);
	finish();
}

static void extended_attributes_are_skipped(void **state)
{
	(void)state;
	prepare(2048, false);
	le32_store(first_record(1) + 2, iso_extent(2) - 1);
	first_record(1)[1] = 1;
	expect("\\ppc\\bootinfo.txt", "<chrp-boot>");
	finish();
}

/* Counts what is listed; remembers the last name. */
struct listing {
	unsigned count, directories;
	char last[300];
};

static void list_entry(void *arg, const char *name, uint64_t size,
		       enum file_kind kind)
{
	struct listing *list = arg;

	(void)size;
	list->count++;
	list->directories += kind == FILE_DIRECTORY;
	strcpy(list->last, name);
}

static void a_directory_lists_all_but_the_dots(void **state)
{
	struct listing list = { 0 };
	struct file file;

	(void)state;
	prepare(2048, true);
	assert_int_equal(file_open(&vol, "\\", &file), 0);
	assert_true(file.is_directory);
	assert_int_equal(file.fs->list(&file, list_entry, &list), 0);
	assert_int_equal(list.count, 4);
	assert_int_equal(list.directories, 2);
	assert_string_equal(list.last, "readme");
	file_close(&file);
	finish();
}

static void directories_may_have_several_sectors(void **state)
{
	static char names[60][20];
	static struct iso_node many[62];
	struct listing list = { 0 };
	struct file file;

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		snprintf(names[i], sizeof(names[i]), "FILE%04u.TXT;1", i);
		many[i + 1] =
			(struct iso_node){ .name = names[i], .text = "same" };
	}
	many[0].name = "";
	iso_make(image, many, false);
	fake_block_init(&disk, image, sizeof(image), 2048);
	assert_int_equal(volume_whole(&disk.bd, &vol), 0);
	expect("file0059.txt", "same");
	assert_int_equal(file_open(&vol, "", &file), 0);
	assert_int_equal(file.fs->list(&file, list_entry, &list), 0);
	assert_int_equal(list.count, 60);
	file_close(&file);
	finish();
}

static void an_unreadable_directory_is_an_error(void **state)
{
	(void)state;
	prepare(2048, true);
	disk.bad_first = disk.bad_last = iso_extent(3);
	assert_int_equal(open_error("\\boot\\grub\\vmlinux"), ERR_IO);
	assert_non_null(strstr(reason(), "read of block 38"));
	disk.bad_first = disk.bad_last = iso_extent(0);
	assert_int_equal(open_error("\\ppc"), ERR_IO);
	disk.bad_first = disk.bad_last = 16;
	assert_int_equal(open_error("\\ppc"), ERR_IO);
	finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	long n;

	(void)state;
	prepare(2048, true);
	for (n = 0;; n++) {
		fake_heap_fail_after(n);
		int err = open_error("\\ppc\\bootinfo.txt");

		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	fake_heap_fail_after(-1);
	assert_true(n >= 2);
	finish();
}

/* Opens, reads and lists whatever a broken image lets it. */
static unsigned use_all(void)
{
	static const char *const paths[] = { "", "ppc/bootinfo.txt",
					     "boot/grub/powerpc-ieee1275.elf" };
	struct listing list = { 0 };
	unsigned opened = 0;

	for (unsigned i = 0; i < 3; i++) {
		struct file file;
		char buf[16];

		if (file_open(&vol, paths[i], &file))
			continue;
		opened++;
		opened += file_read(&file, 0, buf,
				    MIN(file.size, sizeof(buf))) == 0;
		if (file.is_directory)
			opened += file.fs->list(&file, list_entry, &list) == 0;
		file_close(&file);
	}
	return opened;
}

static void every_bit_of_the_structures_may_be_wrong(void **state)
{
	static const struct {
		uint32_t block, bytes;
	} parts[] = { { 16, 190 }, { 32, 300 }, { 34, 170 },
		      { 38, 140 }, { 40, 300 }, { 24, 40 } };
	unsigned opened = 0;

	(void)state;
	prepare(2048, true);
	for (unsigned p = 0; p < 6; p++) {
		for (size_t i = 0; i < (size_t)parts[p].bytes * 8; i++) {
			size_t byte = (size_t)parts[p].block * 2048 + i / 8;

			disk.data[byte] ^= (uint8_t)(1 << i % 8);
			opened += use_all();
			disk.data[byte] ^= (uint8_t)(1 << i % 8);
		}
	}
	assert_true(opened > 1000);
	finish();
}

static void an_image_cut_anywhere_is_no_danger(void **state)
{
	unsigned opened = 0;

	(void)state;
	prepare(512, true);
	for (size_t size = 45 * 2048; size >= 512; size -= 512) {
		fake_block_cut(&disk, size);
		assert_int_equal(volume_whole(&disk.bd, &vol), 0);
		opened += use_all();
	}
	assert_true(opened > 10);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_1_names_match_in_any_case),
		cmocka_unit_test(
			rock_ridge_names_match_and_so_do_level_1_names),
		cmocka_unit_test(
			an_exact_rock_ridge_name_wins_over_another_case),
		cmocka_unit_test(any_block_size_of_the_device_works),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_volume_has_a_name),
		cmocka_unit_test(other_volumes_are_not_taken),
		cmocka_unit_test(other_descriptors_may_come_first),
		cmocka_unit_test(block_sizes_that_are_none_are_refused),
		cmocka_unit_test(a_root_directory_past_the_end_is_told),
		cmocka_unit_test(directories_are_not_larger_than_16_mib),
		cmocka_unit_test(
			a_number_whose_big_endian_half_is_wrong_is_read),
		cmocka_unit_test(a_copy_that_was_cut_says_so),
		cmocka_unit_test(files_of_several_extents_are_refused),
		cmocka_unit_test(associated_files_are_not_seen),
		cmocka_unit_test(extended_attributes_are_skipped),
		cmocka_unit_test(a_directory_lists_all_but_the_dots),
		cmocka_unit_test(directories_may_have_several_sectors),
		cmocka_unit_test(an_unreadable_directory_is_an_error),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
		cmocka_unit_test(every_bit_of_the_structures_may_be_wrong),
		cmocka_unit_test(an_image_cut_anywhere_is_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
