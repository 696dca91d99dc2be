// SPDX-License-Identifier: BSD-2-Clause
// Disks that hold tables, signatures and what the input changes of them.
#include "tests/fake/table.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/labels.h"

#include "packages/filesystem.h"
#include "packages/partition.h"
#include "tests/fake/heap.h"

TABLE_LINK(filesystems, filesystem_iso9660);

#define SIZE (192u * 1024)

static void write_gpt(struct fuzz_input *in, struct fake_block *disk)
{
	struct table_gpt gpt = { .count = 8 };

	table_gpt(disk, &gpt);
	for (unsigned n = fuzz_u8(in) % 8; n; n--) {
		uint8_t index = fuzz_u8(in) % 8, first = fuzz_u8(in);
		bool prep = fuzz_u8(in) & 1;

		table_gpt_entry(disk, &gpt, index,
				prep ? partition_guid_prep : NULL, first,
				fuzz_u8(in));
	}
}

static void write_mbr(struct fuzz_input *in, struct fake_block *disk)
{
	uint64_t blocks = disk->size / disk->block_size;

	for (unsigned n = fuzz_u8(in) % 16; n; n--) {
		uint64_t lba = fuzz_u8(in) % blocks;
		uint8_t slot = fuzz_u8(in), type = fuzz_u8(in);

		table_mbr(disk, lba, slot % 4, slot & 0x80, type, fuzz_u8(in),
			  20);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t kind = fuzz_u8(&in);
	uint32_t block_size = 512u << kind % 4;
	struct fake_block disk;

	fake_block_init(&disk, NULL, SIZE, block_size);
	if (kind & 4)
		write_gpt(&in, &disk);
	if (kind & 8)
		write_mbr(&in, &disk);
	fuzz_patch(&in, disk.data, disk.size);
	if (kind & 16)
		fuzz_labels_seal(&disk, 1);
	/* Another block size than the table was written for; a shorter disk. */
	if (kind & 32)
		disk.block_size = 512u << fuzz_u8(&in) % 4;
	if (kind & 64)
		disk.blocks = fuzz_u8(&in) + 1u;
	disk.bad_first = kind & 128 ? fuzz_u8(&in) : 1;
	disk.bad_last = kind & 128 ? disk.bad_first + fuzz_u8(&in) % 4 : 0;
	fuzz_labels(&disk);
	fake_block_free(&disk);
	assert(fake_heap_live() == 0);
	return 0;
}
