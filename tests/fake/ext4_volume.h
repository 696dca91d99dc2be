/* SPDX-License-Identifier: BSD-2-Clause */
/* The small ext4 file system on a disk, used as filesystem.c's users do. */
#ifndef TESTS_FAKE_EXT4_VOLUME_H
#define TESTS_FAKE_EXT4_VOLUME_H

#include "packages/filesystem.h"
#include "tests/fake/block.h"
#include "tests/fake/block_ext4.h"
#include "tests/fake/heap.h"

/* Its blocks are of 1 KiB; patch ext4_disk.data. */
extern struct fake_block ext4_disk;
extern struct volume ext4_vol;

/* ext4_prepare, ext4_finish - a sound image; its end, and nothing leaked. */
void ext4_prepare(void);
void ext4_finish(void);

/* ext4_inode, ext4_block - parts of the disk, to be patched. */
uint8_t *ext4_inode(unsigned number);
uint8_t *ext4_block(unsigned block);

/*
 * ext4_use - open a path; read a file in two ways, at most 1 MiB, or list a
 * directory. Returns 0 or the first error.
 */
int ext4_use(const char *path);

/* ext4_use_all - that, for every path of the image; returns how many work. */
#define EXT4_PATHS 12u
unsigned ext4_use_all(void);

/* ext4_expect_block - block `index` of a file is data block `want`; 0: zeros. */
void ext4_expect_block(const struct file *file, unsigned index, unsigned want);

#endif
