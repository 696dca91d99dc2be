/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of the USB core. */
#ifndef DRIVERS_USB_CORE_H
#define DRIVERS_USB_CORE_H

#include "drivers/usb/usb.h"

/*
 * Times of real hardware. After power: until it is good and debounced, or a
 * SuperSpeed link is trained. After a reset, and with a new address: recovery.
 * [USB 2.0, 7.1.7.3, 7.1.7.5, 9.2.6.3; USB 3.2, table 7-12]
 */
#define USB_CONNECT_MS 400u
#define USB_RECOVERY_MS 10u

/*
 * usb_device_new - a device on a port of `hub`, NULL: of the controller, unless
 * there is one. Puts it on hc->devices. Prints, once per controller, that there
 * is no memory, or that it has too many.
 */
void usb_device_new(struct usb_controller *hc, struct usb_device *hub,
		    unsigned port);

/* usb_device_free - free a device; nothing refers to it any more. */
void usb_device_free(struct usb_device *udev);

/* usb_device_drop - never use it again; prints the reason(). */
void usb_device_drop(struct usb_device *udev);

/*
 * usb_device_begin - start to bring a device up: reset, address, configuration,
 * after its hub. Ends at once, USB_OFF, if the controller is not started.
 */
void usb_device_begin(struct usb_device *udev);

/* usb_device_release_bus - it is not at address 0: the next one may be. */
void usb_device_release_bus(struct usb_device *udev);

/* What comes after a step of a bring-up. */
enum usb_next_step {
	USB_NEXT_STEP,
	USB_SAME_STEP, /* for the hub's next port */
};

/* A step of a bring-up: a transfer. */
struct usb_step {
	/* send - fill `t`. Returns false: the device does not need it. */
	bool (*send)(struct usb_device *udev, struct usb_transfer *t);
	/*
	 * take - the transfer has succeeded. Returns enum usb_next_step or
	 * ERR_* with reason(). NULL: USB_NEXT_STEP.
	 */
	int (*take)(struct usb_device *udev, const struct usb_transfer *t);
	uint32_t delay; /* ms before it, on real hardware */
};
extern const struct usb_step usb_steps[];
extern const unsigned usb_step_count;

/*
 * usb_controller_start - start the controller, if it is not, and make the
 * states of its devices agree. Not from a done(). Returns 0 or ERR_*.
 */
must_check int usb_controller_start(struct usb_controller *hc);

/*
 * usb_controller_allow_time - what is not up in 10 s is given up: see
 * usb_controller_is_late(). A scan has these 10 s for all devices together.
 */
void usb_controller_allow_time(struct usb_controller *hc);

/* usb_controller_is_late - is no time left to bring devices up? */
bool usb_controller_is_late(const struct usb_controller *hc);

/* usb_controller_is_young - may devices still connect to its root ports? */
bool usb_controller_is_young(const struct usb_controller *hc);

/* usb_controller_is_current - is it up, and known to be so? */
bool usb_controller_is_current(const struct usb_controller *hc);

/* usb_device_off - end its bring-up: the controller was stopped. */
void usb_device_off(struct usb_device *udev);

/* usb_queue_init_root, usb_queue_init_device - set the queues up. */
void usb_queue_init_root(struct usb_controller *hc);
void usb_queue_init_device(struct usb_device *udev);

/* usb_match_of - the entry of a driver's table, or NULL: no driver. */
const struct usb_match *usb_match_of(const struct usb_interface *intf);

/* usb_hub_is - is a device a hub? Valid once `known`. */
bool usb_hub_is(const struct usb_device *udev);

/* Features of a hub's port. [USB 2.0, table 11-17] */
enum usb_port_feature {
	USB_PORT_RESET = 4,
	USB_PORT_POWER = 8,
	USB_C_PORT_CONNECTION = 16,
	USB_C_PORT_RESET = 20,
};
/* wPortStatus and, 16 bits higher, wPortChange. [tables 11-21, 11-22] */
#define USB_STATUS_CONNECTION 0x1u
#define USB_STATUS_ENABLE 0x2u
#define USB_STATUS_RESET 0x10u
#define USB_STATUS_LOW 0x200u
#define USB_STATUS_HIGH 0x400u
#define USB_STATUS_C_RESET 0x100000u
#define USB_PORT_STATUS_LEN 4u

#endif
