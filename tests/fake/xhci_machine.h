/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine with the fake xHCI function, below the real USB core. */
#ifndef TESTS_FAKE_XHCI_MACHINE_H
#define TESTS_FAKE_XHCI_MACHINE_H

#include "drivers/usb/usb.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/xhci.h"

/* QEMU's ports: SuperSpeed ones first. */
#define PORT_SUPER 1u
#define PORT_HIGH 5u

extern struct device *xhci_dev;
extern struct usb_controller *xhci_hc;

/* xhci_setup - attached and not started; xhci_teardown - also checks leaks. */
int xhci_setup(void **state);
int xhci_teardown(void **state);

/* xhci_start - open it; the test fails if that does. xhci_stop - close it. */
void xhci_start(void);
void xhci_stop(void);

/* xhci_state - the driver's structure. */
struct xhci *xhci_state(void);

/* xhci_new - a device of the core, behind a hub or at a root port (NULL). */
struct usb_device *xhci_new(struct usb_device *hub, unsigned port);

/*
 * xhci_add - a device at a port, without an address; xhci_add_addressed - with
 * one. The controller is started if it is not.
 */
struct usb_device *xhci_add(unsigned port, struct fake_xhci_device *fd);
struct usb_device *xhci_add_addressed(unsigned port,
				      struct fake_xhci_device *fd);

/* xhci_run - run a transfer. Returns its status, with reason(). */
int xhci_run(struct usb_transfer *t);

/* xhci_kind - run one without data: USB_ADDRESS, USB_MPS0, USB_ENDPOINTS. */
int xhci_kind(struct usb_device *udev, enum usb_transfer_kind kind);

/* xhci_configure - bulk IN 1 and OUT 2, interrupt IN 3; USB_ENDPOINTS. */
void xhci_configure(struct usb_device *udev);
struct usb_endpoint *xhci_bulk_in(struct usb_device *udev);
struct usb_endpoint *xhci_bulk_out(struct usb_device *udev);
struct usb_endpoint *xhci_interrupt(struct usb_device *udev);

/* xhci_bulk_fill - a bulk transfer. xhci_bulk - run one; `actual` or NULL. */
void xhci_bulk_fill(struct usb_transfer *t, struct usb_endpoint *ep, void *buf,
		    uint32_t len);
int xhci_bulk(struct usb_endpoint *ep, void *buf, uint32_t len,
	      uint32_t *actual);

/* xhci_poll - let it look at its events. */
void xhci_poll(void);

#endif
