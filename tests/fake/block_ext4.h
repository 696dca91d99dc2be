/* SPDX-License-Identifier: BSD-2-Clause */
/* A small ext4 file system written for tests, to be damaged. */
#ifndef TESTS_FAKE_BLOCK_EXT4_H
#define TESTS_FAKE_BLOCK_EXT4_H

#include "lib/types.h"

/*
 * 256 blocks of 1 KiB, one group, inodes of 256 bytes:
 *
 *	1 superblock, 2 descriptors, 5-12 inodes, 16 on: the rest
 *
 * "/file" has one extent, "/map" a block map with a hole and an indirect
 * block, "/deep" extents of depth 2 with holes and unwritten blocks, "/inline"
 * 100 bytes in its inode; "/link" is a short link to "dir/slow", which is a
 * long one to "/file"; "/dir" also has "name"; "/small" is a directory in its
 * inode, with "first" in its map and "second" in its attributes.
 */
#define EXT4_IMAGE_SIZE (256 * 1024)

/* Inodes, and where they are. */
enum ext4_fake_inode {
	EXT4_FAKE_ROOT = 2,
	EXT4_FAKE_FILE = 11,
	EXT4_FAKE_MAP,
	EXT4_FAKE_DEEP,
	EXT4_FAKE_INLINE,
	EXT4_FAKE_LINK,
	EXT4_FAKE_SLOW,
	EXT4_FAKE_DIR,
	EXT4_FAKE_SMALL,
	EXT4_FAKE_NAME,
};

#define EXT4_FAKE_INODES 32u

/* Blocks. */
#define EXT4_FAKE_SUPER 1u
#define EXT4_FAKE_GROUPS 2u
#define EXT4_FAKE_TABLE 5u
#define EXT4_FAKE_ROOT_BLOCK 16u
#define EXT4_FAKE_DIR_BLOCK 17u
#define EXT4_FAKE_INDIRECT 18u
#define EXT4_FAKE_INDEX 19u /* of "/deep": in the inode, here, in a leaf */
#define EXT4_FAKE_LEAF 20u
#define EXT4_FAKE_LEAF_2 21u
#define EXT4_FAKE_SLOW_BLOCK 22u
#define EXT4_FAKE_DATA 32u /* blocks of files; byte i of block b is b ^ i */

/* Sizes of files; the block of "/deep" that its second leaf begins with. */
#define EXT4_FAKE_FILE_SIZE 5000u
#define EXT4_FAKE_MAP_BLOCKS 20u
#define EXT4_FAKE_DEEP_BLOCKS 40u
#define EXT4_FAKE_DEEP_SECOND 20u
#define EXT4_FAKE_INLINE_SIZE 100u

/* ext4_make - write EXT4_IMAGE_SIZE bytes. */
void ext4_make(uint8_t *image);

/* ext4_fake_inode - an inode in an image. */
uint8_t *ext4_fake_inode(uint8_t *image, unsigned number);

/* ext4_fake_block - a block in an image. */
uint8_t *ext4_fake_block(uint8_t *image, unsigned block);

#endif
