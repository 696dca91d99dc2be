// SPDX-License-Identifier: BSD-2-Clause
// ISO 9660: Rock Ridge's symbolic links, and directories in other places.
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

/* "deep" belongs below "boot"; a tool moved it to "rr_moved", for its depth. */
#define DEEP 4u
#define DEEP_ENTRY 6u
#define ROOT 0u

static const struct iso_node nodes[] = {
	{ .name = "" },
	{ .name = "BOOT", .rock_name = "boot" },
	{ .name = "VMLINUX.;1",
	  .rock_name = "vmlinux-6.1",
	  .text = "kernel",
	  .parent = 1 },
	{ .name = "RR_MOVED", .rock_name = "rr_moved" },
	[DEEP] = { .name = "DEEP",
		   .rock_name = "deep",
		   .parent = 3,
		   .relocated = true },
	{ .name = "INITRD.IMG;1",
	  .rock_name = "initrd.img",
	  .text = "initrd",
	  .parent = DEEP },
	[DEEP_ENTRY] = { .name = "DEEP.;1",
			 .rock_name = "deep",
			 .parent = 1,
			 .child = DEEP },
	{ .name = "VMLINUZ.;1",
	  .rock_name = "vmlinuz",
	  .target = "boot/vmlinux-6.1" },
	{ .name = "INITRD.;1",
	  .rock_name = "initrd-of-a-long-name",
	  .target = "./boot/deep/initrd.img",
	  .continued = true },
	{ .name = "ABS.;1",
	  .rock_name = "absolute",
	  .target = "/boot/vmlinux-6.1",
	  .parent = DEEP },
	{ .name = "UP.;1",
	  .rock_name = "up",
	  .target = "../vmlinux-6.1",
	  .parent = DEEP },
	{ .name = "SELF.;1", .rock_name = "self", .target = "self" },
	{ .name = "LOST.;1", .rock_name = "lost", .target = "boot/nothing" },
	{ .name = NULL },
};

static uint8_t image[ISO_IMAGE_SIZE];
static struct fake_block disk;
static struct volume vol;

static int start(void **state)
{
	(void)state;
	iso_make(image, nodes, true);
	fake_block_init(&disk, image, sizeof(image), 2048);
	return volume_whole(&disk.bd, &vol);
}

static int stop(void **state)
{
	(void)state;
	fake_block_free(&disk);
	return fake_heap_live() ? -1 : 0;
}

static void expect(const char *path, const char *text)
{
	struct file file;
	char buf[64] = "";

	assert_int_equal(file_open(&vol, path, &file), 0);
	assert_false(file.is_directory || file.is_link);
	assert_int_equal(file.size, strlen(text));
	assert_int_equal(file_read(&file, 0, buf, strlen(text)), 0);
	assert_string_equal(buf, text);
	file_close(&file);
}

static void expect_not(const char *path, int want, const char *why)
{
	struct file file;

	assert_int_equal(file_open(&vol, path, &file), want);
	if (!strstr(reason(), why))
		fail_msg("%s: %s", path, reason());
}

static void links_lead_to_files(void **state)
{
	(void)state;
	expect("\\vmlinuz", "kernel");
	expect("initrd-of-a-long-name", "initrd");
	/* Level-1 names are as good. */
	expect("INITRD", "initrd");
	expect("/boot/deep/absolute", "kernel");
}

static void links_that_lead_nowhere_say_so(void **state)
{
	(void)state;
	expect_not("self", ERR_NOTSUP, "more than 8 symbolic links");
	expect_not("lost", ERR_NOENT, "\"nothing\"");
	expect_not("vmlinuz/x", ERR_NOENT, "not in a directory");
}

static void a_moved_directory_is_in_its_old_place(void **state)
{
	(void)state;
	expect("boot/deep/initrd.img", "initrd");
	expect("boot\\deep\\INITRD.IMG", "initrd");
	expect_not("rr_moved/deep/initrd.img", ERR_NOENT, "\"deep\"");
}

/* Its ".." on the medium is "rr_moved". */
static void the_parent_of_a_moved_directory_is_that_of_the_path(void **state)
{
	(void)state;
	expect("boot/deep/../vmlinux-6.1", "kernel");
	expect("boot/deep/up", "kernel");
}

static void list_entry(void *arg, const char *name, uint64_t size,
		       enum file_kind kind)
{
	static const char marks[] = { ' ', '\\', '@' };
	char *text = arg;

	(void)size;
	sprintf(text + strlen(text), "%s%c", name, marks[kind]);
}

static void list(const char *path, const char *want)
{
	char text[400] = "";
	struct file file;

	assert_int_equal(file_open(&vol, path, &file), 0);
	assert_true(file.is_directory);
	assert_int_equal(file.fs->list(&file, list_entry, text), 0);
	assert_string_equal(text, want);
	file_close(&file);
}

static void a_list_tells_links_and_moved_directories(void **state)
{
	(void)state;
	list("boot", "vmlinux-6.1 deep\\");
	list("rr_moved", "");
	list("boot/deep", "initrd.img absolute@up@");
	list("", "boot\\rr_moved\\vmlinuz@initrd-of-a-long-name@self@lost@");
}

/* The record of an entry in a directory of the image. */
static uint8_t *record(unsigned directory, unsigned index)
{
	uint8_t *p = disk.data + (size_t)iso_extent(directory) * 2048;

	for (index += 2; index; index--)
		p += *p;
	return p;
}

static uint8_t *entry(uint8_t *rec, const char *signature)
{
	uint8_t *found = memmem(rec, *rec, signature, 2);

	assert_non_null(found);
	return found;
}

static void a_moved_directory_must_be_one(void **state)
{
	uint8_t *child = entry(record(1, 1), "CL") + 4;

	(void)state;
	le32_store(child, iso_extent(2));
	expect_not("boot/deep", ERR_NOTSUP, "\"deep\": malformed directory");
	le32_store(child, 0xffffffff);
	expect_not("boot/deep", ERR_RANGE, "\"deep\": byte ");
	/* Its own parent: a cycle, but a path ends. */
	le32_store(child, iso_extent(1));
	expect("boot/deep/deep/deep/vmlinux-6.1", "kernel");
	le32_store(child, iso_extent(DEEP));
	le32_store(disk.data + iso_extent(DEEP) * 2048 + 10, 0xfffff000);
	expect_not("boot/deep", ERR_RANGE, "the volume ends");
}

static void a_malformed_link_says_so(void **state)
{
	uint8_t *sl = entry(record(ROOT, 2), "SL");

	(void)state;
	sl[6] = 200;
	expect_not("vmlinuz", ERR_NOTSUP,
		   "\"vmlinuz\": malformed symbolic link");
	sl[4] = 1;
	sl[6] = 4;
	expect_not("vmlinuz", ERR_NOTSUP, "malformed symbolic link");
}

/* Neighbours are read together: the descriptor, and one request for the rest. */
static void directories_that_are_close_cost_one_read(void **state)
{
	unsigned before = disk.reads;
	struct file file;

	(void)state;
	assert_int_equal(file_open(&vol, "vmlinuz", &file), 0);
	assert_int_equal(disk.reads - before, 2);
	file_close(&file);
	before = disk.reads;
	assert_int_equal(file_open(&vol, "boot/deep/up", &file), 0);
	assert_int_equal(disk.reads - before, 2);
	file_close(&file);
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	size_t live = fake_heap_live();
	struct file file;
	long n;

	(void)state;
	for (n = 0;; n++) {
		fake_heap_fail_after(n);
		int err = file_open(&vol, "boot/deep/up", &file);

		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
		assert_int_equal(fake_heap_live(), live);
	}
	fake_heap_fail_after(-1);
	file_close(&file);
	/* The path, the mount, its window, a link's target. */
	assert_int_equal(n, 4);
}

/* Opens and lists whatever a broken image lets it. */
static unsigned use_all(void)
{
	static const char *const paths[] = { "vmlinuz", "boot/deep", "INITRD/",
					     "boot/deep/up" };
	char text[40000] = "";
	unsigned opened = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		struct file file;

		if (file_open(&vol, paths[i], &file))
			continue;
		opened++;
		if (file.is_directory)
			opened += file.fs->list(&file, list_entry, text) == 0;
		file_close(&file);
	}
	return opened;
}

static void every_bit_of_the_structures_may_be_wrong(void **state)
{
	static const struct {
		uint32_t block, bytes;
	} parts[] = { { 24, 60 }, { 32, 600 }, { 34, 300 }, { 40, 300 } };
	unsigned opened = 0;

	(void)state;
	for (unsigned p = 0; p < ARRAY_SIZE(parts); p++) {
		for (size_t i = 0; i < (size_t)parts[p].bytes * 8; i++) {
			size_t byte = (size_t)parts[p].block * 2048 + i / 8;

			disk.data[byte] ^= (uint8_t)(1 << i % 8);
			opened += use_all();
			disk.data[byte] ^= (uint8_t)(1 << i % 8);
		}
	}
	assert_true(opened > 20000);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(links_lead_to_files),
		T(links_that_lead_nowhere_say_so),
		T(a_moved_directory_is_in_its_old_place),
		T(the_parent_of_a_moved_directory_is_that_of_the_path),
		T(a_list_tells_links_and_moved_directories),
		T(a_moved_directory_must_be_one),
		T(a_malformed_link_says_so),
		T(directories_that_are_close_cost_one_read),
		T(no_memory_is_told_and_nothing_leaks),
		T(every_bit_of_the_structures_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
