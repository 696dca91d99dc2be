/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF files made for tests, and memory to load them into. */
#ifndef TESTS_FAKE_ELF_H
#define TESTS_FAKE_ELF_H

#include "packages/elf.h"

/* Bytes of a file: headers, then bytes that count up. */
#define ELF_MAKER_SIZE 4096u

struct elf_maker {
	bool is_64, little_endian;
	uint8_t *file; /* owned */
	size_t size;
	uint16_t phnum, phentsize;
	uint64_t phoff;
	unsigned reads;	     /* through elf_maker_image() */
	int read_error;	     /* what failing reads return */
	uint64_t bad_offset; /* reads that touch it fail; 0: none */
};

/* elf_maker_init - an executable without program headers. */
void elf_maker_init(struct elf_maker *maker, bool is_64, bool little_endian);
void elf_maker_free(struct elf_maker *maker);

/* elf_maker_grow - make room for more headers. */
void elf_maker_grow(struct elf_maker *maker, size_t size);

/* elf_maker_load - add a PT_LOAD. elf_maker_phdr: add a header of any type. */
void elf_maker_load(struct elf_maker *maker, uint64_t paddr, uint64_t vaddr,
		    uint64_t offset, uint64_t filesz, uint64_t memsz);
void elf_maker_phdr(struct elf_maker *maker, uint32_t type, uint64_t paddr,
		    uint64_t vaddr, uint64_t offset, uint64_t filesz,
		    uint64_t memsz);

/* elf_maker_align - the p_align of the program header added last. */
void elf_maker_align(struct elf_maker *maker, uint64_t align);

void elf_maker_entry(struct elf_maker *maker, uint64_t vaddr);
void elf_maker_flags(struct elf_maker *maker, uint32_t flags);
void elf_maker_put64(struct elf_maker *maker, size_t offset, uint64_t val);

/* elf_maker_image - the file as an image whose reads are counted. */
void elf_maker_image(struct elf_maker *maker, struct image *img);

/* Memory from address 0, and a place that loads into it. */
extern uint8_t fake_elf_memory[0x8000];
extern const struct elf_place fake_elf_place;
extern uint64_t fake_elf_claimed, fake_elf_flushed; /* bytes */
/* Claims that touch these addresses fail; none if first > last. */
extern uint64_t fake_elf_used_first, fake_elf_used_last;

void fake_elf_reset(void);

#endif
