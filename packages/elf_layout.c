// SPDX-License-Identifier: BSD-2-Clause
// Where the fields of an ELF file are, of either class and byte order.
#include "packages/elf_layout.h"

#include "lib/endian.h"

const struct elf_layout *elf_layout(bool is_64)
{
	static const struct elf_layout layouts[2] = {
		{
			.word = 4,
			.header = 52,
			.entry = 24,
			.flags = 36,
			.phoff = 28,
			.shoff = 32,
			.phentsize = 42,
			.phdr = 32,
			.offset = 4,
			.vaddr = 8,
			.paddr = 12,
			.filesz = 16,
			.memsz = 20,
			.align = 28,
			.shdr = 40,
			.sh_offset = 16,
			.sh_size = 20,
		},
		{
			.word = 8,
			.header = 64,
			.entry = 24,
			.flags = 48,
			.phoff = 32,
			.shoff = 40,
			.phentsize = 54,
			.phdr = 56,
			.offset = 8,
			.vaddr = 16,
			.paddr = 24,
			.filesz = 32,
			.memsz = 40,
			.align = 48,
			.shdr = 64,
			.sh_offset = 24,
			.sh_size = 32,
		},
	};

	return &layouts[is_64];
}

uint64_t elf_number(const void *p, size_t size, bool little)
{
	uint64_t value;

	if (size == 8)
		value = be64_load(p);
	else if (size == 4)
		value = be32_load(p);
	else
		value = be16_load(p);
	return little ? __builtin_bswap64(value) >> (64 - 8 * size) : value;
}
