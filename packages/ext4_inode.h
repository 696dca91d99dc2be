/* SPDX-License-Identifier: BSD-2-Clause */
/* Group descriptors, inodes, and data inside an inode. */
#ifndef PACKAGES_EXT4_INODE_H
#define PACKAGES_EXT4_INODE_H

#include "packages/ext4.h"

/*
 * ext4_inode_read - an inode by its number, hostile.
 * Returns 0; ERR_FORMAT: there is no such inode, or it is malformed; or
 * window_get()'s errors.
 */
must_check int ext4_inode_read(struct ext4 *fs, uint32_t number,
			       struct ext4_inode *inode);

#endif
