// SPDX-License-Identifier: BSD-2-Clause
// Maps of ext4 files: runs, holes, damaged nodes.
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

static struct file file;

static void open_file(const char *path)
{
	assert_int_equal(file_open(&ext4_vol, path, &file), 0);
	ext4_disk.reads = 0;
}

static void close_file(void)
{
	file_close(&file);
	ext4_finish();
}

/* Reads block `index` of a file whose map is damaged. */
static void expect_damaged(const char *path, unsigned index)
{
	uint8_t buf[16];

	open_file(path);
	assert_int_equal(file_read(&file, index * 1024ull, buf, sizeof(buf)),
			 ERR_FORMAT);
	file_close(&file);
}

static void a_run_of_blocks_is_one_request(void **state)
{
	static uint8_t buf[64 * 1024];
	uint8_t *extent;

	(void)state;
	ext4_prepare();
	extent = ext4_inode(EXT4_FAKE_FILE) + 0x28 + 12;
	le16_store(extent + 4, 60);
	le32_store(ext4_inode(EXT4_FAKE_FILE) + 4, 60 * 1024);
	open_file("file");
	assert_int_equal(file_read(&file, 0, buf, 60 * 1024), 0);
	assert_memory_equal(buf, ext4_block(EXT4_FAKE_DATA + 2), 60 * 1024);
	assert_int_equal(ext4_disk.reads, 1);
	close_file();
}

static void extents_that_follow_each_other_are_one_request(void **state)
{
	uint8_t *map, buf[4096];

	(void)state;
	ext4_prepare();
	map = ext4_inode(EXT4_FAKE_FILE) + 0x28;
	le16_store(map + 2, 3);
	for (unsigned i = 0; i < 3; i++) {
		le32_store(map + 12 + i * 12, i);
		le16_store(map + 12 + i * 12 + 4, i == 2 ? 3 : 1);
		le32_store(map + 12 + i * 12 + 8, EXT4_FAKE_DATA + i);
	}
	open_file("file");
	assert_int_equal(file_read(&file, 0, buf, sizeof(buf)), 0);
	assert_memory_equal(buf, ext4_block(EXT4_FAKE_DATA), sizeof(buf));
	assert_int_equal(ext4_disk.reads, 1);
	close_file();
}

static void block_maps_are_read_in_runs(void **state)
{
	static uint8_t buf[EXT4_FAKE_MAP_BLOCKS * 1024];

	(void)state;
	ext4_prepare();
	open_file("map");
	assert_int_equal(file_read(&file, 0, buf, sizeof(buf)), 0);
	/* 0-4; 6-11 and 12, whose block also follows; 13; the indirect one. */
	assert_int_equal(ext4_disk.reads, 4);
	for (unsigned i = 0; i < EXT4_FAKE_MAP_BLOCKS; i++)
		ext4_expect_block(&file, i,
				  i == 5 || i > 13 ? 0
				  : i == 13	   ? EXT4_FAKE_DATA + 20
						   : EXT4_FAKE_DATA + i);
	close_file();
}

/* What block `i` of "/deep" is. */
static unsigned deep_block(unsigned i)
{
	if (i < 4)
		return EXT4_FAKE_DATA + i;
	if (i == 6)
		return EXT4_FAKE_DATA + 4;
	if (i >= 20 && i < 23)
		return EXT4_FAKE_DATA + 8 + i - 20;
	return i == 30 ? EXT4_FAKE_DATA + 11 : 0;
}

static void holes_and_unwritten_blocks_are_zeros(void **state)
{
	static uint8_t buf[EXT4_FAKE_DEEP_BLOCKS * 1024];

	(void)state;
	ext4_prepare();
	open_file("deep");
	memset(buf, 0xee, sizeof(buf));
	assert_int_equal(file_read(&file, 0, buf, sizeof(buf)), 0);
	for (unsigned i = 0; i < EXT4_FAKE_DEEP_BLOCKS; i++) {
		static const uint8_t zeros[1024];
		unsigned want = deep_block(i);

		assert_memory_equal(buf + i * 1024,
				    want ? ext4_block(want) : zeros, 1024);
		ext4_expect_block(&file, i, want);
	}
	close_file();
}

static void a_leaf_is_read_once(void **state)
{
	(void)state;
	ext4_prepare();
	open_file("deep");
	for (unsigned i = 0; i < 20; i++)
		ext4_expect_block(&file, i, deep_block(i));
	/* The leaf, the index is in the window; five blocks with data. */
	assert_int_equal(ext4_disk.reads, 1 + 5);
	close_file();
}

static void damaged_nodes_are_told(void **state)
{
	static const struct {
		unsigned block, at;
		uint16_t value;
	} wrong[] = {
		{ EXT4_FAKE_INDEX, 0, 0xf30b }, /* magic */
		{ EXT4_FAKE_INDEX, 2, 85 },	/* entries */
		{ EXT4_FAKE_INDEX, 4, 85 },	/* max */
		{ EXT4_FAKE_INDEX, 4, 1 },	/* less than entries */
		{ EXT4_FAKE_INDEX, 6, 0 },	/* depth */
		{ EXT4_FAKE_INDEX, 6, 2 },
		{ EXT4_FAKE_INDEX, 16, 0 }, /* the boot block */
		{ EXT4_FAKE_INDEX, 16, 256 },
		{ EXT4_FAKE_INDEX, 20, 1 }, /* past 32 bits */
		{ EXT4_FAKE_LEAF, 0, 0 },
		{ EXT4_FAKE_LEAF, 6, 1 },
		{ EXT4_FAKE_LEAF, 16, 0 },   /* an empty extent */
		{ EXT4_FAKE_LEAF, 18, 1 },   /* past 32 bits */
		{ EXT4_FAKE_LEAF, 20, 253 }, /* over the end */
		{ EXT4_FAKE_LEAF, 20, 0 },   /* the boot block */
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		ext4_prepare();
		le16_store(ext4_block(wrong[i].block) + wrong[i].at,
			   wrong[i].value);
		expect_damaged("deep", 0);
		ext4_finish();
	}
}

/* Index nodes from block 100 on, one below the other, above EXT4_FAKE_LEAF. */
static void make_chain(unsigned depth)
{
	uint8_t *node = ext4_inode(EXT4_FAKE_DEEP) + 0x28;

	for (unsigned block = 100; depth; block++, depth--) {
		le16_store(node, 0xf30a);
		le16_store(node + 2, 1);
		le16_store(node + 4, 4);
		le16_store(node + 6, (uint16_t)depth);
		memset(node + 12, 0, 12);
		le32_store(node + 16, depth == 1 ? EXT4_FAKE_LEAF : block);
		node = ext4_block(block);
	}
}

static void nodes_are_not_deeper_than_5(void **state)
{
	(void)state;
	ext4_prepare();
	make_chain(5);
	open_file("deep");
	ext4_expect_block(&file, 6, EXT4_FAKE_DATA + 4);
	file_close(&file);
	make_chain(6);
	expect_damaged("deep", 6);
	assert_non_null(strstr(reason(), "the map of inode 13 is malformed"));
	ext4_finish();
}

static void a_node_that_is_its_own_child_has_a_wrong_depth(void **state)
{
	(void)state;
	ext4_prepare();
	make_chain(5);
	le32_store(ext4_block(100) + 16, 100);
	expect_damaged("deep", 0);
	ext4_finish();
}

static void extents_that_overlap_are_told(void **state)
{
	uint8_t *leaf;

	(void)state;
	ext4_prepare();
	leaf = ext4_block(EXT4_FAKE_LEAF);
	le16_store(leaf + 12 + 4, 5);
	expect_damaged("deep", 4);
	le16_store(leaf + 12 + 4, 4);
	le32_store(leaf + 24, 0);
	expect_damaged("deep", 6);
	le32_store(leaf + 24, 4);
	le32_store(ext4_block(EXT4_FAKE_INDEX) + 24, 0);
	expect_damaged("deep", 6);
	ext4_finish();
}

/* What the index says wins: each block of a file is in one leaf. */
static void an_extent_is_cut_where_the_next_leaf_begins(void **state)
{
	(void)state;
	ext4_prepare();
	le16_store(ext4_block(EXT4_FAKE_LEAF) + 36 + 4, 30);
	open_file("deep");
	ext4_expect_block(&file, 19, EXT4_FAKE_DATA + 4 + 13);
	ext4_expect_block(&file, 20, EXT4_FAKE_DATA + 8);
	close_file();
}

static void what_is_before_the_first_entry_is_a_hole(void **state)
{
	(void)state;
	ext4_prepare();
	le32_store(ext4_inode(EXT4_FAKE_DEEP) + 0x28 + 12, 2);
	le32_store(ext4_block(EXT4_FAKE_INDEX) + 12, 4);
	open_file("deep");
	for (unsigned i = 0; i < 4; i++)
		ext4_expect_block(&file, i, 0);
	ext4_expect_block(&file, 6, EXT4_FAKE_DATA + 4);
	close_file();
}

static void the_last_blocks_of_32_bits_are_read(void **state)
{
	uint8_t *extent, buf[4], one[4] = { 0 };

	(void)state;
	ext4_prepare();
	extent = ext4_inode(EXT4_FAKE_FILE) + 0x28 + 12;
	le32_store(extent, 0xffffffff);
	le16_store(extent + 4, 5);
	le32_store(ext4_inode(EXT4_FAKE_FILE) + 4, 0xfffffc00);
	le32_store(ext4_inode(EXT4_FAKE_FILE) + 0x6c, 0x3ff);
	open_file("file");
	assert_int_equal(file.size, 0x3fffffffc00);
	assert_int_equal(file_read(&file, file.size - 4, buf, 4), 0);
	assert_memory_equal(buf, one, 4);
	file_close(&file);
	le32_store(extent, 0xfffffffe);
	open_file("file");
	assert_int_equal(file_read(&file, file.size - 4, buf, 4), 0);
	assert_memory_equal(buf, ext4_block(EXT4_FAKE_DATA + 2) + 1020, 4);
	close_file();
}

static void pointers_past_the_end_are_told(void **state)
{
	uint8_t *map;

	(void)state;
	ext4_prepare();
	map = ext4_inode(EXT4_FAKE_MAP) + 0x28;
	le32_store(map, 256);
	expect_damaged("map", 0);
	le32_store(map, 255);
	le32_store(map + 4, 256);
	expect_damaged("map", 1);
	le32_store(map + 48, 0x80000000);
	expect_damaged("map", 12);
	le32_store(map + 48, EXT4_FAKE_INDIRECT);
	le32_store(ext4_block(EXT4_FAKE_INDIRECT), 0xffffffff);
	expect_damaged("map", 12);
	ext4_finish();
}

/* The three levels share their blocks: each pointer is EXT4_FAKE_INDIRECT. */
static void block_maps_end_after_three_levels(void **state)
{
	const unsigned end = 12 + 256 + 256 * 256;
	uint8_t *map, buf[4];

	(void)state;
	ext4_prepare();
	map = ext4_inode(EXT4_FAKE_MAP) + 0x28;
	le32_store(map + 52, EXT4_FAKE_INDIRECT);
	le32_store(map + 56, EXT4_FAKE_INDIRECT);
	le32_store(ext4_block(EXT4_FAKE_INDIRECT), EXT4_FAKE_INDIRECT);
	le32_store(ext4_inode(EXT4_FAKE_MAP) + 0x6c, 0x3ff);
	open_file("map");
	ext4_expect_block(&file, 12, EXT4_FAKE_INDIRECT);
	ext4_expect_block(&file, 12 + 256, EXT4_FAKE_INDIRECT);
	ext4_expect_block(&file, end, EXT4_FAKE_INDIRECT);
	ext4_expect_block(&file, end - 1, 0);
	ext4_expect_block(&file, end + (1u << 24) - 1, 0);
	assert_int_equal(file_read(&file, (end + (1ull << 24)) * 1024, buf, 4),
			 ERR_FORMAT);
	close_file();
}

static void an_unreadable_leaf_is_not_kept(void **state)
{
	uint8_t buf[4];

	(void)state;
	ext4_prepare();
	open_file("deep");
	ext4_expect_block(&file, 20, EXT4_FAKE_DATA + 8);
	ext4_disk.bad_first = ext4_disk.bad_last = EXT4_FAKE_LEAF;
	assert_int_equal(file_read(&file, 0, buf, 4), ERR_IO);
	ext4_disk.bad_first = ext4_disk.bad_last = 300;
	ext4_expect_block(&file, 0, EXT4_FAKE_DATA);
	close_file();
}

static void inline_data_end_with_the_file(void **state)
{
	uint8_t buf[EXT4_FAKE_INLINE_SIZE], want[EXT4_FAKE_INLINE_SIZE];

	(void)state;
	ext4_prepare();
	memset(want, 'm', 60);
	memset(want + 60, 't', sizeof(want) - 60);
	open_file("inline");
	assert_int_equal(file_read(&file, 0, buf, sizeof(buf)), 0);
	assert_memory_equal(buf, want, sizeof(buf));
	assert_int_equal(file_read(&file, 70, buf, 30), 0);
	assert_memory_equal(buf, want + 70, 30);
	assert_int_equal(file_read(&file, 59, buf, 2), 0);
	assert_memory_equal(buf, "mt", 2);
	assert_int_equal(file_read(&file, 99, buf, 2), ERR_RANGE);
	/* The file system's own check, past filesystem.c's. */
	file.size = 1000;
	assert_int_equal(file_read(&file, 99, buf, 2), ERR_FORMAT);
	close_file();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_of_blocks_is_one_request),
		cmocka_unit_test(
			extents_that_follow_each_other_are_one_request),
		cmocka_unit_test(block_maps_are_read_in_runs),
		cmocka_unit_test(holes_and_unwritten_blocks_are_zeros),
		cmocka_unit_test(a_leaf_is_read_once),
		cmocka_unit_test(damaged_nodes_are_told),
		cmocka_unit_test(nodes_are_not_deeper_than_5),
		cmocka_unit_test(
			a_node_that_is_its_own_child_has_a_wrong_depth),
		cmocka_unit_test(extents_that_overlap_are_told),
		cmocka_unit_test(an_extent_is_cut_where_the_next_leaf_begins),
		cmocka_unit_test(what_is_before_the_first_entry_is_a_hole),
		cmocka_unit_test(the_last_blocks_of_32_bits_are_read),
		cmocka_unit_test(pointers_past_the_end_are_told),
		cmocka_unit_test(block_maps_end_after_three_levels),
		cmocka_unit_test(an_unreadable_leaf_is_not_kept),
		cmocka_unit_test(inline_data_end_with_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
