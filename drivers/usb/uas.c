// SPDX-License-Identifier: BSD-2-Clause
// USB Attached SCSI: named, not driven (UAS-3).
#include "drivers/usb/usb.h"

/*
 * Alternate setting 0 of real disks is the Bulk-Only Transport. The client may
 * use others: the reason is for who boots from it.
 */
static int uas_attach(struct device *dev)
{
	device_fail(dev, "UAS is not supported; use usb-storage or usb-bot");
	return 0;
}

/* [USB MSC Overview 1.4: subclass SCSI, protocol UAS] */
static const struct usb_match uas_match[] = {
	{ 0x08, 0x06, 0x62, "storage" },
	{ 0 },
};

DRIVER(usb_uas) = {
	.name = "usb-uas",
	.bus = &usb_bus,
	.match = uas_match,
	.attach = uas_attach,
};
