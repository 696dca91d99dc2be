/* SPDX-License-Identifier: BSD-2-Clause */
/* USB descriptors: bytes of a device to checked structures. */
#ifndef DRIVERS_USB_DESCRIPTOR_H
#define DRIVERS_USB_DESCRIPTOR_H

#include "drivers/usb/usb.h"

/* Descriptor types. [USB 2.0, table 9-5; 11.23.2.1; USB 3.2, table 9-6] */
enum usb_descriptor_type {
	USB_DESC_DEVICE = 1,
	USB_DESC_CONFIG = 2,
	USB_DESC_INTERFACE = 4,
	USB_DESC_ENDPOINT = 5,
	USB_DESC_HUB = 0x29,
	USB_DESC_SUPER_HUB = 0x2a,
	USB_DESC_COMPANION = 0x30,
};

#define USB_DEVICE_LEN 18u
#define USB_DEVICE_HEAD 8u /* up to bMaxPacketSize0 */
#define USB_CONFIG_LEN 9u
#define USB_HUB_LEN 3u /* up to bNbrPorts */

/*
 * usb_parse_mps0 - the packet size of endpoint 0 from the first
 * USB_DEVICE_HEAD bytes of a device descriptor.
 * Returns 8, 16, 32, 64 or 512, or ERR_FORMAT with reason().
 */
must_check int usb_parse_mps0(const uint8_t *buf, size_t len,
			      enum usb_speed speed);

/* The part of a device descriptor that we use. */
struct usb_device_ids {
	uint16_t vendor, product;
};

/*
 * usb_parse_device - read a device descriptor of `len` bytes.
 * Returns 0 or ERR_FORMAT with reason().
 */
must_check int usb_parse_device(const uint8_t *buf, size_t len,
				struct usb_device_ids *ids);

/*
 * usb_parse_total - length of a whole configuration, from its first
 * USB_CONFIG_LEN bytes. Returns it, at most USB_CONTROL_MAX, or ERR_FORMAT with
 * reason().
 */
must_check int usb_parse_total(const uint8_t *buf, size_t len);

/*
 * usb_parse_config - read a configuration of `len` bytes: its interfaces'
 * alternate setting 0 and their endpoints. What is unknown, malformed or too
 * much is skipped; the walk ends at a descriptor of an impossible length.
 * Leaves `udev` and `hcd` of `config` NULL. Returns 0 or ERR_FORMAT with
 * reason(): not a configuration.
 */
must_check int usb_parse_config(const uint8_t *buf, size_t len,
				struct usb_config *config);

/* usb_parse_hub - a hub's ports (1..255), or ERR_FORMAT with reason(). */
must_check int usb_parse_hub(const uint8_t *buf, size_t len);

#endif
