/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfers of block devices for targets that fuzz what is below them. */
#ifndef TESTS_FUZZ_BLOCK_H
#define TESTS_FUZZ_BLOCK_H

#include "drivers/block.h"

/*
 * The buffer ends where it was asked to, so that ASan sees a byte too many;
 * whatever becomes of the transfer, the device has the same blocks afterwards.
 */
void fuzz_block_read(struct block_device *bd, uint64_t lba, uint32_t count);
void fuzz_block_read_bytes(struct block_device *bd, uint64_t offset,
			   size_t len);
void fuzz_block_write(struct block_device *bd, uint64_t lba, uint32_t count);

#endif
