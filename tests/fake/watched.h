/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block reads as in a client's call, under the claim checker: only the buffer
 * may be written, and no device keeps it mapped afterwards. The memory around
 * the buffer is watched after watch_memory().
 */
#ifndef TESTS_FAKE_WATCHED_H
#define TESTS_FAKE_WATCHED_H

#include "tests/fake/block_read.h"
#include "drivers/block.h"
#include "lib/watch.h"

/* For a caller that has it open. */
static inline int watched_use(struct block_device *bd, uint64_t lba,
			      uint64_t count, void *buf)
{
	int rc;

	watch_begin("block_read");
	watch_allow(buf, count * bd->block_size);
	rc = block_read(bd, lba, count, buf);
	watch_end();
	return rc;
}

/* Also opens it and leaves it open: its block size is known then. */
static inline int watched_read(struct block_device *bd, uint64_t lba,
			       uint64_t count, void *buf)
{
	int rc = block_open(bd);

	return rc ? rc : watched_use(bd, lba, count, buf);
}

static inline int watched_read_bytes(struct block_device *bd, uint64_t offset,
				     void *buf, size_t len)
{
	int rc;

	watch_begin("block_read_bytes");
	watch_allow(buf, len);
	rc = block_read_bytes(bd, offset, buf, len);
	watch_end();
	return rc;
}

#endif
