// SPDX-License-Identifier: BSD-2-Clause
// Parts of an ELF file: tables, program headers, notes.
#include "packages/elf_parts.h"

#include <string.h>

#include "lib/reason.h"
#include "packages/elf.h"
#include "packages/elf_layout.h"

#define PARTS_NAME 20u /* the longest name of a note */

static uint32_t parts_word(const struct elf_parts *parts, const uint8_t *p)
{
	return (uint32_t)elf_number(p, 4, parts->little);
}

/* An offset or a size: of the class's width. */
static uint64_t parts_long(const struct elf_parts *parts, const uint8_t *p)
{
	return elf_number(p, elf_layout(parts->is_64)->word, parts->little);
}

/* Adds a table to the end of the headers. */
static int parts_add_table(struct elf_parts *parts, uint64_t where, size_t size)
{
	if (where > UINT64_MAX - size)
		return reason_fail(ERR_FORMAT, "ELF headers wrap around");
	if (size)
		parts->end = MAX(parts->end, where + size);
	return 0;
}

static int parts_tables(struct elf_parts *parts, const uint8_t *header)
{
	const struct elf_layout *layout = elf_layout(parts->is_64);
	const uint8_t *sizes = header + layout->phentsize;
	int err;

	parts->where = parts_long(parts, header + layout->phoff);
	parts->entry = elf_number(sizes, 2, parts->little);
	parts->count = elf_number(sizes + 2, 2, parts->little);
	parts->end = layout->header;
	if (parts->count && parts->entry < layout->phdr)
		return reason_fail(ERR_FORMAT,
				   "ELF program headers of %zu bytes",
				   parts->entry);
	err = parts_add_table(parts, parts->where, parts->entry * parts->count);
	if (err < 0)
		return err;
	return parts_add_table(parts, parts_long(parts, header + layout->shoff),
			       elf_number(sizes + 4, 2, parts->little) *
				       elf_number(sizes + 6, 2, parts->little));
}

int elf_parts_open(struct image *img, struct elf_parts *parts)
{
	uint8_t header[ELF_LAYOUT_HEADER] = { 0 };
	long got = image_read_some(img, 0, header, sizeof(header));

	if (got < 0)
		return (int)got;
	if (!elf_is_header(header, (size_t)got))
		return reason_fail(ERR_FORMAT, "not an ELF file");
	/* e_ident: class and byte order [ELF gABI 4, figure 4-4]. */
	*parts = (struct elf_parts){ .img = img,
				     .is_64 = header[4] == 2,
				     .little = header[5] == 1 };
	return parts_tables(parts, header);
}

int elf_parts_get(const struct elf_parts *parts, size_t i,
		  struct elf_part *part)
{
	const struct elf_layout *layout = elf_layout(parts->is_64);
	uint8_t entry[ELF_LAYOUT_PHDR];
	int err = image_read(parts->img, parts->where + i * parts->entry, entry,
			     layout->phdr);

	if (err == ERR_RANGE)
		err = reason_fail(ERR_FORMAT, "program headers truncated: %s",
				  reason());
	if (err < 0)
		return err;
	part->type = parts_word(parts, entry);
	part->offset = parts_long(parts, entry + layout->offset);
	part->size = parts_long(parts, entry + layout->filesz);
	if (part->offset > UINT64_MAX - part->size)
		return reason_fail(ERR_FORMAT,
				   "program header %zu wraps around", i);
	return 0;
}

int elf_parts_note(const struct elf_parts *parts, const struct elf_part *part,
		   const char *name, size_t size, uint32_t type,
		   struct elf_note *note)
{
	uint8_t head[12 + PARTS_NAME];
	size_t len = 12 + ALIGN_UP(size, 4);
	int err;

	if (part->type != ELF_PART_NOTE || part->size < len ||
	    part->offset > parts->img->size ||
	    len > parts->img->size - part->offset)
		return 0;
	err = image_read(parts->img, part->offset, head, len);
	if (err < 0)
		return err;
	if (parts_word(parts, head) != size ||
	    parts_word(parts, head + 8) != type ||
	    memcmp(head + 12, name, size))
		return 0;
	note->at = part->offset + len;
	note->size = parts_word(parts, head + 4);
	note->rest = part->size - len;
	return 1;
}
