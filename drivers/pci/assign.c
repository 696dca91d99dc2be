// SPDX-License-Identifier: BSD-2-Clause
// PCI: assigning addresses to BARs and bridge windows.

/*
 * Two passes over the functions of a PHB, for each address space:
 *
 *	1. size the bridges, innermost first: the sum of what is below each
 *	2. place BARs and bridge apertures, from the root bus inwards
 *
 * On each bus the largest alignment goes first: sizes are powers of two, so
 * there are no gaps. If the result is too large, both passes run again without
 * the reserve for hot-plug.
 */

#include "drivers/pci/bus.h"

#include "lib/log.h"
#include "tree/path.h"

/* Clients map 64 KiB pages: no page may hold two functions' registers. */
#define ASSIGN_MEM_ALIGN (64 * KiB)
#define ASSIGN_IO_ALIGN 16u

/* Units of what a bridge forwards (PCI-to-PCI Bridge 1.2, 3.2.5). */
static const struct {
	const char *name;
	uint64_t unit;
	uint64_t reserve; /* for hot-plug */
	uint64_t least;	  /* minimum size of a window */
} assign_space[PCI_SPACES] = {
	[PCI_IO] = { "I/O", 4 * KiB, 2 * KiB, 0 },
	/*
	 * Linux takes a bridge's first memory range for the non-prefetchable
	 * one: it must exist. [arch/powerpc/kernel/pci_of_scan.c]
	 */
	[PCI_MEM32] = { "32-bit memory", MiB, MiB, MiB },
	[PCI_MEM64] = { "64-bit memory", MiB, 2 * GiB, 0 },
};

/* A range that fills up from its start. */
struct packer {
	uint64_t at, end;
};

/* Returns false and sets address 0 if it does not fit. */
static bool assign_place(struct packer *p, uint64_t size, uint64_t align,
			 uint64_t *addr)
{
	uint64_t at = ALIGN_UP(p->at, align);

	*addr = 0;
	if (at < p->at || at > p->end || size > p->end - at)
		return false;
	*addr = at;
	p->at = at + size;
	return true;
}

static uint64_t assign_bar_align(const struct pci_bar *bar)
{
	if (bar->space == PCI_IO)
		return MAX(bar->size, ASSIGN_IO_ALIGN);
	return MAX(bar->size, ASSIGN_MEM_ALIGN);
}

/* All alignments that a function needs in a space, as a set of bits. */
static uint64_t assign_alignments(const struct pci_function *fn,
				  enum pci_space space)
{
	uint64_t set = fn->aperture[space].size ? fn->aperture[space].align : 0;

	for (unsigned i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &fn->bar[i];

		if (bar->size && bar->space == space)
			set |= assign_bar_align(bar);
	}
	return set;
}

/* Places the BARs and the aperture of a function that have one alignment. */
static void assign_aligned(struct packer *p, struct pci_function *fn,
			   enum pci_space space, uint64_t align)
{
	struct pci_aperture *ap = &fn->aperture[space];

	if (ap->size && ap->align == align &&
	    !assign_place(p, ap->size, align, &ap->base))
		ap->size = 0;
	for (unsigned i = 0; i < PCI_BARS; i++) {
		struct pci_bar *bar = &fn->bar[i];

		if (bar->size && bar->space == space &&
		    assign_bar_align(bar) == align)
			assign_place(p, bar->size, align, &bar->addr);
	}
}

/* The largest of a set of alignments; 0 of an empty set. */
static uint64_t assign_largest(uint64_t set)
{
	return set ? 1ULL << (63 - __builtin_clzll(set)) : 0;
}

/* Places all of a bus. Returns the largest alignment, 0: nothing there. */
static uint64_t assign_bus(struct packer *p, const struct pci_phb *phb,
			   const struct pci_function *bridge,
			   enum pci_space space)
{
	struct pci_function *fn;
	uint64_t set = 0, all;

	for (fn = pci_child_first(phb, bridge); fn; fn = pci_child_next(fn))
		set |= assign_alignments(fn, space);
	for (all = set; set; set &= ~assign_largest(set)) {
		fn = pci_child_first(phb, bridge);
		for (; fn; fn = pci_child_next(fn))
			assign_aligned(p, fn, space, assign_largest(set));
	}
	return assign_largest(all);
}

/* Sizes a bridge's window by placing its bus from address 0 on. */
static void assign_size_bridge(struct pci_function *bridge,
			       enum pci_space space, bool reserve)
{
	struct packer p = { 0, UINT64_MAX / 2 };
	struct pci_aperture *ap = &bridge->aperture[space];
	uint64_t unit = assign_space[space].unit;

	ap->size = 0;
	if (!bridge->secondary ||
	    (space == PCI_MEM64 && !bridge->reaches_mem64))
		return;
	ap->align = assign_bus(&p, bridge->phb, bridge, space);
	ap->align = MAX(ap->align, unit);
	if (reserve)
		p.at += assign_space[space].reserve;
	ap->size = ALIGN_UP(MAX(p.at, assign_space[space].least), unit);
}

static void assign_size_bridges(struct pci_phb *phb, enum pci_space space,
				bool reserve)
{
	struct list *at = phb->functions.prev;

	/* Backwards: a bridge comes after all that is below it. */
	for (; at != &phb->functions; at = at->prev) {
		struct pci_function *fn =
			container_of(at, struct pci_function, link);

		if (fn->is_bridge)
			assign_size_bridge(fn, space, reserve);
	}
}

static void assign_place_all(struct pci_phb *phb, enum pci_space space)
{
	struct pci_aperture *root = &phb->aperture[space];
	struct packer p = { root->base, root->base + root->size };
	struct pci_function *fn;

	assign_bus(&p, phb, NULL, space);
	root->next = p.at;
	list_for_each(fn, &phb->functions, link) {
		struct pci_aperture *ap = &fn->aperture[space];

		if (!fn->is_bridge)
			continue;
		if (!ap->size)
			ap->base = 0;
		p = (struct packer){ ap->base, ap->base + ap->size };
		assign_bus(&p, phb, fn, space);
		ap->next = p.at;
	}
}

static unsigned assign_count_missing(const struct pci_function *fn,
				     enum pci_space space)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &fn->bar[i];

		count += bar->size && bar->space == space && !bar->addr;
	}
	return count;
}

static unsigned assign_missing(const struct pci_phb *phb, enum pci_space space)
{
	const struct pci_function *fn;
	unsigned count = 0;

	list_for_each(fn, &phb->functions, link)
		count += assign_count_missing(fn, space);
	return count;
}

static void assign_complain(const struct node *node, enum pci_space space,
			    unsigned missing)
{
	char path[128];

	tree_path(node, path, sizeof(path));
	log_err("pci %s: the %s window is full: %u BAR%s without an address",
		path, assign_space[space].name, missing,
		missing > 1 ? "s" : "");
}

/*
 * The root bus's aperture is the PHB's window without address 0, which means
 * "none", and without the 4 KiB of I/O space that Linux reserves.
 * [arch/powerpc/kernel/pci-common.c, pcibios_reserve_legacy_regions]
 */
static void assign_root(struct pci_phb *phb, enum pci_space space)
{
	const struct pci_window *window = &phb->window[space];
	uint64_t skip = window->bus ? 0 : assign_space[space].unit;

	skip = MIN(skip, window->size);
	phb->aperture[space].base = window->bus + skip;
	phb->aperture[space].size = window->size - skip;
}

void pci_assign_all(struct pci_phb *phb)
{
	for (enum pci_space space = 0; space < PCI_SPACES; space++) {
		unsigned missing;

		assign_root(phb, space);
		assign_size_bridges(phb, space, true);
		assign_place_all(phb, space);
		if (!assign_missing(phb, space))
			continue;
		/* Too small: give up the reserve for hot-plug. */
		assign_size_bridges(phb, space, false);
		assign_place_all(phb, space);
		missing = assign_missing(phb, space);
		if (missing)
			assign_complain(phb->node, space, missing);
	}
}

void pci_assign_new(struct pci_function *fn)
{
	for (enum pci_space space = 0; space < PCI_SPACES; space++) {
		struct pci_aperture *ap = fn->bridge
						  ? &fn->bridge->aperture[space]
						  : &fn->phb->aperture[space];
		struct packer p = { ap->next, ap->base + ap->size };
		uint64_t set;
		unsigned missing;

		if (fn->is_bridge)
			assign_size_bridge(fn, space, true);
		set = assign_alignments(fn, space);
		for (; set; set &= ~assign_largest(set))
			assign_aligned(&p, fn, space, assign_largest(set));
		ap->next = p.at;
		fn->aperture[space].next = fn->aperture[space].base;
		missing = assign_count_missing(fn, space);
		if (missing)
			assign_complain(fn->node, space, missing);
	}
}
