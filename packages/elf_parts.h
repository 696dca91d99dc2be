/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an ELF file: what its program headers of any type name. */
#ifndef PACKAGES_ELF_PARTS_H
#define PACKAGES_ELF_PARTS_H

#include "packages/image.h"

/* p_type [ELF gABI 4, figure 5-2] */
#define ELF_PART_LOAD 1u
#define ELF_PART_NOTE 4u

/* An ELF file, either class, either byte order. */
struct elf_parts {
	struct image *img;
	bool is_64, little;
	uint64_t end; /* of the header and the tables; may be past the image */
	size_t count; /* of program headers */
	uint64_t where;
	size_t entry; /* bytes from one to the next */
};

/* A program header; its bytes may be outside the image. */
struct elf_part {
	uint32_t type;
	uint64_t offset, size; /* in the file; their sum does not wrap */
};

/* The note at the start of a PT_NOTE [ELF gABI 4, figure 5-3]. */
struct elf_note {
	uint64_t at;   /* of its descriptor, in the file */
	uint64_t size; /* of its descriptor, as it says */
	uint64_t rest; /* bytes of the part from `at` on */
};

/*
 * elf_parts_open - read the ELF header of an image that can be read at random.
 * Returns 0; ERR_FORMAT with reason(): not ELF, or its tables wrap or have too
 * small entries; or a read error.
 */
must_check int elf_parts_open(struct image *img, struct elf_parts *parts);

/*
 * elf_parts_get - program header `i`, of parts->count.
 * Returns 0; ERR_FORMAT with reason(): it is outside the image or wraps; or a
 * read error.
 */
must_check int elf_parts_get(const struct elf_parts *parts, size_t i,
			     struct elf_part *part);

/*
 * elf_parts_note - does the note at the start of a part have this name (`size`
 * bytes with its NUL, at most 20) and type? Returns 1; 0: no, or it is none; or
 * a read error.
 */
must_check int elf_parts_note(const struct elf_parts *parts,
			      const struct elf_part *part, const char *name,
			      size_t size, uint32_t type,
			      struct elf_note *note);

#endif
