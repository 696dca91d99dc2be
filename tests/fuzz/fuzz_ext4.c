// SPDX-License-Identifier: BSD-2-Clause
// ext2, ext3 and ext4: a sound file system, changed.
#include "tests/fake/ext4_volume.h"
#include "tests/fake/timebase.h"
#include "tests/fuzz/input.h"

/*
 * A patch of a number: what it is in, its offset, its size, its value. Most
 * bytes of an image are of no interest; these are where structures are.
 */
static const struct {
	uint32_t start, size;
} parts[] = {
	{ EXT4_FAKE_SUPER * 1024, 1024 },
	{ EXT4_FAKE_GROUPS * 1024, 128 },
	{ EXT4_FAKE_TABLE * 1024, EXT4_FAKE_INODES * 256 },
	{ EXT4_FAKE_ROOT_BLOCK * 1024, 1024 },
	{ EXT4_FAKE_DIR_BLOCK * 1024, 1024 },
	{ EXT4_FAKE_INDIRECT * 1024, 1024 },
	{ EXT4_FAKE_INDEX * 1024, 1024 },
	{ EXT4_FAKE_LEAF * 1024, 1024 },
	{ EXT4_FAKE_LEAF_2 * 1024, 1024 },
	{ EXT4_FAKE_SLOW_BLOCK * 1024, 1024 },
	{ EXT4_FAKE_DATA * 1024, 16 * 1024 },
};

static void patch(struct fuzz_input *in, uint8_t *image)
{
	unsigned count = fuzz_u8(in) % 32;

	for (; count && in->left; count--) {
		unsigned part = fuzz_u8(in) % ARRAY_SIZE(parts);
		uint32_t at = fuzz_u16(in) % parts[part].size;
		size_t len = 1u + fuzz_u8(in) % 16;

		fuzz_take(in, image + parts[part].start + at,
			  MIN(len, parts[part].size - at));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t kind = fuzz_u8(&in);
	char path[256];

	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	ext4_prepare();
	fuzz_str(&in, path, sizeof(path));
	patch(&in, ext4_disk.data);
	if (kind & 1)
		fake_block_cut(&ext4_disk, (size_t)fuzz_u8(&in) * 1024 + 1024);
	if (kind & 2) {
		ext4_disk.bad_first = fuzz_u8(&in);
		ext4_disk.bad_last = ext4_disk.bad_first + fuzz_u8(&in);
	}
	if (!volume_whole(&ext4_disk.bd, &ext4_vol)) {
		(void)!ext4_use(path);
		(void)!ext4_use_all();
	}
	ext4_finish();
	return 0;
}
