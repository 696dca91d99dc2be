/* SPDX-License-Identifier: BSD-2-Clause */
/* A block device in memory, below the real drivers/block.c. */
#ifndef TESTS_FAKE_BLOCK_H
#define TESTS_FAKE_BLOCK_H

#include "drivers/block.h"
#include "tests/fake/tree.h"

/*
 * A device in its own tree, one at a time. poll() answers requests at once.
 * Fields may be changed at any time, the capacity and block size only before
 * the first use or after device_stop().
 */
struct fake_block {
	struct block_device bd;
	struct device *dev; /* "fake-disk /fake/disk@0" */
	uint8_t *data;	    /* owned: `size` bytes, an ASan-guarded copy */
	size_t size;	    /* bytes past it read as zero */
	uint64_t blocks;    /* 0: size / block_size */
	uint32_t block_size;
	uint64_t bad_first,
		bad_last;	/* blocks that fail; none if first > last */
	int start_error;	/* what start() returns */
	bool running;		/* between start() and stop() */
	unsigned reads, writes; /* requests */
	unsigned flushes, stops;
	uint64_t blocks_read;

	struct request_queue queue;
	struct request *slots[8];
};

/* fake_block_init - a device with a copy of `data`; data NULL: zeros. */
void fake_block_init(struct fake_block *fake, const void *data, size_t size,
		     uint32_t block_size);

/* fake_block_cut - truncate the data to `size` bytes. */
void fake_block_cut(struct fake_block *fake, size_t size);

/* fake_block_free - remove the device and its tree. */
void fake_block_free(struct fake_block *fake);

#endif
