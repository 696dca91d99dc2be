// SPDX-License-Identifier: BSD-2-Clause
/* Transfers of block devices for targets that fuzz what is below them. */
#include "tests/fuzz/block.h"
#include "tests/fake/block_read.h"

#include <stdlib.h>
#include <string.h>

/* The device before a transfer, and its buffer. */
struct before {
	uint32_t block_size, medium;
	uint8_t *buf;
};

static struct before begin(const struct block_device *bd, size_t len)
{
	struct before before = { bd->block_size, bd->medium, malloc(len) };

	assert(before.buf || !len);
	return before;
}

static void end(const struct block_device *bd, struct before *before)
{
	assert(bd->block_size == before->block_size);
	assert(bd->medium == before->medium);
	free(before->buf);
}

void fuzz_block_read(struct block_device *bd, uint64_t lba, uint32_t count)
{
	struct before before = begin(bd, (size_t)count * bd->block_size);

	(void)!block_read(bd, lba, count, before.buf);
	end(bd, &before);
}

void fuzz_block_read_bytes(struct block_device *bd, uint64_t offset, size_t len)
{
	struct before before = begin(bd, len);

	(void)!block_read_bytes(bd, offset, before.buf, len);
	end(bd, &before);
}

void fuzz_block_write(struct block_device *bd, uint64_t lba, uint32_t count)
{
	size_t len = (size_t)count * bd->block_size;
	struct before before = begin(bd, len);

	memset(before.buf, 0x5a, len);
	(void)!block_write(bd, lba, count, before.buf);
	end(bd, &before);
}
