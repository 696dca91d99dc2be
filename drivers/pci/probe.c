// SPDX-License-Identifier: BSD-2-Clause
/* The walk over QEMU's PCI nodes; which functions there are. */
#include "drivers/pci/bus.h"

#include "drivers/device.h"
#include "lib/heap.h"
#include "tree/node.h"

static struct list phbs = LIST_INIT(phbs);

/*
 * Walk the nodes below a PHB, depth first. Only what QEMU lists is ever
 * touched: no empty slot sees a configuration cycle.
 */
static void probe_walk(struct pci_phb *phb)
{
	const struct node *end = tree_next_skip(phb->node);
	struct node *node = tree_next(phb->node);
	struct pci_function *bridge = NULL;

	while (node != end) {
		struct pci_function *fn;

		while (bridge && bridge->node != node->parent)
			bridge = bridge->bridge;
		fn = pci_function_new(phb, bridge, node);
		if (fn)
			list_add_tail(&phb->functions, &fn->link);
		if (fn && fn->secondary) {
			bridge = fn;
			node = tree_next(node);
		} else {
			node = tree_next_skip(node);
		}
	}
}

/* A PHB's functions get their addresses; drivers come later. */
static struct pci_phb *probe_phb(struct node *node)
{
	struct pci_phb *phb = pci_phb_new(node);
	const struct pci_function *fn;

	if (!phb)
		return NULL;
	list_add_tail(&phbs, &phb->link);
	probe_walk(phb);
	pci_assign_all(phb);
	list_for_each(fn, &phb->functions, link) {
		pci_program(fn);
		pci_describe(fn);
	}
	return phb;
}

static void probe_attach(const struct pci_phb *phb)
{
	struct pci_function *fn;

	list_for_each(fn, &phb->functions, link) {
		if (!fn->is_bridge)
			device_add(fn->node, BUS_PCI, fn, NULL);
	}
}

void pci_probe_all(void)
{
	struct node *node;
	const struct pci_phb *phb;

	for (node = tree_root()->child; node; node = node->next)
		probe_phb(node);
	list_for_each(phb, &phbs, link)
		probe_attach(phb);
}

static struct pci_function *probe_find(const struct node *node)
{
	const struct pci_phb *phb;
	struct pci_function *fn;

	list_for_each(phb, &phbs, link) {
		list_for_each(fn, &phb->functions, link) {
			if (fn->node == node)
				return fn;
		}
	}
	return NULL;
}

static struct pci_phb *probe_find_phb(const struct node *node)
{
	struct pci_phb *phb;

	list_for_each(phb, &phbs, link) {
		if (phb->node == node)
			return phb;
	}
	return NULL;
}

/* A function below a known bridge or PHB. */
static void probe_new_function(struct node *node)
{
	struct pci_function *fn, *bridge = probe_find(node->parent);
	struct pci_phb *phb = probe_find_phb(node->parent);

	if (bridge && bridge->secondary)
		phb = bridge->phb;
	if (!phb)
		return;
	fn = pci_function_new(phb, bridge, node);
	if (!fn)
		return;
	/* Right behind its bridge: what is below one stays together. */
	list_insert_before(bridge ? bridge->link.next : &phb->functions,
			   &fn->link);
	pci_assign_new(fn);
	pci_program(fn);
	pci_describe(fn);
	if (!fn->is_bridge)
		device_add(node, BUS_PCI, fn, NULL);
}

void pci_attach_new(struct node *node)
{
	const struct pci_phb *phb;

	if (!node->parent || probe_find(node) || probe_find_phb(node))
		return;
	if (node->parent != tree_root()) {
		probe_new_function(node);
		return;
	}
	phb = probe_phb(node);
	if (phb)
		probe_attach(phb);
}

void pci_detach(const struct node *node)
{
	struct pci_function *fn = probe_find(node);
	struct pci_phb *phb = probe_find_phb(node);

	if (fn) {
		list_del(&fn->link);
		heap_free(fn);
	} else if (phb && list_empty(&phb->functions)) {
		list_del(&phb->link);
		heap_free(phb);
	}
}

static bool probe_is_kept(const struct pci_function *fn,
			  const struct node *keep)
{
	for (; keep; keep = keep->parent) {
		if (keep == fn->node)
			return true;
	}
	return false;
}

/* Bridges go on forwarding: the console may be behind one. */
static void probe_quiesce(const struct pci_function *fn)
{
	if (!fn->is_bridge &&
	    (pci_config_read(fn, PCI_COMMAND, 2) & PCI_COMMAND_MASTER))
		pci_disable(fn);
}

void pci_quiesce_all(const struct node *keep)
{
	const struct pci_phb *phb;
	const struct pci_function *fn;

	list_for_each(phb, &phbs, link) {
		list_for_each(fn, &phb->functions, link) {
			if (!probe_is_kept(fn, keep))
				probe_quiesce(fn);
		}
	}
}

void pci_reset_all(void)
{
	list_init(&phbs);
}
