/* SPDX-License-Identifier: BSD-2-Clause */
/* The OHCI driver on a fake function, and devices that are not brought up. */
#ifndef TESTS_FAKE_OHCI_HOST_H
#define TESTS_FAKE_OHCI_HOST_H

#include "drivers/usb/core.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/ohci.h"
#include "tests/fake/table.h"
#include "tests/fake/tree.h"

/* The node's device and its controller. */
extern struct device *host_dev;
extern struct usb_controller *host_hc;

/*
 * host_start, host_stop - setup and teardown: add the function below
 * the root; remove it: nothing must be left.
 */
int host_start(void **state);
int host_stop(void **state);

/* host_run - run a transfer until it ends. Returns its status. */
int host_run(struct usb_transfer *t);

/* host_new - a device on a port of a hub, NULL: of the controller. */
struct usb_device *host_new(struct usb_device *hub, unsigned port);

/*
 * host_device - a device on a root port, reset, with an address. Starts the
 * controller. `fd`: as fake_ohci_plug() returned it.
 */
struct usb_device *host_device(struct fake_ohci_device *fd);

/* host_address - run USB_ADDRESS. */
int host_address(struct usb_device *udev);

/* host_endpoint - the next endpoint of a device, which is then set up. */
struct usb_endpoint *host_endpoint(struct usb_device *udev, uint8_t address,
				   enum usb_endpoint_type type, uint16_t mps);

/* host_bulk - run a bulk transfer. Returns bytes, or ERR_* with reason(). */
long host_bulk(struct usb_endpoint *ep, void *buf, uint32_t len);

#endif
