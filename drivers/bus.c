// SPDX-License-Identifier: BSD-2-Clause
// Buses: offering nodes to the bus of their parent.
#include "drivers/device.h"
#include "tree/path.h"

bool bus_match_compatible(const struct device *dev, const void *match)
{
	return tree_has_string(dev->node, "compatible", match);
}

BUS(platform_bus) = {
	.name = "platform",
	.match = bus_match_compatible,
};

const struct driver *bus_driver(const struct device *dev)
{
	const struct driver *const *drv, *fallback = NULL;

	table_for_each(drv, drivers) {
		if ((*drv)->bus != dev->bus ||
		    !dev->bus->match(dev, (*drv)->match))
			continue;
		if (!(*drv)->fallback)
			return *drv;
		fallback = *drv;
	}
	return fallback;
}

static const struct bus *bus_of(const struct node *node)
{
	const struct device *parent;

	if (!node->parent)
		return NULL;
	if (node->parent == tree_root())
		return &platform_bus;
	parent = device_of(node->parent);
	return parent ? parent->driver->children : NULL;
}

void bus_offer(struct node *node)
{
	const struct bus *bus = bus_of(node);

	if (!bus || device_of(node))
		return;
	if (bus->offer)
		bus->offer(device_of(node->parent), node);
	else
		device_add(device_of(node->parent), bus, node, NULL);
}

static bool bus_is_early(struct node *node)
{
	const struct device dev = { .node = node };
	const struct driver *const *drv;

	table_for_each(drv, drivers) {
		if ((*drv)->bus == &platform_bus && (*drv)->early &&
		    bus_match_compatible(&dev, (*drv)->match))
			return true;
	}
	return false;
}

void bus_offer_all(bool early)
{
	struct node *node;

	for (node = tree_root()->child; node; node = node->next) {
		if (bus_is_early(node) == early)
			bus_offer(node);
	}
}
