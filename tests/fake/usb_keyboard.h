/* SPDX-License-Identifier: BSD-2-Clause */
/* Fake USB keyboards on the fake controller, as QEMU's usb-kbd. */
#ifndef TESTS_FAKE_USB_KEYBOARD_H
#define TESTS_FAKE_USB_KEYBOARD_H

#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/usb.h"

/* Where the descriptors of the interface and its endpoint are in `config`. */
#define USB_KBD_INTERFACE 9u
#define USB_KBD_ENDPOINT 27u

/* A device, its configuration, and the reports that wait in it. */
struct usb_kbd {
	struct fake_usb_device fd;
	uint8_t config[34];
	uint8_t queue[64][USB_PIPE_SIZE_MAX];
	long lengths[64]; /* of reports, or ERR_* */
	unsigned n, next;
	bool flood;	   /* the last one again and again */
	unsigned requests; /* of its class */
	long answer;	   /* to them */
};
/* /usb@1/keyboard@2, and one that is not plugged in. */
extern struct usb_kbd usb_kbd, usb_kbd2;
extern struct device *usb_kbd_hc; /* /usb@1 */
extern const uint8_t usb_kbd_descriptor[18];

/* usb_kbd_plug, usb_kbd_unplug - a tree with usb_kbd; nothing may be left. */
int usb_kbd_plug(void **state);
int usb_kbd_unplug(void **state);

/* usb_kbd_plug_at - plug in a HID device of a subclass and protocol. */
void usb_kbd_plug_at(unsigned port, struct usb_kbd *kbd, uint8_t subclass,
		     uint8_t protocol);

/* usb_kbd_read - what a read returns; _from: of another keyboard. */
const char *usb_kbd_read(void);
const char *usb_kbd_read_from(const char *path);

/*
 * usb_kbd_report - let usb_kbd report modifiers and two keys; `len`: bytes, or
 * ERR_*. usb_kbd_tap - a key is pressed and released.
 */
void usb_kbd_report(long len, uint8_t mods, uint8_t a, uint8_t b);
void usb_kbd_tap(uint8_t usage);

#endif
