// SPDX-License-Identifier: BSD-2-Clause
/* A fake pseries with PCI: see tests/fake/pci.h. */
#include "tests/fake/pci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/device.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "tests/fake/table.h"
#include "tree/node.h"

TABLE_LINK(drivers, driver_pci_phb);
TABLE_LINK(drivers, driver_pci_bridge);

#define FAKE_READ_TOKEN 0x2016
#define FAKE_WRITE_TOKEN 0x2017
#define FAKE_BUID 0x800000020000000ULL

const struct fake_bar fake_virtio_net[] = {
	{ 0x10, FAKE_IO, 0x20 },
	{ 0x14, FAKE_MEM32, 0x1000 },
	{ 0x20, FAKE_MEM64_PREF, 0x4000 },
	{ 0x30, FAKE_ROM, 0x40000 },
	{ 0 },
};
const struct fake_bar fake_vga[] = {
	{ 0x10, FAKE_MEM32_PREF, 0x1000000 },
	{ 0x18, FAKE_MEM32, 0x1000 },
	{ 0x30, FAKE_ROM, 0x10000 },
	{ 0 },
};
const struct fake_bar fake_bridge[] = {
	{ 0x10, FAKE_MEM64, 0x100 },
	{ 0 },
};
const struct fake_bar fake_xhci[] = {
	{ 0x10, FAKE_MEM64, 0x4000 },
	{ 0 },
};
const struct fake_bar fake_none[] = { { 0 } };

static _Alignas(4096) char fake_arena[32 << 20];
static struct fake_function fake_functions[512];
static unsigned fake_function_count;

unsigned fake_pci_strays;
uint32_t fake_pci_last;
struct pci_function *fake_devices[512];
unsigned fake_device_count, fake_unassigned;

static unsigned fake_count_unassigned(const struct pci_phb *phb)
{
	const struct pci_function *fn;
	unsigned count = 0;

	list_for_each(fn, &phb->functions, link) {
		for (unsigned i = 0; i < PCI_BARS; i++)
			count += fn->bar[i].size && !fn->bar[i].addr;
	}
	return count;
}

static int fake_attach(struct device *dev)
{
	struct pci_function *fn = pci_function_of(dev);

	assert(fn->node == dev->node);
	fake_unassigned += fake_count_unassigned(fn->phb);
	fake_devices[fake_device_count++] = fn;
	return 0;
}

/* All classes in the tests except bridges, which match pci_bridge. */
static const struct pci_match fake_match[] = {
	{ PCI_ANY, PCI_ANY, 0x000000, 0xff0000 },
	{ PCI_ANY, PCI_ANY, 0x010000, 0xff0000 },
	{ PCI_ANY, PCI_ANY, 0x020000, 0xff0000 },
	{ PCI_ANY, PCI_ANY, 0x030000, 0xff0000 },
	{ PCI_ANY, PCI_ANY, 0x070000, 0xff0000 },
	{ PCI_ANY, PCI_ANY, 0x0c0000, 0xff0000 },
	{ 0 },
};

DRIVER(fake_pci) = {
	.name = "fake-pci",
	.bus = &pci_bus,
	.match = fake_match,
	.attach = fake_attach,
};

static struct fake_function *fake_find(unsigned phb, uint32_t addr)
{
	for (unsigned i = 0; i < fake_function_count; i++) {
		struct fake_function *fn = &fake_functions[i];

		if (fn->phb == phb && fn->bus == (addr >> 16 & 0xff) &&
		    fn->devfn == (addr >> 8 & 0xff))
			return fn;
	}
	return NULL;
}

uint32_t fake_config_get(const struct fake_function *fn, unsigned reg,
			 unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)fn->config[reg + i] << (8 * i);
	return value;
}

void fake_config_put(struct fake_function *fn, unsigned reg, unsigned size,
		     uint32_t value)
{
	for (unsigned i = 0; i < size; i++)
		fn->config[reg + i] = (uint8_t)(value >> (8 * i));
}

/* The bits of a BAR that say what it is. (PCI 3.0, 6.2.5.1) */
static uint32_t fake_bar_type(const struct fake_bar *bar)
{
	static const uint32_t type[] = {
		[FAKE_IO] = 1,		 [FAKE_MEM32] = 0,
		[FAKE_MEM32_PREF] = 8,	 [FAKE_MEM64] = 4,
		[FAKE_MEM64_PREF] = 0xc, [FAKE_ROM] = 0,
	};

	return type[bar->kind];
}

/* Address bits below the size do not exist. */
static void fake_bar_fix(struct fake_function *fn)
{
	for (const struct fake_bar *bar = fn->bars; bar->kind; bar++) {
		uint32_t value = fake_config_get(fn, bar->reg, 4);

		if (bar->size <= UINT32_MAX)
			value &= ~((uint32_t)bar->size - 1);
		else
			value = 0;
		fake_config_put(fn, bar->reg, 4, value | fake_bar_type(bar));
	}
}

static int64_t fake_rtas(struct hcall *h)
{
	be32 *cell = (be32 *)(uintptr_t)h->reg[0];
	bool write = be32_get(cell[0]) == FAKE_WRITE_TOKEN;
	uint32_t addr = be32_get(cell[3]);
	uint64_t buid = (uint64_t)be32_get(cell[4]) << 32 | be32_get(cell[5]);
	unsigned size = be32_get(cell[6]);
	unsigned reg = (addr >> 28) << 8 | (addr & 0xff);
	be32 *status = &cell[3 + be32_get(cell[1])];
	struct fake_function *fn =
		fake_find((unsigned)(buid - FAKE_BUID), addr);

	assert(write || be32_get(cell[0]) == FAKE_READ_TOKEN);
	assert((size == 1 || size == 2 || size == 4) && reg % size == 0);
	fake_pci_last = addr;
	*status = be32_make(fn ? 0 : (uint32_t)-1);
	if (!fn) {
		fake_pci_strays++;
		return H_SUCCESS;
	}
	fn->accesses++;
	if (write) {
		fake_config_put(fn, reg, size, be32_get(cell[7]));
		fake_bar_fix(fn);
	} else {
		status[1] = be32_make(fake_config_get(fn, reg, size));
	}
	return H_SUCCESS;
}

int fake_pci_start(void **state)
{
	(void)state;
	heap_init(fake_arena, sizeof(fake_arena));
	fake_log_start();
	fake_hcall_reset();
	fake_hcall_set(KVMPPC_H_RTAS, fake_rtas);
	rtas_reset();
	rtas_set_token(RTAS_READ_PCI_CONFIG, FAKE_READ_TOKEN);
	rtas_set_token(RTAS_WRITE_PCI_CONFIG, FAKE_WRITE_TOKEN);
	memset(fake_functions, 0, sizeof(fake_functions));
	fake_function_count = fake_pci_strays = 0;
	fake_device_count = fake_unassigned = 0;
	dma_init();
	assert(tree_init() == 0);
	device_init();
	return 0;
}

int fake_pci_stop(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	fake_log_stop();
	return 0;
}

static void fake_must(int rc)
{
	if (rc)
		abort();
}

static void fake_cells64(uint8_t *out, uint32_t hi, const uint64_t *values,
			 unsigned count)
{
	be32_store(out, hi);
	for (unsigned i = 0; i < count; i++)
		be64_store(out + 4 + 8 * i, values[i]);
}

void fake_window(struct node *phb, unsigned code, uint64_t bus, uint64_t cpu,
		 uint64_t size)
{
	uint8_t ranges[3 * PCI_RANGES_ENTRY];
	uint32_t len = 0;
	const void *old = tree_getprop(phb, "ranges", &len);
	uint8_t *entry = ranges;

	if (old)
		memcpy(ranges, old, len);
	while (entry < ranges + len && PCI_PHYS_SPACE(be32_load(entry)) != code)
		entry += PCI_RANGES_ENTRY;
	if (entry == ranges + len)
		len += PCI_RANGES_ENTRY;
	fake_cells64(entry, code << 24, (uint64_t[]){ bus, cpu, size }, 3);
	fake_must(tree_setprop(phb, "ranges", ranges, len, TREE_QEMU));
}

struct node *fake_phb_add(unsigned index, uint64_t mem64)
{
	uint64_t buid = FAKE_BUID + index;
	const uint32_t dma[] = { 0x80000000 | index << 8, 0, 0, 0, 0x40000000 };
	const uint32_t reg[] = { (uint32_t)(buid >> 32), (uint32_t)buid, 0, 0 };
	char name[32];
	struct node *node;

	snprintf(name, sizeof(name), "pci@%llx", (unsigned long long)buid);
	node = tree_add_node(tree_root(), name, TREE_QEMU);
	assert(node);
	fake_must(tree_set_str(node, "device_type", "pci"));
	fake_must(tree_set_str(node, "compatible", "IBM,Logical_PHB"));
	fake_must(tree_set_cells(node, "reg", reg, 4));
	fake_must(tree_set_cells(node, "ibm,dma-window", dma, 5));
	fake_window(node, 1, 0, 0x200000000000 + index * 0x10000ULL, 0x10000);
	fake_window(node, 2, 0x80000000, 0x200080000000 + index * 2 * GiB,
		    2 * GiB);
	if (mem64)
		fake_window(node, 3, 0x210000000000 + index * 1024 * GiB,
			    0x210000000000 + index * 1024 * GiB, mem64);
	return node;
}

/* The PHB and bus that the children of a node are on. */
static void fake_place(struct fake_function *fn, const struct node *parent)
{
	uint64_t buid = 0;

	if (parent->parent == tree_root()) {
		fake_must(tree_get_u64(parent, "reg", 0, &buid));
		fn->phb = (unsigned)(buid - FAKE_BUID);
		return;
	}
	for (unsigned i = 0; i < fake_function_count; i++) {
		if (fake_functions[i].node != parent)
			continue;
		fn->phb = fake_functions[i].phb;
		fn->bus = fake_functions[i].config[PCI_BUS_NUMBERS + 1];
		return;
	}
	abort();
}

/* reg as QEMU's spapr_dt_pci_device() writes it: without p bits. */
static void fake_reg(const struct fake_function *fn)
{
	static const uint32_t code[] = {
		[FAKE_IO] = 1,	  [FAKE_MEM32] = 2,	 [FAKE_MEM32_PREF] = 2,
		[FAKE_MEM64] = 3, [FAKE_MEM64_PREF] = 3, [FAKE_ROM] = 2,
	};
	uint8_t reg[8 * PCI_PHYS_ENTRY] = { 0 }, *at = reg;
	uint32_t unit = (uint32_t)fn->bus << 16 | (uint32_t)fn->devfn << 8;

	be32_store(at, unit);
	for (const struct fake_bar *bar = fn->bars; bar->kind; bar++) {
		at += PCI_PHYS_ENTRY;
		fake_cells64(at, code[bar->kind] << 24 | unit | bar->reg,
			     (uint64_t[]){ 0, bar->size }, 2);
	}
	fake_must(tree_setprop(fn->node, "reg", reg,
			       (uint32_t)(at - reg) + PCI_PHYS_ENTRY,
			       TREE_QEMU));
}

struct fake_function *fake_function_add(struct node *parent, unsigned slot,
					uint32_t class_code,
					const struct fake_bar *bars)
{
	struct fake_function *fn = &fake_functions[fake_function_count];
	char name[32];

	snprintf(name, sizeof(name), "device@%x", slot);
	fake_place(fn, parent);
	fake_function_count++;
	fn->devfn = (uint8_t)(slot << 3);
	fn->bars = bars;
	fn->node = tree_add_node(parent, name, TREE_QEMU);
	assert(fn->node);
	fake_must(tree_set_u32(fn->node, "vendor-id", 0x1af4));
	fake_must(tree_set_u32(fn->node, "device-id", 0x1000));
	fake_must(tree_set_u32(fn->node, "class-code", class_code));
	fake_reg(fn);
	fake_bar_fix(fn);
	return fn;
}

struct fake_function *fake_bridge_add(struct node *parent, unsigned slot,
				      uint8_t secondary, uint8_t subordinate)
{
	struct fake_function *fn =
		fake_function_add(parent, slot, 0x060400, fake_bridge);

	fn->config[PCI_BUS_NUMBERS] = fn->bus;
	fn->config[PCI_BUS_NUMBERS + 1] = secondary;
	fn->config[PCI_BUS_NUMBERS + 2] = subordinate;
	fake_config_put(fn, PCI_PREF_BASE_LIMIT, 4, 0x00010001);
	return fn;
}
