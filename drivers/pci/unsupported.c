// SPDX-License-Identifier: BSD-2-Clause
// Functions that no driver knows: named, with a substitute; the boot goes on.
#include <string.h>

#include "drivers/pci/pci.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"

/*
 * What each is: QEMU's options -device have these ids; below them the classes.
 * The first that fits counts.
 */
static const struct unsupported {
	uint16_t vendor;
	uint16_t device; /* PCI_ANY as vendor: base class and subclass */
	const char *name;
} unsupported_names[] = {
	{ 0x1002, 0x5046, "ati-vga" },	   /* Rage 128 Pro */
	{ 0x1002, 0x5159, "ati-vga" },	   /* model=rv100 */
	{ 0x1013, 0x00b8, "cirrus-vga" },  /* CLGD 5446 */
	{ 0x126f, 0x0501, "sm501" },	   /* Silicon Motion */
	{ 0x15ad, 0x0405, "vmware-svga" }, /* SVGA II */
	{ 0x1b36, 0x0100, "qxl" },	   /* and qxl-vga */

	{ 0x1011, 0x0019, "tulip" },
	{ 0x1022, 0x2000, "pcnet" },
	{ 0x106b, 0x0021, "sungem" },
	{ 0x10ec, 0x8029, "ne2k_pci" },
	{ 0x15ad, 0x07b0, "vmxnet3" },
	{ 0x8086, 0x10c9, "igb" },
	{ 0x8086, 0x1209, "i82550, i82551 or i82562" }, /* eepro100.c */
	{ 0x8086, 0x1229, "i82557, i82558 or i82559" },
	{ 0x8086, 0x2449, "i82801" },

	{ 0x1000, 0x0001, "lsi53c810" },
	{ 0x1000, 0x0012, "lsi53c895a" },
	{ 0x1000, 0x0054, "mptsas1068" },
	{ 0x1000, 0x0060, "megasas" },
	{ 0x1000, 0x0079, "megasas-gen2" },
	{ 0x1022, 0x2020, "am53c974 or dc390" },
	{ 0x1095, 0x3112, "sii3112" },
	{ 0x15ad, 0x07c0, "pvscsi" },
	{ 0x1af4, 0x1009, "virtio-9p" },
	{ 0x1af4, 0x1049, "virtio-9p" },
	{ 0x1af4, 0x105a, "virtio-fs" },

	/* [PCI Code and ID Assignment 1.11, 1.2, 1.9, 1.13] */
	{ PCI_ANY, 0x0100, "SCSI" },
	{ PCI_ANY, 0x0101, "IDE" },
	{ PCI_ANY, 0x0104, "RAID" },
	{ PCI_ANY, 0x0106, "AHCI" },
	{ PCI_ANY, 0x0107, "SAS" },
	{ PCI_ANY, 0x0108, "NVMe" },
	{ PCI_ANY, 0x0109, "UFS" },
	{ PCI_ANY, 0x0c04, "Fibre Channel" },
	{ PCI_ANY, 0x0805, "SD cards" },
};

static bool unsupported_is(const struct unsupported *what,
			   const struct pci_function *fn)
{
	return what->vendor == PCI_ANY ? what->device == fn->class_code >> 8
				       : what->vendor == fn->vendor &&
						 what->device == fn->device;
}

static const char *unsupported_name(const struct device *dev, char *buf,
				    size_t size)
{
	const struct pci_function *fn = pci_function_of(dev);

	for (size_t i = 0; i < ARRAY_SIZE(unsupported_names); i++) {
		if (unsupported_is(&unsupported_names[i], fn))
			return unsupported_names[i].name;
	}
	fmt_str(buf, size, "PCI device %04x:%04x", fn->vendor, fn->device);
	return buf;
}

static int unsupported_fail(const struct device *dev, const char *instead)
{
	char buf[24];

	return reason_fail(ERR_NOTSUP, "%s is not supported; use %s",
			   unsupported_name(dev, buf, sizeof(buf)), instead);
}

/* A black screen is explained at once. */
static int unsupported_display(struct device *dev)
{
	return unsupported_fail(dev, "-vga std");
}

/* VGA and others; not 3D controllers. [PCI Code and ID Assignment 1.11, 1.4] */
static const struct pci_match unsupported_displays[] = {
	{ PCI_ANY, PCI_ANY, 0x030000, 0xffff00 },
	{ PCI_ANY, PCI_ANY, 0x038000, 0xffff00 },
	{ 0 },
};

DRIVER(unsupported_display) = {
	.name = "display",
	.bus = &pci_bus,
	.match = unsupported_displays,
	.fallback = true,
	.attach = unsupported_display,
};

/*
 * A device for the client only is no fault: the reason, reason(), is for who
 * boots from it. `err`: of the attach if there is no memory to keep it.
 */
static int unsupported_keep(struct device *dev, int err)
{
	dev->priv = heap_strdup(reason());
	if (!dev->priv)
		return err;
	device_fail(dev, dev->priv);
	return 0;
}

static void unsupported_detach(struct device *dev)
{
	heap_free(dev->priv);
}

static int unsupported_network(struct device *dev)
{
	return unsupported_keep(
		dev, unsupported_fail(dev, "virtio-net-pci or e1000"));
}

/* Ethernet. [PCI Code and ID Assignment 1.11, 1.3] */
static const struct pci_match unsupported_networks[] = {
	{ PCI_ANY, PCI_ANY, 0x020000, 0xffff00 },
	{ 0 },
};

DRIVER(unsupported_network) = {
	.name = "network",
	.bus = &pci_bus,
	.match = unsupported_networks,
	.fallback = true,
	.attach = unsupported_network,
	.detach = unsupported_detach,
};

/* The path that was booted from goes on below this node, which is named. */
static int unsupported_storage(struct device *dev)
{
	const char *node = strrchr(device_path(dev), '/') + 1;
	char buf[24];

	return unsupported_keep(
		dev,
		reason_fail(ERR_NOTSUP,
			    "no driver for %s (%s); use virtio-blk, "
			    "virtio-scsi, spapr-vscsi, NVMe or USB",
			    node, unsupported_name(dev, buf, sizeof(buf))));
}

/* QEMU's virtio-9p has no class. [hw/virtio/virtio-9p-pci.c] */
static const struct pci_match unsupported_disks[] = {
	{ PCI_ANY, PCI_ANY, 0x010000, 0xff0000 },
	{ PCI_ANY, PCI_ANY, 0x0c0400, 0xffff00 },
	{ PCI_ANY, PCI_ANY, 0x080500, 0xffff00 },
	{ 0x1af4, 0x1009, 0, 0 },
	{ 0x1af4, 0x1049, 0, 0 },
	{ 0 },
};

DRIVER(unsupported_storage) = {
	.name = "storage",
	.bus = &pci_bus,
	.match = unsupported_disks,
	.fallback = true,
	.attach = unsupported_storage,
	.detach = unsupported_detach,
};
