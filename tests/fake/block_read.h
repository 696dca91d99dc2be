/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading whole blocks of a block device: tests count in blocks. */
#ifndef TESTS_FAKE_BLOCK_READ_H
#define TESTS_FAKE_BLOCK_READ_H

#include "drivers/block.h"

/* block_read - `count` blocks from `lba`; as block_read_bytes(). */
static inline int block_read(struct block_device *bd, uint64_t lba,
			     uint64_t count, void *buf)
{
	int err = block_use(bd);

	if (err < 0)
		return err;
	return block_read_bytes(bd, lba * bd->block_size, buf,
				count * bd->block_size);
}

#endif
