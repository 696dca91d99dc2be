// SPDX-License-Identifier: BSD-2-Clause
// ELF executables: the header, placement, and the entry point.
#include "packages/elf.h"

#include "lib/endian.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/elf_layout.h"

/* ELF gABI 4: e_ident and the values that are checked. */
#define ELF_CLASS_32 1
#define ELF_CLASS_64 2
#define ELF_DATA_LSB 1
#define ELF_DATA_MSB 2
#define ELF_TYPE_EXEC 2
#define ELF_TYPE_DYN 3
#define ELF_MACHINE_PPC 20
#define ELF_MACHINE_PPC64 21
#define ELF_PN_XNUM 0xffffu

/* 64-Bit ELF V2 ABI, 2.3: e_flags bits 0-1. */
#define ELF_FLAGS_ABI 3u
#define ELF_ABI_V2 2

struct elf_ident {
	uint8_t magic[4];
	uint8_t class;
	uint8_t data;
	uint8_t version;
	uint8_t osabi;
	uint8_t pad[8];
	be16 type, machine; /* from here on in the file's byte order */
	be32 object_version;
};

/* As many bytes as the larger class has. */
struct elf_header {
	struct elf_ident ident;
	uint8_t rest[ELF_LAYOUT_HEADER - sizeof(struct elf_ident)];
};

static const uint8_t elf_magic[4] = { 0x7f, 'E', 'L', 'F' };

/* An installer has made the partition, but written nothing to it. */
static bool elf_is_zero(const struct elf_ident *id)
{
	static const struct elf_ident zero;

	return !memcmp(id, &zero, sizeof(zero));
}

static int elf_check_ident(const struct elf_ident *id)
{
	bool little = id->data == ELF_DATA_LSB;
	unsigned machine = (unsigned)elf_number(&id->machine, 2, little);
	unsigned type = (unsigned)elf_number(&id->type, 2, little);
	unsigned wanted = id->class == ELF_CLASS_64 ? ELF_MACHINE_PPC64
						    : ELF_MACHINE_PPC;

	if (memcmp(id->magic, elf_magic, sizeof(id->magic)))
		return reason_fail(ERR_FORMAT,
				   "%snot an ELF file (begins with %08x)",
				   elf_is_zero(id) ? "empty, " : "",
				   be32_load(id->magic));
	if ((id->class != ELF_CLASS_32 && id->class != ELF_CLASS_64) ||
	    (id->data != ELF_DATA_LSB && id->data != ELF_DATA_MSB))
		return reason_fail(
			ERR_FORMAT,
			"ELF with unknown class %u or data encoding %u",
			id->class, id->data);
	if (machine != wanted)
		return reason_fail(ERR_FORMAT,
				   "ELF%s for machine %u, not PowerPC (%u)",
				   id->class == ELF_CLASS_64 ? "64" : "32",
				   machine, wanted);
	if (type != ELF_TYPE_EXEC && type != ELF_TYPE_DYN)
		return reason_fail(ERR_FORMAT,
				   "ELF type %u is not an executable", type);
	return 0;
}

static void elf_decode(const struct elf_header *header,
		       const struct elf_layout *l, struct elf_info *info)
{
	const uint8_t *raw = (const uint8_t *)header;
	const uint8_t *sizes = raw + l->phentsize;
	bool little = info->little_endian;

	if (info->is_64)
		info->abi = elf_number(raw + l->flags, 4, little) &
			    ELF_FLAGS_ABI;
	info->is_dyn = elf_number(&header->ident.type, 2, little) ==
		       ELF_TYPE_DYN;
	info->phentsize = (uint16_t)elf_number(sizes, 2, little);
	info->phnum = (uint16_t)elf_number(sizes + 2, 2, little);
	info->phoff = elf_number(raw + l->phoff, l->word, little);
	info->entry = elf_number(raw + l->entry, l->word, little);
}

static int elf_read_header(struct image *img, struct elf_header *header,
			   struct elf_info *info)
{
	const struct elf_layout *layout;
	long size = image_read_some(img, 0, header, sizeof(*header));
	int err;

	if (size < 0)
		return (int)size;
	err = elf_check_ident(&header->ident);
	if (err < 0)
		return err;
	*info = (struct elf_info){
		.is_64 = header->ident.class == ELF_CLASS_64,
		.little_endian = header->ident.data == ELF_DATA_LSB,
		.osabi = header->ident.osabi,
	};
	layout = elf_layout(info->is_64);
	if (size < layout->header)
		return reason_fail(ERR_FORMAT,
				   "ELF header truncated at %ld bytes", size);
	elf_decode(header, layout, info);
	return 0;
}

/* Checks that the table is inside the file and its entries are large enough. */
static int elf_check_table(const struct image *img, const struct elf_info *info)
{
	uint64_t size = (uint64_t)info->phnum * info->phentsize;

	/* The number is then in a section header: no executable needs that. */
	if (info->phnum == ELF_PN_XNUM)
		return reason_fail(ERR_FORMAT, "too many ELF program headers");
	if (info->phnum && info->phentsize < elf_layout(info->is_64)->phdr)
		return reason_fail(ERR_FORMAT,
				   "ELF program headers of %u bytes",
				   info->phentsize);
	if (info->phoff > img->size || size > img->size - info->phoff)
		return reason_fail(ERR_FORMAT,
				   "ELF program headers outside the file");
	return 0;
}

int elf_probe(struct image *img, struct elf_info *info)
{
	struct elf_header header = { 0 };
	int err = elf_read_header(img, &header, info);

	if (err == 0)
		err = elf_check_table(img, info);
	if (err < 0)
		return err;
	err = elf_segments_read(img, info, &info->segs);
	if (err == 0)
		log_debug(LOG_BOOT, "ELF%s, %s-endian, OSABI %u, %zu segments",
			  info->is_64 ? "64" : "32",
			  info->little_endian ? "little" : "big", info->osabi,
			  info->segs.count);
	return err;
}

void elf_info_free(struct elf_info *info)
{
	elf_segments_free(&info->segs);
}

static void elf_release(const struct elf_segments *segs, size_t count,
			const struct elf_place *place)
{
	while (count--)
		place->release(place->arg, segs->seg[count].paddr,
			       segs->seg[count].memsz);
}

static int elf_claim(const struct elf_segments *segs,
		     const struct elf_place *place)
{
	const struct elf_segment *seg;
	size_t i;
	int err;

	for (i = 0; i < segs->count; i++) {
		seg = &segs->seg[i];
		err = place->claim(place->arg, seg->paddr, seg->memsz);
		if (err == 0)
			continue;
		elf_release(segs, i, place);
		return reason_fail(err, "segment at %llx, %llx bytes: %s",
				   (unsigned long long)seg->paddr,
				   (unsigned long long)seg->memsz,
				   err == ERR_EXIST ? "memory in use"
				   : err == ERR_RANGE
					   ? "beyond the end of memory"
					   : err_str(err));
	}
	return 0;
}

/* The largest p_align; only powers of two are valid (gABI 5). */
static uint64_t elf_alignment(const struct elf_segments *segs)
{
	uint64_t align = ELF_MOVE_ALIGN;

	for (size_t i = 0; i < segs->count; i++) {
		uint64_t own = segs->seg[i].align;

		if (own && IS_POWER_OF_2(own))
			align = MAX(align, own);
	}
	return align;
}

/* Would it overwrite the vectors, and can it run elsewhere? */
static bool elf_moves(const struct elf_segments *segs,
		      const struct elf_info *info,
		      const struct elf_place *place)
{
	const struct elf_segment *low = &segs->seg[0];

	/* AIX images never move: they expect their fixed addresses. */
	if (low->paddr >= ELF_LOW_END || info->osabi == ELF_OSABI_AIX)
		return false;
	return place->find && (info->is_dyn || low->vaddr != low->paddr);
}

/*
 * Moves all segments by one distance: code finds its data relative to itself,
 * so gaps between segments must not change. The distance is a multiple of the
 * largest alignment, so each segment keeps its own.
 *
 * Nothing in the image is patched. A movable image relocates itself, as ET_DYN
 * files and Linux do; only the entry point and the TOC pointer that we pass
 * are adjusted, see elf_find_entry().
 */
static int elf_move(struct elf_segments *segs, const struct elf_place *place)
{
	const struct elf_segment *last = &segs->seg[segs->count - 1];
	uint64_t align = elf_alignment(segs);
	uint64_t from = ALIGN_DOWN(segs->seg[0].paddr, align);
	uint64_t size = last->paddr + last->memsz - from;
	uint64_t to;

	if (place->find(place->arg, size, align, &to))
		return reason_fail(
			ERR_RANGE,
			"linked at %llx, and no room elsewhere for %llx bytes",
			(unsigned long long)segs->seg[0].paddr,
			(unsigned long long)size);
	for (size_t i = 0; i < segs->count; i++)
		segs->seg[i].paddr += to - from;
	return 0;
}

static int elf_fill(struct image *img, const struct elf_segment *seg,
		    const struct elf_place *place)
{
	uint8_t *dst = place->ptr(place->arg, seg->paddr, seg->memsz);
	size_t size = (size_t)seg->filesz;
	int err;

	if (!dst)
		return reason_fail(ERR_RANGE,
				   "segment at %llx: beyond the end of memory",
				   (unsigned long long)seg->paddr);
	log_debug(LOG_BOOT, "segment at %llx: %llx bytes, %zx from byte %llx",
		  (unsigned long long)seg->paddr,
		  (unsigned long long)seg->memsz, size,
		  (unsigned long long)seg->offset);
	err = image_read(img, seg->offset, dst, size);
	/* The image's size was not known when the segment was checked. */
	if (err == ERR_RANGE)
		err = reason_fail(ERR_FORMAT, "truncated: segment at %llx: %s",
				  (unsigned long long)seg->paddr, reason());
	if (err < 0)
		return err;
	memset(dst + size, 0, (size_t)seg->memsz - size);
	place->flush(place->arg, dst, seg->memsz);
	return 0;
}

/* Reads the doubleword at a virtual address; false: outside the image. */
static bool elf_peek(const struct elf_segments *segs,
		     const struct elf_info *info, const struct elf_place *place,
		     uint64_t vaddr, uint64_t *val)
{
	const struct elf_segment *seg =
		elf_segments_find(segs, vaddr, sizeof(*val));
	const void *p;

	if (!seg)
		return false;
	p = place->ptr(place->arg, seg->paddr + (vaddr - seg->vaddr),
		       sizeof(*val));
	if (!p)
		return false;
	*val = elf_number(p, sizeof(*val), info->little_endian);
	return true;
}

/*
 * ELFv1: e_entry points to a descriptor {code, TOC, environment} (64-bit
 * PowerPC ELF ABI 1.9, 3.2.5). Linux's vmlinux claims this ABI but has code
 * there, so the first doubleword is not an address inside the image.
 */
static bool elf_descriptor(const struct elf_segments *segs,
			   const struct elf_info *info,
			   const struct elf_place *place,
			   struct elf_entry *entry)
{
	const struct elf_segment *seg;
	uint64_t code, toc;

	if (!info->is_64 || info->abi == ELF_ABI_V2 ||
	    !elf_peek(segs, info, place, info->entry, &code) ||
	    !elf_peek(segs, info, place, info->entry + sizeof(code), &toc))
		return false;
	seg = elf_segments_find(segs, code, 4);
	if (code % 4 || !seg)
		return false;
	/* Moved code finds its data through the moved TOC. */
	entry->pc = code - seg->vaddr + seg->paddr;
	entry->toc = toc - seg->vaddr + seg->paddr;
	return true;
}

static int elf_find_entry(const struct elf_segments *segs,
			  const struct elf_info *info,
			  const struct elf_place *place,
			  struct elf_entry *entry)
{
	const struct elf_segment *seg = elf_segments_find(segs, info->entry, 4);

	*entry = (struct elf_entry){ .is_64 = info->is_64,
				     .little_endian = info->little_endian };
	if (!seg)
		return reason_fail(ERR_FORMAT,
				   "entry %llx is outside the image",
				   (unsigned long long)info->entry);
	if (elf_descriptor(segs, info, place, entry))
		return 0;
	entry->pc = info->entry - seg->vaddr + seg->paddr;
	if (entry->pc % 4)
		return reason_fail(ERR_FORMAT, "entry %llx is not aligned",
				   (unsigned long long)info->entry);
	/* 64-Bit ELF V2 ABI, 2.3.2.1: the code finds its TOC through r12. */
	if (info->is_64 && info->abi == ELF_ABI_V2)
		entry->r12 = entry->pc;
	return 0;
}

int elf_load(struct image *img, struct elf_info *info,
	     const struct elf_place *place, struct elf_entry *entry)
{
	struct elf_segments *segs = &info->segs;
	uint64_t linked = segs->seg[0].paddr;
	int err = 0;

	if (elf_moves(segs, info, place))
		err = elf_move(segs, place);
	if (err == 0)
		err = elf_claim(segs, place);
	if (err < 0)
		return err;
	for (size_t i = 0; i < segs->count && err == 0; i++)
		err = elf_fill(img, &segs->seg[i], place);
	if (err == 0)
		err = elf_find_entry(segs, info, place, entry);
	if (err < 0)
		elf_release(segs, segs->count, place);
	entry->linked = linked;
	entry->loaded = segs->seg[0].paddr;
	return err;
}

bool elf_is_header(const void *p, size_t len)
{
	return len >= sizeof(struct elf_ident) && !memcmp(p, elf_magic, 4);
}

int elf_find_loaded(struct image *img, uint64_t base,
		    const struct elf_place *place, struct elf_entry *entry)
{
	struct elf_header header = { 0 };
	struct elf_info info;
	int err = elf_read_header(img, &header, &info);

	if (err == 0)
		err = elf_check_table(img, &info);
	if (err == 0)
		err = elf_segments_read_loaded(img, &info, base, &info.segs);
	if (err < 0)
		return err;
	err = elf_claim(&info.segs, place);
	if (err == 0) {
		err = elf_find_entry(&info.segs, &info, place, entry);
		if (err < 0)
			elf_release(&info.segs, info.segs.count, place);
	}
	elf_info_free(&info);
	return err;
}
