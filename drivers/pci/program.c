// SPDX-License-Identifier: BSD-2-Clause
// PCI: writing assigned addresses to functions and to their nodes.
#include "drivers/pci/bus.h"

#include <string.h>

#include "lib/log.h"
#include "tree/path.h"
#include "tree/prop.h"

/* Cells of an address with its size, of a bridge's range, of a map entry. */
#define ADDRESS_CELLS 5u
#define RANGE_CELLS 8u
#define INTERRUPT_CELLS 9u

/* A base that is above limit 0 in the I/O and in the memory registers. */
#define PROGRAM_CLOSED 0xfffff000u

#define INTERRUPT_PINS 4u
/* Pins rotate with the slot number: four slots represent all. */
#define INTERRUPT_SLOTS 4u
#define INTERRUPT_SLOT_MASK ((INTERRUPT_SLOTS - 1) << 11)

/* Base and limit of a window; closed: the base is above the limit. */
static void program_limits(const struct pci_aperture *ap, uint64_t *base,
			   uint64_t *limit)
{
	*base = ap->size ? ap->base : PROGRAM_CLOSED;
	*limit = ap->size ? ap->base + ap->size - 1 : 0;
}

/* PCI-to-PCI Bridge 1.2, 3.2.5.6 to 3.2.5.10. */
static void program_bridge(const struct pci_function *fn)
{
	uint64_t base, limit;

	program_limits(&fn->aperture[PCI_IO], &base, &limit);
	pci_config_write(fn, PCI_IO_BASE_LIMIT, 2,
			 (uint32_t)(base >> 8 & 0xf0) |
				 (uint32_t)(limit & 0xf000));
	program_limits(&fn->aperture[PCI_MEM32], &base, &limit);
	pci_config_write(fn, PCI_MEM_BASE_LIMIT, 4,
			 (uint32_t)(base >> 16 & 0xfff0) |
				 (uint32_t)(limit & 0xfff00000));
	program_limits(&fn->aperture[PCI_MEM64], &base, &limit);
	pci_config_write(fn, PCI_PREF_BASE_LIMIT, 4,
			 (uint32_t)(base >> 16 & 0xfff0) |
				 (uint32_t)(limit & 0xfff00000));
	if (fn->reaches_mem64) {
		pci_config_write(fn, PCI_PREF_BASE_UPPER, 4,
				 (uint32_t)(base >> 32));
		pci_config_write(fn, PCI_PREF_LIMIT_UPPER, 4,
				 (uint32_t)(limit >> 32));
	}
	/* Functions below it work without a driver for the bridge. */
	pci_config_write(fn, PCI_COMMAND, 2,
			 PCI_COMMAND_CHECKS | PCI_COMMAND_IO |
				 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

void pci_program(const struct pci_function *fn)
{
	/* No decoding while addresses change; drivers enable it. */
	pci_disable(fn);
	for (unsigned i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &fn->bar[i];

		if (!bar->size)
			continue;
		/* A ROM stays disabled: it may share a BAR's decoder. */
		pci_config_write(fn, bar->reg, 4, (uint32_t)bar->addr);
		if (bar->is_64)
			pci_config_write(fn, bar->reg + 4u, 4,
					 (uint32_t)(bar->addr >> 32));
	}
	if (fn->is_bridge)
		program_bridge(fn);
}

/*
 * The space code of an address: non-prefetchable 64-bit BARs are below 4 GiB,
 * and Linux checks them against the bridge's 32-bit window.
 */
static uint32_t describe_space(enum pci_space space, bool prefetchable)
{
	static const uint32_t code[PCI_SPACES] = {
		[PCI_IO] = PCI_PHYS_IO,
		[PCI_MEM32] = PCI_PHYS_MEM32,
		[PCI_MEM64] = PCI_PHYS_MEM64,
	};

	return code[space] << 24 | (prefetchable ? PCI_PHYS_PREFETCHABLE : 0);
}

static uint32_t *describe_bar(uint32_t *cell, const struct pci_function *fn,
			      const struct pci_bar *bar)
{
	if (!bar->addr)
		return cell;
	*cell++ = PCI_PHYS_FIXED |
		  describe_space(bar->space, bar->prefetchable) |
		  pci_function_unit(fn) | bar->reg;
	*cell++ = (uint32_t)(bar->addr >> 32);
	*cell++ = (uint32_t)bar->addr;
	*cell++ = (uint32_t)(bar->size >> 32);
	*cell++ = (uint32_t)bar->size;
	return cell;
}

/* SLOF's order: the ROM, then the BARs. (PCI binding 2.1, 4.1.1) */
static int describe_addresses(const struct pci_function *fn)
{
	uint32_t cells[PCI_BARS * ADDRESS_CELLS];
	uint32_t *end = describe_bar(cells, fn, &fn->bar[PCI_BAR_ROM]);

	for (unsigned i = 0; i < PCI_BAR_ROM; i++)
		end = describe_bar(end, fn, &fn->bar[i]);
	return tree_set_cells(fn->node, "assigned-addresses", cells,
			      (size_t)(end - cells));
}

/* Child and parent have the same addresses: ranges are one to one. */
static uint32_t *describe_range(uint32_t *cell, const struct pci_aperture *ap,
				uint32_t hi)
{
	if (!ap->size)
		return cell;
	for (unsigned i = 0; i < 2; i++) {
		*cell++ = hi;
		*cell++ = (uint32_t)(ap->base >> 32);
		*cell++ = (uint32_t)ap->base;
	}
	*cell++ = (uint32_t)(ap->size >> 32);
	*cell++ = (uint32_t)ap->size;
	return cell;
}

static int describe_ranges(const struct pci_function *fn)
{
	uint32_t cells[PCI_SPACES * RANGE_CELLS];
	uint32_t *end = cells;

	/* Linux: a bridge's first memory range is the non-prefetchable one. */
	end = describe_range(end, &fn->aperture[PCI_MEM32],
			     describe_space(PCI_MEM32, false));
	end = describe_range(end, &fn->aperture[PCI_MEM64],
			     describe_space(PCI_MEM64, true));
	end = describe_range(end, &fn->aperture[PCI_IO],
			     describe_space(PCI_IO, false));
	return tree_set_cells(fn->node, "ranges", cells, (size_t)(end - cells));
}

/*
 * A device's pin becomes the bridge's pin (pin - 1 + slot) % 4 + 1, which the
 * parent's map resolves. (PCI-to-PCI Bridge 1.2, 9.1; Recommended Practice:
 * Interrupt Mapping 0.9)
 */
static int describe_interrupts(const struct pci_function *fn)
{
	static const uint32_t mask[] = { INTERRUPT_SLOT_MASK, 0, 0, 7 };
	uint32_t cells[INTERRUPT_SLOTS * INTERRUPT_PINS * INTERRUPT_CELLS];
	uint32_t *cell = cells;

	for (uint32_t i = 0; i < INTERRUPT_SLOTS * INTERRUPT_PINS; i++) {
		uint32_t slot = i / INTERRUPT_PINS, pin = i % INTERRUPT_PINS;
		const uint32_t entry[INTERRUPT_CELLS] = {
			slot << 11,
			0,
			0,
			pin + 1,
			fn->node->parent->phandle,
			pci_function_unit(fn),
			0,
			0,
			(pin + slot) % INTERRUPT_PINS + 1,
		};

		memcpy(cell, entry, sizeof(entry));
		cell += INTERRUPT_CELLS;
	}
	if (tree_set_cells(fn->node, "interrupt-map-mask", mask,
			   ARRAY_SIZE(mask)))
		return ERR_NOMEM;
	return tree_set_cells(fn->node, "interrupt-map", cells,
			      ARRAY_SIZE(cells));
}

/* What QEMU's node of a bridge lacks. (PCI binding 2.1, 3.1.1) */
static int describe_bridge(const struct pci_function *fn)
{
	const uint32_t buses[] = { fn->secondary, fn->subordinate };

	if (tree_set_str(fn->node, "device_type", "pci") ||
	    tree_set_u32(fn->node, "#address-cells", 3) ||
	    tree_set_u32(fn->node, "#size-cells", 2) ||
	    tree_set_u32(fn->node, "#interrupt-cells", 1) ||
	    tree_set_u32(fn->node, "primary-bus", fn->bus) ||
	    tree_set_u32(fn->node, "secondary-bus", fn->secondary) ||
	    tree_set_u32(fn->node, "subordinate-bus", fn->subordinate) ||
	    tree_set_cells(fn->node, "bus-range", buses, ARRAY_SIZE(buses)) ||
	    describe_ranges(fn))
		return ERR_NOMEM;
	return describe_interrupts(fn);
}

void pci_describe(const struct pci_function *fn)
{
	char path[128];

	if (!describe_addresses(fn) &&
	    (!fn->is_bridge || !fn->secondary || !describe_bridge(fn)))
		return;
	tree_path(fn->node, path, sizeof(path));
	log_err("pci %s: out of memory", path);
}
