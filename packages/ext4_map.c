// SPDX-License-Identifier: BSD-2-Clause
// The bytes of a file: extents, block maps, inline data; all hostile.
/*
 * A look-up goes down from the inode to a leaf: a node of extents, a block of
 * pointers, or a hole of a whole subtree. The leaf is kept, so that the blocks
 * that follow are found in it. Each step down narrows the range of the file's
 * blocks to what the node above says, and what a leaf says beyond that is cut:
 * hence a look-up always makes progress, and no loop of nodes is endless.
 */
#include "packages/ext4_map.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"

/* [Linux, fs/ext4/ext4_extents.h: struct ext4_extent_header] */
struct extent_header {
	le16 magic;
	le16 entries;
	le16 max;
	le16 depth; /* 0: a leaf */
	le32 generation;
} __attribute__((packed));
static_assert(sizeof(struct extent_header) == 12, "ext4_extents.h");

/* struct ext4_extent; struct ext4_extent_idx begins with the same block. */
struct extent {
	le32 block;
	le16 len; /* above EXTENT_LEN_MAX: unwritten, of len - EXTENT_LEN_MAX */
	le16 start_hi;
	le32 start_lo;
} __attribute__((packed));
static_assert(sizeof(struct extent) == 12, "ext4_extents.h");

struct extent_index {
	le32 block;
	le32 child_lo;
	le16 child_hi;
	le16 unused;
} __attribute__((packed));
static_assert(sizeof(struct extent_index) == 12, "ext4_extents.h");

#define EXTENT_MAGIC 0xf30a
#define EXTENT_LEN_MAX 0x8000u
#define EXTENT_DEPTH_MAX 5u
/* Extents number a file's blocks in 32 bits. */
#define EXTENT_END (1ULL << 32)

/* Block maps: pointers in the inode, then one for each level of indirection. */
#define DIRECT_BLOCKS 12u
#define INDIRECT_LEVELS 3u

/* Blocks of a file that follow each other on the volume. */
struct run {
	uint64_t first; /* 0: zeros */
	uint64_t count;
};

static int map_fail(const struct ext4_inode *inode)
{
	return reason_fail(ERR_FORMAT, "ext4: the map of inode %u is malformed",
			   inode->number);
}

/* Keeps a node as the leaf. */
static int leaf_set(struct ext4 *fs, const uint8_t *node, size_t size)
{
	fs->leaf.hole = !node;
	fs->leaf.size = size;
	if (node)
		memcpy(fs->leaf.node, node, size);
	return 0;
}

/* Reads a block as the leaf: alone, for data follow it. */
static int leaf_read(struct ext4 *fs, uint64_t block)
{
	fs->leaf.hole = false;
	fs->leaf.size = (size_t)1 << fs->block_log;
	return volume_read(&fs->vol, block << fs->block_log, fs->leaf.node,
			   fs->leaf.size);
}

/* Numbers of nodes, which need not be aligned. */
#define NODE_16(node, type, field) le16_load((node) + offsetof(type, field))
#define NODE_32(node, type, field) le32_load((node) + offsetof(type, field))

static bool extent_node_ok(const uint8_t *node, size_t size, unsigned depth)
{
	unsigned most = (unsigned)(size / sizeof(struct extent) - 1);
	unsigned max = NODE_16(node, struct extent_header, max);

	return NODE_16(node, struct extent_header, magic) == EXTENT_MAGIC &&
	       NODE_16(node, struct extent_header, depth) == depth &&
	       NODE_16(node, struct extent_header, entries) <= max &&
	       max <= most;
}

/* Blocks of an extent, written or not. */
static unsigned extent_len(const uint8_t *extent)
{
	unsigned len = NODE_16(extent, struct extent, len);

	return len > EXTENT_LEN_MAX ? len - EXTENT_LEN_MAX : len;
}

/*
 * The last entry that begins at or before a block; NULL: none. Cuts *end, past
 * the block, to where the next begins. Returns 0, or ERR_FORMAT: entries
 * overlap.
 */
static int extent_find(const uint8_t *node, bool leaf, uint64_t block,
		       uint64_t *end, const uint8_t **found)
{
	unsigned entries = NODE_16(node, struct extent_header, entries);
	uint64_t free = 0; /* the end of the entry before */

	for (*found = NULL; entries; entries--) {
		uint64_t start;

		node += sizeof(struct extent);
		start = NODE_32(node, struct extent, block);
		if (start < free)
			return ERR_FORMAT;
		if (start > block) {
			*end = MIN(*end, start);
			break;
		}
		free = start + (leaf ? extent_len(node) : 1);
		if (free == start)
			return ERR_FORMAT;
		*found = node;
	}
	return 0;
}

/* Goes down one level; *child is 0 in a hole. */
static int extent_step(struct ext4 *fs, const uint8_t *node, uint64_t block,
		       uint64_t *child)
{
	struct ext4_leaf *leaf = &fs->leaf;
	const uint8_t *found;
	int err = extent_find(node, false, block, &leaf->end, &found);

	*child = 0;
	if (err < 0 || !found)
		return err;
	leaf->first = MAX(leaf->first, NODE_32(found, struct extent, block));
	*child = (uint64_t)NODE_16(found, struct extent_index, child_hi) << 32 |
		 NODE_32(found, struct extent_index, child_lo);
	return ext4_check_blocks(fs, *child, 1);
}

static int extent_descend(struct ext4 *fs, const struct ext4_inode *inode,
			  uint64_t block)
{
	unsigned depth = NODE_16(inode->map, struct extent_header, depth);
	size_t size = sizeof(inode->map);
	const uint8_t *node = inode->map;
	uint64_t child;
	int err;

	fs->leaf.first = 0;
	fs->leaf.end = EXTENT_END;
	if (depth > EXTENT_DEPTH_MAX)
		return map_fail(inode);
	if (!depth)
		leaf_set(fs, node, size);
	while (depth) {
		if (!extent_node_ok(node, size, depth) ||
		    extent_step(fs, node, block, &child) < 0)
			return map_fail(inode);
		if (!child)
			return leaf_set(fs, NULL, 0);
		size = (size_t)1 << fs->block_log;
		if (--depth)
			err = window_get(&fs->window, child << fs->block_log,
					 size, &node);
		else
			err = leaf_read(fs, child);
		if (err < 0)
			return err;
	}
	return extent_node_ok(fs->leaf.node, fs->leaf.size, 0)
		       ? 0
		       : map_fail(inode);
}

static int extent_run(const struct ext4 *fs, const struct ext4_inode *inode,
		      uint64_t block, struct run *run)
{
	uint64_t end = fs->leaf.end, into;
	const uint8_t *extent;

	if (extent_find(fs->leaf.node, true, block, &end, &extent) < 0)
		return map_fail(inode);
	*run = (struct run){ .count = end - block };
	if (!extent)
		return 0;
	into = block - NODE_32(extent, struct extent, block);
	if (into >= extent_len(extent))
		return 0;
	run->count = MIN(run->count, extent_len(extent) - into);
	if (NODE_16(extent, struct extent, len) > EXTENT_LEN_MAX)
		return 0;
	run->first = into + NODE_32(extent, struct extent, start_lo) +
		     ((uint64_t)NODE_16(extent, struct extent, start_hi) << 32);
	return ext4_check_blocks(fs, run->first, run->count);
}

/* Goes down `level` levels from a pointer; `rest`: blocks into its subtree. */
static int pointer_descend_from(struct ext4 *fs, uint64_t pointer,
				unsigned level, uint64_t block, uint64_t rest)
{
	unsigned bits = fs->block_log - 2;
	const uint8_t *data;
	int err = 0;

	while (err == 0 && pointer && level > 1) {
		level--;
		err = ext4_check_blocks(fs, pointer, 1);
		if (err == 0)
			err = window_get(&fs->window,
					 (pointer << fs->block_log) +
						 (rest >> bits * level) * 4,
					 4, &data);
		if (err == 0)
			pointer = le32_load(data);
		rest &= (1ULL << bits * level) - 1;
	}
	fs->leaf.first = block - rest;
	fs->leaf.end = fs->leaf.first + (1ULL << bits * level);
	if (err < 0)
		return err;
	if (!pointer)
		return leaf_set(fs, NULL, 0);
	err = ext4_check_blocks(fs, pointer, 1);
	return err < 0 ? err : leaf_read(fs, pointer);
}

static int pointer_descend(struct ext4 *fs, const struct ext4_inode *inode,
			   uint64_t block)
{
	unsigned bits = fs->block_log - 2, level;
	uint64_t rest = block - DIRECT_BLOCKS;

	if (block < DIRECT_BLOCKS) {
		fs->leaf.first = 0;
		fs->leaf.end = DIRECT_BLOCKS;
		return leaf_set(fs, inode->map, DIRECT_BLOCKS * 4);
	}
	for (level = 1; rest >> bits * level; level++) {
		if (level == INDIRECT_LEVELS)
			return map_fail(inode);
		rest -= 1ULL << bits * level;
	}
	return pointer_descend_from(
		fs, le32_load(inode->map + (DIRECT_BLOCKS + level - 1) * 4),
		level, block, rest);
}

/* Counts pointers that follow each other, up to `most`. */
static int pointer_run(const struct ext4 *fs, uint64_t block, uint64_t most,
		       struct run *run)
{
	const struct ext4_leaf *leaf = &fs->leaf;
	const uint8_t *at = leaf->node + (block - leaf->first) * 4;

	most = MIN(most, leaf->end - block);
	run->first = le32_load(at);
	for (run->count = 1; run->count < most; run->count++) {
		at += 4;
		if (le32_load(at) != (run->first ? run->first + run->count : 0))
			break;
	}
	return run->first ? ext4_check_blocks(fs, run->first, run->count) : 0;
}

/* The run that begins at a block of the file; of pointers, `most` or fewer. */
static int map_run(struct ext4 *fs, const struct ext4_inode *inode,
		   uint64_t block, uint64_t most, struct run *run)
{
	struct ext4_leaf *leaf = &fs->leaf;
	bool extents = inode->flags & EXT4_EXTENTS;
	int err;

	if (leaf->inode != inode->number || block < leaf->first ||
	    block >= leaf->end) {
		leaf->inode = 0;
		err = extents ? extent_descend(fs, inode, block)
			      : pointer_descend(fs, inode, block);
		if (err < 0)
			return err;
		leaf->inode = inode->number;
	}
	if (leaf->hole) {
		*run = (struct run){ .count = leaf->end - block };
		return 0;
	}
	return extents ? extent_run(fs, inode, block, run)
		       : pointer_run(fs, block, most, run);
}

/* A read in the making: it grows while pieces follow each other. */
struct span {
	uint64_t at; /* of the volume */
	size_t len;
	uint8_t *buf;
};

static int span_read(const struct ext4 *fs, struct span *span)
{
	size_t len = span->len;

	span->len = 0;
	return len ? volume_read(&fs->vol, span->at, span->buf, len) : 0;
}

static int span_add(const struct ext4 *fs, struct span *span, uint64_t at,
		    uint8_t *buf, size_t len)
{
	int err = 0;

	if (at != span->at + span->len || buf != span->buf + span->len) {
		err = span_read(fs, span);
		*span = (struct span){ .at = at, .buf = buf };
	}
	span->len += len;
	return err;
}

static int map_read(struct ext4 *fs, const struct ext4_inode *inode,
		    uint64_t offset, uint8_t *buf, size_t len)
{
	const uint64_t block_mask = (1ULL << fs->block_log) - 1;
	struct span span = { .buf = buf };
	struct run run = { 0 };
	int err = 0;

	while (err == 0 && len) {
		uint64_t into = offset & block_mask;
		size_t n;

		err = map_run(fs, inode, offset >> fs->block_log,
			      (into + len + block_mask) >> fs->block_log, &run);
		if (err < 0)
			return err;
		n = MIN(len, (run.count << fs->block_log) - into);
		if (run.first)
			err = span_add(fs, &span,
				       (run.first << fs->block_log) + into, buf,
				       n);
		else
			memset(buf, 0, n);
		offset += n;
		buf += n;
		len -= n;
	}
	return err < 0 ? err : span_read(fs, &span);
}

static int inline_read(struct ext4 *fs, const struct ext4_inode *inode,
		       uint64_t offset, uint8_t *buf, size_t len)
{
	const uint8_t *data;
	size_t n = 0;
	int err;

	if (offset > inode->size || len > inode->size - offset)
		return map_fail(inode);
	if (offset < sizeof(inode->map)) {
		n = MIN(len, sizeof(inode->map) - offset);
		memcpy(buf, inode->map + offset, n);
	}
	if (n == len)
		return 0;
	err = window_get(&fs->window,
			 inode->tail + (offset + n - sizeof(inode->map)),
			 len - n, &data);
	if (err < 0)
		return err;
	memcpy(buf + n, data, len - n);
	return 0;
}

int ext4_read(struct ext4 *fs, const struct ext4_inode *inode, uint64_t offset,
	      void *buf, size_t len)
{
	if (inode->flags & EXT4_INLINE)
		return inline_read(fs, inode, offset, buf, len);
	return map_read(fs, inode, offset, buf, len);
}
