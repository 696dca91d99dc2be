/* SPDX-License-Identifier: BSD-2-Clause */
/* The loadable segments of an ELF file, in host order and checked. */
#ifndef PACKAGES_ELF_SEGMENTS_H
#define PACKAGES_ELF_SEGMENTS_H

#include "packages/image.h"

struct elf_info;

/* A PT_LOAD with memory of its own. */
struct elf_segment {
	uint64_t paddr, vaddr; /* memsz bytes from each do not wrap */
	uint64_t offset;       /* in the file */
	uint64_t filesz;       /* <= memsz */
	uint64_t memsz;	       /* > 0 */
	uint64_t align;	       /* p_align, not checked */
};

struct elf_segments {
	struct elf_segment *seg; /* owned, sorted by paddr, no overlap */
	size_t count;
	size_t room;
};

/*
 * elf_segments_read - collect the segments of the file that `info` (is_64,
 * little_endian, phnum, phentsize, phoff) describes.
 * Returns 0: free `segs` with elf_segments_free(); ERR_FORMAT with
 * reason() as elf_probe(); ERR_NOMEM; or the image's read error.
 */
must_check int elf_segments_read(struct image *img, const struct elf_info *info,
				 struct elf_segments *segs);

/*
 * elf_segments_read_loaded - the same for an image that QEMU's -kernel put into
 * memory, ELF header first: `img` is the start of that memory, at address
 * `base`, with the header and its table. The segments get the addresses where
 * QEMU put them, gaps included. Neither these nor the file offsets are
 * bounds-checked.
 * Returns as above; ERR_FORMAT also: the header's segment is not the first.
 * [QEMU hw/ppc/spapr.c, translate_kernel_address()]
 */
must_check int elf_segments_read_loaded(struct image *img,
					const struct elf_info *info,
					uint64_t base,
					struct elf_segments *segs);

void elf_segments_free(struct elf_segments *segs);

/*
 * elf_segments_find - the segment that holds `len` bytes from virtual address
 * `vaddr` on, or NULL.
 */
const struct elf_segment *elf_segments_find(const struct elf_segments *segs,
					    uint64_t vaddr, uint64_t len);

#endif
