// SPDX-License-Identifier: BSD-2-Clause
// Group descriptors, inodes, and data inside an inode: all hostile.
#include "packages/ext4_inode.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"

/* Features. [Linux, fs/ext4/ext4.h] */
#define COMPAT_SPARSE_SUPER2 0x200u
#define INCOMPAT_META_BG 0x10u
#define INCOMPAT_LARGEDIR 0x4000u
#define RO_COMPAT_SPARSE_SUPER 0x1u

/* The two groups with a copy of the superblock, with SPARSE_SUPER2. */
#define EXT4_BACKUP_GROUPS (1024u + 0x24c)

/* [Linux, fs/ext4/ext4.h: struct ext4_group_desc] */
struct ext4_disk_group {
	uint8_t bitmaps[8];
	le32 table_lo;
	uint8_t counts[20]; /* 32 bytes end here */
	uint8_t bitmaps_hi[8];
	le32 table_hi;
} __attribute__((packed));
static_assert(offsetof(struct ext4_disk_group, table_hi) == 0x28, "ext4.h");

/* [Linux, fs/ext4/ext4.h: struct ext4_inode] */
struct ext4_disk_inode {
	le16 mode;
	le16 uid;
	le32 size_lo;
	uint8_t times[24];
	le32 flags;
	le32 version;
	uint8_t map[EXT4_MAP_SIZE];
	le32 generation;
	le32 attributes;
	le32 size_hi;
	uint8_t more[16]; /* 128 bytes end here */
	le16 extra_size;
} __attribute__((packed));
static_assert(offsetof(struct ext4_disk_inode, map) == 0x28, "ext4.h");
static_assert(offsetof(struct ext4_disk_inode, extra_size) == 128, "ext4.h");

#define EXT4_INODE_SIZE 128u

/* [Linux, fs/ext4/xattr.h: struct ext4_xattr_entry; a name follows] */
struct ext4_disk_attribute {
	uint8_t name_len;
	uint8_t name_index;
	le16 value;	  /* from the first entry on */
	le32 value_inode; /* 0: in this inode */
	le32 size;
	le32 hash;
} __attribute__((packed));
static_assert(sizeof(struct ext4_disk_attribute) == 16, "xattr.h");

#define ATTRIBUTES_MAGIC 0xea020000u
#define ATTRIBUTE_SYSTEM 7

static bool ext4_is_power_of(uint32_t n, uint32_t base)
{
	while (n % base == 0)
		n /= base;
	return n == 1;
}

/* Does a group begin with a copy of the superblock? */
static int ext4_has_super(struct ext4 *fs, uint32_t group)
{
	const uint8_t *backups;
	int err;

	if (group == 0)
		return true;
	if (fs->compat & COMPAT_SPARSE_SUPER2) {
		err = window_get(&fs->window, EXT4_BACKUP_GROUPS, 8, &backups);
		if (err < 0)
			return err;
		return group == le32_load(backups) ||
		       group == le32_load(backups + 4);
	}
	return !(fs->ro_compat & RO_COMPAT_SPARSE_SUPER) ||
	       ext4_is_power_of(group, 3) || ext4_is_power_of(group, 5) ||
	       ext4_is_power_of(group, 7);
}

/* The block of group descriptors, the i-th. [Linux, super.c: descriptor_loc] */
static int ext4_descriptors(struct ext4 *fs, uint32_t i, uint64_t *block)
{
	/* The superblock's, at byte 1024. */
	uint32_t super = 1024 >> fs->block_log;
	uint32_t group = i * ((1u << fs->block_log) / fs->desc_size);
	int has_super;

	if (!(fs->incompat & INCOMPAT_META_BG) || i < fs->first_meta) {
		*block = super + 1 + (uint64_t)i;
		return 0;
	}
	has_super = ext4_has_super(fs, group);
	if (has_super < 0)
		return has_super;
	*block = fs->first_block + (uint64_t)group * fs->group_blocks +
		 (uint64_t)has_super;
	/* With clusters, group 0 begins before a superblock in block 1. */
	if (i == 0 && fs->first_block < super)
		*block += super;
	return 0;
}

/* Finds a group's inode table: fs->group, fs->table. */
static int ext4_find_table(struct ext4 *fs, uint32_t group)
{
	uint32_t per_block = (1u << fs->block_log) / fs->desc_size;
	const uint8_t *data;
	uint64_t block, table;
	int err;

	if (group == fs->group)
		return 0;
	err = ext4_descriptors(fs, group / per_block, &block);
	if (err == 0)
		err = ext4_check_blocks(fs, block, 1);
	if (err == 0)
		err = window_get(&fs->window,
				 (block << fs->block_log) +
					 group % per_block * fs->desc_size,
				 fs->desc_size, &data);
	if (err < 0)
		return err;
	table = le32_load(data + offsetof(struct ext4_disk_group, table_lo));
	if (fs->desc_size >= sizeof(struct ext4_disk_group))
		table |= (uint64_t)le32_load(
				 data +
				 offsetof(struct ext4_disk_group, table_hi))
			 << 32;
	err = ext4_check_blocks(fs, table,
				((uint64_t)fs->group_inodes * fs->inode_size -
				 1 + (1u << fs->block_log)) >>
					fs->block_log);
	if (err < 0)
		return err;
	fs->group = group;
	fs->table = table;
	return 0;
}

static int inode_fail(const struct ext4_inode *inode, const char *what)
{
	return reason_fail(ERR_FORMAT, "ext4: inode %u %s", inode->number,
			   what);
}

/* The attribute system.data among `len` bytes of entries; 0: not there. */
static size_t inode_find_data(const uint8_t *entries, size_t len,
			      struct ext4_disk_attribute *found)
{
	size_t pos = 0;

	/* [Linux, xattr.h: IS_LAST_ENTRY] */
	while (len - pos >= sizeof(*found) && le32_load(entries + pos)) {
		memcpy(found, entries + pos, sizeof(*found));
		pos += sizeof(*found);
		if (found->name_len > len - pos)
			return 0;
		if (found->name_index == ATTRIBUTE_SYSTEM &&
		    found->name_len == 4 && !memcmp(entries + pos, "data", 4))
			return pos;
		pos = MIN(len, ALIGN_UP(pos + found->name_len, (size_t)4));
	}
	return 0;
}

/* Finds inline data past the map; `disk`: fs->inode_size bytes, at `at`. */
static int inode_find_tail(struct ext4 *fs, struct ext4_inode *inode,
			   const uint8_t *disk, uint64_t at)
{
	struct ext4_disk_attribute data;
	size_t start, len, value;
	uint64_t wanted = inode->size - EXT4_MAP_SIZE;

	if (fs->inode_size < sizeof(struct ext4_disk_inode))
		return inode_fail(inode, "lacks its data");
	start = EXT4_INODE_SIZE + le16_load(disk + EXT4_INODE_SIZE);
	if (start > fs->inode_size - 4 ||
	    le32_load(disk + start) != ATTRIBUTES_MAGIC)
		return inode_fail(inode, "lacks its data");
	start += 4;
	len = fs->inode_size - start;
	if (!inode_find_data(disk + start, len, &data) ||
	    le32_get(data.value_inode))
		return inode_fail(inode, "lacks its data");
	value = le16_get(data.value);
	if (value > len || le32_get(data.size) > len - value ||
	    wanted > le32_get(data.size))
		return inode_fail(inode, "lacks its data");
	inode->tail = at + start + value;
	return 0;
}

/* Of other kinds, the upper half of the size is something else. */
static bool inode_has_size_hi(const struct ext4 *fs, uint16_t mode)
{
	return (mode & EXT4_MODE_TYPE) == EXT4_MODE_REGULAR ||
	       ((mode & EXT4_MODE_TYPE) == EXT4_MODE_DIRECTORY &&
		fs->incompat & INCOMPAT_LARGEDIR);
}

/* `disk`: 128 bytes at least, not aligned. */
static void inode_fill(const struct ext4 *fs, const uint8_t *disk,
		       struct ext4_inode *inode)
{
	inode->mode = le16_load(disk + offsetof(struct ext4_disk_inode, mode));
	inode->flags =
		le32_load(disk + offsetof(struct ext4_disk_inode, flags));
	inode->size =
		le32_load(disk + offsetof(struct ext4_disk_inode, size_lo));
	if (inode_has_size_hi(fs, inode->mode))
		inode->size |= (uint64_t)le32_load(
				       disk + offsetof(struct ext4_disk_inode,
						       size_hi))
			       << 32;
	memcpy(inode->map, disk + offsetof(struct ext4_disk_inode, map),
	       sizeof(inode->map));
}

int ext4_inode_read(struct ext4 *fs, uint32_t number, struct ext4_inode *inode)
{
	uint32_t index = (number - 1) % fs->group_inodes;
	const uint8_t *data;
	uint64_t at;
	int err;

	*inode = (struct ext4_inode){ .number = number };
	if (number == 0 || number > fs->inodes ||
	    (number - 1) / fs->group_inodes >= fs->groups)
		return inode_fail(inode, "does not exist");
	err = ext4_find_table(fs, (number - 1) / fs->group_inodes);
	if (err < 0)
		return err;
	at = (fs->table << fs->block_log) + (uint64_t)index * fs->inode_size;
	err = window_get(&fs->window, at, fs->inode_size, &data);
	if (err < 0)
		return err;
	inode_fill(fs, data, inode);
	if (inode->flags & EXT4_INLINE && inode->size > EXT4_MAP_SIZE)
		return inode_find_tail(fs, inode, data, at);
	return 0;
}
