/* SPDX-License-Identifier: BSD-2-Clause */
/* A range of a block device: the whole disk or a partition. */
#ifndef PACKAGES_VOLUME_H
#define PACKAGES_VOLUME_H

#include "drivers/block.h"

/* It is valid only for the medium, and its block size, it was made for. */
struct volume {
	struct block_device *bd;
	uint32_t medium;     /* bd->medium when it was made */
	uint32_t block_size; /* of the device: bytes */
	uint64_t start;	     /* byte offset on the device */
	uint64_t size;	     /* bytes */
};

/*
 * volume_whole - all of a device that is open.
 * Returns 0 or block_use()'s errors.
 */
must_check int volume_whole(struct block_device *bd, struct volume *vol);

/*
 * volume_slice - `count` device blocks from block `lba`, cut at the end of
 * the device. Returns 0; ERR_RANGE with reason(): it starts past the end; or
 * block_use()'s errors.
 */
must_check int volume_slice(struct block_device *bd, uint64_t lba,
			    uint64_t count, struct volume *vol);

/*
 * volume_read - `len` bytes at `offset` of the volume.
 * Returns 0; ERR_RANGE: past the end; ERR_IO: the device has
 * another medium or block size now; or block_read_bytes()'s errors.
 */
must_check int volume_read(const struct volume *vol, uint64_t offset, void *buf,
			   size_t len);

/*
 * volume_write - write whole blocks.
 * Returns as volume_read(); ERR_INVAL: `offset` or `len` is not a multiple of
 * the block size; ERR_PERM as block_write().
 */
must_check int volume_write(const struct volume *vol, uint64_t offset,
			    const void *buf, size_t len);

#endif
