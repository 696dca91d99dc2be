/* SPDX-License-Identifier: BSD-2-Clause */
/* The loadable segments of an ELF file, in host order and checked. */
#ifndef PACKAGES_ELF_SEGMENTS_H
#define PACKAGES_ELF_SEGMENTS_H

#include "packages/elf.h"

/* A PT_LOAD with memory of its own. */
struct elf_segment {
	uint64_t paddr, vaddr; /* memsz bytes from each on do not wrap */
	uint64_t offset;       /* in the file */
	uint64_t filesz;       /* <= memsz */
	uint64_t memsz;	       /* > 0 */
};

struct elf_segments {
	struct elf_segment *seg; /* owned, sorted by paddr, no overlap */
	size_t count;
	size_t room;
};

/*
 * elf_segments_read - collect the segments of the file that `info` (is_64,
 * little_endian, phnum, phentsize, phoff) describes.
 * Returns 0: `segs` is to be freed by elf_segments_free(); ERR_FORMAT with
 * reason() as elf_probe(); ERR_NOMEM; or the image's read error.
 */
must_check int elf_segments_read(const struct image *img,
				 const struct elf_info *info,
				 struct elf_segments *segs);

void elf_segments_free(struct elf_segments *segs);

/*
 * elf_segments_find - the segment that holds `len` bytes from virtual address
 * `vaddr` on, or NULL.
 */
const struct elf_segment *elf_segments_find(const struct elf_segments *segs,
					    uint64_t vaddr, uint64_t len);

#endif
