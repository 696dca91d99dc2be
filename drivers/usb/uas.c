// SPDX-License-Identifier: BSD-2-Clause
// USB Attached SCSI: named, not driven (UAS-3).
#include "drivers/usb/usb.h"
#include "lib/reason.h"

/* Alternate setting 0 of real disks is the Bulk-Only Transport. */
static int uas_attach(struct device *dev)
{
	(void)dev;
	return reason_fail(ERR_NOTSUP, "UAS is not supported: use usb-storage "
				       "or usb-bot");
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
