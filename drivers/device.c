// SPDX-License-Identifier: BSD-2-Clause
/* Devices: matching nodes to drivers, scanning, quiescing. */
#include "drivers/device.h"

#include "drivers/block.h"
#include "drivers/pci/pci.h"
#include "drivers/scsi/scsi.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/path.h"

static struct list devices = LIST_INIT(devices);
/* The last device that device_scan_all() has seen: later ones are new. */
static struct list *devices_scanned = &devices;

static bool device_match_pci(const struct pci_match *match,
			     const struct pci_function *fn)
{
	for (; match->vendor; match++) {
		bool ids = (match->vendor == PCI_ANY ||
			    match->vendor == fn->vendor) &&
			   (match->device == PCI_ANY ||
			    match->device == fn->device);

		if (ids &&
		    !((match->class_code ^ fn->class_code) & match->class_mask))
			return true;
	}
	return false;
}

static bool device_match(const struct driver *drv, const struct node *node,
			 const struct pci_function *pci,
			 const struct scsi_unit *scsi)
{
	switch (drv->bus) {
	case BUS_VIO:
		return tree_has_string(node, "compatible", drv->compatible);
	case BUS_PCI:
		return pci && device_match_pci(drv->pci, pci);
	case BUS_SCSI:
		return scsi && scsi->type < 32 &&
		       (drv->scsi_types & (1u << scsi->type));
	}
	return false;
}

static const struct driver *device_driver(const struct node *node, enum bus bus,
					  const struct pci_function *pci,
					  const struct scsi_unit *scsi)
{
	const struct driver *const *drv;

	table_for_each(drv, drivers) {
		if ((*drv)->bus == bus && device_match(*drv, node, pci, scsi))
			return *drv;
	}
	return NULL;
}

struct device *device_add(struct node *node, enum bus bus,
			  struct pci_function *pci, struct scsi_unit *scsi)
{
	const struct driver *drv = device_driver(node, bus, pci, scsi);
	struct device *dev;

	if (!drv)
		return NULL;
	dev = heap_zalloc(sizeof(*dev));
	if (!dev) {
		log_err("%s: out of memory", drv->name);
		return NULL;
	}
	dev->node = node;
	dev->driver = drv;
	dev->pci = pci;
	dev->scsi = scsi;
	node->device = dev;
	list_add_tail(&devices, &dev->link);
	reason_clear();
	if (drv->attach(dev)) {
		log_err("%s %s: %s", drv->name, device_path(dev), reason());
		list_del(&dev->link);
		node->device = NULL;
		heap_free(dev);
		return NULL;
	}
	return dev;
}

void device_scan_all(void)
{
	/* Scanning adds devices to the end; they are visited, too. */
	while (devices_scanned->next != &devices) {
		struct device *dev;

		devices_scanned = devices_scanned->next;
		dev = container_of(devices_scanned, struct device, link);
		if (dev->driver->scan)
			dev->driver->scan(dev);
	}
}

static bool device_is_kept(const struct device *dev, const struct node *keep)
{
	for (; keep; keep = keep->parent) {
		if (keep == dev->node)
			return true;
	}
	return false;
}

void device_quiesce_all(const struct node *keep)
{
	struct device *dev;

	/* The last ones first: disks write out what their controller brings. */
	list_for_each_reverse(dev, &devices, link) {
		if (dev->driver->quiesce && !device_is_kept(dev, keep))
			dev->driver->quiesce(dev);
	}
}

void device_sync_all(void)
{
	struct device *dev;

	list_for_each(dev, &devices, link) {
		if (dev->block)
			block_sync(dev->block);
	}
}

void device_abandon_all(void)
{
	struct device *dev;

	/* Disks before their controllers, as they use these. */
	list_for_each_reverse(dev, &devices, link) {
		if (dev->driver->abandon)
			dev->driver->abandon(dev);
	}
}

void device_remove(struct node *node)
{
	struct device *dev = node->device;

	if (!dev)
		return;
	if (devices_scanned == &dev->link)
		devices_scanned = dev->link.prev;
	list_del(&dev->link);
	if (dev->driver->detach)
		dev->driver->detach(dev);
	node->device = NULL;
	heap_free(dev);
}

void device_reset_all(void)
{
	list_init(&devices);
	devices_scanned = &devices;
}

const char *device_path(const struct device *dev)
{
	static char buf[2][256];
	static unsigned turn;

	turn = !turn;
	tree_path(dev->node, buf[turn], sizeof(buf[turn]));
	return buf[turn];
}
