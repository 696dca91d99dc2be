// SPDX-License-Identifier: BSD-2-Clause
/*
 * Decides where the firmware runs. start.S calls this before relocation, on a
 * temporary stack: only arithmetic on the device tree, no writable data, no
 * pointers in constants, no calls to other files. (Calls that the compiler
 * inserts, such as memcpy(), work everywhere.)
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
 * Contents of ibm,kernel-dump: a header and sections. [LoPAR,
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

/* Reads the header; checks that all blocks are inside the tree. */
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

/* True if the NUL-terminated text at `at`, before `end`, is `name`. */
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

/* Skips a node's name; true if it is valid and followed by a token. */
static bool window_skip_name(struct window_fdt *fdt)
{
	while (fdt->at < fdt->end && fdt->base[fdt->at])
		fdt->at++;
	fdt->at = ALIGN_UP(fdt->at + 1, 4);
	return fdt->at <= fdt->end;
}

/* After a property token: true if it is the dump's; otherwise skips it. */
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

/* Finds the dump's property; then `at` is its length field. False: none. */
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
			/* There is only one /rtas. */
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
 * Returns the end of the boot memory, which starts at 0, or 0: damaged. The
 * next kernel may use only this memory. GRUB reads the same section.
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

/* True if QEMU loaded no part of the kernel and initrd to [start, end). */
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
 * As high as possible: clients are linked to low addresses, and QEMU loads
 * -kernel and its initrd from 4 MiB up. Above the window is only QEMU's tree,
 * which is free once it is read. A crashed kernel's dump moves the window down:
 * nothing may overwrite the dump before it is saved.
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
