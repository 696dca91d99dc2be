// SPDX-License-Identifier: BSD-2-Clause
// Displays that no driver knows: named, with a substitute; the boot goes on.
#include "drivers/pci/pci.h"
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
};

static int unsupported_attach(struct device *dev)
{
	const struct pci_function *fn = pci_function_of(dev);

	for (unsigned i = 0; i < ARRAY_SIZE(unsupported_names); i++) {
		const struct unsupported *at = &unsupported_names[i];

		if (at->vendor == fn->vendor && at->device == fn->device)
			return reason_fail(ERR_NOTSUP,
					   "%s is not supported; use -vga std",
					   at->name);
	}
	return reason_fail(
		ERR_NOTSUP,
		"PCI device %04x:%04x is not supported; use -vga std",
		fn->vendor, fn->device);
}

/* VGA and others; not 3D controllers. [PCI Code and ID Assignment 1.11, 1.4] */
static const struct pci_match unsupported_match[] = {
	{ PCI_ANY, PCI_ANY, 0x030000, 0xffff00 },
	{ PCI_ANY, PCI_ANY, 0x038000, 0xffff00 },
	{ 0 },
};

DRIVER(unsupported) = {
	.name = "display",
	.bus = &pci_bus,
	.match = unsupported_match,
	.fallback = true,
	.attach = unsupported_attach,
};
