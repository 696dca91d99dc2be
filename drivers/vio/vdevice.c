// SPDX-License-Identifier: BSD-2-Clause
// The virtual I/O bus: children of /vdevice, matched by `compatible`.
#include "drivers/vio/vio.h"

BUS(vio_bus) = {
	.name = "vio",
	.match = bus_match_compatible,
};

static int vdevice_attach(struct device *dev)
{
	struct node *node;

	for (node = dev->node->child; node; node = node->next)
		bus_offer(node);
	return 0;
}

/* Early: like SLOF, number its disks and terminals first. */
DRIVER(vdevice) = {
	.name = "vdevice",
	.bus = &platform_bus,
	.match = "IBM,vdevice",
	.children = &vio_bus,
	.early = true,
	.attach = vdevice_attach,
};
