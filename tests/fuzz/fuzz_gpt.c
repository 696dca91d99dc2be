// SPDX-License-Identifier: BSD-2-Clause
// GUID partition tables, with right checksums where the input wants them.
#include "lib/endian.h"
#include "tests/fake/block_table.h"
#include "tests/fuzz/partitions.h"

#define BLOCKS 128u

/* The helper reads what the header names: only where that is on the disk. */
static void seal(struct fake_block *disk, uint64_t lba)
{
	const uint8_t *h = disk->data + lba * disk->block_size;
	uint64_t at = le64_load(h + 72), size = disk->size;
	uint64_t len = (uint64_t)le32_load(h + 80) * le32_load(h + 84);

	if (le32_load(h + 12) <= disk->block_size && at < BLOCKS &&
	    len <= size - at * disk->block_size)
		table_gpt_seal(disk, lba);
}

static void write_table(struct fuzz_input *in, struct fake_block *disk)
{
	static const uint32_t entry_sizes[] = { 128, 256, 512, 136 };
	struct table_gpt gpt = { .entry_size = entry_sizes[fuzz_u8(in) % 4],
				 .count = 8 };

	table_gpt(disk, &gpt);
	for (unsigned n = fuzz_u8(in) % 8; n; n--) {
		uint8_t index = fuzz_u8(in) % 8;
		bool prep = fuzz_u8(in) & 1;
		uint64_t first = fuzz_u8(in), last = fuzz_u8(in);

		table_gpt_entry(disk, &gpt, index,
				prep ? partition_guid_prep : NULL, first, last);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint32_t block_size = 512u << fuzz_u8(&in) % 4;
	uint8_t sealed = fuzz_u8(&in);
	struct fake_block disk;

	fake_block_init(&disk, NULL, (size_t)BLOCKS * block_size, block_size);
	write_table(&in, &disk);
	/* Offsets count from each header, as disks differ in block size. */
	fuzz_patch(&in, disk.data + block_size, 4096);
	fuzz_patch(&in, disk.data + (BLOCKS - 1) * (size_t)block_size, 512);
	if (sealed & 1)
		seal(&disk, 1);
	if (sealed & 2)
		seal(&disk, BLOCKS - 1);
	fuzz_partitions(&disk);
	fake_block_free(&disk);
	return 0;
}
