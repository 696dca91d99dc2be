/* SPDX-License-Identifier: BSD-2-Clause */
/* The EHCI driver on a fake function, below the USB core; devices by hand. */
#ifndef TESTS_FAKE_EHCI_HOST_H
#define TESTS_FAKE_EHCI_HOST_H

#include "drivers/usb/usb.h"
#include "tests/fake/ehci.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"

extern struct device *host_dev; /* the controller */
extern struct usb_controller *host_hc;

/* host_plug, host_unplug - cmocka's set-up and tear-down: not started. */
int host_plug(void **state);
int host_unplug(void **state);

/* host_start - start the controller, which must work. */
void host_start(void);

/* host_live - DMA mappings, without those of the core's devices. */
unsigned host_live(void);

/*
 * host_device - a new device at a root port, not brought up. It has one
 * interface with bulk endpoints 0x01 (0) and 0x81 (1), and interrupt endpoint
 * 0x82 (2).
 */
struct usb_device *host_device(unsigned port);
struct usb_endpoint *host_endpoint(struct usb_device *udev, unsigned n);

/* host_reset_port - reset a port until it is over; returns its state. */
struct usb_port host_reset_port(unsigned port);

/* host_bring_up - reset, USB_ADDRESS and USB_ENDPOINTS, which must work. */
void host_bring_up(struct usb_device *udev);

/* host_kind, host_bulk, host_control - fill a transfer. */
void host_kind(struct usb_transfer *t, struct usb_device *udev,
	       enum usb_transfer_kind kind);
void host_bulk(struct usb_transfer *t, struct usb_device *udev,
	       unsigned endpoint, void *buf, uint32_t len);
void host_control(struct usb_transfer *t, struct usb_device *udev,
		  unsigned type, void *buf, uint32_t len);

/* host_run - wait for a transfer; returns its status. host_wait: added before. */
int host_run(struct usb_transfer *t);
int host_wait(struct usb_transfer *t);

#endif
