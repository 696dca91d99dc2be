/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the fields of an ELF file are, of either class and byte order. */
#ifndef PACKAGES_ELF_LAYOUT_H
#define PACKAGES_ELF_LAYOUT_H

#include "lib/types.h"

/* The larger ELF header and the larger program header. */
#define ELF_LAYOUT_HEADER 64u
#define ELF_LAYOUT_PHDR 56u

/* Offsets of fields and sizes of structures. [ELF gABI 4, figures 4-3, 4-8, 5-1] */
struct elf_layout {
	uint8_t word; /* bytes of an address, an offset or a size */
	/* The ELF header; e_phnum, e_shentsize, e_shnum follow e_phentsize. */
	uint8_t header;
	uint8_t entry, flags, phoff, shoff, phentsize;
	/* A program header; p_type is its first word. */
	uint8_t phdr;
	uint8_t offset, vaddr, paddr, filesz, memsz, align;
	/* A section header; sh_type is at 4. */
	uint8_t shdr;
	uint8_t sh_offset, sh_size;
};

/* elf_layout - of a file of 64 or of 32 bits. */
const struct elf_layout *elf_layout(bool is_64);

/* elf_number - the number of 2, 4 or 8 bytes at `p`, in the file's byte order. */
uint64_t elf_number(const void *p, size_t size, bool little);

#endif
