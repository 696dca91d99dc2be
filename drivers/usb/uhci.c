// SPDX-License-Identifier: BSD-2-Clause
// UHCI controllers: named, not driven. QEMU's only come by hand.
#include "drivers/pci/pci.h"
#include "lib/reason.h"

static int uhci_attach(struct device *dev)
{
	(void)dev;
	return reason_fail(ERR_NOTSUP, "UHCI controllers are not supported; "
				       "use -device qemu-xhci");
}

/* [PCI Code and ID Assignment 1.11, 1.13] */
static const struct pci_match uhci_match[] = {
	{ PCI_ANY, PCI_ANY, 0x0c0300, 0xffffff },
	{ 0 },
};

DRIVER(uhci) = {
	.name = "uhci",
	.bus = &pci_bus,
	.match = uhci_match,
	.attach = uhci_attach,
};
