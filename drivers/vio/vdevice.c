// SPDX-License-Identifier: BSD-2-Clause
/* The virtual I/O bus: children of /vdevice, matched by `compatible`. */
#include "drivers/device.h"
#include "tree/path.h"

void vdevice_attach_all(void)
{
	const struct node *bus = tree_find("/vdevice");

	for (struct node *node = bus ? bus->child : NULL; node;
	     node = node->next)
		device_add(node, BUS_VIO, NULL, NULL);
}
