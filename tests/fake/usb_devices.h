/* SPDX-License-Identifier: BSD-2-Clause */
/* USB devices for tests: disks, keyboards, hubs; and their trouble. */
#ifndef TESTS_FAKE_USB_DEVICES_H
#define TESTS_FAKE_USB_DEVICES_H

#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/usb.h"

/* A device. fake_usb_disk() and the like fill it; then a test changes it. */
struct fake_usb_thing {
	struct fake_usb_device fd;
	uint8_t descriptor[18], config[512];
	/* A hub, with fd.behind[]. */
	unsigned ports;
	bool crowded;	     /* says that something is at every port */
	bool stuck;	     /* no reset of a port ends */
	bool sticky;	     /* no change bit is ever cleared */
	unsigned connect_ms; /* after their power, its ports are empty */
	uint64_t powered_at;
	uint32_t powered;   /* a bit per port; 31: and the later ones */
	uint32_t heard;	    /* the same: its "connection change" was cleared */
	uint32_t changed;   /* the same: "reset change" */
	unsigned hub_depth; /* of SET_HUB_DEPTH */
	/* What it does wrong, at its `trouble_at`th transfer, from 1; 0: never. */
	unsigned trouble_at;
	bool lasting; /* at all later ones, too */
	long trouble; /* what fd.serve() returns; ERR_NODEV: it is unplugged */
	unsigned slow_ms; /* what each of its transfers takes */
	/*
	 * What happened: a letter per transfer, the first 63: USB_ADDRESS a,
	 * USB_MPS0 m, USB_ENDPOINTS e, control c, bulk b.
	 */
	char trace[64];
	unsigned transfers;
	uint64_t due;
};

/* fake_usb_disk, fake_usb_keyboard - with bulk, or one interrupt endpoint. */
void fake_usb_disk(struct fake_usb_thing *thing, enum usb_speed speed);
void fake_usb_keyboard(struct fake_usb_thing *thing, enum usb_speed speed);

/* fake_usb_hub - with 1 to 255 ports; what is at 15 is also at later ones. */
void fake_usb_hub(struct fake_usb_thing *thing, enum usb_speed speed,
		  unsigned ports);

/*
 * fake_usb_set_config - `len` bytes after the configuration's own 9, which get
 * the right total length.
 */
void fake_usb_set_config(struct fake_usb_thing *thing, const uint8_t *bytes,
			 size_t len);

/* fake_usb_setup, fake_usb_teardown - a tree with /aliases; no leaks. */
int fake_usb_setup(void **state);
int fake_usb_teardown(void **state);

/* fake_usb_known - what the core knows of a device, or NULL. */
struct usb_device *fake_usb_known(const struct fake_usb_thing *thing);

/* fake_usb_scan - scan all controllers. Returns the ms that it took. */
uint64_t fake_usb_scan(void);

/* fake_usb_nodes - "storage@1 hub@2 hub@2/storage@3 ": what is below `node`. */
const char *fake_usb_nodes(struct node *node);

/*
 * The interfaces of disks and keyboards have a driver, whose start() is
 * usb_device_start() and whose failed attach() is this error, if any.
 */
extern int fake_usb_attach_error;

#endif
