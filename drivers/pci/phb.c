// SPDX-License-Identifier: BSD-2-Clause
// PCI: host bridges and their windows, for the processor and for DMA.
#include "drivers/pci/bus.h"

#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"
#include "tree/prop.h"

/*
 * Bridges forward 64 KiB of I/O space (16-bit decoding) and 4 GiB of memory
 * space; the rest of a PHB's windows is unused.
 */
static const uint64_t phb_limit[PCI_SPACES] = {
	[PCI_IO] = 64 * KiB,
	[PCI_MEM32] = 4 * GiB,
	[PCI_MEM64] = UINT64_MAX,
};

/* One entry of `ranges`: phys.hi/mid/lo, real address, size. */
static void phb_read_range(struct pci_phb *phb, const uint8_t *entry)
{
	static const enum pci_space spaces[] = {
		[PCI_PHYS_IO] = PCI_IO,
		[PCI_PHYS_MEM32] = PCI_MEM32,
		[PCI_PHYS_MEM64] = PCI_MEM64,
	};
	enum pci_phys_space kind = PCI_PHYS_SPACE(be32_load(entry));
	uint64_t bus = be64_load(entry + 4), cpu = be64_load(entry + 12);
	uint64_t size = be64_load(entry + 20);
	struct pci_window *window;

	if (kind == PCI_PHYS_CONFIG)
		return;
	window = &phb->window[spaces[kind]];
	if (bus >= phb_limit[spaces[kind]])
		return;
	window->bus = bus;
	window->cpu = cpu;
	window->size = MIN(size, phb_limit[spaces[kind]] - bus);
	window->size = MIN(window->size, UINT64_MAX - cpu);
}

static void phb_read_ranges(struct pci_phb *phb)
{
	uint32_t len;
	const uint8_t *ranges = tree_getprop(phb->node, "ranges", &len);

	for (; ranges && len >= PCI_RANGES_ENTRY; len -= PCI_RANGES_ENTRY) {
		phb_read_range(phb, ranges);
		ranges += PCI_RANGES_ENTRY;
	}
}

/* ibm,dma-window: liobn, bus address, size. (LoPAR B.6.5.2.1) */
static void phb_read_dma(struct pci_phb *phb)
{
	static const char name[] = "ibm,dma-window";

	if (tree_get_u32(phb->node, name, 0, &phb->dma_liobn) ||
	    tree_get_u64(phb->node, name, 1, &phb->dma_base) ||
	    tree_get_u64(phb->node, name, 3, &phb->dma_size))
		phb->dma_size = 0;
}

struct pci_phb *pci_phb_new(struct node *node)
{
	struct pci_phb *phb = heap_zalloc(sizeof(*phb));

	if (!phb) {
		reason_fail(ERR_NOMEM, "out of memory");
		return NULL;
	}
	if (tree_get_u64(node, "reg", 0, &phb->buid)) {
		reason_fail(ERR_FORMAT, "a PHB has no unit id");
		heap_free(phb);
		return NULL;
	}
	phb->node = node;
	list_init(&phb->functions);
	phb_read_ranges(phb);
	phb_read_dma(phb);
	return phb;
}

int pci_dma_init(const struct pci_function *fn, struct dma *dma)
{
	const struct pci_phb *phb = fn->phb;

	if (!phb->dma_size)
		return reason_fail(ERR_NODEV, "the PHB has no DMA window");
	return dma_init_window(dma, phb->dma_liobn, phb->dma_base,
			       phb->dma_size);
}

/* The first function at or after `at` that is directly below `bridge`. */
static struct pci_function *phb_child(const struct pci_phb *phb,
				      const struct pci_function *bridge,
				      const struct list *at)
{
	for (; at != &phb->functions; at = at->next) {
		struct pci_function *fn =
			container_of(at, struct pci_function, link);

		if (fn->bridge == bridge)
			return fn;
		/* Everything below a bridge follows it without a gap. */
		if (bridge && (fn->bus < bridge->secondary ||
			       fn->bus > bridge->subordinate))
			return NULL;
	}
	return NULL;
}

struct pci_function *pci_child_first(const struct pci_phb *phb,
				     const struct pci_function *bridge)
{
	return phb_child(phb, bridge,
			 bridge ? bridge->link.next : phb->functions.next);
}

struct pci_function *pci_child_next(const struct pci_function *fn)
{
	return phb_child(fn->phb, fn->bridge, fn->link.next);
}
