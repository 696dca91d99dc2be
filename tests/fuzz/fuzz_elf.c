// SPDX-License-Identifier: BSD-2-Clause
// ELF files: headers, segments, entry.
#include <stdlib.h>

#include "tests/fake/elf.h"
#include "tests/fake/heap.h"
#include "tests/fuzz/input.h"

static void load(struct image *img, bool twice)
{
	struct elf_info info;
	struct elf_entry entry;

	if (elf_probe(img, &info))
		return;
	assert(info.segs.count && info.segs.seg[0].paddr < 1ULL << 32);
	if (twice) {
		fake_elf_used_first = 0x2000;
		fake_elf_used_last = 0x20ff;
	}
	if (elf_load(img, &info, &fake_elf_place, &entry))
		assert(fake_elf_claimed == 0);
	else
		assert(fake_elf_flushed == fake_elf_claimed);
	elf_info_free(&info);
}

/* As QEMU's -kernel would have it, at most as much as there is memory. */
static void find(const uint8_t *data, size_t size)
{
	const size_t base = 0x1000;
	struct elf_entry entry;
	struct image img;

	size = MIN(size, sizeof(fake_elf_memory) - base);
	memcpy(fake_elf_memory + base, data, size);
	image_from_memory(&img, fake_elf_memory + base, size);
	fake_elf_reset();
	if (elf_find_loaded(&img, base, &fake_elf_place, &entry))
		assert(fake_elf_claimed == 0);
	else
		assert(entry.pc >= base && entry.pc < sizeof(fake_elf_memory));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *file = malloc(size ? size : 1);
	struct image img;

	memcpy(file, data, size);
	image_from_memory(&img, file, size);
	fake_elf_reset();
	load(&img, false);
	fake_elf_reset();
	load(&img, true);
	find(data, size);
	free(file);
	assert(fake_heap_live() == 0);
	return 0;
}
