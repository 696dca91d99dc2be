/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF executables: headers checked, segments placed (ELF gABI 4; ELFv1/v2). */
#ifndef PACKAGES_ELF_H
#define PACKAGES_ELF_H

#include "packages/elf_segments.h"

/* EI_OSABI of AIX's boot images ("Monterey"). */
#define ELF_OSABI_AIX 7

/* What the headers say. */
struct elf_info {
	bool is_64;
	bool little_endian;
	bool is_dyn; /* ET_DYN: position-independent */
	uint8_t osabi;
	uint8_t abi; /* e_flags bits 0-1 of 64-bit files: 0/1 ELFv1, 2 ELFv2 */
	uint16_t phnum;
	uint16_t phentsize;
	uint64_t phoff;
	uint64_t entry;		  /* e_entry, a virtual address */
	struct elf_segments segs; /* to be loaded */
};

/*
 * An image whose lowest segment begins below this would overwrite the exception
 * vectors. It is moved as a whole if it can run elsewhere: it is ET_DYN, or
 * that segment's p_vaddr is not its p_paddr, so it runs translated or finds out
 * where it is, like Linux's vmlinux: linked for c000000000000000, p_paddr 0.
 * A moved image is aligned at least as Linux requires.
 */
#define ELF_LOW_END 0x4000u
#define ELF_MOVE_ALIGN (64 * KiB)

/* Where segments go; addresses are real addresses. */
struct elf_place {
	/*
	 * find - free memory for an image that moves: [*addr, *addr + size),
	 * *addr a multiple of `align`, below 4 GiB. 0 or ERR_NOMEM.
	 * NULL: no image moves.
	 */
	int (*find)(void *arg, uint64_t size, uint64_t align, uint64_t *addr);
	/* claim - reserve [addr, addr+size); 0, ERR_EXIST, ERR_RANGE. */
	int (*claim)(void *arg, uint64_t addr, uint64_t size);
	/* release - undo a claim after a failure. */
	void (*release)(void *arg, uint64_t addr, uint64_t size);
	/* ptr - the memory of a claimed range, or NULL. */
	void *(*ptr)(void *arg, uint64_t addr, uint64_t size);
	/* flush - code was written there: dcbst, icbi. */
	void (*flush)(void *arg, void *ptr, uint64_t size);
	void *arg;
};

/* How to enter it. */
struct elf_entry {
	bool is_64;
	bool little_endian;
	uint64_t pc;  /* real address of the first instruction */
	uint64_t toc; /* r2 */
	uint64_t r12;
	/* elf_load(): the lowest segment, in the file and in memory. */
	uint64_t linked, loaded;
};

/*
 * elf_probe - read and check the headers. Any OSABI is accepted, and
 * section headers are not needed. The headers are read only once, so elf_load()
 * uses the ones that were checked.
 * Returns 0: free with elf_info_free(); ERR_FORMAT with reason(): no ELF, wrong
 * machine or type, headers outside the file, no PT_LOAD, segments that wrap,
 * overlap each other or end beyond 4 GiB, p_filesz > p_memsz; ERR_NOMEM; or the
 * image's read error.
 */
must_check int elf_probe(struct image *img, struct elf_info *info);

/* elf_info_free - free the segments that elf_probe() returned. */
void elf_info_free(struct elf_info *info);

/*
 * elf_load - claim every PT_LOAD at p_paddr, or all of them moved by the same
 * distance (see ELF_LOW_END; `entry` and `info` then have the new addresses).
 * Read each one to its place, clear the rest and flush it. Then
 * find the entry point: an ELF64 file of ABI 0/1 has a descriptor at e_entry if
 * the doubleword there is 4-aligned and inside a loaded segment, else code.
 * e_entry is translated from virtual to physical and moves with the image.
 * On failure every claim is released. Returns 0; ERR_EXIST: memory in use;
 * ERR_RANGE: beyond memory, or no place to move to; ERR_FORMAT: entry outside;
 * or a read error.
 */
must_check int elf_load(struct image *img, struct elf_info *info,
			const struct elf_place *place, struct elf_entry *entry);

/* elf_is_header - does an ELF header begin at `p`? (ELF gABI, e_ident) */
bool elf_is_header(const void *p, size_t len);

/*
 * elf_find_loaded - find the entry point of an image that QEMU's -kernel put
 * into memory, if its ELF header is there: QEMU passes no entry point. `img`:
 * that memory from `base` on, which begins with the header. Its size is QEMU's,
 * the sum of p_memsz; segments may be past it. Every segment is claimed where
 * it is; `place`: claim(), release() and ptr() are used. The entry point is
 * found as in elf_load().
 * On failure every claim is released. Returns 0; ERR_FORMAT with reason(): as
 * elf_probe() and elf_load(), or a segment below the header; ERR_EXIST,
 * ERR_RANGE: as elf_load(); ERR_NOMEM.
 */
must_check int elf_find_loaded(struct image *img, uint64_t base,
			       const struct elf_place *place,
			       struct elf_entry *entry);

#endif
