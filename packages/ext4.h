/* SPDX-License-Identifier: BSD-2-Clause */
/* ext2, ext3 and ext4, for reading. [Linux, Documentation/filesystems/ext4] */
#ifndef PACKAGES_EXT4_H
#define PACKAGES_EXT4_H

#include "packages/window.h"

/* Bytes of an inode's block map, or of what is kept in place of it. */
#define EXT4_MAP_SIZE 60u

/* Inode flags. [Linux, fs/ext4/ext4.h] */
#define EXT4_ENCRYPTED 0x800u
#define EXT4_EXTENTS 0x80000u
#define EXT4_INLINE 0x10000000u

/* The kind of a file, in its mode. [Linux, include/uapi/linux/stat.h] */
#define EXT4_MODE_TYPE 0xf000u
#define EXT4_MODE_DIRECTORY 0x4000u
#define EXT4_MODE_REGULAR 0x8000u
#define EXT4_MODE_LINK 0xa000u

/* An inode in memory: hostile, but its inline data are there. */
struct ext4_inode {
	uint32_t number; /* 0: none */
	uint32_t flags;
	uint16_t mode;
	uint64_t size;
	uint64_t tail; /* inline data past the map: a byte of the volume */
	uint8_t map[EXT4_MAP_SIZE];
};

/*
 * A part of a file's map: blocks [first, end) of the file are in one node,
 * or they are a hole.
 */
struct ext4_leaf {
	uint32_t inode; /* 0: none */
	bool hole;
	uint64_t first, end;
	size_t size;   /* bytes of the node */
	uint8_t *node; /* a copy: a block */
};

/* A mounted file system. */
struct ext4 {
	struct volume vol;
	struct window window; /* descriptors, inodes, inner nodes of maps */
	uint64_t blocks;
	uint32_t first_block; /* of group 0 */
	uint32_t group_blocks;
	uint32_t groups;
	uint32_t inodes;
	uint32_t group_inodes;
	uint32_t first_meta; /* descriptor block, with META_BG */
	uint32_t compat, incompat, ro_compat;
	uint32_t inode_size;
	uint32_t desc_size;
	unsigned block_log; /* log2 of a block's bytes */
	uint32_t group;	    /* whose inode table is known; UINT32_MAX: none */
	uint64_t table;	    /* its block */
	struct ext4_inode file; /* the last that was opened */
	struct ext4_leaf leaf;
	char label[17];
};

/*
 * ext4_check_blocks - are `count` blocks from `first` on in the file system,
 * and not its boot block? Returns 0 or ERR_FORMAT.
 */
must_check int ext4_check_blocks(const struct ext4 *fs, uint64_t first,
				 uint64_t count);

#endif
