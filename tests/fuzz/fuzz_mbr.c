// SPDX-License-Identifier: BSD-2-Clause
// Master boot records and chains of logical partitions.
// LINK: drivers/block.c lib/deadline.c lib/err.c lib/fmt.c lib/log.c
// LINK: lib/reason.c packages/crc32.c packages/partition.c
// LINK: packages/partition_describe.c packages/partition_gpt.c
// LINK: packages/partition_mbr.c packages/volume.c tests/fake/block.c
// LINK: tests/fake/block_path.c tests/fake/block_table.c tests/fake/heap.c
// LINK: tests/fake/timebase.c tests/fuzz/partitions.c
// LINK: drivers/block_io.c
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
