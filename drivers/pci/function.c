// SPDX-License-Identifier: BSD-2-Clause
// PCI: reading functions from QEMU's nodes.
#include "drivers/pci/bus.h"

#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tree/prop.h"

static void function_complain(const struct node *node, const char *what)
{
	char path[128];

	tree_path(node, path, sizeof(path));
	log_err("pci %s: %s", path, what);
}

/* The BAR at a register, or -1. */
static int function_bar_index(const struct pci_function *fn, unsigned reg)
{
	unsigned count = fn->is_bridge ? PCI_BRIDGE_BAR_COUNT : PCI_BAR_ROM;

	if (reg == (fn->is_bridge ? PCI_BRIDGE_ROM : PCI_ROM))
		return PCI_BAR_ROM;
	if (reg < PCI_BAR0 || reg % 4 || (reg - PCI_BAR0) / 4 >= count)
		return -1;
	return (int)(reg - PCI_BAR0) / 4;
}

/*
 * Is the size valid? I/O BARs have at least 4 bytes, memory BARs 16; a 64-bit
 * BAR needs two registers. (PCI 3.0, 6.2.5)
 */
static bool function_bar_possible(enum pci_phys_space space, int index,
				  uint64_t size)
{
	if (!IS_POWER_OF_2(size))
		return false;
	switch (space) {
	case PCI_PHYS_IO:
		return index < PCI_BAR_ROM && size >= 4 && size <= 64 * KiB;
	case PCI_PHYS_MEM32:
		return size >= 16 && size <= 2 * GiB;
	case PCI_PHYS_MEM64:
		return index < PCI_BAR_ROM - 1 && size >= 16;
	default:
		return false;
	}
}

/* Can prefetchable 64-bit BARs on the bus of `fn` be above 4 GiB? */
static bool function_reaches_mem64(const struct pci_function *fn)
{
	return fn->bridge ? fn->bridge->reaches_mem64
			  : fn->phb->window[PCI_MEM64].size != 0;
}

/*
 * QEMU's nodes lack the p bit. Below bridges only the prefetchable window can
 * be above 4 GiB, so other BARs stay below.
 */
static void function_read_memory_bar(const struct pci_function *fn,
				     struct pci_bar *bar)
{
	uint32_t value = pci_config_read(fn, bar->reg, 4);

	bar->prefetchable = value != UINT32_MAX &&
			    (value & PCI_BAR_PREFETCHABLE);
	bar->space = PCI_MEM32;
	if (bar->is_64 && bar->prefetchable && function_reaches_mem64(fn))
		bar->space = PCI_MEM64;
}

/* One entry of `reg`: QEMU gives each implemented BAR with its size. */
static void function_read_bar(struct pci_function *fn, const uint8_t *entry)
{
	uint32_t hi = be32_load(entry);
	uint64_t size = be64_load(entry + 12);
	enum pci_phys_space space = PCI_PHYS_SPACE(hi);
	int index = function_bar_index(fn, hi & 0xff);
	struct pci_bar *bar;

	if (index < 0 || !function_bar_possible(space, index, size)) {
		function_complain(fn->node, "invalid BAR in reg");
		return;
	}
	bar = &fn->bar[index];
	bar->reg = hi & 0xff;
	bar->size = size;
	bar->space = PCI_IO;
	bar->is_64 = space == PCI_PHYS_MEM64;
	if (index == PCI_BAR_ROM)
		bar->space = PCI_MEM32;
	else if (space != PCI_PHYS_IO)
		function_read_memory_bar(fn, bar);
}

/*
 * QEMU has numbered the buses. [hw/ppc/spapr_pci.c, spapr_phb_pci_enumerate] A
 * bridge that was hot-plugged has no number: its bus is unreachable.
 */
static void function_read_bridge(struct pci_function *fn)
{
	uint32_t numbers = pci_config_read(fn, PCI_BUS_NUMBERS, 4);
	uint32_t pref = pci_config_read(fn, PCI_PREF_BASE_LIMIT, 2);
	uint8_t last = fn->bridge ? fn->bridge->subordinate : 0xff;

	fn->secondary = (uint8_t)(numbers >> 8);
	fn->subordinate = (uint8_t)(numbers >> 16);
	if (fn->secondary <= fn->bus || fn->subordinate < fn->secondary ||
	    fn->subordinate > last) {
		function_complain(fn->node, "the bridge has no bus number");
		fn->secondary = fn->subordinate = 0;
		return;
	}
	fn->reaches_mem64 = (pref & PCI_PREF_TYPE_MASK) == PCI_PREF_TYPE_64 &&
			    function_reaches_mem64(fn);
}

static void function_read(struct pci_function *fn, const uint8_t *reg,
			  uint32_t len)
{
	uint32_t vendor = 0, device = 0;

	/* Without them no driver matches, but the BARs get addresses. */
	if (tree_get_u32(fn->node, "vendor-id", 0, &vendor) ||
	    tree_get_u32(fn->node, "device-id", 0, &device) ||
	    tree_get_u32(fn->node, "class-code", 0, &fn->class_code))
		function_complain(fn->node, "the node has no ids");
	fn->vendor = (uint16_t)vendor;
	fn->device = (uint16_t)device;
	fn->is_bridge = fn->class_code >> 8 == PCI_CLASS_BRIDGE;
	if (fn->is_bridge)
		function_read_bridge(fn);
	for (; len >= PCI_PHYS_ENTRY; len -= PCI_PHYS_ENTRY) {
		function_read_bar(fn, reg);
		reg += PCI_PHYS_ENTRY;
	}
}

struct pci_function *pci_function_new(struct pci_phb *phb,
				      struct pci_function *bridge,
				      struct node *node)
{
	struct pci_function *fn;
	uint32_t len, hi;
	const uint8_t *reg = tree_getprop(node, "reg", &len);

	/* The first entry of reg names the function's configuration space. */
	if (!reg || len < PCI_PHYS_ENTRY)
		return NULL;
	hi = be32_load(reg);
	if (PCI_PHYS_SPACE(hi) != PCI_PHYS_CONFIG)
		return NULL;
	if ((hi >> 16 & 0xff) != (bridge ? bridge->secondary : 0)) {
		function_complain(node, "bus number does not match the bridge");
		return NULL;
	}
	fn = heap_zalloc(sizeof(*fn));
	if (!fn) {
		function_complain(node, "out of memory");
		return NULL;
	}
	fn->phb = phb;
	fn->bridge = bridge;
	fn->node = node;
	fn->bus = (uint8_t)(hi >> 16);
	fn->devfn = (uint8_t)(hi >> 8);
	function_read(fn, reg + PCI_PHYS_ENTRY, len - PCI_PHYS_ENTRY);
	return fn;
}
