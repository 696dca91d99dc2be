// SPDX-License-Identifier: BSD-2-Clause
// Inodes of ext4: numbers, groups, data inside them.
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

static uint8_t *super(unsigned at)
{
	return ext4_block(EXT4_FAKE_SUPER) + at;
}

static void expect_error(const char *path, int err, const char *text)
{
	int got = ext4_use(path);

	if (got != err)
		fail_msg("%d, not %d: %s", got, err, text);
	if (!strstr(reason(), text))
		fail_msg("\"%s\" is not in \"%s\"", text, reason());
}

static void numbers_of_inodes_are_checked(void **state)
{
	static const uint32_t numbers[] = { 33, 0x7fffffff, 0xffffffff };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
		ext4_prepare();
		le32_store(ext4_block(EXT4_FAKE_ROOT_BLOCK) + 24, numbers[i]);
		expect_error("file", ERR_NOTSUP, "does not exist");
		ext4_finish();
	}
}

static void an_inode_is_in_a_group_that_is_there(void **state)
{
	(void)state;
	ext4_prepare();
	le32_store(super(0), 0xffffffff);
	le32_store(ext4_block(EXT4_FAKE_ROOT_BLOCK) + 24, 33);
	expect_error("file", ERR_NOTSUP, "inode 33 does not exist");
	assert_int_equal(ext4_use("map"), 0);
	ext4_finish();
}

static void a_table_of_inodes_is_in_the_file_system(void **state)
{
	static const uint32_t tables[] = { 0, 249, 256, 0xffffffff };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(tables); i++) {
		ext4_prepare();
		le32_store(ext4_block(EXT4_FAKE_GROUPS) + 8, tables[i]);
		expect_error("file", ERR_NOTSUP, "is not in the file system");
		ext4_finish();
	}
	ext4_prepare();
	le32_store(ext4_block(EXT4_FAKE_GROUPS) + 0x28, 1);
	expect_error("file", ERR_NOTSUP, "is not in the file system");
	/* Descriptors of 32 bytes have no such field. */
	le32_store(super(0x60), 0x8042);
	assert_int_equal(ext4_use_all(), EXT4_PATHS);
	ext4_finish();
}

/* Two groups of 8 inodes, with descriptors of 64 bytes. */
static void a_table_of_another_group_is_found(void **state)
{
	uint8_t *second;

	(void)state;
	ext4_prepare();
	le32_store(super(0x20), 64);
	le32_store(super(0x28), 16);
	second = ext4_block(EXT4_FAKE_GROUPS) + 64;
	le32_store(second + 8, EXT4_FAKE_TABLE + 4);
	assert_int_equal(ext4_use_all(), EXT4_PATHS);
	le32_store(second + 8, EXT4_FAKE_TABLE);
	assert_true(ext4_use_all() < EXT4_PATHS);
	ext4_finish();
}

/* META_BG: group 16 has descriptors, behind a superblock if it has one. */
static void descriptors_are_behind_a_superblock(void **state)
{
	static const struct {
		uint32_t compat, ro_compat, backup;
		unsigned block;
	} where[] = { { 0, 0, 0, 130 },
		      { 0, 1, 0, 129 }, /* not 3, 5, 7 or a power of them */
		      { 0x200, 1, 16, 130 },
		      { 0x200, 1, 15, 129 } };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(where); i++) {
		ext4_prepare();
		le32_store(super(0x60), 0x80d2);
		le32_store(super(0x20), 8); /* blocks and inodes of a group */
		le32_store(super(0x28), 2);
		le32_store(super(0), 64);
		le32_store(super(0x5c), where[i].compat);
		le32_store(super(0x64), where[i].ro_compat);
		le32_store(super(0x24c + i % 2 * 4), where[i].backup);
		memset(ext4_block(129), 0, 3 * 1024);
		le32_store(ext4_block(where[i].block) + 8, 131);
		memcpy(ext4_block(131), ext4_inode(EXT4_FAKE_FILE), 256);
		le32_store(ext4_block(EXT4_FAKE_ROOT_BLOCK) + 24, 33);
		assert_int_equal(ext4_use("file"), 0);
		ext4_finish();
	}
}

static void descriptors_past_the_end_are_told(void **state)
{
	(void)state;
	ext4_prepare();
	/* META_BG: the descriptors of group 32 are where it begins. */
	le32_store(super(0x60), 0x80d2);
	le32_store(super(0x20), 8);
	le32_store(super(0x28), 1);
	le32_store(super(0), 0xffffffff);
	expect_error("file", ERR_NOTSUP, "is not in the file system");
	ext4_finish();
}

static void of_what_has_no_upper_half_it_does_not_count(void **state)
{
	struct file file;

	(void)state;
	ext4_prepare();
	le32_store(ext4_inode(EXT4_FAKE_LINK) + 0x6c, 1);
	le32_store(ext4_inode(EXT4_FAKE_DIR) + 0x6c, 1);
	assert_int_equal(ext4_use("link"), 0);
	assert_int_equal(ext4_use("dir"), 0);
	le32_store(ext4_inode(EXT4_FAKE_FILE) + 0x6c, 1);
	assert_int_equal(file_open(&ext4_vol, "file", &file), 0);
	assert_int_equal(file.size, (1ull << 32) + EXT4_FAKE_FILE_SIZE);
	file_close(&file);
	ext4_finish();
}

static void inodes_of_128_bytes_have_no_inline_data(void **state)
{
	(void)state;
	ext4_prepare();
	le32_store(super(0x4c), 0);
	le32_store(super(0), 64);
	le32_store(super(0x28), 64);
	/* Inode 11 of 256 bytes is 21 and 22 of 128. */
	le32_store(ext4_block(EXT4_FAKE_ROOT_BLOCK) + 24, 21);
	memcpy(ext4_inode(1) + 128, ext4_inode(2), 128);
	assert_int_equal(ext4_use("file"), 0);
	le32_store(ext4_inode(11) + 0x20, 0x10000000);
	expect_error("file", ERR_NOTSUP, "inode 21 lacks its data");
	ext4_finish();
}

/* The attributes of "/inline": 160: magic, 164: an entry, 184: system.data. */
static void attributes_that_lie_are_told(void **state)
{
	static const struct {
		unsigned at;
		uint16_t value;
	} wrong[] = {
		{ 0x80, 0xffff }, /* extra size */
		{ 0x80, 125 },	     { 0x80, 28 },
		{ 162, 0 },	     /* magic */
		{ 164, 0x01ff },     /* a name as long as the rest */
		{ 184, 0x0704 + 1 }, /* another name, */
		{ 184, 0x0604 },     /* another kind, */
		{ 200, 0x6465 },     /* another word */
		{ 186, 53 },	     /* value: past the end, */
		{ 186, 93 },	     { 186, 0xffff },
		{ 188, 12 }, /* in another inode */
		{ 192, 39 }, /* shorter than the file */
		{ 192, 53 }, /* past the end */
		{ 194, 0xffff },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		ext4_prepare();
		le16_store(ext4_inode(EXT4_FAKE_INLINE) + wrong[i].at,
			   wrong[i].value);
		expect_error("inline", ERR_NOTSUP, "lacks its data");
		ext4_finish();
	}
}

/* The name of the last entry would be in the next inode. */
static void names_of_attributes_end_with_the_inode(void **state)
{
	uint8_t *inode;

	(void)state;
	ext4_prepare();
	inode = ext4_inode(EXT4_FAKE_INLINE);
	inode[164] = 60;
	memset(inode + 240, 0, 16);
	inode[240] = 4;
	inode[241] = 7;
	inode[248] = 40;
	memcpy(inode + 256, "data", 4);
	expect_error("inline", ERR_NOTSUP, "lacks its data");
	ext4_finish();
}

static void an_end_of_attributes_is_an_end(void **state)
{
	(void)state;
	ext4_prepare();
	le32_store(ext4_inode(EXT4_FAKE_INLINE) + 164, 0);
	expect_error("inline", ERR_NOTSUP, "inode 14 lacks its data");
	/* What fits into the map needs none. */
	le32_store(ext4_inode(EXT4_FAKE_INLINE) + 4, 60);
	assert_int_equal(ext4_use("inline"), 0);
	ext4_finish();
}

static void an_unreadable_table_is_an_error(void **state)
{
	(void)state;
	ext4_prepare();
	ext4_disk.bad_first = ext4_disk.bad_last = EXT4_FAKE_TABLE;
	assert_int_equal(ext4_use("file"), ERR_IO);
	ext4_disk.bad_first = ext4_disk.bad_last = EXT4_FAKE_GROUPS;
	assert_int_equal(ext4_use("file"), ERR_IO);
	ext4_finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_inodes_are_checked),
		cmocka_unit_test(an_inode_is_in_a_group_that_is_there),
		cmocka_unit_test(a_table_of_inodes_is_in_the_file_system),
		cmocka_unit_test(a_table_of_another_group_is_found),
		cmocka_unit_test(descriptors_are_behind_a_superblock),
		cmocka_unit_test(descriptors_past_the_end_are_told),
		cmocka_unit_test(of_what_has_no_upper_half_it_does_not_count),
		cmocka_unit_test(inodes_of_128_bytes_have_no_inline_data),
		cmocka_unit_test(attributes_that_lie_are_told),
		cmocka_unit_test(names_of_attributes_end_with_the_inode),
		cmocka_unit_test(an_end_of_attributes_is_an_end),
		cmocka_unit_test(an_unreadable_table_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
