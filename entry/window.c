// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the firmware lives: the one place that decides it. start.S calls this
 * before relocation, on a borrowed stack: arithmetic on the device tree only,
 * no writable data, no pointers in constants, no calls but in this file. (The
 * compiler's own, memcpy() and the like, work everywhere.)
 */
#include "entry/window.h"

#include "lib/endian.h"

/* The flattened tree. [Devicetree Specification 0.4, 5.2 to 5.5] */
#define FDT_MAGIC 0xd00dfeedu
#define FDT_HEADER 40u
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE 2u
#define FDT_PROP 3u
#define FDT_NOP 4u

/*
 * What ibm,kernel-dump holds: a header and sections. [LoPAR,
 * ibm,configure-kernel-dump; Linux arch/powerpc/platforms/pseries/rtas-fadump.h;
 * QEMU include/hw/ppc/spapr_fadump.h]
 */
#define DUMP_VERSION 1u
#define DUMP_HEADER 40u
#define DUMP_SECTION 40u
#define DUMP_REAL_MODE_REGION 0x11u

struct window_fdt {
	const uint8_t *base;
	uint32_t at, end; /* in the structure block: offsets from base */
	uint32_t strings, strings_end;
	uint32_t reserved;
};

static uint32_t window_word(const struct window_fdt *fdt, uint32_t at)
{
	return be32_load(fdt->base + at);
}

/* Offsets and lengths of the header, so that all blocks lie inside. */
static bool window_open(struct window_fdt *fdt, uint64_t addr)
{
	uint32_t size, len;

	fdt->base = (const uint8_t *)(uintptr_t)addr;
	size = window_word(fdt, 4);
	if (window_word(fdt, 0) != FDT_MAGIC || size < FDT_HEADER ||
	    size > FDT_MAX_SIZE)
		return false;
	fdt->at = window_word(fdt, 8);
	len = window_word(fdt, 36);
	if (fdt->at > size || len > size - fdt->at)
		return false;
	fdt->end = fdt->at + len;
	fdt->strings = window_word(fdt, 12);
	len = window_word(fdt, 32);
	if (fdt->strings > size || len > size - fdt->strings)
		return false;
	fdt->strings_end = fdt->strings + len;
	fdt->reserved = window_word(fdt, 16);
	return fdt->reserved <= size;
}

/* Is the NUL-terminated text at `at`, in a block that ends there, `name`? */
static bool window_named(const struct window_fdt *fdt, uint32_t at,
			 uint32_t end, const char *name)
{
	for (; at < end; at++, name++) {
		if (fdt->base[at] != (uint8_t)*name)
			return false;
		if (!*name)
			return true;
	}
	return false;
}

/* Skips a node's name; true: there is one, and room for the next token. */
static bool window_skip_name(struct window_fdt *fdt)
{
	while (fdt->at < fdt->end && fdt->base[fdt->at])
		fdt->at++;
	fdt->at = ALIGN_UP(fdt->at + 1, 4);
	return fdt->at <= fdt->end;
}

/* At a property behind its token: is it the one, in /rtas? Skips it if not. */
static bool window_property(struct window_fdt *fdt, bool in_rtas)
{
	uint32_t len, name, room = fdt->end - fdt->at;

	if (room < 8) {
		fdt->at = fdt->end;
		return false;
	}
	len = window_word(fdt, fdt->at);
	name = window_word(fdt, fdt->at + 4);
	if (len > room - 8) {
		fdt->at = fdt->end;
		return false;
	}
	if (in_rtas && len >= DUMP_HEADER &&
	    name < fdt->strings_end - fdt->strings &&
	    window_named(fdt, fdt->strings + name, fdt->strings_end,
			 "ibm,kernel-dump"))
		return true;
	fdt->at += ALIGN_UP(8 + len, 4);
	return false;
}

/* Goes to the dump's property: `at` is its length. False: there is none. */
static bool window_find(struct window_fdt *fdt)
{
	bool in_rtas = false;
	uint32_t depth = 0;

	while (fdt->at < fdt->end && fdt->end - fdt->at >= 4) {
		uint32_t token = window_word(fdt, fdt->at);

		fdt->at += 4;
		if (token == FDT_BEGIN_NODE) {
			if (++depth == 2)
				in_rtas = window_named(fdt, fdt->at, fdt->end,
						       "rtas");
			if (!window_skip_name(fdt))
				return false;
		} else if (token == FDT_END_NODE) {
			/* There is no second /rtas. */
			if (!depth || (depth-- == 2 && in_rtas))
				return false;
		} else if (token == FDT_PROP) {
			if (window_property(fdt, in_rtas && depth == 2))
				return true;
		} else if (token != FDT_NOP) {
			return false;
		}
	}
	return false;
}

/*
 * The boot memory, from 0 up to what this returns: all that the crashed
 * kernel's successor may use. GRUB goes by the same section.
 */
static uint64_t window_boot_memory(const struct window_fdt *fdt)
{
	uint32_t len = window_word(fdt, fdt->at);
	const uint8_t *dump = fdt->base + fdt->at + 8;
	uint32_t count, first;

	if (len < DUMP_HEADER || be32_load(dump) != DUMP_VERSION)
		return 0;
	count = be16_load(dump + 4);
	first = be32_load(dump + 8);
	for (; count && first <= len && len - first >= DUMP_SECTION; count--) {
		if (be16_load(dump + first + 4) == DUMP_REAL_MODE_REGION &&
		    !be64_load(dump + first + 8))
			return be64_load(dump + first + 16);
		first += DUMP_SECTION;
	}
	return 0;
}

/* Do the kernel and initrd that QEMU has loaded leave [start, end) alone? */
static bool window_is_free(const struct window_fdt *fdt, uint64_t start,
			   uint64_t end)
{
	uint32_t size = window_word(fdt, 4);

	for (uint32_t at = fdt->reserved; size - at >= 16; at += 16) {
		uint64_t addr = be64_load(fdt->base + at);
		uint64_t len = be64_load(fdt->base + at + 8);

		if (!addr && !len)
			return true;
		if (addr < end && (addr >= start || len > start - addr))
			return false;
	}
	return true;
}

/*
 * As high as can be: clients are linked to low addresses, and QEMU puts -kernel
 * and its initrd from 4 MiB up. Above the window is only QEMU's tree, whose
 * memory is free once it is read. A crashed kernel's dump moves the window down:
 * nobody may write there before the dump is saved.
 *
 *	             usual                   with a dump
 *
 *	min(RMA, +----------+            +----------+
 *	2 GiB)   |   tree   | 2 MiB      |   dump   | and the tree
 *	fdt      +----------+            |          |
 *	         |  window  | 16 MiB     +----------+ end of the boot memory
 *	         +----------+            |  window  |
 *	         |   free   |            +----------+
 *	0x4000   +----------+            |   free   |
 *	         | vectors  |            +----------+
 *	0        +----------+            | vectors  |
 */
static uint64_t window_below(uint64_t top)
{
	return ALIGN_DOWN(top - WINDOW_SIZE, WINDOW_ALIGN);
}

uint64_t window_dump(uint64_t addr)
{
	struct window_fdt fdt;
	uint64_t top, start;

	if (!window_open(&fdt, addr) || !window_find(&fdt))
		return 0;
	top = window_boot_memory(&fdt);
	if (top < WINDOW_BOOT_MIN)
		return 0;
	start = window_below(MIN(top, addr));
	return window_is_free(&fdt, start, start + WINDOW_SIZE) ? top : 0;
}

uint64_t window_place(uint64_t fdt)
{
	uint64_t dump = window_dump(fdt);

	return window_below(dump ? MIN(dump, fdt) : fdt);
}
