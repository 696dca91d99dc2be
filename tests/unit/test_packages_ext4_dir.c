// SPDX-License-Identifier: BSD-2-Clause
// Directories of ext4: entries that lie, blocks of any size.
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
#include "tests/fake/ext4_volume.h"

/* Where the entries of the image's root begin: ".", "..", "file", "map"... */
static uint8_t *root(unsigned at)
{
	return ext4_block(EXT4_FAKE_ROOT_BLOCK) + at;
}

/* A look-up fails by ERR_NOTSUP, a list by ERR_FORMAT. */
static void expect_malformed(const char *path, const char *text)
{
	int err = ext4_use(path);

	assert_true(err == ERR_NOTSUP || err == ERR_FORMAT);
	if (!strstr(reason(), text))
		fail_msg("\"%s\" is not in \"%s\"", text, reason());
}

static char names[4096];

static void add_name(void *arg, const char *name, uint64_t size,
		     enum file_kind kind)
{
	static const char kinds[] = { 'f', 'd', 'l' };
	size_t len = strlen(names);

	(void)arg;
	snprintf(names + len, sizeof(names) - len, "%s:%llu%c ", name,
		 (unsigned long long)size, kinds[kind]);
}

static void list(const char *path)
{
	struct file file;

	names[0] = '\0';
	assert_int_equal(file_open(&ext4_vol, path, &file), 0);
	assert_int_equal(file.fs->list(&file, add_name, NULL), 0);
	file_close(&file);
}

static void a_directory_lists_all_but_the_dots(void **state)
{
	(void)state;
	ext4_prepare();
	list("");
	assert_string_equal(names, "file:5000f map:20480f deep:40960f "
				   "inline:100f link:8l slow:80l dir:1024d "
				   "small:84d ");
	list("dir");
	assert_string_equal(names, "slow:80l dots:1024d deeper:84d name:1f ");
	list("small");
	assert_string_equal(names, "first:5000f second:20480f ");
	ext4_finish();
}

static void entries_with_wrong_lengths_are_told(void **state)
{
	static const uint16_t lengths[] = { 0,	4,    8,      13,
					    14, 1004, 0xfffc, 0xffff };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		ext4_prepare();
		/* "file": 12 bytes at 24. */
		le16_store(root(24 + 4), lengths[i]);
		expect_malformed("map", "an entry is malformed");
		expect_malformed("", "inode 2: an entry is malformed");
		ext4_finish();
	}
}

static void a_name_ends_in_its_entry(void **state)
{
	(void)state;
	ext4_prepare();
	root(24)[6] = 5;
	expect_malformed("map", "an entry is malformed");
	root(24)[6] = 255;
	expect_malformed("map", "an entry is malformed");
	root(24)[6] = 0;
	assert_int_equal(ext4_use("map"), 0);
	assert_int_equal(ext4_use("file"), ERR_NOENT);
	ext4_finish();
}

static void unused_entries_are_skipped(void **state)
{
	(void)state;
	ext4_prepare();
	le32_store(root(24), 0);
	assert_int_equal(ext4_use("file"), ERR_NOENT);
	assert_int_equal(ext4_use("map"), 0);
	list("");
	assert_null(strstr(names, "file"));
	ext4_finish();
}

static void the_type_of_an_entry_is_not_trusted(void **state)
{
	(void)state;
	ext4_prepare();
	root(24)[7] = 2;
	assert_int_equal(ext4_use("file"), 0);
	root(24)[7] = 0xde;
	assert_int_equal(ext4_use("file"), 0);
	ext4_finish();
}

static void names_have_255_bytes(void **state)
{
	char name[256];
	uint8_t *last;

	(void)state;
	ext4_prepare();
	memset(name, 'n', 255);
	name[255] = '\0';
	last = root(24);
	le16_store(last + 4, 1000);
	last[6] = 255;
	memcpy(last + 8, name, 255);
	assert_int_equal(ext4_use(name), 0);
	list("");
	assert_memory_equal(names, name, 255);
	name[254] = '\0';
	assert_int_equal(ext4_use(name), ERR_NOENT);
	ext4_finish();
}

static void a_directory_may_be_cut_within_a_block(void **state)
{
	uint8_t *size;

	(void)state;
	ext4_prepare();
	size = ext4_inode(EXT4_FAKE_ROOT) + 4;
	le32_store(size, 36);
	assert_int_equal(ext4_use("file"), 0);
	assert_int_equal(ext4_use("map"), ERR_NOENT);
	le32_store(size, 40);
	expect_malformed("map", "an entry is malformed");
	le32_store(size, 0);
	assert_int_equal(ext4_use("map"), ERR_NOENT);
	assert_int_equal(ext4_use(""), 0);
	ext4_finish();
}

static void a_hole_in_a_directory_is_told(void **state)
{
	(void)state;
	ext4_prepare();
	le32_store(ext4_inode(EXT4_FAKE_ROOT) + 4, 2048);
	assert_int_equal(ext4_use("file"), 0);
	expect_malformed("none", "an entry is malformed");
	ext4_finish();
}

/* The volume is a sparse one, and the directory's blocks may be the same. */
static void directories_are_not_larger_than_16_mib(void **state)
{
	uint8_t *inode;

	(void)state;
	ext4_prepare();
	inode = ext4_inode(EXT4_FAKE_ROOT);
	le32_store(inode + 4, FILE_DIRECTORY_MAX + 1);
	expect_malformed("file", "it is larger than 16 MiB");
	le32_store(inode + 4, FILE_DIRECTORY_MAX);
	assert_int_equal(ext4_use("file"), 0);
	expect_malformed("none", "an entry is malformed");
	/* The upper half counts with LARGEDIR alone. */
	le32_store(inode + 0x6c, 1);
	assert_int_equal(ext4_use("file"), 0);
	le32_store(ext4_block(EXT4_FAKE_SUPER) + 0x60, 0xc0c2);
	expect_malformed("file", "it is larger than 16 MiB");
	ext4_finish();
}

static void an_inline_directory_has_two_parts(void **state)
{
	uint8_t *inode;

	(void)state;
	ext4_prepare();
	inode = ext4_inode(EXT4_FAKE_SMALL);
	assert_int_equal(ext4_use("small/first"), 0);
	assert_int_equal(ext4_use("small/second"), 0);
	/* An entry does not reach from one into the other. */
	le16_store(inode + 0x28 + 4 + 4, 80);
	expect_malformed("small/second", "an entry is malformed");
	le16_store(inode + 0x28 + 4 + 4, 56);
	le32_store(inode + 4, 60);
	assert_int_equal(ext4_use("small/second"), ERR_NOENT);
	le32_store(inode + 4, 3);
	expect_malformed("small", "it is too small");
	le32_store(inode + 4, 4);
	assert_int_equal(ext4_use("small"), 0);
	le32_store(inode + 4, 7);
	expect_malformed("small", "an entry is malformed");
	ext4_finish();
}

static void an_unreadable_directory_is_an_error(void **state)
{
	(void)state;
	ext4_prepare();
	ext4_disk.bad_first = ext4_disk.bad_last = EXT4_FAKE_DIR_BLOCK;
	assert_int_equal(ext4_use("dir/name"), ERR_IO);
	assert_int_equal(ext4_use("dir"), ERR_IO);
	assert_int_equal(ext4_use("file"), 0);
	ext4_finish();
}

/* Listing reads inodes: one that cannot be read ends it. */
static void an_unreadable_inode_ends_a_listing(void **state)
{
	struct file file;

	(void)state;
	ext4_prepare();
	assert_int_equal(file_open(&ext4_vol, "dir", &file), 0);
	le32_store(ext4_block(EXT4_FAKE_SUPER) + 0x28, 8);
	ext4_disk.bad_first = 0;
	ext4_disk.bad_last = 15;
	names[0] = '\0';
	/* They are in the window of the open file, still. */
	assert_int_equal(file.fs->list(&file, add_name, NULL), 0);
	file_close(&file);
	assert_int_equal(ext4_use("dir"), ERR_IO);
	ext4_finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_directory_lists_all_but_the_dots),
		cmocka_unit_test(entries_with_wrong_lengths_are_told),
		cmocka_unit_test(a_name_ends_in_its_entry),
		cmocka_unit_test(unused_entries_are_skipped),
		cmocka_unit_test(the_type_of_an_entry_is_not_trusted),
		cmocka_unit_test(names_have_255_bytes),
		cmocka_unit_test(a_directory_may_be_cut_within_a_block),
		cmocka_unit_test(a_hole_in_a_directory_is_told),
		cmocka_unit_test(directories_are_not_larger_than_16_mib),
		cmocka_unit_test(an_inline_directory_has_two_parts),
		cmocka_unit_test(an_unreadable_directory_is_an_error),
		cmocka_unit_test(an_unreadable_inode_ends_a_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
