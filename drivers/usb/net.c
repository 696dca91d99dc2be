// SPDX-License-Identifier: BSD-2-Clause
// USB network cards: named, not driven (CDC ECM 1.2; RNDIS).
#include "drivers/usb/usb.h"

/* The client may use it: the reason is for who boots from it. */
static int net_attach(struct device *dev)
{
	device_fail(dev, "USB network cards are not supported; use "
			 "virtio-net-pci or e1000");
	return 0;
}

/* [CDC 1.2, tables 2 to 4; QEMU hw/usb/dev-network.c: RNDIS is first] */
static const struct usb_match net_match[] = {
	{ 0x02, 0x02, 0xff, "ethernet" },
	{ 0x02, 0x06, USB_ANY, "ethernet" },
	{ 0 },
};

DRIVER(usb_net) = {
	.name = "usb-net",
	.bus = &usb_bus,
	.match = net_match,
	.attach = net_attach,
};
