/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine with one USB controller, and sticks to plug into it. */
#ifndef TESTS_FAKE_USB_MACHINE_H
#define TESTS_FAKE_USB_MACHINE_H

#include "drivers/block.h"
#include "tests/fake/log.h"
#include "tests/fake/tree.h"
#include "tests/fake/usb.h"
#include "tests/fake/usb_stick.h"

extern struct device *usb_controller; /* "/usb@3" */
extern struct fake_stick usb_stick[4];
/* The contents of every disk, and a buffer of the same size. */
extern uint8_t usb_data[4 << 20], usb_buf[4 << 20];

/* usb_plug, usb_unplug - cmocka's set-up and tear-down: no leaks. */
int usb_plug(void **state);
int usb_unplug(void **state);

/*
 * usb_plug_stick - plug usb_stick[i] into a root port, with a hard disk as LUN
 * 0, usb_unit(i, 0); it is found by the next scan.
 */
struct fake_stick *usb_plug_stick(unsigned i, unsigned port,
				  enum usb_speed speed);

/* usb_add_unit - LUN `lun` of usb_stick[i]. */
struct fake_unit *usb_add_unit(unsigned i, unsigned lun, uint8_t type);

/* usb_unit - LUN `lun` of usb_stick[i], which exists. */
struct fake_unit *usb_unit(unsigned i, unsigned lun);

/* usb_disk - the disk at an existing path. */
struct block_device *usb_disk(const char *path);

/* usb_open_disk - plug a high-speed stick into port 2, scan, open its disk. */
struct block_device *usb_open_disk(void);

#endif
