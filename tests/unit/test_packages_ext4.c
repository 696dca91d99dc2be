// SPDX-License-Identifier: BSD-2-Clause
// ext2, ext3 and ext4: superblocks, features, what files are.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include "tests/fake/ext4_volume.h"
#include "tests/fake/log.h"

static uint8_t *super(unsigned at)
{
	return ext4_block(EXT4_FAKE_SUPER) + at;
}

static int open_root(void)
{
	struct file file;
	int err = file_open(&ext4_vol, "", &file);

	file_close(&file);
	return err;
}

static void expect_error(const char *path, int err, const char *text)
{
	assert_int_equal(ext4_use(path), err);
	if (!strstr(reason(), text))
		fail_msg("\"%s\" is not in \"%s\"", text, reason());
}

static void paths_lead_to_files_directories_and_links(void **state)
{
	struct file file;

	(void)state;
	ext4_prepare();
	assert_int_equal(ext4_use_all(), EXT4_PATHS);
	assert_int_equal(file_open(&ext4_vol, "link", &file), 0);
	assert_int_equal(file.size, EXT4_FAKE_FILE_SIZE);
	ext4_expect_block(&file, 1, EXT4_FAKE_DATA + 3);
	file_close(&file);
	expect_error("none", ERR_NOENT, "no file or directory \"none\"");
	expect_error("fil", ERR_NOENT, "no file or directory");
	expect_error("FILE", ERR_NOENT, "no file or directory");
	expect_error("file/x", ERR_NOENT, "not in a directory");
	ext4_finish();
}

static void another_volume_costs_one_small_request(void **state)
{
	(void)state;
	ext4_prepare();
	le16_store(super(0x38), 0xef54);
	ext4_disk.reads = 0;
	ext4_disk.blocks_read = 0;
	expect_error("file", ERR_FORMAT, "unknown file system");
	assert_int_equal(ext4_disk.reads, 1);
	assert_int_equal(ext4_disk.blocks_read, 1);
	fake_block_cut(&ext4_disk, 1024);
	assert_int_equal(volume_whole(&ext4_disk.bd, &ext4_vol), 0);
	expect_error("file", ERR_FORMAT, "unknown file system");
	ext4_finish();
}

static void a_file_costs_few_requests(void **state)
{
	struct file file;
	uint8_t buf[EXT4_FAKE_FILE_SIZE];

	(void)state;
	ext4_prepare();
	ext4_disk.reads = 0;
	assert_int_equal(file_open(&ext4_vol, "file", &file), 0);
	/* The superblock, the inodes and descriptors, the directory. */
	assert_int_equal(ext4_disk.reads, 3);
	assert_int_equal(file_read(&file, 0, buf, 4096), 0);
	assert_int_equal(ext4_disk.reads, 4);
	file_close(&file);
	ext4_finish();
}

static void an_unreadable_superblock_is_an_error(void **state)
{
	(void)state;
	ext4_prepare();
	ext4_disk.bad_first = ext4_disk.bad_last = 1;
	expect_error("file", ERR_IO, "bad block");
	ext4_finish();
}

static void features_that_change_everything_are_refused_by_name(void **state)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} refused[] = { { 0x1, "feature COMPRESSION cannot be read" },
			{ 0x8, "feature JOURNAL_DEV cannot be read" },
			{ 0x1000, "feature DIRDATA cannot be read" },
			{ 0x20, "features 0x20 cannot be read" },
			{ 0x80040800, "features 0x80040800 cannot be read" } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		ext4_prepare();
		le32_store(super(0x60), 0x80c2 | refused[i].bit);
		expect_error("file", ERR_NOTSUP, refused[i].name);
		ext4_finish();
	}
}

static void the_other_features_are_read(void **state)
{
	static const uint32_t bits[] = { 0x2,	  0x40,	  0x100,  0x200,
					 0x400,	  0x2000, 0x4000, 0x8000,
					 0x10000, 0x20000 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
		ext4_prepare();
		le32_store(super(0x60), 0x80 | bits[i]);
		le32_store(super(0x5c), 0xffffffff & ~0x200u);
		le32_store(super(0x64), 0xffffffff);
		assert_int_equal(ext4_use_all(), EXT4_PATHS);
		ext4_finish();
	}
}

static void recovery_is_told_once_for_each_volume(void **state)
{
	(void)state;
	ext4_prepare();
	fake_log_start();
	le32_store(super(0x60), 0x80c6);
	assert_int_equal(ext4_use_all(), EXT4_PATHS);
	assert_string_equal(fake_printed,
			    "Warning: /fake/disk@0, byte 0: ext4 needs "
			    "journal recovery; files may be old\r\n");
	for (unsigned i = 0; i < 10; i++) {
		fake_log_clear();
		*super(0x68) = (uint8_t)i;
		assert_int_equal(ext4_use("file"), 0);
		assert_int_equal(ext4_use("map"), 0);
		assert_int_equal(fake_log_lines(), 1);
	}
	fake_log_stop();
	ext4_finish();
}

static void numbers_that_make_no_sense_are_damage(void **state)
{
	static const struct {
		unsigned at;
		uint32_t value;
	} wrong[] = { { 0x18, 7 },	    { 0x18, 0xffffffff },
		      { 0x04, 0 },	    { 0x14, 256 },
		      { 0x14, 0xffffffff }, { 0x20, 0 },
		      { 0x28, 0 },	    { 0x150, 0x7fffffff },
		      { 0x150, 0xffffffff } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		ext4_prepare();
		le32_store(super(wrong[i].at), wrong[i].value);
		/* With a wrong block size it is no superblock. */
		assert_int_equal(open_root(),
				 wrong[i].at == 0x18 ? ERR_FORMAT : ERR_NOTSUP);
		ext4_finish();
	}
	ext4_prepare();
	/* Groups of one block are more than there are numbers. */
	le32_store(super(0x150), 1);
	le32_store(super(0x20), 1);
	assert_int_equal(open_root(), ERR_NOTSUP);
	ext4_finish();
}

static void sizes_of_inodes_and_descriptors_are_checked(void **state)
{
	static const struct {
		unsigned at;
		uint16_t value;
	} wrong[] = { { 0x58, 0 },    { 0x58, 64 },   { 0x58, 192 },
		      { 0x58, 2048 }, { 0xfe, 0 },    { 0xfe, 32 },
		      { 0xfe, 96 },   { 0xfe, 2048 }, { 0xfe, 0xffff } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		ext4_prepare();
		le16_store(super(wrong[i].at), wrong[i].value);
		expect_error("", ERR_NOTSUP, "the superblock is damaged");
		ext4_finish();
	}
}

static void a_volume_has_a_name(void **state)
{
	char label[32];

	(void)state;
	ext4_prepare();
	assert_int_equal(volume_label(&ext4_vol, label, sizeof(label)), 0);
	assert_string_equal(label, "quoin");
	memset(super(0x78), 'x', 16);
	assert_int_equal(volume_label(&ext4_vol, label, sizeof(label)), 0);
	assert_string_equal(label, "xxxxxxxxxxxxxxxx");
	assert_int_equal(volume_label(&ext4_vol, label, 4), 0);
	assert_string_equal(label, "xxx");
	ext4_finish();
}

static void the_root_is_a_directory(void **state)
{
	(void)state;
	ext4_prepare();
	le16_store(ext4_inode(EXT4_FAKE_ROOT), 0x81a4);
	expect_error("file", ERR_NOTSUP, "the root is not a directory");
	ext4_finish();
}

static void what_is_no_file_is_refused(void **state)
{
	static const uint16_t modes[] = { 0x1180, 0x2180, 0x6180, 0xc180,
					  0,	  0xe180, 0xf180 };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
		ext4_prepare();
		le16_store(ext4_inode(EXT4_FAKE_FILE), modes[i]);
		expect_error("file", ERR_NOTSUP,
			     "\"file\": neither a file nor a directory");
		assert_int_equal(ext4_use(""), 0);
		ext4_finish();
	}
}

static void encrypted_files_and_directories_are_refused(void **state)
{
	(void)state;
	ext4_prepare();
	le32_store(ext4_inode(EXT4_FAKE_FILE) + 0x20, 0x80800);
	le32_store(ext4_inode(EXT4_FAKE_DIR) + 0x20, 0x80800);
	expect_error("file", ERR_NOTSUP, "\"file\": it is encrypted");
	expect_error("dir", ERR_NOTSUP, "\"dir\": it is encrypted");
	expect_error("dir/name", ERR_NOTSUP, "\"dir\": it is encrypted");
	assert_int_equal(ext4_use(""), 0);
	ext4_finish();
}

static void files_are_not_larger_than_their_maps(void **state)
{
	struct file file;

	(void)state;
	ext4_prepare();
	le32_store(ext4_inode(EXT4_FAKE_FILE) + 0x6c, 0x400);
	expect_error("file", ERR_NOTSUP, "inode 11 has 4398046516104 bytes");
	le32_store(ext4_inode(EXT4_FAKE_FILE) + 0x6c, 0x3ff);
	assert_int_equal(file_open(&ext4_vol, "file", &file), 0);
	assert_int_equal(file.size, (0x3ffull << 32) + EXT4_FAKE_FILE_SIZE);
	file_close(&file);
	ext4_finish();
}

static void links_have_a_length(void **state)
{
	uint8_t *size;

	(void)state;
	ext4_prepare();
	size = ext4_inode(EXT4_FAKE_LINK) + 4;
	/* Past 59 bytes it is not in the inode, which has no blocks. */
	le32_store(size, 60);
	expect_error("link", ERR_NOTSUP, "is not in the file system");
	le32_store(size, 5000);
	expect_error("link", ERR_NOSPACE, "longer than 1023 characters");
	le32_store(size, 3);
	assert_int_equal(ext4_use("link"), 0);
	ext4_finish();
}

static void a_damaged_inode_does_not_hide_the_others(void **state)
{
	(void)state;
	ext4_prepare();
	/* The first entry after "." and "..". */
	le32_store(ext4_block(EXT4_FAKE_ROOT_BLOCK) + 24, 99);
	assert_int_equal(ext4_use(""), 0);
	expect_error("file", ERR_NOTSUP, "inode 99 does not exist");
	ext4_finish();
}

static void two_files_may_be_read_in_turn(void **state)
{
	struct file dir, file, map;

	(void)state;
	ext4_prepare();
	assert_int_equal(file_open(&ext4_vol, "", &dir), 0);
	file = (struct file){ .fs = dir.fs, .mount = dir.mount };
	map = file;
	assert_int_equal(dir.fs->lookup(&dir, "file", 4, &file), 0);
	assert_int_equal(dir.fs->lookup(&dir, "map", 3, &map), 0);
	for (unsigned i = 0; i < 3; i++) {
		ext4_expect_block(&file, i, EXT4_FAKE_DATA + 2 + i);
		ext4_expect_block(&map, 12 + (i & 1) * 2,
				  i & 1 ? 0 : EXT4_FAKE_DATA + 12);
	}
	file_close(&dir);
	ext4_finish();
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
	long n;
	int err;

	(void)state;
	ext4_prepare();
	for (n = 0; n < 20; n++) {
		fake_heap_fail_after(n);
		err = ext4_use("dir/slow");
		if (!fake_heap_failed())
			break;
		assert_int_equal(err, ERR_NOMEM);
	}
	fake_heap_fail_after(-1);
	assert_in_range(n, 4, 19);
	ext4_finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lead_to_files_directories_and_links),
		cmocka_unit_test(another_volume_costs_one_small_request),
		cmocka_unit_test(a_file_costs_few_requests),
		cmocka_unit_test(an_unreadable_superblock_is_an_error),
		cmocka_unit_test(
			features_that_change_everything_are_refused_by_name),
		cmocka_unit_test(the_other_features_are_read),
		cmocka_unit_test(recovery_is_told_once_for_each_volume),
		cmocka_unit_test(numbers_that_make_no_sense_are_damage),
		cmocka_unit_test(sizes_of_inodes_and_descriptors_are_checked),
		cmocka_unit_test(a_volume_has_a_name),
		cmocka_unit_test(the_root_is_a_directory),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(encrypted_files_and_directories_are_refused),
		cmocka_unit_test(files_are_not_larger_than_their_maps),
		cmocka_unit_test(links_have_a_length),
		cmocka_unit_test(a_damaged_inode_does_not_hide_the_others),
		cmocka_unit_test(two_files_may_be_read_in_turn),
		cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
