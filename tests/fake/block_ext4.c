// SPDX-License-Identifier: BSD-2-Clause
// A small ext4 file system. [Linux, Documentation/filesystems/ext4]
#include "tests/fake/block_ext4.h"

#include <string.h>

#include "lib/endian.h"

#define BLOCK 1024u
#define INODE 256u
#define DIRECTORY 0x41edu
#define REGULAR 0x81a4u
#define LINK 0xa1ffu
#define EXTENTS 0x80000u
#define INLINE 0x10000000u

uint8_t *ext4_fake_block(uint8_t *image, unsigned block)
{
	return image + (size_t)block * BLOCK;
}

uint8_t *ext4_fake_inode(uint8_t *image, unsigned number)
{
	return ext4_fake_block(image, EXT4_FAKE_TABLE) + (number - 1) * INODE;
}

static void make_super(uint8_t *super)
{
	le32_store(super, EXT4_FAKE_INODES);
	le32_store(super + 0x04, EXT4_IMAGE_SIZE / BLOCK);
	le32_store(super + 0x14, 1);
	le32_store(super + 0x20, 8192);
	le32_store(super + 0x24, 8192);
	le32_store(super + 0x28, EXT4_FAKE_INODES);
	le16_store(super + 0x38, 0xef53);
	le32_store(super + 0x4c, 1);
	le16_store(super + 0x58, INODE);
	/* FILETYPE, EXTENTS, 64BIT, INLINE_DATA. */
	le32_store(super + 0x60, 0x2 | 0x40 | 0x80 | 0x8000);
	memset(super + 0x68, 0x5a, 16);
	memcpy(super + 0x78, "quoin", 5);
	le16_store(super + 0xfe, 64);
}

/* Returns the map. */
static uint8_t *make_inode(uint8_t *image, unsigned number, uint16_t mode,
			   uint32_t size, uint32_t flags)
{
	uint8_t *inode = ext4_fake_inode(image, number);

	le16_store(inode, mode);
	le32_store(inode + 0x04, size);
	le32_store(inode + 0x20, flags);
	le16_store(inode + 0x80, 32);
	return inode + 0x28;
}

/* A node's header; room: its bytes. Returns its entries. */
static uint8_t *make_node(uint8_t *node, size_t room, uint16_t entries,
			  uint16_t depth)
{
	le16_store(node, 0xf30a);
	le16_store(node + 2, entries);
	le16_store(node + 4, (uint16_t)(room / 12 - 1));
	le16_store(node + 6, depth);
	return node + 12;
}

static uint8_t *make_extent(uint8_t *entry, uint32_t block, uint16_t len,
			    uint32_t start)
{
	le32_store(entry, block);
	le16_store(entry + 4, len);
	le32_store(entry + 8, start);
	return entry + 12;
}

static uint8_t *make_index(uint8_t *entry, uint32_t block, uint32_t child)
{
	le32_store(entry, block);
	le32_store(entry + 4, child);
	return entry + 12;
}

/* A file of one extent. */
static void make_plain(uint8_t *image, unsigned number, uint16_t mode,
		       uint32_t size, uint32_t start)
{
	uint8_t *map = make_inode(image, number, mode, size, EXTENTS);

	make_extent(make_node(map, 60, 1, 0), 0,
		    (uint16_t)((size + BLOCK - 1) / BLOCK), start);
}

/* `last`: it reaches to the end of what is left, `*room`. */
static uint8_t *make_entry(uint8_t *entry, size_t *room, uint32_t inode,
			   const char *name, bool last)
{
	size_t len = strlen(name);
	size_t length = last ? *room : ALIGN_UP(8 + len, (size_t)4);

	le32_store(entry, inode);
	le16_store(entry + 4, (uint16_t)length);
	entry[6] = (uint8_t)len;
	memcpy(entry + 8, name, len);
	*room -= length;
	return entry + length;
}

static void make_directory(uint8_t *image, unsigned number, unsigned block,
			   const char *const *names, unsigned first)
{
	uint8_t *entry = ext4_fake_block(image, block);
	size_t room = BLOCK;

	make_plain(image, number, DIRECTORY, BLOCK, block);
	entry = make_entry(entry, &room, number, ".", false);
	entry = make_entry(entry, &room, EXT4_FAKE_ROOT, "..", false);
	for (; *names; names++, first++)
		entry = make_entry(entry, &room, first, *names, false);
	make_entry(entry, &room, 0, "", true);
}

/* Direct blocks, a hole at block 5, two indirect blocks, a hole at its end. */
static void make_map(uint8_t *image)
{
	uint8_t *map = make_inode(image, EXT4_FAKE_MAP, REGULAR,
				  EXT4_FAKE_MAP_BLOCKS * BLOCK, 0);
	uint8_t *indirect = ext4_fake_block(image, EXT4_FAKE_INDIRECT);
	unsigned i;

	for (i = 0; i < 12; i++)
		le32_store(map + i * 4, i == 5 ? 0 : EXT4_FAKE_DATA + i);
	le32_store(map + 12 * 4, EXT4_FAKE_INDIRECT);
	le32_store(indirect, EXT4_FAKE_DATA + 12);
	le32_store(indirect + 4, EXT4_FAKE_DATA + 20);
}

/* Blocks 0-3, 4-5 unwritten, 6; from 20 on: 20-22, 30. */
static void make_deep(uint8_t *image)
{
	uint8_t *map = make_inode(image, EXT4_FAKE_DEEP, REGULAR,
				  EXT4_FAKE_DEEP_BLOCKS * BLOCK, EXTENTS);
	uint8_t *node = ext4_fake_block(image, EXT4_FAKE_INDEX);

	make_index(make_node(map, 60, 1, 2), 0, EXT4_FAKE_INDEX);
	node = make_index(make_node(node, BLOCK, 2, 1), 0, EXT4_FAKE_LEAF);
	make_index(node, EXT4_FAKE_DEEP_SECOND, EXT4_FAKE_LEAF_2);
	node = ext4_fake_block(image, EXT4_FAKE_LEAF);
	node = make_extent(make_node(node, BLOCK, 3, 0), 0, 4, EXT4_FAKE_DATA);
	node = make_extent(node, 4, 0x8002, EXT4_FAKE_DATA + 10);
	make_extent(node, 6, 1, EXT4_FAKE_DATA + 4);
	node = ext4_fake_block(image, EXT4_FAKE_LEAF_2);
	node = make_extent(make_node(node, BLOCK, 2, 0), EXT4_FAKE_DEEP_SECOND,
			   3, EXT4_FAKE_DATA + 8);
	make_extent(node, 30, 1, EXT4_FAKE_DATA + 11);
}

/* The attributes of an inode: some other, and system.data. Returns its value. */
static uint8_t *make_attributes(uint8_t *image, unsigned number, uint32_t size)
{
	uint8_t *header = ext4_fake_inode(image, number) + 128 + 32;
	uint8_t *entry = header + 4;

	le32_store(header, 0xea020000);
	entry[0] = 3;
	entry[1] = 1;
	memcpy(entry + 16, "abc", 3);
	entry += 20;
	entry[0] = 4;
	entry[1] = 7;
	le16_store(entry + 2, (uint16_t)(92 - size));
	le32_store(entry + 8, size);
	memcpy(entry + 16, "data", 4);
	return header + 4 + 92 - size;
}

static void make_inline(uint8_t *image)
{
	const uint32_t tail = EXT4_FAKE_INLINE_SIZE - 60;
	uint8_t *map = make_inode(image, EXT4_FAKE_INLINE, REGULAR,
				  EXT4_FAKE_INLINE_SIZE, INLINE);

	memset(map, 'm', 60);
	memset(make_attributes(image, EXT4_FAKE_INLINE, tail), 't', tail);
}

static void make_small(uint8_t *image)
{
	uint8_t *map =
		make_inode(image, EXT4_FAKE_SMALL, DIRECTORY, 60 + 24, INLINE);
	size_t room = 56;

	le32_store(map, EXT4_FAKE_ROOT);
	make_entry(map + 4, &room, EXT4_FAKE_FILE, "first", true);
	room = 24;
	make_entry(make_attributes(image, EXT4_FAKE_SMALL, 24), &room,
		   EXT4_FAKE_MAP, "second", true);
}

static void make_links(uint8_t *image)
{
	uint8_t *target = ext4_fake_block(image, EXT4_FAKE_SLOW_BLOCK);

	memcpy(make_inode(image, EXT4_FAKE_LINK, LINK, 8, 0), "dir/slow", 8);
	memset(target, '/', 80);
	memcpy(target + 76, "file", 4);
	make_plain(image, EXT4_FAKE_SLOW, LINK, 80, EXT4_FAKE_SLOW_BLOCK);
}

void ext4_make(uint8_t *image)
{
	static const char *const root[] = { "file",   "map",   "deep",
					    "inline", "link",  "slow",
					    "dir",    "small", NULL };
	static const char *const dir[] = { "slow", "dots", "deeper", "name",
					   NULL };
	unsigned b, i;

	memset(image, 0, EXT4_IMAGE_SIZE);
	for (b = EXT4_FAKE_DATA; b < EXT4_IMAGE_SIZE / BLOCK; b++) {
		for (i = 0; i < BLOCK; i++)
			image[b * BLOCK + i] = (uint8_t)(b ^ i ^ i >> 8);
	}
	make_super(ext4_fake_block(image, EXT4_FAKE_SUPER));
	le32_store(ext4_fake_block(image, EXT4_FAKE_GROUPS) + 8,
		   EXT4_FAKE_TABLE);
	make_directory(image, EXT4_FAKE_ROOT, EXT4_FAKE_ROOT_BLOCK, root,
		       EXT4_FAKE_FILE);
	make_directory(image, EXT4_FAKE_DIR, EXT4_FAKE_DIR_BLOCK, dir,
		       EXT4_FAKE_SLOW);
	make_plain(image, EXT4_FAKE_FILE, REGULAR, EXT4_FAKE_FILE_SIZE,
		   EXT4_FAKE_DATA + 2);
	make_plain(image, EXT4_FAKE_NAME, REGULAR, 1, EXT4_FAKE_DATA);
	make_map(image);
	make_deep(image);
	make_inline(image);
	make_small(image);
	make_links(image);
}
