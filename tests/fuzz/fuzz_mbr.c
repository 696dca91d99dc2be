// SPDX-License-Identifier: BSD-2-Clause
// Master boot records and chains of logical partitions.
#include "tests/fake/block_table.h"
#include "tests/fuzz/partitions.h"

#define BLOCKS 128u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fake_block disk;
	uint32_t block_size = 512u << fuzz_u8(&in) % 4;

	fake_block_init(&disk, NULL, (size_t)BLOCKS * block_size, block_size);
	for (unsigned n = fuzz_u8(&in) % 32; n; n--) {
		uint8_t lba = fuzz_u8(&in) % BLOCKS, slot = fuzz_u8(&in);
		uint8_t type = fuzz_u8(&in);

		table_mbr(&disk, lba, slot % 4, slot & 0x80, type, fuzz_u8(&in),
			  slot & 4 ? fuzz_u32(&in) : 20);
	}
	fuzz_patch(&in, disk.data, disk.size);
	fuzz_partitions(&disk);
	fake_block_free(&disk);
	return 0;
}
