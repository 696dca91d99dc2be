/* SPDX-License-Identifier: BSD-2-Clause */
/* How many bytes of a partition are the ELF file at its start. */
#ifndef PACKAGES_ELF_EXTENT_H
#define PACKAGES_ELF_EXTENT_H

#include "packages/image.h"

/*
 * elf_extent - the end of the ELF file that begins `img`, a partition of known
 * size: of its headers, and of what they name: segments (notes, too), sections.
 * Rounded up to four bytes, that is the size of GRUB's core.elf. It is never more than the size of `img`, and all of it if
 * the file goes on past its end, has tables that cannot be read, or is for AIX,
 * which uses the rest.
 * `size`: receives it. Returns 0; ERR_FORMAT: there is no ELF header; or a read
 * error with reason().
 */
must_check int elf_extent(struct image *img, uint64_t *size);

#endif
