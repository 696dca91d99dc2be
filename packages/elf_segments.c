// SPDX-License-Identifier: BSD-2-Clause
// Program headers: read, checked, sorted (ELF gABI 4, 5).
#include "packages/elf_segments.h"

#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/elf.h"
#include "packages/elf_layout.h"

#define ELF_PT_LOAD 1u

/* Clients are 32-bit callers: they are below this (PowerPC binding, 4). */
#define ELF_ADDRESS_END (4 * GiB)

/* Decodes a program header; true if it is PT_LOAD. */
static bool elf_decode(const struct elf_info *info, const uint8_t *header,
		       struct elf_segment *seg)
{
	const struct elf_layout *l = elf_layout(info->is_64);
	bool little = info->little_endian;

	seg->offset = elf_number(header + l->offset, l->word, little);
	seg->vaddr = elf_number(header + l->vaddr, l->word, little);
	seg->paddr = elf_number(header + l->paddr, l->word, little);
	seg->filesz = elf_number(header + l->filesz, l->word, little);
	seg->memsz = elf_number(header + l->memsz, l->word, little);
	seg->align = elf_number(header + l->align, l->word, little);
	return elf_number(header, 4, little) == ELF_PT_LOAD;
}

/* Checks a segment's sizes without regard to the file. */
static int elf_check_sizes(const struct elf_segment *seg)
{
	if (seg->filesz > seg->memsz)
		return reason_fail(
			ERR_FORMAT,
			"segment at %llx: %llu bytes in the file, %llu in memory",
			(unsigned long long)seg->paddr,
			(unsigned long long)seg->filesz,
			(unsigned long long)seg->memsz);
	if (seg->memsz > UINT64_MAX - seg->vaddr)
		return reason_fail(ERR_FORMAT,
				   "segment at %llx: addresses wrap around",
				   (unsigned long long)seg->paddr);
	return 0;
}

static int elf_check_segment(const struct image *img,
			     const struct elf_segment *seg)
{
	int err = elf_check_sizes(seg);

	if (err < 0)
		return err;
	if (seg->paddr >= ELF_ADDRESS_END ||
	    seg->memsz > ELF_ADDRESS_END - seg->paddr)
		return reason_fail(
			ERR_FORMAT,
			"segment at %llx, %llx bytes: ends beyond 4 GiB",
			(unsigned long long)seg->paddr,
			(unsigned long long)seg->memsz);
	if (seg->offset > img->size || seg->filesz > img->size - seg->offset)
		return reason_fail(
			ERR_FORMAT,
			"truncated: segment at %llx is bytes %llu to %llu of a file of %llu bytes",
			(unsigned long long)seg->paddr,
			(unsigned long long)seg->offset,
			(unsigned long long)(seg->offset + seg->filesz),
			(unsigned long long)img->size);
	return 0;
}

static int elf_add_segment(struct elf_segments *segs,
			   const struct elf_segment *seg)
{
	if (segs->count == segs->room) {
		size_t room = segs->room ? 2 * segs->room : 8;
		struct elf_segment *p =
			heap_realloc(segs->seg, room * sizeof(*p));

		if (!p)
			return reason_fail(ERR_NOMEM,
					   "no memory for %zu segments", room);
		segs->seg = p;
		segs->room = room;
	}
	segs->seg[segs->count++] = *seg;
	return 0;
}

/* Shell sort: a file may have 65534 segments. */
static void elf_sort(struct elf_segments *segs)
{
	struct elf_segment *seg = segs->seg;
	size_t gap, i, j;

	for (gap = segs->count / 2; gap; gap /= 2) {
		for (i = gap; i < segs->count; i++) {
			struct elf_segment s = seg[i];

			for (j = i; j >= gap && seg[j - gap].paddr > s.paddr;
			     j -= gap)
				seg[j] = seg[j - gap];
			seg[j] = s;
		}
	}
}

static int elf_check_overlap(const struct elf_segments *segs)
{
	size_t i;

	for (i = 1; i < segs->count; i++) {
		const struct elf_segment *a = &segs->seg[i - 1];
		const struct elf_segment *b = &segs->seg[i];

		if (a->memsz > b->paddr - a->paddr)
			return reason_fail(ERR_FORMAT,
					   "segments at %llx and %llx overlap",
					   (unsigned long long)a->paddr,
					   (unsigned long long)b->paddr);
	}
	if (!segs->count)
		return reason_fail(ERR_FORMAT, "no PT_LOAD segment");
	return 0;
}

/* Reads the table of program headers; the caller frees it, also on error. */
static int elf_read_table(struct image *img, const struct elf_info *info,
			  uint8_t **table)
{
	size_t size = (size_t)info->phnum * info->phentsize;
	int err;

	*table = heap_alloc(size);
	if (!*table)
		return reason_fail(ERR_NOMEM,
				   "no memory for %u program headers",
				   info->phnum);
	err = image_read(img, info->phoff, *table, size);
	if (err == ERR_RANGE)
		err = reason_fail(ERR_FORMAT, "program headers truncated: %s",
				  reason());
	return err;
}

static int elf_collect(const struct image *img, const struct elf_info *info,
		       const uint8_t *table,
		       int (*check)(const struct image *img,
				    const struct elf_segment *seg),
		       struct elf_segments *segs)
{
	struct elf_segment seg;
	int err = 0;

	for (size_t i = 0; i < info->phnum && err == 0; i++) {
		/* Linkers leave empty segments, at any address. */
		if (!elf_decode(info, table + i * info->phentsize, &seg) ||
		    !seg.memsz)
			continue;
		err = check(img, &seg);
		if (err == 0)
			err = elf_add_segment(segs, &seg);
	}
	return err;
}

/* Sorts and checks the collected segments; frees them on error. */
static int elf_arrange(struct elf_segments *segs, int err)
{
	elf_sort(segs);
	if (err == 0)
		err = elf_check_overlap(segs);
	if (err < 0)
		elf_segments_free(segs);
	return err;
}

int elf_segments_read(struct image *img, const struct elf_info *info,
		      struct elf_segments *segs)
{
	uint8_t *table;
	int err = elf_read_table(img, info, &table);

	*segs = (struct elf_segments){ 0 };
	if (err == 0)
		err = elf_collect(img, info, table, elf_check_segment, segs);
	heap_free(table);
	return elf_arrange(segs, err);
}

static int elf_check_loaded(const struct image *img,
			    const struct elf_segment *seg)
{
	(void)img;
	return elf_check_sizes(seg);
}

/* The segment with the ELF header (file offset 0) and its table. */
static const struct elf_segment *elf_find_head(const struct elf_segments *segs,
					       const struct elf_info *info)
{
	uint64_t end = info->phoff + (uint64_t)info->phnum * info->phentsize;

	for (size_t i = 0; i < segs->count; i++) {
		if (!segs->seg[i].offset && segs->seg[i].filesz >= end)
			return &segs->seg[i];
	}
	return NULL;
}

/* QEMU hw/ppc/spapr.c, translate_kernel_address(): the bits that it keeps. */
#define ELF_QEMU_BITS 0x0fffffffu

/*
 * QEMU adds its kernel address to each. The loaded memory begins with the
 * header, so the header's segment must be the lowest.
 */
static int elf_locate(const struct elf_info *info, uint64_t base,
		      struct elf_segments *segs)
{
	const struct elf_segment *head = elf_find_head(segs, info);
	uint64_t first, offset;

	if (!head)
		return reason_fail(ERR_FORMAT,
				   "no segment contains the program headers");
	first = head->paddr & ELF_QEMU_BITS;
	for (size_t i = 0; i < segs->count; i++) {
		struct elf_segment *seg = &segs->seg[i];

		offset = seg->paddr & ELF_QEMU_BITS;
		if (offset < first)
			return reason_fail(
				ERR_FORMAT,
				"segment at %llx is below the ELF header",
				(unsigned long long)seg->paddr);
		seg->paddr = base + offset - first;
	}
	return 0;
}

int elf_segments_read_loaded(struct image *img, const struct elf_info *info,
			     uint64_t base, struct elf_segments *segs)
{
	uint8_t *table;
	int err = elf_read_table(img, info, &table);

	*segs = (struct elf_segments){ 0 };
	if (err == 0)
		err = elf_collect(img, info, table, elf_check_loaded, segs);
	if (err == 0 && segs->count)
		err = elf_locate(info, base, segs);
	heap_free(table);
	return elf_arrange(segs, err);
}

void elf_segments_free(struct elf_segments *segs)
{
	heap_free(segs->seg);
	*segs = (struct elf_segments){ 0 };
}

const struct elf_segment *elf_segments_find(const struct elf_segments *segs,
					    uint64_t vaddr, uint64_t len)
{
	size_t i;

	for (i = 0; i < segs->count; i++) {
		const struct elf_segment *seg = &segs->seg[i];

		if (vaddr >= seg->vaddr && vaddr - seg->vaddr <= seg->memsz &&
		    len <= seg->memsz - (vaddr - seg->vaddr))
			return seg;
	}
	return NULL;
}
