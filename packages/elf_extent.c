// SPDX-License-Identifier: BSD-2-Clause
// How many bytes of a partition are the ELF file at its start.
#include "packages/elf_extent.h"

#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/elf.h"
#include "packages/elf_layout.h"

/* GRUB's grub-mkimage fills its files up. [GRUB util/grub-mkimagexx.c] */
#define EXTENT_ALIGN 4u
/* 65535 entries of usual size; larger tables are not read. */
#define EXTENT_TABLE_MAX (4 * MiB)
#define EXTENT_SECTION_NULL 0
#define EXTENT_SECTION_NOBITS 8

struct extent {
	struct image *img;
	const struct elf_layout *layout;
	bool little;
	uint8_t header[ELF_LAYOUT_HEADER];
	uint64_t end; /* so far */
};

/* A table of an ELF file: offsets of fields in the header, and in an entry. */
struct extent_table {
	uint8_t where, size;	   /* e_phoff, e_phentsize; e_phnum follows */
	uint8_t entry;		   /* bytes of an entry */
	uint8_t type, offset, len; /* p_type, p_offset, p_filesz */
	bool sections;
};

static size_t extent_half(const struct extent *ext, size_t at)
{
	return (size_t)elf_number(ext->header + at, 2, ext->little);
}

/* An offset or a size: of the class's width. */
static uint64_t extent_long(const struct extent *ext, const uint8_t *p)
{
	return elf_number(p, ext->layout->word, ext->little);
}

/* What ends past the image, or wraps, ends with the image. */
static void extent_add(struct extent *ext, uint64_t start, uint64_t len)
{
	uint64_t size = ext->img->size;

	if (!len)
		return;
	if (start > size || len > size - start)
		ext->end = size;
	else
		ext->end = MAX(ext->end, start + len);
}

static void extent_entry(struct extent *ext, const struct extent_table *table,
			 const uint8_t *entry)
{
	uint64_t type = elf_number(entry + table->type, 4, ext->little);

	if (table->sections &&
	    (type == EXTENT_SECTION_NULL || type == EXTENT_SECTION_NOBITS))
		return;
	extent_add(ext, extent_long(ext, entry + table->offset),
		   extent_long(ext, entry + table->len));
}

/* Adds a table, and what its entries name. */
static int extent_read(struct extent *ext, const struct extent_table *table)
{
	uint64_t where = extent_long(ext, ext->header + table->where);
	size_t size = extent_half(ext, table->size);
	size_t count = extent_half(ext, table->size + 2u);
	uint8_t *entries;
	int rc;

	if (!count)
		return 0;
	extent_add(ext, where, (uint64_t)size * count);
	if (size < table->entry || size * count > EXTENT_TABLE_MAX)
		ext->end = ext->img->size;
	if (ext->end == ext->img->size)
		return 0;
	entries = heap_alloc(size * count);
	if (!entries)
		return reason_fail(ERR_NOMEM, "no memory for %zu ELF headers",
				   count);
	rc = image_read(ext->img, where, entries, size * count);
	for (size_t i = 0; !rc && i < count; i++)
		extent_entry(ext, table, entries + i * size);
	heap_free(entries);
	return rc;
}

static int extent_read_tables(struct extent *ext)
{
	const struct elf_layout *l = ext->layout;
	const struct extent_table segments = {
		l->phoff, l->phentsize, l->phdr, 0, l->offset, l->filesz, false
	};
	const struct extent_table sections = { l->shoff,     l->phentsize + 4,
					       l->shdr,	     4,
					       l->sh_offset, l->sh_size,
					       true };
	int rc = extent_read(ext, &segments);

	return rc ? rc : extent_read(ext, &sections);
}

int elf_extent(struct image *img, uint64_t *size)
{
	struct extent ext = { .img = img };
	long got = image_read_some(img, 0, ext.header, sizeof(ext.header));
	int rc;

	if (got < 0)
		return (int)got;
	if ((size_t)got < sizeof(ext.header) ||
	    !elf_is_header(ext.header, sizeof(ext.header)))
		return reason_fail(ERR_FORMAT, "no ELF header");
	/* e_ident. [ELF gABI 4, figure 4-4] */
	ext.layout = elf_layout(ext.header[4] == 2);
	ext.little = ext.header[5] == 1;
	ext.end = ext.layout->header;
	if (ext.header[7] == ELF_OSABI_AIX)
		ext.end = img->size;
	rc = extent_read_tables(&ext);
	*size = MIN(ALIGN_UP(ext.end, (uint64_t)EXTENT_ALIGN), img->size);
	return rc;
}
