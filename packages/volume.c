// SPDX-License-Identifier: BSD-2-Clause
// A range of a block device: offsets are checked, then added.
#include "packages/volume.h"

#include "lib/reason.h"

int volume_whole(struct block_device *bd, struct volume *vol)
{
	int err = block_use(bd);
	uint64_t most;

	if (err < 0)
		return err;
	/* A device may claim any capacity; keep the bytes within a long. */
	most = INT64_MAX / bd->block_size;
	*vol = (struct volume){
		.bd = bd,
		.medium = bd->medium,
		.block_size = bd->block_size,
		.size = MIN(bd->blocks, most) * bd->block_size,
	};
	return 0;
}

int volume_slice(struct block_device *bd, uint64_t lba, uint64_t count,
		 struct volume *vol)
{
	int err = volume_whole(bd, vol);
	uint64_t blocks;

	if (err < 0)
		return err;
	blocks = vol->size / vol->block_size;
	if (lba >= blocks)
		return reason_fail(
			ERR_RANGE,
			"starts at block %llu, but the disk has %llu",
			(unsigned long long)lba, (unsigned long long)blocks);
	vol->start = lba * vol->block_size;
	vol->size = MIN(count, blocks - lba) * vol->block_size;
	return 0;
}

static int volume_check(const struct volume *vol, uint64_t offset, size_t len)
{
	if (offset > vol->size || len > vol->size - offset)
		return reason_fail(ERR_RANGE,
				   "byte %llu is past the end at %llu",
				   (unsigned long long)offset,
				   (unsigned long long)vol->size);
	return block_check_medium(vol->bd, vol->medium);
}

int volume_read(const struct volume *vol, uint64_t offset, void *buf,
		size_t len)
{
	int err = volume_check(vol, offset, len);

	if (err < 0)
		return err;
	return block_read_bytes(vol->bd, vol->start + offset, buf, len);
}

int volume_write(const struct volume *vol, uint64_t offset, const void *buf,
		 size_t len)
{
	uint32_t size = vol->block_size;
	int err;

	if (offset % size || len % size)
		return reason_fail(ERR_INVAL,
				   "writes must be whole blocks of %u bytes",
				   size);
	err = volume_check(vol, offset, len);
	if (err < 0)
		return err;
	return block_write(vol->bd, (vol->start + offset) / size, len / size,
			   buf);
}
