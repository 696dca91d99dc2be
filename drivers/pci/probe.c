// SPDX-License-Identifier: BSD-2-Clause
// PCI: finding the functions below host bridges and bridges.
#include "drivers/pci/bus.h"

#include "lib/heap.h"
#include "lib/reason.h"
#include "tree/node.h"

static struct list phbs = LIST_INIT(phbs);

/*
 * The functions of a PHB are those of QEMU's nodes, and no others: empty slots
 * see no configuration cycle, and many slots cost no time.
 *
 * phb->functions is in depth-first order: all below a bridge follows it without
 * a gap. Sizing (backwards), placing (forwards) and pci_child_next() rely on
 * it; a hot-plugged function is inserted right after its bridge.
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

/* The device of the bridge or PHB above a function. */
static struct device *probe_parent(const struct pci_function *fn)
{
	return device_of(fn->bridge ? fn->bridge->node : fn->phb->node);
}

static void probe_add(struct pci_function *fn)
{
	device_add(probe_parent(fn), &pci_bus, fn->node, fn);
}

/* Assigns all addresses before any driver attaches. */
static int phb_attach(struct device *dev)
{
	struct pci_phb *phb = pci_phb_new(dev->node);
	struct pci_function *fn;

	if (!phb)
		return ERR_FORMAT;
	dev->priv = phb;
	list_add_tail(&phbs, &phb->link);
	probe_walk(phb);
	pci_assign_all(phb);
	list_for_each(fn, &phb->functions, link) {
		pci_program(fn);
		pci_describe(fn);
	}
	list_for_each(fn, &phb->functions, link)
		probe_add(fn);
	return 0;
}

static void phb_detach(struct device *dev)
{
	struct pci_phb *phb = dev->priv;

	list_del(&phb->link);
	heap_free(phb);
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

/* Adds a hot-plugged function below a bridge or PHB. */
static void probe_offer(struct device *parent, struct node *node)
{
	struct pci_function *bridge = NULL, *fn;
	struct pci_phb *phb;

	if (parent->bus == &pci_bus) {
		bridge = pci_function_of(parent);
		phb = bridge->phb;
	} else {
		phb = parent->priv;
	}
	if ((bridge && !bridge->secondary) || probe_find(node))
		return;
	fn = pci_function_new(phb, bridge, node);
	if (!fn)
		return;
	list_insert_before(bridge ? bridge->link.next : &phb->functions,
			   &fn->link);
	pci_assign_new(fn);
	pci_program(fn);
	pci_describe(fn);
	probe_add(fn);
}

static void probe_forget(const struct node *node)
{
	struct pci_function *fn = probe_find(node);

	if (!fn)
		return;
	list_del(&fn->link);
	heap_free(fn);
}

/* Bridges keep forwarding: the console may be below one. */
static void probe_quiesce(const struct pci_function *fn)
{
	if (!fn->is_bridge &&
	    (pci_config_read(fn, PCI_COMMAND, 2) & PCI_COMMAND_MASTER))
		pci_disable(fn);
}

static void probe_quiesce_all(const struct node *keep)
{
	const struct pci_phb *phb;
	const struct pci_function *fn;

	list_for_each(phb, &phbs, link) {
		list_for_each(fn, &phb->functions, link) {
			if (!device_is_kept(fn->node, keep))
				probe_quiesce(fn);
		}
	}
}

static bool probe_match_one(const struct pci_match *match,
			    const struct pci_function *fn)
{
	bool ids = (match->vendor == PCI_ANY || match->vendor == fn->vendor) &&
		   (match->device == PCI_ANY || match->device == fn->device);

	return ids &&
	       !((match->class_code ^ fn->class_code) & match->class_mask);
}

static bool probe_match(const struct device *dev, const void *match)
{
	const struct pci_match *m = match;

	while (m->vendor && !probe_match_one(m, dev->bus_data))
		m++;
	return m->vendor != 0;
}

BUS(pci_bus) = {
	.name = "pci",
	.match = probe_match,
	.offer = probe_offer,
	.forget = probe_forget,
	.quiesce = probe_quiesce_all,
};

DRIVER(pci_phb) = {
	.name = "pci",
	.bus = &platform_bus,
	.match = "IBM,Logical_PHB",
	.children = &pci_bus,
	.attach = phb_attach,
	.detach = phb_detach,
};

static const struct pci_match bridge_match[] = {
	{ PCI_ANY, PCI_ANY, PCI_CLASS_BRIDGE << 8, 0xffff00 },
	{ 0 },
};

/* A PCI-to-PCI bridge: phb_attach() has already set it up. */
DRIVER(pci_bridge) = {
	.name = "pci-bridge",
	.bus = &pci_bus,
	.match = bridge_match,
	.children = &pci_bus,
};
