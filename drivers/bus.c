// SPDX-License-Identifier: BSD-2-Clause
// Buses: offering nodes to the bus of their parent; names that drivers know.
#include "drivers/device.h"

#include <string.h>

#include "lib/heap.h"
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

struct node *bus_resolve(struct node *node, const char *part, size_t len)
{
	struct device *dev = device_of(node);

	return dev && dev->driver->resolve
		       ? dev->driver->resolve(dev, part, len)
		       : NULL;
}

/* The length of a last component that is the boot_name of a driver, or 0. */
static size_t bus_boot_name_len(const struct driver *drv, const char *word,
				size_t len)
{
	size_t name = drv->boot_name ? strlen(drv->boot_name) : 0;

	if (!name || len <= name || word[len - name - 1] != '/' ||
	    memcmp(word + len - name, drv->boot_name, name))
		return 0;
	return name;
}

static bool bus_is_meant(const struct node *node, const char *word, size_t len)
{
	const struct device *dev = device_of(node);

	return dev && !list_empty(&dev->roles) &&
	       bus_boot_name_len(dev->driver, word, len);
}

/* The node of the path before the last component, or NULL. */
static struct node *bus_disks_below(const char *word, size_t len)
{
	const struct driver *const *drv;
	struct node *node = NULL;
	size_t name = 0;
	char *path;

	table_for_each(drv, drivers)
		name = MAX(name, bus_boot_name_len(*drv, word, len));
	path = name ? heap_strndup(word, len - name) : NULL;
	if (path)
		node = tree_find(path);
	heap_free(path);
	return node;
}

struct node *bus_next_disk(const char *word, size_t len,
			   const struct node *after)
{
	struct node *top = bus_disks_below(word, len), *node;
	const struct node *end;

	if (!top)
		return NULL;
	end = tree_next_skip(top);
	node = after ? tree_next(after) : top;
	while (node != end && !bus_is_meant(node, word, len))
		node = tree_next(node);
	return node == end ? NULL : node;
}
