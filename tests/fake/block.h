/* SPDX-License-Identifier: BSD-2-Clause */
/* A block device in memory, below the real drivers/block.c. */
#ifndef TESTS_FAKE_BLOCK_H
#define TESTS_FAKE_BLOCK_H

#include "drivers/block.h"
#include "drivers/device.h"

/*
 * Requests are answered at once by poll(). Fields may be changed at any time,
 * the capacity and block size before the first use or after bd.started = false.
 */
struct fake_block {
	struct block_device bd;
	struct driver driver;
	struct device dev;
	uint8_t *data;	 /* owned: `size` bytes, an ASan-guarded copy */
	size_t size;	 /* what lies behind it reads as zero */
	uint64_t blocks; /* 0: size / block_size */
	uint32_t block_size;
	uint64_t bad_first,
		bad_last;	/* blocks that fail; none if first > last */
	int start_error;	/* what start() returns */
	unsigned reads, writes; /* requests */
	unsigned flushes, stops;
	uint64_t blocks_read;
};

/* fake_block_init - a device with a copy of `data`; data NULL: zeros. */
void fake_block_init(struct fake_block *fake, const void *data, size_t size,
		     uint32_t block_size);

/* fake_block_cut - keep `size` bytes: everything behind them is gone. */
void fake_block_cut(struct fake_block *fake, size_t size);

void fake_block_free(struct fake_block *fake);

#endif
