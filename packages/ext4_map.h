/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of a file: extents, block maps, inline data. */
#ifndef PACKAGES_EXT4_MAP_H
#define PACKAGES_EXT4_MAP_H

#include "packages/ext4.h"

/*
 * ext4_read - `len` bytes at `offset` of a file, within its size. Blocks that
 * follow each other on the volume are one volume_read(); holes and unwritten
 * blocks are zeros.
 * Returns 0; ERR_FORMAT: the map is malformed; or a read error.
 */
must_check int ext4_read(struct ext4 *fs, const struct ext4_inode *inode,
			 uint64_t offset, void *buf, size_t len);

#endif
