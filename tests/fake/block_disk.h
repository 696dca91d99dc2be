/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks with contents, for tests of code that opens disks. */
#ifndef TESTS_FAKE_BLOCK_DISK_H
#define TESTS_FAKE_BLOCK_DISK_H

#include "tests/fake/block.h"
#include "tests/fake/block_iso.h"
#include "tests/fake/block_table.h"

/* The 512-byte block at which partitions with a file system begin. */
#define DISK_ISO_LBA 128u

/* 2 MiB of zeros in blocks of 512. */
void disk_with_nothing(struct fake_block *disk);

/*
 * A disc of 2048-byte blocks: \boot\core.elf has "core", \which "whole". All
 * names except WHICH are Rock Ridge.
 */
void disk_with_iso(struct fake_block *disk);

/* MBR: 1: PReP, active, 32 blocks at 64; 2: such an ISO at DISK_ISO_LBA. */
void disk_with_mbr(struct fake_block *disk);

/* MBR: 1: an ISO, \which has "first"; 3: active, \which has "second". */
void disk_with_two_isos(struct fake_block *disk);

/* An ISO with \ppc\bootinfo.txt that has `script`, and \boot\core.elf. */
void disk_with_bootinfo(struct fake_block *disk, const char *script);
void disk_put_bootinfo(struct fake_block *disk, uint64_t lba,
		       const char *script);

/* Sets the recorded size of disk_with_bootinfo()'s bootinfo.txt. */
void disk_set_bootinfo_size(struct fake_block *disk, uint32_t size);

/* An ISO with a file whose name clears a terminal. */
void disk_with_bad_name(struct fake_block *disk);

#endif
