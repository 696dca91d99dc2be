// SPDX-License-Identifier: BSD-2-Clause
// Functions that no driver knows: named, with a substitute; the boot goes on.
#include "drivers/pci/pci.h"
#include "lib/heap.h"
#include "lib/reason.h"

/* QEMU's options -device; they have these ids. */
static const struct unsupported {
	uint16_t vendor, device;
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
	{ 0x8086, 0x1209, "i82550, i82551 or i82562" }, /* hw/net/eepro100.c */
	{ 0x8086, 0x1229, "i82557, i82558 or i82559" },
	{ 0x8086, 0x2449, "i82801" },
};

static int unsupported_fail(const struct pci_function *fn, const char *instead)
{
	for (unsigned i = 0; i < ARRAY_SIZE(unsupported_names); i++) {
		const struct unsupported *at = &unsupported_names[i];

		if (at->vendor == fn->vendor && at->device == fn->device)
			return reason_fail(ERR_NOTSUP,
					   "%s is not supported; use %s",
					   at->name, instead);
	}
	return reason_fail(ERR_NOTSUP,
			   "PCI device %04x:%04x is not supported; use %s",
			   fn->vendor, fn->device, instead);
}

/* A black screen is explained at once. */
static int unsupported_display(struct device *dev)
{
	return unsupported_fail(pci_function_of(dev), "-vga std");
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

/* A card for the client only is no fault: the reason is for who boots from it. */
static int unsupported_network(struct device *dev)
{
	int err = unsupported_fail(pci_function_of(dev),
				   "virtio-net-pci or e1000");

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
