// SPDX-License-Identifier: BSD-2-Clause
// Directories: blocks of entries, from end to end; all hostile.
/*
 * The inner nodes of hashed directories, and checksums, look like unused
 * entries. A walk ends at FILE_DIRECTORY_MAX: the same blocks may occur again.
 */
#include "packages/ext4_dir.h"

#include <string.h>

#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/ext4_map.h"
#include "packages/filesystem.h"

/* [Linux, fs/ext4/ext4.h: struct ext4_dir_entry_2; the name follows] */
struct dir_entry {
	le32 inode; /* 0: unused */
	le16 length;
	uint8_t name_len;
	uint8_t type;
} __attribute__((packed));
static_assert(sizeof(struct dir_entry) == 8, "ext4.h");

/* Of inline data, the first bytes are the parent's inode. */
#define INLINE_PARENT 4u

static int dir_fail(const struct ext4_inode *dir, const char *what)
{
	return reason_fail(ERR_FORMAT, "ext4: directory, inode %u: %s",
			   dir->number, what);
}

/* Bytes to the next entry; 65536 does not fit. [ext4_rec_len_from_disk()] */
static size_t dir_length(const struct dir_entry *entry, size_t size)
{
	size_t len = le16_get(entry->length);

	return size == 64 * KiB && (len == 0 || len == 0xffff) ? size : len;
}

static bool dir_is_dot(const char *name, size_t len)
{
	return name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));
}

/* Walks the entries of a block, or of a part of inline data. */
static int dir_walk_block(const struct ext4_inode *dir, const uint8_t *data,
			  size_t size, const struct ext4_visitor *visitor)
{
	struct dir_entry entry;
	size_t pos, length;
	int rc = 0;

	for (pos = 0; rc == 0 && pos < size; pos += length) {
		const char *name = (const char *)data + pos + sizeof(entry);

		length = 0;
		if (size - pos >= sizeof(entry)) {
			memcpy(&entry, data + pos, sizeof(entry));
			length = dir_length(&entry, size);
		}
		if (length % 4 || length > size - pos || length < 12 ||
		    length < sizeof(entry) + entry.name_len)
			return dir_fail(dir, "an entry is malformed");
		if (!le32_get(entry.inode) || !entry.name_len ||
		    dir_is_dot(name, entry.name_len))
			continue;
		rc = visitor->each(visitor->arg, le32_get(entry.inode), name,
				   entry.name_len);
	}
	return rc;
}

/* Walks what was read: `len` bytes at `offset`. */
static int dir_walk_part(const struct ext4 *fs, const struct ext4_inode *dir,
			 const uint8_t *data, size_t len,
			 const struct ext4_visitor *visitor)
{
	size_t block = (size_t)1 << fs->block_log, n;
	int rc = 0;

	if (dir->flags & EXT4_INLINE) {
		if (len < INLINE_PARENT)
			return dir_fail(dir, "it is too small");
		n = MIN(len, EXT4_MAP_SIZE);
		rc = dir_walk_block(dir, data + INLINE_PARENT,
				    n - INLINE_PARENT, visitor);
		return rc ? rc
			  : dir_walk_block(dir, data + n, len - n, visitor);
	}
	for (; rc == 0 && len; len -= n, data += n) {
		n = MIN(len, block);
		rc = dir_walk_block(dir, data, n, visitor);
	}
	return rc;
}

int ext4_dir_walk(struct ext4 *fs, const struct ext4_inode *dir,
		  const struct ext4_visitor *visitor)
{
	size_t len = MIN(dir->size, WINDOW_SIZE);
	uint64_t offset;
	uint8_t *data;
	int rc = 0;

	if (dir->size > FILE_DIRECTORY_MAX)
		return dir_fail(dir, "it is larger than 16 MiB");
	if (!len)
		return 0;
	data = heap_alloc(len);
	if (!data)
		return reason_fail(ERR_NOMEM, "no memory for a directory");
	for (offset = 0; rc == 0 && offset < dir->size; offset += len) {
		len = MIN(len, dir->size - offset);
		rc = ext4_read(fs, dir, offset, data, len);
		if (rc == 0)
			rc = dir_walk_part(fs, dir, data, len, visitor);
	}
	heap_free(data);
	return rc;
}
